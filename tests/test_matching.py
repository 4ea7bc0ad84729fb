"""Objects find their partners: never fewer than the best assignment allows."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instance_cases import canvas
from instance_oracles import best_matching, iou_matrix
from napari_mask_audit import matching
from napari_mask_audit.errors import SettingsError
from napari_mask_audit.kernels import count_tuples
from napari_mask_audit.matching import (
    DisconnectedObject,
    ObjectOverlap,
    PartsOfWhole,
    disconnected_objects,
    match,
    merges,
    splits,
)

# Shapes of one or two rows and few ids make dense overlaps, where matching is hard.
PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 12)).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(np.int32, shape, elements=st.integers(0, 4)),
        hnp.arrays(np.int32, shape, elements=st.integers(0, 4)),
    )
)
THRESHOLDS = st.sampled_from([0, 0.1, 0.2, 0.25, 0.3, 1 / 3, 0.5, 0.6, 0.75, 1])
RULES = st.sampled_from(["gt", "ge"])


def overlap_of(reference, candidate, **options) -> ObjectOverlap:
    return ObjectOverlap.from_tuples(*count_tuples([reference, candidate]), **options)


@given(PAIRS, st.sampled_from([None, 0]))
@settings(max_examples=100, deadline=None)
def test_the_table_holds_areas_and_iou_of_all_overlapping_pairs(pair, background):
    table = overlap_of(*pair, background=background)
    expected = iou_matrix(*pair, background=background)
    dense = np.zeros_like(expected)
    dense[table.reference_index, table.candidate_index] = table.iou
    assert np.array_equal(dense, expected)
    for ids, areas, labels in (
        (table.reference_ids, table.reference_areas, pair[0]),
        (table.candidate_ids, table.candidate_areas, pair[1]),
    ):
        assert [(labels == i).sum() for i in ids] == areas.tolist()
    assert table.pixels == pair[0].size


@given(PAIRS, st.sampled_from([0, 0.1, 0.2, 0.3, 0.5, 0.6, 1]), RULES)
@settings(max_examples=200, deadline=None)
def test_no_assignment_has_more_pairs_or_more_iou(pair, threshold, rule):
    found = match(overlap_of(*pair), threshold=threshold, rule=rule)
    pairs, iou_sum = best_matching(iou_matrix(*pair), threshold, rule)
    assert found.tp == pairs
    assert found.iou.sum() == pytest.approx(iou_sum, abs=1e-12)


@given(PAIRS, st.sampled_from([0, 0.1, 0.2, 0.3]), RULES)
@settings(max_examples=150, deadline=None)
def test_a_block_too_large_for_a_matrix_is_solved_as_well(pair, threshold, rule):
    with mock.patch.object(matching, "_DENSE_BLOCK", 0):
        found = match(overlap_of(*pair), threshold=threshold, rule=rule)
    pairs, iou_sum = best_matching(iou_matrix(*pair), threshold, rule)
    assert found.tp == pairs
    assert found.iou.sum() == pytest.approx(iou_sum, abs=1e-12)


@given(PAIRS, THRESHOLDS, RULES)
@settings(max_examples=150, deadline=None)
def test_every_object_is_matched_once_or_listed(pair, threshold, rule):
    table = overlap_of(*pair)
    found = match(table, threshold=threshold, rule=rule)
    for matched, left, ids in (
        (found.reference_ids, found.missed, table.reference_ids),
        (found.candidate_ids, found.spurious, table.candidate_ids),
    ):
        assert sorted([*matched, *left]) == ids.tolist()
    assert (found.tp, found.fn, found.fp) == (
        len(found.iou),
        len(found.missed),
        len(found.spurious),
    )


@given(PAIRS, RULES)
@settings(max_examples=100, deadline=None)
def test_a_higher_threshold_never_matches_more(pair, rule):
    table = overlap_of(*pair)
    counts = [match(table, threshold=t / 20, rule=rule).tp for t in range(21)]
    assert counts == sorted(counts, reverse=True)


@given(PAIRS, st.sampled_from([0.5, 0.6, 0.75]))
@settings(max_examples=100, deadline=None)
def test_from_one_half_on_matching_is_symmetric(pair, threshold):
    one = match(overlap_of(*pair), threshold=threshold)
    other = match(overlap_of(*pair[::-1]), threshold=threshold)
    pairs = set(zip(one.reference_ids.tolist(), one.candidate_ids.tolist(), strict=True))
    assert pairs == set(
        zip(other.candidate_ids.tolist(), other.reference_ids.tolist(), strict=True)
    )


@given(PAIRS, THRESHOLDS, RULES, st.permutations(range(1, 5)))
@settings(max_examples=100, deadline=None)
def test_ids_are_only_names(pair, threshold, rule, order):
    names = np.array([0, *(7000 * i for i in order)], dtype=np.int32)
    plain = match(overlap_of(*pair), threshold=threshold, rule=rule)
    renamed = match(overlap_of(names[pair[0]], pair[1]), threshold=threshold, rule=rule)
    assert plain.tp == renamed.tp
    assert plain.iou.sum() == pytest.approx(renamed.iou.sum(), abs=1e-12)


@pytest.mark.parametrize(("shared", "union"), [(1, 10), (3, 10), (7, 10), (29, 100), (57, 100)])
def test_an_iou_equal_to_the_threshold_is_told_from_one_above_it(shared, union):
    # 29/100 as a float is 0.28999…, and 0.7 / 0.1 steps of linspace are 0.7000…01.
    table = ObjectOverlap.from_tuples([[1, 1], [1, 0]], [shared, union - shared])
    for threshold in (shared / union, np.linspace(0, 1, 101)[round(100 * shared / union)]):
        assert match(table, threshold=float(threshold), rule="ge").tp == 1
        assert match(table, threshold=float(threshold), rule="gt").tp == 0


def test_greedy_choice_does_not_cost_a_pair():
    # IoU 28/60, 12/40, 20/60: taking the largest first would leave one pair instead of two.
    table = ObjectOverlap.from_tuples([[1, 1], [1, 2], [2, 1], [2, 0]], [28, 12, 20, 12])
    found = match(table, threshold=0.29)
    assert list(zip(found.reference_ids, found.candidate_ids, strict=True)) == [(1, 2), (2, 1)]
    assert found.iou.tolist() == [12 / 40, 20 / 60]


def test_two_poor_pairs_count_more_than_one_good_pair():
    # IoU 80/100 for (1,1) alone, or 10/90 each for (1,2) and (2,1): more matches come first.
    table = ObjectOverlap.from_tuples([[1, 1], [1, 2], [2, 1]], [80, 10, 10])
    assert match(table, threshold=0.1).iou.tolist() == [10 / 90, 10 / 90]
    assert match(table, threshold=0.2).iou.tolist() == [0.8]


def test_blocks_far_apart_are_solved_one_by_one():
    # The trap above, 400 times side by side: far too many objects for one dense matrix of floats
    # to be cheap, and every block must still find both pairs.
    rows = np.array([[1, 1], [1, 2], [2, 1], [2, 0]])
    tuples = np.concatenate([np.where(rows > 0, rows + 2 * k, 0) for k in range(400)])
    table = ObjectOverlap.from_tuples(tuples, [28, 12, 20, 12] * 400)
    assert match(table, threshold=0.29).tp == 800


def test_repeated_rows_of_tiles_add_up():
    once = ObjectOverlap.from_tuples([[1, 2], [1, 0]], [6, 2])
    tiles = ObjectOverlap.from_tuples([[1, 2], [1, 0], [1, 2], [1, 0]], [4, 0, 2, 2])
    assert once.shared.tolist() == tiles.shared.tolist() == [6]
    assert once.reference_areas.tolist() == tiles.reference_areas.tolist() == [8]


def test_ignored_pixels_leave_both_maps():
    table = ObjectOverlap.from_tuples([[1, 1], [255, 1], [255, 9]], [4, 4, 4], ignore=255)
    assert table.reference_ids.tolist() == table.candidate_ids.tolist() == [1]
    assert table.candidate_areas.tolist() == [4]
    assert table.pixels == 4


def test_empty_maps_match_nothing():
    found = match(ObjectOverlap.from_tuples([[0, 0]], [9]))
    assert (found.tp, found.fp, found.fn) == (0, 0, 0)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(4, 50, 0), (9, 50, 0)], (4, 9)),  # halves
        ([(4, 90, 0), (9, 10, 0)], (4, 9)),  # a tenth is just enough
        ([(4, 91, 0), (9, 9, 0)], None),  # less than a tenth is a crumb
        ([(4, 50, 50), (9, 50, 0)], (4, 9)),  # half of part 4 outside is just allowed
        ([(4, 50, 51), (9, 50, 0)], None),  # more than half of it outside is another object
    ],
)
def test_a_split_needs_two_parts_mostly_inside_and_not_tiny(parts, expected):
    rows = [row for part, _, _ in parts for row in ([1, part], [0, part])]
    counts = [n for _, inside, outside in parts for n in (inside, outside)]
    table = ObjectOverlap.from_tuples(rows, counts)
    assert splits(table) == (() if expected is None else (PartsOfWhole(1, expected),))
    assert merges(table) == ()


@given(PAIRS)
@settings(max_examples=100, deadline=None)
def test_merges_are_the_splits_of_the_swapped_maps(pair):
    assert merges(overlap_of(*pair)) == splits(overlap_of(*pair[::-1]))
    assert splits(overlap_of(*pair)) == splits(overlap_of(*pair).swapped().swapped())


def test_one_id_on_two_blobs_is_reported():
    labels = canvas((6, 12), (1, 1, 5, 1, 5), (1, 1, 5, 7, 9), (2, 0, 1, 0, 12))
    assert disconnected_objects(labels) == (DisconnectedObject(1, (16, 8)),)


def test_blobs_that_share_a_corner_are_one_piece_unless_asked():
    labels = np.array([[3, 0], [0, 3]])
    assert disconnected_objects(labels) == ()
    assert disconnected_objects(labels, connectivity="face") == (DisconnectedObject(3, (1, 1)),)


@pytest.mark.parametrize("bad", [{"threshold": 1.5}, {"threshold": -0.1}, {"rule": ">"}])
def test_a_threshold_that_makes_no_sense_is_refused(bad):
    with pytest.raises(SettingsError) as caught:
        match(ObjectOverlap.from_tuples([[1, 1]], [1]), **bad)
    assert caught.value.code == "bad-match-threshold"
