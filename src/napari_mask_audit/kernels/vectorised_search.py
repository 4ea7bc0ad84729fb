"""Exact nearest-neighbour search among surface elements of the same class, in plain numpy.

All queries walk the rows of the lattice together, nearest row first, each until no further row
can be closer than what it has found. Boundaries lie close to each other, so a few rows settle
nearly all queries; those that are left, when they are many, ask a KD-tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .surfaces import row_offsets

#: Queries that walk together through the first rows: their arrays stay in the processor's cache.
_CHUNK = 1 << 14
#: Rows to walk at most; the first few are walked by all, the others within a budget of look-ups
#: per element, beyond which a tree is cheaper.
_ROWS = 1024
_FREE_ROWS = 12
_LOOKUPS_PER_ELEMENT = 6.0


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

    def keys(self, classes: NDArray[Any], positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """One number per flat lattice position and class; order-preserving."""
        depth, height, width = self.volume
        row = positions // width
        keys = positions + row * width  # a row takes 2 · width
        if depth > 1:
            keys += (row // height) * (2 * width * height)
        return keys + classes.astype(np.int64) * self.class_stride

    @property
    def class_stride(self) -> int:
        """Distance between the keys of the same position in consecutive classes."""
        return 8 * int(np.prod(self.shape))

    def coordinates(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Lattice coordinates of some keys, shape (n, ndim)."""
        grid = tuple(2 * n for n in self.volume)
        coordinates = np.unravel_index(keys % self.class_stride, grid)
        return np.column_stack(coordinates[-len(self.shape) :])


def nearest_distances(
    keys: NDArray[np.int64], queries: NDArray[np.int64], lattice: Lattice
) -> NDArray[np.float64]:
    """Distance from each query to the nearest element of its class; inf where there is none.

    Parameters
    ----------
    keys, queries : ndarray of int64, shapes (E,) and (Q,)
        :meth:`Lattice.keys` of the elements and of the positions to start from. Ascending.
    lattice : Lattice
    """
    squared = np.full(queries.size, np.inf)
    stride = lattice.class_stride
    left = np.flatnonzero(_has_counterpart(keys // stride, queries // stride))
    if left.size:
        left = _walk_rows(keys, queries, left, squared, lattice)
    distances: NDArray[np.float64] = np.sqrt(squared)
    if left.size:
        ask_trees(keys, queries, left, distances, lattice)
    return distances


def _has_counterpart(classes: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    present = np.zeros(max(classes.max(initial=0), wanted.max(initial=0)) + 1, np.bool_)
    present[classes] = True
    return present[wanted]


def _walk_rows(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    left: NDArray[np.int64],
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
    rows = list(zip(offsets.tolist(), rows_squared.tolist(), strict=True))
    far = [
        _walk(guarded, queries, part, squared, rows[:_FREE_ROWS], in_row, np.inf)
        for part in np.split(left, range(_CHUNK, left.size, _CHUNK))
    ]
    budget = _LOOKUPS_PER_ELEMENT * (keys.size + queries.size)
    return _walk(guarded, queries, np.concatenate(far), squared, rows[_FREE_ROWS:], in_row, budget)


def _walk(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    index: NDArray[np.int64],
    squared: NDArray[np.float64],
    rows: list[tuple[int, float]],
    in_row: NDArray[np.float64],
    budget: float,
) -> NDArray[np.int64]:
    """Look into some rows; return the queries that further rows could still improve."""
    at, best, row_squared = queries[index], squared[index], 0.0
    for offset, row_squared in rows:
        undecided = np.flatnonzero(best > row_squared)
        if undecided.size < index.size:
            squared[index] = best
            index, at, best = index[undecided], at[undecided], best[undecided]
        budget -= index.size
        if index.size == 0 or budget < 0:
            break
        target = at + offset
        after = np.searchsorted(keys, target)
        gap = np.minimum(keys[after] - target, target - keys[after - 1])
        # An element of another row is further away than a row is long: `in_row` says inf.
        np.minimum(gap, in_row.size - 1, out=gap)
        np.minimum(best, in_row[gap] + row_squared, out=best)
    squared[index] = best
    # Rows come nearest first, so what is closer than the last one is settled.
    return index[best > row_squared]


def ask_trees(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    left: NDArray[np.int64],
    distances: NDArray[np.float64],
    lattice: Lattice,
) -> None:
    """Settle the queries that are far from everything with one KD-tree per class."""
    from scipy.spatial import KDTree

    stride = lattice.class_stride
    classes = queries[left] // stride
    for number in np.unique(classes).tolist():
        mine = left[classes == number]
        low, high = np.searchsorted(keys, (number * stride, (number + 1) * stride))
        there, here = lattice.coordinates(keys[low:high]), lattice.coordinates(queries[mine])
        tree = KDTree(there * lattice.spacing, balanced_tree=False, compact_nodes=False)
        _, nearest = tree.query(here * lattice.spacing)
        # From whole steps, so that equal geometry gives equal numbers whoever computed them.
        steps = (there[nearest] - here) * lattice.spacing
        distances[mine] = np.sqrt(np.square(steps).sum(axis=1))
