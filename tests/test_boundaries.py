"""Surfaces of masks and the distances between them, per class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_strategies import BACKENDS, label_maps, using
from napari_mask_audit.boundaries import (
    distances_between,
    find_surfaces,
    surface_distances,
)
from napari_mask_audit.errors import MaskError, SettingsError
from napari_mask_audit.kernels.backend import available


def test_shapes_must_agree():
    with pytest.raises(MaskError, match=r"\(3, 4\) and the candidate \(4, 4\)") as caught:
        surface_distances(np.zeros((3, 4), int), np.zeros((4, 4), int), [1], spacing=(1, 1))
    assert caught.value.code == "shape-mismatch"


@pytest.mark.parametrize("spacing", [(1,), (1, 1, 1), (1, 0), (1, -2), (1, float("nan"))])
def test_spacing_must_be_positive_and_complete(spacing):
    with pytest.raises(MaskError, match="one positive number for each of 2 axes") as caught:
        surface_distances(np.zeros((3, 4), int), np.zeros((3, 4), int), [1], spacing=spacing)
    assert caught.value.code == "bad-spacing"


def test_an_unknown_convention_is_refused():
    flat = np.zeros((3, 4), int)
    with pytest.raises(SettingsError, match='"surfel" or "voxel", not \'mesh\'') as caught:
        surface_distances(flat, flat, [1], spacing=(1, 1), convention="mesh")
    assert caught.value.code == "bad-convention"


@pytest.mark.parametrize("backend", BACKENDS)
def test_positions_are_in_pixel_coordinates(backend):
    reference, candidate = np.zeros((2, 6, 7), np.uint8)
    reference[2, 3] = candidate[2, 3] = candidate[2, 5] = 1
    with using(backend):
        corners = surface_distances(reference, candidate, [1], spacing=(1, 1))[1]
        pixels = surface_distances(reference, candidate, [1], spacing=(1, 1), convention="voxel")[1]
    assert corners.reference.positions().tolist() == [
        [1.5, 2.5], [1.5, 3.5], [2.5, 2.5], [2.5, 3.5],
    ]  # fmt: skip
    far = corners.candidate.distances >= 2
    assert corners.candidate.positions(far).tolist() == [[1.5, 5.5], [2.5, 5.5]]
    assert pixels.candidate.positions().tolist() == [[2, 3], [2, 5]]
    assert pixels.candidate.distances.tolist() == [0, 2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_signs_say_on_which_side_the_candidate_is(backend):
    small, large = np.zeros((2, 12, 12), np.uint8)
    small[4:8, 4:8] = large[2:10, 2:10] = 1
    with using(backend):
        grown = surface_distances(small, large, [1], spacing=(1, 1))[1]
        shrunk = surface_distances(large, small, [1], spacing=(1, 1))[1]
        same = surface_distances(large, large, [1], spacing=(1, 1))[1]
    for direction in (grown.reference, grown.candidate):
        assert set(direction.signs.tolist()) == {1}
    for direction in (shrunk.reference, shrunk.candidate):
        assert set(direction.signs.tolist()) == {-1}
    assert set(same.reference.signs.tolist()) == {0}


@pytest.mark.parametrize("backend", BACKENDS)
def test_missing_surfaces_are_empty_or_infinitely_far(backend):
    reference, candidate = np.zeros((2, 6, 7), np.uint8)
    reference[2, 3] = 1
    with using(backend):
        both = surface_distances(reference, candidate, [1, 5], spacing=(1, 1))
    assert both[1].reference.distances.tolist() == [np.inf] * 4
    assert both[1].candidate.distances.size == 0
    assert both[1].kept == 1
    assert both[5].reference.distances.size == both[5].candidate.distances.size == 0
    assert np.isnan(both[5].kept)


def test_kept_share_counts_what_touches_no_ignored_pixel():
    reference = np.zeros((8, 8), np.uint8)
    reference[2:6, 2:6] = 1
    candidate = reference.copy()
    reference[:, 5:] = 9  # hides the right side: 12 columns of corners become 8 in the reference
    pair = surface_distances(reference, candidate, [1], spacing=(1, 1), ignore_ids=[9])[1]
    # Reference 4 × 3: 14 corners, of which the 5 on x = 5 touch. Candidate 4 × 4: 16 corners, of
    # which 2 on x = 5 and 5 on x = 6 touch.
    assert (pair.reference.found, pair.reference.distances.size) == (14, 9)
    assert (pair.candidate.found, pair.candidate.distances.size) == (16, 9)
    assert pair.reference.kept == 9 / 14
    assert pair.kept == 18 / 30
    assert pair.reference.distances.max() == 0


def test_inputs_are_not_changed():
    reference, candidate = np.zeros((2, 8, 8), np.int64)
    reference[2:6, 2:6] = candidate[3:5, 1:7] = 1
    before = reference.copy(), candidate.copy()
    surface_distances(reference, candidate, [1], spacing=(1, 1), ignore_ids=[0])
    assert np.array_equal(reference, before[0])
    assert np.array_equal(candidate, before[1])


def same_distances(found, expected):
    """Every number of every class, both directions, to the last bit."""
    assert found.keys() == expected.keys()
    for class_id, pair in found.items():
        for side in ("reference", "candidate"):
            one, other = getattr(pair, side), getattr(expected[class_id], side)
            assert one.found == other.found
            for name in ("distances", "weights", "signs", "lattice_index"):
                np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("convention", ["surfel", "voxel"])
@given(
    masks=label_maps(4),
    ignored=st.sets(st.integers(0, 3), max_size=2),
    order=st.permutations([(i, j) for i in range(4) for j in range(4)]),
)
@settings(max_examples=25)
def test_surfaces_found_once_give_the_distances_of_every_pair(
    backend, convention, masks, ignored, order
):
    """Whatever was measured with them before, and in whatever order."""
    options = {"spacing": (2.0, 1.0, 0.7)[-masks[0].ndim :], "ignore_ids": ignored}
    with using(backend):
        once = [find_surfaces(mask, [0, 1, 3], convention=convention) for mask in masks]
        for i, j in order:
            expected = surface_distances(
                masks[i], masks[j], [0, 1, 3], convention=convention, **options
            )
            same_distances(distances_between(once[i], once[j], **options), expected)


@pytest.mark.skipif(len(available()) < 2, reason="numba is not installed")
@given(masks=label_maps(2))
@settings(max_examples=20)
def test_surfaces_found_by_one_backend_can_be_measured_by_the_other(masks):
    """The backend may change between the two steps."""
    spacing = (1.0,) * masks[0].ndim
    found = {}
    for first, second in (("numpy", "numba"), ("numba", "numpy")):
        with using(first):
            surfaces = [find_surfaces(mask, [1, 2]) for mask in masks]
        with using(second):
            found[first] = distances_between(*surfaces, spacing=spacing)
    same_distances(found["numpy"], found["numba"])


@given(masks=label_maps(2))
def test_exchanging_two_masks_exchanges_the_directions_and_turns_the_signs(masks):
    spacing = (1.0, 3.0, 0.5)[-masks[0].ndim :]
    first, second = (find_surfaces(mask, [1]) for mask in masks)
    pair = distances_between(first, second, spacing=spacing)[1]
    turned = distances_between(second, first, spacing=spacing)[1]
    for one, other in ((pair.reference, turned.candidate), (pair.candidate, turned.reference)):
        np.testing.assert_array_equal(one.distances, other.distances)
        np.testing.assert_array_equal(one.signs, -other.signs)


def test_surfaces_of_different_classes_or_conventions_are_not_compared():
    flat = np.zeros((3, 4), np.uint8)
    first = find_surfaces(flat, [1])
    for other in (find_surfaces(flat, [1, 2]), find_surfaces(flat, [1], convention="voxel")):
        with pytest.raises(ValueError, match="the same classes and convention"):
            distances_between(first, other, spacing=(1, 1))
