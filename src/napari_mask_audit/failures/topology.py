"""Wrong pixels that cut one object into several, or join several into one.

The strip that cuts an object lies between two of its parts. A wrong pixel belongs to it when the
way from one part to the other through this pixel is hardly longer than the gap between them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .regions import IntArray, RegionTable
from .table import Bucket

#: A part lies in a whole when at least this share of the part is inside it.
_PART_INSIDE = 0.5


def mark_topology(
    buckets: NDArray[np.uint8],
    table: RegionTable,
    *,
    background: int | None,
    spacing: Sequence[float],
    split_part: float,
) -> None:
    """Write ``split`` and ``merge`` over the bucket codes of the pixels that do it, in place.

    A reference region is split when two or more candidate regions of its class lie in it, each
    at least half inside and at least ``split_part`` of its size; merged regions are the same with
    the masks exchanged. Where both hold, it is a split.
    """
    own, other = table.pairs.T
    sides = (
        (Bucket.MERGE, other, own, table.candidate_size, table.reference_size),
        (Bucket.SPLIT, own, other, table.reference_size, table.candidate_size),
    )
    for bucket, whole, part, whole_size, part_size in sides:
        in_reference = bucket is Bucket.SPLIT
        label = (table.reference if in_reference else table.candidate).label
        rows = table.same & (table.shared >= split_part * whole_size[whole])
        rows &= table.shared >= _PART_INSIDE * part_size[part]
        if background is not None:
            rows &= label[whole] != background
        counts = np.bincount(whole[rows], minlength=len(label))
        for number in np.flatnonzero(counts >= 2).tolist():
            parts = part[rows & (whole == number)]
            _mark(buckets, table, number, parts, bucket, spacing)


def _mark(
    buckets: NDArray[np.uint8],
    table: RegionTable,
    number: int,
    parts: IntArray,
    bucket: Bucket,
    spacing: Sequence[float],
) -> None:
    """Mark the wrong pixels of one region that lie between its parts."""
    if bucket is Bucket.SPLIT:
        box = table.reference.box(number)
        whole, inner = table.reference_image[box] == number, table.candidate_image[box]
    else:
        box = table.candidate.box(number)
        whole, inner = table.candidate_image[box] == number, table.reference_image[box]
    wrong = np.argwhere(whole & (buckets[box] > 0))
    if wrong.size:
        between = _between(wrong, [whole & (inner == p) for p in parts.tolist()], spacing)
        buckets[box][tuple(wrong[between].T)] = bucket.code


def _between(
    wrong: IntArray, parts: list[NDArray[np.bool_]], spacing: Sequence[float]
) -> NDArray[np.bool_]:
    from scipy.spatial import cKDTree

    grid = np.asarray(spacing, float)
    edges = [np.argwhere(_inner_edge(part)) * grid for part in parts]
    trees = [cKDTree(edge) for edge in edges]
    slack = 2 * float(grid.max()) + 1e-9
    gap = np.zeros((len(parts), len(parts)))
    for i, edge in enumerate(edges):
        for j in range(i):
            gap[i, j] = gap[j, i] = trees[j].query(edge)[0].min()
    # Neither way can be longer than the longest gap: the search may stop there.
    reach = gap.max() + slack
    points = wrong * grid
    distance = np.stack([tree.query(points, distance_upper_bound=reach)[0] for tree in trees])
    first, second = np.argsort(distance, axis=0, kind="stable")[:2]
    column = np.arange(len(wrong))
    way = distance[first, column] + distance[second, column]
    # Pixel centres stand in for a slanted or stepped strip: allow one pixel at either end.
    close: NDArray[np.bool_] = way <= gap[first, second] + slack
    return close


def _inner_edge(part: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of a part with a neighbour outside it; the nearest pixel is always one of them."""
    padded = np.pad(part, 1)
    inside = part.copy()
    for axis in range(part.ndim):
        for shift in (0, 2):
            window = [slice(1, -1)] * part.ndim
            window[axis] = slice(shift, shift + part.shape[axis])
            inside &= padded[tuple(window)]
    return part & ~inside
