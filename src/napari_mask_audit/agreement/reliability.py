"""Chance-corrected agreement: Cohen, Fleiss, Krippendorff, Gwet.

These numbers are secondary on purpose. Their values follow the share of background in the frame
(with more and more of it kappa tends to Dice, and Gwet's AC1 and plain agreement to 1, whatever
the outlines), so each is given one class against the rest, with the prevalence and the region it
was computed on. Read IoU, Dice and NSD of pairs first.

References
----------
Cohen (1960), doi:10.1177/001316446002000104. Fleiss (1971), doi:10.1037/h0031619. Krippendorff
(2004), Content Analysis, chapter 11. Gwet (2008), doi:10.1348/000711006X126600.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..scores import or_none
from .votes import FloatArray, VoteTable

#: What :func:`reliability_of` says about where it looked.
FULL = "all pixels that count"


class Degenerate(StrEnum):
    """Why a chance-corrected number is what it is."""

    OK = "ok"
    ONE_LABEL = "degenerate"
    NO_OVERLAP = "no_overlap"
    ONE_RATER = "one_rater"


@dataclass(frozen=True)
class Reliability:
    """Agreement of a group of raters on one class against the rest, or on all classes.

    Attributes
    ----------
    class_id : int or None
        None: all classes at once, which the large easy classes dominate.
    raters : tuple of str
        Who is compared.
    alpha : float
        Krippendorff's alpha, nominal; raters may miss samples. −1 to 1, 1 is best, 0 is chance.
    fleiss : float
        Fleiss' kappa over the pixels that every rater labelled.
    ac1 : float
        Gwet's AC1. Close to 1 whenever the class is rare or fills the frame: never quote it alone.
    observed : float
        Share of agreeing pairs of votes.
    prevalence : float
        Share of all votes that went to the class; NaN for all classes at once.
    pixels, complete_pixels : int
        Pixels with at least two votes, and with a vote of everybody.
    region : str
        Where it was computed.
    status : Degenerate
        ``degenerate`` when only one label was ever used, ``no_overlap`` when no pixel has two
        votes, ``one_rater`` with fewer than two raters; the numbers are then NaN.
    alpha_without_one : (float, float)
        Lowest and highest alpha when one rater at a time is left out; NaN with fewer than three.
    """

    class_id: int | None
    raters: tuple[str, ...]
    alpha: float
    fleiss: float
    ac1: float
    observed: float
    prevalence: float
    pixels: int
    complete_pixels: int
    region: str
    status: Degenerate
    alpha_without_one: tuple[float, float] = (math.nan, math.nan)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None and ``status`` says why."""
        return {
            "class_id": self.class_id,
            "raters": list(self.raters),
            "alpha": or_none(self.alpha),
            "alpha_without_one": [or_none(value) for value in self.alpha_without_one],
            "fleiss": or_none(self.fleiss),
            "ac1": or_none(self.ac1),
            "observed_agreement": or_none(self.observed),
            "prevalence": or_none(self.prevalence),
            "pixels": self.pixels,
            "complete_pixels": self.complete_pixels,
            "region": self.region,
            "status": self.status.value,
        }


def reliability_of(
    votes: VoteTable, class_id: int | None = None, *, region: str = FULL
) -> Reliability:
    """All group statistics of a vote table.

    Parameters
    ----------
    votes : VoteTable
        Any number of samples, stacked.
    class_id : int, optional
        One class against the rest; without it, all classes.
    region : str
        Words for the region the table was counted on; copied into the result.
    """
    table = votes if class_id is None else votes.one_vs_rest(class_id).condensed()
    tally = table.tally()
    paired = tally.sum(axis=1) >= 2
    everybody = table.present == len(table.raters)
    status = _status(table, tally, paired)
    prevalence = math.nan
    if class_id is not None and len(table.ids):
        share = table.counts @ tally
        prevalence = float(share[table.ids == 1].sum() / share.sum())
    return Reliability(
        class_id=class_id,
        raters=table.raters,
        alpha=krippendorff_alpha(tally, table.counts),
        fleiss=fleiss_kappa(tally[everybody], table.counts[everybody]),
        ac1=gwet_ac1(tally, table.counts, categories=None if class_id is None else 2),
        observed=_observed(tally[paired], table.counts[paired]),
        prevalence=prevalence,
        pixels=int(table.counts[paired].sum()),
        complete_pixels=int(table.counts[everybody].sum()),
        region=region,
        status=status,
        alpha_without_one=_alpha_without_one(table, tally),
    )


def _alpha_without_one(table: VoteTable, tally: NDArray[np.int64]) -> tuple[float, float]:
    """Lowest and highest alpha when one rater at a time is left out."""
    if len(table.raters) < 3:
        return math.nan, math.nan
    ids = table.ids
    found = [
        krippendorff_alpha(tally - (column[:, None] == ids), table.counts)
        for column in table.labels.T
    ]
    known = [alpha for alpha in found if math.isfinite(alpha)]
    return min(known, default=math.nan), max(known, default=math.nan)


