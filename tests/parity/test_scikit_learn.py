"""Region scores and confusion matrices equal scikit-learn's, to the last digit of a division."""

from __future__ import annotations

import numpy as np
import pytest

import napari_mask_audit as ma
from real_pairs import REAL, load

metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
NAMES = ("reference", "candidate")


def random_maps(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(3, 12, 2 + seed % 2))
    reference = rng.integers(0, 5, shape).astype(np.uint8)
    noise = rng.integers(0, 6, shape).astype(np.uint8)
    return reference, np.where(rng.random(shape) < 0.7, reference, noise)


def check(reference: np.ndarray, candidate: np.ndarray) -> None:
    """All classes of either mask, every region score, and the matrix."""
    flat = reference.ravel(), candidate.ravel()
    ids = sorted(set(np.unique(reference)) | set(np.unique(candidate)))
    result = ma.compare(reference, candidate)
    assert [row.id for row in result.classes] == ids
    scores = {
        "iou": metrics.jaccard_score,
        "dice": metrics.f1_score,
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
    }
    for name, score in scores.items():
        # Precision has no value for a missed class, recall none for an invented one.
        empty = {"zero_division": np.nan} if name in ("precision", "recall") else {}
        theirs = score(*flat, labels=ids, average=None, **empty)
        ours = [row.value(name) for row in result.classes]
        # f1 and precision are quotients of floats on their side.
        np.testing.assert_allclose(ours, theirs, rtol=4e-16, atol=0)
    assert result.mean_iou == pytest.approx(metrics.jaccard_score(*flat, average="macro"))
    assert result.pixel_accuracy == metrics.accuracy_score(*flat)
    np.testing.assert_array_equal(result.confusion.counts(), metrics.confusion_matrix(*flat))


@pytest.mark.parametrize("seed", range(40))
def test_random_maps(seed):
    check(*random_maps(seed))


@pytest.mark.parametrize("name", REAL)
def test_real_masks(name):
    check(*(mask.labels for mask in load(name)))
