"""The choice of the backend: numpy first, numba only when nobody has to wait for it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

from napari_mask_audit.errors import MissingExtraError, SettingsError
from napari_mask_audit.kernels import backend, count_tuples

NUMBA = pytest.mark.skipif("numba" not in backend.available(), reason="numba is not installed")


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """No numba loaded, and a cache folder of its own."""
    monkeypatch.setattr(backend, "_state", backend._State())
    monkeypatch.setattr(backend, "_cache_folder", lambda: tmp_path / "cache")


def test_work_starts_in_numpy():
    assert backend.active() == "numpy"


def test_an_unknown_backend_is_refused():
    with pytest.raises(SettingsError, match='"auto", "numpy" or "numba", not \'cuda\'') as caught:
        backend.use("cuda")
    assert caught.value.code == "unknown-backend"


def test_numba_can_not_be_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setattr(backend, "available", lambda: ("numpy",))
    with pytest.raises(MissingExtraError, match=r"napari-mask-audit\[fast\]") as caught:
        backend.use("numba")
    assert caught.value.code == "numba-missing"
    backend.use("auto")
    assert backend.warm_in_background() is None


@NUMBA
def test_long_work_changes_to_numba_only_when_it_is_warm():
    backend._state.numpy_s = 1e9
    assert backend.active() == "numpy"
    assert backend._state.loader is None
    _touch_stamp()
    backend.active()
    backend._state.loader.join()
    assert backend.active() == "numba"


@NUMBA
def test_numpy_goes_on_working_while_numba_is_loaded(monkeypatch):
    """Nobody waits for it."""
    may_go_on = threading.Event()
    monkeypatch.setattr(backend, "_exercise", lambda fast: may_go_on.wait())
    backend._state.numpy_s = 1e9
    _touch_stamp()
    ones = np.ones((2, 3), np.uint8)
    assert count_tuples([ones])[1].tolist() == [6]
    assert backend.active() == "numpy"
    loader = backend._state.loader
    assert loader.is_alive()
    may_go_on.set()
    loader.join()
    assert backend.active() == "numba"
    backend.use("numpy")
    assert backend.active() == "numpy"


def _touch_stamp():
    stamp = backend._stamp()
    stamp.parent.mkdir(parents=True)
    stamp.touch()


@NUMBA
def test_short_work_stays_in_numpy_even_when_numba_is_warm():
    _touch_stamp()
    count_tuples([np.zeros((4, 4), np.uint8)])
    assert 0 < backend._state.numpy_s < 1
    assert backend.active() == "numpy"


@NUMBA
def test_warming_up_makes_numba_the_choice_from_then_on():
    assert backend.warm_up() > 0
    assert backend._stamp().exists()
    assert backend.active() == "numba"
    assert backend.warm_in_background() is None
    backend.use("numpy")
    assert backend.active() == "numpy"


def test_the_kernels_import_neither_numba_nor_the_slow_parts_of_scipy():
    code = (
        "import sys, napari_mask_audit.kernels, napari_mask_audit.boundaries\n"
        "slow = {'numba', 'scipy.spatial', 'scipy.ndimage', 'pandas'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@NUMBA
def test_nothing_is_left_to_compile_once_all_machine_code_is_loaded():
    """Or somebody would wait for it in the middle of their work."""
    code = """
        import sys
        import numpy as np
        from napari_mask_audit import kernels
        from napari_mask_audit.kernels import backend
        from napari_mask_audit.masks import Mask
        from napari_mask_audit.metrics.boundary import boundary_scores

        backend.use("numba")
        backend._exercise(backend._load_numba())

        def compiled():
            return {
                f"{name}.{key}": len(value.signatures)
                for name, module in list(sys.modules.items())
                if name.startswith("napari_mask_audit.kernels.compiled")
                for key, value in vars(module).items()
                if hasattr(value, "signatures")
            }

        before = compiled()
        for shape in ((30, 40), (5, 30, 40)):
            random = np.random.default_rng(0)
            for dtype in ("uint8", "uint16", "int32"):
                masks = [
                    Mask.from_array(random.integers(0, 3, shape).astype(dtype)) for _ in range(2)
                ]
                for convention in ("surfel", "voxel"):
                    for ids in ([1], [0, 1, 2], [7]):
                        boundary_scores(
                            *masks, ids, tolerances=[1.0], width=1, convention=convention
                        )
        after = compiled()
        assert len(before) > 20
        print([name for name in after if after[name] != before.get(name)])
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
