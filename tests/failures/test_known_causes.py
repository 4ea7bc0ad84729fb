"""Planted causes are recovered on scenes drawn independently of the rules (tolerance 3 px)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage as ndi

from failure_scenes import disc, grown, jittered, moved, scene
from napari_mask_audit.failures import BUCKETS, FailureThresholds, buckets, causes
from napari_mask_audit.failures.causes import CauseKind

THRESHOLDS = FailureThresholds(tolerance=3.0)
SEEDS = range(3)


def share_of(reference, candidate, background=0):
    found = buckets(reference, candidate, background=background, thresholds=THRESHOLDS)
    assert found.table.wrong_pixels > 0, "nothing was planted"
    return found, {b.value: found.table.pixels_in(b) / found.table.wrong_pixels for b in BUCKETS}


def dropped(labels, objects, large):
    out = labels.copy()
    for item in objects:
        if item["large"] is large:
            out[item["mask"]] = 0
    return out


def relabelled(labels, objects, large):
    out = labels.copy()
    for item in objects:
        if item["large"] is large:
            out[item["mask"]] = item["class"] % 3 + 1
    return out


def half_relabelled(labels, objects):
    out = labels.copy()
    for item in objects:
        if item["large"]:
            half = item["mask"].copy()
            half[: int(item["centre"][0])] = False
            out[half] = item["class"] % 3 + 1
    return out


def with_blobs(labels, objects, radius):
    out = labels.copy()
    free = ndi.distance_transform_edt(labels == 0)
    for _ in range(3):
        y, x = np.unravel_index(free.argmax(), free.shape)
        if free[y, x] < radius + 6:
            break
        stamp = np.zeros(labels.shape, bool)
        stamp[y, x] = True
        stamp = ndi.binary_dilation(stamp, disc(radius))
        out[stamp] = 1
        free[ndi.binary_dilation(stamp, disc(14))] = 0
    return out


def with_holes(labels, objects):
    out = labels.copy()
    for item in objects:
        inner = ndi.distance_transform_edt(item["mask"])
        if inner.max() > 11:
            y, x = np.unravel_index(inner.argmax(), inner.shape)
            hole = np.zeros(labels.shape, bool)
            hole[y, x] = True
            out[ndi.binary_dilation(hole, disc(6))] = 0
    return out


def cut(labels, objects, width=3):
    out = labels.copy()
    for item in objects:
        if item["large"]:
            y = int(item["centre"][0])
            strip = np.zeros(labels.shape, bool)
            strip[y : y + width] = True
            out[strip & item["mask"]] = 0
    return out


def bridged(seed):
    """Pairs of equal squares 9 px apart, joined by a bar 5 px wide."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((256, 256), np.uint8)
    for k, top in enumerate((20, 100, 180)):
        left, side = int(rng.integers(20, 120)), int(rng.integers(24, 40))
        labels[top : top + side, left : left + side] = k + 1
        labels[top : top + side, left + side + 9 : left + 2 * side + 9] = k + 1
    out = labels.copy()
    for k, top in enumerate((20, 100, 180)):
        columns = np.flatnonzero((labels == k + 1).any(axis=0))
        gap = np.setdiff1d(np.arange(columns[0], columns[-1]), columns)
        out[top + 8 : top + 13, gap[0] : gap[-1] + 1] = k + 1
    return labels, out


