"""How far wrong pixels are from where they would be right, up to the tolerance.

Only wrong pixels are asked, and only up to the tolerance: the offsets of a small ball are tried
from near to far until one hits. That is exact for any spacing and any number of classes, needs no
distance transform, and a strip of the image with a halo of the ball's radius gives the same answer
as the whole image.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..kernels import first_hits
from ..masks import LabelArray
from .strips import STRIP_PIXELS, strips
from .wrong_runs import WrongRuns

#: Marks what lies outside the image; no class has this id.
_OUTSIDE = np.iinfo(np.int32).min
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

    def __len__(self) -> int:
        return len(self.distance)


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


def ball_for(tolerance: float, spacing: Sequence[float]) -> Ball:
    """How far one has to look to decide about a tolerance.

    A band within the tolerance never needs a look further than this (equal to the tolerance
    where pixels are square): every distance is at least as long as one step along it.
    """
    return ball(tolerance + (max(spacing) - min(spacing)) / 2, spacing)


def look_around(
    reference: LabelArray,
    candidate: LabelArray,
    wrong: WrongRuns,
    neighbours: Ball,
    *,
    seen: int = 0,
    strip_pixels: int = STRIP_PIXELS,
) -> WrongRuns:
    """How far wrong pixels are from where they would be right.

    Parameters
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x), the same for both
    wrong : WrongRuns
        The wrong pixels.
    neighbours : Ball
        Where to look.
    seen : int
        So many offsets of the ball have been tried already; only pixels for which none of them
        hit are looked at.
    strip_pixels : int
        Pixels worked on at a time; does not change the result.

    Returns
    -------
    WrongRuns
        The same pixels with the number of the nearest offset that hits, either way.
    """
    plane = math.prod(reference.shape[1:])
    parts = [wrong.between(0, 0)]
    for rows, halo in strips(reference.shape, strip_pixels, neighbours.reach[0]):
        part = wrong.between(rows.start * plane, rows.stop * plane)
        if len(part) == 0:
            continue
        pixels = part.broken_up(np.ones(len(part), np.bool_))
        flat, where, jumps = _seen_from(
            reference[halo], candidate[halo], pixels.start - halo.start * plane, neighbours
        )
        hits = (
            first_hits(labels, others[where], where, jumps, known, seen)
            for labels, others, known in (
                (flat[0], flat[1], pixels.to_reference), (flat[1], flat[0], pixels.to_candidate)
            )
        )  # fmt: skip
        found = pixels.with_columns(to_reference=next(hits), to_candidate=next(hits))
        parts.append(found.compressed(reference.shape[-1]))
    return WrongRuns.joined(parts)


def is_near(
    wrong: WrongRuns, neighbours: Ball, tolerance: float | NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where the band of wrong pixels is no thicker than the tolerance.

    For a wrong pixel with labels g in the reference and p in the candidate, ``dG`` is the
    distance to the nearest pixel that the reference labels p, ``dP`` to the nearest that the
    candidate labels g. ``dG + dP`` minus half a pixel for each is the thickness of the band of
    wrong pixels through this place, constant across the band.
    """
    excess = np.append(neighbours.distance - neighbours.step / 2, np.inf)
    near: NDArray[np.bool_] = (
        excess[wrong.to_reference] + excess[wrong.to_candidate] <= tolerance + _EPSILON
    )
    return near


def is_far(
    hits: NDArray[np.int32], neighbours: Ball, tolerance: float | NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where the nearest offset that hits is longer than the tolerance."""
    far: NDArray[np.bool_] = np.append(neighbours.distance, np.inf)[hits] > tolerance + _EPSILON
    return far


def _seen_from(
    reference: LabelArray, candidate: LabelArray, at: NDArray[np.int64], neighbours: Ball
) -> tuple[list[NDArray[np.int32]], NDArray[np.int64], NDArray[np.int64]]:
    """Both strips with a margin, flat; where the wrong pixels are in them; the ball as steps."""
    padded = [_padded(labels, neighbours.reach) for labels in (reference, candidate)]
    shape = padded[0].shape
    strides = np.array([math.prod(shape[axis + 1 :]) for axis in range(len(shape))])
    where = np.zeros(at.size, np.int64)
    for axis, index in enumerate(np.unravel_index(at, reference.shape)):
        where += (index + neighbours.reach[axis]) * strides[axis]
    return [labels.reshape(-1) for labels in padded], where, neighbours.offsets @ strides


def _padded(labels: LabelArray, reach: tuple[int, ...]) -> NDArray[np.int32]:
    padded = np.full(
        tuple(n + 2 * r for n, r in zip(labels.shape, reach, strict=True)), _OUTSIDE, np.int32
    )
    padded[tuple(slice(r, r + n) for n, r in zip(labels.shape, reach, strict=True))] = labels
    return padded
