"""The part of a mask that an edit touched: a box, so that everything else can be left alone."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from ..errors import MaskError
from ..masks import LabelArray

#: One slice per axis, with numbers for start and stop.
Window: TypeAlias = tuple[slice, ...]


def changed_window(before: LabelArray, after: LabelArray) -> Window | None:
    """The smallest box that holds every pixel in which two masks differ.

    Parameters
    ----------
    before, after : ndarray of int, of one shape
        The mask before and after an edit.

    Returns
    -------
    tuple of slice or None
        None where nothing differs.

    Raises
    ------
    MaskError
        ``shape-mismatch``.

    Examples
    --------
    >>> before = np.zeros((4, 6), np.uint8)
    >>> after = before.copy()
    >>> after[1, 2], after[2, 4] = 1, 1
    >>> changed_window(before, after)
    (slice(1, 3, None), slice(2, 5, None))
    """
    if before.shape != after.shape:
        raise MaskError(
            "shape-mismatch",
            f"a mask of shape {before.shape} cannot become one of {after.shape}; masks are never "
            "resized.",
        )
    different = np.asarray(before != after)
    box: list[slice] = []
    for axis in range(before.ndim):
        # Each axis only looks at what the ones before it left over.
        others = tuple(other for other in range(before.ndim) if other != axis)
        hit = np.flatnonzero(different[tuple(box)].any(axis=others))
        if hit.size == 0:
            return None
        box.append(slice(int(hit[0]), int(hit[-1]) + 1))
    return tuple(box)


def grown(window: Window, by: int, shape: tuple[int, ...]) -> Window:
    """A window with a margin on every side, as far as the mask reaches.

    Examples
    --------
    >>> grown((slice(1, 3), slice(2, 5)), 2, (4, 6))
    (slice(0, 4, None), slice(0, 6, None))
    """
    return tuple(
        slice(max(0, part.start - by), min(size, part.stop + by))
        for part, size in zip(window, shape, strict=True)
    )


def within(inner: Window, outer: Window) -> Window:
    """A window in the coordinates of a larger one.

    Examples
    --------
    >>> within((slice(5, 7),), (slice(3, 9),))
    (slice(2, 4, None),)
    """
    return tuple(
        slice(part.start - frame.start, part.stop - frame.start)
        for part, frame in zip(inner, outer, strict=True)
    )


def size_of(window: Window) -> int:
    """Pixels in a window."""
    return int(np.prod([part.stop - part.start for part in window]))
