"""Parity with the surface-distance library of Nikolov et al., where it is installed.

Its PyPI builds use ``np.Inf``, which numpy 2 dropped; the name is put back for the tests only.
"""

from __future__ import annotations

import numpy as np
import pytest

from napari_mask_audit.boundaries import surface_distances
from napari_mask_audit.masks import Mask
from napari_mask_audit.metrics.boundary import boundary_scores

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # in the library
peer = pytest.importorskip("surface_distance", reason="surface-distance is not installed")


@pytest.fixture(autouse=True)
def numpy_1_name(monkeypatch):
    monkeypatch.setattr(np, "Inf", np.inf, raising=False)


def random_pair(seed: int):
    random = np.random.default_rng(seed)
    ndim = 2 + seed % 2
    shape = tuple(random.integers(3, 30 if ndim == 2 else 12, ndim))
    block = int(random.integers(1, 6))
    coarse = random.random([-(-n // block) for n in shape]) < random.uniform(0.2, 0.8)
    first = np.kron(coarse, np.ones((block,) * ndim, int)).astype(bool)
    first = first[tuple(slice(n) for n in shape)]
    second = first ^ (random.random(shape) < random.uniform(0, 0.2))
    return first, second, tuple(random.choice([1.0, 2.0, 0.5, 3.3], ndim).tolist())


@pytest.mark.parametrize("seed", range(300))
def test_every_number_is_the_same(seed):
    first, second, spacing = random_pair(seed)
    if not (first.any() and second.any()):
        pytest.skip("one mask is empty: the library and this package differ on purpose")
    theirs = peer.compute_surface_distances(first, second, spacing)
    masks = [Mask.from_array(m, spacing=spacing) for m in (first, second)]
    tolerances = (0.0, 1.0, 2.5)
    ours = boundary_scores(*masks, [1], tolerances=tolerances, width=1)[1]
    assert ours.hd == pytest.approx(peer.compute_robust_hausdorff(theirs, 100), rel=1e-14)
    assert ours.hd95 == pytest.approx(peer.compute_robust_hausdorff(theirs, 95), rel=1e-14)
    for tolerance, value in ours.nsd:
        expected = peer.compute_surface_dice_at_tolerance(theirs, tolerance)
        assert value == pytest.approx(expected, abs=1e-8)
    pair = surface_distances(first, second, [1], spacing=spacing)[1]
    means = [np.average(d.distances, weights=d.weights) for d in (pair.reference, pair.candidate)]
    expected = peer.compute_average_surface_distance(theirs)
    assert means == pytest.approx(list(expected), abs=1e-8)


@pytest.mark.parametrize("empty", [0, 1])
def test_a_missing_object_is_infinitely_far_in_both(empty):
    masks = [np.zeros((9, 9), bool), np.zeros((9, 9), bool)]
    masks[1 - empty][3, 4] = True
    theirs = peer.compute_surface_distances(*masks, (1.0, 1.0))
    ours = boundary_scores(*map(Mask.from_array, masks), [1], tolerances=(1.0,), width=1)[1]
    assert ours.hd == peer.compute_robust_hausdorff(theirs, 100) == np.inf
    assert ours.nsd[0][1] == peer.compute_surface_dice_at_tolerance(theirs, 1) == 0
