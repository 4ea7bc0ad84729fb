"""Parity of the ``voxel`` convention with MedPy, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from napari_mask_audit.boundaries import surface_distances
from napari_mask_audit.masks import Mask
from napari_mask_audit.metrics.boundary import boundary_scores, hd95_pooled

binary = pytest.importorskip("medpy.metric.binary", reason="MedPy is not installed")


@pytest.mark.parametrize("seed", range(60))
def test_border_pixel_distances_are_the_same(seed):
    random = np.random.default_rng(seed)
    ndim = 2 + seed % 2
    shape = tuple(random.integers(4, 24 if ndim == 2 else 10, ndim))
    first = random.random(shape) < 0.6
    second = first ^ (random.random(shape) < 0.1)
    spacing = tuple(random.choice([1.0, 2.0, 0.5, 3.3], ndim).tolist())
    masks = [Mask.from_array(m, spacing=spacing) for m in (first, second)]
    ours = boundary_scores(*masks, [1], tolerances=(), convention="voxel", width=1)[1]
    pair = surface_distances(first, second, [1], spacing=spacing, convention="voxel")[1]
    arguments = {"voxelspacing": spacing}
    assert ours.hd == pytest.approx(binary.hd(first, second, **arguments), rel=1e-12)
    assert ours.assd == pytest.approx(binary.assd(first, second, **arguments), rel=1e-12)
    assert hd95_pooled(pair) == pytest.approx(binary.hd95(first, second, **arguments), rel=1e-12)
