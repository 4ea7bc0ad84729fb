"""One mask out of many: majority, STAPLE or Dawid–Skene, with an audit trail.

The consensus is decided per vote pattern, never per pixel, and it says of itself how far it can be
trusted: how many pixels were ties, how many raters decided each pixel, whether the estimation
converged, and which raters it thinks little of. It is a proposal, not the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import SettingsError
from ..scores import or_none
from .staple import ITERATIONS, Estimate, binary_staple, dawid_skene, label_staple
from .votes import MISSING, VoteTable

Method = Literal["majority", "staple", "dawid-skene"]
Region = Literal["disagreement", "union_dilated", "full"]
METHODS: tuple[Method, ...] = ("majority", "staple", "dawid-skene")
REGIONS: tuple[Region, ...] = ("disagreement", "union_dilated", "full")
_EQUAL = 1e-9


@dataclass(frozen=True)
class RaterQuality:
    """How a rater compares with the consensus, over the pixels the consensus was estimated on.

    Attributes
    ----------
    rater : str
        Source name.
    class_id : int
        One class against the rest.
    sensitivity : float
        Share of the consensus's class that the rater gave too; NaN when it has none.
    precision : float
        Share of the rater's class that the consensus has too; NaN when the rater has none.
    specificity : float
        Share of the consensus's rest that the rater left free. It grows with the canvas.
    """

    rater: str
    class_id: int
    sensitivity: float
    precision: float
    specificity: float

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "rater": self.rater,
            "class_id": self.class_id,
            "sensitivity": or_none(self.sensitivity),
            "precision": or_none(self.precision),
            "specificity": or_none(self.specificity),
        }


@dataclass(frozen=True, eq=False)
class Consensus:
    """The consensus of a vote table, row by row.

    Attributes
    ----------
    method, region : str
        How and on which pixels it was estimated.
    votes : VoteTable
        What it was made from.
    labels : ndarray of int32, shape (U,)
        The consensus; :data:`~napari_mask_audit.agreement.votes.MISSING` where nobody voted.
    confidence : ndarray of float64, shape (U,)
        Posterior of the chosen label, for a majority its share of the votes. 0 to 1.
    tied : ndarray of bool, shape (U,)
        Another label was exactly as good; the one more common in this table was taken.
    supporters : ndarray of int64, shape (U,)
        How many raters gave the chosen label.
    quality : tuple of RaterQuality
        Per rater and class.
    iterations : int
        Rounds of the estimation; 0 for a majority.
    converged : bool
        False when the cap on rounds was reached.
    warnings : tuple of str
        What should keep a reader from trusting it blindly.
    """

    method: Method
    region: Region
    votes: VoteTable
    labels: NDArray[np.int32]
    confidence: NDArray[np.float64]
    tied: NDArray[np.bool_]
    supporters: NDArray[np.int64]
    quality: tuple[RaterQuality, ...]
    iterations: int
    converged: bool
    warnings: tuple[str, ...]

    @property
    def tied_pixels(self) -> int:
        """Pixels decided by the tie rule."""
        return int(self.votes.counts[self.tied].sum())

    @property
    def entropy(self) -> NDArray[np.float64]:
        """Entropy of the votes in bits, shape (U,): 0 where all agree, 1 at an even split."""
        tally = self.votes.tally().astype(np.float64)
        share = tally / np.maximum(tally.sum(axis=1, keepdims=True), 1)
        logs = np.log2(np.where(share > 0, share, 1))
        return np.asarray(np.abs(share * logs).sum(axis=1))

    def decided_by(self) -> dict[int, int]:
        """Pixels by the number of raters who gave the chosen label."""
        number, row = np.unique(self.supporters, return_inverse=True)
        pixels = np.bincount(row.reshape(-1), self.votes.counts, minlength=len(number))
        return dict(zip(number.tolist(), pixels.astype(int).tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """The audit trail as plain values."""
        counts = self.votes.counts
        return {
            "method": self.method,
            "region": self.region,
            "raters": list(self.votes.raters),
            "iterations": self.iterations,
            "converged": self.converged,
            "pixels": int(counts.sum()),
            "unanimous_pixels": int(counts[self.votes.unanimous & (self.votes.present > 0)].sum()),
            "tied_pixels": self.tied_pixels,
            "undecided_pixels": int(counts[self.labels == MISSING].sum()),
            "decided_by": {str(k): v for k, v in self.decided_by().items()},
            "raters_quality": [quality.to_dict() for quality in self.quality],
            "warnings": list(self.warnings),
        }


def check_choice(method: str, region: str) -> None:
    """Complain about a method or region that does not exist.

    Raises
    ------
    SettingsError
        ``unknown-consensus``.
    """
    if method not in METHODS or region not in REGIONS:
        raise SettingsError(
            "unknown-consensus",
            f"the method must be one of {', '.join(METHODS)} and the region one of "
            f"{', '.join(REGIONS)}, not {method!r} on {region!r}.",
        )


def consensus_of_votes(
    votes: VoteTable,
    *,
    method: Method = "majority",
    region: Region = "disagreement",
    in_region: NDArray[np.bool_] | None = None,
    background: int | None = None,
    iterations: int = ITERATIONS,
) -> Consensus:
    """Consensus of a vote table.

    Parameters
    ----------
    votes : VoteTable
        One sample.
    method : {"majority", "staple", "dawid-skene"}
        How votes become a label.
    region : {"disagreement", "union_dilated", "full"}
        Which pixels the estimation sees. On ``full``, its result depends on how much background
        surrounds the objects (it equals other implementations then); on ``disagreement`` it does
        not. Unanimous pixels keep their label whatever the region.
    in_region : ndarray of bool, shape (U,), optional
        The rows of ``union_dilated``, which needs pixels to be found.
    background : int, optional
        With exactly this and one other label, STAPLE is the binary one.
    iterations : int
        Cap on the rounds.

    Raises
    ------
    SettingsError
        ``unknown-consensus`` for a method or region that does not exist.
    """
    check_choice(method, region)
    voted = votes.present > 0
    if region == "full" or method == "majority":
        seen = voted
    elif region == "union_dilated" and in_region is not None:
        seen = voted & (in_region | ~votes.unanimous)
    else:
        seen = voted & ~votes.unanimous
    tally = votes.tally()
    score = tally / np.maximum(tally.sum(axis=1, keepdims=True), 1)
    warnings: list[str] = []
    estimate = None
    if method != "majority" and seen.any():
        estimate = _estimate(votes.rows(seen), method, background, iterations, warnings)
        score[seen] = 0
        score[np.ix_(seen, np.isin(votes.ids, estimate.ids))] = estimate.probability
    labels, confidence, tied = _choose(votes, tally, score)
    return Consensus(
        method=method,
        region=region,
        votes=votes,
        labels=labels,
        confidence=confidence,
        tied=tied,
        supporters=(votes.labels == labels[:, None]).sum(axis=1) * voted,
        quality=tuple(_quality(votes.rows(seen), labels[seen])),
        iterations=estimate.iterations if estimate else 0,
        converged=estimate.converged if estimate else True,
        warnings=tuple(warnings + _doubts(votes, tied, seen)),
    )


def majority_labels(
    votes: VoteTable, *, prefer: int | None = None, avoid: int | None = None
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The majority of each row, and whether it was a tie.

    Parameters
    ----------
    votes : VoteTable
        What to count.
    prefer, avoid : int, optional
        A label that wins, or loses, every tie it is part of.
    """
    plain = votes.tally()
    top = plain.max(axis=1, initial=0)
    tied = ((plain == top[:, None]).sum(axis=1) > 1) & (top > 0)
    score = plain.astype(np.float64)
    for label, nudge in ((prefer, 0.25), (avoid, -0.25)):
        if label is not None:
            column = votes.ids == label
            score[:, column] += nudge * (score[:, column] > 0)
    return _choose(votes, plain, score)[0], tied


