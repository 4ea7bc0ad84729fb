"""The histogram: every sample is in it once, at its place."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from napari_mask_audit.report.histogram import BINS, bin_of, histogram


@given(st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), max_size=200))
def test_every_defined_value_is_counted_once(values):
    found = histogram([(f"s{n}", value) for n, value in enumerate(values)])
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        assert found is None
        return
    assert sum(number for _, number in found.counts) == len(defined)
    if len(defined) <= 60:
        assert len(found.marks) == len(defined)
        assert all(mark.y - found.radius >= -1 for mark in found.marks)


def test_bin_edges_belong_to_the_bin_above_except_for_1():
    assert [bin_of(n / BINS) for n in range(BINS)] == list(range(BINS))
    assert bin_of(1.0) == BINS - 1


def test_many_samples_become_bars_whose_titles_say_the_numbers():
    found = histogram([(f"s{n}", 0.5) for n in range(100)] + [("t", 0.9)])
    assert found.radius == 0
    assert [mark.title for mark in found.marks] == ["0.50–0.55: 100 samples", "0.90–0.95: 1 sample"]
    assert found.marks[0].height == 100 * found.marks[1].height
