"""Counterfactuals, averages and advice, against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from napari_mask_audit.errors import MaskError
from napari_mask_audit.failures import (
    AdviceKind,
    Bucket,
    FailureTable,
    averages,
    class_counterfactuals,
    dataset_counterfactuals,
    explain_sample,
    sample_counterfactuals,
)
from napari_mask_audit.masks import Mask
from napari_mask_audit.metrics.intervals import Resampling

QUICK = Resampling(resamples=200)
B, S, C = (b.code for b in (Bucket.BOUNDARY, Bucket.MISSED_SMALL, Bucket.CONFUSION))


def table(*rows):
    """Rows (reference, candidate, bucket code, pixels)."""
    array = np.array(rows)
    return FailureTable.of(array[:, :3], array[:, 3])


#: Class 1: overlap 60, union 60 + 20 + 10 + 10 = 100. Class 2: 30, 30 + 10 + 10 = 50.
ONE = table(
    (1, 1, 0, 60), (1, 0, B, 20), (1, 2, C, 10), (0, 1, B, 10), (2, 2, 0, 30), (2, 0, S, 10)
)


def test_repairing_a_bucket_moves_missing_pixels_in_and_superfluous_ones_out():
    rows = {(r.repair.bucket, r.repair.class_pair): r for r in sample_counterfactuals(ONE, {0})}
    assert ONE.mean_iou({0}) == (60 / 100 + 30 / 50) / 2
    expected = {
        (Bucket.BOUNDARY, None): ((60 + 20) / (100 - 10) + 30 / 50) / 2,
        (Bucket.MISSED_SMALL, None): (60 / 100 + 40 / 50) / 2,
        (Bucket.CONFUSION, None): (70 / 100 + 30 / 40) / 2,
        (Bucket.CONFUSION, (1, 2)): (70 / 100 + 30 / 40) / 2,
    }
    assert {key: row.after for key, row in rows.items()} == pytest.approx(expected)
    assert all(row.before == ONE.mean_iou({0}) for row in rows.values())
    assert rows[Bucket.BOUNDARY, None].pixels == 30
    gains = [row.gain for row in sample_counterfactuals(ONE, {0})]
    assert gains == sorted(gains, reverse=True)


def test_repairing_everything_gives_one():
    everything = ONE.repaired(ONE.bucket > 0)
    assert everything.mean_iou({0}) == 1
    assert everything.wrong_pixels == 0
    assert everything.counts.sum() == ONE.counts.sum()


def test_a_class_that_occurs_only_by_mistake_leaves_the_mean_when_repaired():
    ghost = table((1, 1, 0, 50), (0, 3, Bucket.FALSE_REGION.code, 10))
    (row,) = sample_counterfactuals(ghost, {0})
    assert (row.before, row.after) == (0.5, 1.0)


def test_dataset_counterfactuals_pool_before_dividing_and_carry_intervals():
    rng = np.random.default_rng(0)
    tables = [
        table((1, 1, 0, 90), (1, 0, B, int(n)), (2, 2, 0, 10), (2, 0, S, int(m)))
        for n, m in rng.integers(1, 30, size=(20, 2))
    ]
    missing = sum(t.pixels_in(Bucket.BOUNDARY) for t in tables)
    small = sum(t.pixels_in(Bucket.MISSED_SMALL) for t in tables)
    rows = {r.repair.bucket: r for r in dataset_counterfactuals(tables, {0}, resampling=QUICK)}
    before = (1800 / (1800 + missing) + 200 / (200 + small)) / 2
    row = rows[Bucket.MISSED_SMALL]
    assert row.before == pytest.approx(before)
    assert row.after == pytest.approx((1800 / (1800 + missing) + 1) / 2)
    assert row.interval.value == pytest.approx(row.gain)
    assert 0 < row.interval.low < row.gain < row.interval.high < 1
    few = dataset_counterfactuals(tables[:3], {0}, resampling=QUICK)
    assert {r.interval.method for r in few} == {"points"}
    assert dataset_counterfactuals(tables, {0}, resampling=None)[0].interval is None
    (lead, *_) = class_counterfactuals(tables, 2, resampling=QUICK)
    assert (lead.repair.bucket, lead.class_id) == (Bucket.MISSED_SMALL, 2)
    assert (lead.before, lead.after) == pytest.approx((200 / (200 + small), 1))
    assert lead.interval.low < lead.gain < lead.interval.high


def test_named_means_are_the_ones_of_the_comparison():
    # a: 100 of 100; b: 0 of 8 pixels, of one class.
    tables = {"a": table((1, 1, 0, 100)), "b": table((1, 0, S, 4), (0, 1, 5, 4))}
    found = averages(tables, {0}, resampling=QUICK)
    assert found.pooled_class_mean == 100 / 108
    assert (found.sample_mean, found.class_sample_mean, found.worst_decile_mean) == (0.5, 0.5, 0)
    assert len(found.alarms) == 2
    assert "the gap of 0.43 is more than 0.05" in found.alarms[0]
    assert "the worst tenth of the samples has a mean IoU of 0.00" in found.alarms[1]


def test_equal_samples_raise_no_alarm():
    tables = {str(k): table((1, 1, 0, 90), (1, 0, B, 10)) for k in range(12)}
    found = averages(tables, {0}, resampling=QUICK)
    assert found.alarms == ()
    assert found.sample_interval.low == found.sample_interval.high == pytest.approx(0.9)
    assert all(row.shift == pytest.approx(0) for row in found.influence)


def test_influence_is_the_mean_without_the_sample():
    tables = {
        "good": table((1, 1, 0, 100)),
        "fair": table((1, 1, 0, 80), (1, 0, B, 20)),
        "bad": table((1, 1, 0, 10), (1, 0, B, 90)),
    }
    found = averages(tables, {0}, resampling=QUICK)
    assert [row.sample for row in found.influence] == ["bad", "good", "fair"]
    assert found.influence[0].shift == pytest.approx(180 / 200 - 190 / 300)
    assert found.influence[1].shift == pytest.approx(90 / 200 - 190 / 300)
    assert found.influence[0].mean_iou == 0.1


def test_class_balance_says_what_a_rare_class_does_to_the_mean():
    # Class 3 is 5 of 995 + 5 pixels and never found.
    tables = {"a": table((1, 1, 0, 995), (3, 0, S, 5)), "b": table((1, 1, 0, 1000))}
    found = averages(tables, {0}, regions={1: 2, 3: 1}, resampling=QUICK)
    rare, common = found.balance
    assert (rare.id, rare.regions, rare.samples, rare.sample_share) == (3, 1, 1, 0.5)
    assert rare.pixel_share == pytest.approx(5 / 2000)
    assert common.pixel_share == pytest.approx(1995 / 2000)
    assert (found.pooled_class_mean, found.without_rare) == (0.5, 1.0)
    assert found.weighted_mean == pytest.approx(1995 / 2000)
    assert "1 of 2 classes (3) are 0.2 % of the pixels but 50 % of the mean" in found.imbalance


def test_no_sample_has_no_mean():
    found = averages({}, {0}, resampling=QUICK)
    assert math.isnan(found.sample_mean)
    assert (found.balance, found.influence, found.alarms, found.imbalance) == ((), (), (), "")


def test_explain_sample_refuses_masks_of_two_shapes():
    first, second = (Mask.from_array(np.zeros((4, n), np.uint8)) for n in (4, 5))
    with pytest.raises(MaskError, match="both must cover the same pixels"):
        explain_sample(first, second)


def test_empty_masks_and_perfect_masks_have_nothing_to_explain():
    empty = Mask.from_array(np.zeros((8, 8), np.uint8))
    found = explain_sample(empty, empty, background=0)
    assert math.isnan(found.mean_iou)
    assert found.to_dict()["mean_iou"] is None
    assert (found.findings, found.causes, found.counterfactuals) == ((), (), ())
    assert found.leading_bucket is None


@pytest.mark.parametrize("kind", AdviceKind)
def test_kinds_of_advice_are_snake_case(kind):
    assert kind.value.replace("_", "").isalpha()
