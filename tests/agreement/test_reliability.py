"""Chance-corrected agreement against published tables and slow definitions."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_mask_audit.agreement.reliability import (
    Degenerate,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    reliability_of,
)
from napari_mask_audit.agreement.votes import MISSING, VoteTable
from napari_mask_audit.kernels import count_tuples

# Fleiss (1971), table 1 as reprinted in textbooks: ten subjects, fourteen raters, five categories.
FLEISS_TABLE = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
# Krippendorff's three coders with missing values.
CODERS = (
    "* * * * * 3 4 1 2 1 1 3 3 * 3",
    "1 * 2 1 3 3 4 3 * * * * * * *",
    "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
)


def coders() -> VoteTable:
    labels = [[MISSING if v == "*" else int(v) for v in row.split()] for row in CODERS]
    table = np.array(labels, np.int32).T
    return VoteTable(("A", "B", "C"), table, np.ones(len(table), np.int64))


def random_votes(seed: int, raters: int, labels: int) -> VoteTable:
    rng = np.random.default_rng(seed)
    masks = [rng.integers(0, labels, (9, 7)).astype(np.uint8) for _ in range(raters)]
    return VoteTable(tuple("abcdef"[:raters]), *count_tuples(masks))


def test_fleiss_reproduces_the_published_table() -> None:
    assert fleiss_kappa(FLEISS_TABLE) == pytest.approx(0.209931, abs=1e-6)


@pytest.mark.parametrize(
    ("confusion", "expected"),
    [
        ([[20, 5], [10, 15]], 0.4),
        ([[45, 15], [25, 15]], 0.130435),
        ([[25, 35], [5, 35]], 0.259259),
    ],
)
def test_cohen_reproduces_hand_counted_tables(confusion: list, expected: float) -> None:
    assert cohen_kappa(confusion) == pytest.approx(expected, abs=1e-6)


def test_alpha_reproduces_krippendorffs_example_with_missing_votes() -> None:
    votes = coders()
    assert krippendorff_alpha(votes.tally(), votes.counts) == pytest.approx(0.691358, abs=1e-6)


def test_alpha_equals_its_definition_by_coincidences() -> None:
    """Coincidence matrix summed value by value, as in Krippendorff's book."""
    votes = coders()
    units = [[v for v in row if v != MISSING] for row in votes.labels.tolist()]
    units = [unit for unit in units if len(unit) > 1]
    observed = sum(
        sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units
    )
    values = [v for unit in units for v in unit]
    expected = sum(a != b for a, b in permutations(values, 2)) / (len(values) - 1)
    assert krippendorff_alpha(votes.tally()) == pytest.approx(1 - observed / expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(2, 4))
def test_alpha_is_fleiss_with_a_small_sample_correction(seed: int, k: int, labels: int) -> None:
    votes = random_votes(seed, k, labels)
    fleiss = fleiss_kappa(votes.tally(), votes.counts)
    alpha = krippendorff_alpha(votes.tally(), votes.counts)
    assert alpha == pytest.approx(fleiss + (1 - fleiss) / (votes.counts.sum() * k), abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(4)), st.permutations(range(3)))
def test_statistics_ignore_names_of_raters_and_classes(
    seed: int, raters: list[int], labels: list[int]
) -> None:
    votes = random_votes(seed, 4, 3)
    renamed = np.array(labels)[votes.labels][:, raters].astype(np.int32)
    other = VoteTable(votes.raters, renamed, votes.counts)
    one, two = reliability_of(votes), reliability_of(other)
    assert (one.alpha, one.fleiss, one.ac1) == pytest.approx((two.alpha, two.fleiss, two.ac1))


def test_stacking_and_condensing_change_nothing() -> None:
    one, two = random_votes(1, 3, 3), random_votes(2, 3, 3)
    stacked = VoteTable.stack([one, two])
    assert len(stacked.condensed().counts) < len(stacked.counts)
    assert reliability_of(stacked.condensed()).alpha == pytest.approx(reliability_of(stacked).alpha)


def test_background_raises_ac1_but_kappa_only_to_dice() -> None:
    """Two discs: overlap 80, 100 pixels each, so Dice 0.8, in a frame that grows."""
    found = []
    for empty in (10**3, 10**8):
        confusion = [[empty, 20], [20, 80]]
        tally, counts = [[2, 0], [1, 1], [0, 2]], [empty, 40, 80]
        found.append((cohen_kappa(confusion), gwet_ac1(tally, counts)))
    assert found[0][0] < found[1][0] == pytest.approx(0.8, abs=1e-5)
    assert found[1][1] == pytest.approx(1, abs=1e-5)


def test_a_single_label_is_degenerate_not_perfect() -> None:
    votes = VoteTable(("a", "b"), np.zeros((1, 2), np.int32), np.array([50]))
    result = reliability_of(votes, 1)
    assert result.status is Degenerate.ONE_LABEL
    assert math.isnan(result.alpha)
    assert math.isnan(cohen_kappa([[50, 0], [0, 0]]))


def test_raters_who_never_meet_have_no_agreement() -> None:
    labels = np.array([[1, MISSING], [MISSING, 1]], np.int32)
    result = reliability_of(VoteTable(("a", "b"), labels, np.array([5, 5])))
    assert result.status is Degenerate.NO_OVERLAP
    assert result.pixels == 0


def test_prevalence_counts_the_votes_for_the_class() -> None:
    """10 pixels, a says 1 on 4 of them, b on 2: 6 of 20 votes."""
    labels = np.array([[1, 1], [1, 0], [0, 0]], np.int32)
    result = reliability_of(VoteTable(("a", "b"), labels, np.array([2, 2, 6])), 1)
    assert result.prevalence == pytest.approx(0.3)
