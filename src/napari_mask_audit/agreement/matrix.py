"""The agreement matrix in a few numbers: among annotators, and of each against a reference."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..dataset import Dataset
from ..dataset.model import Role
from ..scores import or_none
from .observation import annotators_of
from .pairwise import PairAgreement


@dataclass(frozen=True)
class MatrixSummary:
    """The agreement matrix of one class in a few numbers.

    Attributes
    ----------
    class_id : int or None
        None: mean over classes.
    sources : str
        ``"annotators"``, or ``"all sources"`` where fewer than two annotators are there.
    mean_iou, lowest_iou : float
        Over pairs.
    worst_pair : tuple of str or None
        The pair with the lowest IoU.
    pairs : int
        Pairs with a defined IoU.
    lowest_without_one, highest_without_one : float
        Ends of the range that ``mean_iou`` takes when one source at a time is left out; NaN with
        fewer than three. A few annotators are no sample of annotators: this range, not an
        interval, says how much a single one of them matters.
    outlier : str or None
        The source without whom the mean is highest.
    """

    class_id: int | None
    sources: str
    mean_iou: float
    lowest_iou: float
    worst_pair: tuple[str, str] | None
    pairs: int
    lowest_without_one: float = math.nan
    highest_without_one: float = math.nan
    outlier: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "class_id": self.class_id,
            "sources": self.sources,
            "mean_iou": or_none(self.mean_iou),
            "lowest_iou": or_none(self.lowest_iou),
            "worst_pair": None if self.worst_pair is None else list(self.worst_pair),
            "pairs": self.pairs,
            "lowest_without_one": or_none(self.lowest_without_one),
            "highest_without_one": or_none(self.highest_without_one),
            "outlier": self.outlier,
        }


@dataclass(frozen=True)
class ReferenceSummary:
    """How sources of one role agree with a reference.

    Attributes
    ----------
    reference : str
        The reference.
    role : Role
        Annotators, or predictions.
    class_id : int or None
        None: mean over classes.
    mean_iou, lowest_iou : float
        Over the sources of that role.
    furthest : str or None
        The source with the lowest IoU.
    sources : int
        Sources with a defined IoU.
    """

    reference: str
    role: Role
    class_id: int | None
    mean_iou: float
    lowest_iou: float
    furthest: str | None
    sources: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "reference": self.reference,
            "role": self.role.value,
            "class_id": self.class_id,
            "mean_iou": or_none(self.mean_iou),
            "lowest_iou": or_none(self.lowest_iou),
            "furthest": self.furthest,
            "sources": self.sources,
        }


def matrix_summaries(dataset: Dataset, pairs: Sequence[PairAgreement]) -> tuple[MatrixSummary, ...]:
    """Mean, minimum and worst pair of every class, over annotators where there are two."""
    annotators = set(annotators_of(dataset))
    chosen = [p for p in pairs if {p.first, p.second} <= annotators]
    words = "annotators"
    if not chosen:
        chosen, words = list(pairs), "all sources"
    return tuple(
        _summary([p for p in chosen if p.class_id == class_id], class_id, words)
        for class_id in _class_ids(chosen)
    )


def reference_summaries(
    dataset: Dataset, pairs: Sequence[PairAgreement]
) -> tuple[ReferenceSummary, ...]:
    """Annotators, and predictions, against every reference; all classes first, then one by one."""
    found = []
    people = set(annotators_of(dataset))
    models = {source.name for source in dataset.with_role(Role.PREDICTION)}
    for reference in (source.name for source in dataset.with_role(Role.REFERENCE)):
        for role, names in ((Role.ANNOTATOR, people), (Role.PREDICTION, models)):
            chosen = [p for p in pairs if _other(p, reference) in names - {reference}]
            for class_id in _class_ids(chosen):
                rows = [p for p in _defined(chosen) if p.class_id == class_id]
                worst = min(rows, key=lambda p: p.iou, default=None)
                found.append(
                    ReferenceSummary(
                        reference,
                        role,
                        class_id,
                        _mean(p.iou for p in rows),
                        worst.iou if worst else math.nan,
                        _other(worst, reference) if worst else None,
                        len(rows),
                    )
                )
    return tuple(found)


def _summary(rows: Sequence[PairAgreement], class_id: int | None, words: str) -> MatrixSummary:
    rows = _defined(rows)
    worst = min(rows, key=lambda p: p.iou, default=None)
    without = _means_without_one(rows)
    return MatrixSummary(
        class_id,
        words,
        _mean(p.iou for p in rows),
        worst.iou if worst else math.nan,
        (worst.first, worst.second) if worst else None,
        len(rows),
        min(without.values(), default=math.nan),
        max(without.values(), default=math.nan),
        max(without, key=without.__getitem__, default=None),
    )


def _means_without_one(rows: Sequence[PairAgreement]) -> dict[str, float]:
    """Mean IoU of the pairs that do not involve a source; empty with fewer than three."""
    names = sorted({name for p in rows for name in (p.first, p.second)})
    found = {n: [p.iou for p in rows if n not in (p.first, p.second)] for n in names}
    if len(names) < 3:
        return {}
    return {name: _mean(ious) for name, ious in found.items() if ious}


def _class_ids(pairs: Sequence[PairAgreement]) -> list[int | None]:
    """None, for all classes, first."""
    return sorted({p.class_id for p in pairs}, key=lambda i: (i is not None, i or 0))


def _defined(pairs: Sequence[PairAgreement]) -> list[PairAgreement]:
    return [p for p in pairs if math.isfinite(p.iou)]


def _other(pair: PairAgreement, name: str) -> str | None:
    """The one of a pair that is not this source; None when it is not about this source."""
    if name not in (pair.first, pair.second):
        return None
    return pair.second if name == pair.first else pair.first


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return math.fsum(known) / len(known) if known else math.nan
