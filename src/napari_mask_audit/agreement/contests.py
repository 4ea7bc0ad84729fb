"""Whether a model or an annotator is closer to the same consensus, or chance decides.

The interval says how large the difference is. Whether there is one is decided by a sign-flip test
on the same paired differences: with a dozen samples the interval of a bootstrap is too narrow at
the high levels that several comparisons ask for, while the test keeps its level at any number.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics.intervals import Interval
from ..scores import or_none
from .pairwise import interval_dict

_EXACT, _FLIPS = 12, 9999
#: Chance of a wrong verdict among all the contests of one model.
_CHANCE = 0.05


@dataclass(frozen=True)
class Contest:
    """A model and one annotator against the same consensus of the others.

    Attributes
    ----------
    model, annotator : str
        Who is compared.
    model_iou, annotator_iou : float
        Mean over the samples both have.
    difference : Interval
        Annotator minus model, paired by sample; points below ten samples.
    p_value : float
        Of the sign-flip test; NaN below ten samples.
    verdict : {"annotator better", "model better", "not told apart", "too few samples"}
        Better where the test, at 0.05 divided by the number of annotators, and the interval agree.
    """

    model: str
    annotator: str
    model_iou: float
    annotator_iou: float
    difference: Interval
    p_value: float
    verdict: str

    @classmethod
    def of(
        cls,
        names: tuple[str, str],
        scores: tuple[NDArray[np.float64], NDArray[np.float64]],
        difference: Interval,
        groups: Sequence[Hashable] | None,
        rivals: int,
    ) -> Contest:
        """Of a model and an annotator, from their scores by sample (NaN: undefined).

        Parameters
        ----------
        names : (str, str)
            Model and annotator.
        scores : pair of ndarray of float64, shape (n,)
            Theirs.
        difference : Interval
            Of the mean difference.
        groups : sequence, optional
            Samples that belong together.
        rivals : int
            Annotators the model is compared with.
        """
        both = np.isfinite(scores[0]) & np.isfinite(scores[1])
        p_value = math.nan
        verdict = "too few samples"
        if difference.method in ("bca", "percentile"):
            p_value = sign_flip_p(scores[1] - scores[0], groups)
            verdict = _verdict(difference, p_value <= _CHANCE / rivals)
        model, person = (float(column[both].mean()) for column in scores)
        return cls(*names, model, person, difference, p_value, verdict)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "model": self.model,
            "annotator": self.annotator,
            "model_iou": or_none(self.model_iou),
            "annotator_iou": or_none(self.annotator_iou),
            "difference": or_none(self.difference.value),
            "difference_interval": interval_dict(self.difference),
            "p_value": or_none(self.p_value),
            "verdict": self.verdict,
        }


def sign_flip_p(
    differences: NDArray[np.float64], groups: Sequence[Hashable] | None = None, seed: int = 0
) -> float:
    """How often paired differences are as far from 0 in the mean when their signs are random.

    Parameters
    ----------
    differences : ndarray of float64, shape (n,)
        NaN is left out.
    groups : sequence, optional
        Samples of one group keep their signs together.
    seed : int
        Of the random signs, from 13 groups on; with fewer, all signs are tried.

    Returns
    -------
    float
        Two-sided, above 0 and at most 1; NaN without any difference.

    Examples
    --------
    Only all signs equal, which is 2 of 8, are as far off.

    >>> sign_flip_p(np.array([0.1, 0.2, 0.3]))
    0.25
    """
    known = np.isfinite(differences)
    kept = range(len(differences)) if groups is None else groups
    sums: dict[Hashable, float] = {}
    for group, value, good in zip(kept, differences.tolist(), known.tolist(), strict=True):
        if good:
            sums[group] = sums.get(group, 0.0) + value
    if not sums:
        return math.nan
    values = np.array(list(sums.values()))
    if len(values) <= _EXACT:
        signs = np.array(list(product((1.0, -1.0), repeat=len(values))))
    else:
        drawn = np.random.default_rng(seed).integers(0, 2, (_FLIPS, len(values)))
        signs = np.vstack([np.ones(len(values)), 2.0 * drawn - 1])
    found = np.abs(signs @ values)
    return float((found >= found[0] * (1 - 1e-9)).mean())


def _verdict(difference: Interval, sure: bool) -> str:
    if sure and difference.low > 0:
        return "annotator better"
    return "model better" if sure and difference.high < 0 else "not told apart"
