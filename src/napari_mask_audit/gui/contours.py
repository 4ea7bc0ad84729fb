"""Sub-pixel outlines of both masks in the part of a slice that is on the canvas; for a worker.

Lines of the reference, of the candidate and of both are told apart, so that agreement is not drawn
in the colour of whoever is drawn last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..masks import LabelArray
from ..overlay import CANDIDATE_ONLY, OVERLAY_LEGEND, REFERENCE_ONLY
from .outlines import Outlines, contour_segments, in_slice
from .sample_view import SampleView

#: Beyond so many pixels in view, or so many line segments, outlines would be slow to trace and to
#: draw, and lie too close together to tell apart: then the disagreement layer is shown instead.
MAX_PIXELS, MAX_SEGMENTS = 1024 * 1024, 15_000
_COLORS = {entry.code: entry.color for entry in OVERLAY_LEGEND}


def trace_outlines(
    view: SampleView,
    window: tuple[slice, slice],
    at: tuple[int, ...],
    hidden_ids: Collection[int],
) -> Outlines | None:
    """Outlines of every class or object within a window, at half between it and what is not.

    Parameters
    ----------
    view : SampleView
        The sample.
    window : (slice, slice)
        Which part of the slice, (y, x).
    at : tuple of int
        Which slice; empty for an image.
    hidden_ids : collection of int
        Ids without an outline of their own, such as the background.

    Returns
    -------
    Outlines or None
        None where there are too many to draw.
    """
    where: tuple[int | slice, ...] = (*at, *window)
    planes = [
        (code, mask[where])
        for code, mask in ((REFERENCE_ONLY, view.reference), (CANDIDATE_ONLY, view.candidate))
        if mask is not None
    ]
    if any(plane.size > MAX_PIXELS for _, plane in planes):
        return None
    parts, codes = [], []
    for code, plane in planes:
        for segments in _of_all_ids(plane, hidden_ids):
            parts.append(segments)
            codes.append(np.full(len(segments), code, np.uint8))
    if sum(map(len, parts)) > 4 * MAX_SEGMENTS:
        return None
    if not parts:
        return Outlines(np.zeros((0, 2, len(view.shape))), [])
    segments, merged = _merged(np.concatenate(parts), np.concatenate(codes))
    if len(segments) > MAX_SEGMENTS:
        return None
    segments[:, 0] += [part.start for part in window]
    return Outlines(in_slice(segments, at), [_COLORS[c] for c in merged.tolist()])


def _of_all_ids(plane: LabelArray, hidden_ids: Collection[int]) -> Iterator[NDArray[np.float64]]:
    """Segments of each id that occurs, in pixels of the plane."""
    ids, compact = np.unique(plane, return_inverse=True)
    boxes = ndimage.find_objects(compact.reshape(plane.shape) + 1)
    for class_id, box in zip(ids.tolist(), boxes, strict=True):
        if class_id in hidden_ids or box is None:
            continue
        grown = tuple(slice(max(0, part.start - 1), part.stop + 1) for part in box)
        for segments in contour_segments(plane[grown] == class_id):
            segments[:, 0] += [part.start for part in grown]
            yield segments


def _merged(
    segments: NDArray[np.float64], code: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Each segment once, with the codes of everybody who has it; both codes make BOTH.

    The outline between two classes is one of each, in opposite directions.
    """
    ends = np.stack([segments[:, 0], segments[:, 0] + segments[:, 1]], axis=1)
    keys = np.rint(ends * 2).astype(np.int64)  # contours of whole numbers run through half pixels
    swap = (keys[:, 0, 0] > keys[:, 1, 0]) | (
        (keys[:, 0, 0] == keys[:, 1, 0]) & (keys[:, 0, 1] > keys[:, 1, 1])
    )
    keys[swap] = keys[swap][:, ::-1]
    _, first, group = np.unique(
        keys.reshape(len(keys), 4), axis=0, return_index=True, return_inverse=True
    )
    merged = np.zeros(len(first), np.uint8)
    np.bitwise_or.at(merged, group.reshape(-1), code)
    return segments[first], merged
