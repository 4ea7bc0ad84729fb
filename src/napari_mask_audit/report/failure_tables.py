"""Where the missing score went: failure buckets, what repairing each would bring, advice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..dataset import Dataset
from ..failures import BUCKETS, MAIN_BUCKETS, Bucket, ComparisonFailures, Counterfactual
from . import wording
from .cells import Cell, Heading, Table, name_cell, stacked
from .wording import Name

#: What a bucket is called in a sentence, in the plural …
PLURALS: Final[Mapping[Bucket, str]] = {
    Bucket.BOUNDARY: "outlines slightly off",
    Bucket.MISSED_SMALL: "missed small regions",
    Bucket.CONFUSION: "class confusion",
    Bucket.MISSED_LARGE: "missed large regions",
    Bucket.FALSE_REGION: "false regions",
    Bucket.OVER_EXTENT: "regions drawn too far out",
    Bucket.UNDER_EXTENT: "regions not drawn far enough",
    Bucket.SPLIT: "objects cut into pieces",
    Bucket.MERGE: "objects joined together",
}
#: … and what it means.
MEANINGS: Final[Mapping[Bucket, str]] = {
    Bucket.BOUNDARY: "the outline is off, but by no more than the tolerance",
    Bucket.MISSED_SMALL: "a small region is not found",
    Bucket.CONFUSION: "a region is found but called another class",
    Bucket.MISSED_LARGE: "a large region is not found",
    Bucket.FALSE_REGION: "a region is drawn where the reference has none",
    Bucket.OVER_EXTENT: "a region that exists reaches further out than the tolerance allows",
    Bucket.UNDER_EXTENT: "a region that is found does not reach as far as it should",
    Bucket.SPLIT: "wrong pixels cut one object into several",
    Bucket.MERGE: "wrong pixels join separate objects",
}
_OTHER: Final = "other"
#: Gains below this are folded away, beyond the first few.
_WORTH: Final = 0.005
_AT_LEAST: Final = 3
_NEXT_TO_NOTHING: Final = 0.0005
_ADVICE: Final = 5
_CAUSES: Final = 200


@dataclass(frozen=True)
class FailureView:
    """The failures of one comparison, ready to be shown.

    Attributes
    ----------
    thresholds : str
        The judgement calls behind the buckets.
    gains, small_gains : Table
        Mean IoU without each kind of error; the ones that matter, and the rest (None if none).
    decomposition : Table
        Per class: where 1 − IoU went, main buckets first, the rest as "other".
    every_bucket : Table
        The same with every bucket that occurs.
    meanings : tuple of (str, str)
        Bucket and what it means, for the buckets that occur.
    legend : tuple of (str, str)
        Pattern and words of the stacked bars.
    mostly_other : bool
        Whether the other kinds of error cost more than the main ones, so that they are unfolded.
    advice, more_advice : tuple of str
        What to improve next, most rewarding first; and what comes after that.
    causes : Table or None
        Masks that are wrong as a whole; those that cost most.
    hidden_causes : int
        Causes that are not listed.
    """

    thresholds: str
    gains: Table
    small_gains: Table | None
    decomposition: Table
    every_bucket: Table
    meanings: tuple[tuple[str, str], ...]
    legend: tuple[tuple[str, str], ...]
    mostly_other: bool
    advice: tuple[str, ...]
    more_advice: tuple[str, ...]
    causes: Table | None
    hidden_causes: int


def failure_view(dataset: Dataset, failures: ComparisonFailures) -> FailureView:
    """The tables of one comparison's failures."""
    occurring = [b for b in BUCKETS if any(row.pixels[b] for row in failures.classes)]
    matter, rest = _by_weight(failures.counterfactuals)
    # NaN is advice whose gain nobody knows, which is no reason to hide it.
    advice = tuple(row.text for row in failures.advice if not row.gain < _NEXT_TO_NOTHING)
    gains = {r.repair.bucket: r.gain for r in failures.counterfactuals if not r.repair.class_pair}
    other = math.fsum(gain for b, gain in gains.items() if b not in MAIN_BUCKETS)
    return FailureView(
        thresholds=failures.thresholds_text,
        gains=gain_table(failures, matter),
        small_gains=gain_table(failures, rest) if rest else None,
        decomposition=_decomposition(dataset, failures),
        every_bucket=_every_bucket(dataset, failures, occurring),
        meanings=tuple((bucket_title(b), MEANINGS[b]) for b in occurring),
        legend=(
            ("right", "right (IoU)"),
            *((b.value, bucket_title(b)) for b in MAIN_BUCKETS),
            (_OTHER, "other errors"),
        ),
        mostly_other=other > math.fsum(gains.values()) - other,
        advice=advice[:_ADVICE],
        more_advice=advice[_ADVICE:],
        causes=_causes(failures),
        hidden_causes=max(0, sum(len(s.causes) for s in failures.samples) - _CAUSES),
    )


def bucket_title(bucket: Bucket) -> str:
    """Name of a bucket in headings."""
    return {Bucket.BOUNDARY: "boundary", Bucket.CONFUSION: "class confusion"}.get(
        bucket, bucket.value.replace("_", " ")
    )


