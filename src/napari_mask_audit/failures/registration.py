"""Whether the whole mask is in the wrong place, or at the wrong scale.

The best shift is the peak of the correlation of the class images, found with a Fourier transform
on a thinned grid and refined pixel by pixel. Scale is read from how far the classes spread. Either
is believed only if undoing it removes most of the error where the two masks overlap.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import count_tuples
from ..masks import LabelArray
from ..scores import mean_of

#: Largest shift that is looked for, in pixels along each axis.
MAXIMUM_SHIFT = 16
#: Images are thinned to about this many pixels for the correlation.
_GRID_PIXELS = 1 << 18
#: With more classes than this, classes are coded by this many random numbers each.
_CHANNELS = 8
#: Scales closer to 1 than this are a matter of outlines.
_SCALE_MARGIN = 0.05
Index = list[NDArray[np.int64]]


@dataclass(frozen=True)
class Undone:
    """What undoing something does to the score.

    Attributes
    ----------
    before, after : float
        Mean IoU without and with the correction, over the pixels that both masks cover.
    """

    before: float
    after: float

    @property
    def removed(self) -> float:
        """Share of 1 − mean IoU that the correction removes."""
        lost = 1 - self.before
        return (self.after - self.before) / lost if lost > 0 else 0.0

    def evidence(self) -> dict[str, Any]:
        """The numbers, for a cause."""
        return {
            "mean_iou": self.before,
            "mean_iou_without": self.after,
            "removed_share": self.removed,
        }


@dataclass(frozen=True)
class Realigned(Undone):
    """What moving or scaling the candidate back does.

    Attributes
    ----------
    vector : tuple of int
        Where the candidate lies relative to the reference, in pixels per axis.
    scale : tuple of float
        How large it is drawn relative to the reference, per axis.
    """

    vector: tuple[int, ...]
    scale: tuple[float, ...]

    def evidence(self) -> dict[str, Any]:
        """The numbers, for a cause."""
        return {"vector_px": list(self.vector), "scale": list(self.scale), **super().evidence()}


def best_shift(
    reference: LabelArray,
    candidate: LabelArray,
    left_out: Collection[int],
    background: int | None,
    ignore_ids: Sequence[int],
) -> Realigned | None:
    """The shift by whole pixels at which the candidate fits the reference best.

    Returns
    -------
    Realigned or None
        None when it fits best where it is.
    """
    shape = reference.shape
    step = max(1, math.ceil((math.prod(shape) / _GRID_PIXELS) ** (1 / len(shape))))
    # Axes with few pixels (slices) are not thinned: a step there may be a whole object.
    steps = tuple(step if n >= 8 * step else 1 for n in shape)
    thin = tuple(slice(None, None, s) for s in steps)
    reach = tuple(min(MAXIMUM_SHIFT, n // 4) for n in shape)
    coarse_reach = [max(1, r // s) for r, s in zip(reach, steps, strict=True)]
    coarse = _correlation_peak(
        reference[thin], candidate[thin], coarse_reach, background, ignore_ids
    )
    start = tuple(c * s for c, s in zip(coarse, steps, strict=True))
    vector = _refine(reference, candidate, start, steps, reach, ignore_ids)
    if not any(vector):
        return None
    own, other = _overlapping(shape, vector)
    still = mean_iou_of(reference[own], candidate[own], left_out, ignore_ids)
    moved = mean_iou_of(reference[own], candidate[other], left_out, ignore_ids)
    return Realigned(still, moved, vector, (1.0,) * len(shape))


def _correlation_peak(
    reference: LabelArray,
    candidate: LabelArray,
    reach: Sequence[int],
    background: int | None,
    ignore_ids: Sequence[int],
) -> tuple[int, ...]:
    """Shift with the most pixels of equal class, background aside."""
    from scipy.fft import irfftn, next_fast_len, rfftn

    # Zeros around the image keep what is shifted out at one side from coming in at the other.
    size = [next_fast_len(n + r, True) for n, r in zip(reference.shape, reach, strict=True)]
    total = None
    for code in _channels(reference, candidate, background, ignore_ids):
        first, second = (rfftn(code(labels), size) for labels in (reference, candidate))
        product_ = np.conj(first) * second
        total = product_ if total is None else total + product_
    if total is None:
        return (0,) * reference.ndim
    found = irfftn(total, size)
    window = found[np.ix_(*(np.arange(-r, r + 1) for r in reach))]
    peak = np.unravel_index(int(np.argmax(window)), window.shape)
    return tuple(int(p) - r for p, r in zip(peak, reach, strict=True))


def _channels(
    reference: LabelArray,
    candidate: LabelArray,
    background: int | None,
    ignore_ids: Sequence[int],
) -> list[Any]:
    """Functions from a label map to an image; the products of such images count equal classes."""
    skipped = [*ignore_ids, *([] if background is None else [background])]
    ids = np.setdiff1d(np.intersect1d(reference, candidate), skipped)
    if ids.size <= _CHANNELS:
        return [lambda labels, i=i: (labels == i).astype(np.float32) for i in ids]
    codes = np.random.default_rng(0).normal(size=(_CHANNELS, ids.size + 1)).astype(np.float32)
    codes[:, -1] = 0

    def coded(labels: LabelArray, channel: int) -> NDArray[np.float32]:
        place = np.searchsorted(ids, labels).clip(max=ids.size - 1)
        place[ids[place] != labels] = ids.size
        values: NDArray[np.float32] = codes[channel][place]
        return values

    return [lambda labels, k=k: coded(labels, k) for k in range(_CHANNELS)]


def _refine(
    reference: LabelArray,
    candidate: LabelArray,
    start: tuple[int, ...],
    steps: tuple[int, ...],
    reach: tuple[int, ...],
    ignore_ids: Sequence[int],
) -> tuple[int, ...]:
    """The best whole-pixel shift around a coarse one, by the share of pixels that agree."""
    valid = ~np.isin(reference, ignore_ids) if ignore_ids else None

    def agreement(vector: tuple[int, ...]) -> float:
        own, other = _overlapping(reference.shape, vector)
        equal = reference[own] == candidate[other]
        if valid is None:
            return float(equal.mean())
        kept = valid[own]
        return float((equal & kept).sum() / max(1, int(kept.sum())))

    around = [
        range(max(-r, c - s + 1), min(r, c + s - 1) + 1)
        for c, s, r in zip(start, steps, reach, strict=True)
    ]
    options = sorted(
        {*product(*around), start, (0,) * len(start)}, key=lambda v: (sum(map(abs, v)), v)
    )
    return max(options, key=agreement)


def _overlapping(
    shape: Sequence[int], vector: Sequence[int]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where reference and candidate overlap once the candidate is moved back by ``vector``."""
    own = tuple(slice(max(0, -v), n - max(0, v)) for n, v in zip(shape, vector, strict=True))
    other = tuple(slice(max(0, v), n - max(0, -v)) for n, v in zip(shape, vector, strict=True))
    return own, other


