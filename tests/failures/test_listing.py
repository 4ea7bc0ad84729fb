"""Findings cover every wrong pixel once, are worth what repairing them brings, and say why."""

from __future__ import annotations

import numpy as np
import pytest

from failure_scenes import moved, scene
from napari_mask_audit.failures import FailureThresholds, buckets, findings

NAMES = {0: "ground", 1: "house", 2: "tree", 3: "pole"}


def canvas(size=60):
    return np.zeros((size, size), np.uint8)


def listed(reference, candidate, *, background=0, thresholds=None, **options):
    found = buckets(
        reference, candidate, background=background, thresholds=thresholds or FailureThresholds()
    )
    return findings(
        found, sample="s", left_out_ids={0} if background == 0 else (), name_of=NAMES.get, **options
    )


def smooth(seed, shape=(60, 70), classes=4):
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    return np.argmax(
        [gaussian_filter(rng.normal(size=shape), 2) for _ in range(classes)], axis=0
    ).astype(np.uint8)


@pytest.mark.parametrize("background", [0, None])
@pytest.mark.parametrize("seed", range(4))
def test_findings_partition_the_wrong_pixels_and_have_their_own_ids(seed, background):
    reference, candidate = smooth(seed), smooth(seed + 50)
    rows = listed(reference, candidate, background=background)
    assert sum(row.pixels for row in rows) == np.count_nonzero(reference != candidate)
    assert len({row.id for row in rows}) == len(rows) > 10
    for row in rows:
        box = tuple(slice(a, b) for a, b in row.bbox)
        assert np.count_nonzero((reference != candidate)[box]) >= row.pixels
        assert reference[row.point] != candidate[row.point]
        assert all(a <= p < b for p, (a, b) in zip(row.point, row.bbox, strict=True))


def test_three_dimensions_have_boxes_and_points_with_three_axes():
    reference, candidate = smooth(1, (8, 20, 22)), smooth(2, (8, 20, 22))
    rows = listed(reference, candidate)
    assert sum(row.pixels for row in rows) == np.count_nonzero(reference != candidate)
    assert {len(row.bbox) for row in rows} == {len(row.point) for row in rows} == {3}
    assert "(z " in rows[0].explanation


def mean_iou(reference, candidate, ids):
    own, other = ([m == i for i in ids] for m in (reference, candidate))
    unions = [np.count_nonzero(a | b) for a, b in zip(own, other, strict=True)]
    ious = [np.count_nonzero(a & b) / u for a, b, u in zip(own, other, unions, strict=True) if u]
    return np.mean(ious)


def test_worth_is_the_mean_iou_gained_when_its_pixels_are_put_right():
    reference, candidate = canvas(), canvas()
    reference[5:25, 5:25], candidate[5:25, 5:23] = 1, 1  # 20 x 2 too little
    reference[40:44, 40:44] = 3  # missed
    candidate[40:50, 5:15] = 2  # false, and the only region of its class
    before = mean_iou(reference, candidate, (1, 2, 3))
    rows = {row.bucket: row for row in listed(reference, candidate)}
    assert set(rows) == {"boundary", "missed_large", "false_region"}
    repaired = candidate.copy()
    repaired[40:44, 40:44] = 3
    expected = mean_iou(reference, repaired, (1, 2, 3)) - before
    assert rows["missed_large"].worth == pytest.approx(expected)
    # Without its false region class 2 occurs nowhere and leaves the mean: (0.9 + 0) / 2.
    assert rows["false_region"].worth == pytest.approx(0.9 / 2 - 0.9 / 3)
    assert rows["boundary"].worth == pytest.approx(0.1 / 3)
    assert listed(reference, candidate)[0].bucket == "missed_large"


def test_all_slivers_of_an_outline_are_one_finding():
    labels, _ = scene(0)
    shifted = moved(labels, (1, 1))
    found = buckets(labels, shifted, background=0)
    rows = findings(found, sample="s", left_out_ids={0})
    assert {row.bucket for row in rows} == {"boundary"}
    assert len(rows) == len(found.regions.reference) - 1  # one per object, none for the ground


