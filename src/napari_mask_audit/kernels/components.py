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
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.errors import MaskError, SettingsError

Connectivity = Literal["full", "face"]
IntArray = NDArray[np.int64]


class Runs(NamedTuple):
    """Horizontal runs in C order; positions are flat pixel indices, ``stop`` is exclusive."""

    start: IntArray
    stop: IntArray


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
    runs = _find_runs([labels])
    label = labels.reshape(-1)[runs.start].astype(np.int64)
    if background is not None:
        runs, label = _keep(runs, label, label != background)
    region, first_run = _join(runs, label, labels.shape, connectivity)
    return Components(**_measure(runs, region, first_run, labels.shape), label=label[first_run])


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
    runs = _find_runs(maps)
    first = reference.reshape(-1)[runs.start].astype(np.int64)
    second = candidate.reshape(-1)[runs.start].astype(np.int64)
    wanted = first != second
    if where is not None:
        wanted &= where.reshape(-1)[runs.start]
    pair = (first << 32) + second  # labels are below 2**31 in size, so pairs stay distinct
    runs, pair = _keep(runs, pair, wanted)
    region, first_run = _join(runs, pair, reference.shape, connectivity)
    ids = np.stack([first, second])[:, wanted][:, first_run]
    return PairComponents(
        **_measure(runs, region, first_run, reference.shape),
        reference_id=ids[0],
        candidate_id=ids[1],
    )


def _find_runs(maps: Sequence[NDArray[Any]]) -> Runs:
    """Cut at every pixel where any of the maps changes along the last axis."""
    shape = maps[0].shape
    if any(m.shape != shape for m in maps):
        raise MaskError(
            "shape-mismatch",
            f"the maps must have one shape, but have {', '.join(str(m.shape) for m in maps)}.",
        )
    change = np.empty(shape, dtype=bool)
    change[..., 0] = True
    np.not_equal(maps[0][..., 1:], maps[0][..., :-1], out=change[..., 1:])
    for other in maps[1:]:
        change[..., 1:] |= other[..., 1:] != other[..., :-1]
    start = np.flatnonzero(change)
    return Runs(start, np.append(start[1:], change.size))


def _keep(runs: Runs, value: IntArray, wanted: NDArray[np.bool_]) -> tuple[Runs, IntArray]:
    return Runs(runs.start[wanted], runs.stop[wanted]), value[wanted]


def _join(
    runs: Runs, value: IntArray, shape: tuple[int, ...], connectivity: Connectivity
) -> tuple[NDArray[np.int32], IntArray]:
    """Region number of each run, and the first run of each region; regions in C order."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if connectivity not in ("full", "face"):
        raise SettingsError(
            "unknown-connectivity",
            f'connectivity is "full" or "face", but {connectivity!r} was given.',
        )
    pairs = [
        _touching(runs, value, shape, offset, reach=connectivity == "full")
        for offset in _earlier_rows(len(shape) - 1, connectivity)
    ]
    upper = np.concatenate([p[0] for p in pairs])
    lower = np.concatenate([p[1] for p in pairs])
    n = len(value)
    if n == 0:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
    # float64 and 32-bit indices are what csgraph works on: anything else it copies first
    edges = (upper.astype(np.int32), lower.astype(np.int32))
    graph = coo_array((np.ones(len(upper)), edges), shape=(n, n))
    count, found = connected_components(graph.tocsr(), directed=False)
    first_run = np.empty(count, dtype=np.int64)
    first_run[found[::-1]] = np.arange(n - 1, -1, -1)  # the last write is the earliest run
    order = np.argsort(first_run)
    rank = np.empty(count, dtype=np.int32)
    rank[order] = np.arange(count, dtype=np.int32)
    return rank[found], first_run[order]


def _earlier_rows(row_axes: int, connectivity: Connectivity) -> list[tuple[int, ...]]:
    """Steps to the neighbouring rows that come before a row: half of all neighbours suffices."""
    steps = product((-1, 0, 1), repeat=row_axes)
    return [
        step
        for step in steps
        if step < (0,) * row_axes and (connectivity == "full" or sum(map(abs, step)) == 1)
    ]


def _touching(
    runs: Runs, value: IntArray, shape: tuple[int, ...], offset: tuple[int, ...], *, reach: bool
) -> tuple[IntArray, IntArray]:
    """Pairs of runs of equal value that touch between a row and the row ``offset`` away.

    With ``reach`` a run touches one pixel further on either side (diagonal neighbours).
    """
    width = shape[-1]
    row = runs.start // width
    index = np.unravel_index(row, shape[:-1])
    inside = np.ones(len(row), dtype=bool)
    for coordinate, step, extent in zip(index, offset, shape[:-1], strict=True):
        inside &= (coordinate + step >= 0) & (coordinate + step < extent)
    shift = width * sum(
        step * int(np.prod(shape[axis + 1 : -1])) for axis, step in enumerate(offset)
    )
    mine = np.flatnonzero(inside)
    row_start = row[mine] * width + shift
    low = np.maximum(runs.start[mine] + shift - reach, row_start)
    high = np.minimum(runs.stop[mine] + shift + reach, row_start + width)
    # Neighbours of a run are consecutive in the run list: [begin, end).
    begin = np.searchsorted(runs.stop, low, side="right")
    end = np.searchsorted(runs.start, high, side="left")
    length = np.maximum(end - begin, 0)
    left = np.repeat(mine, length)
    right = np.arange(length.sum()) + np.repeat(begin - np.cumsum(length) + length, length)
    same = value[left] == value[right]
    return left[same], right[same]


def _measure(
    runs: Runs, region: NDArray[np.int32], first_run: IntArray, shape: tuple[int, ...]
) -> dict[str, Any]:
    """Area, box and a pixel inside for each region, from the runs alone."""
    n, ndim = len(first_run), len(shape)
    length = runs.stop - runs.start
    area = np.bincount(region, weights=length, minlength=n).astype(np.int64)
    first_pixel = np.stack(np.unravel_index(runs.start, shape))
    last_pixel = first_pixel.copy()
    last_pixel[-1] += length - 1
    start = np.empty((n, ndim), dtype=np.int64)
    stop = np.zeros((n, ndim), dtype=np.int64)
    start[:] = shape
    for axis in range(ndim):
        np.minimum.at(start[:, axis], region, first_pixel[axis])
        np.maximum.at(stop[:, axis], region, last_pixel[axis] + 1)
    longest = np.zeros(n, dtype=np.int64)
    np.maximum.at(longest, region, length)
    best = np.flatnonzero(length == longest[region])[::-1]
    chosen = np.empty(n, dtype=np.int64)
    chosen[region[best]] = best  # of equally long runs the first
    inside = first_pixel[:, chosen]
    inside[-1] += (length[chosen] - 1) // 2
    return {
        "shape": tuple(shape),
        "area": area,
        "start": start,
        "stop": stop,
        "first": first_pixel[:, first_run].T,
        "inside": inside.T,
        "_runs": runs,
        "_region": region,
    }