def _status(table: VoteTable, tally: NDArray[np.int64], paired: NDArray[np.bool_]) -> Degenerate:
    if len(table.raters) < 2:
        return Degenerate.ONE_RATER
    if not paired.any():
        return Degenerate.NO_OVERLAP
    used = (tally[paired].sum(axis=0) > 0).sum()
    return Degenerate.OK if used > 1 else Degenerate.ONE_LABEL


def cohen_kappa(confusion: ArrayLike) -> float:
    """Cohen's kappa of two raters.

    Parameters
    ----------
    confusion : array_like, shape (L, L)
        Pixels by the label of the first (rows) and the second rater (columns).

    Returns
    -------
    float
        −1 to 1, 1 is best, 0 is what chance gives; NaN when both used one and the same label
        only, or nothing was counted.

    Examples
    --------
    >>> round(cohen_kappa([[20, 5], [10, 15]]), 6)
    0.4
    """
    table = np.asarray(confusion, np.float64)
    total = float(table.sum())
    if total == 0:
        return math.nan
    observed = float(np.trace(table)) / total
    expected = float(table.sum(axis=0) @ table.sum(axis=1)) / total**2
    return math.nan if expected == 1 else (observed - expected) / (1 - expected)


def fleiss_kappa(tally: ArrayLike, counts: ArrayLike | None = None) -> float:
    """Fleiss' kappa: chance is one label distribution shared by all raters.

    Parameters
    ----------
    tally : array_like, shape (U, L)
        Votes for each label; every row must sum to the same number of raters K >= 2.
    counts : array_like, shape (U,), optional
        Pixels per row; 1 each when not given.

    Returns
    -------
    float
        NaN when a single label got all votes, or there is nothing to compare.
    """
    votes, weight = _weighted(tally, counts)
    raters = votes.sum(axis=1)
    if not weight.sum() or raters[0] < 2:
        return math.nan
    if (raters != raters[0]).any():
        raise ValueError("Fleiss' kappa needs the same number of votes in every row")
    shares = weight @ votes / (weight.sum() * raters[0])
    expected = float((shares**2).sum())
    if (shares > 0).sum() == 1:
        return math.nan
    return (_observed(votes, weight) - expected) / (1 - expected)


def krippendorff_alpha(tally: ArrayLike, counts: ArrayLike | None = None) -> float:
    """Krippendorff's alpha for nominal labels; votes may be missing.

    Parameters
    ----------
    tally : array_like, shape (U, L)
        Votes for each label. Rows with fewer than two votes cannot disagree and do not count.
    counts : array_like, shape (U,), optional
        Pixels per row; 1 each when not given.

    Returns
    -------
    float
        NaN when a single label got all votes, or no row has two.

    Examples
    --------
    Two coders, four units, one disagreement; observed 1/4, expected 2·4·4/(8·7).

    >>> round(krippendorff_alpha([[2, 0], [2, 0], [1, 1], [0, 2]]), 6)
    0.533333
    """
    votes, weight = _weighted(tally, counts)
    said = votes.sum(axis=1)
    votes, weight, said = votes[said >= 2], weight[said >= 2], said[said >= 2]
    pooled = weight @ votes
    total = float(pooled.sum())
    if total == 0 or (pooled > 0).sum() == 1:
        return math.nan
    # n·D_o and n·D_e of the coincidence matrix, written without building it
    disagreeing = weight / (said - 1) * (said**2 - (votes**2).sum(axis=1))
    by_chance = (total**2 - float((pooled**2).sum())) / (total - 1)
    return 1 - float(disagreeing.sum()) / by_chance


def gwet_ac1(
    tally: ArrayLike, counts: ArrayLike | None = None, *, categories: int | None = None
) -> float:
    """Gwet's AC1 for any number of raters; votes may be missing.

    Parameters
    ----------
    tally : array_like, shape (U, L)
        Votes for each label.
    counts : array_like, shape (U,), optional
        Pixels per row; 1 each when not given.
    categories : int, optional
        Labels that could have been used; those that were, when not given. At least 2.

    Returns
    -------
    float
        NaN when no row has two votes, or there is only one category.
    """
    votes, weight = _weighted(tally, counts)
    said = votes.sum(axis=1)
    possible = categories or int((votes.sum(axis=0) > 0).sum())
    if possible < 2 or not (said >= 2).any():
        return math.nan
    voted = said > 0
    shares = weight[voted] @ (votes[voted] / said[voted, None]) / weight[voted].sum()
    expected = float((shares * (1 - shares)).sum()) / (possible - 1)
    observed = _observed(votes[said >= 2], weight[said >= 2])
    return (observed - expected) / (1 - expected)


def _observed(tally: ArrayLike, counts: ArrayLike) -> float:
    """Mean share of agreeing pairs of votes, over rows with at least two."""
    votes, weight = _weighted(tally, counts)
    if not weight.sum():
        return math.nan
    said = votes.sum(axis=1)
    agreeing = (votes * (votes - 1)).sum(axis=1) / (said * (said - 1))
    return float(weight @ agreeing / weight.sum())


def _weighted(tally: ArrayLike, counts: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    votes = np.asarray(tally, np.float64)
    weight = np.ones(len(votes)) if counts is None else np.asarray(counts, np.float64)
    return votes, weight
