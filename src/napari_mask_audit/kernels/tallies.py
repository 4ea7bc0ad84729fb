"""What is counted of the distances of surface elements.

Scores weigh every element by the size that its code stands for. There are few codes, so elements
are counted, and their distances added up, by code; weights come later, once per code. Sums run
through the elements in order in both backends, and so agree to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class MeasuredElements(Protocol):
    """Surface elements of one class with their distances to another surface, E of them."""

    @property
    def distances(self) -> NDArray[np.float64]:
        """Shape (E,); inf where there is no other surface."""

    @property
    def sides(self) -> NDArray[np.int8]:
        """+1 inside the other object, −1 outside, 0 on its surface; shape (E,)."""

    @property
    def codes(self) -> NDArray[np.uint8]:
        """Which pixels around a corner belong to the class; shape (E,)."""


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts and sums over the elements of S surfaces, by their C codes.

    Attributes
    ----------
    counts : ndarray of int64, shape (S, C)
        Elements.
    within : ndarray of int64, shape (S, L, C)
        Elements whose distance is no larger than each of L limits.
    totals : ndarray of float64, shape (S, C)
        Sums of distances.
    signed : ndarray of float64, shape (S, C)
        Sums of distances, those outside the other object taken as negative.
    largest : ndarray of float64, shape (S,)
        Largest distance; 0 where there is no element.
    """

    counts: NDArray[np.int64]
    within: NDArray[np.int64]
    totals: NDArray[np.float64]
    signed: NDArray[np.float64]
    largest: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        limits: NDArray[np.float64],
        counts: NDArray[np.int64],
        sums: NDArray[np.float64],
        largest: NDArray[np.float64],
    ) -> Tally:
        """From what a backend has counted.

        Parameters
        ----------
        limits : ndarray of float64, shape (S, L)
        counts : ndarray of int64, shape (S, L + 1, C)
            Elements by how many of the limits they lie beyond.
        sums : ndarray of float64, shape (S, 2, C)
            Sums of the distances of those not outside, and of those outside.
        largest : ndarray of float64, shape (S,)
        """
        reached = np.cumsum(counts, axis=1)
        within = np.empty_like(reached[:, :-1])
        order = np.argsort(limits, axis=1, kind="stable")[:, :, None]
        np.put_along_axis(within, order, reached[:, :-1], axis=1)
        inside, outside = sums[:, 0], sums[:, 1]
        return cls(reached[:, -1], within, inside + outside, inside - outside, largest)
