"""Connected regions of every label at once, found on runs instead of pixels.

Label masks are flat: a few per cent of the pixels start a new horizontal run of one label. Runs
that touch in neighbouring rows and carry the same label belong to one region, so a region is a
connected component of a graph whose nodes are runs. Areas, boxes and a pixel inside come from the
runs too; no pixel is visited twice and no label needs a pass of its own.

Two entry points share that graph: regions of one map, and regions in which two maps disagree in
one and the same way (the same pair of labels).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.errors import MaskError, SettingsError

from . import backend
from .vectorised_components import IntArray, Joined, Runs

Connectivity = Literal["full", "face"]


@dataclass(frozen=True, eq=False)
class Regions:
    """Connected regions, ordered by their first pixel in C order.

    Attributes
    ----------
    shape : tuple of int
        Shape of the mask.
    area : ndarray of int64, shape (n,)
        Number of pixels.
    start, stop : ndarray of int64, shape (n, ndim)
        Bounding box: first index and one past the last index along each axis.
    first : ndarray of int64, shape (n, ndim)
        The first pixel in C order; it names the region.
    inside : ndarray of int64, shape (n, ndim)
        A pixel of the region to point at: the middle of its longest run.
    """

    shape: tuple[int, ...]
    area: IntArray
    start: IntArray
    stop: IntArray
    first: IntArray
    inside: IntArray
    _runs: Runs = field(repr=False)
    _region: NDArray[np.int32] = field(repr=False)

    def __len__(self) -> int:
        return len(self.area)

    def box(self, index: int) -> tuple[slice, ...]:
        """Slices that cut region ``index`` out of an array of the mask's shape."""
        return tuple(
            slice(int(low), int(high))
            for low, high in zip(self.start[index], self.stop[index], strict=True)
        )

    def image(self) -> NDArray[np.int32]:
        """Region numbers as a picture: 1 … n where a region is, 0 elsewhere."""
        size = int(np.prod(self.shape))
        edges = np.empty(2 * len(self._region) + 2, dtype=np.int64)
        edges[0], edges[-1] = 0, size
        edges[1:-1:2], edges[2:-1:2] = self._runs.start, self._runs.stop
        values = np.zeros(2 * len(self._region) + 1, dtype=np.int32)
        values[1::2] = self._region + 1
        return np.repeat(values, np.diff(edges)).reshape(self.shape)

    def reached(self, where: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which regions hold at least one of some pixels, shape (n,)."""
        found = np.zeros(len(self), np.bool_)
        pixels = np.flatnonzero(where)
        runs = np.searchsorted(self._runs.stop, pixels, side="right")
        pixels, runs = pixels[runs < self._runs.stop.size], runs[runs < self._runs.stop.size]
        found[self._region[runs[self._runs.start[runs] <= pixels]]] = True
        return found

    def mask(self, index: int) -> NDArray[np.bool_]:
        """Region ``index`` as a boolean array of the size of its box."""
        mine = self._region == index
        box = np.zeros(tuple(self.stop[index] - self.start[index]), dtype=bool)
        starts = np.array(np.unravel_index(self._runs.start[mine], self.shape)).T
        lengths = self._runs.stop[mine] - self._runs.start[mine]
        for (*row, x), length in zip(starts - self.start[index], lengths, strict=True):
            box[(*row, slice(x, x + length))] = True
        return box


@dataclass(frozen=True, eq=False)
class Components(Regions):
    """Connected components of one label map.

    Attributes
    ----------
    label : ndarray of int64, shape (n,)
        The label of each component.
    """

    label: IntArray


@dataclass(frozen=True, eq=False)
class PairComponents(Regions):
    """Connected regions in which two label maps differ by the same pair of labels.

    Attributes
    ----------
    reference_id, candidate_id : ndarray of int64, shape (n,)
        The two labels; they differ in every region.
    """

    reference_id: IntArray
    candidate_id: IntArray


def label_components(
    labels: NDArray[np.integer[Any]],
    *,
    connectivity: Connectivity = "full",
    background: int | None = None,
) -> Components:
    """Connected components of every label of a map in one pass.

    Parameters
    ----------
    labels : ndarray of integer, shape (y, x) or (z, y, x)
        Class or object ids; not changed.
    connectivity : {"full", "face"}
        ``"full"``: pixels that share a corner are neighbours (8 in 2D, 26 in 3D); ``"face"``:
        pixels that share a side (4, 6).
    background : int, optional
        A label whose regions are not wanted.

    Returns
    -------
    Components
        Ordered by first pixel in C order; empty when every pixel is background.

    Raises
    ------
    SettingsError
        ``unknown-connectivity``.

    Examples
    --------
    Two diagonal pixels are one component only with full connectivity.

    >>> import numpy as np
    >>> labels = np.array([[7, 0], [0, 7]])
    >>> label_components(labels, background=0).area
    array([2])
    >>> label_components(labels, background=0, connectivity="face").label
    array([7, 7])
    """
    with backend.kernels() as chosen:
        work = _implementation(chosen.name)
        runs = _find_runs(work, [labels])
        label = labels.reshape(-1)[runs.start].astype(np.int64)
        if background is not None:
            runs, label = _keep(runs, label, label != background)
        found, first_run = _regions(work, runs, label, labels.shape, connectivity)
    return Components(**found, label=label[first_run])


def count_pieces(
    labels: NDArray[np.integer[Any]],
    *,
    connectivity: Connectivity = "full",
    background: int | None = None,
) -> tuple[IntArray, IntArray, IntArray]:
    """Connected pieces and holes of every label of a 2D map.

    Parameters
    ----------
    labels : ndarray of integer, shape (y, x)
        Class or object ids; not changed.
    connectivity : {"full", "face"}
        As in :func:`label_components`; what is around a piece is connected the other way.
    background : int, optional
        A label that is not wanted.

    Returns
    -------
    ids : ndarray of int64, shape (U,)
        Labels that occur, ascending.
    pieces, holes : ndarray of int64, shape (U,)
        A hole is a region that a piece encloses, whatever labels are in it.

    Raises
    ------
    SettingsError
        ``unknown-connectivity``.

    Examples
    --------
    >>> import numpy as np
    >>> ring = np.array([[1, 1, 1], [1, 2, 1], [1, 1, 1]])
    >>> [column.tolist() for column in count_pieces(ring)]
    [[1, 2], [1, 1], [1, 0]]
    """
    with backend.kernels() as chosen:
        work = _implementation(chosen.name)
        runs = _find_runs(work, [labels])
        value = labels.reshape(-1)[runs.start].astype(np.int64)
        if background is not None:
            runs, value = _keep(runs, value, value != background)
        joined = _joined(work, runs, value, labels.shape, connectivity)
    ids, number = np.unique(value[joined.first_run], return_inverse=True)
    # float64 sums of whole numbers are exact below 2**53
    holes = np.bincount(number, weights=joined.loops, minlength=ids.size).astype(np.int64)
    return ids, np.bincount(number, minlength=ids.size), holes


def label_components_of_pairs(
    reference: NDArray[np.integer[Any]],
    candidate: NDArray[np.integer[Any]],
    where: NDArray[np.bool_] | None = None,
    *,
    connectivity: Connectivity = "full",
) -> PairComponents:
    """Regions of disagreement, one for each connected piece of one (reference, candidate) pair.

    Parameters
    ----------
    reference, candidate : ndarray of integer, same shape, (y, x) or (z, y, x)
        The two label maps; not changed.
    where : ndarray of bool, same shape, optional
        Pixels outside are left out (ignored pixels, for example).
    connectivity : {"full", "face"}
        As in :func:`label_components`.

    Returns
    -------
    PairComponents
        Their areas sum to the number of pixels (in ``where``) at which the maps differ.

    Raises
    ------
    MaskError
        ``shape-mismatch``.
    SettingsError
        ``unknown-connectivity``.

    Examples
    --------
    >>> import numpy as np
    >>> found = label_components_of_pairs(np.array([[1, 1, 2]]), np.array([[1, 2, 1]]))
    >>> found.reference_id.tolist(), found.candidate_id.tolist(), found.area.tolist()
    ([1, 2], [2, 1], [1, 1])
    """
    maps = [reference, candidate] if where is None else [reference, candidate, where]
    with backend.kernels() as chosen:
        work = _implementation(chosen.name)
        runs = _find_runs(work, maps)
        first = reference.reshape(-1)[runs.start].astype(np.int64)
        second = candidate.reshape(-1)[runs.start].astype(np.int64)
        wanted = first != second
        if where is not None:
            wanted &= where.reshape(-1)[runs.start]
        pair = (first << 32) + second  # labels are below 2**31 in size, so pairs stay distinct
        runs, pair = _keep(runs, pair, wanted)
        found, first_run = _regions(work, runs, pair, reference.shape, connectivity)
    ids = np.stack([first, second])[:, wanted][:, first_run]
    return PairComponents(**found, reference_id=ids[0], candidate_id=ids[1])


def label_runs(
    runs: Runs, value: IntArray, shape: tuple[int, ...]
) -> tuple[Components, NDArray[np.int32]]:
    """Connected components of listed pixels; the others do not exist. Corners connect.

    Parameters
    ----------
    runs : Runs
        The pixels, in C order; no run goes beyond the end of a row.
    value : ndarray of int64, one per run
        What must be equal for neighbours to be connected.
    shape : tuple of int
        Shape of the mask they are from.

    Returns
    -------
    components : Components
        Ordered by first pixel in C order; ``label`` is the value.
    number : ndarray of int32, one per run
        The component of each run.

    Examples
    --------
    >>> import numpy as np
    >>> runs = Runs(np.array([0, 1, 3, 5]), np.array([1, 2, 4, 6]))
    >>> found, number = label_runs(runs, np.array([7, 7, 7, 8]), (2, 3))
    >>> found.area.tolist(), number.tolist()
    ([3, 1], [0, 0, 0, 1])
    """
    begins = runs.start % shape[-1] == 0
    begins[:1] = True
    begins[1:] |= (runs.start[1:] != runs.stop[:-1]) | (value[1:] != value[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(begins))[: len(first)] - 1
    with backend.kernels() as chosen:
        work = _implementation(chosen.name)
        long = Runs(runs.start[first], runs.stop[last])
        found, first_run = _regions(work, long, value[first], shape, "full")
    components = Components(**found, label=value[first][first_run])
    return components, components._region[np.cumsum(begins) - 1]


def _implementation(name: str) -> ModuleType:
    if name == "numba":
        from . import compiled_components

        return compiled_components
    from . import vectorised_components

    return vectorised_components


def _find_runs(work: ModuleType, maps: Sequence[NDArray[Any]]) -> Runs:
    shape = maps[0].shape
    if any(m.shape != shape for m in maps):
        raise MaskError(
            "shape-mismatch",
            f"the maps must have one shape, but have {', '.join(str(m.shape) for m in maps)}.",
        )
    runs: Runs = work.find_runs(maps)
    return runs


def _keep(runs: Runs, value: IntArray, wanted: NDArray[np.bool_]) -> tuple[Runs, IntArray]:
    return Runs(runs.start[wanted], runs.stop[wanted]), value[wanted]


def _regions(
    work: ModuleType,
    runs: Runs,
    value: IntArray,
    shape: tuple[int, ...],
    connectivity: Connectivity,
) -> tuple[dict[str, Any], IntArray]:
    """Fields of :class:`Regions`, and the first run of each region."""
    joined = _joined(work, runs, value, shape, connectivity)
    measures = work.measure_regions(runs, joined.region, joined.first_run, shape)
    fields = {"shape": tuple(shape), "_runs": runs, "_region": joined.region, **measures._asdict()}
    return fields, joined.first_run


def _joined(
    work: ModuleType,
    runs: Runs,
    value: IntArray,
    shape: tuple[int, ...],
    connectivity: Connectivity,
) -> Joined:
    if connectivity not in ("full", "face"):
        raise SettingsError(
            "unknown-connectivity",
            f'connectivity is "full" or "face", but {connectivity!r} was given.',
        )
    joined: Joined = work.join_runs(runs, value, shape, diagonal=connectivity == "full")
    return joined
