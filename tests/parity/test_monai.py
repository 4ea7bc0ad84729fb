"""Parity of the ``voxel`` convention with MONAI, where it is installed (float32 on its side)."""

from __future__ import annotations

import numpy as np
import pytest

from napari_mask_audit.masks import Mask
from napari_mask_audit.metrics.boundary import boundary_scores

# MONAI 1.6 calls its own deprecated arguments.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
metrics = pytest.importorskip("monai.metrics", reason="MONAI is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")


@pytest.mark.parametrize("seed", range(30))
def test_border_pixel_scores_are_the_same(seed):
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(6, 24, 2))
    first = random.random(shape) < 0.6
    second = first ^ (random.random(shape) < 0.1)
    spacing = tuple(random.choice([1.0, 2.0, 0.5], 2).tolist())
    masks = [Mask.from_array(m, spacing=spacing) for m in (first, second)]
    ours = boundary_scores(*masks, [1], tolerances=(1.0,), convention="voxel", width=1)[1]
    candidate, reference = (
        torch.from_numpy(m[None, None].astype(np.uint8)) for m in (second, first)
    )
    options = {"include_background": True, "spacing": spacing}
    hd = metrics.compute_hausdorff_distance(candidate, reference, **options)
    hd95 = metrics.compute_hausdorff_distance(candidate, reference, percentile=95, **options)
    assd = metrics.compute_average_surface_distance(candidate, reference, symmetric=True, **options)
    nsd = metrics.compute_surface_dice(candidate, reference, class_thresholds=[1.0], **options)
    assert ours.hd == pytest.approx(float(hd), abs=1e-4)
    assert ours.hd95 == pytest.approx(float(hd95), abs=1e-4)
    assert ours.assd == pytest.approx(float(assd), abs=1e-4)
    assert ours.nsd[0][1] == pytest.approx(float(nsd), abs=1e-4)
