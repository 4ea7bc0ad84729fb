"""Properties of the scores that hold for all masks, and examples of plausible ones that do not.

Other true properties stand beside what they are about: boundary scores in
``metrics/test_boundary.py``, regions in ``metrics/test_region.py``, objects in ``test_matching.py``
and ``metrics/test_instance.py``, agreement in ``agreement``, buckets in ``failures``.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import napari_mask_audit as ma
from cases import boxes
from instance_cases import canvas
from kernel_strategies import label_maps
from napari_mask_audit.agreement import cohen_kappa, consensus_of_masks, fleiss_kappa
from napari_mask_audit.boundaries import surface_distances
from napari_mask_audit.metrics.boundary import hd95_pooled
from napari_mask_audit.scores import BOUNDARY_METRICS, REGION_METRICS

SCORES = (*REGION_METRICS, *BOUNDARY_METRICS, "size_sensitivity")


def compared(reference, candidate, *, spacing=None, **chosen) -> dict[int, ma.ClassScores]:
    chosen = {"tolerances": (1.0,), "boundary_width_px": 1} | chosen
    result = ma.compare(reference, candidate, spacing=spacing, settings=ma.Settings(**chosen))
    return {row.id: row for row in result.classes}


def values(row: ma.ClassScores) -> list[float]:
    return [row.value(name) for name in SCORES] + [share for _, share in row.boundary.nsd]


def mask(*rows: str) -> np.ndarray:
    """Mask of 1 from a picture with # and dots."""
    return np.array([[letter == "#" for letter in row] for row in rows], np.uint8)


def score(reference, candidate, name: str, **chosen) -> float:
    row = compared(reference, candidate, **chosen)[1]
    return row.boundary.nsd[0][1] if name == "nsd" else row.value(name)


# What holds ---------------------------------------------------------------------------------


@given(masks=label_maps(3, labels=2))
@settings(max_examples=40)
def test_one_minus_iou_obeys_the_triangle(masks):
    assume(all((m == 1).any() for m in masks))
    a, b, c = masks
    near = [1 - ma.compare(*pair, background=0).ious[0] for pair in ((a, b), (b, c), (a, c))]
    assert near[2] <= near[0] + near[1] + 1e-12


@given(masks=label_maps(2, labels=4), order=st.permutations(range(4)))
@settings(max_examples=50)
def test_class_ids_are_only_names(masks, order):
    """Renaming the classes of both masks moves the rows and changes no number."""
    renamed = [np.array(order)[m] for m in masks]
    before, after = compared(*masks), compared(*renamed)
    assert {order[label] for label in before} == set(after)
    for label, row in before.items():
        np.testing.assert_allclose(values(after[order[label]]), values(row), rtol=1e-12)


@given(masks=label_maps(2, labels=3), axes=st.permutations(range(3)), flip=st.integers(0, 2))
@settings(max_examples=50)
def test_turning_masks_with_their_spacing_changes_no_score(masks, axes, flip):
    ndim = masks[0].ndim
    axes, flip = [axis for axis in axes if axis < ndim], flip % ndim
    spacing = (2.0, 1.0, 0.5)[:ndim]
    turned = [np.flip(m.transpose(axes), flip) for m in masks]
    before = compared(*masks, spacing=spacing)
    after = compared(*turned, spacing=tuple(spacing[axis] for axis in axes))
    for label, row in before.items():
        np.testing.assert_allclose(values(after[label]), values(row), rtol=1e-9, atol=1e-12)


@given(masks=label_maps(2, labels=3), cut=st.integers(1, 8))
@settings(max_examples=40)
def test_region_counts_add_over_tiles(masks, cut):
    whole = compared(*masks)
    tiles = [tile for tile in (np.s_[:cut], np.s_[cut:]) if masks[0][tile].size]
    parts = [compared(*(m[tile] for m in masks)) for tile in tiles]
    for label, row in whole.items():
        for count in ("reference_pixels", "candidate_pixels", "overlap_pixels"):
            total = sum(getattr(p[label].region, count) for p in parts if label in p)
            assert total == getattr(row.region, count)


@given(masks=label_maps(2, labels=2))
@settings(max_examples=40)
def test_removing_a_false_pixel_never_lowers_dice_or_precision(masks):
    reference, candidate = masks
    wrong = np.argwhere((candidate == 1) & (reference != 1))
    assume(len(wrong) and ((candidate == 1) & (reference == 1)).any())
    better = candidate.copy()
    better[tuple(wrong[0])] = 0
    for name in ("iou", "dice", "precision"):
        assert score(reference, better, name) >= score(reference, candidate, name)


