"""Counts and sums over surface elements: as by hand, and the same to the last bit in both."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_strategies import BACKENDS, using
from napari_mask_audit.kernels import sum_squares, tally_distances
from napari_mask_audit.kernels.backend import available


def elements(distances, sides, codes):
    """What is measured of some elements."""
    return SimpleNamespace(
        distances=np.array(distances, np.float64),
        sides=np.array(sides, np.int8),
        codes=np.array(codes, np.uint8),
    )


@st.composite
def surfaces(draw):
    """Some surfaces with distances on a lattice, a few of them infinitely far or empty."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    made = []
    for _ in range(draw(st.integers(0, 4))):
        count = draw(st.integers(0, 60))
        steps = random.integers(0, 4, (count, 2)) * [1.0, 0.3]
        distances = np.hypot(*steps.T) + (np.inf if draw(st.integers(0, 5)) == 0 else 0.0)
        sides = np.where(distances > 0, random.choice([-1, 1], count), 0)
        if np.isinf(distances).any():
            sides[:] = -1
        made.append(elements(distances, sides, random.integers(0, 16, count)))
    limits = random.choice([0.0, 0.3, 1.0, 2.5, np.inf], (len(made), draw(st.integers(0, 4))))
    return made, limits


@pytest.mark.parametrize("name", BACKENDS)
def test_elements_are_counted_and_added_up_by_code(name):
    surface = elements([0, 1, 2, 4, 4], [0, 1, -1, -1, 1], [3, 3, 3, 3, 5])
    with using(name):
        tally = tally_distances([surface, elements([], [], [])], np.array([[2.0, 0.0]] * 2), 16)
        squares = sum_squares([surface], [0.5], 16)
    assert tally.counts[:, [3, 5]].tolist() == [[4, 1], [0, 0]]
    assert tally.within[0][:, [3, 5]].tolist() == [[3, 0], [1, 0]]
    assert tally.totals[0, [3, 5]].tolist() == [7, 4]
    assert tally.signed[0, [3, 5]].tolist() == [-5, 4]
    assert tally.largest.tolist() == [4, 0]
    assert tally.counts.sum() == 5
    assert not tally.totals[1].any()
    assert squares[0, [3, 5]].tolist() == [0.25 + 0.25 + 6.25 + 20.25, 12.25]


@given(surfaces())
def test_every_element_is_counted_once(made):
    some, limits = made
    with using("numpy"):
        tally = tally_distances(some, limits, 16)
    for n, surface in enumerate(some):
        assert tally.counts[n].tolist() == np.bincount(surface.codes, minlength=16).tolist()
        for k, limit in enumerate(limits[n]):
            assert tally.within[n, k].sum() == (surface.distances <= limit).sum()
        assert tally.totals[n].sum() == pytest.approx(surface.distances.sum())
        assert tally.largest[n] == surface.distances.max(initial=0)


@pytest.mark.skipif(len(available()) < 2, reason="numba is not installed")
@given(surfaces())
def test_both_backends_count_and_add_up_the_same_to_the_last_bit(made):
    some, limits = made
    found = {}
    for name in ("numpy", "numba"):
        with using(name):
            found[name] = tally_distances(some, limits, 16)
            finite = [s for s in some if np.isfinite(s.distances).all()]
            squares = sum_squares(finite, [0.1 * n for n in range(len(finite))], 16)
            found[name + " squares"] = squares
    for field in dataclasses.fields(found["numpy"]):
        one, other = (getattr(found[name], field.name) for name in ("numpy", "numba"))
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, field.name)
    np.testing.assert_array_equal(found["numpy squares"], found["numba squares"])
