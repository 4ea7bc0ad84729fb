"""Corrections in one step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from building import square
from napari_mask_audit.corrections.repairs import (
    Region,
    Repair,
    find_patch,
    finding_region,
    take_from,
    take_objects_from,
    whole,
)
from napari_mask_audit.errors import MaskError
from napari_mask_audit.failures import explain_sample
from napari_mask_audit.findings import Finding
from napari_mask_audit.masks import Mask


def findings(reference: np.ndarray, candidate: np.ndarray) -> tuple[Finding, ...]:
    masks = (Mask.from_array(mask) for mask in (reference, candidate))
    return explain_sample(*masks, sample="s", background=0).findings


def applied(labels: np.ndarray, repair: Repair) -> np.ndarray:
    after = labels.copy()
    after[repair.indices] = repair.values
    return after


def test_taking_every_finding_from_the_reference_leaves_nothing_wrong() -> None:
    reference = square(size=60, top=5, left=5, side=20)
    reference[40:44, 40:44] = 2  # missed
    reference[30:50, 5:15] = 3
    candidate = square(size=60, top=7, left=8, side=20)  # off
    candidate[50:55, 30:36] = 1  # false
    candidate[30:50, 5:15] = 2  # confused
    everything = findings(reference, candidate)
    assert {f.bucket for f in everything} >= {"missed_large", "false_region", "confusion"}
    after = candidate
    for finding in everything:
        region = finding_region(finding, reference, candidate)
        after = applied(after, take_from(after, reference, region))
    assert np.array_equal(after, reference)


def test_a_missed_region_is_taken_without_its_neighbour_in_the_same_box() -> None:
    # An L around a dot: the box of the L holds the dot, which is a finding of its own.
    reference = np.zeros((30, 30), np.uint8)
    reference[5:25, 5:8] = reference[22:25, 5:25] = 1
    reference[8:11, 15:18] = 1
    candidate = np.zeros_like(reference)
    largest = max(findings(reference, candidate), key=lambda f: f.pixels)
    after = applied(
        candidate, take_from(candidate, reference, finding_region(largest, reference, candidate))
    )
    assert after[10, 6] == 1
    assert after[9, 16] == 0


def test_a_region_grows_into_a_disc_in_its_slice() -> None:
    region = Region((slice(2, 3), slice(4, 5), slice(4, 5)), np.ones((1, 1, 1), np.bool_))
    bigger = region.grown(2, (5, 9, 9))
    assert bigger.window == (slice(0, 5), slice(2, 7), slice(2, 7))
    assert bigger.inside.sum() == bigger.inside[2].sum() == 21
    assert region.grown(0, (5, 9, 9)) is region


def test_only_pixels_that_differ_change() -> None:
    mine, theirs = square(), square(left=6)
    repair = take_from(mine, theirs, whole(mine.shape))
    assert repair.pixels == 20
    assert np.array_equal(applied(mine, repair), theirs)
    assert take_from(theirs, theirs, whole(mine.shape)).pixels == 0
    kept = take_from(mine, theirs, whole(mine.shape), keep_ids=[1])
    assert kept.pixels == 10


def test_masks_of_two_sizes_give_nothing() -> None:
    with pytest.raises(MaskError, match="masks are never resized"):
        take_from(square(), square(size=21), whole((20, 20)))


def test_objects_keep_the_ids_of_the_mask_they_come_into() -> None:
    mine = np.zeros((12, 20), np.uint8)
    theirs = mine.copy()
    mine[2:8, 2:8] = 5
    theirs[2:9, 2:8] = 1  # the same object, one row taller
    theirs[2:8, 12:18] = 5  # another one, which happens to have the id 5
    after = applied(mine, take_objects_from(mine, theirs, whole(mine.shape)))
    assert after[8, 4] == 5
    assert after[4, 14] == 6
    assert sorted(np.unique(after).tolist()) == [0, 5, 6]


def a_finding(bbox: tuple[tuple[int, int], ...], point: tuple[int, ...]) -> Finding:
    blank = Finding("F", "s", "r", "c", "false_region", 1, 0, 1, bbox, point, 0.1, "", "", "x")
    return replace(blank, bbox=bbox, point=point)


def test_a_hole_is_filled_with_what_encloses_it() -> None:
    labels = square(value=3)
    labels[8:10, 8:10] = 0
    patch = find_patch(labels, a_finding(((8, 10), (8, 10)), (8, 8)), background=0)
    assert patch is not None
    assert patch.is_hole
    assert np.array_equal(applied(labels, patch.repair()), square(value=3))


def test_a_hole_that_leaks_is_no_hole() -> None:
    labels = square()
    labels[8, 8:] = 0
    assert find_patch(labels, a_finding(((8, 9), (8, 12)), (8, 8)), background=0) is None
    labels = square()
    labels[8:10, 8:10] = 0
    labels[8, 7] = 2  # between two classes: nobody knows whose it is
    assert find_patch(labels, a_finding(((8, 10), (8, 10)), (9, 9)), background=0) is None


def test_a_speck_becomes_what_is_around_it_even_at_the_edge() -> None:
    labels = np.ones((10, 10), np.uint8)
    labels[0:2, 0:2] = 2
    patch = find_patch(labels, a_finding(((0, 2), (0, 2)), (1, 1)), background=0)
    assert patch is not None
    assert not patch.is_hole
    assert patch.around == 1
    assert (applied(labels, patch.repair()) == 1).all()


def test_part_of_something_larger_is_no_speck() -> None:
    labels = square()
    assert find_patch(labels, a_finding(((5, 8), (5, 8)), (5, 5)), background=0) is None


def test_holes_in_volumes() -> None:
    labels = np.zeros((7, 7, 7), np.uint8)
    labels[1:6, 1:6, 1:6] = 1
    labels[3, 3, 3] = 0
    patch = find_patch(labels, a_finding(((3, 4),) * 3, (3, 3, 3)), background=0)
    assert patch is not None
    assert patch.repair().pixels == 1


def test_an_id_that_the_type_does_not_hold_is_an_error_not_another_id() -> None:
    small = np.zeros((8, 8), np.uint8)
    small[0, 0] = 255
    large = np.zeros((8, 8), np.uint16)
    large[4:6, 4:6] = 300
    with pytest.raises(MaskError, match=r"up to 255, and 300 is needed.*\[id-too-large\]"):
        take_from(small, large, whole(small.shape))
    with pytest.raises(MaskError, match=r"up to 255, and 256 is needed.*\[id-too-large\]"):
        take_objects_from(small, large, whole(small.shape))
    small[0, 0] = 254
    assert applied(small, take_objects_from(small, large, whole(small.shape)))[4, 4] == 255