CASES = {
    "dilate 1": (lambda g, o: grown(g, 1), "boundary", 1.0),
    "dilate 2": (lambda g, o: grown(g, 2), "boundary", 1.0),
    "dilate 3": (lambda g, o: grown(g, 3), "boundary", 0.99),
    "erode 1": (lambda g, o: grown(g, -1), "boundary", 1.0),
    "dilate 5": (lambda g, o: grown(g, 5), "over_extent", 0.99),
    "shift 2": (lambda g, o: moved(g, (2, 1)), "boundary", 0.99),
    "jitter": (lambda g, o: jittered(g, 1, 2.8), "boundary", 0.98),
    "drop small": (lambda g, o: dropped(g, o, large=False), "missed_small", 1.0),
    "drop large": (lambda g, o: dropped(g, o, large=True), "missed_large", 1.0),
    "relabel small": (lambda g, o: relabelled(g, o, large=False), "confusion", 1.0),
    "relabel large": (lambda g, o: relabelled(g, o, large=True), "confusion", 1.0),
    "relabel half": (lambda g, o: half_relabelled(g, o), "confusion", 0.99),
    "false blob 4": (lambda g, o: with_blobs(g, o, 4), "false_region", 1.0),
    "false blob 9": (lambda g, o: with_blobs(g, o, 9), "false_region", 1.0),
    "hole 6": (lambda g, o: with_holes(g, o), "under_extent", 1.0),
    "cut 3": (lambda g, o: cut(g, o), "split", 0.98),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", CASES)
def test_a_single_planted_cause_fills_its_bucket(case, seed):
    plant, bucket, least = CASES[case]
    labels, objects = scene(seed)
    _, share = share_of(labels, plant(labels, objects))
    assert share[bucket] >= least, share


@pytest.mark.parametrize("seed", SEEDS)
def test_erosion_by_more_than_the_tolerance_is_under_extent(seed):
    labels, objects = scene(seed)
    large = np.where(np.any([o["mask"] for o in objects if o["large"]], axis=0), labels, 0)
    _, share = share_of(large, grown(large, -6))
    assert share["under_extent"] >= 0.99


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bridge_between_two_objects_is_a_merge(seed):
    reference, candidate = bridged(seed)
    _, share = share_of(reference, candidate)
    assert share["merge"] >= 0.99


@pytest.mark.parametrize("seed", SEEDS)
def test_several_causes_in_one_scene_are_told_apart(seed):
    """One object per cause; each wrong pixel knows which it belongs to."""
    labels, objects = scene(seed)
    candidate, cause = labels.copy(), np.zeros(labels.shape, "U12")
    large = [o["mask"] for o in objects if o["large"]]
    small = [o["mask"] for o in objects if not o["large"]]
    ids = [o["class"] for o in objects if o["large"]]

    def plant(where, value, name):
        candidate[where] = value
        cause[where] = name

    plant(ndi.binary_dilation(large[0], disc(2)) & ~large[0], ids[0], "boundary")
    plant(large[1], 0, "missed_large")
    plant(large[2], ids[2] % 3 + 1, "confusion")
    plant(ndi.binary_dilation(large[3], disc(6)) & ~large[3], ids[3], "over_extent")
    plant(small[0], 0, "missed_small")
    plant(small[1], 0, "missed_small")
    found = buckets(labels, candidate, background=0, thresholds=THRESHOLDS)
    names = np.array(["", *(b.value for b in BUCKETS)])
    wrong = labels != candidate
    assert np.mean(names[found.image][wrong] == cause[wrong]) >= 0.999


@pytest.mark.parametrize("vector", [(5, -4), (-8, 0), (3, 11)])
@pytest.mark.parametrize("seed", range(3))
def test_a_shift_is_named_with_its_vector(seed, vector):
    labels, _ = scene(seed)
    candidate = moved(labels, vector)
    found = buckets(labels, candidate, background=0, thresholds=THRESHOLDS)
    (cause,) = causes(labels, candidate, found, left_out_ids={0})
    assert cause.kind is CauseKind.MISREGISTERED
    assert tuple(cause.evidence["vector_px"]) == vector
    assert cause.evidence["removed_share"] > 0.99


def test_a_shift_in_three_dimensions_is_named():
    labels = np.zeros((24, 40, 40), np.uint8)
    labels[8:16, 12:24, 10:28], labels[10:14, 28:34, 12:20] = 1, 2
    candidate = moved(labels, (2, -3, 4))
    found = buckets(labels, candidate, background=0)
    (cause,) = causes(labels, candidate, found, left_out_ids={0})
    assert (cause.kind, cause.evidence["vector_px"]) == (CauseKind.MISREGISTERED, [2, -3, 4])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("pixels", "kind"),
    [
        (1, CauseKind.OVER_SEGMENTED),
        (3, CauseKind.OVER_SEGMENTED),
        (-1, CauseKind.UNDER_SEGMENTED),
        (-2, CauseKind.UNDER_SEGMENTED),
    ],
)
def test_drawing_too_large_or_too_small_is_named_for_every_class(seed, pixels, kind):
    labels, _ = scene(seed)
    candidate = grown(labels, pixels)
    found = buckets(labels, candidate, background=0, thresholds=THRESHOLDS)
    named = causes(labels, candidate, found, left_out_ids={0})
    assert {c.kind for c in named} == {kind}
    for cause in named:
        # Objects that vanish count as missed, corners move less than sides.
        assert 0.4 <= cause.evidence["offset"] / pixels <= 1.6
    seen = {c.class_ids[0] for c in named}
    assert seen >= {i for i in (1, 2, 3) if np.count_nonzero(labels == i) > 400}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", ["jitter", "drop small", "drop large", "relabel large", "hole 6"])
