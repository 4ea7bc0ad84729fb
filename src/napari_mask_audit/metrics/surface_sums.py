"""What the distances of a surface's elements add up to: all that boundary scores are made of.

Elements count by their size. All surfaces of a mask pair are added up in one go, as there are often
many of them, and few elements on each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..boundaries import Convention, DirectedDistances

__all__ = ["SurfaceSums", "add_up", "pixel_quantile", "squared_offsets", "surface_quantile"]

#: The quantile that the scores use.
_SHARE = 0.95
#: Elements that are sorted to see where a quantile lies.
_SAMPLE = 1024
#: What the sums of sizes may be wrong by, as a share of the total.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SurfaceSums:
    """Sums over the elements of one surface of one class, weighted by element size.

    Attributes
    ----------
    size : float
        Length or area of the surface (number of elements for ``voxel``).
    within : tuple of float
        How much of it lies within each tolerance of the other surface.
    total : float
        Sum of the distances.
    signed : float
        Sum of the distances, positive where the candidate reaches further out.
    largest : float
        Largest distance; 0 without elements.
    quantile : float
        95 % quantile of the distances: of the surface (``surfel``), or of the border pixels with
        linear interpolation (``voxel``). nan without elements.
    """

    size: float
    within: tuple[float, ...]
    total: float
    signed: float
    largest: float
    quantile: float


def add_up(
    sides: Sequence[DirectedDistances], tolerances: Sequence[float], convention: Convention
) -> list[SurfaceSums]:
    """Sums over each of some surfaces.

    Parameters
    ----------
    sides : sequence of DirectedDistances
    tolerances : sequence of float
        In units of the spacing.
    convention : {"surfel", "voxel"}
    """
    weights = _code_sizes(sides)
    guesses = [_guess(side.distances) for side in sides]
    limits = [(*tolerances, np.nextafter(guess, -np.inf), guess) for guess in guesses]
    tally = kernels.tally_distances(
        sides, np.reshape(limits, (len(sides), len(tolerances) + 2)), weights.shape[1]
    )
    sizes = (tally.counts * weights).sum(axis=-1).tolist()
    within = (tally.within * weights[:, None]).sum(axis=-1).tolist()
    totals = (tally.totals * weights).sum(axis=-1).tolist()
    signed = (tally.signed * weights).sum(axis=-1).tolist()
    return [
        SurfaceSums(
            size=sizes[n],
            within=tuple(within[n][:-2]),
            total=totals[n],
            signed=signed[n] * side.outward,
            largest=float(tally.largest[n]),
            quantile=_quantile(side, sizes[n], guesses[n], within[n][-2:], convention),
        )
        for n, side in enumerate(sides)
    ]


def squared_offsets(sides: Sequence[DirectedDistances], means: Sequence[float]) -> list[float]:
    """Sums of the squared differences between the signed distances and a mean, per surface."""
    weights = _code_sizes(sides)
    centres = [mean * side.outward for side, mean in zip(sides, means, strict=True)]
    sums: list[float] = (
        (kernels.sum_squares(sides, centres, weights.shape[1]) * weights).sum(axis=-1).tolist()
    )
    return sums


def _code_sizes(sides: Sequence[DirectedDistances]) -> NDArray[np.float64]:
    """Size of an element of each code, shape (sides, codes)."""
    sizes = np.zeros((len(sides), max((side.code_sizes.size for side in sides), default=1)))
    for row, side in zip(sizes, sides, strict=True):
        row[: side.code_sizes.size] = side.code_sizes
    return sizes


def _quantile(
    side: DirectedDistances,
    size: float,
    guess: float,
    around: Sequence[float],
    convention: Convention,
) -> float:
    """95 % quantile; how much of the surface is nearer than the guess, and no further, is known."""
    if side.distances.size == 0:
        return float("nan")
    if guess == np.inf:  # the other mask has no surface: all are infinitely far
        return guess
    if convention == "voxel":
        return pixel_quantile(side.distances)
    below, reached = around
    if min(_SHARE - below / size, reached / size - _SHARE) > _ROUNDING:
        return guess
    return surface_quantile(side.distances, side.weights)


def _some(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances of a few elements in ascending order, to see what those of all are like."""
    return np.sort(distances[:: max(1, distances.size // _SAMPLE)])


def _guess(distances: NDArray[np.float64]) -> float:
    """What the quantile probably is: right in most cases, as many distances are equal."""
    some = _some(distances)
    return float(some[int(_SHARE * some.size)]) if some.size else 0.0


def surface_quantile(
    distances: NDArray[np.float64], weights: NDArray[np.float64], share: float = _SHARE
) -> float:
    """Smallest distance within which at least `share` of the surface lies, not interpolated.

    Elements count in the order of (distance, size), and where rounding decides about an exact
    95 %, all are summed in that order, as in the published implementation of Nikolov et al.
    """
    total = float(weights.sum())
    # Only elements around the quantile need an order. A few of them tell where that is about.
    some = _some(distances)
    for place in (share - 0.03, share - 0.1, share - 0.3):
        far = distances >= some[int(place * some.size)]
        beyond, sizes = distances[far], weights[far]
        if 2 * beyond.size > distances.size:
            break
        order = np.argsort(beyond)  # among equal distances the order does not matter yet
        sums = (total - float(sizes.sum()) + np.cumsum(sizes[order])) / total
        at = int(np.searchsorted(sums, share))
        if 0 < at < order.size and min(sums[at] - share, share - sums[at - 1]) > _ROUNDING:
            return float(beyond[order[at]])
    order = np.lexsort((weights, distances))
    sums = np.cumsum(weights[order]) / total
    return float(distances[order[min(int(np.searchsorted(sums, share)), order.size - 1)]])


def pixel_quantile(distances: NDArray[np.float64]) -> float:
    """95 % quantile of the elements, with linear interpolation."""
    return float(np.percentile(distances, 100 * _SHARE))
