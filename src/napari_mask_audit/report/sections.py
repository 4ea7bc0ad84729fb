"""The audit as the tables and charts of the report; no markup, no pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..audit import Audit
from ..comparison import ClassSummary, Comparison
from ..dataset import Dataset, Role
from ..failures import ComparisonFailures
from ..failures.advice import WRONG_FILE
from ..scores import PairScores
from ..status import Status
from . import wording
from .balance import BalanceView, balance_view
from .cells import PLAIN_SCORE, SCORE, Cell, Column, Heading, Table, name_cell
from .columns import AREA, BOUNDARY, MEAN_COLUMNS, class_columns, class_row
from .curves import CurveChart, audit_charts
from .failure_tables import FailureView, bucket_title, failure_view
from .histogram import Histogram, histogram
from .objects import object_table
from .strip import Strip, strip_of
from .summary import weakest_class, weakest_sample
from .verdicts import Reviews, status_words
from .wording import Name


@dataclass(frozen=True)
class MeanTile:
    """One of the named means: its name, its value and what it averages."""

    heading: str
    help: str
    cell: Cell


@dataclass(frozen=True)
class ComparisonView:
    """One comparison, ready to be shown.

    Attributes
    ----------
    anchor : str
        Prefix of every id in its section.
    comparison : Comparison
        Where it came from.
    means : tuple of MeanTile
        The named means.
    classes : tuple of Table
        Per-class scores: area, boundary.
    samples : Table
        Per-sample scores.
    distribution : Histogram or None
        Mean IoU over samples; None when no sample has one.
    strip : Strip or None
        The named means on one axis.
    curves : tuple of CurveChart
        NSD by tolerance, when several were measured.
    failures : FailureView or None
        Where the missing score went.
    balance : BalanceView or None
        What the averages hide.
    objects : Table or None
        Object matching, where ids are objects.
    """

    anchor: str
    comparison: Comparison
    means: tuple[MeanTile, ...]
    classes: tuple[Table, ...]
    samples: Table
    distribution: Histogram | None
    strip: Strip | None = None
    curves: tuple[CurveChart, ...] = ()
    failures: FailureView | None = None
    balance: BalanceView | None = None
    objects: Table | None = None

    @property
    def reference(self) -> str:
        """Name of the reference."""
        return self.comparison.reference

    @property
    def candidate(self) -> str:
        """Name of the candidate."""
        return self.comparison.candidate


def comparison_view(
    dataset: Dataset,
    comparison: Comparison,
    anchor: str,
    *,
    reviews: Reviews | None,
    pictured: Mapping[str, str],
    failures: ComparisonFailures | None = None,
) -> ComparisonView:
    """Tables and charts of one comparison.

    Parameters
    ----------
    dataset : Dataset
        For the class colours.
    comparison : Comparison
        What is shown.
    anchor : str
        Prefix of the ids.
    reviews : mapping, optional
        Verdicts by (sample, finding).
    pictured : mapping of str to str
        Id of the pictures of a sample, for the samples that have some.
    failures : ComparisonFailures, optional
        Why the scores are low.
    """
    means = comparison.means.to_dict()
    return ComparisonView(
        anchor=anchor,
        comparison=comparison,
        means=tuple(MeanTile(c.heading, c.help, c.cell(means)) for c in MEAN_COLUMNS),
        classes=class_tables(dataset, comparison),
        samples=sample_table(comparison, reviews, pictured, _main_errors(failures)),
        distribution=histogram([(s.sample or "", s.mean_iou) for s in comparison.samples]),
        strip=strip_of([(c.heading, c.cell(means)) for c in MEAN_COLUMNS], comparison.means),
        curves=audit_charts(comparison),
        failures=None if failures is None else failure_view(dataset, failures),
        balance=None if failures is None else balance_view(dataset, comparison, failures),
        objects=object_table(comparison),
    )


def class_tables(dataset: Dataset, comparison: Comparison) -> tuple[Table, ...]:
    """Area and boundary scores, one row per class; a table without values is left out."""
    rows = [class_row(summary) for summary in comparison.classes]
    tables = []
    for group in (AREA, BOUNDARY):
        columns = class_columns(rows, group)
        body = tuple(
            (_class_cell(dataset, summary), *(_value_cell(c, row) for c in columns))
            for summary, row in zip(comparison.classes, rows, strict=True)
        )
        headings = (Heading("Class"), *(Heading(c.heading, c.help, True) for c in columns))
        if columns:
            tables.append(Table(f"{group} scores per class, all samples", headings, body))
    return tuple(tables)


def _class_cell(dataset: Dataset, summary: ClassSummary) -> Cell:
    row = summary.pooled
    note = "" if row.status is Status.OK else wording.STATUS_WORDS[row.status]
    return name_cell(row.name, color=dataset.class_info(row.id).color, note=note)


def _value_cell(column: Column, row: Mapping[str, Any]) -> Cell:
    cell = column.cell(row)
    if column.key == "boundary_iou" and row.get("boundary_iou_saturated"):
        return replace(cell, note="same as IoU")
    return cell


def _main_errors(failures: ComparisonFailures | None) -> dict[str, str] | None:
    """By sample the error whose repair would bring most; None when failures were not looked at."""
    if failures is None:
        return None
    found = {}
    for sample in failures.samples:
        whole = next((c for c in sample.causes if c.kind in WRONG_FILE), None)
        lead = sample.leading_bucket
        if whole is not None:
            found[sample.sample] = whole.kind.value.replace("_", " ")
        elif lead is not None:
            found[sample.sample] = bucket_title(lead)
    return found


def sample_table(
    comparison: Comparison,
    reviews: Reviews | None,
    pictured: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Table:
    """One row per sample, worst first."""
    headings = [
        Heading("Sample"),
        Heading("Mean IoU", "Mean over the classes that occur in either mask", True),
        Heading("Weakest class", "The class with the lowest IoU in this sample"),
        Heading("Its IoU", "IoU of the weakest class in this sample", True),
        Heading("Equal px", "Share of pixels with equal labels; large classes flatter it", True),
    ]
    if errors is not None:
        headings.append(Heading("Mainly", "The error whose repair would bring this sample most"))
    if reviews:
        headings += [Heading("Verdict"), Heading("Tags")]
    rows = tuple(
        _sample_row(sample, reviews, pictured.get(sample.sample or "", ""), errors)
        for sample in comparison.worst_first()
    )
    return Table("Scores per sample, worst first", tuple(headings), rows)


def _sample_row(
    sample: PairScores, reviews: Reviews | None, href: str, errors: Mapping[str, str] | None
) -> tuple[Cell, ...]:
    row = sample.to_dict()
    worst = sample.worst_class
    missing = "" if sample.status is Status.OK else wording.STATUS_WORDS[sample.status]
    cells = [
        name_cell(sample.sample or "", href=href, note=missing),
        Column("mean_iou", "", "", SCORE).cell(row),
        Cell(wording.DASH) if worst is None else _weakest_cell(worst.name, worst.status),
        Cell(wording.DASH, math.nan)
        if worst is None
        else Cell(wording.score(worst.iou), worst.iou),
        Column("pixel_accuracy", "", "", PLAIN_SCORE).cell(row),
    ]
    if errors is not None:
        cells.append(Cell(errors.get(sample.sample or "", wording.DASH)))
    if reviews:
        verdict = reviews.get((sample.sample or "", None))
        tags = () if verdict is None else tuple(verdict.tags)
        cells += [Cell(status_words(verdict) or wording.DASH), Cell("", chips=tags)]
    return tuple(cells)


def _weakest_cell(name: str, status: Status) -> Cell:
    return name_cell(name, note="" if status is Status.OK else wording.STATUS_WORDS[status])


def overview_table(audit: Audit) -> Table:
    """One row per comparison, for audits with more than one."""
    several = any(len(c.classes) > 1 for c in audit.comparisons)
    headings = [Heading("Candidate"), Heading("Reference")]
    headings += [Heading(c.heading, c.help, True) for c in _OVERVIEW_MEANS]
    headings += [Heading("Weakest class")] * several
    headings += [Heading("Weakest sample"), Heading("Samples", "Samples with a score", True)]
    rows = tuple(_overview_row(n, c, several) for n, c in enumerate(audit.comparisons))
    return Table("All comparisons", tuple(headings), rows)


# With a class that every sample has, the class-sample mean repeats the sample mean: it is left to
# the strip of means in each comparison.
_OVERVIEW_MEANS = tuple(
    column if column.key == "pooled_class_mean" else replace(column, form=PLAIN_SCORE)
    for column in MEAN_COLUMNS
    if column.key != "class_sample_mean"
)


def _overview_row(n: int, comparison: Comparison, several: bool) -> tuple[Cell, ...]:
    means = comparison.means.to_dict()
    row, sample = weakest_class(comparison), weakest_sample(comparison)
    cells = [name_cell(comparison.candidate, href=f"c{n}"), name_cell(comparison.reference)]
    cells += [column.cell(means) for column in _OVERVIEW_MEANS]
    if several:
        cells.append(_scored(row.pooled.name if row else None, row.pooled.iou if row else math.nan))
    cells.append(
        _scored(sample.sample if sample else None, sample.mean_iou if sample else math.nan)
    )
    defined = comparison.means.defined_samples
    return (*cells, Cell(wording.whole(defined), float(defined)))


def _scored(name: str | None, value: float) -> Cell:
    if name is None or math.isnan(value):
        return Cell(wording.DASH)
    return Cell(Name(name), note=wording.score(value, 2))


def class_name(dataset: Dataset, class_id: int) -> str:
    """Name of a class; an unnamed background is called that, and not 0."""
    name = dataset.class_info(class_id).name
    unnamed = class_id == dataset.background_id and name == str(class_id)
    return "background" if unnamed else name


def facts(audit: Audit, dataset: Dataset) -> list[str]:
    """What else a reader must know to read the numbers: classes, what is left out, pixel size."""
    found: list[str] = []
    classes = {row.pooled.id for c in audit.comparisons for row in c.classes}
    if classes:
        found.append(wording.count(len(classes), "class", "classes"))
    if dataset.background_id is not None and not audit.settings.include_background:
        name = class_name(dataset, dataset.background_id)
        found.append(f"{name if name == 'background' else f'background ({name})'} not scored")
    if dataset.ignore_ids:
        found.append(f"id {', '.join(map(str, sorted(dataset.ignore_ids)))} ignored")
    if audit.comparisons and not dataset.with_role(Role.REFERENCE):
        found.append("no source is declared as the reference, so neither of two is the truth")
    if dataset.spacing is not None:
        size = " × ".join(f"{step:g}" for step in dataset.spacing)
        found.append(f"one pixel is {size} {dataset.unit or 'px'}")
    return found
