"""Connected regions from runs, in plain numpy: always available.

Runs of neighbouring rows are joined where they touch and carry the same value; regions are the
connected components of that graph. :mod:`.compiled_components` does the same with numba; each is
the other's oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .links import join_linked

IntArray = NDArray[np.int64]


class Runs(NamedTuple):
    """Horizontal runs in C order; positions are flat pixel indices, ``stop`` is exclusive."""

    start: IntArray
    stop: IntArray


class Joined(NamedTuple):
    """Which runs belong together; regions come in C order.

    Attributes
    ----------
    region : ndarray of int32, one per run
        The region of each run.
    first_run : ndarray of int64, one per region
        Its first run.
    loops : ndarray of int64, one per region
        Independent loops of the graph of its runs, two of which are linked where they touch. In
        2D these are its holes: the links between two rows never close a loop by themselves, so
        the region can be shrunk onto the graph.
    """

    region: NDArray[np.int32]
    first_run: IntArray
    loops: IntArray


class Measures(NamedTuple):
    """What is known of each region; :class:`.components.Regions` describes the columns."""

    area: IntArray
    start: IntArray
    stop: IntArray
    first: IntArray
    inside: IntArray


def find_runs(maps: Sequence[NDArray[Any]]) -> Runs:
    """Cut at every pixel where any of the maps changes along the last axis."""
    shape = maps[0].shape
    change = np.empty(shape, dtype=bool)
    change[..., 0] = True
    np.not_equal(maps[0][..., 1:], maps[0][..., :-1], out=change[..., 1:])
    for other in maps[1:]:
        change[..., 1:] |= other[..., 1:] != other[..., :-1]
    start = np.flatnonzero(change)
    return Runs(start, np.append(start[1:], change.size))


def join_runs(runs: Runs, value: IntArray, shape: tuple[int, ...], *, diagonal: bool) -> Joined:
    """Unite touching runs of equal value."""
    pairs = [
        _touching(runs, value, shape, offset, reach=diagonal)
        for offset in earlier_rows(len(shape) - 1, diagonal=diagonal)
    ]
    upper = np.concatenate([p[0] for p in pairs])
    lower = np.concatenate([p[1] for p in pairs])
    region, first_run = join_linked(upper, lower, len(value))
    count = len(first_run)
    links = np.bincount(region[upper], minlength=count)
    return Joined(region, first_run, links - np.bincount(region, minlength=count) + 1)


def earlier_rows(row_axes: int, *, diagonal: bool) -> list[tuple[int, ...]]:
    """Steps to the neighbouring rows that come before a row: half of all neighbours suffices."""
    steps = product((-1, 0, 1), repeat=row_axes)
    return [
        step for step in steps if step < (0,) * row_axes and (diagonal or sum(map(abs, step)) == 1)
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


def measure_regions(
    runs: Runs, region: NDArray[np.int32], first_run: IntArray, shape: tuple[int, ...]
) -> Measures:
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
    return Measures(area, start, stop, first_pixel[:, first_run].T, inside.T)
