"""Rules about the ids in a mask: declared, in between, mixed, empty."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..masks import LabelArray, ids_in
from .finding import LintFinding
from .subject import MaskSubject, listed

# A label map changes its id at a few per cent of its pixels; a probability map at most of them.
_CHANGING_SHARE = 0.2
_MANY_IDS = 32
# In-between ids: at least this many places where one could be, and this share where one is.
_MIN_STEPS = 40
_BETWEEN_SHARE = 0.4
# Ids that occur only as scattered single pixels.
_SCATTERED_AREA = 2.5
_MANY_SCATTERED = 6


def check_values(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA104, MA201, MA202 and MA205 on one mask."""
    ids = ids_in(subject.stored)
    if looks_like_probabilities(subject.stored, len(ids)):
        yield subject.finding(
            "MA104",
            f"{len(ids)} ids from {min(ids)} to {max(ids)} that change from pixel to pixel: this "
            "looks like a probability map or a grey picture. Threshold it or export the class ids.",
        )
        return
    doubtful = between_ids(subject.stored) or scattered_ids(subject)
    if doubtful:
        yield subject.finding(
            "MA202",
            f"ids {listed(sorted(doubtful))} lie along the outlines of others, as after resampling "
            "with interpolation, smoothing or JPEG. Export the mask again; resize it with nearest "
            "neighbour only.",
            count=len(doubtful),
        )
    unknown = sorted(ids_in(subject.labels) - subject.declared - doubtful)
    if subject.declared and unknown and not subject.objects:
        regions = np.flatnonzero(np.isin(subject.regions.label, unknown)).tolist()
        yield subject.finding(
            "MA201",
            f"ids {listed(unknown)} are not in [classes]; they count as classes of their own. Name "
            "them, put them under ignore, or correct the mask.",
            regions=regions,
            count=len(unknown),
        )
    if len(ids) == 1 and not ids <= _nothing(subject):
        name = subject.name_of(int(subject.labels.flat[0]))
        yield subject.finding("MA205", f"every pixel is {name}; was the mask filled by accident?")


def is_empty(subject: MaskSubject) -> bool:
    """Whether a mask labels nothing: background and ignored ids only."""
    return ids_in(subject.labels) <= _nothing(subject)


def _nothing(subject: MaskSubject) -> frozenset[int]:
    background = 0 if subject.background is None and not subject.declared else subject.background
    return subject.ignore | ({background} if background is not None else set())


def looks_like_probabilities(labels: LabelArray, ids: int) -> bool:
    """Whether neighbouring pixels differ too often for a map of regions.

    Examples
    --------
    >>> ramp = np.add.outer(np.arange(40), np.arange(40)).astype(np.uint8)
    >>> looks_like_probabilities(ramp, 79), looks_like_probabilities(ramp // 40, 2)
    (True, False)
    """
    if ids < _MANY_IDS or labels.shape[-1] < 2:
        return False
    changes = np.count_nonzero(labels[..., 1:] != labels[..., :-1])
    return changes > _CHANGING_SHARE * labels[..., 1:].size


def between_ids(labels: LabelArray) -> frozenset[int]:
    """Ids that sit, one or two pixels wide, in between a lower and a higher one.

    Interpolation puts such ids along most outlines; in a drawn mask hardly any outline between
    two ids runs through a strip of an id that lies between them in value.

    Examples
    --------
    >>> sharp = np.repeat([[0, 0, 9, 9]], 60, axis=0)
    >>> smooth = np.repeat([[0, 4, 9, 9]], 60, axis=0)
    >>> sorted(between_ids(sharp)), sorted(between_ids(smooth))
    ([], [4])
    """
    steps = 0
    found: list[np.ndarray] = []
    for axis in range(labels.ndim - 2, labels.ndim):
        lines = np.moveaxis(labels, axis, -1).astype(np.int64, copy=False)
        for width in (1, 2):
            if lines.shape[-1] < width + 2:
                continue
            low, high = lines[..., : -width - 1], lines[..., width + 1 :]
            inner = [lines[..., n : lines.shape[-1] - width - 1 + n] for n in range(1, width + 1)]
            first, last = inner[0], inner[-1]
            rising = (low < first) & (first <= last) & (last < high)
            falling = (low > first) & (first >= last) & (last > high)
            between = rising | falling
            found += [values[between] for values in inner]
        steps += int(np.count_nonzero(np.abs(np.diff(lines, axis=-1)) > 1))
    values = np.concatenate(found) if found else np.zeros(0, np.int64)
    # a sharp outline is one step, a smoothed one two or more around the values between
    if values.size < _MIN_STEPS or values.size < _BETWEEN_SHARE * (steps + values.size / 2):
        return frozenset()
    return frozenset(np.unique(values).tolist())


def scattered_ids(subject: MaskSubject) -> frozenset[int]:
    """Ids whose regions are a pixel or two each; empty unless there are several such ids."""
    regions = subject.regions
    ids, inverse, counts = np.unique(regions.label, return_inverse=True, return_counts=True)
    mean = np.bincount(inverse, weights=regions.area) / counts
    scattered = ids[(mean < _SCATTERED_AREA) & (counts >= 2)]
    if scattered.size < _MANY_SCATTERED and 2 * scattered.size <= ids.size:
        return frozenset()
    return frozenset(scattered.tolist())
