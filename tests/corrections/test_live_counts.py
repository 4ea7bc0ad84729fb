"""Counting only what was touched gives what counting everything gives, after any edits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_mask_audit.corrections import LiveCounts, LiveScores, changed_window, grown
from napari_mask_audit.corrections.windows import size_of, within
from napari_mask_audit.errors import MaskError
from napari_mask_audit.masks import Mask
from napari_mask_audit.measuring import ClassRules, MaskSet
from napari_mask_audit.overlap import count_overlap
from napari_mask_audit.settings import Settings

SHAPES = st.one_of(
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24),
    hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=9),
)


@st.composite
def edits(draw: Any) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Two masks, and the second after each of a few strokes, undos among them."""
    shape = draw(SHAPES)
    ids = hnp.arrays(np.uint8, shape, elements=st.integers(0, 3))
    reference, candidate = draw(ids), draw(ids)
    states = [candidate]
    for _ in range(draw(st.integers(1, 4))):
        if len(states) > 1 and draw(st.booleans()):
            states.append(states[-2])  # undo
            continue
        after = states[-1].copy()
        box = tuple(
            slice(low, low + draw(st.integers(1, side - low)))
            for side in shape
            for low in [draw(st.integers(0, side - 1))]
        )
        after[box] = draw(st.integers(0, 5))
        states.append(after)
    return reference, candidate, states[1:]


@settings(max_examples=150, deadline=None)
@given(edits(), st.sampled_from([None, 1, 3]), st.booleans())
def test_the_table_is_that_of_a_full_count(
    case: tuple[np.ndarray, np.ndarray, list[np.ndarray]], width: int | None, first: bool
) -> None:
    reference, candidate, states = case
    masks = {"edited": candidate, "other": reference}
    if not first:
        masks = {"other": reference, "edited": candidate}
    live = LiveCounts(masks, "edited", band_width=width)
    for after in states:
        window = live.find_changes(after)
        if window is not None:
            live.update(window, after[window])
        arrays = [after if name == "edited" else mask for name, mask in masks.items()]
        full = count_overlap(arrays, list(masks), band_width=width)
        assert live.table.labels.tolist() == full.labels.tolist()
        assert live.table.in_band.tolist() == full.in_band.tolist()
        assert live.table.counts.tolist() == full.counts.tolist()
        assert live.find_changes(after) is None


@settings(max_examples=60, deadline=None)
@given(edits(), st.booleans(), st.booleans())
def test_the_scores_are_those_of_the_audit(
    case: tuple[np.ndarray, np.ndarray, list[np.ndarray]], instances: bool, of_reference: bool
) -> None:
    other, edited, states = case
    rules = ClassRules(ignore_ids=frozenset({3}), background_id=0, instances=instances)
    chosen = Settings()
    pair = (edited, other) if of_reference else (other, edited)
    live = LiveScores(*pair, edits_reference=of_reference, rules=rules, settings=chosen)
    for after in states:
        window = live.find_changes(after)
        if window is not None:
            live.update(window, after[window])
        masks = (after, other) if of_reference else (other, after)
        named = {n: Mask.from_array(m) for n, m in zip("rc", masks, strict=True)}
        wanted = MaskSet(named, rules, chosen).score("r", "c")
        found = live.scores()
        assert found.instances == wanted.instances
        assert found.valid_pixels == wanted.valid_pixels
        assert [row.id for row in found.classes] == [row.id for row in wanted.classes]
        for row, full in zip(found.classes, wanted.classes, strict=True):
            assert row.region == full.region
            assert row.band == full.band
            # Not measured, except that it is infinite where one mask lacks the class.
            assert np.isnan(row.boundary.hd95) or row.boundary.hd95 == full.boundary.hd95


@given(edits())
def test_the_window_is_the_smallest_that_holds_every_change(
    case: tuple[np.ndarray, np.ndarray, list[np.ndarray]],
) -> None:
    _, before, states = case
    after = states[-1]
    window = changed_window(before, after)
    if window is None:
        assert np.array_equal(before, after)
        return
    outside = before != after
    for axis, part in enumerate(window):
        for edge in (part.start, part.stop - 1):
            assert outside.take(edge, axis).any()
    outside[window] = False
    assert not outside.any()


def test_windows_grow_as_far_as_the_mask_reaches() -> None:
    window = grown((slice(1, 2), slice(3, 5)), 2, (10, 6))
    assert window == (slice(0, 4), slice(1, 6))
    assert within((slice(1, 2), slice(3, 5)), window) == (slice(1, 2), slice(2, 4))
    assert size_of(window) == 20


def test_masks_of_two_sizes_have_no_window() -> None:
    with pytest.raises(MaskError, match="masks are never resized"):
        changed_window(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))


def test_pixels_that_were_never_counted_cannot_be_taken_out() -> None:
    one = count_overlap([np.zeros((2, 2), np.uint8)], ["a"])
    two = count_overlap([np.ones((2, 2), np.uint8)], ["a"])
    with pytest.raises(ValueError, match="not in the table"):
        one.exchanged(two, one)
