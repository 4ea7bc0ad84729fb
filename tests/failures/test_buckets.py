"""Every wrong pixel in exactly one bucket, the right one, and the shares add up."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from failure_scenes import slow_buckets, slow_codes
from napari_mask_audit.errors import MaskError, SettingsError
from napari_mask_audit.failures import BUCKETS, Bucket, FailureTable, FailureThresholds, buckets
from napari_mask_audit.failures.measured import measure_pair
from napari_mask_audit.failures.proximity import is_far, is_near

IGNORED = 9
NAMES = {0: "", **{b.code: b.value for b in BUCKETS}}


def smooth_labels(rng, shape, classes):
    """Random labels in blobs: noise alone never makes a thick error."""
    from scipy.ndimage import gaussian_filter

    fields = [gaussian_filter(rng.normal(size=shape), 1.6) for _ in range(classes)]
    return np.argmax(fields, axis=0).astype(np.uint8)


@st.composite
def pairs(draw):
    shape = draw(st.sampled_from([(1, 1), (1, 17), (12, 15), (24, 20), (5, 7, 8), (9, 11, 6)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes = draw(st.integers(1, 4))
    if draw(st.booleans()):
        return smooth_labels(rng, shape, classes), smooth_labels(rng, shape, classes)
    kind = hnp.arrays(np.uint8, shape, elements=st.integers(0, classes))
    return draw(kind), draw(kind)


@given(pairs(), st.sampled_from([None, 0]), st.booleans(), st.sampled_from([0.0, 1.0, 2.0, 3.5]))
@settings(max_examples=60, deadline=None)
def test_shares_sum_to_one_minus_iou_exactly(pair, background, ignoring, tolerance):
    reference, candidate = pair[0].copy(), pair[1]
    if ignoring:
        reference[: max(1, reference.shape[0] // 3)] = IGNORED
    found = buckets(
        reference,
        candidate,
        background=background,
        ignore_ids={IGNORED},
        thresholds=FailureThresholds(tolerance=tolerance),
    )
    valid = reference != IGNORED
    wrong = valid & (reference != candidate)
    assert np.array_equal(found.image > 0, wrong)
    assert found.image.max(initial=0) <= len(BUCKETS)
    rows = {row.id: row for row in found.table.classes()}
    assert set(rows) == set(np.unique(np.stack([reference, candidate])[:, valid]).tolist())
    for class_id, row in rows.items():
        own, other = (reference == class_id) & valid, (candidate == class_id) & valid
        assert (row.overlap, row.union) == ((own & other).sum(), (own | other).sum())
        assert row.overlap + sum(row.pixels.values()) == row.union
        shares = sum(Fraction(n, row.union) for n in row.pixels.values())
        assert shares == 1 - Fraction(row.overlap, row.union)
        assert abs(sum(row.shares.values()) - (1 - row.iou)) < 1e-12
        for bucket in BUCKETS:
            here = found.image == bucket.code
            assert row.missing[bucket] == (here & own).sum()
            assert row.superfluous[bucket] == (here & other).sum()


@given(pairs(), st.sampled_from([None, 0]), st.sampled_from([1.0, 2.0, 3.0]))
@settings(max_examples=40, deadline=None)
def test_buckets_are_those_of_the_slow_rules(pair, background, tolerance):
    thresholds = FailureThresholds(tolerance=tolerance, small_area=6, split_part=None)
    reference, candidate = pair
    found = buckets(reference, candidate, background=background, thresholds=thresholds)
    expected = slow_buckets(
        reference, candidate, background=background, spacing=(1.0,) * reference.ndim,
        thresholds=thresholds,
    )  # fmt: skip
    got = np.vectorize(NAMES.get, otypes=[object])(found.image)
    # Equal overlaps make two "covering" regions equally good; such ties may go either way.
    differing = got != expected
    if differing.any():
        assert _covering_ties(found)
    else:
        assert np.array_equal(got, expected)


def _covering_ties(found):
    regions = found.regions
    for column in (0, 1):
        rows = ~regions.same
        for region in np.unique(regions.pairs[rows, column]):
            shared = np.sort(regions.shared[rows & (regions.pairs[:, column] == region)])
            if shared.size > 1 and shared[-1] == shared[-2]:
                return True
    return False


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.0, 1.37), (0.31, 1.0)])
@pytest.mark.parametrize("tolerance", [0.0, 0.9, 2.0, 3.7])
def test_proximity_is_that_of_looking_at_every_pair_of_pixels(spacing, tolerance):
    rng = np.random.default_rng(4)
    for _ in range(3):
        reference, candidate = (smooth_labels(rng, (22, 19), 4) for _ in "ab")
        pair = measure_pair(
            reference, candidate, ignore_ids=(3,), spacing=spacing, strip_pixels=100
        )
        wrong, near, far_c, far_r = slow_codes(
            reference, candidate, spacing=spacing, tolerance=tolerance, ignore_ids=(3,)
        )
        assert wrong.any()
        assert np.array_equal(pair.differences.wrong.positions(), np.flatnonzero(wrong))
        assert_proximity(pair, tolerance, (near, far_c, far_r))


def assert_proximity(pair, tolerance, expected):
    wrong, ball = pair.wrong(tolerance, None)
    near, far_c, far_r = (values[wrong.positions()] for values in expected)
    got = (
        is_near(wrong, ball, tolerance),
        is_far(wrong.to_candidate, ball, tolerance),
        is_far(wrong.to_reference, ball, tolerance),
    )
    for runs, pixels in zip(got, (near, far_c, far_r), strict=True):
        assert np.array_equal(np.repeat(runs, wrong.length), pixels)


def test_proximity_in_three_dimensions_with_flat_voxels():
    rng = np.random.default_rng(1)
    reference, candidate = (smooth_labels(rng, (7, 9, 10), 3) for _ in "ab")
    spacing = (2.9, 1.0, 1.13)
    pair = measure_pair(reference, candidate, spacing=spacing)
    # Smaller and larger tolerances are read from what was looked for already, or added to it.
    for tolerance in (3.0, 1.0, 4.5, 2.0):
        wrong, *expected = slow_codes(reference, candidate, spacing=spacing, tolerance=tolerance)
        assert 0 < expected[0].sum() < wrong.sum()
        assert_proximity(pair, tolerance, expected)


def canvas(size=40):
    return np.zeros((size, size), np.uint8)


def only(found):
    """The buckets that have pixels, by name."""
    return {b.value: n for b in BUCKETS if (n := found.table.pixels_in(b))}


def test_a_two_pixel_band_is_boundary_at_tolerance_two_and_extent_below():
    reference, candidate = canvas(), canvas()
    reference[10:30, 10:30], candidate[10:30, 10:32] = 1, 1
    assert only(buckets(reference, candidate, background=0)) == {"boundary": 40}
    # At either end of the band the object's own edge is one step away: there it is thinner.
    tight = FailureThresholds(tolerance=1.5)
    assert only(buckets(reference, candidate, background=0, thresholds=tight)) == {
        "boundary": 2, "over_extent": 38,
    }  # fmt: skip
    # The other way round it is missing, not superfluous.
    assert only(buckets(candidate, reference, background=0, thresholds=tight)) == {
        "boundary": 2, "under_extent": 38,
    }  # fmt: skip


def test_the_tolerance_counts_the_smallest_spacing_unless_it_is_a_distance():
    reference, candidate = canvas(), canvas()
    reference[10:30, 10:30], candidate[10:30, 10:32] = 1, 1
    half_mm = {"background": 0, "spacing": (0.5, 0.5)}
    assert only(buckets(reference, candidate, **half_mm)) == {"boundary": 40}
    one_mm = FailureThresholds(tolerance=1.0, unit="spacing")
    assert only(buckets(reference, candidate, thresholds=one_mm, **half_mm)) == {"boundary": 40}
    less = FailureThresholds(tolerance=0.9, unit="spacing")
    assert only(buckets(reference, candidate, thresholds=less, **half_mm)) == {
        "boundary": 2, "over_extent": 38,
    }  # fmt: skip


@pytest.mark.parametrize(("side", "bucket"), [(3, "missed_small"), (4, "missed_large")])
def test_missed_is_small_below_the_small_area(side, bucket):
    reference, candidate = canvas(), canvas()
    reference[10 : 10 + side, 10 : 10 + side] = 1
    assert only(buckets(reference, candidate, background=0)) == {bucket: side**2}


def test_a_region_found_by_a_tenth_is_not_missed():
    reference, candidate = canvas(), canvas()
    reference[10:20, 10:20] = 1
    candidate[10:11, 10:19] = 1  # 9 of 100
    assert only(buckets(reference, candidate, background=0)) == {"missed_large": 91}
    candidate[10:11, 10:20] = 1  # 10 of 100
    assert "missed_large" not in only(buckets(reference, candidate, background=0))


def test_the_right_shape_with_another_class_is_confusion_but_an_absorbed_one_is_missed():
    reference, candidate = canvas(), canvas()
    reference[10:20, 10:20], candidate[10:20, 10:20] = 1, 2
    assert only(buckets(reference, candidate, background=0)) == {"confusion": 100}
    # 100 of 400 pixels of the covering region are a quarter; of 420 they are less.
    reference[:], candidate[:] = 0, 0
    candidate[5:25, 5:25] = 2
    reference[5:25, 5:25] = 2
    reference[10:20, 10:20] = 1
    assert only(buckets(reference, candidate, background=0)) == {"confusion": 100}
    reference[5:25, 25], candidate[5:25, 25] = 2, 2
    assert only(buckets(reference, candidate, background=0)) == {"missed_large": 100}


def test_a_region_out_of_nothing_is_false_and_on_another_object_confusion():
    reference, candidate = canvas(), canvas()
    candidate[10:16, 10:16] = 1
    assert only(buckets(reference, candidate, background=0)) == {"false_region": 36}
    reference[5:30, 5:30] = 2
    candidate[reference == 2] = 2
    candidate[10:16, 10:16] = 1
    assert only(buckets(reference, candidate, background=0)) == {"confusion": 36}
    # Without a background, an island that is a small part of what it lies on is false.
    assert only(buckets(reference, candidate)) == {"false_region": 36}


def test_a_strip_that_cuts_an_object_is_a_split_and_one_that_joins_two_a_merge():
    whole, cut = canvas(), canvas()
    whole[10:20, 5:35] = 1
    cut[:] = whole
    cut[10:20, 18:21] = 0
    assert only(buckets(whole, cut, background=0)) == {"split": 30}
    assert only(buckets(cut, whole, background=0)) == {"merge": 30}
    without = FailureThresholds(split_part=None)
    assert only(buckets(whole, cut, background=0, thresholds=without)) == {
        "boundary": 10, "under_extent": 20,  # within two steps of the bar's own edge it is thin
    }  # fmt: skip
    # A bite out of one part is not between the parts, however near the cut it is.
    bitten = cut.copy()
    bitten[10:15, 9:14] = 0
    assert only(buckets(whole, bitten, background=0))["split"] == 30
    # A part of less than a tenth of the object is no part.
    crumb = whole.copy()
    crumb[10:20, 30:33] = 0  # leaves 20 of 300 pixels
    assert only(buckets(whole, crumb, background=0)) == {"boundary": 10, "under_extent": 20}


def test_three_pixel_thick_disagreement_of_two_foreground_classes_is_confusion():
    reference, candidate = canvas(), canvas()
    reference[10:30, :20], reference[10:30, 20:] = 1, 2
    candidate[10:30, :23], candidate[10:30, 23:] = 1, 2
    assert only(buckets(reference, candidate, background=0)) == {"confusion": 60}
    wide = FailureThresholds(tolerance=3)
    assert only(buckets(reference, candidate, background=0, thresholds=wide)) == {"boundary": 60}


def test_ignored_pixels_count_nowhere_and_belong_to_no_region():
    reference, candidate = canvas(), canvas()
    reference[10:20, 10:20] = 1
    candidate[5:25, 5:9] = 1
    reference[:, :9] = IGNORED
    found = buckets(reference, candidate, background=0, ignore_ids=[IGNORED])
    assert only(found) == {"missed_large": 100}
    assert not found.image[:, :9].any()
    assert [row.id for row in found.table.classes(left_out={0})] == [1]


def test_everything_ignored_leaves_nothing():
    labels = np.full((5, 5), IGNORED, np.uint8)
    found = buckets(labels, canvas(5), background=0, ignore_ids=[IGNORED])
    assert not found.image.any()
    assert found.table.ids == []


def test_a_speck_within_the_tolerance_of_its_class_is_boundary_not_missed():
    reference, candidate = canvas(), canvas()
    reference[10:20, 10:20], candidate[10:20, 10:20] = 1, 1
    reference[14, 21] = 1  # a pixel of its own, two steps from the object
    assert only(buckets(reference, candidate, background=0)) == {"boundary": 1}


def test_masks_are_not_changed_and_shapes_must_agree():
    reference, candidate = canvas(), canvas()
    reference[3:9, 3:9] = 1
    before = reference.copy(), candidate.copy()
    reference.flags.writeable = candidate.flags.writeable = False
    buckets(reference, candidate, background=0)
    assert np.array_equal(reference, before[0])
    assert np.array_equal(candidate, before[1])
    with pytest.raises(MaskError, match="both must cover the same pixels"):
        buckets(reference, canvas(41))
    with pytest.raises(MaskError, match="one positive number for each of 2 axes"):
        buckets(reference, candidate, spacing=(1.0,))


def test_renaming_classes_renames_the_rows_and_nothing_else():
    rng = np.random.default_rng(5)
    reference, candidate = (smooth_labels(rng, (50, 40), 4) for _ in "ab")
    lut = np.array([0, 70_000, 3, -5], np.int32)
    plain = buckets(reference, candidate, background=0)
    renamed = buckets(lut[reference], lut[candidate], background=0)
    assert np.array_equal(plain.image, renamed.image)
    pixels = {lut[row.id]: row.pixels for row in plain.table.classes()}
    assert {row.id: row.pixels for row in renamed.table.classes()} == pixels


def test_tables_of_tiles_add_up():
    rng = np.random.default_rng(6)
    tables = []
    for _ in range(3):
        pair = [smooth_labels(rng, (20, 20), 3) for _ in "ab"]
        tables.append(buckets(*pair, background=0).table)
    total = FailureTable.total(tables)
    assert total.counts.sum() == 3 * 400
    assert np.array_equal((tables[0] + tables[1] + tables[2]).counts, total.counts)
    for bucket in Bucket:
        assert total.pixels_in(bucket) == sum(t.pixels_in(bucket) for t in tables)
    assert FailureTable.total([]).wrong_pixels == 0


def test_thresholds_that_make_no_sense_are_all_named():
    with pytest.raises(SettingsError) as caught:
        FailureThresholds(tolerance=-1, missed_recall=2, split_part=0.9)
    assert caught.value.code == "bad-threshold"
    for name in ("tolerance", "missed_recall", "split_part"):
        assert name in caught.value.message
    assert "dominance" not in caught.value.message


def test_moving_a_threshold_only_moves_pixels_between_buckets():
    rng = np.random.default_rng(2)
    reference, candidate = (smooth_labels(rng, (60, 60), 3) for _ in "ab")
    counts = [
        buckets(reference, candidate, background=0, thresholds=FailureThresholds(tolerance=t))
        for t in (0, 1, 2, 4)
    ]
    assert len({found.table.wrong_pixels for found in counts}) == 1
    boundary = [found.table.pixels_in(Bucket.BOUNDARY) for found in counts]
    assert boundary[0] == 0
    assert boundary == sorted(boundary)
    assert boundary[1] < boundary[-1]
