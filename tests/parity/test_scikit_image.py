"""What scikit-image measures too: variation of information, object counts, a Hausdorff distance."""

from __future__ import annotations

import numpy as np
import pytest

import napari_mask_audit as ma
from cases import CASES
from napari_mask_audit.metrics.topology import class_topology
from real_pairs import REAL, binary

metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
measure = pytest.importorskip("skimage.measure", reason="scikit-image is not installed")


@pytest.mark.parametrize("seed", range(30))
def test_variation_of_information(seed):
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, 5, (12, 15)).astype(np.int32)
    noise = rng.integers(0, 5, (12, 15)).astype(np.int32)
    candidate = np.where(rng.random((12, 15)) < 0.6, reference, noise)
    ours = ma.compare(reference, candidate, instances=True).instances
    # H(candidate | reference), then H(reference | candidate), over the reference objects.
    inside = reference > 0
    split, merged = metrics.variation_of_information(reference[inside], candidate[inside])
    assert (ours.voi_split, ours.voi_merge) == pytest.approx((split, merged), abs=1e-12)


@pytest.mark.parametrize("name", REAL)
def test_pieces_and_euler_number_of_real_masks(name):
    for mask in binary(name):
        found = class_topology(mask.labels, background=0)[1]
        full = mask.labels.ndim
        assert found.components == measure.label(mask.labels, connectivity=full).max()
        assert found.euler == measure.euler_number(mask.labels, connectivity=full)


def test_their_hausdorff_distance_looks_inside_the_object():
    """Not a peer for HD: it takes all pixels of an object for its surface, so a hole is 1 away."""
    case = next(case for case in CASES if case.key == "E14")
    assert metrics.hausdorff_distance(case.reference, case.candidate) == 1
    assert (case.voxel["hd"], case.surfel["hd"]) == (3, 4)


def filled_twins(seed: int):
    """Two shapes of one pixel thickness: there all pixels are border pixels."""
    rng = np.random.default_rng(seed)
    first, second = np.zeros((2, 20, 20), np.uint8)
    first[rng.integers(0, 20), :] = 1
    second[:, rng.integers(0, 20)] = 1
    return first, second


@pytest.mark.parametrize("seed", range(10))
def test_where_there_is_no_inside_the_hausdorff_distances_agree(seed):
    first, second = filled_twins(seed)
    chosen = ma.Settings(convention="voxel")
    ours = ma.compare(first, second, background=0, settings=chosen).classes[0].boundary.hd
    assert ours == pytest.approx(metrics.hausdorff_distance(first, second))
