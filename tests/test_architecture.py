"""The core knows no Qt, the layers hold, and starting is cheap."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import napari_mask_audit

ROOT = Path(__file__).resolve().parents[1]
CORE = sorted(
    module.name
    for module in pkgutil.walk_packages(napari_mask_audit.__path__, "napari_mask_audit.")
    if not module.name.startswith("napari_mask_audit.gui")
    and not module.name.endswith("__main__")
    # The compiled kernels need numba, which is an extra; they are imported by the backend switch.
    and ".compiled" not in module.name
)


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )


def test_every_core_module_imports_where_napari_and_qt_do_not_exist():
    assert len(CORE) > 30
    result = python(
        f"""
        import sys

        class Absent:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {{"napari", "qtpy", "PyQt6", "PySide6", "superqt"}}:
                    raise ModuleNotFoundError(name)

        sys.meta_path.insert(0, Absent())
        import importlib
        for name in {CORE!r}:
            importlib.import_module(name)
        """
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "package",
    [
        "tifffile",
        "pandas",
        "numba",
        "scipy",
        "skimage",
        "sqlalchemy",
        "jinja2",
        "nibabel",
        "sklearn",
    ],
)
def test_importing_the_package_does_not_pay_for_what_it_may_not_need(package):
    result = python(
        f"import sys, napari_mask_audit; assert {package!r} not in sys.modules, 'imported'"
    )
    assert result.returncode == 0, result.stderr


def test_import_contracts_hold():
    result = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_command_line_starts_without_the_slow_libraries():
    """A first result in two seconds: each of these takes a good part of one."""
    code = (
        "import sys, napari_mask_audit.cli.app\n"
        "slow = {'numba', 'pandas', 'sqlalchemy', 'jinja2', 'skimage', 'zarr', 'dask',\n"
        "        'scipy.ndimage', 'scipy.spatial', 'scipy.special', 'scipy.sparse'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
