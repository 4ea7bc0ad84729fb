"""Intervals of many ratios at once, from one set of draws.

A dataset has hundreds of aggregates (classes × metrics). All of them are ratios of weighted sums
over samples, so the samples are drawn once and every ratio of every draw comes out of two matrix
products.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from .resampling import (
    MINIMUM,
    FloatArray,
    Interval,
    Resampling,
    drawn_weights,
    interval_of,
    membership,
    weighted_sums,
)


def mean_intervals(
    values: FloatArray,
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling | None = None,
) -> list[Interval]:
    """Interval of the mean of each column; NaN is left out and counted.

    Parameters
    ----------
    values : ndarray of float, shape (n, m)
        One row per sample. A column with an infinite value has an infinite mean and no interval.
    groups : sequence, length n, optional
        Patient, scene or slide of each sample; whole groups are resampled.
    resampling : Resampling, optional
        Level, number of draws, seed.

    Examples
    --------
    >>> [round(i.value, 2) for i in mean_intervals(np.array([[1.0, 0.5], [0.0, np.nan]]))]
    [0.5, 0.5]
    """
    defined = ~np.isnan(values)
    return ratio_intervals(
        np.where(defined, values, 0.0),
        defined.astype(np.float64),
        groups=groups,
        resampling=resampling,
    )


def ratio_intervals(
    numerators: FloatArray,
    denominators: FloatArray,
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling | None = None,
) -> list[Interval]:
    """Interval of (sum of numerators) / (sum of denominators), column by column.

    Parameters
    ----------
    numerators, denominators : ndarray of float, shape (n, m)
        One row per sample. Rows that are 0/0 in a column count as undefined there.
    groups, resampling
        As in :func:`mean_intervals`.
    """
    chosen = resampling or Resampling()
    undefined = np.isnan(numerators) | np.isnan(denominators)
    undefined |= (numerators == 0) & (denominators == 0)
    top, bottom = (np.where(undefined, 0.0, part) for part in (numerators, denominators))
    infinite = np.isinf(top)
    member = membership(groups, len(top))
    n_groups = int(member.max(initial=-1)) + 1
    group_top, group_bottom = (_per_group(part, member, n_groups) for part in (top, bottom))
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = _draw(np.where(np.isinf(group_top), 0.0, group_top), group_bottom, chosen)
        values = top.sum(axis=0) / bottom.sum(axis=0)
        left_out = (group_top.sum(axis=0) - group_top) / (group_bottom.sum(axis=0) - group_bottom)
        alone = group_top / group_bottom
    has_data = _per_group((~undefined).astype(np.float64), member, n_groups) > 0
    return [
        interval_of(
            float(values[column]),
            draws[column],
            left_out[has_data[:, column], column],
            alone[has_data[:, column], column],
            n=int((~undefined[:, column]).sum()),
            n_undefined=int(undefined[:, column].sum()),
            n_infinite=int(infinite[:, column].sum()),
            level=chosen.level,
            grouped=groups is not None,
        )
        for column in range(top.shape[1])
    ]


def _per_group(part: FloatArray, member: NDArray[np.int64], n_groups: int) -> FloatArray:
    sums = np.zeros((n_groups, part.shape[1]))
    np.add.at(sums, member, part)
    return sums


def _draw(top: FloatArray, bottom: FloatArray, chosen: Resampling) -> FloatArray:
    """Every ratio of every draw, shape (columns, draws)."""
    if len(top) < MINIMUM:
        return np.empty((top.shape[1], 0))
    chunks = [
        weighted_sums(weights, top) / weighted_sums(weights, bottom)
        for weights in drawn_weights(len(top), chosen)
    ]
    return np.ascontiguousarray(np.concatenate(chunks).T)
