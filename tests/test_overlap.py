"""One table per sample, additive, and every pair can be read from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from napari_mask_audit.errors import MaskError
from napari_mask_audit.overlap import count_overlap

label_maps = array_shapes(min_dims=2, max_dims=3, max_side=9).flatmap(
    lambda shape: st.tuples(
        *(arrays(np.uint8, shape, elements=st.integers(0, 3)) for _ in range(3))
    )
)


def slow_confusion(first: np.ndarray, second: np.ndarray, ids: list[int]) -> list[list[int]]:
    return [[int(((first == a) & (second == b)).sum()) for b in ids] for a in ids]


@given(label_maps)
def test_every_pair_of_the_table_equals_counting_that_pair(maps):
    table = count_overlap(list(maps), ["a", "b", "c"], band_width=1)
    assert table.counts.sum() == maps[0].size
    for first, second in ((0, 1), (1, 2), (2, 0)):
        pair = table.pair("abc"[first], "abc"[second])
        expected = slow_confusion(maps[first], maps[second], [0, 1, 2, 3])
        assert pair.confusion([0, 1, 2, 3]).tolist() == expected


@given(label_maps)
def test_bands_change_no_count(maps):
    plain = count_overlap(list(maps), ["a", "b", "c"]).pair("a", "b")
    banded = count_overlap(list(maps), ["a", "b", "c"], band_width=2).pair("a", "b")
    assert plain.confusion([0, 1, 2, 3]).tolist() == banded.confusion([0, 1, 2, 3]).tolist()


@given(label_maps)
def test_ignored_reference_pixels_are_left_out_and_ignored_candidates_are_not(maps):
    pair = count_overlap(list(maps), ["a", "b", "c"]).pair("a", "b").without({2})
    assert pair.pixels == int((maps[0] != 2).sum())
    assert 2 not in pair.reference
    expected = int(((maps[0] == 1) & (maps[1] == 2)).sum())
    assert pair.confusion([1, 2])[0, 1] == expected


def test_confusion_leaves_out_ids_it_was_not_asked_for():
    first, second = np.array([[0, 1, 7]], np.uint8), np.array([[0, 1, 1]], np.uint8)
    pair = count_overlap([first, second], ["a", "b"]).pair("a", "b")
    assert pair.confusion([0, 1]).tolist() == [[1, 0], [0, 1]]
    assert pair.confusion([]).shape == (0, 0)


@pytest.mark.parametrize("ids", [(0, 200), (0, 40000), (-3, 100000), (-(2**31), 2**31 - 1)])
def test_large_and_negative_ids_keep_their_band_flag(ids):
    mask = np.full((5, 5), ids[0], np.int32)
    mask[1:4, 1:4] = ids[1]
    table = count_overlap([mask], ["a"], band_width=1)
    rows = {
        (int(label), bool(band)): int(count)
        for label, band, count in zip(
            table.labels[:, 0], table.in_band[:, 0], table.counts, strict=True
        )
    }
    # Ring of 16 all at the edge; 3 × 3 square with one inner pixel.
    assert rows == {(ids[0], True): 16, (ids[1], True): 8, (ids[1], False): 1}


def test_masks_of_different_shape_are_refused():
    with pytest.raises(MaskError, match="differ in shape"):
        count_overlap([np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8)], ["a", "b"])
