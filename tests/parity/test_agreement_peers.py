"""Agreement statistics against independent libraries, where they are installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from napari_mask_audit.agreement import (
    cohen_kappa,
    consensus_of_masks,
    fleiss_kappa,
    krippendorff_alpha,
)
from napari_mask_audit.agreement.expansion import RowMap
from napari_mask_audit.agreement.staple import binary_staple, dawid_skene
from napari_mask_audit.agreement.votes import MISSING, VoteTable
from napari_mask_audit.kernels import count_tuples

SEEDS = range(8)


def noisy_maps(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    labels, raters = int(rng.integers(2, 5)), int(rng.integers(3, 6))
    truth = rng.integers(0, labels, (24, 24))
    return [
        np.where(
            rng.random(truth.shape) < 0.25, rng.integers(0, labels, truth.shape), truth
        ).astype(np.uint8)
        for _ in range(raters)
    ]


def discs(seed: int, labels: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:96, :96]
    maps = []
    for _ in range(5):
        mask = np.zeros((96, 96), np.uint8)
        for label, (cy, cx) in enumerate([(25, 25), (25, 70), (70, 45)][:labels], 1):
            away = (y - cy - rng.normal(0, 1.5)) ** 2 + (x - cx - rng.normal(0, 1.5)) ** 2
            mask[away < (16 + rng.normal(0, 2)) ** 2] = label
        maps.append(mask)
    return maps


def votes_of(maps: list[np.ndarray]) -> VoteTable:
    return VoteTable(tuple(map(str, range(len(maps)))), *count_tuples(maps))


def pixels_of(maps: list[np.ndarray]) -> np.ndarray:
    return np.stack([m.ravel() for m in maps], axis=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_cohen_equals_scikit_learn(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    first, second = noisy_maps(seed)[:2]
    matrix = metrics.confusion_matrix(first.ravel(), second.ravel())
    expected = metrics.cohen_kappa_score(first.ravel(), second.ravel())
    assert cohen_kappa(matrix) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_fleiss_equals_statsmodels(seed: int) -> None:
    peer = pytest.importorskip("statsmodels.stats.inter_rater")
    maps = noisy_maps(seed)
    votes = votes_of(maps)
    expected = peer.fleiss_kappa(peer.aggregate_raters(pixels_of(maps))[0])
    assert fleiss_kappa(votes.tally(), votes.counts) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_alpha_equals_krippendorff_with_and_without_missing_votes(seed: int) -> None:
    peer = pytest.importorskip("krippendorff")
    data = pixels_of(noisy_maps(seed)).T.astype(float)
    rng = np.random.default_rng(seed)
    for share in (0.0, 0.3):
        given = np.where(rng.random(data.shape) < share, np.nan, data)
        labels = np.where(np.isnan(given), MISSING, given).astype(np.int64).astype(np.int32).T
        votes = VoteTable(tuple("abcdef"[: len(data)]), labels, np.ones(len(labels), np.int64))
        expected = peer.alpha(given, level_of_measurement="nominal")
        condensed = votes.condensed()
        found = krippendorff_alpha(condensed.tally(), condensed.counts)
        assert found == pytest.approx(expected, abs=1e-12)


def itk_images(peer: Any, maps: list[np.ndarray]) -> list[Any]:
    return [peer.GetImageFromArray(m) for m in maps]


@pytest.mark.parametrize("seed", SEEDS)
def test_binary_staple_equals_simpleitk(seed: int) -> None:
    peer = pytest.importorskip("SimpleITK")
    maps = discs(seed)
    itk = peer.STAPLEImageFilter()
    itk.SetForegroundValue(1)
    expected = peer.GetArrayFromImage(itk.Execute(itk_images(peer, maps)))
    rows = RowMap.of(maps)
    found = binary_staple(votes_of(maps), iterations=10_000)
    assert rows.expand(found.probability[:, 1]) == pytest.approx(expected, abs=1e-8)
    assert found.confusion[:, 1, 1] == pytest.approx(np.array(itk.GetSensitivity()), abs=1e-8)
    assert found.confusion[:, 0, 0] == pytest.approx(np.array(itk.GetSpecificity()), abs=1e-8)
    assert found.iterations == itk.GetElapsedIterations()


@pytest.mark.parametrize("seed", SEEDS)
def test_label_staple_equals_simpleitk_where_it_has_no_ties(seed: int) -> None:
    """SimpleITK 2.5 counts ties of the seeding vote as one more label; five discs have few."""
    peer = pytest.importorskip("SimpleITK")
    maps = discs(seed, labels=3)
    itk = peer.MultiLabelSTAPLEImageFilter()
    itk.SetLabelForUndecidedPixels(255)
    expected = peer.GetArrayFromImage(itk.Execute(itk_images(peer, maps)))
    found = consensus_of_masks(maps, method="staple", region="full")
    assert np.array_equal(found.labels, expected)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of pandas
@pytest.mark.parametrize("seed", range(3))
def test_dawid_skene_equals_crowd_kit(seed: int) -> None:
    peer = pytest.importorskip("crowdkit.aggregation")
    import pandas as pd

    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, 300)
    maps = [
        np.where(rng.random(300) < 0.1 + 0.08 * k, rng.integers(0, 3, 300), truth).astype(np.uint8)
        for k in range(4)
    ]
    frame = pd.DataFrame(
        [(i, k, int(maps[k][i])) for i in range(300) for k in range(4)],
        columns=["task", "worker", "label"],
    )
    # A fixed number of rounds: crowd-kit stops on its loss, flat long before the posteriors.
    fitted = peer.DawidSkene(n_iter=60, tol=-1.0).fit(frame)
    found = dawid_skene(votes_of(maps), iterations=60, tolerance=-1.0)
    rows = RowMap.of(maps)
    mine = np.stack([rows.expand(found.probability[:, c]) for c in range(3)], axis=1)
    expected = fitted.probas_.sort_index()[[0, 1, 2]].to_numpy()
    assert mine == pytest.approx(expected, abs=1e-8)
