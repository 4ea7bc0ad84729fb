"""Surface distances of real masks equal those of three libraries, each in its own convention.

Every class that both masks have; missing ones differ on purpose (see docs/metrics/conventions.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import napari_mask_audit as ma
from napari_mask_audit.boundaries import surface_distances
from napari_mask_audit.metrics.boundary import hd95_pooled
from real_pairs import REAL, load

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def classes(name: str, convention: str) -> Iterator[tuple]:
    """Our scores with both masks of each class and their spacing."""
    first, second = load(name)
    chosen = ma.Settings(convention=convention, tolerances=(1.0, 3.0))
    result = ma.compare(first.labels, second.labels, spacing=first.spacing, settings=chosen)
    seen = 0
    for row in result.classes:
        if row.status == "ok":
            seen += 1
            yield row.boundary, first.labels == row.id, second.labels == row.id, first.spacing
    assert seen


@pytest.mark.parametrize("name", REAL)
def test_surfel_is_surface_distance(name, monkeypatch):
    peer = pytest.importorskip("surface_distance", reason="surface-distance is not installed")
    monkeypatch.setattr(np, "Inf", np.inf, raising=False)  # gone in numpy 2
    for ours, first, second, spacing in classes(name, "surfel"):
        theirs = peer.compute_surface_distances(first, second, spacing)
        assert ours.hd == pytest.approx(peer.compute_robust_hausdorff(theirs, 100), rel=1e-14)
        assert ours.hd95 == pytest.approx(peer.compute_robust_hausdorff(theirs, 95), rel=1e-14)
        means = peer.compute_average_surface_distance(theirs)
        assert ours.masd == pytest.approx(np.mean(means), abs=1e-8)
        for tolerance, value in ours.nsd:
            nsd = peer.compute_surface_dice_at_tolerance(theirs, tolerance)
            assert value == pytest.approx(nsd, abs=1e-8)


@pytest.mark.parametrize("name", REAL)
def test_voxel_is_medpy(name):
    binary = pytest.importorskip("medpy.metric.binary", reason="MedPy is not installed")
    for ours, first, second, spacing in classes(name, "voxel"):
        assert ours.hd == pytest.approx(binary.hd(first, second, voxelspacing=spacing), rel=1e-12)
        assd = binary.assd(first, second, voxelspacing=spacing)
        assert ours.assd == pytest.approx(assd, rel=1e-12)
        pair = surface_distances(first, second, [1], spacing=spacing, convention="voxel")[1]
        hd95 = binary.hd95(first, second, voxelspacing=spacing)
        assert hd95_pooled(pair) == pytest.approx(hd95, rel=1e-12)


@pytest.mark.parametrize("name", REAL)
def test_voxel_is_monai(name):
    metrics = pytest.importorskip("monai.metrics", reason="MONAI is not installed")
    torch = pytest.importorskip("torch", reason="torch is not installed")
    for ours, first, second, spacing in classes(name, "voxel"):
        masks = [torch.from_numpy(m[None, None].astype(np.uint8)) for m in (second, first)]
        options = {"include_background": True, "spacing": list(spacing)}
        hd95 = metrics.compute_hausdorff_distance(*masks, percentile=95, **options)
        assd = metrics.compute_average_surface_distance(*masks, symmetric=True, **options)
        nsd = metrics.compute_surface_dice(*masks, class_thresholds=[1.0], **options)
        # float32 on their side: relative to the size of the image
        assert ours.hd95 == pytest.approx(float(hd95), rel=1e-4, abs=1e-4)
        assert ours.assd == pytest.approx(float(assd), rel=1e-4, abs=1e-4)
        assert ours.nsd[0][1] == pytest.approx(float(nsd), abs=1e-4)


@pytest.mark.parametrize("name", REAL)
def test_monai_with_subvoxels_is_surfel(name):
    metrics = pytest.importorskip("monai.metrics", reason="MONAI is not installed")
    torch = pytest.importorskip("torch", reason="torch is not installed")
    for ours, first, second, spacing in classes(name, "surfel"):
        masks = [torch.from_numpy(m[None, None].astype(np.uint8)) for m in (second, first)]
        nsd = metrics.compute_surface_dice(
            *masks,
            class_thresholds=[1.0],
            include_background=True,
            spacing=list(spacing),
            use_subvoxels=True,
        )
        assert ours.nsd[0][1] == pytest.approx(float(nsd), abs=1e-4)
