"""Whether an annotator's habit changed along the way.

The retrospective cumulative sum finds the sample after which the mean differs most from before;
a permutation test says how often chance alone would bend the sum as far. It is a question for a
reviewer, not a proof: an annotator may also simply have come to harder images.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..scores import or_none

#: Fewer samples than this say nothing about drift.
MINIMUM = 10
_PERMUTATIONS = 1999
#: How rare a bend must be by chance; small, because every annotator and class is tested.
ALARM_AT = 0.005
#: A change smaller than this, in pixels, is not worth a reviewer's time.
SMALLEST_PX = 0.4
#: Nobody draws masks faster than this; closer file times are those of a copy.
_SECONDS_PER_MASK = 5.0


@dataclass(frozen=True)
class Drift:
    """Change of a per-sample number over the order of work.

    Attributes
    ----------
    order : {"file time", "name"}
        What the samples were ordered by.
    slope : float
        Theil–Sen slope per sample: the median of all pairwise slopes.
    before, after : float
        Medians up to and after ``change_after``.
    change_after : str or None
        The last sample before the change.
    p_value : float
        Share of random orders that bend the cumulative sum at least as far.
    alarm : bool
        Whether the change is neither chance nor too small to matter.
    samples : int
        Samples with a value; below ten nothing is tested and the numbers are NaN.
    """

    order: str
    slope: float
    before: float
    after: float
    change_after: str | None
    p_value: float
    alarm: bool
    samples: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "order": self.order,
            "slope": or_none(self.slope),
            "before": or_none(self.before),
            "after": or_none(self.after),
            "change_after": self.change_after,
            "p_value": or_none(self.p_value),
            "alarm": self.alarm,
            "samples": self.samples,
        }


def working_order(names: Sequence[str], times: ArrayLike) -> tuple[list[int], str]:
    """Positions of the samples in the order of work, and what that order rests on.

    Parameters
    ----------
    names : sequence of str
        Sample names.
    times : array_like of float, shape (n,)
        When each mask was written, in seconds. Believed only when the masks lie at least five
        seconds apart on average and no two share a time: otherwise the files were copied.

    Examples
    --------
    >>> working_order(["b", "a"], [0.0, 100.0])
    ([0, 1], 'file time')
    >>> working_order(["b", "a"], [5.0, 5.0])
    ([1, 0], 'name')
    """
    written = np.asarray(times, np.float64)
    by_name = sorted(range(len(names)), key=lambda i: names[i])
    if len(names) < 2 or not np.isfinite(written).all():
        return by_name, "name"
    spread = float(written.max() - written.min())
    if len(np.unique(written)) < len(written) or spread < _SECONDS_PER_MASK * (len(names) - 1):
        return by_name, "name"
    return np.argsort(written, kind="stable").tolist(), "file time"


def drift(
    names: Sequence[str],
    values: ArrayLike,
    order: str,
    *,
    smallest: float = SMALLEST_PX,
    seed: int = 0,
) -> Drift:
    """Drift of values that are already in the order of work.

    Parameters
    ----------
    names : sequence of str
        Samples.
    values : array_like of float, shape (n,)
        One per sample; NaN is left out.
    order : str
        Copied into the result.
    smallest : float
        Least difference of the medians that raises an alarm.
    seed : int
        Of the random orders.
    """
    numbers = np.asarray(values, np.float64)
    known = np.isfinite(numbers)
    kept = [name for name, good in zip(names, known, strict=True) if good]
    numbers = numbers[known]
    if len(numbers) < MINIMUM:
        nan = math.nan
        return Drift(order, nan, nan, nan, None, nan, False, len(numbers))
    ranks = _ranks(numbers)
    bend = np.abs(np.cumsum(ranks - ranks.mean()))[:-1]
    at = int(bend.argmax())
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.tile(ranks - ranks.mean(), (_PERMUTATIONS, 1)), axis=1)
    chance = np.abs(np.cumsum(shuffled, axis=1))[:, :-1].max(axis=1)
    p_value = (1 + int((chance >= bend[at] - 1e-9).sum())) / (_PERMUTATIONS + 1)
    before, after = float(np.median(numbers[: at + 1])), float(np.median(numbers[at + 1 :]))
    alarm = p_value <= ALARM_AT and abs(after - before) >= smallest
    return Drift(order, theil_sen(numbers), before, after, kept[at], p_value, alarm, len(numbers))


def theil_sen(values: ArrayLike) -> float:
    """Median slope over all pairs of equally spaced values.

    Examples
    --------
    >>> theil_sen([0, 1, 2, 300, 4])
    1.0
    """
    numbers = np.asarray(values, np.float64)
    first, second = np.triu_indices(len(numbers), 1)
    return float(np.median((numbers[second] - numbers[first]) / (second - first)))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks, equal values sharing their mean rank, so that one odd sample cannot bend the sum."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    return np.asarray((last - (times - 1) / 2)[place.reshape(-1)])
