"""Stretches of boundary beyond a tolerance, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from building import square
from napari_mask_audit.boundaries import Convention, surface_distances
from napari_mask_audit.boundary_stretches import Stretches, worst_stretches
from napari_mask_audit.errors import SettingsError


def stretches(
    reference: np.ndarray,
    candidate: np.ndarray,
    tolerance: float,
    *,
    ids: tuple[int, ...] = (1,),
    spacing: tuple[float, ...] | None = None,
    convention: Convention = "surfel",
    most: int = 50,
) -> Stretches:
    grid = spacing or (1.0,) * reference.ndim
    surfaces = surface_distances(reference, candidate, ids, spacing=grid, convention=convention)
    return worst_stretches(surfaces, tolerance, spacing=grid, most=most)


def test_a_square_moved_by_three_is_short_on_one_side_and_outside_on_the_other():
    # Rows 5-14. Reference columns 5-14, candidate 8-17: slivers of 3 columns on the left and right.
    found = stretches(square(), square(left=8), 0)
    assert found.found == 2
    short, outside = sorted(found.worst, key=lambda s: s.box[1].start)
    assert (short.is_outside, outside.is_outside) == (False, True)
    assert short.largest == outside.largest == 3
    # Left: the reference's edge at x = 4.5 from y = 4.5 to 14.5, its two ends along the top and
    # bottom edge (x = 5.5, 6.5; at 7.5 the candidate's corner is met), and the candidate's own
    # edge at x = 7.5 between its corners.
    assert short.box == (slice(4, 16), slice(4, 9))
    # 9 corners of the edge weigh 1, the two outer corners √2/2 each, then 2 + 2 along the top and
    # bottom; inside the reference the candidate's edge has 9 corners of weight 1.
    assert short.reference_length == pytest.approx(9 + math.sqrt(2) + 4)
    assert short.candidate_length == pytest.approx(9)
    assert short.length == short.reference_length
    assert short.worst[1] in (4.5, 7.5)
    assert short.centre == (9.5, 6)


def test_the_tolerance_itself_is_fine_and_beyond_it_nothing_is_left():
    pair = square(), square(left=6)
    assert stretches(*pair, 1).found == 0
    assert stretches(*pair, 0.99).found == 2


def test_two_bumps_on_one_side_are_two_stretches_largest_first():
    candidate = square()
    candidate[6:8, 15:17] = 1  # 2 rows, 2 columns further out
    candidate[10:13, 15:19] = 1  # 3 rows, 4 columns further out
    found = stretches(square(), candidate, 1)
    assert [(s.is_outside, s.largest) for s in found.worst] == [(True, 4.0), (True, 2.0)]
    assert found.worst[0].size > found.worst[1].size
    assert stretches(square(), candidate, 1, most=1).worst[0].largest == 4
    assert stretches(square(), candidate, 1, most=1).found == 2
    assert found.worst[0].inside[0] in range(9, 14)


def test_a_missed_object_is_one_infinite_stretch_before_all_others():
    reference, candidate = square(), np.zeros((20, 20), np.uint8)
    reference[0:2, 0:2] = candidate[0:2, 0:2] = 2
    candidate[0:2, 2:8] = 2  # a class that is only drawn too long
    found = stretches(reference, candidate, 1, ids=(1, 2))
    assert [s.class_id for s in found.worst] == [1, 2]
    missed = found.worst[0]
    assert math.isinf(missed.largest)
    assert math.isinf(missed.mean)
    assert not missed.is_outside
    # 4 sides of 9 corners of weight 1 and 4 corners of √2/2.
    assert missed.reference_length == pytest.approx(36 + 2 * math.sqrt(2))
    assert missed.candidate_length == 0
    assert missed.box == (slice(4, 16), slice(4, 16))


def test_a_made_up_object_beside_a_right_one_is_outside():
    candidate = square()
    candidate[0:2, 0:2] = 1
    (made_up,) = stretches(square(), candidate, 1).worst
    assert made_up.is_outside
    assert made_up.reference_length == 0
    assert made_up.candidate_elements.size == 8  # corners around 2 × 2 pixels: 9 without the middle


def test_voxel_counts_border_pixels():
    # Moved by 2 at tolerance 1: on each side 10 pixels of either edge (rows 5-14) are off by 2;
    # of the horizontal edges those 1 or 2 columns out, the corner pixel being counted already.
    found = stretches(square(), square(left=7), 1, convention="voxel")
    assert found.found == 2
    short = next(s for s in found.worst if not s.is_outside)
    assert short.reference_length == 10
    # Rows 5 and 14 of the candidate's own edge lie on the reference's top and bottom edge, and
    # rows 6 and 13 are one pixel from them.
    assert short.candidate_length == 6
    assert short.largest == 2
    assert short.box == (slice(5, 15), slice(5, 8))


def test_distances_and_lengths_are_in_units_of_the_spacing():
    once = stretches(square(), square(left=8), 0)
    twice = stretches(square(), square(left=8), 0, spacing=(2.0, 2.0))
    assert [s.largest for s in twice.worst] == [2 * s.largest for s in once.worst]
    assert [s.length for s in twice.worst] == pytest.approx([2 * s.length for s in once.worst])
    assert [s.box for s in twice.worst] == [s.box for s in once.worst]


def test_in_a_volume_a_stretch_is_a_patch():
    reference = np.zeros((6, 12, 12), np.uint8)
    reference[1:5, 2:10, 2:10] = 1
    candidate = reference.copy()
    candidate[2:4, 4:8, 10:12] = 1
    (patch,) = stretches(reference, candidate, 1).worst
    assert patch.is_outside
    assert patch.largest == 2
    assert patch.box[2] == slice(11, 12)  # at 10.5 it is one off, at 11.5 two
    assert patch.inside[2] == 11


def test_equal_masks_have_no_stretch_and_neither_have_empty_ones():
    empty = np.zeros((20, 20), np.uint8)
    assert stretches(square(), square(), 0).found == 0
    assert stretches(empty, empty, 0).worst == ()


def test_every_element_beyond_the_tolerance_is_in_exactly_one_stretch():
    random = np.random.default_rng(3)
    reference, candidate = (random.integers(0, 3, (30, 40), dtype=np.uint8) for _ in range(2))
    for convention in ("surfel", "voxel"):
        surfaces = surface_distances(
            reference, candidate, [1, 2], spacing=(1.0, 1.5), convention=convention
        )
        found = worst_stretches(surfaces, 1, spacing=(1.0, 1.5), most=10_000)
        assert len(found.worst) == found.found > 10
        for class_id, pair in surfaces.items():
            mine = [s for s in found.worst if s.class_id == class_id]
            for side, name in ((pair.reference, "reference"), (pair.candidate, "candidate")):
                listed = np.concatenate([getattr(s, f"{name}_elements") for s in mine])
                assert sorted(listed) == np.flatnonzero(side.distances > 1).tolist()
                for s in mine:
                    signs = side.signs[getattr(s, f"{name}_elements")]
                    assert (signs == (1 if s.is_outside else -1)).all()


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
def test_a_tolerance_is_a_number_from_zero(wrong: float):
    with pytest.raises(SettingsError, match=r"must be a number >= 0"):
        stretches(square(), square(), wrong)
