"""Rules for volumes: a structure that is absent in one slice between two others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..findings import Box
from .finding import LintFinding
from .subject import MaskSubject, listed

# Cross-sections above and below belong together if they share this much of the smaller one.
_OVERLAP_SHARE = 0.5


def check_continuity(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA601 on one mask."""
    if subject.labels.ndim != 3:
        return
    axis = subject.slices_along or 0
    slices = np.moveaxis(subject.labels, axis, 0)
    skipped: dict[int, list[Box]] = defaultdict(list)
    for label in sorted(subject.areas):
        if label != subject.background and label not in subject.ignore:
            boxes = skipped_slices(slices == label, subject.limits.slice_pixels)
            skipped[label] = [subject.lifted(box[1:], box[0][0]) for box in boxes]
    for label, boxes in skipped.items():
        if boxes:
            yield subject.finding(
                "MA601",
                f"{subject.name_of(label)} is absent in slice "
                f"{listed(box[axis][0] for box in boxes)} but present in the slices on both sides; "
                "draw it there too.",
                class_id=label,
                boxes=boxes,
            )


def skipped_slices(mask: NDArray[np.bool_], smallest: int) -> list[Box]:
    """Boxes of the places where a structure skips exactly one slice.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
        One class or object.
    smallest : int
        Pixels its cross-sections above and below must have in common.

    Returns
    -------
    list of Box
        One per slice that is empty of it. Where other parts of the class are in that slice, the
        gap must not touch them.

    Examples
    --------
    >>> mask = np.ones((3, 4, 4), bool)
    >>> mask[1] = False
    >>> skipped_slices(mask, 10)
    [((1, 2), (0, 4), (0, 4))]
    """
    found: list[Box] = []
    for z in range(1, mask.shape[0] - 1):
        below, above = mask[z - 1], mask[z + 1]
        if not below.any() or not above.any():
            continue
        both = below & above
        common = np.count_nonzero(both & ~mask[z])
        smaller = min(np.count_nonzero(below), np.count_nonzero(above))
        if common < max(smallest, _OVERLAP_SHARE * smaller) or (both & mask[z]).any():
            continue
        rows, columns = np.flatnonzero(both.any(axis=1)), np.flatnonzero(both.any(axis=0))
        found.append(
            (
                (z, z + 1),
                (int(rows[0]), int(rows[-1]) + 1),
                (int(columns[0]), int(columns[-1]) + 1),
            )
        )
    return found
