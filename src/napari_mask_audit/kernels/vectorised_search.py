"""Exact nearest-neighbour search among surface elements of the same class, in plain numpy.

All queries walk the rows of the lattice together, nearest row first, each until no further row
can be closer than what it has found. Boundaries lie close to each other, so a few rows settle
nearly all queries; those that are left, when they are many, ask a KD-tree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .surfaces import row_offsets

#: Rows to walk at most, and how many look-ups beyond the first rows are worth avoiding a tree.
_ROWS = 768
_FREE_ROWS = 24
_LOOKUPS_PER_ELEMENT = 2.0


def nearest_distances(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    shape: tuple[int, ...],
    spacing: tuple[float, ...],
) -> NDArray[np.float64]:
    """Distance from each query to the nearest element of its class; inf where there is none.

    Parameters
    ----------
    keys : ndarray of int64, shape (E,)
        Elements: class number times lattice size plus flat lattice position. Ascending.
    queries : ndarray of int64, shape (Q,)
        The same for the positions to start from. Ascending.
    shape : tuple of int
        Lattice, 2D or 3D.
    spacing : tuple of float
        Lattice steps.
    """
    size = int(np.prod(shape))
    squared = np.full(queries.size, np.inf)
    left = np.flatnonzero(_has_counterpart(keys // size, queries // size))
    if left.size:
        left = _walk_rows(keys, queries, left, squared, shape, spacing)
    distances = np.sqrt(squared)
    if left.size:
        _ask_trees(keys, queries, left, distances, shape, spacing)
    return distances


def _has_counterpart(
    classes: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.bool_]:
    present = np.zeros(max(classes.max(initial=0), wanted.max(initial=0)) + 1, np.bool_)
    present[classes] = True
    return present[wanted]


@dataclass
class _Open:
    """The queries that may still find something closer; all arrays run in parallel."""

    index: NDArray[np.int64]
    key: NDArray[np.int64]
    x: NDArray[np.int64]
    y: NDArray[np.int64]
    z: NDArray[np.int64]
    best: NDArray[np.float64]

    def keep(self, select: NDArray[np.bool_]) -> _Open:
        return _Open(
            *(a[select] for a in (self.index, self.key, self.x, self.y, self.z, self.best))
        )


def _walk_rows(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    left: NDArray[np.int64],
    squared: NDArray[np.float64],
    shape: tuple[int, ...],
    spacing: tuple[float, ...],
) -> NDArray[np.int64]:
    """Improve `squared` row by row; return the queries that are not settled."""
    depth, height, width = (1, *shape)[-3:]
    row, x = np.divmod(queries[left], width)
    z, y = np.divmod(row % (depth * height), height)
    open_ = _Open(left, queries[left], x, y, z, squared[left])
    guarded = np.concatenate((keys, [np.iinfo(np.int64).max // 2]))
    budget = _LOOKUPS_PER_ELEMENT * (keys.size + left.size)
    steps, rows_squared = row_offsets(shape, spacing, _ROWS)
    for number, ((dz, dy), row_squared) in enumerate(zip(steps.tolist(), rows_squared, strict=True)):
        undecided = open_.best > row_squared
        if not undecided.all():
            squared[open_.index] = open_.best
            open_ = open_.keep(undecided)
        if number >= _FREE_ROWS:
            budget -= open_.index.size
        if open_.index.size == 0 or budget < 0:
            break
        _look_in_row(guarded, open_, (dz, dy), (depth, height, width), row_squared, spacing[-1])
    squared[open_.index] = open_.best
    # Nothing was left out that is nearer than the last row looked at.
    return open_.index[open_.best > row_squared]


def _look_in_row(
    keys: NDArray[np.int64],
    open_: _Open,
    step: tuple[int, int],
    shape: tuple[int, int, int],
    row_squared: float,
    sx: float,
) -> None:
    """Update the best squared distances with the row that is `step` = (dz, dy) away."""
    (dz, dy), (depth, height, width) = step, shape
    target = open_.key + (dz * height + dy) * width
    at = np.searchsorted(keys, target)
    right = keys[at] - target
    gap = np.where(open_.x + right < width, right, width)
    # Where nothing comes before, this reads the guard at the end: negative, so not in the row.
    before = target - keys[at - 1]
    np.minimum(gap, before, out=gap, where=(before >= 0) & (before <= open_.x))
    found = row_squared + np.square(gap * sx)
    found[gap == width] = np.inf
    if dy:
        found[(open_.y < -dy) | (open_.y >= height - dy)] = np.inf
    if dz:
        found[(open_.z < -dz) | (open_.z >= depth - dz)] = np.inf
    np.minimum(open_.best, found, out=open_.best)


def _ask_trees(
    keys: NDArray[np.int64],
    queries: NDArray[np.int64],
    left: NDArray[np.int64],
    distances: NDArray[np.float64],
    shape: tuple[int, ...],
    spacing: tuple[float, ...],
) -> None:
    """Settle the queries that are far from everything with one KD-tree per class."""
    from scipy.spatial import KDTree

    size = int(np.prod(shape))
    classes = queries[left] // size
    for number in np.unique(classes).tolist():
        mine = left[classes == number]
        low, high = np.searchsorted(keys, (number * size, (number + 1) * size))
        there = np.column_stack(np.unravel_index(keys[low:high] % size, shape)) * spacing
        here = np.column_stack(np.unravel_index(queries[mine] % size, shape)) * spacing
        _, nearest = KDTree(there, balanced_tree=False, compact_nodes=False).query(here)
        distances[mine] = np.sqrt(np.square(there[nearest] - here).sum(axis=1))
