"""Scenes without gaps: Voronoi cells of five classes with small islands; balls in flat voxels.

Nothing here knows the rules of the buckets: an error is planted, and its pixels are returned.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage as ndi

from failure_scenes import jittered

CLASSES = 5


def cells(seed: int, size: int = 256, count: int = 20):
    """Labels 0 … 4 of a Voronoi tessellation, the cell of each pixel, and the generator."""
    rng = np.random.default_rng(1000 + seed)
    points = rng.uniform(0, size, (count, 2))
    y, x = np.mgrid[:size, :size]
    distance = (y[..., None] - points[:, 0]) ** 2 + (x[..., None] - points[:, 1]) ** 2
    cell = distance.argmin(axis=-1)
    return rng.integers(0, CLASSES, count).astype(np.uint8)[cell], cell, rng


def islands(labels: np.ndarray, rng: np.random.Generator, count: int = 6):
    """Discs of another class well inside one class; the labels with them, and each (mask, id)."""
    same = ndi.minimum_filter(labels, 25) == ndi.maximum_filter(labels, 25)
    y, x = np.indices(labels.shape)
    out, found = labels.copy(), []
    for cy, cx in rng.permutation(np.argwhere(same))[:4000]:
        if len(found) == count:
            break
        disc = (y - cy) ** 2 + (x - cx) ** 2 <= rng.uniform(2.2, 3.6) ** 2
        near = (y - cy) ** 2 + (x - cx) ** 2 <= 14**2
        if any((near & mask).any() for mask, _ in found):
            continue
        other = int((labels[cy, cx] + rng.integers(1, CLASSES)) % CLASSES)
        out[disc] = other
        found.append((disc, other))
    return out, found


def warped(seed: int):
    """Boundaries moved to and fro by at most about 1.8 px."""
    labels, _, _ = cells(seed)
    return labels, jittered(labels, seed, 1.8)


def absorbed(seed: int):
    """Islands of the reference that the candidate lacks."""
    labels, _, rng = cells(seed)
    return islands(labels, rng)[0], labels


def invented(seed: int):
    """Islands that only the candidate has."""
    return absorbed(seed)[::-1]


def renamed_islands(seed: int, background: int | None = None):
    """Islands with another class than in the reference, and than what is around them.

    The new class is never the background: that would be missing, not renaming.
    """
    labels, _, rng = cells(seed)
    reference, found = islands(labels, rng)
    candidate = reference.copy()
    for mask, class_id in found:
        taken = (class_id, int(labels[mask][0]), background)
        candidate[mask] = next(i for i in rng.permutation(CLASSES) if i not in taken)
    return reference, candidate


def renamed_cells(seed: int, background: int | None = None, count: int = 2):
    """Whole cells, not of the background, with another class that is not the background."""
    labels, cell, rng = cells(seed)
    candidate, done = labels.copy(), 0
    for chosen in rng.permutation(cell.max() + 1):
        mask = cell == chosen
        own = int(labels[mask][0]) if mask.any() else background
        if own == background or done == count:
            continue
        candidate[mask] = next(i for i in rng.permutation(CLASSES) if i not in (own, background))
        done += 1
    return labels, candidate


def balls(kind: str):
    """A ball of radius 30 and one of radius 3 in voxels of 3 × 1 × 1; one error of some kind."""
    z, y, x = np.indices((32, 96, 96))
    large = (3 * (z - 15)) ** 2 + (y - 45) ** 2 + (x - 45) ** 2
    small = (3 * (z - 15)) ** 2 + (y - 86) ** 2 + (x - 86) ** 2 <= 7**2
    reference = (large <= 30**2).astype(np.uint8)
    reference[small] = 2
    candidate = reference.copy()
    if kind == "grown":
        candidate[(large <= 32**2) & ~small] = 1
    else:
        candidate[small] = 0
    return reference, candidate
