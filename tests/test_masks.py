"""A mask is checked once, and the message names the file and the remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_mask_audit.errors import MaskError
from napari_mask_audit.masks import Mask, ids_in


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (np.array([[True, False]]), "uint8"),
        (np.array([[0, 255]], np.int64), "uint8"),
        (np.array([[0, 256]], np.int64), "uint16"),
        (np.array([[0, 70000]], np.uint32), "int32"),
        (np.array([[-1, 3]], np.int16), "int32"),
        (np.array([[0.0, 5.0]]), "uint8"),
    ],
)
def test_ids_survive_in_the_smallest_canonical_dtype(array, dtype):
    mask = Mask.from_array(array)
    assert mask.labels.dtype == dtype
    assert mask.labels.tolist() == array.astype(int).tolist()


def test_the_input_is_neither_changed_nor_writable_through_the_mask():
    array = np.array([[0, 1]], np.uint8)
    mask = Mask.from_array(array)
    with pytest.raises(ValueError, match="read-only"):
        mask.labels[0, 0] = 9
    array[0, 1] = 1
    assert array.flags.writeable


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (np.zeros((4, 4, 3, 2), np.uint8), "not-a-mask"),
        (np.zeros((0, 4), np.uint8), "not-a-mask"),
        (np.zeros(4, np.uint8), "not-a-mask"),
        (np.array([["a"]]), "not-a-mask"),
        (np.array([[0.2, 0.9]]), "float-mask"),
        (np.array([[np.nan, 1.0]]), "float-mask"),
        (np.array([[np.inf, 1.0]]), "id-out-of-range"),
        (np.array([[0, 2**40]]), "id-out-of-range"),
    ],
)
def test_what_is_no_mask_is_refused_with_a_code_and_the_file(array, code):
    with pytest.raises(MaskError) as caught:
        Mask.from_array(array, path=Path("there/x.npy"))
    assert caught.value.code == code
    assert str(caught.value).startswith("there/x.npy: ")


@pytest.mark.parametrize("spacing", [(1.0,), (1.0, 0.0), (1.0, -2.0), (1.0, np.nan)])
def test_spacing_needs_one_positive_number_per_axis(spacing):
    with pytest.raises(MaskError, match="one positive number per axis"):
        Mask.from_array([[0, 1]], spacing=spacing)


def test_ids_in_finds_every_id_of_every_dtype():
    for dtype in (np.uint8, np.uint16, np.int32):
        assert ids_in(np.array([[0, 3], [3, 200]], dtype)) == {0, 3, 200}
