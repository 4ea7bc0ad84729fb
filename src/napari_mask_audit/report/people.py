"""The agreement part: who agrees with whom, who draws how, and is it the model or the labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..agreement import Agreement, AnnotatorProfile, Blame, Triage
from ..agreement.triage import TriageRow
from ..dataset import Dataset, Role
from . import wording
from .cells import Cell, Heading, Table, heat_of, name_cell, stacked
from .curves import CurveChart, ceiling_chart
from .wording import Name

Names = Callable[[int], str]

_BLAME_WORDS: Final[Mapping[Blame, str]] = {
    Blame.MODEL_ERROR: "model is wrong (annotators agree with the reference)",
    Blame.LABEL_UNSTABLE: "annotators disagree among themselves",
    Blame.SUSPECT_REFERENCE: "reference stands alone",
    Blame.UNJUDGED: "cannot be judged",
}
_SHOWN_SAMPLES: Final = 8
_KINDS: Final = {
    Blame.MODEL_ERROR: "boundary",
    Blame.LABEL_UNSTABLE: "missed_small",
    Blame.SUSPECT_REFERENCE: "confusion",
    Blame.UNJUDGED: "other",
}


@dataclass(frozen=True)
class TriageView:
    """Whose problem the differences of one model are, in all, per class and per sample."""

    sentence: str
    table: Table | None
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class AgreementView:
    """The agreement of all sources, ready to be shown.

    Attributes
    ----------
    headline : tuple of str
        One sentence in parts.
    matrix : Table
        Mean IoU of every pair.
    by_class : Table or None
        Mean, lowest and worst pair of every class.
    groups : Table or None
        Chance-corrected agreement.
    profiles : Table or None
        One row per annotator and class.
    withheld : str
        Why there are no profiles.
    curves : tuple of CurveChart
        NSD with the annotators' band.
    on_all_curves : tuple of str
        Sentences that hold for every class.
    no_ceiling : str
        Why there is no human ceiling.
    triage : tuple of TriageView
        By model.
    blame_legend : tuple of (str, str)
        Pattern and words of the triage bars.
    duplicates, conflicts, notes : tuple of str
        Sentences.
    suspects : tuple of str
        Places where every candidate contradicts the reference alike.
    """

    headline: tuple[str, ...]
    matrix: Table
    by_class: Table | None
    groups: Table | None
    profiles: Table | None
    withheld: str
    curves: tuple[CurveChart, ...]
    on_all_curves: tuple[str, ...]
    no_ceiling: str
    triage: tuple[TriageView, ...]
    blame_legend: tuple[tuple[str, str], ...]
    duplicates: tuple[str, ...]
    conflicts: tuple[str, ...]
    notes: tuple[str, ...]
    suspects: tuple[str, ...] = ()


def agreement_view(
    dataset: Dataset, agreement: Agreement, name_of: Names, suspects: Sequence[str] = ()
) -> AgreementView:
    """Tables, charts and sentences on the agreement of all sources."""
    made = (ceiling_chart(row) for row in agreement.ceiling)
    charts = [chart for chart in made if chart is not None]
    common = [
        said for said in (charts[0].sentences if len(charts) > 1 else ())
        if all(said in chart.sentences for chart in charts)
    ]  # fmt: skip
    several = len({row.class_id for row in agreement.matrix if row.class_id is not None}) > 1
    return AgreementView(
        headline=_headline(agreement),
        matrix=matrix_table(dataset, agreement),
        by_class=_by_class(agreement, name_of) if several else None,
        groups=_groups(agreement, name_of),
        profiles=_profiles(agreement),
        withheld=agreement.withheld,
        curves=tuple(
            replace(chart, sentences=tuple(s for s in chart.sentences if s not in common))
            for chart in charts
        ),
        on_all_curves=tuple(common),
        no_ceiling=agreement.no_ceiling,
        triage=tuple(_triage(row, name_of) for row in agreement.triage),
        blame_legend=tuple((_KINDS[b], words) for b, words in _BLAME_WORDS.items()),
        duplicates=tuple(row.sentence for row in agreement.duplicates),
        conflicts=tuple(row.sentence for row in agreement.conflicts),
        notes=agreement.notes,
        suspects=tuple(suspects),
    )


def worth_showing(dataset: Dataset, agreement: Agreement) -> bool:
    """Whether there are two people, or a person and a reference, to compare."""
    people = len(dataset.with_role(Role.ANNOTATOR))
    return bool(agreement.pairs) and (
        people > 1 or (people > 0 and bool(dataset.with_role(Role.REFERENCE)))
    )


def _headline(agreement: Agreement) -> tuple[str, ...]:
    row = next((m for m in agreement.matrix if m.class_id is None), None)
    if row is None or math.isnan(row.mean_iou):
        return ()
    who = "The annotators" if row.sources == "annotators" else "The sources"
    parts = [f"{who} agree with each other at a mean IoU of ", wording.Strong(_two(row.mean_iou))]
    if row.pairs > 1 and row.worst_pair is not None:
        first, second = row.worst_pair
        parts += [f" over {row.pairs} pairs; least agree ", Name(first), " and ", Name(second)]
        parts += [f" ({_two(row.lowest_iou)})"]
    if not math.isnan(row.lowest_without_one):
        parts += [f"; with any one left out it is {_two(row.lowest_without_one)} to "]
        parts += [_two(row.highest_without_one)]
    return (*parts, ".", *_against_references(agreement))


def _against_references(agreement: Agreement) -> list[str]:
    """How far annotators are from each reference, over all classes."""
    parts: list[str] = []
    for row in agreement.against_reference:
        if row.class_id is None and row.role is Role.ANNOTATOR and row.furthest is not None:
            parts += [" Against ", Name(row.reference), f" their mean is {_two(row.mean_iou)}"]
            if row.sources > 1:
                parts += [", lowest ", Name(row.furthest), f" ({_two(row.lowest_iou)})"]
            parts += ["."]
    return parts


def _two(value: float) -> str:
    return wording.short_score(value)


def matrix_table(dataset: Dataset, agreement: Agreement) -> Table:
    """Mean IoU of every pair of sources; columns are numbered like the rows."""
    paired = {p.first for p in agreement.pairs} | {p.second for p in agreement.pairs}
    names = [source.name for source in dataset.sources if source.name in paired]
    has_iou = any(math.isfinite(p.iou) for p in agreement.pairs)
    rows_of = [p for p in agreement.pairs if p.class_id is None] or agreement.pairs
    values = {frozenset((p.first, p.second)): p.iou if has_iou else p.instance_f1 for p in rows_of}
    what = "Mean IoU" if has_iou else "F1 of matched objects"
    headings = [Heading("Source")]
    headings += [Heading(str(n), name, True) for n, name in enumerate(names, 1)]
    rows = []
    for n, first in enumerate(names, 1):
        role = dataset.source(first).role.value
        cells = [name_cell(f"{n} {first}", note=role)]
        for second in names:
            value = values.get(frozenset((first, second)), math.nan)
            text = "·" if first == second else wording.score(value, 2)
            cells.append(Cell(text, value, heat=heat_of(value)))
        rows.append(tuple(cells))
    return Table(f"{what} of every pair of sources", tuple(headings), tuple(rows))


def _by_class(agreement: Agreement, name_of: Names) -> Table:
    headings = (
        Heading("Class"),
        Heading("Mean IoU", "Over all pairs of annotators", True),
        Heading("Lowest", "IoU of the pair that agrees least", True),
        Heading("Least agree"),
    )
    rows = tuple(
        (
            name_cell(name_of(row.class_id)),
            Cell(wording.score(row.mean_iou), row.mean_iou, _bar(row.mean_iou)),
            Cell(wording.score(row.lowest_iou), row.lowest_iou),
            Cell(Name(" and ".join(row.worst_pair or (wording.DASH,)))),
        )
        for row in agreement.matrix
        if row.class_id is not None
    )
    return Table("Agreement per class", headings, rows)


def _bar(value: float) -> float | None:
    return None if math.isnan(value) else min(1.0, max(0.0, value))


def _groups(agreement: Agreement, name_of: Names) -> Table | None:
    if not agreement.groups:
        return None
    headings = (
        Heading("Class"),
        Heading("Krippendorff’s α", "1: full agreement, 0: what chance gives", True),
        Heading("Fleiss’ κ", "The same over the pixels that everybody labelled", True),
        Heading("Share of the class", "Of all votes; kappas depend on it", True),
    )
    rows = tuple(
        (
            Cell("all classes") if row.class_id is None else name_cell(name_of(row.class_id)),
            Cell(wording.score(row.alpha), row.alpha),
            Cell(wording.score(row.fleiss), row.fleiss),
            Cell(wording.score(row.prevalence), row.prevalence),
        )
        for row in agreement.groups
    )
    return Table("Agreement beyond chance", headings, rows)


def _profiles(agreement: Agreement) -> Table | None:
    if not agreement.annotators:
        return None
    headings = (
        Heading("Annotator"),
        Heading("Class"),
        Heading("Habit"),
        Heading("Finds", "Share of the others’ pixels that this annotator marks too", True),
        Heading("Right", "Share of this annotator’s pixels that the others mark too", True),
        Heading("Offset px", "Where the outline lies: + outside, − inside the others’", True),
        Heading("Objects found", "Of those the others agree on", True),
    )
    return Table("Annotators", headings, tuple(_profile(row) for row in agreement.annotators))


def _profile(row: AnnotatorProfile) -> tuple[Cell, ...]:
    interval = row.offset_interval
    sure = ""
    if not math.isnan(interval.low):
        sure = f"{wording.signed(interval.low)} to {wording.signed(interval.high)}"
    drifts = "; changed along the way" if row.drift.alarm else ""
    found = math.nan
    if row.consensus_objects:
        found = row.found_objects / row.consensus_objects
    return (
        name_cell(row.name),
        name_cell(row.class_name),
        Cell(Name(row.sentence + drifts)),
        Cell(wording.score(row.sensitivity, 2), row.sensitivity),
        Cell(wording.score(row.precision, 2), row.precision),
        Cell(wording.signed(row.boundary_offset), row.boundary_offset, note=sure),
        Cell(f"{row.found_objects} of {row.consensus_objects}", found),
    )


def _triage(row: Triage, name_of: Names) -> TriageView:
    total = sum(row.pixels.values())
    if row.note or not total:
        return TriageView(row.sentence, None)
    headings = [Heading("Class"), Heading("Whose problem the differences are", drawn=True)]
    blames = [b for b in _BLAME_WORDS if row.pixels[b]]
    words = {
        Blame.MODEL_ERROR: "Model", Blame.LABEL_UNSTABLE: "Unstable label",
        Blame.SUSPECT_REFERENCE: "Reference", Blame.UNJUDGED: "Unknown",
    }  # fmt: skip
    headings += [Heading(words[b], _BLAME_WORDS[b].capitalize(), True) for b in blames]
    headings.append(Heading("Fix first"))
    everything = _triage_row(
        Cell("all differences"), row.pixels, blames, TriageRow("all", row.pixels).first
    )
    rows = [everything] + [
        _triage_row(name_cell(name_of(int(entry.key))), entry.pixels, blames, entry.first)
        for entry in row.classes
        if sum(entry.pixels.values())
    ]
    table = Table("Model or labels?", tuple(headings), tuple(rows))
    lines = (_samples_first(row, first) for first in ("labels", "model"))
    return TriageView(row.sentence, table, tuple(line for line in lines if line))


def _samples_first(row: Triage, first: str) -> str:
    """Where to begin, worst first."""
    names = row.samples_first(first)
    hidden = len(names) - _SHOWN_SAMPLES
    more = f" and {hidden} more" if hidden > 0 else ""
    listed = ", ".join(names[:_SHOWN_SAMPLES])
    return f"{first} first in {listed}{more}" if names else ""


def _triage_row(
    title: Cell, pixels: Mapping[Blame, int], blames: Sequence[Blame], first: str
) -> tuple[Cell, ...]:
    total = sum(pixels.values())
    return (
        title,
        Cell("", stack=stacked([(_KINDS[b], pixels[b] / total) for b in _BLAME_WORDS])),
        *(
            Cell(f"{100 * pixels[b] / total:.0f} %", float(pixels[b]),
                 note=f"{wording.whole(pixels[b])} px")
            for b in blames
        ),
        Cell(f"the {first}" if first in ("labels", "model") else wording.DASH),
    )  # fmt: skip
