"""Boundary bands per class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracles
from kernel_strategies import label_maps
from napari_mask_audit.bands import ClassBand, boundary_width, count_boundary_bands
from napari_mask_audit.errors import MaskError, SettingsError


@pytest.mark.parametrize(
    ("shape", "fraction", "width"),
    [
        ((3, 4), 0.02, 1),  # 0.1, at least 1
        ((30, 40), 0.05, 2),  # 2.5 rounds to the even number
        ((30, 40), 0.07, 4),  # 3.5 rounds to the even number
        ((480, 640), 0.02, 16),
        ((900, 480, 640), 0.02, 16),  # 3D: the diagonal of a slice
        ((480, 640), 0.008, 6),
    ],
)
def test_width_is_a_rounded_share_of_the_diagonal(shape, fraction, width):
    assert boundary_width(shape, fraction) == width


@pytest.mark.parametrize("fraction", [0, -0.1, float("nan")])
def test_a_width_needs_a_positive_share(fraction):
    with pytest.raises(SettingsError, match="the boundary fraction must be > 0") as caught:
        boundary_width((10, 10), fraction)
    assert caught.value.code == "bad-boundary-width"


@given(masks=label_maps(2), width=st.integers(1, 4), ignored=st.sets(st.integers(0, 3), max_size=2))
def test_band_counts_per_class_are_sums_over_valid_pixels(masks, width, ignored):
    reference, candidate = masks
    bands = count_boundary_bands(reference, candidate, width, ignore_ids=ignored)
    valid = ~np.isin(reference, list(ignored))
    assert bands.valid == valid.sum()
    for label in range(5):
        first = (reference == label) & valid
        second = (candidate == label) & valid
        in_first = oracles.inner_band(reference == label, width) & valid
        in_second = oracles.inner_band(candidate == label, width) & valid
        assert bands[label] == ClassBand(
            first.sum(), second.sum(), in_first.sum(), in_second.sum(), (in_first & in_second).sum()
        )


def test_a_thin_object_is_swallowed_by_its_band():
    reference, candidate = np.zeros((2, 14, 14), np.uint8)
    reference[3:11, 3:11] = 1
    candidate[3:11, 3:5] = 1
    bands = count_boundary_bands(reference, candidate, 1)
    assert bands[1].band_swallows_object  # the candidate is two pixels wide
    assert not bands[0].band_swallows_object
    assert not bands[7].band_swallows_object  # a class that does not occur


def test_when_bands_swallow_both_objects_boundary_iou_is_iou():
    reference, candidate = np.zeros((2, 12, 12), np.uint8)
    reference[2:8, 2:8] = 1
    candidate[3:9, 2:8] = 1
    band = count_boundary_bands(reference, candidate, 3)[1]
    assert band.band_swallows_object
    assert band.boundary_iou == 30 / 42


def test_bands_of_samples_add_up():
    assert ClassBand(9, 8, 7, 6, 5) + ClassBand(1, 2, 3, 4, 5) == ClassBand(10, 10, 10, 10, 10)


def test_shapes_must_agree():
    with pytest.raises(MaskError, match=r"\(3, 4\) and the candidate \(4, 4\)") as caught:
        count_boundary_bands(np.zeros((3, 4), int), np.zeros((4, 4), int), 1)
    assert caught.value.code == "shape-mismatch"


def test_a_band_width_below_one_pixel_is_refused():
    with pytest.raises(SettingsError, match="at least 1 pixel, but is 0") as caught:
        count_boundary_bands(np.zeros((3, 4), int), np.zeros((3, 4), int), 0)
    assert caught.value.code == "bad-boundary-width"


def test_inputs_are_not_changed():
    reference, candidate = np.zeros((2, 8, 8), np.int64)
    reference[2:6, 2:6] = candidate[3:5, 1:7] = 1
    before = reference.copy(), candidate.copy()
    count_boundary_bands(reference, candidate, 2, ignore_ids=[0])
    assert np.array_equal(reference, before[0])
    assert np.array_equal(candidate, before[1])
