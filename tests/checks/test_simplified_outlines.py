"""A simplified outline stays within its tolerance, and keeps no point that it does not need."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_mask_audit.checks.outlines import simplified


def distance(point, start, stop):
    """From a point to a stretch, by trying many points of it."""
    ways = start + np.linspace(0, 1, 2001)[:, None] * (stop - start)
    return np.sqrt(((ways - point) ** 2).sum(axis=1)).min()


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=25),
    st.booleans(),
    st.sampled_from([0.5, 1.0, 3.0]),
)
def test_no_point_left_out_is_further_away_than_the_tolerance(points, closed, tolerance):
    line = np.array([*points, points[0]] if closed else points, float)
    kept = simplified(line, tolerance)
    assert np.array_equal(kept[[0, -1]], line[[0, -1]])
    at = 0  # the points that are kept are points of the line, in order
    for start, stop in pairwise(kept):
        near = (
            n
            for n in range(at + 1, len(line))
            if np.array_equal(line[n], stop)
            and all(distance(line[k], start, stop) <= tolerance + 0.02 for k in range(at, n))
        )
        at = next(near)


def test_a_square_with_small_teeth_is_simplified_to_its_corners():
    side = np.arange(0.0, 20)
    teeth = 0.4 * (side % 2)
    square = np.concatenate(
        [
            np.column_stack([teeth, side]),
            np.column_stack([side, 20 - teeth]),
            np.column_stack([20 - teeth, 20 - side]),
            np.column_stack([20 - side, teeth]),
            [[0.0, 0.0]],
        ]
    )
    corners = simplified(square, 1.0)
    assert len(corners) == 5
    assert np.abs(corners - [[0, 0], [0, 20], [20, 20], [20, 0], [0, 0]]).max() <= 1.5
