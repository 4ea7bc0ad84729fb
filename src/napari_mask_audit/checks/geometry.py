"""Rules about regions: specks, holes, slivers, and gaps along the picture's edge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from ..findings import Box
from .finding import LintFinding
from .subject import MaskSubject

# A class of which more than this share of pixels lies in thin regions is thin by nature.
_THIN_CLASS_SHARE = 0.02
# A side parallel to the picture's edge is a gap if it is this share of the region's extent.
_PARALLEL_SHARE = 0.5


def check_geometry(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA301, MA302, MA303 and MA304 on one mask."""
    yield from _specks(subject)
    yield from _holes(subject)
    if subject.labels.ndim == 2:
        yield from _slivers(subject)
        yield from _border_gaps(subject)


def speck_regions(subject: MaskSubject) -> list[int]:
    """Stray regions of a few pixels of a class whose regions are usually far larger.

    A crumb right beside a larger region of its class is part of a ragged outline, not stray; and
    what shows between two other regions may be all that can be seen of it.
    """
    regions, limits = subject.regions, subject.limits
    small = np.flatnonzero(subject.foreground & (regions.area <= limits.speck_pixels))
    return [
        int(n)
        for n in small
        if regions.area[n] * limits.usual_factor <= subject.usual_area[int(regions.label[n])]
        and len(subject.around(int(n))) == 1
        and not subject.has_own_kind_within(int(n), limits.stray_distance)
    ]


def hole_regions(subject: MaskSubject) -> list[int]:
    """Background regions of a few pixels that one far larger region encloses."""
    if subject.background is None:
        return []
    regions, limits = subject.regions, subject.limits
    small = np.flatnonzero(
        (regions.label == subject.background) & (regions.area <= limits.hole_pixels)
    )
    holes = []
    for n in small.tolist():
        outer = subject.enclosing(n)
        if outer is None or not subject.foreground[outer]:
            continue
        if regions.area[n] * limits.usual_factor <= regions.area[outer]:
            holes.append(n)
    return holes


def _specks(subject: MaskSubject) -> Iterator[LintFinding]:
    for label, found in _by_label(subject, speck_regions(subject)).items():
        one = len(found) == 1
        yield subject.finding(
            "MA301",
            f"{len(found)} {'speck' if one else 'specks'} of {subject.name_of(label)}, at most "
            f"{subject.limits.speck_pixels} px each; erase {'it' if one else 'them'}.",
            class_id=label,
            regions=found,
        )


def _holes(subject: MaskSubject) -> Iterator[LintFinding]:
    holes: dict[int, list[int]] = defaultdict(list)
    for n in hole_regions(subject):
        outer = subject.enclosing(n)
        assert outer is not None
        holes[int(subject.regions.label[outer])].append(n)
    for label, found in sorted(holes.items()):
        one = len(found) == 1
        yield subject.finding(
            "MA302",
            f"{len(found)} {'pinhole' if one else 'pinholes'} in {subject.name_of(label)}, at most "
            f"{subject.limits.hole_pixels} px each; fill {'it' if one else 'them'}.",
            class_id=label,
            regions=found,
        )


def _slivers(subject: MaskSubject) -> Iterator[LintFinding]:
    """Thin strips of classes that are not thin by nature."""
    regions = subject.regions
    extent = regions.stop - regions.start
    length = extent.max(axis=1)
    strips = subject.thin & (length >= subject.limits.sliver_length)
    strips &= ~np.isin(regions.label, sorted(subject.ignore))
    by_label = _by_label(subject, np.flatnonzero(strips).tolist())
    for label, found in by_label.items():
        thin_pixels = int(regions.area[subject.thin & (regions.label == label)].sum())
        if thin_pixels > _THIN_CLASS_SHARE * subject.areas[label]:
            continue
        one = len(found) == 1
        yield subject.finding(
            "MA303",
            f"{len(found)} {'sliver' if one else 'slivers'} of {subject.name_of(label)}, up to "
            f"{int(length[found].max())} px long and at most 2 px wide, as left between two "
            "outlines that should meet.",
            class_id=label,
            regions=found,
        )


def _border_gaps(subject: MaskSubject) -> Iterator[LintFinding]:
    """Regions with a straight side parallel to the edge and a pixel or two of nothing between."""
    if subject.background is None:
        return
    regions, limits = subject.regions, subject.limits
    gaps: dict[int, list[Box]] = defaultdict(list)
    for n in np.flatnonzero(subject.foreground).tolist():
        box = subject.box(n)
        for axis in (0, 1):
            along = box[1 - axis]
            extent = along[1] - along[0]
            if extent < limits.straight_length:
                continue
            for line, gap in _facing_edge(box[axis], subject.labels.shape[axis], limits.border_gap):
                across = (slice(*gap), slice(*along)) if axis == 0 else (slice(*along), slice(*gap))
                own = np.take(subject.picture, line, axis)[slice(*along)] == n + 1
                empty = (subject.labels[across] == subject.background).all(axis=axis)
                if _longest_run(own & empty) >= max(
                    limits.straight_length, _PARALLEL_SHARE * extent
                ):
                    sides = (gap, along) if axis == 0 else (along, gap)
                    gaps[int(regions.label[n])].append(sides)
    for label, boxes in sorted(gaps.items()):
        yield subject.finding(
            "MA304",
            f"{subject.name_of(label)} runs parallel to the picture's edge but stops "
            f"{limits.border_gap} px or less before it; draw it out to the edge.",
            class_id=label,
            boxes=boxes,
        )


def _facing_edge(
    side: tuple[int, int], size: int, widest: int
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Outermost line of a region and the gap to the picture's edge, where there is a small one."""
    low, high = side
    if 0 < low <= widest:
        yield low, (0, low)
    if 0 < size - high <= widest:
        yield high - 1, (high, size)


def _longest_run(flags: np.ndarray) -> int:
    """Length of the longest run of true values.

    Examples
    --------
    >>> _longest_run(np.array([True, True, False, True]))
    2
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _by_label(subject: MaskSubject, regions: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for n in regions:
        found[int(subject.regions.label[n])].append(n)
    return dict(sorted(found.items()))