def test_other_errors_are_not_taken_for_a_habit_or_a_shift(seed, case):
    labels, objects = scene(seed)
    candidate = CASES[case][0](labels, objects)
    found = buckets(labels, candidate, background=0, thresholds=THRESHOLDS)
    named = causes(labels, candidate, found, left_out_ids={0})
    # Relabelling every object may amount to a permutation of the ids; that is for others to say.
    ids = {CauseKind.SHIFTED_IDS, CauseKind.SWAPPED_CLASSES, CauseKind.RENUMBERED_IDS}
    assert [c.kind for c in named if c.kind not in ids] == []


def test_swapped_classes_are_named_and_a_one_way_confusion_is_not():
    labels, _ = scene(0)
    swap = np.array([0, 2, 1, 3], np.uint8)[labels]
    found = buckets(labels, swap, background=0)
    (cause,) = causes(labels, swap, found, left_out_ids={0})
    assert (cause.kind, cause.class_ids) == (CauseKind.SWAPPED_CLASSES, (1, 2))
    assert cause.evidence["first_as_second"] == cause.evidence["second_as_first"] == 1
    assert cause.evidence["mean_iou_without"] == 1
    one_way = np.array([0, 2, 2, 3], np.uint8)[labels]
    found = buckets(labels, one_way, background=0)
    assert causes(labels, one_way, found, left_out_ids={0}) == ()


@pytest.mark.parametrize("step", [-1, 2])
def test_ids_shifted_by_a_constant_are_named(step):
    labels, _ = scene(1)
    labels = np.where(labels > 0, labels + 4, 0).astype(np.uint8)
    shifted = np.where(labels > 0, labels.astype(int) + step, 0).astype(np.uint8)
    found = buckets(labels, shifted, background=0)
    (cause,) = causes(labels, shifted, found, left_out_ids={0})
    assert cause.kind is CauseKind.SHIFTED_IDS
    assert cause.evidence["shift"] == step
    assert cause.evidence["mean_iou_without"] == 1
    assert cause.evidence["explained_share"] == 1


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25])
def test_another_scale_is_named_with_its_factor(factor):
    labels, _ = scene(2)
    n = labels.shape[0]
    source = np.rint((np.arange(n) - n / 2) / factor + n / 2).astype(int)
    inside = (source >= 0) & (source < n)
    candidate = np.zeros_like(labels)
    candidate[np.ix_(inside, inside)] = labels[np.ix_(source[inside], source[inside])]
    found = buckets(labels, candidate, background=0)
    (cause,) = causes(labels, candidate, found, left_out_ids={0})
    assert cause.kind is CauseKind.OTHER_SCALE
    assert cause.evidence["scale"] == pytest.approx([factor] * 2, abs=0.03)


def test_a_map_of_grey_values_and_a_thresholded_map_are_named():
    labels, _ = scene(3)
    smooth = ndi.gaussian_filter((labels > 0).astype(float), 3)
    grey = np.rint(smooth * 255).astype(np.uint8)
    found = buckets(labels, grey, background=0)
    (cause,) = causes(labels, grey, found, left_out_ids={0})
    assert cause.kind is CauseKind.GRADED_MAP
    assert cause.evidence["unknown_ids"] > 100
    black_and_white = np.where(labels > 0, 255, 0).astype(np.uint8)
    found = buckets(labels, black_and_white, background=0)
    (cause,) = causes(labels, black_and_white, found, left_out_ids={0})
    assert (cause.kind, cause.class_ids) == (CauseKind.BINARY_COPY, (255,))
    assert cause.evidence["iou_as_foreground"] == 1
    # An id of the class table is a class, whether or not this reference has it.
    known = causes(labels, black_and_white, found, left_out_ids={0}, declared_ids={1, 2, 255})
    assert CauseKind.BINARY_COPY not in {c.kind for c in known}


def test_a_perfect_mask_has_no_cause():
    labels, _ = scene(0)
    assert causes(labels, labels, buckets(labels, labels, background=0)) == ()
