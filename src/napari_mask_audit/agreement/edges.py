"""Sums over boundary elements that add: over samples, and over the two ways to break a tie.

The distances between two outlines are measured once per pair and class; what is kept of them is a
histogram and a few sums. Every pooled NSD, its whole curve over tolerances, and every signed offset
with its spread follow from sums of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..boundaries import DirectedDistances, Surfaces, distances_between
from ..settings import Settings

#: Steps of the tolerance curve, in pixels (the smallest spacing).
_STEP_PX, _LAST_PX = 0.25, 32.0
#: Elements further away than this, in pixels, belong to something one of the two did not draw at
#: all; they say nothing about how somebody draws an outline.
REACH_PX = 10.0


def tolerance_grid(spacing: Sequence[float], settings: Settings) -> NDArray[np.float64]:
    """Tolerances of the curve, ascending, in the unit of the spacing.

    Every quarter of a pixel up to 32 pixels, and the tolerances somebody asked for.
    """
    steps = np.arange(0, _LAST_PX + _STEP_PX / 2, _STEP_PX) * min(spacing)
    grid: NDArray[np.float64] = np.unique(
        np.concatenate([steps, chosen_tolerances(spacing, settings)])
    )
    return grid


def chosen_tolerances(spacing: Sequence[float], settings: Settings) -> tuple[float, ...]:
    """The tolerances asked for, or one pixel."""
    return settings.tolerances or (float(min(spacing)),)


@dataclass(frozen=True, eq=False)
class EdgeSums:
    """What is kept of the boundary elements of one class in two masks; sums add.

    Attributes
    ----------
    size : ndarray, shape (2,)
        Boundary length (2D) or area (3D) of the first and the second mask.
    near : ndarray, shape (2,)
        The part of it within reach of the other outline.
    signed, squared : ndarray, shape (2,)
        Size-weighted sums over that part of the signed distance and of its square; positive where
        the second mask is drawn further outside.
    all_signed : ndarray, shape (2,)
        The same sum over all elements, near or not.
    within : ndarray, shape (2, T)
        Boundary within each tolerance of the grid.
    """

    size: NDArray[np.float64]
    near: NDArray[np.float64]
    signed: NDArray[np.float64]
    squared: NDArray[np.float64]
    all_signed: NDArray[np.float64]
    within: NDArray[np.float64]

    def __add__(self, other: EdgeSums) -> EdgeSums:
        return EdgeSums(
            self.size + other.size,
            self.near + other.near,
            self.signed + other.signed,
            self.squared + other.squared,
            self.all_signed + other.all_signed,
            self.within + other.within,
        )

    def halved(self) -> EdgeSums:
        """Half the weight: two of these make one."""
        return EdgeSums(*(value / 2 for value in self._values()))

    def flipped(self) -> EdgeSums:
        """First and second exchanged."""
        size, near, signed, squared, all_signed, within = (v[::-1] for v in self._values())
        return EdgeSums(size, near, -signed, squared, -all_signed, within)

    def _values(self) -> tuple[NDArray[np.float64], ...]:
        return (self.size, self.near, self.signed, self.squared, self.all_signed, self.within)

    @property
    def nsd(self) -> NDArray[np.float64]:
        """Normalised surface distance at each tolerance of the grid; NaN without any boundary."""
        total = float(self.size.sum())
        if not total:
            return np.full(self.within.shape[1], np.nan)
        return np.asarray(self.within.sum(axis=0) / total)

    @property
    def offset(self) -> float:
        """Mean signed distance over all elements; NaN unless both masks have a boundary."""
        return _mean_of_two(self.all_signed, self.size)

    @property
    def near_offset(self) -> float:
        """Mean signed distance over the elements within reach."""
        return _mean_of_two(self.signed, self.near)

    @property
    def near_sd(self) -> float:
        """Standard deviation of the signed distance over the elements within reach."""
        total = float(self.near.sum())
        if not total:
            return float("nan")
        mean = float(self.signed.sum()) / total
        return float(np.sqrt(max(float(self.squared.sum()) / total - mean**2, 0.0)))


def _mean_of_two(sums: NDArray[np.float64], sizes: NDArray[np.float64]) -> float:
    return float((sums / sizes).mean()) if (sizes > 0).all() else float("nan")


def edge_sums(
    first: Surfaces,
    second: Surfaces,
    *,
    spacing: Sequence[float],
    grid: NDArray[np.float64],
    ignore_ids: frozenset[int] = frozenset(),
) -> dict[int, EdgeSums]:
    """Sums over the boundary elements of every class of two masks.

    Parameters
    ----------
    first, second : Surfaces
        Of the same classes, in the same convention. Elements next to pixels that either mask
        ignores do not count (when both ignore some, those of the first).
    spacing : sequence of float
        Pixel size per axis.
    grid : ndarray of float64, shape (T,)
        From :func:`tolerance_grid`.
    ignore_ids : frozenset of int
        Labels that mean "does not count".
    """
    swap = first.near_labels(ignore_ids) is None and second.near_labels(ignore_ids) is not None
    measured = distances_between(
        *((second, first) if swap else (first, second)), spacing=spacing, ignore_ids=ignore_ids
    )
    reach = REACH_PX * min(spacing)
    found = {}
    for class_id, pair in measured.items():
        sides = [_one_side(side, grid, reach) for side in (pair.reference, pair.candidate)]
        sums = EdgeSums(*(np.array(values) for values in zip(*sides, strict=True)))
        found[class_id] = sums.flipped() if swap else sums
    return found


def _one_side(side: DirectedDistances, grid: NDArray[np.float64], reach: float) -> tuple[Any, ...]:
    """Size, near size, the three signed sums and the curve of one outline.

    Sums of products, not dot products: the threads of a BLAS would wait for each other here, since
    samples are measured side by side.
    """
    finite = np.isfinite(side.distances)
    weight = side.weights
    signed = weight * side.signs * np.where(finite, side.distances, 0)
    near = side.distances <= reach
    close = signed[near]
    slot = np.searchsorted(grid, side.distances, side="left")
    within = np.cumsum(np.bincount(slot, weight, minlength=len(grid) + 1))
    return (
        float(within[-1]),  # summed like the curve, so that NSD reaches exactly 1
        float(weight[near].sum()),
        float(close.sum()),
        float((close * side.distances[near] * side.signs[near]).sum()),
        float(signed.sum()),
        within[:-1],
    )