@given(arrays(np.int64, (3, 3), elements=st.integers(0, 50)))
def test_for_two_raters_fleiss_never_exceeds_cohen(table):
    """Chance is never smaller when both are assumed to share one label distribution (Scott)."""
    cohen = cohen_kappa(table)
    tally = [np.bincount([i, j], minlength=3) for i, j in np.ndindex(3, 3)]
    if table.sum():
        fleiss = fleiss_kappa(tally, table.ravel())
        assume(not np.isnan(cohen) and not np.isnan(fleiss))
        assert fleiss <= cohen + 1e-12


@given(masks=label_maps(2, ndim=2, labels=2), width=st.integers(1, 3))
@settings(max_examples=40)
def test_at_a_fixed_width_boundary_iou_ignores_the_canvas(masks, width):
    assume((masks[0] == 1).any())
    padded = [np.pad(m, 5) for m in masks]
    found = [score(*pair, "boundary_iou", boundary_width_px=width) for pair in (masks, padded)]
    assert found[0] == found[1]


# What does not hold -------------------------------------------------------------------------
# Each test is one example, so that nobody asserts, or explains to a user, what is not true.


def test_dice_distance_breaks_the_triangle():
    """{1}, {1, 2}, {2}: 1/3 + 1/3 < 1. Distances of masks are for IoU."""
    a, b, c = [[1, 0]], [[1, 1]], [[0, 1]]
    legs = 2 - score(a, b, "dice") - score(b, c, "dice")
    assert legs == pytest.approx(2 / 3)
    assert 1 - score(a, c, "dice") == 1


def test_hd95_breaks_the_triangle_and_can_be_below_assd():
    """Five stray pixels beside the 156 of the outline are under 5 %, ten are not."""
    square, first, second = ((10, 50), (10, 50)), ((0, 1), (10, 15)), ((79, 80), (10, 15))
    a = boxes((80, 80), square, first, second)
    b = boxes((80, 80), square, first)
    c = boxes((80, 80), square)
    voxel = {"convention": "voxel"}
    assert score(a, b, "hd95", **voxel) == score(b, c, "hd95", **voxel) == 0
    assert score(a, c, "hd95", **voxel) > 9
    assert score(a, b, "assd", **voxel) > 0


def test_pooled_hd95_can_exceed_the_larger_directed_one():
    pair = mask(".#.", "#..", "..."), mask("##.", "...", "...")
    found = surface_distances(*pair, [1], spacing=(1, 1), convention="voxel")[1]
    assert hd95_pooled(found) > score(*pair, "hd95", convention="voxel")


def test_boundary_iou_can_exceed_iou_and_is_not_monotone_in_its_width():
    """So Boundary IoU is no lower bound, and 'wider is kinder' is wrong."""
    pair = mask(".###", "##..", ".###", "#.##"), mask(".###", "####", ".###", "#..#")
    widths = [score(*pair, "boundary_iou", boundary_width_px=width) for width in (1, 2)]
    assert widths[0] > score(*pair, "iou")
    assert widths[0] > widths[1]
    pair = mask("####", "###.", "###.", "..##"), mask("####", "##..", "###.", "..#.")
    widths = [score(*pair, "boundary_iou", boundary_width_px=width) for width in (1, 2)]
    assert widths[0] < widths[1]


def test_boundary_iou_at_a_share_of_the_diagonal_depends_on_the_canvas():
    masks = boxes((40, 40), ((5, 35), (5, 35))), boxes((40, 40), ((6, 36), (5, 35)))
    small = score(*masks, "boundary_iou", boundary_width_px=None)
    large = score(*(np.pad(m, 200) for m in masks), "boundary_iou", boundary_width_px=None)
    assert large > small + 0.3


@pytest.mark.parametrize(("name", "worse"), [("hd", 1), ("assd", 1), ("nsd", -1)])
def test_removing_a_false_pixel_can_worsen_a_boundary_score(name, worse):
    """The false pixel was what lay next to a missed one."""
    reference, candidate = mask(".#.", "#..", "..."), mask("##.", "...", "...")
    better = mask(".#.", "...", "...")
    assert worse * (score(reference, better, name) - score(reference, candidate, name)) > 0