def _estimate(
    votes: VoteTable, method: Method, background: int | None, iterations: int, warnings: list[str]
) -> Estimate:
    """Posterior of every label, over the equal rows added up and spread again."""
    ids = votes.ids
    if method == "dawid-skene":
        found = dawid_skene(votes, iterations=iterations)
    elif len(ids) == 2 and (background is None or background in ids):
        first = int(ids[0]) if background is None else background
        second = int(ids[ids != first][0])
        found = binary_staple(votes.one_vs_rest(second), iterations=iterations)
        if second < first:
            found = _swapped(found)
        found = Estimate(
            ids, found.probability, found.confusion, found.prior, found.iterations, found.converged
        )
    else:
        found = label_staple(votes, iterations=iterations)
    if not found.converged:
        warnings.append(f"stopped after {found.iterations} rounds without converging")
    warnings += _inverted(votes, found)
    return found


def _swapped(found: Estimate) -> Estimate:
    return Estimate(
        found.ids,
        found.probability[:, ::-1],
        found.confusion[:, ::-1, ::-1],
        found.prior[::-1],
        found.iterations,
        found.converged,
    )


def _inverted(votes: VoteTable, found: Estimate) -> list[str]:
    """Raters whom the estimation believes to be wrong more often than right."""
    doubts = []
    for number, rater in enumerate(votes.raters):
        diagonal = np.diagonal(found.confusion[number])
        used = found.confusion[number].sum(axis=0) > 0
        low = [str(i) for i in found.ids[used & (diagonal < 0.5)].tolist()]
        if low:
            doubts.append(
                f"{rater} is taken to be wrong more often than right where the label is "
                f"{', '.join(low)}, over the pixels estimated on: compare with the majority"
            )
    return doubts


