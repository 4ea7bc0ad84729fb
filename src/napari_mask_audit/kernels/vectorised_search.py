"""Exact nearest-neighbour search among surface elements of the same class, in plain numpy.

Boundaries lie close to each other, so nearly every element finds its counterpart among the lattice
points a step or two away. The others walk the rows of the lattice together, nearest row first, each
until no further row can be closer than what it has found; those that are left, when they are
many, ask a KD-tree. No distance transform of an image is ever computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .surfaces import Surfaces, row_offsets

#: Elements handled together: their arrays stay in the processor's cache.
_CHUNK = 1 << 14
#: Steps along every axis to look for a neighbour before rows are walked, and lattice points to
#: look at.
_REACH, _LOOKS = 2, 40
#: Classes whose elements are marked in one array of bytes.
_TOGETHER = 8
#: Rows to walk at most; the first few are walked by all, the others within a budget of look-ups
#: per element, beyond which a tree is cheaper.
_ROWS = 1024
_FREE_ROWS = 12
_LOOKUPS_PER_ELEMENT = 2.0
#: Look-ups made together at least, as every step costs some time however few it makes.
_LOOKUPS_AT_A_TIME = 4096
#: Coordinates to subtract at most, for all classes together, before trees are worth loading SciPy
#: for; and for one class, before its tree is worth building.
_ALL_PAIRS, _FEW_PAIRS = 1 << 20, 1 << 15


def nearest_distances(
    surfaces: Surfaces, other: Surfaces, spacing: tuple[float, ...]
) -> NDArray[np.float64]:
    """Distance from each element to the nearest of its class in another mask, inf without one."""
    lattice = Lattice(surfaces.lattice, spacing)
    squared = np.full(surfaces.positions.size, np.inf)
    left = np.concatenate([np.empty(0, np.int64), *_look_around(surfaces, other, squared, lattice)])
    if left.size:
        keys = lattice.keys(other.numbers, other.positions)
        queries = lattice.keys(surfaces.numbers[left], surfaces.positions[left])
        squared[left] = _squared_by_rows(keys, queries, lattice)
    distances: NDArray[np.float64] = np.sqrt(squared)
    return distances


def _look_around(
    surfaces: Surfaces, other: Surfaces, squared: NDArray[np.float64], lattice: Lattice
) -> Iterator[NDArray[np.int64]]:
    """Settle the elements with a neighbour a few steps away; yield the others that have any."""
    volume = lattice.volume
    around = tuple(_REACH if axis or volume[0] > 1 else 0 for axis in range(3))
    marked = np.zeros([n + 2 * more for n, more in zip(volume, around, strict=True)], np.uint8)
    strides = marked.shape[1] * marked.shape[2], marked.shape[2]
    first_point = around[0] * strides[0] + around[1] * strides[1] + around[2]
    flat = marked.reshape(-1)

    def indices(positions: NDArray[np.int64]) -> NDArray[np.int64]:
        row = positions // volume[2]
        at: NDArray[np.int64] = positions + (row * (2 * around[2]) + first_point)
        if volume[0] > 1:
            at += (row // volume[1]) * (2 * around[1] * strides[1])
        return at

    shells = _shells(lattice, strides)
    for group in range(0, surfaces.class_ids.size, _TOGETHER):
        numbers = range(group, min(group + _TOGETHER, surfaces.class_ids.size))
        theirs = indices(other.positions[other.starts[group] : other.starts[numbers[-1] + 1]])
        for number in numbers:
            part = slice(*(other.starts[number : number + 2] - other.starts[group]))
            flat[theirs[part]] |= np.uint8(1 << number - group)
        present = other.counts[group : numbers[-1] + 1] > 0
        bits = np.where(present, 1 << np.arange(len(numbers)), 0).astype(np.uint8)
        bits = np.repeat(bits, surfaces.counts[group : numbers[-1] + 1])
        offset = int(surfaces.starts[group])
        for start in range(0, bits.size, _CHUNK):
            mine = slice(offset + start, offset + min(start + _CHUNK, bits.size))
            wanted = bits[start : start + _CHUNK]
            yield mine.start + _settle(
                flat, indices(surfaces.positions[mine]), wanted, shells, squared[mine]
            )
        flat[theirs] = 0


def _shells(lattice: Lattice, strides: tuple[int, int]) -> list[tuple[float, list[int]]]:
    """Squared distances, ascending, and the steps to the lattice points that are so far away.

    Complete: no lattice point that was left out is nearer than the last ones.
    """
    sz, sy, sx = (1.0, *lattice.spacing)[-3:]
    solid = lattice.volume[0] > 1
    nz = _REACH if solid else 0
    dz, dy, dx = np.mgrid[-nz : nz + 1, -_REACH : _REACH + 1, -_REACH : _REACH + 1].reshape(3, -1)
    squared = (dz * sz) ** 2 + (dy * sy) ** 2 + (dx * sx) ** 2
    steps = dz * strides[0] + dy * strides[1] + dx
    beyond = ((_REACH + 1) * min(sy, sx, sz if solid else sy)) ** 2
    shells = []
    looks = 0
    for distance in np.unique(squared[squared < beyond]).tolist():
        some = steps[squared == distance].tolist()
        looks += len(some)
        if looks > _LOOKS:
            break
        shells.append((distance, some))
    return shells


def _settle(
    marked: NDArray[np.uint8],
    at: NDArray[np.int64],
    wanted: NDArray[np.uint8],
    shells: list[tuple[float, list[int]]],
    squared: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Look at some lattice points around each element; the elements that found nothing."""
    left = np.flatnonzero(wanted)
    at, wanted = at[left], wanted[left]
    for distance, steps in shells:
        if left.size == 0:
            break
        seen = marked[at + steps[0]]
        for step in steps[1:]:
            seen |= marked[at + step]
        seen &= wanted
        missing = seen == 0
        squared[left[np.flatnonzero(~missing)]] = distance
        missed = np.flatnonzero(missing)
        left, at, wanted = left[missed], at[missed], wanted[missed]
    return left


