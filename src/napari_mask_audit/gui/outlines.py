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


def region_of(finding: Finding) -> Region:
    """Where a finding is."""
    other = finding.class_id if finding.other_class_id is None else finding.other_class_id
    ids = (
        (other, finding.class_id) if finding.bucket in _BY_CANDIDATE else (finding.class_id, other)
    )
    box = tuple(slice(low, high) for low, high in finding.bbox)
    return Region(*ids, finding.pixels, box, finding.point)


def outline_finding(
    view: SampleView,
    finding: Finding,
    *,
    hidden_ids: Collection[int],
    object_ids_hidden: Collection[int] | None = None,
) -> Outlines:
    """Outlines of a finding, and of its classes in both masks around it, in its slice.

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

    Returns
    -------
    Outlines
        Reference and candidate in their legend colours, the finding in its own on top.
    """
    assert view.reference is not None
    assert view.candidate is not None
    region = region_of(finding)
    at = region.inside[:-2]
    window = neighbourhood(region, view.reference.shape)
    where: tuple[Any, ...] = (*at, *window)
    planes = [view.reference[where], view.candidate[where]]
    if object_ids_hidden is not None:
        planes = [foreground(plane, object_ids_hidden) for plane in planes]
    shapes = [
        (plane == class_id, color)
        for plane, color in zip(planes, (REFERENCE_COLOR, CANDIDATE_COLOR), strict=True)
        for class_id in sorted({region.reference_id, region.candidate_id} - set(hidden_ids))
    ]
    shapes.append((_wrong_pixels(finding, planes[0], planes[1], window), FINDING_COLOR))
    parts: list[NDArray[np.float64]] = [np.zeros((0, 2, view.reference.ndim))]
    colors: list[str] = []
    for inside, color in shapes:
        for segments in contour_segments(inside):
            segments[:, 0] += [s.start for s in window]
            parts.append(in_slice(segments, at))
            colors += [color] * len(segments)
    return Outlines(np.concatenate(parts), colors)


def _wrong_pixels(
    finding: Finding,
    reference: LabelArray,
    candidate: LabelArray,
    window: tuple[slice, slice],
) -> NDArray[np.bool_]:
    """The finding's pixels: those within its box that are wrong in its way."""
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
    boxed = np.zeros(reference.shape, np.bool_)
    boxed[
        tuple(
            slice(max(0, low - part.start), max(0, high - part.start))
            for (low, high), part in zip(finding.bbox[-2:], window, strict=True)
        )
    ] = True
    return np.asarray(wrong & boxed)


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
