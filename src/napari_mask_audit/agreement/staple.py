"""STAPLE and Dawid–Skene on a vote table: consensus and rater quality, estimated together.

Each is an expectation–maximisation over the distinct vote patterns, weighted by their pixels, so
the cost depends on how many ways raters disagree and not on the size of the image. A rater who
said nothing about a pixel adds nothing to its likelihood.

References
----------
.. [1] Warfield, Zou & Wells (2004), STAPLE, doi:10.1109/TMI.2004.828354.
.. [2] Rohlfing, Russakoff & Maurer (2004), multi-label STAPLE, doi:10.1109/TMI.2004.830803.
.. [3] Dawid & Skene (1979), doi:10.2307/2346806.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..kernels import weigh_votes
from .votes import FloatArray, VoteTable

ITERATIONS = 500
#: Pixels added to every entry of a confusion matrix by Dawid–Skene, so that none is impossible.
_SMOOTHING = 1e-10


@dataclass(frozen=True, eq=False)
class Estimate:
    """What expectation–maximisation found.

    Attributes
    ----------
    ids : ndarray of int64, shape (L,)
        The labels.
    probability : ndarray of float64, shape (U, L)
        Posterior of each label for each row of the vote table; rows sum to 1.
    confusion : ndarray of float64, shape (K, L, L)
        Probability that rater k says ``ids[a]`` where ``ids[b]`` is true: ``[k, a, b]``.
    prior : ndarray of float64, shape (L,)
        Share of each label.
    iterations : int
        Rounds made.
    converged : bool
        False when the cap was reached first.
    """

    ids: NDArray[np.int64]
    probability: FloatArray
    confusion: FloatArray
    prior: FloatArray
    iterations: int
    converged: bool


def binary_staple(
    votes: VoteTable,
    *,
    iterations: int = ITERATIONS,
    tolerance: float = 1e-7,
    confidence: float = 1.0,
) -> Estimate:
    """STAPLE for votes 0 and 1 [1]_.

    Parameters
    ----------
    votes : VoteTable
        Labels 0 and 1, or missing; every row has at least one vote.
    iterations : int
        Cap on the rounds.
    tolerance : float
        Stop when no sensitivity or specificity moves by more than this.
    confidence : float
        Factor on the prior, as ITK's ``ConfidenceWeight``.

    Returns
    -------
    Estimate
        ``confusion[k, 1, 1]`` is the sensitivity and ``[k, 0, 0]`` the specificity of rater k.
        The prior is the mean vote and stays fixed, as in ITK.
    """
    weight = votes.counts.astype(np.float64)
    tally = votes.tally(np.arange(2)).astype(np.float64)
    shares = tally / np.maximum(tally.sum(axis=1, keepdims=True), 1)
    inside = float(weight @ shares[:, 1] / weight.sum()) * confidence
    prior = np.array([1 - inside, inside])
    rounds = weigh_votes(votes.codes(np.arange(2)), weight, shares)
    found, last = rounds.count(), np.full((len(votes.raters), 2), -10.0)
    done, converged = 0, False
    while True:
        right = np.diagonal(_shares(found.sums), axis1=1, axis2=2)
        confusion = _confusion_of(right)
        found = rounds.judge(confusion, prior)
        converged = bool((np.abs(right - last) <= tolerance).all())
        if converged or done >= iterations:
            break
        done, last = done + 1, right
    return Estimate(np.arange(2), rounds.posterior, confusion, prior, done, converged)


def _confusion_of(right: FloatArray) -> FloatArray:
    """Confusion matrices (K, said, true) from specificity and sensitivity, shape (K, 2)."""
    confusion = np.empty((len(right), 2, 2))
    for label in (0, 1):
        confusion[:, label, label] = right[:, label]
        confusion[:, 1 - label, label] = 1 - right[:, label]
    return confusion


def label_staple(
    votes: VoteTable, *, iterations: int = ITERATIONS, tolerance: float = 1e-5
) -> Estimate:
    """STAPLE for any number of labels [2]_.

    Parameters
    ----------
    votes : VoteTable
        Every row has at least one vote.
    iterations : int
        Cap on the rounds; 0 gives the seeding from the majority vote.
    tolerance : float
        Stop when no entry of a confusion matrix moves by more than this.

    Notes
    -----
    Seeded from the majority vote without its ties, and with priors from all votes together, as ITK
    does since its tie defect was corrected (SimpleITK 2.5 still counts ties as another label).
    """
    ids, weight = votes.ids, votes.counts.astype(np.float64)
    tally = votes.tally(ids)
    prior = weight @ tally / (weight @ tally).sum()
    top = tally == tally.max(axis=1, keepdims=True)
    seed = top * (top.sum(axis=1, keepdims=True) == 1).astype(np.float64)
    rounds = weigh_votes(votes.codes(ids), weight, seed)
    confusion = _shares(rounds.count().sums)
    done, converged = 0, False
    while True:
        updated = _shares(rounds.judge(confusion, prior).sums)
        if converged or done >= iterations:
            break
        done += 1
        converged = float(np.abs(updated - confusion).max()) < tolerance
        confusion = updated
    return Estimate(ids, rounds.posterior, confusion, prior, done, converged)


def dawid_skene(
    votes: VoteTable, *, iterations: int = ITERATIONS, tolerance: float = 1e-9
) -> Estimate:
    """Dawid–Skene [3]_: like STAPLE, but the shares of the labels are estimated too.

    Parameters
    ----------
    votes : VoteTable
        Every row has at least one vote.
    iterations : int
        Cap on the rounds.
    tolerance : float
        Stop when no posterior moves by more than this.
    """
    ids, weight = votes.ids, votes.counts.astype(np.float64)
    tally = votes.tally(ids)
    rounds = weigh_votes(votes.codes(ids), weight, tally / tally.sum(axis=1, keepdims=True))
    found = rounds.count()
    done, converged = 0, False
    while True:
        prior, confusion = found.share / weight.sum(), _shares(found.sums + _SMOOTHING)
        if converged or done >= iterations:
            break
        done += 1
        found = rounds.judge(confusion, prior)
        converged = found.change <= tolerance
    return Estimate(ids, rounds.posterior, confusion, prior, done, converged)


def _shares(sums: FloatArray) -> FloatArray:
    """Confusion matrices (K, said, true); a label that is never true has a column of zeros."""
    total = sums.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(sums, total, out=np.zeros_like(sums), where=total > 0))
