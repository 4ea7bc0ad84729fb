"""Slow, obvious implementations: each computes a definition, one class and one pixel set at a time.

Nothing here shares code or ideas with the package: masks are cut per class, bands come from
repeated erosion, distances from all pairs of points.
"""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


def tuple_counts(masks: list[NDArray]) -> dict[tuple[int, ...], int]:
    """Pixels per label combination, one pixel at a time."""
    return dict(Counter(zip(*(mask.ravel().tolist() for mask in masks), strict=True)))


def inner_band(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Mask minus `width` erosions with the full element, the image padded with background."""
    eroded = np.pad(mask, 1)
    element = np.ones((3,) * mask.ndim, bool)
    eroded = ndimage.binary_erosion(eroded, element, iterations=width)
    return mask & ~eroded[(slice(1, -1),) * mask.ndim]


def boundary_iou(reference: NDArray[np.bool_], candidate: NDArray[np.bool_], width: int) -> float:
    """IoU of the inner bands."""
    first, second = inner_band(reference, width), inner_band(candidate, width)
    union = (first | second).sum()
    return float((first & second).sum() / union) if union else float("nan")


def corners(mask: NDArray[np.bool_]) -> dict[tuple[int, ...], int]:
    """Boundary corners of a mask with the number of the object's pixels around each as bits."""
    padded = np.pad(mask, 1)
    found = {}
    for corner in np.ndindex(*(n + 1 for n in mask.shape)):
        block = padded[tuple(slice(c, c + 2) for c in corner)].ravel()
        if 0 < block.sum() < block.size:
            found[corner] = sum(int(pixel) << bit for bit, pixel in enumerate(block))
    return found


def border_pixels(mask: NDArray[np.bool_]) -> dict[tuple[int, ...], int]:
    """Pixels of a mask with a face neighbour outside it; the value is always 0."""
    border = mask & ~ndimage.binary_erosion(mask)
    return dict.fromkeys(map(tuple, np.argwhere(border).tolist()), 0)


def edge_length(code: int, spacing: tuple[float, float]) -> float:
    """Length that one 2 × 2 corner stands for, told by cases."""
    top_left, top_right, low_left, low_right = (bool(code >> bit & 1) for bit in range(4))
    diagonal = float(np.hypot(*spacing))
    if top_left + top_right + low_left + low_right in (1, 3):
        return diagonal / 2
    if top_left == low_right:
        return diagonal
    return spacing[1] if top_left == top_right else spacing[0]


def distances(
    points: dict[tuple[int, ...], int],
    others: dict[tuple[int, ...], int],
    spacing: tuple[float, ...],
) -> NDArray[np.float64]:
    """Distance of each point to the nearest other, by looking at all pairs."""
    if not others:
        return np.full(len(points), np.inf)
    return np.array(
        [
            min(
                np.sqrt(sum(((a - b) * s) ** 2 for a, b, s in zip(p, q, spacing, strict=True)))
                for q in others
            )
            for p in points
        ]
    )


def eroded_and_dilated(
    mask: NDArray[np.bool_], counted: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mask shrunk and grown by one pixel, one pixel at a time; only counted pixels play a role."""
    shrunk, grown = mask & counted, mask & counted
    for pixel in map(tuple, np.argwhere(counted).tolist()):
        for axis, step in itertools.product(range(mask.ndim), (-1, 1)):
            near = tuple(p + step * (a == axis) for a, p in enumerate(pixel))
            if any(not 0 <= n < size for n, size in zip(near, mask.shape, strict=True)):
                continue
            if not counted[near]:
                continue
            if mask[pixel] and not mask[near]:
                shrunk[pixel] = False
            if mask[near] and not mask[pixel]:
                grown[pixel] = True
    return shrunk, grown