def test_crumbs_of_an_overdrawn_area_are_one_finding_beside_the_large_pieces():
    reference, candidate = canvas(100), canvas(100)
    reference[20:80, 20:80], candidate[20:80, 20:80] = 1, 1
    candidate[20:40, 80:90] = 1  # one large piece: 200 px, the corners of it thin
    for x in (25, 35, 45):
        candidate[80:84, x : x + 3] = 1  # three crumbs below 16 px
    rows = [row for row in listed(reference, candidate) if row.bucket == "over_extent"]
    assert len(rows) == 2
    assert rows[0].pixels > 150
    assert "in 3 pieces" in rows[1].explanation


def test_ids_survive_a_second_run_and_a_correction_elsewhere():
    reference, candidate = smooth(3), smooth(4)
    first = {row.id for row in listed(reference, candidate)}
    assert {row.id for row in listed(reference, candidate)} == first
    a, b = canvas(), canvas()
    a[5:15, 5:15] = a[40:50, 40:50] = 1
    both = {row.bbox: row.id for row in listed(a, b)}
    b[40:50, 40:50] = 1
    (left,) = listed(a, b)
    assert len(both) == 2
    assert both[left.bbox] == left.id


def test_the_limit_keeps_the_most_rewarding():
    reference, candidate = smooth(5), smooth(6)
    rows = listed(reference, candidate)
    assert listed(reference, candidate, limit=5) == rows[:5]


def test_a_missed_region_says_what_where_how_large_and_why_not_the_next_bucket():
    reference, candidate = canvas(), canvas()
    reference[10:13, 20:25] = 3
    (row,) = listed(reference, candidate)
    assert (row.bucket, row.class_id, row.other_class_id) == ("missed_small", 3, 0)
    assert row.bbox == ((10, 13), (20, 25))
    assert row.explanation == (
        "missed small region: pole, 15 px at (y 10, x 22), nothing of it predicted within 2 px; "
        "ground is in its place."
    )
    assert row.why_not_next == (
        "Not a boundary error: 0 of its 15 px (0 %) are found, less than 10 %, and 15 px lie "
        "deeper than 2 px; not large: fewer than 16 px; not confusion: the ground in its place "
        "is background."
    )
    assert row.suggested_tag == "missed_small"


def test_confusion_and_extent_say_which_class_is_in_whose_place():
    reference, candidate = canvas(), canvas()
    reference[10:20, 10:20], candidate[10:20, 10:20] = 1, 2
    reference[30:50, 30:50], candidate[30:50, 30:55] = 1, 1
    rows = {row.bucket: row for row in listed(reference, candidate)}
    confused = rows["confusion"]
    assert confused.explanation.startswith("class confusion: house is labelled tree, 100 px at (y ")
    assert (confused.class_id, confused.other_class_id) == (1, 2)
    assert confused.suggested_tag == "class_confusion"
    over = rows["over_extent"]
    assert "house covers" in over.explanation
    assert "px of ground" in over.explanation
    assert (over.class_id, over.other_class_id) == (1, 0)
    assert "400 of its 500 px (80 %) are right" in over.why_not_next


def test_split_merge_and_false_regions_have_sentences_of_their_own():
    whole, cut = canvas(), canvas()
    whole[10:20, 5:35], cut[10:20, 5:35] = 1, 1
    cut[10:20, 18:21] = 0
    (split,), (merge,) = listed(whole, cut), listed(cut, whole)
    assert "one house is cut into pieces by 30 px of ground" in split.explanation
    assert "separate pieces of house are joined by 30 px over ground" in merge.explanation
    blob = canvas()
    blob[40:50, 40:50] = 2
    (false,) = listed(canvas(), blob)
    assert "tree, 100 px at" in false.explanation
    assert "where the reference has ground" in false.explanation
    assert false.worth == 1  # without it nothing is wrong


def test_distances_are_in_the_unit_of_the_spacing():
    reference, candidate = canvas(), canvas()
    reference[10:13, 20:25] = 3
    found = buckets(reference, candidate, background=0, spacing=(0.5, 0.5))
    (row,) = findings(found, left_out_ids={0}, name_of=NAMES.get, unit="mm")
    assert "within 1 mm" in row.explanation


def test_equal_masks_have_no_findings():
    labels = smooth(1)
    assert listed(labels, labels) == ()
