"""Which implementation of the kernels runs, and when it is worth changing to the fast one.

numba compiles for half a minute the first time, and even with its machine code cached on disk it
takes a second or two to load. So nobody ever waits for it: with ``use("auto")`` the work starts in
numpy; once numpy has worked for as long as loading takes, and only if the code is known to be
cached, numba is loaded in the background, and takes over when it is there. Both give the same
numbers, so the change is invisible.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from numpy.typing import NDArray

from ..errors import MissingExtraError, SettingsError
from .surfaces import Surfaces
from .tallies import Tally
from .vectorised_rows import Rows

Choice = Literal["auto", "numpy", "numba"]

#: Seconds of numpy work after which loading numba pays: about what loading takes, so that at
#: worst as much is spent on it in the background as on the work itself.
_PATIENCE_S = 1.5


@dataclass(frozen=True)
class Kernels:
    """The functions that visit pixels; :mod:`napari_mask_audit.kernels` describes them."""

    name: Literal["numpy", "numba"]
    count_tuples: Callable[..., tuple[NDArray[Any], NDArray[Any]]]
    boundary_bands: Callable[..., NDArray[Any]]
    count_banded_tuples: Callable[..., tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]
    count_rims: Callable[..., tuple[NDArray[Any], NDArray[Any]]]
    find_surfaces: Callable[..., Surfaces]
    distances_to: Callable[..., tuple[NDArray[Any], NDArray[Any]]]
    tally_distances: Callable[..., Tally]
    sum_squares: Callable[..., NDArray[Any]]
    first_hits: Callable[..., NDArray[Any]]
    map_rows: Callable[..., Rows]
    weigh_votes: Callable[..., Any]


@dataclass
class _State:
    choice: Choice = "auto"
    loaded: Kernels | None = None
    loader: threading.Thread | None = None
    numpy_s: float = 0.0
    before: Callable[[], None] | None = None


_state = _State()
_lock = threading.RLock()


@cache
def available() -> tuple[str, ...]:
    """Names of the implementations that can be used here; ``numpy`` always."""
    return ("numpy", "numba") if importlib.util.find_spec("numba") else ("numpy",)


def active() -> str:
    """Name of the implementation that would do the next piece of work."""
    return _current().name


def use(choice: Choice) -> None:
    """Choose the implementation for this process.

    Parameters
    ----------
    choice : {"auto", "numpy", "numba"}
        ``auto`` begins with numpy and changes to numba for longer work, if that is installed
        and :func:`warm_up` has been run before with these versions.

    Raises
    ------
    SettingsError
        ``unknown-backend``.
    MissingExtraError
        ``numba-missing``: numba was asked for and is not installed.
    """
    if choice not in ("auto", "numpy", "numba"):
        raise SettingsError(
            "unknown-backend", f'the backend is "auto", "numpy" or "numba", not {choice!r}.'
        )
    if choice == "numba" and "numba" not in available():
        raise MissingExtraError(
            "numba-missing",
            'numba is not installed: pip install "napari-mask-audit[fast]", or use "numpy".',
        )
    with _lock:
        _state.choice, _state.numpy_s = choice, 0.0


def before_work(call: Callable[[], None] | None) -> None:
    """Have something called before each piece of work, in the thread that is about to do it.

    A window holds its long work back here while the reviewer acts. None: nothing is called.
    """
    _state.before = call


@contextmanager
def kernels() -> Iterator[Kernels]:
    """Give the implementation to work with; the time spent inside decides when to change."""
    if _state.before is not None:
        _state.before()
    chosen = _current()
    started = time.perf_counter()
    yield chosen
    if chosen.name == "numpy":
        with _lock:
            _state.numpy_s += time.perf_counter() - started


def _current() -> Kernels:
    with _lock:
        if _state.choice == "numba":
            return _load_numba()
        if _state.choice == "auto" and _state.loaded is not None:
            return _state.loaded
        if _state.choice == "auto" and _state.loader is None and _is_worth_it():
            # A daemon: a process that is done does not wait for what it no longer needs.
            _state.loader = threading.Thread(target=_load_quietly, args=(_state,), daemon=True)
            _state.loader.start()
    return _numpy()


def _is_worth_it() -> bool:
    return _state.numpy_s > _PATIENCE_S and "numba" in available() and _stamp().exists()


def _load_quietly(state: _State) -> None:
    """Load numba and all its machine code while numpy goes on working."""
    fast = _numba()
    _exercise(fast)
    with _lock:
        state.loaded = fast


def _numpy() -> Kernels:
    from . import (
        vectorised,
        vectorised_rows,
        vectorised_surfaces,
        vectorised_tallies,
        vectorised_votes,
    )

    return Kernels(
        "numpy",
        vectorised.count_tuples,
        vectorised.boundary_bands,
        vectorised.count_banded_tuples,
        vectorised.count_rims,
        vectorised_surfaces.find_surfaces,
        vectorised_surfaces.distances_to,
        vectorised_tallies.tally_distances,
        vectorised_tallies.sum_squares,
        vectorised.first_hits,
        vectorised_rows.map_rows,
        vectorised_votes.Rounds,
    )


def _load_numba() -> Kernels:
    if _state.loaded is None:
        _state.loaded = _numba()
    return _state.loaded


def _numba() -> Kernels:
    from . import (
        compiled,
        compiled_bands,
        compiled_hits,
        compiled_rims,
        compiled_rows,
        compiled_surfaces,
        compiled_tallies,
        compiled_votes,
    )

    return Kernels(
        "numba",
        compiled.count_tuples,
        compiled_bands.boundary_bands,
        compiled_bands.count_banded_tuples,
        compiled_rims.count_rims,
        compiled_surfaces.find_surfaces,
        compiled_surfaces.distances_to,
        compiled_tallies.tally_distances,
        compiled_tallies.sum_squares,
        compiled_hits.first_hits,
        compiled_rows.map_rows,
        compiled_votes.Rounds,
    )


def warm_up() -> float:
    """Compile the numba kernels, or load them where they are cached, and remember that.

    Returns
    -------
    float
        Seconds it took: half a minute or more the first time, one or two from then on.

    Raises
    ------
    MissingExtraError
        ``numba-missing``.
    """
    before = _state.choice
    use("numba")
    started = time.perf_counter()
    with _lock:
        _exercise(_load_numba())
    elapsed = time.perf_counter() - started
    stamp = _stamp()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(f"{elapsed:.1f} s\n", encoding="utf-8")
    use(before)
    return elapsed


def warm_in_background() -> subprocess.Popen[bytes] | None:
    """Start :func:`warm_up` in a process of its own, unless that was done before.

    A process, not a thread: compiling holds the interpreter lock and would freeze a window.

    Returns
    -------
    subprocess.Popen or None
        None where numba is missing or warm already.
    """
    if "numba" not in available() or _stamp().exists():
        return None
    code = "from napari_mask_audit.kernels.backend import warm_up; warm_up()"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _exercise(fast: Kernels) -> None:
    """Run every kernel on a tiny input of each label dtype, so that all machine code exists."""
    import numpy as np

    from . import compiled_components

    ids = np.array([0, 1, 300], np.int64)
    for dtype in (np.uint8, np.uint16, np.int32):
        for shape in ((6, 7), (4, 6, 7)):
            first = np.zeros(shape, dtype)
            first[..., 2:4, 2:4] = 1
            second = np.ascontiguousarray(first[..., ::-1])
            fast.count_tuples([first])
            fast.count_tuples([first, second])
            fast.boundary_bands(first, 1)
            fast.count_banded_tuples([first, second], 1)
            fast.count_rims(first, ids[:0])
            for convention in ("surfel", "voxel"):
                found = [fast.find_surfaces(mask, ids, convention) for mask in (first, second)]
                codes = found[0].codes
                fast.find_surfaces(first, ids[:1], convention)
                measured = fast.distances_to(*found, (1.0,) * first.ndim)
                elements = [SimpleNamespace(distances=measured[0], sides=measured[1], codes=codes)]
                fast.tally_distances(elements, np.zeros((1, 1)), codes=256)
                fast.sum_squares(elements, [0.0], codes=256)
            runs = compiled_components.find_runs([first, second])
            values = first.reshape(-1)[runs.start].astype(np.int64)
            joined = compiled_components.join_runs(runs, values, shape, diagonal=True)
            compiled_components.measure_regions(runs, joined.region, joined.first_run, shape)
            fast.map_rows([first, second])
    labels = np.zeros(3, np.int32)
    fast.first_hits(labels, labels[:1], ids[:1], ids[:1], labels[:1], 0)
    half = np.full((1, 2), 0.5)
    votes = fast.weigh_votes(np.zeros((1, 1), np.int32), np.ones(1), half)
    votes.judge(votes.count().sums, half[0])


def _stamp() -> Path:
    """File that says the machine code of exactly these versions and sources is cached."""
    return _cache_folder() / f"warm-{_fingerprint()}"


@cache
def _fingerprint() -> str:
    """Of the versions and sources the machine code comes from; reading them takes a while."""
    digest = hashlib.sha256(sys.version.encode())
    for package in ("numba", "numpy", "llvmlite"):
        digest.update(importlib.metadata.version(package).encode())
    for source in sorted(Path(__file__).parent.glob("compiled*.py")):
        digest.update(str(source).encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "napari-mask-audit"