def best_scale(
    reference: LabelArray,
    candidate: LabelArray,
    left_out: Collection[int],
    background: int | None,
    ignore_ids: Sequence[int],
) -> Realigned | None:
    """The scale (and shift) that makes the classes spread as far as in the reference.

    Returns
    -------
    Realigned or None
        None when they already do, or share no class to measure.
    """
    skipped = {*ignore_ids, *left_out, *(() if background is None else (background,))}
    options = [_by_spread(reference, candidate, skipped), *_by_factor(reference.shape)]
    resampled = []
    for scale, offset in (option for option in options if option is not None):
        if any(abs(s - 1) >= _SCALE_MARGIN for s in scale):
            index = _sampling(reference.shape, scale, offset)
            if index is not None:
                resampled.append((scale, *index))
    if not resampled:
        return None

    def agreement(option: tuple[tuple[float, ...], Index, Index]) -> float:
        # Every fourth pixel is enough to tell the options apart.
        _, own, other = option
        thin = [slice(None, None, 4 if len(i) >= 64 else 1) for i in own]
        own = [i[t] for i, t in zip(own, thin, strict=True)]
        other = [i[t] for i, t in zip(other, thin, strict=True)]
        drawn = ~np.isin(reference[np.ix_(*own)], list(skipped))
        equal = reference[np.ix_(*own)] == candidate[np.ix_(*other)]
        return float((equal & drawn).sum() / max(1, int(drawn.sum())))

    scale, own, other = max(resampled, key=agreement)
    before = mean_iou_of(reference, candidate, left_out, ignore_ids)
    after = mean_iou_of(reference[np.ix_(*own)], candidate[np.ix_(*other)], left_out, ignore_ids)
    return Realigned(before, after, (0,) * reference.ndim, tuple(scale))


def _sampling(
    shape: Sequence[int], scale: Sequence[float], offset: Sequence[float]
) -> tuple[Index, Index] | None:
    """Which reference pixels have a counterpart, and where; None when too few do."""
    own, other = [], []
    for n, s, o in zip(shape, scale, offset, strict=True):
        index = np.rint(np.arange(n) * s + o).astype(np.int64)
        inside = np.flatnonzero((index >= 0) & (index < n))
        if len(inside) < n // 4:
            return None
        own.append(inside)
        other.append(index[inside])
    return own, other


def _by_factor(shape: Sequence[int]) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """The usual accidents: half or double size, about the corner or the centre."""
    return [
        ((s,) * len(shape), tuple((n - 1) / 2 * (1 - s) * centred for n in shape))
        for s in (0.5, 2.0)
        for centred in (0, 1)
    ]


def _by_spread(
    reference: LabelArray, candidate: LabelArray, skipped: Collection[int]
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Scale and offset per axis from the mean and spread of the foreground positions."""
    own, other = (~np.isin(labels, list(skipped)) for labels in (reference, candidate))
    if own.all() or other.all() or not own.any() or not other.any():
        return None
    scales, offsets = [], []
    for axis in range(reference.ndim):
        around = tuple(a for a in range(reference.ndim) if a != axis)
        where = np.arange(reference.shape[axis])
        means, spreads = [], []
        for drawn in (own, other):
            weights = drawn.sum(axis=around)
            mean = np.average(where, weights=weights)
            means.append(mean)
            spreads.append(math.sqrt(np.average((where - mean) ** 2, weights=weights)))
        if min(spreads) == 0:
            return None
        scales.append(spreads[1] / spreads[0])
        offsets.append(means[1] - means[0] * scales[-1])
    return tuple(scales), tuple(offsets)


def mean_iou_of(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    left_out: Collection[int],
    ignore_ids: Sequence[int],
) -> float:
    """Mean IoU over the classes that occur and are not left out, counted on the pixels given."""
    rows, counts = count_tuples([np.ascontiguousarray(reference), np.ascontiguousarray(candidate)])
    valid = ~np.isin(rows[:, 0], ignore_ids) if ignore_ids else np.ones(len(rows), np.bool_)
    rows, counts = rows[valid], counts[valid]
    ious = []
    for class_id in np.setdiff1d(rows, list(left_out)).tolist():
        own, other = (rows == class_id).T
        ious.append(float(counts[own & other].sum() / counts[own | other].sum()))
    return mean_of(ious)
