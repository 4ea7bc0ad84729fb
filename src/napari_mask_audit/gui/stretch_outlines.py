"""The lines that show one stretch of boundary on the canvas; no Qt here.

They are pixel edges between the class and what is not the class, next to the stretch's elements,
so that the line lies exactly on the boundary that was measured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..boundaries import DirectedDistances
from ..boundary_stretches import Stretch
from .boundary_view import BoundaryView
from .outlines import FINDING_COLOR, Outlines, neighbourhood
from .sample_view import Region

# The counterpart of a stretch is shown beside it up to this far away.
_NEAR_PX = 40


def window_of(view: BoundaryView, stretch: Stretch) -> tuple[slice, slice]:
    """The part of the slice to look at: the stretch and, where it is near, the other outline.

    Of a long stretch, it is the part around its worst place.
    """
    pixel = view.pixel
    away = int(min(stretch.largest / pixel, _NEAR_PX)) if stretch.largest < np.inf else 0
    box = tuple(
        slice(max(0, part.start - away), min(size, part.stop + away))
        for part, size in zip(stretch.box, view.reference.shape, strict=True)
    )
    region = Region(stretch.class_id, stretch.class_id, 0, box, stretch.inside)
    return neighbourhood(region, view.reference.shape)


def outline_stretch(view: BoundaryView, stretch: Stretch) -> Outlines:
    """The stretch on both outlines within its window, in the colour of what is looked at."""
    window, surfaces = window_of(view, stretch), view.surfaces[stretch.class_id]
    at = stretch.inside[:-2]
    parts = [np.zeros((0, 2, view.reference.ndim))]
    for mask, side, elements in (
        (view.reference, surfaces.reference, stretch.reference_elements),
        (view.candidate, surfaces.candidate, stretch.candidate_elements),
    ):
        marked = _marked(side, elements, at, window)
        where: tuple[int | slice, ...] = (*at, *window)
        inside = np.pad(mask[where] == stretch.class_id, 1)
        segments = _edges(inside, marked, is_corner=bool(side.origin))
        segments[:, 0] += [part.start for part in window]
        placed = np.zeros((len(segments), 2, mask.ndim))
        placed[:, 0, : len(at)] = at
        placed[:, :, len(at) :] = segments
        parts.append(placed)
    lines = np.concatenate(parts)
    return Outlines(lines, [FINDING_COLOR] * len(lines))


def _marked(
    side: DirectedDistances,
    elements: NDArray[np.int64],
    at: tuple[int, ...],
    window: tuple[slice, slice],
) -> NDArray[np.bool_]:
    """The window's lattice points that belong to the stretch, in the slice that is shown."""
    places = np.column_stack(np.unravel_index(side.lattice_index[elements], side.lattice))
    is_corner = bool(side.origin)
    here = np.ones(len(places), np.bool_)
    for axis, number in enumerate(at):
        # A corner of a volume lies between two slices and is drawn in both.
        away = places[:, axis] - number
        here &= (away == 0) | (is_corner & (away == 1))
    start = np.array([part.start for part in window])
    shape = tuple(part.stop - part.start + is_corner for part in window)
    yx = places[here][:, -2:] - start
    yx = yx[((yx >= 0) & (yx < shape)).all(axis=1)]
    marked = np.zeros(shape, np.bool_)
    marked[tuple(yx.T)] = True
    return marked


def _edges(
    inside: NDArray[np.bool_], marked: NDArray[np.bool_], *, is_corner: bool
) -> NDArray[np.float64]:
    """Pixel edges (start, direction) of the class next to marked lattice points.

    Parameters
    ----------
    inside : ndarray of bool, shape (h + 2, w + 2)
        Pixels of the class, with a frame of what is not.
    marked : ndarray of bool
        Marked corners, shape (h + 1, w + 1), or marked pixels, shape (h, w).
    is_corner : bool
        Which of the two.
    """
    found = []
    for axis in (0, 1):
        # An edge across `axis` lies between a pixel and the next one along it.
        along = 1 - axis
        differs = np.diff(inside.astype(np.int8), axis=axis) != 0
        keep = [slice(None), slice(None)]
        keep[along] = slice(1, -1)
        differs = differs[tuple(keep)]
        if is_corner:
            ends = [np.take(marked, r, axis=along) for r in _both(marked.shape[along])]
            differs &= ends[0] | ends[1]
        else:
            framed = np.pad(marked, [(1, 1) if a == axis else (0, 0) for a in (0, 1)])
            sides = [np.take(framed, r, axis=axis) for r in _both(framed.shape[axis])]
            differs &= sides[0] | sides[1]
        start = np.argwhere(differs) - 0.5
        step = np.zeros_like(start)
        step[:, along] = 1.0
        found.append(np.stack([start, step], axis=1))
    return np.concatenate(found)


def _both(size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All places but the last, and all but the first."""
    return np.arange(size - 1), np.arange(1, size)
