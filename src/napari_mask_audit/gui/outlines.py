"""Sub-pixel outlines around one finding, as line segments for a napari Vectors layer.

Only the neighbourhood of the region is traced: outlines of a whole large image take seconds and
slow the canvas down, while around one region they take milliseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..failures import Bucket
from ..findings import Finding
from ..masks import LabelArray
from ..overlay import OVERLAY_LEGEND
from .explanation import foreground
from .sample_view import Region, SampleView

#: Neighbourhood shown around a region, as a share of its size, and at least so many pixels.
MARGIN, MIN_MARGIN_PX = 0.25, 12
# A region may span the whole image; beyond this many pixels only the part around its inner pixel
# is traced.
_MAX_SIDE_PX = 1024
# Slices before and after the one that is looked at with outlines, too.
_MOST_SLICES = 12

REFERENCE_COLOR = OVERLAY_LEGEND[0].color
CANDIDATE_COLOR = OVERLAY_LEGEND[1].color
#: Colour of what is looked at: none of those that are painted, also to colour-blind eyes.
FINDING_COLOR = "#80FFC0"

_MISSED = (Bucket.MISSED_SMALL, Bucket.MISSED_LARGE)
_BY_CANDIDATE = (Bucket.FALSE_REGION, Bucket.MERGE, Bucket.OVER_EXTENT)


@dataclass(frozen=True, eq=False)
class Outlines:
    """Line segments and the colour of each.

    Attributes
    ----------
    segments : ndarray of float, shape (n, 2, ndim)
        Start and direction of each segment, in pixels of the mask.
    colors : list of str
        ``#RRGGBB`` of each segment.
    """

    segments: NDArray[np.float64]
    colors: list[str]


def region_of(finding: Finding, inside: tuple[int, ...] | None = None) -> Region:
    """Where a finding is; it is looked at through its own pixel, or another one inside it."""
    other = finding.class_id if finding.other_class_id is None else finding.other_class_id
    ids = (
        (other, finding.class_id) if finding.bucket in _BY_CANDIDATE else (finding.class_id, other)
    )
    box = tuple(slice(low, high) for low, high in finding.bbox)
    return Region(*ids, finding.pixels, box, inside or finding.point)


def worst_place(
    view: SampleView, finding: Finding, *, object_ids_hidden: Collection[int] | None = None
) -> tuple[int, ...]:
    """The pixel to look at: of a volume, in the slice with most of the finding's wrong pixels.

    Parameters
    ----------
    view : SampleView
        The sample, with both masks.
    finding : Finding
        One of its findings.
    object_ids_hidden : collection of int, optional
        As for :func:`outline_finding`.
    """
    if len(view.shape) == 2:
        return finding.point
    box = tuple(slice(low, high) for low, high in finding.bbox)
    wrong = _is_wrong(finding, *_crops(view, box, object_ids_hidden))
    counts = np.count_nonzero(wrong, axis=(1, 2))
    worst = int(counts.argmax())
    if not counts[worst] or worst + box[0].start == finding.point[0]:
        return finding.point
    places = np.argwhere(wrong[worst])
    middle = places[np.abs(places - places.mean(axis=0)).sum(axis=1).argmin()]
    return (
        worst + box[0].start,
        *(int(m) + part.start for m, part in zip(middle, box[1:], strict=True)),
    )


def outline_finding(
    view: SampleView,
    finding: Finding,
    *,
    hidden_ids: Collection[int],
    object_ids_hidden: Collection[int] | None = None,
    inside: tuple[int, ...] | None = None,
) -> Outlines:
    """Outlines of a finding, and of its classes in both masks around it.

    Of a volume, in each slice of the finding up to some way from the one that is looked at.

    Parameters
    ----------
    view : SampleView
        The sample, with both masks.
    finding : Finding
        One of its findings.
    hidden_ids : collection of int
        Ids without an outline of their own, such as the background.
    object_ids_hidden : collection of int, optional
        Given where ids are objects: every id but these is one of class 1, as findings see it.
    inside : tuple of int, optional
        The pixel that is looked at, instead of the finding's own.

    Returns
    -------
    Outlines
        Reference and candidate in their legend colours, the finding in its own on top.
    """
    region = region_of(finding, inside)
    window = neighbourhood(region, view.shape)
    shown = sorted({region.reference_id, region.candidate_id} - set(hidden_ids))
    parts: list[NDArray[np.float64]] = [np.zeros((0, 2, len(view.shape)))]
    colors: list[str] = []
    for at in _slices(region):
        planes = _crops(view, (*at, *window), object_ids_hidden)
        shapes = [
            (plane == class_id, color)
            for plane, color in zip(planes, (REFERENCE_COLOR, CANDIDATE_COLOR), strict=True)
            for class_id in shown
        ]
        shapes.append((_is_wrong(finding, *planes) & _in_box(finding, window), FINDING_COLOR))
        for pixels, color in shapes:
            for segments in contour_segments(pixels):
                segments[:, 0] += [s.start for s in window]
                parts.append(in_slice(segments, at))
                colors += [color] * len(segments)
    return Outlines(np.concatenate(parts), colors)


def _slices(region: Region) -> list[tuple[int, ...]]:
    """The slices a region is outlined in; one empty place for an image."""
    if len(region.inside) == 2:
        return [()]
    here, box = region.inside[0], region.box[0]
    first, last = max(box.start, here - _MOST_SLICES), min(box.stop, here + _MOST_SLICES + 1)
    return [(number,) for number in range(first, last)]


def _crops(
    view: SampleView, where: tuple[Any, ...], object_ids_hidden: Collection[int] | None
) -> tuple[LabelArray, LabelArray]:
    """A part of both masks, as findings see them."""
    assert view.reference is not None
    assert view.candidate is not None
    reference, candidate = view.reference[where], view.candidate[where]
    if object_ids_hidden is None:
        return reference, candidate
    return foreground(reference, object_ids_hidden), foreground(candidate, object_ids_hidden)


def _is_wrong(finding: Finding, reference: LabelArray, candidate: LabelArray) -> NDArray[np.bool_]:
    """Pixels that are wrong in the finding's way; within its box they are the finding."""
    own, other = finding.class_id, finding.other_class_id
    if finding.bucket in _MISSED:
        wrong = (reference == own) & (candidate != own)
    elif finding.bucket == Bucket.FALSE_REGION:
        wrong = (candidate == own) & (reference != own)
    elif finding.bucket in _BY_CANDIDATE:
        wrong = (candidate == own) & (reference == other)
    else:
        wrong = (reference == own) & (candidate == other)
        if finding.bucket == Bucket.BOUNDARY:
            wrong |= (reference == other) & (candidate == own)
    return np.asarray(wrong)


