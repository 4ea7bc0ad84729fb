"""Counting and adding up the distances of surface elements, in plain numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .tallies import MeasuredElements, Tally


def tally_distances(
    surfaces: Sequence[MeasuredElements], limits: NDArray[np.float64], codes: int
) -> Tally:
    """Counts and sums by code; see :func:`napari_mask_audit.kernels.tally_distances`."""
    counts = np.zeros((len(surfaces), limits.shape[1] + 1, codes), np.int64)
    sums = np.zeros((len(surfaces), 2, codes))
    largest = np.zeros(len(surfaces))
    for number, surface in enumerate(surfaces):
        if surface.distances.size == 0:
            continue
        code = surface.codes.astype(np.intp)
        outside = code + codes * (surface.sides < 0)
        sums[number].reshape(-1)[:] = np.bincount(outside, surface.distances, 2 * codes)
        beyond = np.zeros(code.size, np.intp)
        for limit in limits[number].tolist():
            beyond += surface.distances > limit
        beyond *= codes
        beyond += code
        counts[number].reshape(-1)[:] = np.bincount(beyond, minlength=counts[number].size)
        largest[number] = surface.distances.max()
    return Tally.of(limits, counts, sums, largest)


def sum_squares(
    surfaces: Sequence[MeasuredElements], centres: Sequence[float], codes: int
) -> NDArray[np.float64]:
    """Squared deviations by code; see :func:`napari_mask_audit.kernels.sum_squares`."""
    sums = np.zeros((len(surfaces), codes))
    for number, (surface, centre) in enumerate(zip(surfaces, centres, strict=True)):
        if surface.distances.size:
            apart = surface.distances * surface.sides
            apart -= centre
            sums[number] = np.bincount(surface.codes, np.square(apart), codes)
    return sums
