"""Findings of one mask pair, ranked by what repairing them is worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from ..findings import Finding, finding_id, ranked
from .buckets import BucketMap
from .grouping import Groups, group, worth_of_repair
from .sentences import SUGGESTED_TAGS, Evidence, explain, why_not_next
from .table import BUCKETS, Bucket

#: Boxes with more pixels than this are not searched for the thickness of the wrong area.
_THICKNESS_PIXELS = 1 << 17
_MISSED = (Bucket.MISSED_SMALL, Bucket.MISSED_LARGE)
_BY_CANDIDATE = (Bucket.FALSE_REGION, Bucket.MERGE, Bucket.OVER_EXTENT)


def findings(
    found: BucketMap,
    *,
    sample: str = "",
    reference: str = "reference",
    candidate: str = "candidate",
    left_out_ids: Collection[int] = (),
    name_of: Callable[[int], str] = str,
    unit: str | None = None,
    limit: int | None = None,
) -> tuple[Finding, ...]:
    """Everything in a bucket map that deserves a look, most rewarding first.

    Parameters
    ----------
    found : BucketMap
        Buckets of the mask pair.
    sample, reference, candidate : str
        Names; part of the findings' identity.
    left_out_ids : collection of int
        Classes that count in no mean, such as the background.
    name_of : callable
        Class name from class id.
    unit : str, optional
        Unit of the spacing; pixels by default.
    limit : int, optional
        At most this many.

    Returns
    -------
    tuple of Finding
        By worth, highest first. Without ``limit`` their pixels sum to the wrong pixels.
    """
    groups = group(found)
    worth = worth_of_repair(found, groups, frozenset(left_out_ids))
    order = np.lexsort((np.arange(len(groups)), -groups.pixels, -worth))
    chosen = order if limit is None else order[:limit]
    return tuple(
        ranked(
            _finding(found, groups, int(i), float(worth[i]), sample, (reference, candidate),
                     name_of, unit or "px")
            for i in chosen
        )
    )  # fmt: skip


def _finding(
    found: BucketMap,
    groups: Groups,
    number: int,
    worth: float,
    sample: str,
    sources: tuple[str, str],
    name_of: Callable[[int], str],
    unit: str,
) -> Finding:
    bucket = BUCKETS[int(groups.bucket[number]) - 1]
    class_id, other_id = _classes(found, groups, number, bucket)
    evidence = _evidence(found, groups, number, bucket, (class_id, other_id), name_of, unit)
    return Finding(
        id=finding_id(
            sample, *sources, bucket.value, (class_id, other_id), _anchor(found, groups, number)
        ),
        sample=sample,
        reference=sources[0],
        candidate=sources[1],
        bucket=bucket.value,
        class_id=class_id,
        other_class_id=other_id,
        pixels=int(groups.pixels[number]),
        bbox=tuple(
            (int(low), int(high))
            for low, high in zip(groups.start[number], groups.stop[number], strict=True)
        ),
        point=evidence.point,
        worth=worth,
        explanation=explain(evidence),
        why_not_next=why_not_next(evidence),
        suggested_tag=SUGGESTED_TAGS[bucket],
    )


def _classes(
    found: BucketMap, groups: Groups, number: int, bucket: Bucket
) -> tuple[int, int | None]:
    """The class that is wrong, and the one in its place (the most frequent, when several)."""
    pairs, counts = groups.pairs_of(number)
    own, other = (int(i) for i in pairs[int(np.argmax(counts))])
    if bucket in _BY_CANDIDATE:
        return other, own
    if bucket is Bucket.BOUNDARY:
        labels = [_label(found, int(r)) for r in _pair(groups, number)]
        sizes = [_size(found, int(r)) for r in _pair(groups, number)]
        if found.pair.background in labels:
            labels.sort(key=lambda i: i == found.pair.background)
        elif sizes[1] < sizes[0]:
            labels.reverse()
        return labels[0], labels[1]
    if bucket in _MISSED:
        row = int(found.regions.covering[groups.reference_region[number]])
        return own, int(found.regions.candidate.label[found.regions.pairs[row, 1]])
    return own, other


def _pair(groups: Groups, number: int) -> tuple[int, int]:
    return int(groups.reference_region[number]), int(groups.other_region[number])


def _label(found: BucketMap, region: int) -> int:
    """Class of a reference region, or of the candidate region numbered after the last of them."""
    n = len(found.regions.reference)
    labels = found.regions.reference.label, found.regions.candidate.label
    return int(labels[0][region] if region < n else labels[1][region - n])


def _size(found: BucketMap, region: int) -> int:
    n = len(found.regions.reference)
    sizes = found.regions.reference_size, found.regions.candidate_size
    return int(sizes[0][region] if region < n else sizes[1][region - n])


def _first(found: BucketMap, region: int) -> list[int]:
    n = len(found.regions.reference)
    firsts = found.regions.reference.first, found.regions.candidate.first
    place: list[int] = (firsts[0][region] if region < n else firsts[1][region - n]).tolist()
    return place


def _anchor(found: BucketMap, groups: Groups, number: int) -> list[int]:
    """The place a finding is known by: that of its object where it is about a whole object."""
    own, other = int(groups.reference_region[number]), int(groups.candidate_region[number])
    if groups.other_region[number] >= 0:
        return [*_first(found, own), *_first(found, int(groups.other_region[number]))]
    if other < 0:
        return _first(found, own)
    if own < 0:
        return _first(found, len(found.regions.reference) + other)
    place: list[int] = groups.first[number].tolist()
    return place


def _evidence(
    found: BucketMap,
    groups: Groups,
    number: int,
    bucket: Bucket,
    class_ids: tuple[int, int | None],
    name_of: Callable[[int], str],
    unit: str,
) -> Evidence:
    class_id, other_id = class_ids
    regions, thresholds = found.regions, found.thresholds
    own, other = int(groups.reference_region[number]), int(groups.candidate_region[number])
    by_candidate = other >= 0 and (own < 0 or bucket in _BY_CANDIDATE)
    size = regions.candidate_size[other] if by_candidate else regions.reference_size[own]
    right = regions.candidate_right if by_candidate else regions.reference_right
    pairs, counts = groups.pairs_of(number)
    in_pixels = all(s == 1 for s in found.pair.spacing)
    return Evidence(
        bucket=bucket,
        name=name_of(class_id),
        other="nothing" if other_id is None else name_of(other_id),
        pixels=int(groups.pixels[number]),
        point=tuple(int(p) for p in groups.point[number]),
        size=int(size),
        right=int(right[other if by_candidate else own]),
        far=int(groups.far[number]),
        missing=int(counts[pairs[:, 0] == class_id].sum()),
        superfluous=int(counts[pairs[:, 1] == class_id].sum()),
        pieces=int(groups.pieces[number]),
        cover_share=_cover_share(found, own, bucket),
        thickness=_thickness(found, groups, number, bucket),
        region_level=own < 0 or other < 0,
        tolerance=thresholds.tolerance_for(found.pair.spacing, _ids(pairs)),
        unit="px" if in_pixels else unit,
        small_area=found.small_area,
        recall=thresholds.missed_recall,
        dominance=thresholds.dominance,
    )


def _ids(pairs: NDArray[np.int64]) -> set[int]:
    return set(pairs.reshape(-1).tolist())


def _cover_share(found: BucketMap, region: int, bucket: Bucket) -> float:
    """How much of the foreground region in its place a missed region takes; NaN on background."""
    if bucket not in _MISSED:
        return math.nan
    regions = found.regions
    row = int(regions.covering[region])
    cover = int(regions.pairs[row, 1])
    if row < 0 or int(regions.candidate.label[cover]) == found.pair.background:
        return math.nan
    return float(regions.shared[row] / regions.candidate_size[cover])


def _thickness(found: BucketMap, groups: Groups, number: int, bucket: Bucket) -> float:
    """Twice the largest distance to the edge of the wrong area; NaN if not of use."""
    if bucket not in (Bucket.OVER_EXTENT, Bucket.UNDER_EXTENT) or groups.pieces[number] > 1:
        return math.nan
    box = tuple(
        slice(int(a), int(b))
        for a, b in zip(groups.start[number], groups.stop[number], strict=True)
    )
    mine = np.zeros([s.stop - s.start for s in box], np.bool_)
    if mine.size > _THICKNESS_PIXELS:
        return math.nan
    from scipy.ndimage import distance_transform_edt

    at = found.wrong.positions(groups.runs_of(number))
    places = np.stack(np.unravel_index(at, found.pair.shape), axis=1) - groups.start[number]
    mine[tuple(places.T)] = True
    grid = np.array(found.pair.spacing)
    deepest = distance_transform_edt(np.pad(mine, 1), sampling=grid).max()
    return float(max(grid.min(), 2 * deepest - grid.max() / 2))
