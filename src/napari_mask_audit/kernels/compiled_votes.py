"""One round of expectation and maximisation over a table of votes, with numba.

The same as ``vectorised_votes``, in one pass over the table: the probabilities of a row are a
product of as many numbers as there are raters, and are counted at once. Where such a product gets
so small that digits would be lost, the row is done again in logarithms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled_jit import compiled
from .vectorised_votes import TINY, FloatArray, Round

#: A sum of products below this may have lost terms that matter.
_SMALLEST = 1e-200


class Rounds:
    """Rounds over one table of votes; see :func:`napari_mask_audit.kernels.weigh_votes`."""

    def __init__(self, codes: NDArray[np.int32], weight: FloatArray, posterior: FloatArray) -> None:
        self.posterior = posterior.copy()
        self._codes, self._weight = np.ascontiguousarray(codes), weight

    def count(self) -> Round:
        """What the raters said, by what is true with the present probabilities."""
        sums, share = self._nothing()
        _count(self._codes, self._weight, self.posterior, sums, share)
        return Round(sums, share, 0.0)

    def judge(self, confusion: FloatArray, prior: FloatArray) -> Round:
        """New probabilities from how raters err, and what they then said."""
        sums, share = self._nothing()
        factors, start = np.maximum(confusion, TINY), np.maximum(prior, TINY)
        change = _judge(self._codes, self._weight, factors, start, self.posterior, sums, share)
        return Round(sums, share, change)

    def _nothing(self) -> tuple[FloatArray, FloatArray]:
        labels = self.posterior.shape[1]
        return np.zeros((self._codes.shape[1], labels, labels)), np.zeros(labels)


@compiled
def _count(codes: Any, weight: Any, posterior: Any, sums: Any, share: Any) -> None:
    for row in range(codes.shape[0]):
        for label in range(share.size):
            share[label] += weight[row] * posterior[row, label]
        for rater in range(codes.shape[1]):
            said = codes[row, rater]
            if said >= 0:
                for label in range(share.size):
                    sums[rater, said, label] += weight[row] * posterior[row, label]


@compiled
def _judge(
    codes: Any, weight: Any, factors: Any, start: Any, posterior: Any, sums: Any, share: Any
) -> float:
    """Update `posterior`, add to `sums` and `share`; the largest change of a probability."""
    labels = share.size
    found = np.empty(labels)
    change = 0.0
    for row in range(codes.shape[0]):
        for label in range(labels):
            found[label] = start[label]
        for rater in range(codes.shape[1]):
            said = codes[row, rater]
            if said >= 0:
                for label in range(labels):
                    found[label] *= factors[rater, said, label]
        total = 0.0
        for label in range(labels):
            total += found[label]
        if total < _SMALLEST:
            total = _in_logarithms(codes[row], factors, start, found)
        for label in range(labels):
            value = found[label] / total
            change = max(change, abs(value - posterior[row, label]))
            posterior[row, label] = value
            found[label] = value * weight[row]
            share[label] += found[label]
        for rater in range(codes.shape[1]):
            said = codes[row, rater]
            if said >= 0:
                for label in range(labels):
                    sums[rater, said, label] += found[label]
    return change


@compiled
def _in_logarithms(said: Any, factors: Any, start: Any, found: Any) -> float:
    """The same products up to a common factor, and their sum."""
    best = -np.inf
    for label in range(start.size):
        score = np.log(start[label])
        for rater in range(said.size):
            if said[rater] >= 0:
                score += np.log(factors[rater, said[rater], label])
        found[label] = score
        best = max(best, score)
    total = 0.0
    for label in range(start.size):
        found[label] = np.exp(found[label] - best)
        total += found[label]
    return total
