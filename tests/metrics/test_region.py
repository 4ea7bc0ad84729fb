"""Overlap scores: hand-counted values, the rules for empty masks, true properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import napari_mask_audit as ma
from napari_mask_audit.metrics.region import RegionScores
from napari_mask_audit.status import Status

maps = st.tuples(*(arrays(np.uint8, (7, 8), elements=st.integers(0, 2)) for _ in range(2)))


def row(reference, candidate, class_id=1, **options):
    result = ma.compare(reference, candidate, class_names={class_id: "x"}, **options)
    return next(r for r in result.classes if r.id == class_id)


def test_means_over_the_classes_of_either_mask():
    # G: 12 background shared 10; class 1 has 3 of 5; class 2 missed, class 3 invented, 4 nowhere.
    reference = [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 2, 0], [0, 0, 0, 0]]
    candidate = [[0, 0, 0, 0], [0, 1, 1, 1], [0, 1, 1, 0], [0, 0, 3, 0]]
    result = ma.compare(reference, candidate, class_names={4: "never"})
    assert result.ious == [10 / 12, 3 / 5, 0.0, 0.0]
    assert result.mean_iou == pytest.approx(0.358333, abs=1e-6)
    assert [r.status.value for r in result.classes] == [
        "ok",
        "ok",
        "candidate_empty",
        "reference_empty",
        "both_empty",
    ]
    without = ma.compare(reference, candidate, background=0)
    assert without.mean_iou == pytest.approx(0.2)
    assert result.pixel_accuracy == 13 / 16


@pytest.mark.parametrize(
    ("reference", "candidate", "status", "iou", "precision", "recall"),
    [
        ([[0, 0]], [[0, 0]], Status.BOTH_EMPTY, math.nan, math.nan, math.nan),
        ([[0, 0]], [[0, 1]], Status.REFERENCE_EMPTY, 0.0, 0.0, math.nan),
        ([[0, 1]], [[0, 0]], Status.CANDIDATE_EMPTY, 0.0, math.nan, 0.0),
        ([[0, 1]], [[0, 1]], Status.OK, 1.0, 1.0, 1.0),
        ([[1, 1]], [[1, 1]], Status.OK, 1.0, 1.0, 1.0),
    ],
)
def test_empty_regions_are_named_and_never_dropped(
    reference, candidate, status, iou, precision, recall
):
    scores = row(reference, candidate).region
    assert scores.status is status
    got = [scores.iou, scores.dice, scores.precision, scores.recall]
    np.testing.assert_equal(got, [iou, iou, precision, recall])


def test_all_pixels_ignored_has_its_own_status_and_no_score():
    result = ma.compare([[9, 9]], [[0, 1]], ignore=[9], class_names={1: "x"})
    assert result.status is Status.ALL_IGNORED
    assert result.classes[0].status is Status.ALL_IGNORED
    assert math.isnan(result.mean_iou)


def test_a_candidate_that_says_ignore_on_a_counted_pixel_is_wrong_there():
    scores = row([[1, 1, 9]], [[1, 9, 9]], ignore=[9]).region
    assert (scores.overlap_pixels, scores.reference_pixels, scores.candidate_pixels) == (1, 2, 1)


def test_volume_difference_is_signed():
    assert row([[1, 1, 0, 0]], [[1, 1, 1, 0]]).region.volume_difference == 0.5
    assert row([[1, 1, 0, 0]], [[1, 0, 0, 0]]).region.volume_difference == -0.5


@given(maps)
def test_iou_and_dice_are_symmetric_and_tied_to_each_other(pair):
    forth, back = ma.compare(*pair), ma.compare(*reversed(pair))
    for one, other in zip(forth.classes, back.classes, strict=True):
        assert one.iou == other.iou
        assert one.region.dice == other.region.dice
        assert one.region.dice == pytest.approx(2 * one.iou / (1 + one.iou))


@given(maps)
def test_padding_with_shared_background_and_upscaling_change_no_foreground_score(pair):
    settings = ma.Settings(boundary_width_px=1)
    plain = ma.compare(*pair, background=0, settings=settings)
    padded = ma.compare(*(np.pad(m, 3) for m in pair), background=0, settings=settings)
    assert padded.ious == plain.ious
    assert [r.band for r in padded.classes] == [r.band for r in plain.classes]
    larger = ma.compare(*(m.repeat(2, 0).repeat(2, 1) for m in pair), background=0)
    assert larger.ious == plain.ious


@given(maps)
def test_removing_a_false_pixel_never_lowers_iou(pair):
    reference, candidate = pair
    wrong = np.argwhere((candidate == 1) & (reference != 1))
    if wrong.size:
        better = candidate.copy()
        better[tuple(wrong[0])] = reference[tuple(wrong[0])]
        after = row(reference, better)
        # Taking away the only pixel of an invented class leaves nothing to score.
        assert not after.is_defined or after.iou >= row(reference, candidate).iou


@given(maps)
def test_pooled_f1_of_complete_maps_is_pixel_accuracy(pair):
    rows = ma.compare(*pair).classes
    shared = sum(r.region.overlap_pixels for r in rows)
    sizes = sum(r.region.reference_pixels + r.region.candidate_pixels for r in rows)
    assert 2 * shared / sizes == pytest.approx(ma.compare(*pair).pixel_accuracy)


def test_region_scores_compare_as_values():
    assert RegionScores(5, 4, 4) == RegionScores(5, 4, 4)
