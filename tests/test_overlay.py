"""The boundary disagreement map against a slow, obvious implementation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_mask_audit.errors import MaskError
from napari_mask_audit.kernels import vectorised
from napari_mask_audit.overlay import OVERLAY_LEGEND, disagreement_map


def obvious_boundary(labels: np.ndarray, width: int) -> np.ndarray:
    """Whether any pixel within `width` chessboard steps has another label or lies outside."""
    padded = np.pad(labels.astype(int), width, constant_values=-1)
    band = np.zeros(labels.shape, bool)
    for step in product(range(2 * width + 1), repeat=labels.ndim):
        there = tuple(slice(s, s + n) for s, n in zip(step, labels.shape, strict=True))
        band |= padded[there] != labels
    return band


shapes = st.one_of(
    st.tuples(*[st.integers(1, 12)] * 2),
    st.tuples(*[st.integers(1, 6)] * 3),
)


@given(
    data=st.data(), shape=shapes, width=st.integers(1, 3), strip=st.sampled_from([1, 9, 40, 999])
)
def test_every_pixel_gets_the_code_of_the_masks_with_a_boundary_there(data, shape, width, strip):
    masks = [data.draw(arrays(np.uint8, shape, elements=st.integers(0, 2))) for _ in range(2)]
    expected = obvious_boundary(masks[0], width) + 2 * obvious_boundary(masks[1], width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectorised, "_STRIP_PIXELS", strip)
        codes = disagreement_map(*masks, width=width)
    assert codes.dtype == np.uint8
    np.testing.assert_array_equal(codes, expected)


def test_pixels_ignored_in_the_reference_are_left_out_but_still_bound_their_neighbours():
    reference = np.array([[1] * 6] * 6, np.uint8)
    reference[:, 3:] = 255
    codes = disagreement_map(reference, np.ones((6, 6), np.uint8), ignore_ids={255})
    assert codes[:, 3:].max() == 0
    assert codes[2:4].tolist() == [[3, 0, 1, 0, 0, 0]] * 2


def test_masks_are_not_changed():
    reference, candidate = np.eye(9, dtype=np.uint8), np.ones((9, 9), np.uint8)
    before = reference.copy()
    reference.flags.writeable = candidate.flags.writeable = False
    disagreement_map(reference, candidate, ignore_ids={1})
    np.testing.assert_array_equal(reference, before)


def test_other_shapes_are_refused():
    with pytest.raises(MaskError, match="never resized") as caught:
        disagreement_map(np.zeros((4, 5), np.uint8), np.zeros((5, 4), np.uint8))
    assert caught.value.code == "shape-mismatch"


def test_the_legend_names_every_code_once_in_distinct_colours():
    assert [entry.code for entry in OVERLAY_LEGEND] == [1, 2, 3]
    assert len({entry.color for entry in OVERLAY_LEGEND}) == 3
    assert [entry.color for entry in OVERLAY_LEGEND[:2]] == ["#0072B2", "#E69F00"]
