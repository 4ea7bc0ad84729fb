"""How sure a dataset-level number is: intervals from resampling samples, never pixels.

Pixels of one image are not independent; samples, or the patients or scenes they come from, are.
So samples or declared groups are drawn again with replacement. Below ten samples or groups no
interval is given: the points themselves say more. An interval for one image alone, or one over
three or four annotators, would pretend to a knowledge nobody has; there is no function for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.metrics.resampling import (
    MINIMUM,
    FloatArray,
    Interval,
    Resampling,
    Statistic,
    resampled_interval,
)

__all__ = [
    "MINIMUM",
    "Interval",
    "Resampling",
    "bootstrap_interval",
    "mean_interval",
    "paired_difference_interval",
    "paired_ratio_difference_interval",
    "ratio_interval",
]

_DEFAULT = Resampling()


def mean_interval(
    values: ArrayLike,
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling = _DEFAULT,
) -> Interval:
    """Interval of the mean of per-sample values.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        One value per sample. NaN (undefined) is left out and counted. With an infinite value (a
        distance to an object that was missed) the mean is infinite and there is no interval.
    groups : sequence, length n, optional
        Patient, scene or slide of each sample; whole groups are resampled.
    resampling : Resampling
        Level, number of draws, seed.

    Returns
    -------
    Interval

    Raises
    ------
    SettingsError
        ``lengths-differ``.

    Examples
    --------
    >>> mean_interval([0.5, 0.75, float("nan")])
    ... # doctest: +NORMALIZE_WHITESPACE
    Interval(value=0.625, low=nan, high=nan, method='points', n=2, n_groups=2, level=0.95,
             n_undefined=1, n_infinite=0, points=(0.5, 0.75),
             note='fewer than 10 samples: points instead of an interval')
    """
    numbers = np.asarray(values, dtype=np.float64).reshape(-1)
    return ratio_interval(numbers, np.ones(len(numbers)), groups=groups, resampling=resampling)


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling = _DEFAULT,
) -> Interval:
    """Interval of a pooled score: the sum of numerators over the sum of denominators.

    For pooled IoU these are the intersections and unions of one class in each sample, for a
    pooled surface score the boundary within tolerance and all boundary.

    Parameters
    ----------
    numerators, denominators : array_like of float, shape (n,)
        One pair per sample. A pair with NaN, or 0/0, is left out and counted as undefined.
    groups : sequence, length n, optional
        Patient, scene or slide of each sample; whole groups are resampled.
    resampling : Resampling
        Level, number of draws, seed.

    Returns
    -------
    Interval
        ``points`` are the ratios of each group.

    Raises
    ------
    SettingsError
        ``lengths-differ``.
    """
    top, bottom = _columns(numerators, denominators)
    undefined = np.isnan(top) | np.isnan(bottom) | ((top == 0) & (bottom == 0))
    return resampled_interval(
        lambda weights: _divide(weights @ top[~undefined], weights @ bottom[~undefined]),
        undefined=undefined,
        infinite=np.isinf(top) | np.isinf(bottom),
        groups=groups,
        resampling=resampling,
    )


def paired_difference_interval(
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling = _DEFAULT,
) -> Interval:
    """Interval of the mean difference ``second − first`` of two sources on the same samples.

    Both values of a sample are drawn together, so what makes a sample hard for both cancels. A
    sample with an undefined value in either source is left out and counted. The interval excludes
    0 when the data tell the two sources apart.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        Values of the two sources, in the same order of samples.
    groups, resampling
        As in :func:`mean_interval`.

    Returns
    -------
    Interval

    Raises
    ------
    SettingsError
        ``lengths-differ``.
    """
    before, after = _columns(first, second)
    infinite = np.isinf(before) | np.isinf(after)
    with np.errstate(invalid="ignore"):
        difference = after - before
    # inf − inf: neither is better, and the sample still counts as infinite
    difference[infinite & np.isnan(difference)] = np.inf
    found = mean_interval(difference, groups=groups, resampling=resampling)
    if not infinite.any():
        return found
    return replace(found, value=float("nan"))


def paired_ratio_difference_interval(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling = _DEFAULT,
) -> Interval:
    """Interval of the difference ``second − first`` of two pooled scores on the same samples.

    Parameters
    ----------
    first, second : pair of array_like of float, each of shape (n,)
        (numerators, denominators) of the two sources, in the same order of samples. A sample
        that is undefined (NaN, or 0/0) in both sources is left out and counted; 0/0 in one source
        adds nothing to that source's sums.
    groups, resampling
        As in :func:`ratio_interval`.

    Returns
    -------
    Interval

    Raises
    ------
    SettingsError
        ``lengths-differ``.
    """
    table = np.stack(_columns(*first, *second))
    empty = (table[0::2] == 0) & (table[1::2] == 0)
    undefined = np.isnan(table).any(axis=0) | empty.all(axis=0)
    kept = table[:, ~undefined]

    def difference(weights: FloatArray) -> FloatArray:
        sums = weights @ kept.T
        return _divide(sums[:, 2], sums[:, 3]) - _divide(sums[:, 0], sums[:, 1])

    return resampled_interval(
        difference,
        undefined=undefined,
        infinite=np.asarray(np.isinf(table).any(axis=0)),
        groups=groups,
        resampling=resampling,
    )


def bootstrap_interval(
    statistic: Statistic,
    n: int,
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling = _DEFAULT,
) -> Interval:
    """Interval of any statistic that can be computed from sample weights.

    Parameters
    ----------
    statistic : callable
        Takes weights of shape (b, n), row by row how often each sample was drawn (whole numbers,
        0 allowed), and returns b values. It must not depend on the scale of the weights, and give
        NaN where it is undefined.
    n : int
        Number of samples.
    groups, resampling
        As in :func:`mean_interval`.

    Returns
    -------
    Interval

    Raises
    ------
    SettingsError
        ``lengths-differ``.

    Examples
    --------
    The mean over classes of pooled IoU, from the intersections and unions of 12 samples.

    >>> rng = np.random.default_rng(1)
    >>> unions = rng.integers(50, 100, size=(12, 3))
    >>> overlaps = unions - rng.integers(0, 50, size=(12, 3))
    >>> def mean_iou(weights):
    ...     return ((weights @ overlaps) / (weights @ unions)).mean(axis=1)
    >>> found = bootstrap_interval(mean_iou, 12)
    >>> found.method, found.low < found.value < found.high
    ('bca', True)
    """
    nobody = np.zeros(n, dtype=bool)
    return resampled_interval(
        statistic,
        undefined=nobody,
        infinite=nobody,
        groups=groups,
        resampling=resampling,
    )


def _columns(*columns: ArrayLike) -> tuple[FloatArray, ...]:
    arrays = tuple(np.array(column, dtype=np.float64).reshape(-1) for column in columns)
    if len({len(array) for array in arrays}) > 1:
        raise SettingsError(
            "lengths-differ",
            f"there must be one value per sample in every list, but the lists have "
            f"{', '.join(str(len(array)) for array in arrays)} values.",
        )
    return arrays


def _divide(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator / denominator)