def _in_box(finding: Finding, window: tuple[slice, slice]) -> NDArray[np.bool_]:
    """The part of a window that lies in the finding's box."""
    boxed = np.zeros([part.stop - part.start for part in window], np.bool_)
    boxed[
        tuple(
            slice(max(0, low - part.start), max(0, high - part.start))
            for (low, high), part in zip(finding.bbox[-2:], window, strict=True)
        )
    ] = True
    return boxed


def neighbourhood(region: Region, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The part of the region's slice to look at: its box with a margin, within the mask."""
    found = []
    for axis in (-2, -1):
        box, size = region.box[axis], shape[axis]
        margin = max(MIN_MARGIN_PX, round(MARGIN * (box.stop - box.start)))
        start, stop = max(0, box.start - margin), min(size, box.stop + margin)
        if stop - start > _MAX_SIDE_PX:
            start = min(max(start, region.inside[axis] - _MAX_SIDE_PX // 2), stop - _MAX_SIDE_PX)
            stop = start + _MAX_SIDE_PX
        found.append(slice(start, stop))
    return found[0], found[1]


def contour_segments(inside: NDArray[np.bool_]) -> Iterator[NDArray[np.float64]]:
    """Segments (start, direction) of every contour at one half, in (y, x) of the window."""
    from skimage.measure import find_contours

    if not inside.any() or inside.all() or min(inside.shape) < 2:
        return
    # Pixels that meet at a corner belong together, as everywhere else here.
    for contour in find_contours(inside.astype(np.float32), 0.5, fully_connected="high"):
        steps = np.diff(contour, axis=0)
        yield np.stack([contour[:-1], steps], axis=1)


def in_slice(segments: NDArray[np.float64], at: tuple[int, ...]) -> NDArray[np.float64]:
    """Put planar segments into a slice of a volume."""
    if not at:
        return segments
    placed = np.zeros((len(segments), 2, 2 + len(at)))
    placed[:, 0, : len(at)] = at
    placed[:, :, len(at) :] = segments
    return placed