def test_a_hole_in_a_false_region_lowers_boundary_iou():
    """It gives the candidate 8 more band pixels: 11/39 before, 11/47 after."""
    reference, candidate = boxes((9, 9), ((0, 9), (0, 2))), boxes((9, 9), ((0, 9), (0, 9)))
    better = candidate.copy()
    better[4, 6] = 0
    assert score(reference, candidate, "boundary_iou") == 11 / 39
    assert score(reference, better, "boundary_iou") == 11 / 47
    assert score(reference, better, "iou") > score(reference, candidate, "iou")


def test_distances_of_masks_and_of_their_complements_differ():
    pair = mask("#.#", ".#.", "..."), mask("...", ".#.", "...")
    inverse = [1 - m for m in pair]
    assert score(*pair, "hd") != score(*inverse, "hd")


def test_doubling_the_pixels_does_not_double_surface_distances():
    pair = mask("#.#", "##.", "..."), mask("#.#", "...", "...")
    doubled = [m.repeat(2, 0).repeat(2, 1) for m in pair]
    assert score(*doubled, "iou") == score(*pair, "iou")
    for name in ("hd", "assd"):
        assert score(*doubled, name) != pytest.approx(2 * score(*pair, name))


def test_object_matches_do_not_add_over_tiles():
    """Whole: 16 of 24 pixels match. In two halves, one is exact and the other missed."""
    reference, candidate = canvas((4, 8), (1, 0, 4, 0, 6)), canvas((4, 8), (1, 0, 4, 0, 4))
    whole = ma.compare(reference, candidate, instances=True).instances
    tiles = [
        ma.compare(reference[:, half], candidate[:, half], instances=True).instances
        for half in (np.s_[:4], np.s_[4:])
    ]
    assert (whole.tp, whole.fn) == (1, 0)
    assert (sum(t.tp for t in tiles), sum(t.fn for t in tiles)) == (1, 1)


def test_mean_iou_and_mean_dice_can_disagree_about_the_better_model():
    """IoU .9 and .1 against .5 and .49: mean IoU .5 > .495, mean Dice .565 < .662."""

    def row_of(*shared: int) -> list[tuple[float, float]]:
        found = []
        for overlap in shared:
            reference, candidate = np.zeros((2, 1, 100), np.uint8)
            reference[0] = 1
            candidate[0, :overlap] = 1
            row = compared(reference, candidate)[1]
            found.append((row.iou, row.region.dice))
        return found

    first, second = (np.mean(row_of(*shared), axis=0) for shared in ((90, 10), (50, 49)))
    assert first == pytest.approx([0.5, 0.5646], abs=1e-4)
    assert second == pytest.approx([0.495, 0.6622], abs=1e-4)
    assert first[0] > second[0]
    assert first[1] < second[1]


def test_kappa_and_accuracy_rise_with_background_and_dice_does_not():
    y, x = np.indices((64, 64))
    first, second = ((y - 32) ** 2 + (x - c) ** 2 <= 200 for c in (30, 34))

    def found(margin: int) -> tuple[float, float, float]:
        masks = [np.pad(m, margin).astype(np.uint8) for m in (first, second)]
        result = ma.compare(*masks)
        both = np.bincount((2 * masks[0] + masks[1]).ravel(), minlength=4).reshape(2, 2)
        return result.classes[1].region.dice, cohen_kappa(both), result.pixel_accuracy

    small, large = found(0), found(480)
    assert small[0] == large[0]
    assert small[1] < large[1] < large[0]
    assert large[1] == pytest.approx(large[0], abs=1e-3)
    assert small[2] < large[2]
    assert large[2] > 0.999


def test_fleiss_is_not_the_mean_of_pairwise_cohen():
    labels = np.array([[0, 0, 1, 1, 1], [0, 1, 1, 1, 0], [0, 0, 0, 1, 0]])
    tally = [np.bincount(column, minlength=2) for column in labels.T]
    pairs = [
        cohen_kappa(np.bincount(2 * a + b, minlength=4).reshape(2, 2))
        for a, b in ((labels[0], labels[1]), (labels[0], labels[2]), (labels[1], labels[2]))
    ]
    assert abs(fleiss_kappa(tally) - np.mean(pairs)) > 0.01


def test_staple_is_not_the_majority():
    """It believes one careful rater more than two careless ones."""
    random = np.random.default_rng(1)
    truth = random.random((40, 40)) < 0.5
    masks = [truth] + [truth ^ (random.random(truth.shape) < 0.35) for _ in range(4)]
    masks = [m.astype(np.uint8) for m in masks]
    staple = consensus_of_masks(masks, method="staple", region="full", background=0).labels
    majority = consensus_of_masks(masks).labels
    assert (staple != majority).any()
    assert (staple != truth).sum() < (majority != truth).sum()
