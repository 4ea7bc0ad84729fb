"""What the averages hide: alarms, samples that move the mean, rare classes, confused classes."""

from __future__ import annotations

from dataclasses import dataclass

from ..comparison import Comparison
from ..dataset import Dataset
from ..failures import ComparisonFailures
from ..failures.sentences import percent
from . import wording
from .cells import Cell, Heading, Table, name_cell
from .confusion import confusion_table


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
    confusion, hidden = confusion_table(dataset, comparison)
    return BalanceView(
        alarms=found.alarms,
        influence=_influence(failures),
        balance=_balance(dataset, failures),
        imbalance=found.imbalance,
        confusion=confusion,
        hidden_classes=hidden,
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
