"""Expectation–maximisation against reference values and against pixel-wise loops."""

from __future__ import annotations

import numpy as np
import pytest

from napari_mask_audit.agreement.staple import binary_staple, dawid_skene, label_staple
from napari_mask_audit.agreement.votes import MISSING, VoteTable
from napari_mask_audit.kernels import count_tuples


def votes_of(*rows: str) -> VoteTable:
    """One row per pixel, nothing merged."""
    labels = np.array([[int(c) for c in row] for row in rows], np.int32).T
    return VoteTable(tuple("abcdefg"[: len(rows)]), labels, np.ones(len(labels), np.int64))


def slow_dawid_skene(labels: np.ndarray, classes: int, rounds: int) -> np.ndarray:
    """Pixel by pixel, rater by rater, straight from the paper."""
    pixels, raters = labels.shape
    truth = np.array([[np.mean(row == c) for c in range(classes)] for row in labels])
    for _ in range(rounds):
        prior = truth.mean(axis=0)
        error = np.full((raters, classes, classes), 1e-10)
        for i in range(pixels):
            for k in range(raters):
                error[k, labels[i, k]] += truth[i]
        error /= error.sum(axis=1, keepdims=True)
        for i in range(pixels):
            truth[i] = prior * np.prod([error[k, labels[i, k]] for k in range(raters)], axis=0)
            truth[i] /= truth[i].sum()
    return truth


def test_binary_staple_reproduces_itk_to_eight_digits() -> None:
    """Values of SimpleITK 2.5.7 for these three raters."""
    found = binary_staple(votes_of("110000", "111000", "100001"))
    assert found.probability[:, 1] == pytest.approx([1, 1, 9.3e-7, 0, 0, 0], abs=1e-8)
    sensitivity, specificity = found.confusion[:, 1, 1], found.confusion[:, 0, 0]
    assert sensitivity == pytest.approx([0.99999945, 1, 0.49999972], abs=1e-8)
    assert specificity == pytest.approx([1, 0.75000021, 0.74999993], abs=1e-8)
    assert (found.iterations, found.converged) == (77, True)


def test_binary_staple_swaps_its_two_qualities_for_the_complement() -> None:
    rows = ("1110100110", "1110000110", "0110100111")
    plain = binary_staple(votes_of(*rows))
    other = binary_staple(votes_of(*(r.translate(str.maketrans("01", "10")) for r in rows)))
    assert plain.confusion[:, 1, 1] == pytest.approx(other.confusion[:, 0, 0], abs=1e-6)
    assert plain.probability[:, 1] == pytest.approx(other.probability[:, 0], abs=1e-6)


def test_equal_rows_count_like_their_pixels() -> None:
    rng = np.random.default_rng(5)
    masks = [(rng.random((20, 20)) < 0.4).astype(np.uint8) for _ in range(4)]
    pixels = VoteTable(
        tuple("abcd"), np.stack([m.ravel() for m in masks], 1).astype(np.int32), np.ones(400, int)
    )
    table = VoteTable(tuple("abcd"), *count_tuples(masks))
    assert len(table.counts) == 16
    for estimate in (binary_staple, dawid_skene):
        assert estimate(pixels).confusion == pytest.approx(estimate(table).confusion, abs=1e-9)


def test_label_staple_is_seeded_by_the_majority_without_its_ties() -> None:
    """Two raters agree on pixels 0 and 1 only; counting ties would give 1/2 off the diagonal."""
    found = label_staple(votes_of("0101", "0110"), iterations=0)
    assert found.confusion.tolist() == [[[1, 0], [0, 1]], [[1, 0], [0, 1]]]


def test_dawid_skene_equals_the_slow_loop() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 60)
    labels = np.stack(
        [np.where(rng.random(60) < 0.1 + 0.1 * k, rng.integers(0, 3, 60), truth) for k in range(4)],
        axis=1,
    ).astype(np.int32)
    found = dawid_skene(VoteTable(tuple("abcd"), labels, np.ones(60, int)), iterations=9)
    assert found.iterations == 9
    assert found.probability == pytest.approx(slow_dawid_skene(labels, 3, 9), abs=1e-9)


def test_the_cap_on_rounds_is_kept_and_reported() -> None:
    found = binary_staple(votes_of("110000", "111000", "100001"), iterations=5)
    assert (found.iterations, found.converged) == (5, False)


def test_a_rater_who_says_nothing_changes_nothing() -> None:
    rows = votes_of("11100011", "11000011", "11110011")
    silent = np.full((8, 1), MISSING, np.int32)
    four = VoteTable(tuple("abcd"), np.hstack([rows.labels, silent]), rows.counts)
    assert binary_staple(four).probability == pytest.approx(
        binary_staple(rows).probability, abs=1e-12
    )
    assert label_staple(four).probability == pytest.approx(
        label_staple(rows).probability, abs=1e-12
    )


def test_many_raters_do_not_underflow() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(50) < 0.5
    rows = ["".join(str(int(v)) for v in truth ^ (rng.random(50) < 0.2)) for _ in range(200)]
    labels = np.array([[int(c) for c in row] for row in rows], np.int32).T
    table = VoteTable(tuple(map(str, range(200))), labels, np.ones(50, int))
    found = binary_staple(table)
    assert np.isfinite(found.probability).all()
    assert ((found.probability[:, 1] > 0.5) == truth).all()
