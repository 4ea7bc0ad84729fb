"""Drawn scenes with annotators whose habits are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import ndimage

from building import make_dataset

Mask = np.ndarray


def signed_depth(mask: Mask) -> np.ndarray:
    """Distance to the outline in pixels, positive inside, exact at half pixels."""
    inside = ndimage.distance_transform_edt(mask)
    outside = ndimage.distance_transform_edt(~mask)
    return np.where(mask, inside - 0.5, 0.5 - outside)


def ellipses(rng: np.random.Generator, size: int = 160) -> Mask:
    """Four ellipses that keep clear of each other and of the frame."""
    y, x = np.mgrid[:size, :size]
    mask = np.zeros((size, size), bool)
    quarter = size / 4
    for cy in (quarter, 3 * quarter):
        for cx in (quarter, 3 * quarter):
            a, b = rng.uniform(12, 22, 2)
            top, left = cy + rng.uniform(-6, 6), cx + rng.uniform(-6, 6)
            mask |= ((y - top) / a) ** 2 + ((x - left) / b) ** 2 < 1
    return mask


def drawn(mask: Mask, offset_px: float) -> Mask:
    """The mask with its outline moved outwards."""
    return (signed_depth(mask) > -offset_px).astype(np.uint8)


def unsteady(mask: Mask, sd_px: float, rng: np.random.Generator) -> Mask:
    """The mask with an outline that wavers about the true one."""
    wave = ndimage.gaussian_filter(rng.normal(size=mask.shape), 4)
    return (signed_depth(mask) > wave * (sd_px / wave.std())).astype(np.uint8)


BINARY = """
background = 0
[classes]
1 = "cell"
"""


def write_annotators(
    folder: Path,
    habits: dict[str, float | str],
    *,
    samples: int = 12,
    seed: int = 0,
    toml: str = BINARY,
    extra: dict[str, dict[str, Mask]] | None = None,
) -> dict[str, Mask]:
    """A dataset of annotators (habit: offset in pixels, or ``"noisy"``); returns the truth."""
    rng = np.random.default_rng(seed)
    truth = {f"s{n:02d}": ellipses(rng) for n in range(samples)}
    masks: dict[str, dict[str, object]] = {
        name: {
            sample: unsteady(mask, 1.5, rng) if habit == "noisy" else drawn(mask, float(habit))
            for sample, mask in truth.items()
        }
        for name, habit in habits.items()
    }
    make_dataset(folder, {**masks, **(extra or {})}, toml)
    return truth
