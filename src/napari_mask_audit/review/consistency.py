"""How often a reviewer decides the same way twice.

Two kinds of pairs are told apart. A *hidden repeat* is a sample that came back unannounced, with
the first verdict out of sight: what differs is the reviewer. A sample judged in a *later sitting*
was seen with its verdict, perhaps in order to change it: that says how stable verdicts are, and a
hidden repeat would agree less.
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

Repeat = tuple[str, StoredVerdict, StoredVerdict]


@dataclass(frozen=True)
class ReviewerConsistency:
    """One reviewer's verdicts on samples judged twice.

    Attributes
    ----------
    reviewer : str
        Who.
    repeats : int
        Pairs of verdicts on one sample.
    same_status : int
        Those with the same status.
    kappa : float
        Cohen's kappa of the status; NaN below ten repeats, or when only one status was used. It
        depends on how often each status is given: where nearly all is accepted, it is low
        however alike the verdicts are.
    tag_overlap : float
        Mean over the repeats with any tag of the tags given both times over those given at
        either (Jaccard index); NaN when no repeat has a tag.
    changed : tuple of str
        Samples whose status changed.
    same_tags : int
        Pairs with the same tags, in any order; with none both times too.
    is_hidden : bool
        Whether the samples came back unannounced, with the first verdict out of sight.
    """

    reviewer: str
    repeats: int
    same_status: int
    kappa: float
    tag_overlap: float
    changed: tuple[str, ...]
    same_tags: int = 0
    is_hidden: bool = False

    @property
    def status_interval(self) -> tuple[float, float]:
        """Exact 95 % interval of the share with the same status."""
        return exact_interval(self.same_status, self.repeats)

    @property
    def tags_interval(self) -> tuple[float, float]:
        """Exact 95 % interval of the share with the same tags."""
        return exact_interval(self.same_tags, self.repeats)

    @property
    def sentence(self) -> str:
        """The same in words, with the exact interval.

        Examples
        --------
        >>> row = ReviewerConsistency("ann", 4, 3, math.nan, math.nan, ("s1",), 2, True)
        >>> print(row.sentence)
        ann: same verdict on 3 of 4 hidden repeats (75 %, 95 % interval 19 to 99 %), same tags on 2
        """
        low, high = self.status_interval
        kind = "hidden repeats" if self.is_hidden else "samples judged again in a later sitting"
        kappa = "" if math.isnan(self.kappa) else f", kappa {self.kappa:.2f}"
        share = 100 * self.same_status / self.repeats
        return (
            f"{self.reviewer}: same verdict on {self.same_status} of {self.repeats} {kind} "
            f"({share:.0f} %, 95 % interval {100 * low:.0f} to {100 * high:.0f} %{kappa}), "
            f"same tags on {self.same_tags}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "reviewer": self.reviewer,
            "is_hidden": self.is_hidden,
            "repeats": self.repeats,
            "same_status": self.same_status,
            "same_status_interval": list(self.status_interval),
            "same_tags": self.same_tags,
            "same_tags_interval": list(self.tags_interval),
            "kappa": None if math.isnan(self.kappa) else self.kappa,
            "tag_overlap": None if math.isnan(self.tag_overlap) else self.tag_overlap,
            "changed": list(self.changed),
        }


def exact_interval(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval of a share: it covers the truth at least so often.

    Parameters
    ----------
    count, total : int
        How many of how many; 0 of 0 gives (0, 1).
    confidence : float
        In (0, 1).

    Returns
    -------
    low, high : float
        Both in [0, 1].

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404.

    Examples
    --------
    With 0 of n the upper end is 1 - 0.025 ** (1 / n):

    >>> low, high = exact_interval(0, 10)
    >>> low, round(high, 6) == round(1 - 0.025 ** (1 / 10), 6)
    (0.0, True)
    """
    from scipy.special import betaincinv  # half a second that most commands do not need

    tail = (1 - confidence) / 2
    low = float(betaincinv(count, total - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, total - count, 1 - tail)) if count < total else 1.0
    return low, high


def intra_reviewer_consistency(events: Iterable[StoredVerdict]) -> tuple[ReviewerConsistency, ...]:
    """Each reviewer against themselves, over samples they judged twice.

    Parameters
    ----------
    events : iterable of StoredVerdict
        Everything in the store, oldest first (``store.everything_since(0)``). Verdicts on
        findings, without a status, and those taken back by undo do not count; of each sitting the
        last one on a sample does.

    Returns
    -------
    tuple of ReviewerConsistency
        By reviewer, hidden repeats first; only those with repeats.
    """
    events = list(events)
    hidden, later = _hidden_repeats(events), _later_sittings(events)
    found = []
    for reviewer in sorted({*hidden, *later}):
        for pairs, is_hidden in ((hidden.get(reviewer), True), (later.get(reviewer), False)):
            if pairs:
                found.append(_consistency(reviewer, pairs, is_hidden=is_hidden))
    return tuple(found)


def _consistency(reviewer: str, pairs: Sequence[Repeat], *, is_hidden: bool) -> ReviewerConsistency:
    both = [(first.status, second.status) for _, first, second in pairs]
    tags = [(first.tags, second.tags) for _, first, second in pairs]
    return ReviewerConsistency(
        reviewer=reviewer,
        repeats=len(pairs),
        same_status=sum(before == after for before, after in both),
        kappa=_kappa(both) if len(both) >= MINIMUM else math.nan,
        tag_overlap=_tag_overlap(tags),
        changed=tuple(name for name, f, s in pairs if f.status != s.status),
        same_tags=sum({*before} == {*after} for before, after in tags),
        is_hidden=is_hidden,
    )


def _hidden_repeats(events: Sequence[StoredVerdict]) -> dict[str, list[Repeat]]:
    """By reviewer, each verdict that was repeated unannounced with what it came to then."""
    first = {event.id: event for event in events}
    second = {
        (event.reviewer, event.repeats): event
        for event in events
        if event.repeats is not None and event.finding is None
    }
    table: dict[str, list[Repeat]] = defaultdict(list)
    for (reviewer, number), event in second.items():
        if event.status is not None and number in first:
            table[reviewer].append((event.sample, first[number], event))
    return {reviewer: sorted(pairs, key=_by_name) for reviewer, pairs in table.items()}


def _later_sittings(events: Iterable[StoredVerdict]) -> dict[str, list[Repeat]]:
    """By reviewer, consecutive verdicts on a sample from different sittings."""
    sittings: dict[tuple[str, str], list[StoredVerdict]] = defaultdict(list)
    for event in events:
        if not event.is_beside:
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
    return {
        reviewer: [
            (sample, first, second)
            for sample, verdicts in sorted(samples.items())
            for first, second in itertools.pairwise(sorted(verdicts, key=lambda event: event.id))
        ]
        for reviewer, samples in table.items()
    }


def _by_name(pair: Repeat) -> tuple[str, int]:
    return pair[0], pair[1].id


def _kappa(pairs: Sequence[tuple[ReviewStatus | None, ReviewStatus | None]]) -> float:
    n = len(pairs)
    before, after = (Counter(side) for side in zip(*pairs, strict=True))
    agreed = sum(a == b for a, b in pairs) / n
    chance = sum(before[status] * after[status] for status in before) / n**2
    return math.nan if chance == 1 else (agreed - chance) / (1 - chance)


def _tag_overlap(pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> float:
    shares = [len({*a} & {*b}) / len({*a, *b}) for a, b in pairs if a or b]
    return sum(shares) / len(shares) if shares else math.nan
