"""Drawing samples again: the engine behind :mod:`.intervals`.

A draw is a row of whole-number weights (how often each sample was drawn), so a statistic that can
be computed from weights is computed for thousands of draws in one matrix product.

The interval is the bias-corrected and accelerated one (BCa, [1]_), which suits the skewed scores
of segmentation better than plain percentiles. Its acceleration comes from the statistic with one
sample (or group) left out at a time.

References
----------
.. [1] Efron (1987), Better Bootstrap Confidence Intervals, Journal of the American Statistical
   Association 82, 171, doi:10.1080/01621459.1987.10478410.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.errors import SettingsError

FloatArray = NDArray[np.float64]
#: From weights of shape (b, n) to b values.
Statistic = Callable[[FloatArray], FloatArray]
Method = Literal["bca", "percentile", "points", "none"]

#: Fewer samples (or groups) than this give points instead of an interval.
MINIMUM = 10
RESAMPLES = 4000
#: Weights held in memory at a time (64 MB).
_WEIGHTS_AT_A_TIME = 1 << 23
#: Multiplications of a matrix product from which on OpenBLAS starts threads.
_PRODUCTS_AT_A_TIME = 1 << 18
#: Weights kept for the next interval over as many samples (8 MB).
_WEIGHTS_KEPT = 1 << 20


@dataclass(frozen=True)
class Interval:
    """A number with the range that resampling gives it.

    Attributes
    ----------
    value : float
        The statistic of the data at hand.
    low, high : float
        Ends of the interval; NaN when there is none.
    method : {"bca", "percentile", "points", "none"}
        ``"points"``: too few samples, see ``points``; ``"none"``: no interval can be given, see
        ``note``; ``"percentile"``: BCa was not defined for these data.
    n : int
        Samples that count.
    n_groups : int
        Units that were resampled: groups, or the samples when no groups were declared.
    level : float
        Nominal coverage, such as 0.95.
    n_undefined, n_infinite : int
        Samples left out because their value is undefined, and samples whose value is infinite.
    points : tuple of float
        The statistic of each group alone, in order of first appearance, when ``method`` is
        ``"points"``.
    note : str
        What a reader should know; empty when there is nothing.
    """

    value: float
    low: float
    high: float
    method: Method
    n: int
    n_groups: int
    level: float = 0.95
    n_undefined: int = 0
    n_infinite: int = 0
    points: tuple[float, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Resampling:
    """How to resample.

    Attributes
    ----------
    level : float
        Nominal coverage, between 0 and 1.
    resamples : int
        Number of draws, at least 100.
    seed : int
        Equal seeds give equal intervals.
    """

    level: float = 0.95
    resamples: int = RESAMPLES
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1 or self.resamples < 100:
            raise SettingsError(
                "bad-resampling",
                f"an interval needs a level between 0 and 1 and at least 100 resamples, but has "
                f"{self.level} and {self.resamples}.",
            )


def resampled_interval(
    statistic: Statistic,
    *,
    undefined: NDArray[np.bool_],
    infinite: NDArray[np.bool_],
    groups: Sequence[Hashable] | None,
    resampling: Resampling,
) -> Interval:
    """Interval of a statistic of the defined samples.

    Parameters
    ----------
    statistic : callable
        Takes weights of shape (b, number of defined samples), returns b values.
    undefined, infinite : ndarray of bool, shape (n,)
        Samples to leave out; samples because of which there can be no interval.
    groups : sequence, length n, or None
        Units to resample; None: every sample is its own.
    resampling : Resampling
        Level, number of draws, seed.

    Returns
    -------
    Interval

    Raises
    ------
    SettingsError
        ``lengths-differ``.
    """
    member = membership(groups, len(undefined))[~undefined]
    _, member = np.unique(member, return_inverse=True)
    n, n_groups = len(member), int(member.max(initial=-1)) + 1
    n_infinite = int((infinite & ~undefined).sum())
    value, draws, left_out, alone = float("nan"), np.empty(0), np.empty(0), np.empty(0)
    if n:
        with np.errstate(invalid="ignore"):
            value = float(statistic(np.ones((1, n)))[0])
    if n_groups and n_groups < MINIMUM:
        alone = statistic(np.eye(n_groups)[:, member])
    elif n_groups and not n_infinite:
        draws = _resample(statistic, member, resampling)
        left_out = _leave_one_out(statistic, member, n_groups)
        alone = np.empty(n_groups)
    else:
        alone = np.empty(n_groups)
    return interval_of(
        value,
        draws,
        left_out,
        alone,
        n=n,
        n_undefined=int(undefined.sum()),
        n_infinite=n_infinite,
        level=resampling.level,
        grouped=groups is not None,
    )


def interval_of(
    value: float,
    draws: FloatArray,
    left_out: FloatArray,
    alone: FloatArray,
    *,
    n: int,
    n_undefined: int,
    n_infinite: int,
    level: float,
    grouped: bool,
) -> Interval:
    """The interval that draws give, or why there is none.

    Parameters
    ----------
    value : float
        The statistic of the data at hand.
    draws, left_out : ndarray of float
        The statistic of every draw, and with one unit left out at a time.
    alone : ndarray of float, one per unit
        The statistic of each unit alone; shown when there are too few of them.
    n, n_undefined, n_infinite : int
        Samples that count, that are undefined, and whose value is infinite.
    level : float
        Nominal coverage.
    grouped : bool
        Whether the units are declared groups.
    """
    facts: dict[str, Any] = {
        "n": n,
        "n_groups": len(alone),
        "level": level,
        "n_undefined": n_undefined,
        "n_infinite": n_infinite,
    }
    if n == 0:
        return _without(float("nan"), "no sample has a defined value", facts)
    if n_infinite:
        return _without(value, f"{n_infinite} of {n} values are infinite", facts)
    if len(alone) < MINIMUM:
        return Interval(
            value=value,
            low=float("nan"),
            high=float("nan"),
            method="points",
            points=tuple(alone.tolist()),
            note=f"fewer than {MINIMUM} {'groups' if grouped else 'samples'}: "
            "points instead of an interval",
            **facts,
        )
    return _ends(value, draws, left_out, facts)


def _without(value: float, note: str, facts: dict[str, Any]) -> Interval:
    nan = float("nan")
    return Interval(value=value, low=nan, high=nan, method="none", note=note, **facts)


def _resample(
    statistic: Statistic, member: NDArray[np.int64], resampling: Resampling
) -> FloatArray:
    """The statistic of every draw; whole groups are drawn, with replacement."""
    n_groups = int(member.max()) + 1
    # without groups the samples are the units, in order: nothing to spread
    same = n_groups == len(member)
    return np.concatenate(
        [
            statistic(weights if same else weights[:, member])
            for weights in drawn_weights(n_groups, resampling, columns=len(member))
        ]
    )


def drawn_weights(
    n_units: int, resampling: Resampling, *, columns: int | None = None
) -> Iterator[FloatArray]:
    """How often each unit was drawn, row by row, in blocks that fit into memory.

    Parameters
    ----------
    n_units : int
        Units to draw from, with replacement, as many as there are.
    resampling : Resampling
        Number of draws, seed.
    columns : int, optional
        Width of the widest array a caller makes of a block; ``n_units`` when not given.
    """
    step = max(1, _WEIGHTS_AT_A_TIME // max(columns or n_units, 1))
    if resampling.resamples <= step and resampling.resamples * n_units <= _WEIGHTS_KEPT:
        yield _kept_weights(n_units, resampling)
        return
    rng = np.random.default_rng(resampling.seed)
    for begin in range(0, resampling.resamples, step):
        rows = min(step, resampling.resamples - begin)
        yield _weights(rng, rows, n_units)


@lru_cache(maxsize=2)
def _kept_weights(n_units: int, resampling: Resampling) -> FloatArray:
    """All draws in one block, which the many intervals of a comparison share."""
    weights = _weights(np.random.default_rng(resampling.seed), resampling.resamples, n_units)
    weights.flags.writeable = False
    return weights


def _weights(rng: np.random.Generator, rows: int, n_units: int) -> FloatArray:
    drawn = rng.integers(0, n_units, size=(rows, n_units))
    drawn += n_units * np.arange(rows)[:, None]
    times = np.bincount(drawn.reshape(-1), minlength=rows * n_units)
    return times.reshape(rows, n_units).astype(np.float64)


def weighted_sums(weights: FloatArray, columns: NDArray[Any]) -> FloatArray:
    """``weights @ columns``, in pieces that BLAS does not hand to threads of its own.

    Those threads would spin, waiting for each other, for longer than such a product takes.
    """
    table = columns.astype(np.float64, copy=False)
    sums = np.empty((len(weights), table.shape[1]))
    step = max(1, _PRODUCTS_AT_A_TIME // max(1, table.size))
    for begin in range(0, len(weights), step):
        part = slice(begin, begin + step)
        np.matmul(weights[part], table, out=sums[part])
    return sums


def _leave_one_out(statistic: Statistic, member: NDArray[np.int64], n_groups: int) -> FloatArray:
    step = max(1, _WEIGHTS_AT_A_TIME // len(member))
    return np.concatenate(
        [
            statistic((member != np.arange(begin, min(begin + step, n_groups))[:, None]) * 1.0)
            for begin in range(0, n_groups, step)
        ]
    )


def _ends(value: float, draws: FloatArray, left_out: FloatArray, facts: dict[str, Any]) -> Interval:
    """BCa interval, or the plain percentiles where BCa is not defined."""
    finite = np.isfinite(draws)
    defined = draws if finite.all() else draws[finite]
    notes = []
    if len(defined) < len(draws):
        notes.append(f"{len(draws) - len(defined)} of {len(draws)} draws were undefined")
    if not np.isfinite(value) or len(defined) == 0:
        return _without(value, "; ".join(["the statistic is undefined", *notes]), facts)
    tail = (1 - facts["level"]) / 2
    shares = _bca_shares(value, defined, left_out, tail)
    method: Method = "bca"
    if shares is None:
        shares, method = (tail, 1 - tail), "percentile"
        notes.append("BCa is not defined for these values")
    low, high = quantiles(defined, shares)
    return Interval(
        value=value,
        low=low,
        high=high,
        method=method,
        note="; ".join(notes),
        **facts,
    )


def quantiles(values: FloatArray, shares: tuple[float, float]) -> tuple[float, float]:
    """Two quantiles of finite values, interpolated as :func:`numpy.quantile` does by default.

    A report asks for thousands, and most of what that function takes goes into other options.

    Examples
    --------
    >>> quantiles(np.array([3.0, 0.0, 1.0]), (0.25, 1.0))
    (0.5, 3.0)
    """
    places = [share * (len(values) - 1) for share in shares]
    below = [math.floor(place) for place in places]
    above = [min(index + 1, len(values) - 1) for index in below]
    ordered = np.partition(values, sorted({*below, *above}))
    ends = []
    for place, low, high in zip(places, below, above, strict=True):
        first, last, share = float(ordered[low]), float(ordered[high]), place - low
        step = last - first
        ends.append(first + step * share if share < 0.5 else last - step * (1 - share))
    return ends[0], ends[1]


def _bca_shares(
    value: float, draws: FloatArray, left_out: FloatArray, tail: float
) -> tuple[float, float] | None:
    """Which percentiles to take, after correcting for bias and skewness."""
    below = (np.count_nonzero(draws < value) + np.count_nonzero(draws <= value)) / 2 / len(draws)
    pull = left_out.mean() - left_out
    spread = float((pull**2).sum())
    if not 0 < below < 1 or not np.isfinite(spread) or spread**1.5 == 0:  # next to no spread
        return None
    normal = NormalDist()
    bias = normal.inv_cdf(below)
    acceleration = float((pull**3).sum()) / (6 * spread**1.5)
    shares = []
    for z in (normal.inv_cdf(tail), normal.inv_cdf(1 - tail)):
        stretch = 1 - acceleration * (bias + z)
        if stretch <= 0:  # beyond the reach of the approximation
            return None
        stretched = (bias + z) / stretch
        shares.append(normal.cdf(bias + stretched))
    return shares[0], shares[1]


def membership(groups: Sequence[Hashable] | None, n: int) -> NDArray[np.int64]:
    """Group number of each sample, in order of first appearance."""
    if groups is None:
        return np.arange(n)
    if len(groups) != n:
        raise SettingsError(
            "lengths-differ", f"there are {n} samples but {len(groups)} group names."
        )
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.int64)
