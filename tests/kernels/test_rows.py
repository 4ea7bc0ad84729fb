"""Rows of both backends are the table of all combinations, and lead back to every pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_strategies import BACKENDS, label_maps, using
from napari_mask_audit.kernels import count_tuples, map_rows


@pytest.mark.parametrize("backend", BACKENDS)
@given(masks=st.integers(1, 4).flatmap(lambda count: label_maps(count)))
def test_rows_are_the_table_and_lead_back_to_the_masks(backend, masks):
    with using(backend):
        found = map_rows(masks)
        labels, counts = count_tuples(masks)
    assert np.array_equal(found.labels, labels)
    assert np.array_equal(found.counts, counts)
    pixels = np.repeat(found.labels[found.row], found.length, axis=0)
    assert np.array_equal(pixels, np.stack([mask.ravel() for mask in masks], axis=1))
    assert (found.labels.dtype, found.counts.dtype) == (np.int32, np.int64)
    assert (found.row.dtype, found.length.dtype) == (np.int32, np.int64)


@pytest.mark.parametrize("backend", BACKENDS)
def test_flags_and_negative_and_large_ids_have_rows(backend):
    masks = [np.array([[True, False, False]]), np.array([[-5, 2**31 - 1, -(2**31)]], np.int32)]
    with using(backend):
        found = map_rows(masks)
    assert found.labels.tolist() == [[0, -(2**31)], [0, 2**31 - 1], [1, -5]]
    assert found.row.tolist() == [2, 1, 0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_more_combinations_than_the_first_table_holds(backend):
    """Also more than fit between two strips, so that numbers are kept when the table grows."""
    ids = np.arange(200_000, dtype=np.int32)[::-1].reshape(400, 500) // 2
    with using(backend):
        found = map_rows([ids, ids])
    assert np.array_equal(found.labels, np.arange(100_000)[:, None].repeat(2, axis=1))
    assert np.array_equal(np.repeat(found.row, found.length), ids.ravel())
    assert np.array_equal(found.counts, np.full(100_000, 2))


@pytest.mark.parametrize("backend", BACKENDS)
def test_combinations_that_do_not_fit_into_a_word(backend):
    masks = [np.array([0, 2**31 - 1, n], np.int32) for n in range(4)]
    with using(backend):
        found = map_rows(masks)
    assert np.array_equal(found.labels[found.row], np.stack(masks, axis=1))


@pytest.mark.parametrize("backend", BACKENDS)
def test_masks_without_a_pixel_have_no_row(backend):
    with using(backend):
        found = map_rows([np.zeros((0, 4), np.uint8)] * 2)
    assert [part.shape for part in found] == [(0, 2), (0,), (0,), (0,)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_masks_of_different_shape_are_refused(backend):
    with using(backend), pytest.raises(ValueError, match=r"differ in shape: \[\(2, 3\), \(3, 2\)"):
        map_rows([np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8)])
