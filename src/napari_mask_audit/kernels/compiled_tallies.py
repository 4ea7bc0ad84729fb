"""Counting and adding up the distances of surface elements, with numba."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled_jit import compiled
from .tallies import MeasuredElements, Tally


def tally_distances(
    surfaces: Sequence[MeasuredElements], limits: NDArray[np.float64], codes: int
) -> Tally:
    """Counts and sums by code; see :func:`napari_mask_audit.kernels.tally_distances`."""
    counts = np.zeros((len(surfaces), limits.shape[1] + 1, codes), np.int64)
    sums = np.zeros((len(surfaces), 2, codes))
    largest = np.zeros(len(surfaces))
    for number, surface in enumerate(surfaces):
        largest[number] = _tally(
            surface.distances,
            surface.sides,
            surface.codes,
            limits[number],
            counts[number],
            sums[number],
        )
    return Tally.of(limits, counts, sums, largest)


@compiled
def _tally(distances: Any, sides: Any, codes: Any, limits: Any, counts: Any, sums: Any) -> float:
    """Add the elements of one surface; the largest distance. No branches: few could be guessed."""
    largest = 0.0
    for i in range(distances.size):
        distance, code = distances[i], np.uint64(codes[i])
        beyond = np.uint64(0)
        for k in range(limits.size):
            beyond += np.uint64(distance > limits[k])
        counts[beyond, code] += 1
        sums[np.uint64(sides[i] < 0), code] += distance
        largest = max(largest, distance)
    return largest


def sum_squares(
    surfaces: Sequence[MeasuredElements], centres: Sequence[float], codes: int
) -> NDArray[np.float64]:
    """Squared deviations by code; see :func:`napari_mask_audit.kernels.sum_squares`."""
    sums = np.zeros((len(surfaces), codes))
    for number, (surface, centre) in enumerate(zip(surfaces, centres, strict=True)):
        _add_squares(surface.distances, surface.sides, surface.codes, centre, sums[number])
    return sums


@compiled
def _add_squares(distances: Any, sides: Any, codes: Any, centre: float, sums: Any) -> None:
    for i in range(distances.size):
        apart = distances[i] * sides[i] - centre
        sums[np.uint64(codes[i])] += apart * apart
