"""Pictures of nuclei with their exact masks, made without anything of the package."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

#: How a microscope may show them: dark field, stained on white, uneven light.
KINDS = ("fluorescent", "stained", "uneven")


def nuclei(seed: int, size: int = 128, kind: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """An 8-bit picture and the mask of its nuclei, ids from 1.

    Nuclei are ellipses with wavy outlines; some touch. The picture is blurred and noisy, with a
    texture inside and a background that is not even.
    """
    rng = np.random.default_rng([seed, 77])
    kind = kind or KINDS[int(rng.integers(len(KINDS)))]
    radius = float(rng.uniform(6, 10))
    mask = np.zeros((size, size), np.uint16)
    rows, columns = np.mgrid[:size, :size]
    number = 0
    for _ in range(int(rng.integers(14, 30))):
        y, x = rng.uniform(0, size, 2)
        a, b = radius * rng.uniform(0.75, 1.3, 2)
        turn = rng.uniform(0, np.pi)
        u = (rows - y) * np.cos(turn) + (columns - x) * np.sin(turn)
        v = (columns - x) * np.cos(turn) - (rows - y) * np.sin(turn)
        angle = np.arctan2(v / b, u / a)
        wave = 1 + 0.06 * np.sin(3 * angle + rng.uniform(0, 6)) + 0.04 * np.sin(5 * angle)
        shape = (u / a) ** 2 + (v / b) ** 2 <= wave**2
        if np.count_nonzero(shape & (mask > 0)) > 0.1 * np.count_nonzero(shape):
            continue
        number += 1
        mask[shape & (mask == 0)] = number
    mask = _whole(mask)
    number = int(mask.max())
    level = np.concatenate([[0], rng.uniform(0.55, 1.0, number)])[mask]
    texture = ndimage.gaussian_filter(rng.normal(0, 1, mask.shape), 2)
    level = level * (1 + 0.35 * texture)
    light = ndimage.gaussian_filter(rng.normal(0, 1, mask.shape), size / 6)
    light = (light - light.min()) / np.ptp(light)
    picture = ndimage.gaussian_filter(level, 1.2)
    if kind == "stained":
        picture = 0.85 - 0.5 * picture + 0.1 * light
    elif kind == "uneven":
        picture = 0.15 + 0.4 * picture + 0.35 * light
    else:
        picture = 0.05 + 0.6 * picture + 0.05 * light
    picture = picture + rng.normal(0, rng.uniform(0.02, 0.07), mask.shape)
    return (255 * picture).clip(0, 255).astype(np.uint8), mask


def _whole(mask: np.ndarray) -> np.ndarray:
    """Every id in one piece, none smaller than 12 px, numbered without gaps."""
    clean = np.zeros_like(mask)
    number = 0
    for label in np.unique(mask)[1:]:
        pieces, count = ndimage.label(mask == label)
        sizes = np.bincount(pieces.ravel())[1:]
        if count and sizes.max() >= 12:
            number += 1
            clean[pieces == 1 + sizes.argmax()] = number
    return clean
