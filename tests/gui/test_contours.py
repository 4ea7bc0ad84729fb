"""Sub-pixel outlines of the part of a sample that is in view."""

from __future__ import annotations

import numpy as np

from building import square
from napari_mask_audit.gui import contours
from napari_mask_audit.gui.contours import trace_outlines
from napari_mask_audit.gui.outlines import CANDIDATE_COLOR, REFERENCE_COLOR
from napari_mask_audit.gui.sample_view import SampleView

BOTH_COLOR = "#FFFFFF"
WHOLE = (slice(0, 20), slice(0, 20))


def view_of(reference: np.ndarray, candidate: np.ndarray | None) -> SampleView:
    return SampleView("s", ("gt", "model"), reference=reference, candidate=candidate)


def test_outlines_run_half_a_pixel_outside_the_mask() -> None:
    found = trace_outlines(view_of(square(), None), WHOLE, (), {0})
    assert found is not None
    ends = np.concatenate([found.segments[:, 0], found.segments.sum(axis=1)])
    assert (ends.min(), ends.max()) == (4.5, 14.5)
    assert set(found.colors) == {REFERENCE_COLOR}


def test_where_both_draw_the_same_line_it_is_neither_ones_colour() -> None:
    found = trace_outlines(view_of(square(), square()), WHOLE, (), {0})
    assert found is not None
    assert set(found.colors) == {BOTH_COLOR}
    assert len({segment.tobytes() for segment in found.segments}) == len(found.segments)
    found = trace_outlines(view_of(square(), square(left=8)), WHOLE, (), {0})
    assert found is not None
    assert set(found.colors) == {BOTH_COLOR, REFERENCE_COLOR, CANDIDATE_COLOR}


def test_the_line_between_two_classes_is_drawn_once() -> None:
    halves = np.ones((20, 20), np.uint8)
    halves[:, 10:] = 2
    found = trace_outlines(view_of(halves, None), WHOLE, (), set())
    assert found is not None
    assert len(found.segments) == 19, "from row 0 to row 19"
    assert set(found.segments[:, 0, 1].tolist()) == {9.5}


def test_only_the_window_is_traced_and_lies_where_it_should() -> None:
    window = (slice(3, 9), slice(0, 20))
    found = trace_outlines(view_of(square(), None), window, (), {0})
    assert found is not None
    assert found.segments[:, 0, 0].max() <= 8.5
    assert found.segments[:, 0, 0].min() == 4.5


def test_in_a_volume_it_is_the_slice_that_is_shown() -> None:
    volume = np.stack([np.zeros((20, 20), np.uint8), square()])
    found = trace_outlines(view_of(volume, None), WHOLE, (1,), {0})
    assert found is not None
    assert found.segments.shape[1:] == (2, 3)
    assert set(found.segments[:, 0, 0].tolist()) == {1.0}
    empty = trace_outlines(view_of(volume, None), WHOLE, (0,), {0})
    assert empty is not None
    assert empty.segments.shape == (0, 2, 3)


def test_too_many_lines_are_not_drawn(monkeypatch) -> None:
    monkeypatch.setattr(contours, "MAX_SEGMENTS", 10)
    assert trace_outlines(view_of(square(), square()), WHOLE, (), {0}) is None
    monkeypatch.setattr(contours, "MAX_PIXELS", 399)
    assert trace_outlines(view_of(square(), square()), WHOLE, (), {0}) is None
