"""The masks that are measured in the benchmarks: made, not drawn to suit anybody."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def regions(size: int, classes: int, seed: int = 1) -> np.ndarray:
    """Smooth regions of some classes."""
    random = np.random.default_rng(seed)
    cells = size // 64 + 2
    fields = [ndimage.zoom(random.random((cells, cells)), 64, order=1) for _ in range(classes)]
    return np.stack(fields)[:, :size, :size].argmax(axis=0).astype(np.uint8)


def pair(size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """A mask and a second one with jittered borders, holes and swapped regions."""
    reference = regions(size, classes)
    moved = np.roll(reference, 2, axis=0)
    candidate = np.where(moved == reference, reference, np.roll(reference, 3, axis=1))
    swap = regions(size, 9, seed=2) == 0
    swapped = swap & (reference == 1)
    return reference, np.where(swapped, np.uint8(2 % classes), candidate).astype(np.uint8)


def redrawn(size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """A mask and what a second hand made of it: outlines that wander and are rough, some regions
    left out, some given another class. Unlike :func:`pair`, no two pieces of outline differ alike.
    """
    random = np.random.default_rng(7)
    reference = regions(size, classes, seed=7)
    at = np.indices((size, size)).astype(float)
    for axis in range(2):
        drift = ndimage.zoom(random.uniform(-4, 4, (size // 32 + 2,) * 2), 32, order=1)
        at[axis] += drift[:size, :size] + random.choice([-1, 0, 0, 0, 1], (size, size))
    rows, columns = at.round().astype(int).clip(0, size - 1)
    candidate = reference[rows, columns]
    where = regions(size, 12, seed=8)
    candidate[(where == 0) & (reference % 3 == 1)] = 0
    taken = (where == 1) & (reference % 4 == 2)
    candidate[taken] = (reference[taken] + 1) % classes
    return reference, candidate


def volumes(depth: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A binary volume of smooth bodies and a second one, one voxel thicker in half of the space."""
    cells = np.random.default_rng(3).random((max(2, depth // 16), 10, 10))
    scale = [n / cells for n, cells in zip((depth, size, size), cells.shape, strict=True)]
    body = ndimage.zoom(cells, scale, order=1) > 0.5
    thicker = np.where(np.roll(body, size // 6, axis=1), ndimage.binary_dilation(body), body)
    return body.astype(np.uint8), thicker.astype(np.uint8)
