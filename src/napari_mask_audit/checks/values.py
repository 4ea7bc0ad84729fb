"""Rules about the ids in a mask: declared, in between, mixed, empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from .finding import LintFinding
from .subject import MaskSubject, listed

# A label map changes its id at a few per cent of its pixels; a probability map at most of them.
_CHANGING_SHARE = 0.2
_MANY_IDS = 32
# In-between ids: at least this many pixels, and this share of all pixels of the id.
_MIN_BETWEEN = 40
_BETWEEN_SHARE = 0.5
# They must also be so common, compared with outlines without one.
_STRIP_SHARE = 0.25
# Where the ids are all declared: this many pairs of ids, nearly all of which blend into each other.
_MIN_PAIRS = 3
_BLENDING_SHARE = 0.7
# Ids that occur only as scattered single pixels.
_SCATTERED_AREA = 2.5
_MANY_SCATTERED = 6


def check_values(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA104, MA201, MA202 and MA205 on one mask."""
    ids = subject.stored_ids
    if looks_like_probabilities(subject.stored, len(ids)):
        yield subject.finding(
            "MA104",
            f"{len(ids)} ids from {min(ids)} to {max(ids)} that change from pixel to pixel: this "
            "looks like a probability map or a grey picture. Threshold it or export the class ids.",
        )
        return
    doubtful = between_ids(subject.stored, subject.declared) or scattered_ids(subject)
    if doubtful:
        yield subject.finding(
            "MA202",
            f"ids {listed(sorted(doubtful))} lie along the outlines of others, as after resampling "
            "with interpolation, smoothing or JPEG. Export the mask again; resize it with nearest "
            "neighbour only.",
            count=len(doubtful),
        )
    unknown = sorted(subject.ids - subject.declared - doubtful)
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
    return subject.ids <= _nothing(subject)


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
    return bool(changes > _CHANGING_SHARE * labels[..., 1:].size)


@dataclass(frozen=True, eq=False)
class Passages:
    """Places where a line of pixels goes up or down through a strip one or two pixels wide.

    Attributes
    ----------
    low, high : ndarray of int64, shape (n,)
        The ids on both sides of the strip, the smaller first.
    value, width : ndarray of int64, shape (n,)
        The first id of the strip, and its width.
    direct : ndarray of int64, shape (m, 2)
        Pairs of neighbouring ids more than one apart, the smaller first: outlines without strip.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    value: NDArray[np.int64]
    width: NDArray[np.int64]
    direct: NDArray[np.int64]


def find_passages(labels: LabelArray) -> Passages:
    """Strips between a lower and a higher id, along rows and columns."""
    strips: list[NDArray[np.int64]] = []
    steps: list[NDArray[np.int64]] = []
    for axis in range(labels.ndim - 2, labels.ndim):
        lines = np.moveaxis(labels, axis, -1)
        jump = np.abs(np.diff(lines.astype(np.int64), axis=-1)) > 1
        for width in (1, 2):
            span = lines.shape[-1] - width - 1
            if span < 1:
                continue
            first, last = lines[..., :span], lines[..., width + 1 :]
            inner, outer = lines[..., 1 : span + 1], lines[..., width : span + width]
            rising = (first < inner) & (inner <= outer) & (outer < last)
            falling = (first > inner) & (inner >= outer) & (outer > last)
            where = rising | falling
            ends = np.sort(np.stack([first[where], last[where]]).astype(np.int64), axis=0)
            widths = np.full(ends.shape[1], width)
            strips.append(np.stack([*ends, inner[where].astype(np.int64), widths]))
            for step in range(width + 1):  # the steps into and out of a strip are no outlines
                jump[..., step : step + span] &= ~where
        pair = np.stack([lines[..., :-1][jump], lines[..., 1:][jump]]).astype(np.int64)
        steps.append(np.sort(pair, axis=0))
    low, high, value, width = np.concatenate(strips, axis=1)
    return Passages(low, high, value, width, np.concatenate(steps, axis=1).T)


def between_ids(labels: LabelArray, declared: frozenset[int] = frozenset()) -> frozenset[int]:
    """Ids that interpolation made: strips along the outlines between a lower and a higher id.

    In a drawn mask hardly any outline runs through a strip of an id that lies between its two
    sides in value. Ids that occur mostly there are made up; where every id is declared, nearly
    all pairs of ids blending into each other gives it away.

    Parameters
    ----------
    labels : ndarray of integer
        The mask.
    declared : frozenset of int
        Ids with a meaning, which may well form strips.

    Examples
    --------
    >>> sharp = np.repeat([[0, 0, 9, 9]], 60, axis=0)
    >>> smooth = np.repeat([[0, 4, 9, 9]], 60, axis=0)
    >>> sorted(between_ids(sharp)), sorted(between_ids(smooth))
    ([], [4])
    """
    if min(labels.shape[-2:]) < 4:
        return frozenset()
    found = find_passages(labels)
    undeclared = found.high - found.low > 2  # between 0 and 2 an id 1 is more often a real rim
    made_up = []
    for value in np.unique(found.value[undeclared]).tolist():
        own = undeclared & (found.value == value)
        pixels = int(found.width[own].sum())
        everywhere = int(np.count_nonzero(labels == value))
        if value not in declared and pixels >= _BETWEEN_SHARE * everywhere:
            made_up.append((value, pixels))
    strips = sum(pixels for _, pixels in made_up)
    if strips >= max(_MIN_BETWEEN, _STRIP_SHARE * len(found.direct)):
        return frozenset(value for value, _ in made_up)
    return _blending(found)


def _blending(found: Passages) -> frozenset[int]:
    """The ids in strips when nearly all pairs of ids more than one apart blend, otherwise none."""
    strips: dict[tuple[int, int], int] = _tally(np.stack([found.low, found.high], axis=1))
    direct = _tally(found.direct)
    often = [p for p in strips.keys() | direct.keys() if _both(strips, direct, p) >= _MIN_BETWEEN]
    blending = [p for p in often if strips.get(p, 0) > _BETWEEN_SHARE * _both(strips, direct, p)]
    if len(blending) < _MIN_PAIRS or len(blending) < _BLENDING_SHARE * len(often):
        return frozenset()
    return frozenset(np.unique(found.value).tolist())


def _tally(pairs: NDArray[np.int64]) -> dict[tuple[int, int], int]:
    unique, counts = np.unique(pairs, axis=0, return_counts=True)
    return {(int(a), int(b)): int(n) for (a, b), n in zip(unique, counts, strict=True)}


def _both(
    strips: dict[tuple[int, int], int], direct: dict[tuple[int, int], int], pair: tuple[int, int]
) -> int:
    return strips.get(pair, 0) + direct.get(pair, 0)


def scattered_ids(subject: MaskSubject) -> frozenset[int]:
    """Ids whose regions are a pixel or two each; empty unless there are several such ids."""
    regions = subject.regions
    ids, inverse, counts = np.unique(regions.label, return_inverse=True, return_counts=True)
    mean = np.bincount(inverse, weights=regions.area) / counts
    scattered = ids[(mean < _SCATTERED_AREA) & (counts >= 2)]
    if scattered.size < _MANY_SCATTERED and 2 * scattered.size <= ids.size:
        return frozenset()
    return frozenset(scattered.tolist())
