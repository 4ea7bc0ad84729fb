"""Instance scores equal hand counts, the definitions, and each other where they must."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instance_cases import CASES, InstanceCase, canvas
from instance_oracles import conditional_entropy, iou_matrix
from napari_mask_audit.errors import SettingsError
from napari_mask_audit.kernels import count_tuples
from napari_mask_audit.matching import disconnected_objects
from napari_mask_audit.metrics.instance import DSB_THRESHOLDS, InstanceScores, instance_scores
from napari_mask_audit.object_overlap import ObjectOverlap
from realdata import DATA, needs

MAPS = hnp.arrays(np.int32, (4, 9), elements=st.integers(0, 3))


def scores_of(reference, candidate, *, background=0, **options) -> InstanceScores:
    tuples, counts = count_tuples([reference, candidate])
    table = ObjectOverlap.from_tuples(tuples, counts, background=background)
    return instance_scores(table, **options)


CHECKS = [
    pytest.param(case, name, id=f"{case.name}-{name}") for case in CASES for name in case.expected
]


@pytest.mark.parametrize(("case", "name"), CHECKS)
def test_hand_derived_cases(case: InstanceCase, name: str):
    scores = scores_of(case.reference, case.candidate, background=case.background, **case.settings)
    found = (scores.voi_split, scores.voi_merge) if name == "voi" else getattr(scores, name)
    assert found == pytest.approx(case.expected[name], abs=1e-12, nan_ok=True)


def test_an_id_on_two_blobs_scores_as_one_object_and_is_reported():
    case = next(case for case in CASES if case.name.startswith("I11"))
    assert [found.id for found in disconnected_objects(case.candidate)] == [1]
    assert disconnected_objects(case.reference) == ()


@given(MAPS, MAPS, st.sampled_from([0.2, 0.5, 0.75]), st.sampled_from(["gt", "ge"]))
@settings(max_examples=100, deadline=None)
def test_identities_between_the_scores(reference, candidate, threshold, rule):
    scores = scores_of(reference, candidate, threshold=threshold, rule=rule)
    assert scores.tp + scores.fn == scores.n_reference
    assert scores.tp + scores.fp == scores.n_candidate
    if scores.tp:
        assert scores.pq == pytest.approx(scores.sq * scores.rq)
        harmonic = 2 * scores.precision * scores.recall / (scores.precision + scores.recall)
        assert scores.f1 == pytest.approx(harmonic)
        assert scores.pq <= scores.rq + 1e-12
    if scores.status == "both_empty":
        assert math.isnan(scores.pq)
    else:
        assert 0 <= scores.pq <= 1
        assert list(scores.ap_dsb) == sorted(scores.ap_dsb, reverse=True)


@given(MAPS, MAPS)
@settings(max_examples=100, deadline=None)
def test_seg_and_variation_of_information_follow_their_definitions(reference, candidate):
    scores = scores_of(reference, candidate)
    inside = reference != 0
    if not inside.any():
        assert math.isnan(scores.seg)
        assert math.isnan(scores.voi_split)
        return
    truth, shown = reference[inside], candidate[inside]
    assert scores.voi_split == pytest.approx(conditional_entropy(shown, truth), abs=1e-12)
    assert scores.voi_merge == pytest.approx(conditional_entropy(truth, shown), abs=1e-12)
    iou = iou_matrix(reference, candidate)
    rows = [i for i in np.unique(reference) if i]
    columns = [j for j in np.unique(candidate) if j]
    total = 0.0
    for r, i in enumerate(rows):
        for c, j in enumerate(columns):
            both = ((reference == i) & (candidate == j)).sum()
            total += iou[r, c] if 2 * both > (reference == i).sum() else 0
    assert scores.seg == pytest.approx(total / len(rows))


@given(MAPS, MAPS, MAPS, MAPS, st.sampled_from([0.2, 0.5]))
@settings(max_examples=60, deadline=None)
def test_pooled_scores_are_the_scores_of_the_maps_side_by_side(a, b, c, d, threshold):
    pooled = scores_of(a, b, threshold=threshold) + scores_of(c, d, threshold=threshold)
    far = [
        np.concatenate([first, np.where(second > 0, second + 50, 0)])
        for first, second in ((a, c), (b, d))
    ]
    whole = scores_of(*far, threshold=threshold)
    for field in dataclasses.fields(pooled):
        if not field.name.endswith("merge_bits"):  # the background is shared by the two halves
            assert getattr(pooled, field.name) == pytest.approx(getattr(whole, field.name)), field


def test_scores_made_with_different_settings_are_not_pooled():
    square = canvas((4, 4), (1, 0, 2, 0, 2))
    with pytest.raises(SettingsError) as caught:
        scores_of(square, square) + scores_of(square, square, threshold=0.6)
    assert caught.value.code == "instance-scores-differ"


def test_all_pixels_ignored_is_said_so():
    table = ObjectOverlap.from_tuples([[255, 1]], [9], ignore=255)
    assert instance_scores(table).status == "all_ignored"
    assert math.isnan(instance_scores(table).pq)


def test_row_for_a_table_has_plain_values_under_known_names():
    row = scores_of(canvas((4, 4), (1, 0, 2, 0, 2)), canvas((4, 4), (7, 0, 2, 0, 2))).to_dict()
    assert json.loads(json.dumps(row)) == row
    assert row["status"] == "ok"
    assert row["pq"] == row["ap_dsb_0.5"] == row["ap_dsb_0.95"] == 1
    assert len([name for name in row if name.startswith("ap_dsb_0")]) == len(DSB_THRESHOLDS)


@pytest.mark.realdata
@needs("stardist_examples")
@pytest.mark.parametrize(
    ("dimension", "threshold", "tp", "fp", "fn", "pq", "sq"),
    [
        # stardist 0.9.2: matching(mask, pred, thresh), float32 there
        ("2d", 0.1, 108, 1, 17, 0.6434402, 0.6970602),
        ("2d", 0.3, 103, 6, 22, 0.6333468, 0.7194328),
        ("2d", 0.5, 88, 21, 37, 0.5780277, 0.7685141),
        ("2d", 0.7, 63, 46, 62, 0.4446920, 0.8258566),
        ("2d", 0.9, 6, 103, 119, 0.0478225, 0.9325386),
        ("3d", 0.1, 22, 4, 29, 0.2795555, 0.4892222),
        ("3d", 0.4, 18, 8, 33, 0.2479158, 0.5302643),
        ("3d", 0.5, 9, 17, 42, 0.1478744, 0.6325740),
        ("3d", 0.7, 1, 25, 50, 0.0198461, 0.7640750),
    ],
)
def test_real_nuclei_score_as_stardist_scores_them(dimension, threshold, tp, fp, fn, pq, sq):
    import tifffile

    folder = DATA / "stardist_examples"
    reference = tifffile.imread(folder / f"mask{dimension}.tif")
    candidate = tifffile.imread(folder / f"pred{dimension}_otsu_watershed.tif")
    scores = scores_of(reference, candidate, threshold=threshold, rule="ge")
    assert (scores.tp, scores.fp, scores.fn) == (tp, fp, fn)
    assert scores.pq == pytest.approx(pq, abs=1e-6)
    assert scores.sq == pytest.approx(sq, abs=1e-6)


@pytest.mark.realdata
@needs("stardist_examples")
def test_variation_of_information_of_real_nuclei_equals_scikit_image():
    import tifffile
    from skimage.metrics import variation_of_information

    folder = DATA / "stardist_examples"
    reference = tifffile.imread(folder / "mask2d.tif")
    candidate = tifffile.imread(folder / "pred2d_otsu_watershed.tif")
    scores = scores_of(reference, candidate)
    expected = variation_of_information(reference, candidate, ignore_labels=[0])
    assert [scores.voi_split, scores.voi_merge] == pytest.approx(list(expected), abs=1e-9)
    assert scores.merges > 0
