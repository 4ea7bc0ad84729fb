"""How the outlines of a label lie against what is seen: moved, too wide, too narrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..findings import Box
from .places import box_of

_REACH_PX = 5
# Probabilities between these count in proportion, those beyond as 0 and 1.
_LOW, _HIGH = 0.25, 0.75
_MIN_PIXELS = 20


@dataclass(frozen=True, eq=False)
class RegionMoves:
    """How each region of a label lies against what is seen.

    Attributes
    ----------
    number : ndarray of int64, shape (regions,)
        Which regions, from 1; those too small to tell are left out.
    wide_px : ndarray of float64, shape (regions,)
        How far outside the seen outline the label's lies, on average over the outline; positive
        where the label is too wide.
    shift_px : ndarray of float64, shape (regions, 2)
        From the middle of what is seen to the middle of the label, (y, x).
    dent : ndarray of float64, shape (regions,)
        See :func:`dent_of`.
    chance : ndarray of float64, shape (regions,)
        Mean probability within the region that something is there.
    area : ndarray of int64, shape (regions,)
        Pixels.
    boxes : tuple of Box
        Boxes, (z, y, x).
    """

    number: NDArray[np.int64]
    wide_px: NDArray[np.float64]
    shift_px: NDArray[np.float64]
    dent: NDArray[np.float64]
    chance: NDArray[np.float64]
    area: NDArray[np.int64]
    boxes: tuple[Box, ...]


def region_moves(numbers: NDArray[np.int32], chance: NDArray[np.float32]) -> RegionMoves:
    """Compare the area and the middle of each region with those of what is seen around it.

    Parameters
    ----------
    numbers : ndarray of int32, shape (z, y, x)
        Regions from 1, 0 elsewhere.
    chance : ndarray of float32, shape (z, y, x)
        Probability that something is there.

    Examples
    --------
    A square that was labelled two pixels too far right.

    >>> seen = np.zeros((1, 20, 20), np.float32)
    >>> seen[0, 5:15, 5:13] = 1
    >>> label = np.roll(seen, 2, axis=2).astype(np.int32)
    >>> region_moves(label, seen).shift_px.tolist()
    [[0.0, 2.0]]
    """
    from scipy.ndimage import distance_transform_edt, find_objects

    measure: Any = distance_transform_edt
    count = int(numbers.max(initial=0))
    owner = np.zeros_like(numbers)
    for z, plane in enumerate(numbers):
        if plane.any():
            far, nearest = measure(plane == 0, return_indices=True)
            owner[z] = np.where(far <= _REACH_PX, plane[tuple(nearest)], 0)
    near = owner > 0
    who = owner[near]
    weight = np.clip((chance[near] - _LOW) / (_HIGH - _LOW), 0, 1).astype(np.float64)
    own = (numbers[near] > 0).astype(np.float64)
    rows, columns = (axis.astype(np.float64) for axis in np.nonzero(near)[1:])
    seen = np.bincount(who, weight, count + 1)
    area = np.bincount(who, own, count + 1)
    edge = np.bincount(numbers[_edge(numbers)], minlength=count + 1)
    kept = np.flatnonzero(area >= _MIN_PIXELS)
    kept = kept[kept > 0]
    with_middle = np.maximum(seen, 1e-9)
    shift = np.stack(
        [
            np.bincount(who, at * own, count + 1)[kept] / area[kept]
            - np.bincount(who, at * weight, count + 1)[kept] / with_middle[kept]
            for at in (rows, columns)
        ],
        axis=1,
    )
    shift[seen[kept] < _MIN_PIXELS] = np.nan
    boxes = find_objects(numbers)
    cuts = {n: numbers[boxes[n - 1]] for n in kept.tolist()}
    dents = [dent_of(cut == n, (cut > 0) & (cut != n)) for n, cut in cuts.items()]
    inside = np.bincount(who, own * chance[near], count + 1)
    return RegionMoves(
        kept,
        (area - seen)[kept] / np.maximum(edge[kept], 1),
        shift,
        np.array(dents, np.float64),
        inside[kept] / area[kept],
        area[kept].astype(np.int64),
        tuple(box_of(boxes[n - 1]) for n in kept.tolist()),
    )


def _edge(numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels of a region beside a pixel of none, or of another."""
    edge = np.zeros(numbers.shape, bool)
    for axis in (1, 2):
        low: list[Any] = [slice(None)] * 3
        high: list[Any] = [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        changes = numbers[tuple(low)] != numbers[tuple(high)]
        edge[tuple(low)] |= changes
        edge[tuple(high)] |= changes
    return edge & (numbers > 0)


def dent_of(region: NDArray[np.bool_], others: NDArray[np.bool_] | None = None) -> float:
    """The share of its convex hull that is not filled, slice by slice, 0 to 1.

    Parameters
    ----------
    region : ndarray of bool, shape (z, y, x)
        The region.
    others : ndarray of bool, same shape, optional
        What counts as filled too: what lies in front of an object leaves no dent in it.

    Examples
    --------
    >>> corner = np.ones((1, 4, 4), bool)
    >>> dent_of(corner)
    0.0
    >>> corner[0, 2:, 2:] = False  # the hull cuts the corner off: 2 of its 14 pixels are empty
    >>> round(dent_of(corner), 3), round(dent_of(corner, ~corner), 3)
    (0.143, 0.0)
    """
    from scipy.spatial import ConvexHull

    whole = filled = 0.0
    for z, plane in enumerate(region):
        rows, columns = np.nonzero(plane)
        if rows.size == 0:
            continue
        hull = ConvexHull(_corners(rows, columns))
        whole += float(hull.volume)
        filled += rows.size
        if others is not None and others[z].any():
            middles = np.argwhere(others[z]) + 0.5
            beyond = middles @ hull.equations[:, :2].T + hull.equations[:, 2]
            filled += np.count_nonzero((beyond <= 0).all(axis=1))
    return max(0.0, 1 - filled / whole) if whole else 0.0


def _corners(rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
    """Corners of the first and last pixel of each row: all that a convex hull needs."""
    size = int(rows.max()) + 1
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(low, rows, columns)
    np.maximum.at(high, rows, columns)
    used = np.flatnonzero(high >= 0)
    sides = np.concatenate([low[used], high[used] + 1])
    return np.concatenate([np.stack([np.tile(used + y, 2), sides], axis=1) for y in (0, 1)])
