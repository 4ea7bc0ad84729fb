"""Intervals: what is resampled, what is refused, and that the ends are where they should be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.metrics.intervals import (
    Resampling,
    bootstrap_interval,
    mean_interval,
    paired_difference_interval,
    paired_ratio_difference_interval,
    ratio_interval,
)

NAN, INF = math.nan, math.inf
MANY = Resampling(resamples=20_000)


def skewed(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(8, 1.5, n)


@pytest.mark.parametrize(
    "values", [skewed(30), np.exp(np.random.default_rng(7).normal(0, 1.2, 15))], ids=["iou", "skew"]
)
def test_mean_interval_equals_scipy_up_to_resampling_noise(values):
    from scipy.stats import bootstrap

    mine = mean_interval(values, resampling=MANY)
    theirs = bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    # the Monte Carlo error of a 2.5 % quantile of 20 000 draws is about 1 % of the width
    width = theirs.high - theirs.low
    assert mine.method == "bca"
    assert mine.low == pytest.approx(theirs.low, abs=0.05 * width)
    assert mine.high == pytest.approx(theirs.high, abs=0.05 * width)


def test_skewed_values_shift_the_interval_off_the_plain_percentiles():
    values = np.append(np.full(19, 0.9), 0.1)
    found = mean_interval(values, resampling=MANY)
    rng = np.random.default_rng(0)
    plain = np.quantile(rng.choice(values, (20_000, 20)).mean(axis=1), [0.025, 0.975])
    assert found.low < plain[0]  # the tail of bad samples gets more room


def test_pooled_ratio_is_the_ratio_of_sums_and_its_interval_holds_it():
    overlaps, unions = np.arange(1, 16), np.arange(1, 16) + 5
    found = ratio_interval(overlaps, unions)
    assert found.value == 120 / 195
    assert found.low < found.value < found.high


def test_a_constant_ratio_has_an_interval_of_no_width():
    found = ratio_interval(np.arange(1, 21), 2.0 * np.arange(1, 21))
    assert (found.low, found.value, found.high) == (0.5, 0.5, 0.5)
    assert found.method == "percentile"
    assert found.note == "BCa is not defined for these values"


def test_any_statistic_of_weights_has_an_interval():
    rng = np.random.default_rng(4)
    unions = rng.integers(50, 100, (15, 4))
    overlaps = unions - rng.integers(0, 50, (15, 4))

    def mean_iou(weights):
        return ((weights @ overlaps) / (weights @ unions)).mean(axis=1)

    found = bootstrap_interval(mean_iou, 15)
    assert found.value == pytest.approx((overlaps.sum(0) / unions.sum(0)).mean())
    assert found.method == "bca"
    assert found.low < found.value < found.high


def test_undefined_values_are_left_out_and_counted():
    values = skewed(20)
    found = mean_interval(np.insert(values, 3, NAN))
    assert (found.n, found.n_undefined) == (20, 1)
    assert (found.low, found.high) == (mean_interval(values).low, mean_interval(values).high)


def test_an_infinite_value_makes_the_mean_infinite_and_leaves_no_interval():
    found = mean_interval([*skewed(20), INF, NAN])
    assert found.value == INF
    assert math.isnan(found.low)
    assert (found.method, found.n, found.n_infinite, found.n_undefined) == ("none", 21, 1, 1)
    assert found.note == "1 of 21 values are infinite"


def test_nothing_defined_gives_nothing():
    found = mean_interval([NAN, NAN])
    assert math.isnan(found.value)
    assert (found.method, found.n, found.note) == ("none", 0, "no sample has a defined value")


@pytest.mark.parametrize(("n", "method"), [(9, "points"), (10, "bca")])
def test_below_ten_samples_points_are_given_instead(n, method):
    values = skewed(n)
    found = mean_interval(values)
    assert found.method == method
    assert found.points == (tuple(values.tolist()) if n < 10 else ())
    assert math.isnan(found.low) == (n < 10)
    assert found.value == pytest.approx(values.mean())


def test_below_ten_groups_the_value_of_each_group_is_given():
    found = ratio_interval([1, 2, 3, 0], [2, 2, 4, 4], groups=["b", "b", "a", "c"])
    assert found.points == (0.75, 0.75, 0.0)  # b: 3/4, a: 3/4, c: 0/4
    assert (found.n, found.n_groups) == (4, 3)
    assert found.note == "fewer than 10 groups: points instead of an interval"


def test_copies_within_a_group_do_not_narrow_the_interval():
    values = skewed(12)
    once = mean_interval(values)
    copied = mean_interval(np.repeat(values, 5), groups=np.repeat(np.arange(12), 5).tolist())
    naive = mean_interval(np.repeat(values, 5))
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=1e-12)
    assert naive.high - naive.low < 0.6 * (copied.high - copied.low)


def test_a_group_whose_samples_are_all_undefined_does_not_count():
    found = mean_interval([0.5, NAN, 0.7], groups=["a", "b", "c"])
    assert (found.n_groups, found.points) == (2, (0.5, 0.7))


def test_pairing_removes_what_both_sources_share():
    rng = np.random.default_rng(2)
    hard = rng.normal(0, 0.1, 30)
    first = 0.8 + hard + rng.normal(0, 0.01, 30)
    second = 0.82 + hard + rng.normal(0, 0.01, 30)
    found = paired_difference_interval(first, second)
    assert 0 < found.low < 0.02 < found.high
    alone = mean_interval(second)
    assert found.high - found.low < (alone.high - alone.low) / 4


def test_pairs_with_an_undefined_side_are_left_out():
    first = np.append(skewed(12), [NAN, 0.5])
    second = np.append(skewed(12, seed=1), [0.5, NAN])
    found = paired_difference_interval(first, second)
    assert (found.n, found.n_undefined) == (12, 2)
    assert found.value == pytest.approx((second[:12] - first[:12]).mean())


def test_an_infinite_side_leaves_no_difference():
    found = paired_difference_interval([*skewed(12), INF, INF], [*skewed(12), 1.0, INF])
    assert math.isnan(found.value)
    assert (found.method, found.n_infinite, found.n_undefined) == ("none", 2, 0)


def test_difference_of_pooled_ratios():
    rng = np.random.default_rng(3)
    unions = rng.integers(50, 100, 20)
    worse, better = unions * 0.6, unions * 0.7
    found = paired_ratio_difference_interval((worse, unions), (better, unions))
    assert found.value == pytest.approx(0.1)
    # 0/0 in both sources is undefined, in one it only adds nothing
    padded = [np.append(column, [0, 0]) for column in (worse, unions, better, unions)]
    padded[2][-1], padded[3][-1] = 0, 10
    found = paired_ratio_difference_interval((padded[0], padded[1]), (padded[2], padded[3]))
    assert (found.n, found.n_undefined) == (21, 1)
    assert found.value == pytest.approx(better.sum() / (unions.sum() + 10) - 0.6)


@given(st.lists(st.floats(0, 1), min_size=10, max_size=30), st.integers(0, 5))
@example([0.0] * 9 + [5.2e-135], 0)  # squares that are almost zero
@settings(max_examples=60, deadline=None)
def test_ends_lie_within_the_data_and_in_order(values, seed):
    found = mean_interval(values, resampling=Resampling(resamples=400, seed=seed))
    assert min(values) - 1e-12 <= found.low <= found.high <= max(values) + 1e-12
    again = mean_interval(values, resampling=Resampling(resamples=400, seed=seed))
    assert found == again


def test_draws_made_in_portions_cover_all_resamples(monkeypatch):
    from napari_mask_audit.metrics import resampling

    values = skewed(40)
    whole = mean_interval(values, resampling=Resampling(resamples=1000))
    monkeypatch.setattr(resampling, "_WEIGHTS_AT_A_TIME", 40 * 7)
    portions = mean_interval(values, resampling=Resampling(resamples=1000))
    assert portions.low == pytest.approx(whole.low, abs=0.01)
    assert portions.value == pytest.approx(whole.value, abs=1e-12)


def test_a_wider_level_gives_a_wider_interval():
    values = skewed(25)
    narrow = mean_interval(values, resampling=Resampling(level=0.8))
    wide = mean_interval(values, resampling=Resampling(level=0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_draws_in_which_the_statistic_is_undefined_are_noted():
    # Two of ten samples hold the class: some draws hold none of it.
    found = ratio_interval([1, 2] + [0] * 8, [2, 2] + [0] * 8)
    assert (found.n, found.n_undefined) == (2, 8)
    rare = bootstrap_interval(
        lambda w: np.where(w[:, 0] + w[:, 1] > 0, w[:, 0] / np.maximum(w[:, 0] + w[:, 1], 1), NAN),
        10,
    )
    assert "draws were undefined" in rare.note


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: Resampling(level=1.0), "bad-resampling"),
        (lambda: Resampling(resamples=10), "bad-resampling"),
        (lambda: ratio_interval([1, 2], [1]), "lengths-differ"),
        (lambda: mean_interval([1, 2], groups=["a"]), "lengths-differ"),
    ],
)
def test_settings_that_make_no_sense_are_refused(call, code):
    with pytest.raises(SettingsError) as caught:
        call()
    assert caught.value.code == code