def repair_words(row: Counterfactual, names: Mapping[int, str]) -> tuple[str, ...]:
    """What is imagined away, as parts of a sentence."""
    if row.repair.class_pair is None:
        return (PLURALS[row.repair.bucket],)
    first, second = (names.get(i, str(i)) for i in row.repair.class_pair)
    return ("confusion of ", Name(first), " and ", Name(second))


def _by_weight(
    rows: Sequence[Counterfactual],
) -> tuple[Sequence[Counterfactual], Sequence[Counterfactual]]:
    """The repairs worth a look, and those that would change next to nothing."""
    number = sum(row.gain >= _WORTH for row in rows)
    number = max(number, min(_AT_LEAST, len(rows)))
    return rows[:number], rows[number:]


def gain_table(failures: ComparisonFailures, repairs: Sequence[Counterfactual]) -> Table:
    """What the mean IoU would be without each kind of error."""
    headings = (
        Heading("Without"),
        Heading("Mean IoU would be", "With the pixels of these errors set right", True),
        Heading("Gain", "How much that adds, with its 95 % interval over samples", True),
        Heading("Wrong px", "Pixels in errors of this kind, each counted once", True),
    )
    rows = tuple(_gain_row(row, failures.names) for row in repairs)
    now = repairs[0].before if repairs else float("nan")
    start = (
        Cell("nothing repaired"),
        Cell(wording.score(now), now, _bar(now)),
        Cell(wording.DASH, 0.0),
        Cell(wording.whole(failures.table.wrong_pixels), float(failures.table.wrong_pixels)),
    )
    return Table("Mean IoU if one kind of error did not exist", headings, (start, *rows))


def _gain_row(row: Counterfactual, names: Mapping[int, str]) -> tuple[Cell, ...]:
    found = row.interval
    sure = ""
    if found is not None and found.low == found.low:
        sure = f"{wording.score(found.low)} to {wording.score(found.high)}"
    pair = row.repair.class_pair is not None
    words = "".join(repair_words(row, names))
    return (
        Cell(Name(words), note="part of class confusion" if pair else ""),
        Cell(wording.score(row.after), row.after, _bar(row.after)),
        Cell(f"+{wording.score(row.gain)}", row.gain, note=sure),
        Cell(wording.whole(row.pixels), float(row.pixels)),
    )


def _bar(value: float) -> float | None:
    return None if value != value else min(1.0, max(0.0, value))


def _decomposition(dataset: Dataset, failures: ComparisonFailures) -> Table:
    headings = (
        Heading("Class"),
        Heading("Where the score goes", drawn=True),
        Heading("IoU", "Shared area / area of either, all samples together", True),
        *(Heading(bucket_title(b).capitalize(), MEANINGS[b].capitalize(), True)
          for b in MAIN_BUCKETS),
        Heading("Other", "All other kinds of error together", True),
    )  # fmt: skip
    rows = []
    for row in failures.classes:
        shares = row.shares
        main = [(b.value, shares.get(b, 0.0)) for b in MAIN_BUCKETS]
        rest = sum(share for b, share in shares.items() if b not in MAIN_BUCKETS)
        parts = [*main, (_OTHER, rest)]
        rows.append(
            (
                _class_cell(dataset, failures, row.id),
                Cell("", stack=stacked([("right", row.iou), *parts]) if shares else ()),
                Cell(wording.score(row.iou), row.iou),
                *(_share_cell(share) for _, share in parts),
            )
        )
    text = "What each class loses, by kind of error: with the IoU the shares add up to 1"
    return Table(text, headings, tuple(rows))


def _every_bucket(dataset: Dataset, failures: ComparisonFailures, occurring: list[Bucket]) -> Table:
    headings = (
        Heading("Class"),
        Heading("IoU", "", True),
        *(Heading(bucket_title(b).capitalize(), MEANINGS[b].capitalize(), True) for b in occurring),
    )
    rows = tuple(
        (
            _class_cell(dataset, failures, row.id),
            Cell(wording.score(row.iou), row.iou),
            *(_share_cell(row.shares.get(b, 0.0), row.pixels[b]) for b in occurring),
        )
        for row in failures.classes
    )
    return Table("Share of the IoU that each class loses to every kind of error", headings, rows)


def _class_cell(dataset: Dataset, failures: ComparisonFailures, class_id: int) -> Cell:
    color = dataset.class_info(class_id).color
    return name_cell(failures.names.get(class_id, str(class_id)), color=color)


def _share_cell(share: float, pixels: int | None = None) -> Cell:
    if share == 0:
        return Cell(wording.DASH, 0.0)
    text = "<0.001" if share < 0.0005 else wording.score(share)
    return Cell(text, share, note="" if pixels is None else f"{wording.whole(pixels)} px")


def _causes(failures: ComparisonFailures) -> Table | None:
    rows = tuple(
        (name_cell(sample.sample), Cell(Name(cause.statement)))
        for sample in sorted(failures.samples, key=lambda s: (s.mean_iou, s.sample))
        for cause in sample.causes
    )[:_CAUSES]
    if not rows:
        return None
    headings = (Heading("Sample"), Heading("What explains the mask as a whole"))
    return Table("Masks with one cause behind many errors", headings, rows)
