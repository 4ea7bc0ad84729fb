"""A small table of scores per class, of one sample or of two layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ..scores import ClassScores, PairScores
from ..status import Status
from .legend import swatch_icon

HEADERS = ("class", "IoU", "Dice", "Boundary IoU", "reference px", "candidate px")
_HINTS = (
    "Name of the class",
    "Intersection over union, 0 (worst) to 1; – where undefined",
    "Dice coefficient, 0 (worst) to 1",
    "IoU of the bands along the boundaries, 0 (worst) to 1",
    "Pixels of the class in the reference",
    "Pixels of the class in the candidate",
)
_WHY = {
    Status.BOTH_EMPTY: "the class occurs in neither mask, so there is no score",
    Status.REFERENCE_EMPTY: "the class occurs only in the candidate",
    Status.CANDIDATE_EMPTY: "the class occurs only in the reference: it was missed",
    Status.ALL_IGNORED: "every pixel is ignored, so there is no score",
    Status.NOT_APPLICABLE: "the score does not apply",
}


class ClassTable(QTableWidget):
    """Scores per class, lowest IoU first; undefined ones last.

    Parameters
    ----------
    columns : int
        How many of :data:`HEADERS` are shown, from the left.
    """

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(0, columns, parent)
        self.setHorizontalHeaderLabels(HEADERS[:columns])
        for column, hint in enumerate(_HINTS[:columns]):
            self.horizontalHeaderItem(column).setToolTip(hint)
        self.setToolTip("Scores per class, lowest IoU first; hover over a row for more")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(20)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(30)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setMinimumHeight(70)

    def show_scores(
        self,
        scores: PairScores | None,
        color_of: Callable[[int], str] | None = None,
        *,
        names_hidden: bool = False,
    ) -> None:
        """Show other scores, or none; if names are hidden, without what tells the masks apart."""
        rows = [] if scores is None else worst_first(scores.classes)
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate(_cells(row)[: self.columnCount()]):
                cell = QTableWidgetItem(text)
                if column:
                    side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    cell.setTextAlignment(side)
                elif color_of is not None:
                    cell.setIcon(swatch_icon(color_of(row.id)))
                cell.setToolTip("" if names_hidden else _hint(row))
                self.setItem(number, column, cell)


def worst_first(rows: Sequence[ClassScores]) -> list[ClassScores]:
    """Classes by IoU, lowest first; undefined ones last."""
    return sorted(rows, key=lambda row: (not row.is_defined, row.iou if row.is_defined else 0.0))


def number_text(value: float) -> str:
    """A score, or a dash where it is undefined.

    Examples
    --------
    >>> number_text(0.8), number_text(float("nan"))
    ('0.80', '–')
    """
    return f"{value:.2f}" if math.isfinite(value) else "–"


def _cells(row: ClassScores) -> tuple[str, ...]:
    return (
        row.name,
        number_text(row.iou),
        number_text(row.region.dice),
        number_text(row.boundary.boundary_iou),
        f"{row.region.reference_pixels:,}",
        f"{row.region.candidate_pixels:,}",
    )


def _hint(row: ClassScores) -> str:
    why = _WHY.get(row.status)
    counts = (
        f"reference {row.region.reference_pixels:,} px, candidate "
        f"{row.region.candidate_pixels:,} px, both {row.region.overlap_pixels:,} px"
    )
    narrow = "the band covers the whole object: Boundary IoU says no more than IoU here"
    lines = [
        f"{row.name} (id {row.id})",
        counts,
        why,
        narrow if row.boundary.band_swallows else None,
    ]
    return "\n".join(line for line in lines if line)
