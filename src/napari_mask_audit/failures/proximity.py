"""How far wrong pixels are from where they would be right, up to the tolerance.

Only wrong pixels are asked, and only up to the tolerance: the offsets of a small ball are tried
from near to far until one hits. That is exact for any spacing and any number of classes, needs no
distance transform, and a strip of the image with a halo of the ball's radius gives the same answer
as the whole image.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray

#: Bits of the codes that :func:`proximity_codes` gives.
WRONG, NEAR, FAR_FROM_CANDIDATE, FAR_FROM_REFERENCE = 1, 2, 4, 8
#: Marks what lies outside the image; no class has this id.
_OUTSIDE = np.iinfo(np.int32).min
_STRIP_PIXELS = 1 << 20
_EPSILON = 1e-9


@dataclass(frozen=True, eq=False)
class Ball:
    """Offsets within a radius, from near to far, with their physical lengths.

    Attributes
    ----------
    offsets : ndarray of int64, shape (K, ndim)
        Without the centre.
    distance : ndarray of float64, shape (K,)
        Length in spacing units.
    step : ndarray of float64, shape (K,)
        Length of one pixel along the direction of the offset.
    reach : tuple of int
        Largest offset along each axis.
    """

    offsets: NDArray[np.int64]
    distance: NDArray[np.float64]
    step: NDArray[np.float64]
    reach: tuple[int, ...]


def ball(radius: float, spacing: Sequence[float]) -> Ball:
    """All offsets no longer than ``radius``, ordered by length.

    Examples
    --------
    >>> ball(1.0, (1.0, 1.0)).offsets.tolist()
    [[-1, 0], [0, -1], [0, 1], [1, 0]]
    """
    grid = np.asarray(spacing, float)
    reach = tuple(math.floor(radius / s + _EPSILON) for s in spacing)
    steps = np.array(list(product(*(range(-n, n + 1) for n in reach))), dtype=np.int64)
    physical = steps * grid
    length = np.sqrt((physical**2).sum(axis=1))
    keep = (length <= radius + _EPSILON) & (length > 0)
    steps, physical, length = steps[keep], physical[keep], length[keep]
    order = np.argsort(length, kind="stable")
    steps, physical, length = steps[order], physical[order], length[order]
    along = np.sqrt(((physical * grid) ** 2).sum(axis=1)) / np.maximum(length, _EPSILON)
    return Ball(steps, length, along, reach)


def proximity_codes(
    reference: LabelArray,
    candidate: LabelArray,
    *,
    ignore_ids: Sequence[int],
    spacing: Sequence[float],
    tolerance: float,
    strip_pixels: int = _STRIP_PIXELS,
) -> NDArray[np.uint8]:
    """What the neighbourhood says about every pixel: wrong or not, and how far from right.

    For a wrong pixel with labels g in the reference and p in the candidate, let ``dG`` be the
    distance to the nearest pixel that the reference labels p, ``dP`` to the nearest that the
    candidate labels g. ``dG + dP`` minus half a pixel for each is the thickness of the band of
    wrong pixels through this place, constant across the band.

    Parameters
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x), the same for both
    ignore_ids : sequence of int
        Reference labels whose pixels do not count.
    spacing : sequence of float
        Pixel size per axis.
    tolerance : float
        In the unit of the spacing.
    strip_pixels : int
        Pixels worked on at a time; does not change the result.

    Returns
    -------
    ndarray of uint8, same shape
        0 where the labels agree or do not count; else the sum of ``WRONG`` (1), ``NEAR`` (2: the
        band is no thicker than the tolerance), ``FAR_FROM_CANDIDATE`` (4: dP exceeds it),
        ``FAR_FROM_REFERENCE`` (8: dG exceeds it).
    """
    # A band within the tolerance never needs a look further than this (equal to the tolerance
    # where pixels are square): every distance is at least as long as one step along it.
    neighbours = ball(tolerance + (max(spacing) - min(spacing)) / 2, spacing)
    codes = np.zeros(reference.shape, np.uint8)
    for rows, halo in _strips(reference.shape, neighbours.reach[0], strip_pixels):
        wrong = reference[rows] != candidate[rows]
        if ignore_ids:
            wrong &= ~np.isin(reference[rows], ignore_ids)
        at = np.flatnonzero(wrong)
        if at.size:
            codes[rows].reshape(-1)[at] = _codes_of_strip(
                reference[halo], candidate[halo], rows.start - halo.start, wrong, at,
                neighbours, tolerance,
            )  # fmt: skip
    return codes


def _strips(shape: tuple[int, ...], halo: int, strip_pixels: int) -> Iterator[tuple[slice, slice]]:
    """Rows to work on, and the same rows with what can be seen from them."""
    rows = max(1, strip_pixels // max(1, math.prod(shape[1:])))
    for start in range(0, shape[0], rows):
        stop = min(start + rows, shape[0])
        yield slice(start, stop), slice(max(0, start - halo), min(shape[0], stop + halo))


def _codes_of_strip(
    reference: LabelArray,
    candidate: LabelArray,
    above: int,
    wrong: NDArray[np.bool_],
    at: NDArray[np.intp],
    neighbours: Ball,
    tolerance: float,
) -> NDArray[np.uint8]:
    padded = [_padded(labels, neighbours.reach) for labels in (reference, candidate)]
    shape = padded[0].shape
    strides = np.array([math.prod(shape[axis + 1 :]) for axis in range(len(shape))])
    index = np.unravel_index(at, wrong.shape)
    corner = np.array(neighbours.reach)
    corner[0] += above
    position = np.zeros(at.size, np.int64)
    for axis, where in enumerate(index):
        position += (where + corner[axis]) * strides[axis]
    flat = [labels.reshape(-1) for labels in padded]
    jumps = neighbours.offsets @ strides
    to_reference = _first_hit(flat[0], flat[1][position], position, jumps)
    to_candidate = _first_hit(flat[1], flat[0][position], position, jumps)
    distance = np.append(neighbours.distance, np.inf)
    half_step = np.append(neighbours.step, 0.0) / 2
    excess = distance - half_step
    near = excess[to_reference] + excess[to_candidate] <= tolerance + _EPSILON
    far = distance > tolerance + _EPSILON
    code = np.full(at.size, WRONG, np.uint8)
    code[near] += NEAR
    code[far[to_candidate]] += FAR_FROM_CANDIDATE
    code[far[to_reference]] += FAR_FROM_REFERENCE
    return code


def _padded(labels: LabelArray, reach: tuple[int, ...]) -> NDArray[np.int32]:
    padded = np.full(
        tuple(n + 2 * r for n, r in zip(labels.shape, reach, strict=True)), _OUTSIDE, np.int32
    )
    padded[tuple(slice(r, r + n) for n, r in zip(labels.shape, reach, strict=True))] = labels
    return padded


def _first_hit(
    labels: NDArray[np.int32],
    wanted: NDArray[np.int32],
    position: NDArray[np.int64],
    jumps: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Number of the first jump that lands on the wanted label; ``len(jumps)`` where none does."""
    found = np.full(position.size, len(jumps), np.int64)
    left = np.arange(position.size)
    for number, jump in enumerate(jumps):
        if left.size == 0:
            break
        hit = labels[position[left] + jump] == wanted[left]
        found[left[hit]] = number
        left = left[~hit]
    return found
