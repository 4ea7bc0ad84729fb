"""The two lists of the boundary dock: the classes, and the worst stretches."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QWidget,
)

from .boundary_desk import BoundaryDesk
from .boundary_view import BoundaryView, Row
from .boundary_words import (
    distance_text,
    row_hint,
    share_text,
    signed_text,
    stretch_hint,
    stretch_text,
)
from .legend import swatch_icon
from .score_table import ScoreTable

HEADERS = ("class", "NSD", "offset", "HD95", "ASSD", "1 px")
_HINTS = (
    "Click a class to look at it alone, again for all",
    "Share of both outlines within the tolerance of the other, 0 (worst) to 1",
    "Mean signed distance: + the candidate draws outside the reference, − inside",
    "95 % of either outline lies within this distance; ∞ where a mask lacks the class",
    "Mean distance between the outlines",
    "IoU that a boundary drawn one pixel off would cost: high for small and thin classes",
)
_NSD = 1


class BoundaryTable(ScoreTable):
    """A row per class, lowest NSD first when measured; rows keep their place afterwards."""

    def __init__(self, desk: BoundaryDesk, parent: QWidget | None = None) -> None:
        super().__init__(
            list(zip(HEADERS, _HINTS, strict=True)),
            "Boundaries per class, lowest NSD first; click one to look at it alone",
            parent=parent,
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setMinimumHeight(84)
        self._desk = desk
        self._ids: list[int] = []
        #: Colour of a class, where a dataset gives it one.
        self.color_of: Callable[[int], str] | None = None
        self.cellClicked.connect(self._choose)
        desk.measured.connect(self.refresh)
        desk.tolerance_changed.connect(self._show_tolerance)
        desk.class_changed.connect(self._mark)

    def refresh(self) -> None:
        """Show the rows of another pair."""
        view = self._desk.view
        rows = [] if view is None else view.rows(self._desk.tolerance)
        self._ids = [row.id for row in rows]
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            assert view is not None
            icon = None if self.color_of is None else swatch_icon(self.color_of(row.id))
            hint = row_hint(view, row, self._desk.tolerance)
            self.fill_row(number, _cells(row), hint, icon=icon)
        self._mark()

    def _show_tolerance(self) -> None:
        view = self._desk.view
        if view is None:
            return
        by_id = {row.id: row for row in view.rows(self._desk.tolerance)}
        for number, class_id in enumerate(self._ids):
            row = by_id[class_id]
            self.item(number, _NSD).setText(share_text(row.nsd))
            hint = row_hint(view, row, self._desk.tolerance)
            for column in range(len(HEADERS)):
                self.item(number, column).setToolTip(hint)

    def _mark(self) -> None:
        chosen = self._desk.class_id
        if chosen in self._ids:
            self.selectRow(self._ids.index(chosen))
        else:
            self.clearSelection()

    def _choose(self, row: int, _column: int) -> None:
        class_id = self._ids[row]
        self._desk.set_class(None if class_id == self._desk.class_id else class_id)
        self._mark()

    def sizeHint(self) -> QSize:
        """Five rows; more where there is room."""
        return QSize(360, 124)


class StretchList(QListWidget):
    """The worst stretches; the current one is the one on the canvas."""

    def __init__(self, desk: BoundaryDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setToolTip("The worst stretches of boundary; click one to go there")
        self.setMinimumHeight(84)
        self.itemClicked.connect(self._go)
        self.itemActivated.connect(self._go)
        desk.measured.connect(self.refresh)
        desk.stretches_changed.connect(self.refresh)
        desk.stretch_changed.connect(self._mark)

    def sizeHint(self) -> QSize:
        """A few rows; more where there is room."""
        return QSize(360, 100)

    def refresh(self) -> None:
        """Show other stretches, or none."""
        self.clear()
        view, stretches = self._desk.view, self._desk.stretches
        if view is None or stretches is None:
            return
        for number, stretch in enumerate(stretches.worst):
            self.addItem(f"{number + 1}  {stretch_text(view, stretch)}")
            self.item(number).setToolTip(stretch_hint(view, stretch))
        self._mark()

    def _mark(self) -> None:
        index = self._desk.index
        self.setCurrentRow(-1 if index is None else index)

    def _go(self) -> None:
        self._desk.go_to(self.currentRow())


def stretches_title(view: BoundaryView | None, desk: BoundaryDesk) -> str:
    """The line above the stretches."""
    if view is None:
        return "worst stretches"
    if desk.stretches is None:
        return "worst stretches …"
    found, shown = desk.stretches.found, len(desk.stretches.worst)
    limit = f"{desk.tolerance:g} {view.subject.unit}"
    if not found:
        return f"nothing is more than {limit} off"
    more = f", {shown} worst" if found > shown else ""
    return f"{found:,} {'stretch' if found == 1 else 'stretches'} over {limit}{more}  (S next)"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        share_text(row.nsd),
        signed_text(row.offset),
        distance_text(row.hd95),
        distance_text(row.assd),
        share_text(row.one_px_cost),
    )
