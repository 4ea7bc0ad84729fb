"""How often a reviewer decides the same way twice.

A sample that the same person judged in two sittings is a repeat. Whoever judges again may remember,
or see, the first verdict, and may have come back on purpose to change it; so these numbers say how
stable the verdicts were, and a blind repetition would agree less.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .undo import undo_and_redo
from .verdicts import ReviewStatus, StoredVerdict

#: Fewer repeats than this give no kappa: it would be mostly chance.
MINIMUM = 10


@dataclass(frozen=True)
class ReviewerConsistency:
    """One reviewer's verdicts on samples judged in more than one sitting.

    Attributes
    ----------
    reviewer : str
        Who.
    repeats : int
        Pairs of consecutive verdicts on one sample, from different sittings.
    same_status : int
        Those with the same status.
    kappa : float
        Cohen's kappa of the status; NaN below ten repeats, or when only one status was used.
    tag_overlap : float
        Mean over the repeats with any tag of the tags given both times over those given at
        either (Jaccard index); NaN when no repeat has a tag.
    changed : tuple of str
        Samples whose status changed.
    """

    reviewer: str
    repeats: int
    same_status: int
    kappa: float
    tag_overlap: float
    changed: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "reviewer": self.reviewer,
            "repeats": self.repeats,
            "same_status": self.same_status,
            "kappa": None if math.isnan(self.kappa) else self.kappa,
            "tag_overlap": None if math.isnan(self.tag_overlap) else self.tag_overlap,
            "changed": list(self.changed),
        }


def intra_reviewer_consistency(events: Iterable[StoredVerdict]) -> tuple[ReviewerConsistency, ...]:
    """Each reviewer against themselves, over samples judged in more than one sitting.

    Parameters
    ----------
    events : iterable of StoredVerdict
        Everything in the store, oldest first. Verdicts on findings, without a status, and those
        taken back by undo do not count; of each sitting the last one on a sample does.

    Returns
    -------
    tuple of ReviewerConsistency
        By reviewer, only those with repeats.
    """
    found = []
    for reviewer, samples in sorted(_by_sitting(events).items()):
        pairs = [
            (sample, first, second)
            for sample, sittings in sorted(samples.items())
            for first, second in itertools.pairwise(sittings)
        ]
        if not pairs:
            continue
        both = [(first.status, second.status) for _, first, second in pairs]
        found.append(
            ReviewerConsistency(
                reviewer=reviewer,
                repeats=len(pairs),
                same_status=sum(before == after for before, after in both),
                kappa=_kappa(both) if len(both) >= MINIMUM else math.nan,
                tag_overlap=_tag_overlap([(f.tags, s.tags) for _, f, s in pairs]),
                changed=tuple(name for name, f, s in pairs if f.status != s.status),
            )
        )
    return tuple(found)


def _by_sitting(events: Iterable[StoredVerdict]) -> dict[str, dict[str, list[StoredVerdict]]]:
    """By reviewer and sample the last standing verdict of each sitting, in order."""
    sittings: dict[tuple[str, str], list[StoredVerdict]] = defaultdict(list)
    for event in events:
        sittings[event.reviewer, event.session].append(event)
    table: dict[str, dict[str, list[StoredVerdict]]] = defaultdict(lambda: defaultdict(list))
    for (reviewer, _), of_sitting in sittings.items():
        standing = set(undo_and_redo((e.id, e.kind, e.undoes) for e in of_sitting)[0])
        last = {
            event.sample: event
            for event in of_sitting
            if event.id in standing and event.finding is None and event.status is not None
        }
        for sample, event in last.items():
            table[reviewer][sample].append(event)
    for samples in table.values():
        for verdicts in samples.values():
            verdicts.sort(key=lambda event: event.id)
    return table


def _kappa(pairs: Sequence[tuple[ReviewStatus | None, ReviewStatus | None]]) -> float:
    n = len(pairs)
    before, after = (Counter(side) for side in zip(*pairs, strict=True))
    agreed = sum(a == b for a, b in pairs) / n
    chance = sum(before[status] * after[status] for status in before) / n**2
    return math.nan if chance == 1 else (agreed - chance) / (1 - chance)


def _tag_overlap(pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> float:
    shares = [len({*a} & {*b}) / len({*a, *b}) for a, b in pairs if a or b]
    return sum(shares) / len(shares) if shares else math.nan
