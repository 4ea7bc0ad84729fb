"""What the averages hide: alarms, samples that move the mean, rare classes, confused classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..comparison import Comparison
from ..dataset import Dataset
from ..failures import ComparisonFailures, FailureTable
from ..failures.sentences import percent
from . import wording
from .cells import Cell, Heading, Table, heat_of, name_cell

#: A larger matrix cannot be read; the classes with most pixels are shown.
MOST_CLASSES: Final = 24


@dataclass(frozen=True)
class BalanceView:
    """What stands beside the named means.

    Attributes
    ----------
    alarms : tuple of str
        Means that disagree, in words.
    influence : Table or None
        The samples that move the mean most.
    balance : Table
        How much of the data each class is.
    imbalance : str
        What rare classes do to the mean; empty when no class is rare.
    confusion : Table or None
        Which class is called what.
    hidden_classes : int
        Classes left out of the confusion matrix.
    """

    alarms: tuple[str, ...]
    influence: Table | None
    balance: Table
    imbalance: str
    confusion: Table | None
    hidden_classes: int


def balance_view(
    dataset: Dataset, comparison: Comparison, failures: ComparisonFailures
) -> BalanceView:
    """Alarms and tables of one comparison."""
    found = failures.averages
    table = failures.table
    return BalanceView(
        alarms=found.alarms,
        influence=_influence(failures),
        balance=_balance(dataset, failures),
        imbalance=found.imbalance,
        confusion=confusion_table(dataset, comparison, failures, table),
        hidden_classes=max(0, len(table.ids) - MOST_CLASSES),
    )


def _influence(failures: ComparisonFailures) -> Table | None:
    rows = tuple(
        (
            name_cell(row.sample),
            Cell(wording.score(row.mean_iou), row.mean_iou),
            Cell(_signed(row.shift), row.shift),
        )
        for row in failures.averages.influence
        if row.shift == row.shift
    )
    headings = (
        Heading("Sample"),
        Heading("Its mean IoU", "", True),
        Heading(
            "Mean without it", "How much the pooled mean IoU changes when it is left out", True
        ),
    )
    return Table("The samples that move the mean most", headings, rows) if rows else None


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{wording.score(abs(value))}"


def _balance(dataset: Dataset, failures: ComparisonFailures) -> Table:
    headings = (
        Heading("Class"),
        Heading("Share of pixels", "Of the reference pixels of all classes that count", True),
        Heading("Regions", "Connected regions in the reference", True),
        Heading("Samples", "Samples whose reference has the class", True),
        Heading("IoU", "All samples together", True),
    )
    rows = tuple(
        (
            name_cell(
                failures.names.get(row.id, str(row.id)), color=dataset.class_info(row.id).color
            ),
            Cell(percent(row.pixel_share), row.pixel_share, min(1.0, row.pixel_share))
            if row.pixel_share == row.pixel_share
            else Cell(wording.DASH),
            Cell(wording.whole(row.regions), float(row.regions)),
            Cell(wording.whole(row.samples), float(row.samples)),
            Cell(wording.score(row.iou), row.iou),
        )
        for row in failures.averages.balance
    )
    return Table("How much of the data each class is, rarest first", headings, rows)


def confusion_table(
    dataset: Dataset, comparison: Comparison, failures: ComparisonFailures, table: FailureTable
) -> Table | None:
    """Rows: what the reference says; columns: what the candidate says, in percent of the row."""
    ids = _most_frequent(table)
    if len(ids) < 2:
        return None
    counts = np.zeros((len(ids), len(ids)), np.int64)
    place = {class_id: n for n, class_id in enumerate(ids)}
    whole_rows = np.zeros(len(ids), np.int64)
    for own, other, count in zip(
        table.reference.tolist(), table.candidate.tolist(), table.counts.tolist(), strict=True
    ):
        if own in place:
            whole_rows[place[own]] += count
            if other in place:
                counts[place[own], place[other]] += count
    names = [failures.names.get(i, str(i)) for i in ids]
    rows = tuple(
        (
            name_cell(names[n], color=dataset.class_info(class_id).color),
            *(_matrix_cell(int(counts[n, m]), int(whole_rows[n])) for m in range(len(ids))),
        )
        for n, class_id in enumerate(ids)
    )
    headings = (
        Heading("Is … called …"),
        *(Heading(wording.Name(name), "", True) for name in names),
    )
    text = (
        f"Confusion matrix: rows are classes in {comparison.reference}, columns what "
        f"{comparison.candidate} calls them, in percent of the row's pixels"
    )
    return Table(wording.Name(text), headings, rows)


def _most_frequent(table: FailureTable) -> list[int]:
    """The classes with most pixels in either mask, by id."""
    ids = table.ids
    union = table.overlaps_and_unions(ids)[1]
    order = np.argsort(-union, kind="stable")[:MOST_CLASSES]
    return sorted(ids[n] for n in order.tolist())


def _matrix_cell(count: int, row: int) -> Cell:
    if row == 0:
        return Cell(wording.DASH)
    share = count / row
    return Cell(
        percent(share) if count else "0",
        share,
        note=wording.whole(count) if count else "",
        heat=heat_of(share),
    )
