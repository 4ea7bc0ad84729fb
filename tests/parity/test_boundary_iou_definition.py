"""Boundary IoU by the published recipe: pad, erode `d` times with 3 × 3 ones, subtract, compare.

boundary-iou-api is not on the package index, so its definition (Cheng et al. 2021,
doi:10.1109/CVPR46437.2021.01508) is written down here with scipy, one class at a time.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage

import napari_mask_audit as ma
from cases import CASES
from real_pairs import REAL, load


def recipe(reference: np.ndarray, candidate: np.ndarray, share: float) -> tuple[float, int]:
    """Their score, and the width in pixels that a share of the diagonal is."""
    height, width = reference.shape[-2:]
    reach = max(1, round(share * math.sqrt(height**2 + width**2)))
    bands = []
    for mask in (reference, candidate):
        padded = np.pad(mask, 1)
        box = np.ones((3,) * mask.ndim)
        inner = ndimage.binary_erosion(padded, box, iterations=reach)
        bands.append(padded & ~inner)
    union = (bands[0] | bands[1]).sum()
    return (bands[0] & bands[1]).sum() / union if union else math.nan, reach


def check(reference: np.ndarray, candidate: np.ndarray, share: float) -> None:
    result = ma.compare(reference, candidate, settings=ma.Settings(boundary_fraction=share))
    for row in result.classes:
        theirs, _ = recipe(reference == row.id, candidate == row.id, share)
        assert row.boundary.boundary_iou == theirs  # both are one division of the same counts


@pytest.mark.parametrize("share", [0.02, 0.008, 0.1])
@pytest.mark.parametrize("seed", range(15))
def test_random_maps(seed, share):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 4, (5, 6) if seed % 3 else (3, 3, 4))
    reference = np.kron(coarse, np.ones((9,) * coarse.ndim, int)).astype(np.uint8)
    candidate = np.roll(reference, rng.integers(-2, 3), axis=0)
    candidate[rng.random(candidate.shape) < 0.02] = 0
    check(reference, candidate, share)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_canonical_cases_at_width_one(case):
    share = 1e-6
    theirs, reach = recipe(case.reference == 1, case.candidate == 1, share)
    assert reach == 1
    assert case.region["boundary_iou"] == pytest.approx(theirs, nan_ok=True)


@pytest.mark.parametrize("name", REAL)
def test_real_masks(name):
    check(*(mask.labels for mask in load(name)), share=0.02)
