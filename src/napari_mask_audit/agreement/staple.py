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

from .votes import MISSING, FloatArray, VoteTable

ITERATIONS = 500
_TINY = 1e-300


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
    said = (votes.labels != MISSING).astype(np.float64)
    yes = (votes.labels == 1).astype(np.float64)
    no = said - yes
    weight = votes.counts.astype(np.float64)
    inside = yes.sum(axis=1) / np.maximum(said.sum(axis=1), 1)
    prior = float(weight @ inside / weight.sum()) * confidence
    last = np.full((2, yes.shape[1]), -10.0)
    rounds, converged = 0, False
    while True:
        sensitivity = _divide((weight * inside) @ yes, (weight * inside) @ said)
        specificity = _divide((weight * (1 - inside)) @ no, (weight * (1 - inside)) @ said)
        now = np.stack([sensitivity, specificity])
        inside = _posterior(yes, no, sensitivity, specificity, prior)
        converged = bool((np.abs(now - last) <= tolerance).all())
        if converged or rounds >= iterations:
            break
        rounds, last = rounds + 1, now
    confusion = np.empty((yes.shape[1], 2, 2))
    confusion[:, 1, 1], confusion[:, 0, 1] = sensitivity, 1 - sensitivity
    confusion[:, 0, 0], confusion[:, 1, 0] = specificity, 1 - specificity
    return Estimate(
        ids=np.array([0, 1]),
        probability=np.stack([1 - inside, inside], axis=1),
        confusion=confusion,
        prior=np.array([1 - prior, prior]),
        iterations=rounds,
        converged=converged,
    )


def _posterior(
    yes: FloatArray, no: FloatArray, sensitivity: FloatArray, specificity: FloatArray, prior: float
) -> FloatArray:
    """Probability of 1 per row; in logarithms, so that fifty raters do not underflow."""
    p, q = _log(sensitivity), _log(specificity)
    miss, false = _log(1 - sensitivity), _log(1 - specificity)
    odds = yes @ (p - false) + no @ (miss - q) + np.log(max(prior, _TINY) / max(1 - prior, _TINY))
    return np.asarray(1 / (1 + np.exp(np.clip(-odds, -700, 700))))


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
    ids, said = votes.ids, _one_hot(votes)
    weight = votes.counts.astype(np.float64)
    tally = votes.tally(ids)
    prior = weight @ tally / (weight @ tally).sum()
    top = tally == tally.max(axis=1, keepdims=True)
    seed = top * (top.sum(axis=1, keepdims=True) == 1).astype(np.float64)
    confusion = _confusion(said, weight, seed)
    rounds, converged = 0, False
    while rounds < iterations and not converged:
        rounds += 1
        updated = _confusion(said, weight, _label_posterior(said, confusion, prior))
        converged = float(np.abs(updated - confusion).max()) < tolerance
        confusion = updated
    probability = _label_posterior(said, confusion, prior)
    return Estimate(ids, probability, confusion, prior, rounds, converged)


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
    ids, said = votes.ids, _one_hot(votes)
    weight = votes.counts.astype(np.float64)
    tally = votes.tally(ids)
    probability = tally / tally.sum(axis=1, keepdims=True)
    rounds, converged = 0, False
    while True:
        prior = weight @ probability / weight.sum()
        confusion = _confusion(said, weight, probability, smoothing=1e-10)
        if converged or rounds >= iterations:
            break
        rounds += 1
        updated = _label_posterior(said, confusion, prior)
        converged = float(np.abs(updated - probability).max()) <= tolerance
        probability = updated
    return Estimate(ids, probability, confusion, prior, rounds, converged)


def _one_hot(votes: VoteTable) -> FloatArray:
    """Votes as 0 and 1, shape (U, K · L): one matrix product does what loops over raters did."""
    ids = votes.ids
    hot: NDArray[np.bool_] = votes.labels[:, :, None] == ids
    return np.asarray(hot.reshape(len(votes.counts), -1).astype(np.float64))


def _confusion(
    said: FloatArray, weight: FloatArray, probability: FloatArray, smoothing: float = 0.0
) -> FloatArray:
    """Confusion matrices (K, said, true); a label that is never true has a column of zeros."""
    labels = probability.shape[1]
    sums = (said.T @ (weight[:, None] * probability)).reshape(-1, labels, labels) + smoothing
    return _divide(sums, sums.sum(axis=1, keepdims=True))


def _label_posterior(said: FloatArray, confusion: FloatArray, prior: FloatArray) -> FloatArray:
    labels = len(prior)
    score = said @ _log(confusion).reshape(-1, labels) + _log(prior)
    score -= score.max(axis=1, keepdims=True)
    likelihood = np.exp(score)
    return np.asarray(likelihood / likelihood.sum(axis=1, keepdims=True))


def _log(values: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.maximum(values, _TINY)))


def _divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """The quotient, 0 where there is nothing to divide by."""
    return np.asarray(np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0))
