"""Wrong pixels that cut one object into several, or join several into one.

The strip that cuts an object lies between two of its parts. A wrong pixel belongs to it when the
way from one part to the other through this pixel is hardly longer than the gap between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..masks import LabelArray
from .regions import BoolArray, IntArray, RegionTable
from .strips import Differences, strips
from .table import Bucket
from .wrong_runs import WrongRuns

#: A part lies in a whole when at least this share of the part is inside it.
_PART_INSIDE = 0.5


def mark_topology(
    reference: LabelArray,
    candidate: LabelArray,
    found: Differences,
    *,
    background: int | None,
    spacing: Sequence[float],
    split_part: float,
    strip_pixels: int,
) -> WrongRuns:
    """The wrong pixels, those that cut or join objects marked with ``split`` or ``merge``.

    A reference region is split when two or more candidate regions of its class lie in it, each
    at least half inside and at least ``split_part`` of its size; merged regions are the same with
    the masks exchanged. Where both hold, it is a split.
    """
    wholes = {bucket: _parts(found.regions, bucket, background, split_part) for bucket in _BUCKETS}
    rows = [row for parts in wholes.values() for row in parts.values()]
    if not rows or len(found.wrong) == 0:
        return found.wrong
    edges = _edges(reference, candidate, found, np.unique(np.concatenate(rows)), strip_pixels)
    concerned = np.isin(found.wrong.own, list(wholes[Bucket.SPLIT]))
    concerned |= np.isin(found.wrong.other, list(wholes[Bucket.MERGE]))
    pixels = found.wrong.broken_up(concerned)
    marks = pixels.mark.copy()
    for bucket in _BUCKETS:
        inside = pixels.own if bucket is Bucket.SPLIT else pixels.other
        mine = np.flatnonzero(np.isin(inside, list(wholes[bucket])))
        mine = mine[np.argsort(inside[mine], kind="stable")]
        numbers, start = np.unique(inside[mine], return_index=True)
        for number, some in zip(numbers.tolist(), _pieces(mine, start), strict=True):
            wrong = np.stack(np.unravel_index(pixels.start[some], reference.shape), axis=1)
            parts = [edges[row] for row in wholes[bucket][number].tolist()]
            marks[some[_between(wrong, parts, spacing)]] = bucket.code
    return pixels.with_columns(mark=marks).compressed(reference.shape[-1])


def _pieces(values: IntArray, start: IntArray) -> list[IntArray]:
    """The values cut where the pieces start; no piece without values."""
    return np.split(values, start[1:]) if values.size else []


#: In the order in which they are written; the last one wins.
_BUCKETS = (Bucket.MERGE, Bucket.SPLIT)


def _parts(
    table: RegionTable, bucket: Bucket, background: int | None, split_part: float
) -> dict[int, IntArray]:
    """Rows of the pair table that hold the parts, for each region that is cut or joined."""
    sides = (
        (table.pairs[:, 0], table.pairs[:, 1], table.reference_size, table.candidate_size),
        (table.pairs[:, 1], table.pairs[:, 0], table.candidate_size, table.reference_size),
    )
    whole, part, whole_size, part_size = sides[0 if bucket is Bucket.SPLIT else 1]
    rows = table.same & (table.shared >= split_part * whole_size[whole])
    rows &= table.shared >= _PART_INSIDE * part_size[part]
    if background is not None:
        rows &= table.reference.label[table.pairs[:, 0]] != background
    chosen = np.flatnonzero(rows)
    numbers, counts = np.unique(whole[chosen], return_counts=True)
    return {number: chosen[whole[chosen] == number] for number in numbers[counts >= 2].tolist()}


def _edges(
    reference: LabelArray,
    candidate: LabelArray,
    found: Differences,
    rows: IntArray,
    strip_pixels: int,
) -> dict[int, IntArray]:
    """Pixels at the inner edge of what two regions share, by row of the pair table.

    Neighbours with the same labels lie in the same regions, so an edge is seen from the labels.
    """
    regions = found.regions
    wanted = regions.pairs[rows]
    low = regions.reference.start[wanted[:, 0], 0].min()
    high = regions.reference.stop[wanted[:, 0], 0].max()
    keys = regions.pairs[:, 0] * len(regions.candidate) + regions.pairs[:, 1]
    points: dict[int, list[IntArray]] = {row: [] for row in rows.tolist()}
    for number, (part, halo) in enumerate(strips(reference.shape, strip_pixels, 1)):
        if part.stop <= low or part.start >= high:
            continue
        own, other = (
            numbering.image(labels[part], number)
            for numbering, labels in zip(found.numbering, (reference, candidate), strict=True)
        )
        edge = _inner_edge(reference[halo], candidate[halo], part, halo)
        at = np.flatnonzero(edge & (reference[part] == candidate[part]))
        key = own.reshape(-1)[at].astype(np.int64) * len(regions.candidate) + other.reshape(-1)[at]
        row = np.searchsorted(keys, key).clip(max=keys.size - 1)
        kept = np.isin(row, rows) & (keys[row] == key)
        at = at[kept] + part.start * math.prod(reference.shape[1:])
        order = np.argsort(row[kept], kind="stable")
        here, start = np.unique(row[kept][order], return_index=True)
        for r, mine in zip(here.tolist(), _pieces(at[order], start), strict=True):
            points[r].append(np.stack(np.unravel_index(mine, reference.shape), axis=1))
    return {row: np.concatenate(parts) for row, parts in points.items()}


def _inner_edge(
    reference: LabelArray, candidate: LabelArray, part: slice, halo: slice
) -> BoolArray:
    """Pixels of a strip with a neighbour (by side) that has another label in either mask.

    What lies beyond the image counts as another label.
    """
    edge: BoolArray = np.zeros(reference.shape, np.bool_)
    for axis in range(reference.ndim):
        before = (slice(None),) * axis + (slice(None, -1),)
        after = (slice(None),) * axis + (slice(1, None),)
        for labels in (reference, candidate):
            change = labels[before] != labels[after]
            edge[before] |= change
            edge[after] |= change
        rim = np.moveaxis(edge, axis, 0)
        rim[0] = rim[-1] = True
    inside = slice(part.start - halo.start, part.stop - halo.start)
    return edge[inside]


def _between(wrong: IntArray, parts: Sequence[IntArray], spacing: Sequence[float]) -> BoolArray:
    """Wrong pixels that lie between two of the parts, each given by its edge."""
    from scipy.spatial import cKDTree

    grid = np.asarray(spacing, float)
    edges = [part * grid for part in parts]
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
    close: BoolArray = way <= gap[first, second] + slack
    return close