@dataclass(frozen=True)
class Lattice:
    """Positions as numbers: (class, z, y, x) in a grid of twice the lattice's extent.

    The empty half of every axis keeps rows, slices and classes so far apart that a step beyond
    the edge of the lattice finds an empty row, and never one of the next slice or class.
    """

    shape: tuple[int, ...]
    spacing: tuple[float, ...]

    @property
    def volume(self) -> tuple[int, int, int]:
        """Shape as (z, y, x)."""
        depth, height, width = (1, *self.shape)[-3:]
        return depth, height, width

    def keys(self, numbers: NDArray[Any], positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """One number per class number and flat lattice position; order-preserving."""
        depth, height, width = self.volume
        row = positions // width
        keys = positions + row * width  # a row takes 2 · width
        if depth > 1:
            keys += (row // height) * (2 * width * height)
        return keys + numbers.astype(np.int64) * self.class_stride

    @property
    def class_stride(self) -> int:
        """Distance between the keys of the same position in consecutive classes."""
        return 8 * int(np.prod(self.shape))

    def coordinates(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Lattice coordinates of some keys, shape (n, ndim)."""
        grid = tuple(2 * n for n in self.volume)
        coordinates = np.unravel_index(keys % self.class_stride, grid)
        return np.column_stack(coordinates[-len(self.shape) :])


def _squared_by_rows(
    keys: NDArray[np.int64], queries: NDArray[np.int64], lattice: Lattice
) -> NDArray[np.float64]:
    """Squared distance of each query to the nearest key of its class; there is one for each.

    Parameters
    ----------
    keys, queries : ndarray of int64, shapes (E,) and (Q,)
        :meth:`Lattice.keys` of the elements and of the positions to start from. Ascending.
    lattice : Lattice
    """
    squared = np.full(queries.size, np.inf)
    left = _walk_rows(keys, queries, squared, lattice)
    if left.size:
        squared[left] = ask_trees(keys, queries[left], lattice)
    return squared


#: Steps between keys to some rows, and the squared distances of the rows, ascending.
_Rows = tuple[NDArray[np.int64], NDArray[np.float64]]


def _walk_rows(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    squared: NDArray[np.float64],
    lattice: Lattice,
) -> NDArray[np.int64]:
    """Improve `squared` row by row; return the queries that are not settled."""
    _, height, width = lattice.volume
    far_away = np.iinfo(np.int64).max // 4
    guarded = np.concatenate(([-far_away], keys, [far_away]))
    in_row = np.square(np.arange(width + 1) * lattice.spacing[-1])
    in_row[width] = np.inf
    steps, rows_squared = row_offsets(lattice.shape, lattice.spacing, _ROWS)
    offsets = (steps[:, 0] * (2 * height) + steps[:, 1]) * (2 * width)
    first, others = (
        (offsets[part], rows_squared[part]) for part in (slice(_FREE_ROWS), slice(_FREE_ROWS, None))
    )
    everything = np.arange(queries.size)
    far = [
        _walk(guarded, queries, part, squared, first, in_row, np.inf)
        for part in np.split(everything, range(_CHUNK, queries.size, _CHUNK))
    ]
    budget = _LOOKUPS_PER_ELEMENT * (keys.size + queries.size)
    return _walk(guarded, queries, np.concatenate(far), squared, others, in_row, budget)


def _walk(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    index: NDArray[np.int64],
    squared: NDArray[np.float64],
    rows: _Rows,
    in_row: NDArray[np.float64],
    budget: float,
) -> NDArray[np.int64]:
    """Look into some rows; return the queries that further rows could still improve."""
    at, best, done = queries[index], squared[index], 0
    (offsets, rows_squared), row_squared = rows, 0.0
    while done < offsets.size:
        row_squared = rows_squared[done]
        undecided = np.flatnonzero(best > row_squared)
        if undecided.size < index.size:
            squared[index] = best
            index, at, best = index[undecided], at[undecided], best[undecided]
        if index.size == 0:
            break
        # Several rows at a time where few are left to look into them.
        some = slice(done, done + max(1, _LOOKUPS_AT_A_TIME // index.size))
        target = at + offsets[some, None]
        budget -= target.size
        if budget < 0:
            break
        after = np.searchsorted(keys, target)
        gap = np.minimum(keys[after] - target, target - keys[after - 1])
        # An element of another row is further away than a row is long: `in_row` says inf.
        np.minimum(gap, in_row.size - 1, out=gap)
        found = in_row[gap] + rows_squared[some, None]
        np.minimum(best, found.min(axis=0), out=best)
        done += len(found)
        row_squared = rows_squared[done - 1]
    squared[index] = best
    # Rows come nearest first, so what is closer than the last one is settled.
    return index[best > row_squared]


def ask_trees(
    keys: NDArray[np.int64], queries: NDArray[np.int64], lattice: Lattice
) -> NDArray[np.float64]:
    """Squared distances of the queries that are far from everything, with a KD-tree per class."""
    stride = lattice.class_stride
    classes = queries // stride
    squared = np.empty(queries.size)
    numbers, counts = np.unique(classes, return_counts=True)
    lows, highs = np.searchsorted(keys, (numbers * stride, (numbers + 1) * stride))
    coordinates = int(((highs - lows) * counts).sum()) * len(lattice.shape)
    limit = _ALL_PAIRS if coordinates <= _ALL_PAIRS else _FEW_PAIRS
    for number, low, high in zip(numbers, lows, highs, strict=True):
        mine = np.flatnonzero(classes == number)
        there, here = lattice.coordinates(keys[low:high]), lattice.coordinates(queries[mine])
        if there.size * len(here) <= limit:
            steps = (there - here[:, None]) * lattice.spacing
            squared[mine] = np.square(steps).sum(axis=2).min(axis=1)
            continue
        from scipy.spatial import KDTree  # slow to import, and small masks do not need it

        tree = KDTree(there * lattice.spacing, balanced_tree=False, compact_nodes=False)
        _, nearest = tree.query(here * lattice.spacing)
        # From whole steps, so that equal geometry gives equal numbers whoever computed them.
        steps = (there[nearest] - here) * lattice.spacing
        squared[mine] = np.square(steps).sum(axis=1)
    return squared
