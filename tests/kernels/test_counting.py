"""Counts and bands of both backends equal the slow definitions on any labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_strategies import BACKENDS, DTYPES, label_maps, using
from napari_mask_audit.kernels import (
    boundary_bands,
    count_banded_tuples,
    count_rims,
    count_tuples,
    first_hits,
    vectorised,
)
from oracles import eroded_and_dilated, inner_band, tuple_counts

NOTHING = np.empty(0, np.int64)


@pytest.mark.parametrize("backend", BACKENDS)
@given(masks=st.integers(1, 4).flatmap(lambda count: label_maps(count)))
def test_every_combination_is_counted_in_order(backend, masks):
    with using(backend):
        tuples, counts = count_tuples(masks)
    expected = tuple_counts(masks)
    assert [tuple(row) for row in tuples.tolist()] == sorted(expected)
    assert counts.tolist() == [expected[key] for key in sorted(expected)]
    assert (tuples.dtype, counts.dtype) == (np.int32, np.int64)


@pytest.mark.parametrize("backend", BACKENDS)
def test_combinations_of_large_ids_are_counted(backend):
    first = np.array([[0, 2**31 - 1, 2**31 - 1], [-(2**31), 0, 70_000]], np.int32)
    second = np.array([[0, 65_535, 65_535], [1, 0, 9]], np.uint16)
    with using(backend):
        tuples, counts = count_tuples([first, second])
    assert tuples.tolist() == [[-(2**31), 1], [0, 0], [70_000, 9], [2**31 - 1, 65_535]]
    assert counts.tolist() == [1, 2, 1, 2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_more_combinations_than_a_dense_table_holds(backend):
    masks = [np.arange(4000, dtype=np.uint16).reshape(40, 100) for _ in range(3)]
    with using(backend):
        tuples, counts = count_tuples(masks)
    assert np.array_equal(tuples, np.arange(4000).repeat(3).reshape(-1, 3))
    assert np.array_equal(counts, np.ones(4000))


def _noise(shape, dtype, low, high, count):
    random = np.random.default_rng(7)
    return [random.integers(low, high, shape).astype(dtype) for _ in range(count)]


def _checkerboards(shape, count):
    board = np.indices(shape).sum(axis=0) % 2
    return [(board if number % 2 else 1 - board).astype(np.uint8) for number in range(count)]


HARD_MASKS = {
    "noise of all 32-bit ids": _noise((90, 130), np.int32, -(2**31), 2**31, 2),
    "three maps of all 32-bit ids": _noise((20, 30), np.int32, -(2**31), 2**31, 3),
    "negative ids in three maps": _noise((40, 50), np.int32, -5, 3, 3),
    "more combinations than the first table": _noise((300, 400), np.uint8, 0, 40, 3),
    "ten noisy maps": _noise((60, 70), np.uint8, 0, 3, 10),
    "checkerboards": _checkerboards((70, 129), 4),
    "one row": _noise((1, 1000), np.uint16, 0, 3, 3),
    "one column": _noise((1000, 1), np.uint8, 0, 3, 3),
    "one pixel": _noise((1, 1), np.uint8, 0, 3, 5),
    "longer than a strip": [m.repeat(3, axis=1) for m in _noise((500, 101), np.uint8, 0, 9, 3)],
    "one map of each dtype": [
        m.astype(t) for m, t in zip(_noise((33, 65), int, 0, 4, 3), DTYPES, strict=True)
    ],
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("masks", HARD_MASKS.values(), ids=HARD_MASKS.keys())
def test_hard_masks_are_counted_like_sorted_rows(backend, masks):
    """As numpy.unique does it, one row per pixel."""
    with using(backend):
        tuples, counts = count_tuples(masks)
    rows = np.column_stack([mask.reshape(-1) for mask in masks])
    expected, expected_counts = np.unique(rows, axis=0, return_counts=True)
    assert np.array_equal(tuples, expected)
    assert np.array_equal(counts, expected_counts)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["noise of all 32-bit ids", "checkerboards", "one column"])
def test_bands_of_hard_masks_add_up(backend, name):
    masks = HARD_MASKS[name][:2]
    with using(backend):
        labels, in_band, counts = count_banded_tuples(masks, 1)
        bands = [boundary_bands(mask, 1) for mask in masks]
        tuples, sizes = count_tuples(masks)
    assert all(band.all() for band in bands)  # no two neighbours have the same label
    assert in_band.all()
    assert np.array_equal(labels, tuples)
    assert np.array_equal(counts, sizes)


@pytest.mark.parametrize("shape", [(70, 61), (40, 39, 43)])
@pytest.mark.parametrize("width", [1, 3, 4])
def test_bands_do_not_depend_on_the_strips_they_are_found_in(monkeypatch, shape, width):
    labels = _noise(tuple(-(-n // 14) for n in shape), np.uint8, 0, 3, 1)[0]
    labels = np.kron(labels, np.ones((14,) * len(shape), np.uint8))[tuple(map(slice, shape))]
    with using("numpy"):
        whole = boundary_bands(labels, width)
        monkeypatch.setattr(vectorised, "_STRIP_PIXELS", 1)
        assert np.array_equal(boundary_bands(labels, width), whole)
    assert 0 < whole.sum() < whole.size


@pytest.mark.parametrize("backend", BACKENDS)
@given(masks=label_maps(2), cut=st.integers(0, 8))
def test_tables_add_over_tiles(backend, masks, cut):
    with using(backend):
        whole = dict(_rows(count_tuples(masks)))
        parts = [count_tuples([m[:cut] for m in masks]), count_tuples([m[cut:] for m in masks])]
    added: dict[tuple[int, ...], int] = {}
    for key, count in [*_rows(parts[0]), *_rows(parts[1])]:
        added[key] = added.get(key, 0) + count
    assert added == whole


def _rows(table):
    return [(tuple(t), c) for t, c in zip(table[0].tolist(), table[1].tolist(), strict=True)]


@pytest.mark.parametrize("backend", BACKENDS)
@given(masks=label_maps(1), width=st.integers(1, 6))
def test_bands_are_those_of_every_label_by_itself(backend, masks, width):
    labels = masks[0]
    with using(backend):
        bands = boundary_bands(labels, width)
    expected = np.zeros(labels.shape, bool)
    for label in np.unique(labels):
        expected |= inner_band(labels == label, width)
    assert bands.dtype == np.bool_
    assert np.array_equal(bands, expected)


@pytest.mark.parametrize("backend", BACKENDS)
@given(masks=st.integers(1, 3).flatmap(lambda count: label_maps(count)), width=st.integers(1, 4))
def test_combinations_are_told_apart_by_the_bands_they_are_in(backend, masks, width):
    with using(backend):
        labels, in_band, counts = count_banded_tuples(masks, width)
    bands = [
        np.any([inner_band(m == label, width) for label in np.unique(m)], axis=0) for m in masks
    ]
    expected = tuple_counts([part for both in zip(masks, bands, strict=True) for part in both])
    rows = np.stack([labels, in_band], axis=2).reshape(len(labels), -1)
    assert [tuple(row) for row in rows.tolist()] == sorted(expected)
    assert counts.tolist() == [expected[key] for key in sorted(expected)]
    assert (labels.dtype, in_band.dtype, counts.dtype) == (np.int32, np.bool_, np.int64)


@pytest.mark.parametrize("backend", BACKENDS)
def test_band_of_a_wide_image_crosses_word_limits(backend):
    labels = np.zeros((9, 200), np.uint8)
    labels[:, 63:130] = 1
    with using(backend):
        bands = boundary_bands(labels, 4)
    # The middle row: 4 pixels from either image edge and on both sides of both changes.
    inside = np.flatnonzero(bands[4])
    changes = [range(4), range(59, 67), range(126, 134), range(196, 200)]
    assert inside.tolist() == [x for part in changes for x in part]


def test_a_band_has_at_least_one_pixel():
    with pytest.raises(ValueError, match="width must be at least 1 pixel, but is 0"):
        boundary_bands(np.zeros((3, 3), np.uint8), 0)
    with pytest.raises(ValueError, match="width must be at least 1 pixel, but is 0"):
        count_banded_tuples([np.zeros((3, 3), np.uint8)], 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_masks_of_different_shape_are_refused(backend):
    with using(backend), pytest.raises(ValueError, match="masks differ in shape"):
        count_tuples([np.zeros((3, 4), np.uint8), np.zeros((4, 4), np.uint8)])


@pytest.mark.parametrize("backend", BACKENDS)
@given(masks=label_maps(1), ignored=st.sets(st.integers(0, 3), max_size=2))
@settings(max_examples=50)
def test_rims_are_what_erosion_takes_and_dilation_adds(backend, masks, ignored):
    labels = masks[0]
    ignore_ids = np.array(sorted(ignored), np.int64)
    counted = ~np.isin(labels, ignore_ids)
    with using(backend):
        ids, sizes = count_rims(labels, ignore_ids)
    assert ids.tolist() == np.unique(labels[counted]).tolist()
    for label, (area, lost, won) in zip(ids.tolist(), sizes.tolist(), strict=True):
        shrunk, grown = eroded_and_dilated(labels == label, counted)
        assert area == (labels == label).sum()
        assert lost == area - shrunk.sum()
        assert won == grown.sum() - area


@pytest.mark.parametrize("backend", BACKENDS)
@given(data=st.data())
@settings(max_examples=50)
def test_the_first_jump_that_hits_is_found_or_was_known(backend, data):
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    count, jumps = data.draw(st.integers(0, 20)), data.draw(st.integers(0, 6))
    labels = random.integers(0, 3, 40).astype(np.int32)
    at, steps = random.integers(5, 35, count), random.integers(-5, 6, jumps)
    wanted = random.integers(0, 4, count).astype(np.int32)
    first = data.draw(st.integers(0, jumps))
    known = random.integers(0, jumps + 2, count).astype(np.int32)
    with using(backend):
        found = first_hits(labels, wanted, at, steps, known, first)
    for pixel in range(count):
        hits = [n for n in range(first, jumps) if labels[at[pixel] + steps[n]] == wanted[pixel]]
        looked_for = known[pixel] >= first
        assert found[pixel] == ([*hits, jumps][0] if looked_for else known[pixel])
    assert found.dtype == np.int32


@pytest.mark.parametrize("backend", BACKENDS)
def test_read_only_and_strided_inputs_give_the_same_counts(backend):
    labels = np.arange(120, dtype=np.uint8).reshape(10, 12) // 7
    frozen, strided = labels.copy(), np.asfortranarray(labels)
    frozen.flags.writeable = False
    before = labels.copy()
    with using(backend):
        for variant in (frozen, strided, labels[::-1][::-1]):
            assert np.array_equal(count_tuples([variant])[1], count_tuples([labels])[1])
            assert np.array_equal(boundary_bands(variant, 1), boundary_bands(labels, 1))
    assert np.array_equal(labels, before)
