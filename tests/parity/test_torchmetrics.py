"""Panoptic quality and IoU equal torchmetrics' (Kirillov's rule: IoU must exceed 1/2)."""

from __future__ import annotations

import numpy as np
import pytest

import napari_mask_audit as ma
from instance_cases import CASES

pytestmark = pytest.mark.filterwarnings("ignore")  # torch and its compiler warn about themselves
torch = pytest.importorskip("torch", reason="torch is not installed")
detection = pytest.importorskip("torchmetrics.detection", reason="torchmetrics is not installed")
classification = pytest.importorskip(
    "torchmetrics.functional.classification", reason="torchmetrics is not installed"
)


def panoptic(reference: np.ndarray, candidate: np.ndarray) -> tuple[float, float, float]:
    """Their PQ, SQ and RQ: (class, id) pairs, class 0 is stuff and stands for the background."""
    quality = detection.PanopticQuality(
        things={1}, stuffs={0}, return_sq_and_rq=True, return_per_class=True
    )
    coded = [
        torch.from_numpy(np.stack([(m > 0).astype(np.int64), m.astype(np.int64)], axis=-1)[None])
        for m in (candidate, reference)
    ]
    quality.update(*coded)
    return tuple(float(value) for value in quality.compute()[0])


def check(reference: np.ndarray, candidate: np.ndarray) -> None:
    ours = ma.compare(reference, candidate, instances=True).instances
    pq, sq, rq = panoptic(reference, candidate)
    assert ours.pq == pytest.approx(pq, abs=1e-6)
    assert ours.rq == pytest.approx(rq, abs=1e-6)
    if ours.tp:
        assert ours.sq == pytest.approx(sq, abs=1e-6)
    else:
        assert np.isnan(ours.sq)  # theirs is 0: the quality of no match


@pytest.mark.parametrize("seed", range(20))
def test_random_objects(seed):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 6, (4, 5))
    reference = np.kron(coarse, np.ones((5, 5), int)).astype(np.int32)
    noise = rng.integers(0, 6, reference.shape).astype(np.int32)
    check(reference, np.where(rng.random(reference.shape) < 0.8, reference, noise))


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in CASES
        if case.background == 0 and not case.settings and case.expected.get("status", "ok") == "ok"
    ],
    ids=lambda case: case.name,
)
def test_canonical_objects(case):
    """I5 among them: exact halves do not match."""
    check(case.reference, case.candidate)


@pytest.mark.parametrize("seed", range(10))
def test_multi_class_iou(seed):
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, 4, (20, 20))
    candidate = np.where(rng.random((20, 20)) < 0.6, reference, rng.integers(0, 4, (20, 20)))
    masks = [torch.from_numpy(m) for m in (candidate, reference)]
    theirs = classification.multiclass_jaccard_index(*masks, num_classes=4, average="none")
    ours = ma.compare(reference, candidate).ious
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-6)  # float32 on their side