def _choose(
    votes: VoteTable, tally: NDArray[np.int64], score: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
    """The best label per row; of equals, the one with more votes overall, then the smaller id."""
    if not len(votes.ids):
        empty = np.full(len(votes.counts), MISSING, np.int32)
        return empty, np.zeros(len(empty)), np.zeros(len(empty), bool)
    best = score.max(axis=1, keepdims=True)
    equal = score >= best - _EQUAL
    order = np.argsort(-(votes.counts @ tally), kind="stable")
    winner = order[np.argmax(equal[:, order], axis=1)]
    voted = votes.present > 0
    labels = np.where(voted, votes.ids[winner], MISSING).astype(np.int32)
    return labels, best[:, 0] * voted, (equal.sum(axis=1) > 1) & voted


def _quality(votes: VoteTable, truth: NDArray[np.int32]) -> list[RaterQuality]:
    found = []
    for column, rater in enumerate(votes.raters):
        said = votes.labels[:, column] != MISSING
        for class_id in votes.ids.tolist():
            yes, true = votes.labels[:, column] == class_id, truth == class_id
            both, given, wanted, rest, free = (
                int(votes.counts[rows & said].sum())
                for rows in (yes & true, yes, true, ~true, ~yes & ~true)
            )
            found.append(
                RaterQuality(
                    rater,
                    class_id,
                    sensitivity=both / wanted if wanted else float("nan"),
                    precision=both / given if given else float("nan"),
                    specificity=free / rest if rest else float("nan"),
                )
            )
    return found


def _doubts(votes: VoteTable, tied: NDArray[np.bool_], seen: NDArray[np.bool_]) -> list[str]:
    """Degenerate inputs, in words."""
    doubts = []
    raters = int((votes.labels != MISSING).any(axis=0).sum())
    if raters < 3:
        doubts.append(
            f"{raters} raters: with fewer than three, every disagreement is a tie"
            if raters > 1
            else "one rater: the consensus is a copy"
        )
    elif not seen.any():
        doubts.append("all raters agree on every pixel: there is nothing to estimate")
    pixels = int(votes.counts[tied].sum())
    if pixels:
        doubts.append(f"{pixels} tied pixels took the label that is more common in this sample")
    return doubts
