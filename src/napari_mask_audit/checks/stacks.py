"""MA111: a pile of masks in one array, one per class or object, that was read as a volume."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .finding import LintFinding
from .subject import MaskSubject

_MOST_CLASSES = 64
_FEWEST = 2
# Neighbouring slices of a volume share most of what they show; objects in a pile hardly anything.
_SHARED = 0.05
_FEWEST_OBJECTS = 4
# Where channels come last, the last axis is this much shorter than the others.
_FLAT = 8


def check_stack(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA111 on one mask."""
    labels = subject.stored
    if labels.ndim != 3:
        return
    for axis in (0, 2):
        layers = np.moveaxis(labels != 0, axis, 0)
        if not _FEWEST <= len(layers) <= _MOST_CLASSES or len(np.unique(labels)) > 2:
            continue
        if axis == 2 and len(layers) * _FLAT > min(layers.shape[1:]):
            continue
        if one_hot(layers):
            what = "every pixel is set in exactly one of them: one layer per class"
        elif axis == 0 and apart(layers):
            what = "what they show hardly overlaps: one layer per object"
        else:
            continue
        yield subject.finding(
            "MA111",
            f"{len(layers)} layers of 0 and one other value, and {what}. It would be measured as "
            "a volume; save one mask in which every pixel holds its id.",
            count=len(layers),
        )
        return


def one_hot(layers: NDArray[np.bool_]) -> bool:
    """Whether every pixel is set in exactly one layer, and at least two layers show something.

    Examples
    --------
    >>> road = np.array([[True, False]])
    >>> one_hot(np.stack([road, ~road])), one_hot(np.stack([road, road]))
    (True, False)
    """
    shown = np.count_nonzero(layers.any(axis=(1, 2)))
    return bool(shown >= _FEWEST and (layers.sum(axis=0) == 1).all())


def apart(layers: NDArray[np.bool_]) -> bool:
    """Whether every layer shows something, and neighbours nearly nothing in common."""
    sizes = layers.sum(axis=(1, 2))
    if len(layers) < _FEWEST_OBJECTS or not sizes.all():
        return False
    shared = (layers[1:] & layers[:-1]).sum(axis=(1, 2))
    return bool(shared.sum() < _SHARED * np.minimum(sizes[1:], sizes[:-1]).sum())
