"""What reviewers decided, as the report shows it.

The report takes any mapping of verdicts; it does not know the database they come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from ..review.consistency import ReviewerConsistency
from . import wording
from .cells import Cell, Heading, Table, name_cell
from .wording import Name

Key = tuple[str, str | None]


class VerdictLike(Protocol):
    """What the report reads of a verdict; a review store's verdicts have it."""

    @property
    def sample(self) -> str:
        """Name of the sample."""

    @property
    def finding(self) -> str | None:
        """Id of the finding, None for the sample as a whole."""

    @property
    def reviewer(self) -> str:
        """Who decided."""

    @property
    def status(self) -> str | None:
        """``accept``, ``needs_fix``, ``unsure`` or None."""

    @property
    def tags(self) -> Sequence[str]:
        """Failure tags."""

    @property
    def comment(self) -> str:
        """Free text."""


Reviews = Mapping[Key, VerdictLike]


def given(reviews: Reviews | None) -> list[VerdictLike]:
    """The verdicts that say something, by sample and finding."""
    verdicts = [v for v in (reviews or {}).values() if v.status or v.tags or v.comment]
    return sorted(verdicts, key=lambda v: (v.sample, v.finding or ""))


def status_words(verdict: VerdictLike | None) -> str:
    """The decision in words; empty when there is none."""
    if verdict is None or not verdict.status:
        return ""
    return wording.VERDICT_WORDS.get(str(verdict.status), str(verdict.status))


def verdict_table(verdicts: Sequence[VerdictLike]) -> Table:
    """One row per verdict."""
    rows = tuple(
        (
            name_cell(verdict.sample, note=f"finding {verdict.finding}" if verdict.finding else ""),
            Cell(status_words(verdict) or "–"),
            Cell("", chips=tuple(verdict.tags)),
            Cell(Name(verdict.comment)),
            Cell(Name(_decider(verdict))),
            Cell(_day(verdict)),
        )
        for verdict in verdicts
    )
    texts = ("Sample", "Verdict", "Tags", "Comment", "Reviewer", "Date (UTC)")
    return Table("Verdicts in force", tuple(Heading(t) for t in texts), rows)


def verdict_words(verdicts: Sequence[VerdictLike], samples: int) -> str:
    """How many samples were reviewed with what result, and the tags by frequency."""
    whole = [v for v in verdicts if v.finding is None]
    states = Counter(status_words(v) for v in whole if v.status)
    parts = [f"{number} {state}" for state, number in sorted(states.items())]
    text = f"{len(whole)} of {wording.count(samples, 'sample')} reviewed"
    return f"{text}: {', '.join(parts)}." if parts else f"{text}."


def tag_counts(verdicts: Sequence[VerdictLike]) -> list[tuple[str, int]]:
    """Tags with the number of verdicts that carry them, most frequent first."""
    counts = Counter(tag for verdict in verdicts for tag in verdict.tags)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def tags_by_reviewer(verdicts: Sequence[VerdictLike]) -> Table | None:
    """How often each reviewer gave each tag; None where fewer than two people gave any."""
    counts = Counter((tag, _decider(verdict)) for verdict in verdicts for tag in verdict.tags)
    people = sorted({person for _, person in counts})
    if len(people) < 2:
        return None
    rows = tuple(
        (
            name_cell(tag),
            *(Cell(str(counts[tag, p]), sort=float(counts[tag, p])) for p in people),
        )
        for tag, _ in tag_counts(verdicts)
    )
    headings = (Heading("Tag"), *(Heading(Name(person), "", True) for person in people))
    return Table("Verdicts with each tag, by reviewer", headings, rows)


def consistency_table(rows: Sequence[ReviewerConsistency]) -> Table | None:
    """One row per reviewer who judged samples again; None when nobody did."""
    if not rows:
        return None
    headings = (
        Heading("Reviewer"),
        Heading("How", "hidden: the sample came back unannounced, the first verdict out of sight"),
        Heading("Repeats", "verdicts on a sample that this person had judged before", True),
        Heading("Same verdict", "of those, with the exact 95 % interval of the share", True),
        Heading(
            "Kappa",
            "agreement beyond chance, from ten repeats on; low where one verdict "
            "is much more frequent than the others",
            True,
        ),
        Heading("Same tags", "of the repeats, with the exact 95 % interval of the share", True),
        Heading("Tags shared", "share of the tags of both times that were given both times", True),
        Heading("Changed", "samples with another verdict the second time"),
    )
    body = tuple(
        (
            name_cell(row.reviewer),
            Cell("hidden repeat" if row.is_hidden else "later sitting"),
            Cell(str(row.repeats), sort=float(row.repeats)),
            _share_cell(row.same_status, row.repeats, row.status_interval),
            Cell(wording.score(row.kappa), sort=row.kappa),
            _share_cell(row.same_tags, row.repeats, row.tags_interval),
            Cell(wording.score(row.tag_overlap), sort=row.tag_overlap),
            Cell(Name(", ".join(row.changed) or "–")),
        )
        for row in rows
    )
    return Table("Verdicts of one person on one sample, given twice", headings, body)


def _share_cell(count: int, total: int, interval: tuple[float, float]) -> Cell:
    """How many, their share, and what the share may be."""
    low, high = (f"{end:.0%}".removesuffix("%") for end in interval)
    share = f"{count / total:.0%}".replace("%", " %")
    return Cell(f"{count} ({share}; {low}–{high} %)", sort=count / total)


def _decider(verdict: VerdictLike) -> str:
    """Whose decision is in force: after an undo not the person who pressed undo."""
    return getattr(verdict, "decided_by", None) or verdict.reviewer


def _day(verdict: VerdictLike) -> str:
    at = getattr(verdict, "decided_at", None) or getattr(verdict, "at", "")
    return str(at)[:10]
