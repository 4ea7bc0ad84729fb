"""One round of expectation and maximisation over a table of votes, in plain numpy.

Votes are 0 and 1 in one wide table, so that a round is two matrix products. :mod:`.compiled_votes`
does the same with numba; each is the other's oracle in the tests.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
#: Stands for a probability of 0, whose logarithm must be a number.
TINY = 1e-300


class Round(NamedTuple):
    """What one round gives; :func:`napari_mask_audit.kernels.weigh_votes` describes it."""

    sums: FloatArray
    share: FloatArray
    change: float


class Rounds:
    """Rounds over one table of votes; see :func:`napari_mask_audit.kernels.weigh_votes`."""

    def __init__(self, codes: NDArray[np.int32], weight: FloatArray, posterior: FloatArray) -> None:
        self.posterior = posterior.copy()
        self._weight = weight
        labels = np.arange(posterior.shape[1])
        hot = codes[:, :, None] == labels
        self._said = hot.reshape(len(codes), -1).astype(np.float64)

    def count(self) -> Round:
        """What the raters said, by what is true with the present probabilities."""
        weighted = self._weight[:, None] * self.posterior
        labels = self.posterior.shape[1]
        return Round(
            (self._said.T @ weighted).reshape(-1, labels, labels), weighted.sum(axis=0), 0.0
        )

    def judge(self, confusion: FloatArray, prior: FloatArray) -> Round:
        """New probabilities from how raters err, and what they then said."""
        score = self._said @ _log(confusion).reshape(-1, len(prior)) + _log(prior)
        score -= score.max(axis=1, keepdims=True)
        np.exp(score, out=score)
        score /= score.sum(axis=1, keepdims=True)
        change = float(np.abs(score - self.posterior).max(initial=0.0))
        self.posterior = score
        return self.count()._replace(change=change)


def _log(values: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.maximum(values, TINY)))
