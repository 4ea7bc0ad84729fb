"""Sub-pixel outlines around one region, as line segments for a napari Vectors layer.

Only the neighbourhood of the region is traced: outlines of a whole large image take seconds and
slow the canvas down, while around one region they take milliseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from ..overlay import OVERLAY_LEGEND
from .sample_view import Region, SampleView

#: Neighbourhood shown around a region, as a share of its size, and at least so many pixels.
MARGIN, MIN_MARGIN_PX = 0.25, 12
# A region may span the whole image; beyond this many pixels only the part around its inner pixel
# is traced.
_MAX_SIDE_PX = 1024

REFERENCE_COLOR = OVERLAY_LEGEND[0].color
CANDIDATE_COLOR = OVERLAY_LEGEND[1].color


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


def outline_region(view: SampleView, region: Region, hidden_ids: Collection[int]) -> Outlines:
    """Outlines of the classes of a region in both masks, in the region's slice and surroundings.

    Parameters
    ----------
    view : SampleView
        The sample, with both masks.
    region : Region
        One of its regions.
    hidden_ids : collection of int
        Ids without an outline of their own, such as the background.

    Returns
    -------
    Outlines
        Reference and candidate in their legend colours; a pixel outlined by both shows the
        candidate's line on top.
    """
    assert view.reference is not None
    assert view.candidate is not None
    at = region.inside[:-2]
    window = neighbourhood(region, view.reference.shape)
    ids = sorted({region.reference_id, region.candidate_id} - set(hidden_ids))
    parts: list[NDArray[np.float64]] = []
    colors: list[str] = []
    for mask, color in ((view.reference, REFERENCE_COLOR), (view.candidate, CANDIDATE_COLOR)):
        where: tuple[Any, ...] = (*at, *window)
        plane: LabelArray = mask[where]
        for class_id in ids:
            for segments in _segments(plane == class_id):
                segments[:, 0] += [s.start for s in window]
                parts.append(_in_slice(segments, at))
                colors += [color] * len(segments)
    empty = np.zeros((0, 2, view.reference.ndim))
    return Outlines(np.concatenate(parts) if parts else empty, colors)


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


def _segments(inside: NDArray[np.bool_]) -> Iterator[NDArray[np.float64]]:
    """Segments (start, direction) of every contour at one half, in (y, x) of the window."""
    from skimage.measure import find_contours

    if not inside.any() or inside.all() or min(inside.shape) < 2:
        return
    for contour in find_contours(inside.astype(np.float32), 0.5):
        steps = np.diff(contour, axis=0)
        yield np.stack([contour[:-1], steps], axis=1)


def _in_slice(segments: NDArray[np.float64], at: tuple[int, ...]) -> NDArray[np.float64]:
    """Put planar segments into a slice of a volume."""
    if not at:
        return segments
    placed = np.zeros((len(segments), 2, 2 + len(at)))
    placed[:, 0, : len(at)] = at
    placed[:, :, len(at) :] = segments
    return placed
