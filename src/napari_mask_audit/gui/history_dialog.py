"""What was decided about the current sample: who, when, what, and what of it was taken back."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..errors import AuditError
from ..review.consistency import ReviewerConsistency
from ..review.history import HistoryLine, history_lines
from ..review.verdicts import StoredVerdict
from .room import ReviewRoom
from .worker import Job, Jobs

#: The key that shows it: a journal. ``V`` (view) and ``L`` (pick) are napari's.
KEY = "J"
HEADERS = ("when", "who", "about", "what", "")
_HINTS = (
    "Local time",
    "Who did it",
    "The sample, or which finding",
    "What it changed",
    "Under which circumstances; whether it is in force or was taken back",
)
_WHAT = 3


class HistoryDialog(QDialog):
    """The history of the room's current sample; it follows the review and what others decide.

    Parameters
    ----------
    room : ReviewRoom
        Which review.
    """

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self._session = room.session
        self._jobs = Jobs(workers=1)
        self._asking: Job | None = None
        self._is_released = False
        self.title = QLabel()
        self.table = self._make_table()
        self.alike = QLabel()
        self.alike.setWordWrap(True)
        self.alike.setToolTip("How alike you decided about samples that you judged twice")
        self.alike.hide()
        self.setWindowTitle("History of the sample")
        self.resize(760, 320)
        column = QVBoxLayout(self)
        column.addWidget(self.title)
        column.addWidget(self.table, 1)
        column.addWidget(self.alike)
        if self._session is not None:
            self._session.current_changed.connect(self.refresh)
            self._session.verdict_changed.connect(self._changed)
            session = self._session
            self._jobs.run(lambda _job: session.consistency(), self._show_alike, self._failed)
        self.refresh()

    def refresh(self, _sample: object = None) -> None:
        """Ask the store anew, beside the main thread."""
        session = self._session
        if session is None or session.current is None or self._is_released:
            return
        sample = session.current
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self._jobs.run(
            lambda _job: session.history(sample),
            lambda events: self._show(sample, events),
            self._failed,
        )

    def release(self) -> None:
        """Let go of the session, and close."""
        if self._is_released:
            return
        self._is_released = True
        if self._session is not None:
            self._session.current_changed.disconnect(self.refresh)
            self._session.verdict_changed.disconnect(self._changed)
        self._jobs.close()
        self.close()
        self.deleteLater()

    def _changed(self, sample: str) -> None:
        if self._session is not None and sample == self._session.current:
            self.refresh()

    def _show(self, sample: str, events: list[StoredVerdict]) -> None:
        session = self._session
        assert session is not None
        lines = history_lines(events, {tag.name: tag.label for tag in session.tags})
        count = "nobody has decided about it yet" if not lines else f"{len(lines)} events"
        self.title.setText(f"{sample}: {count}, newest first" if lines else f"{sample}: {count}")
        self.table.setRowCount(len(lines))
        for row, line in enumerate(reversed(lines)):
            for column, text in enumerate(self._cells(line)):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                font = cell.font()
                font.setStrikeOut(line.is_undone and column == _WHAT)
                font.setBold(line.is_in_force)
                cell.setFont(font)
                self.table.setItem(row, column, cell)

    def _show_alike(self, rows: tuple[ReviewerConsistency, ...]) -> None:
        self.alike.setText("\n".join(row.sentence for row in rows))
        self.alike.setVisible(bool(rows))

    def _cells(self, line: HistoryLine) -> tuple[str, ...]:
        spoken = self._room.names.spoken
        marks = ", ".join(line.marks)
        return line.time(), line.event.reviewer, line.about, spoken(line.what), marks

    def _failed(self, error: AuditError) -> None:
        self.title.setText(f"⚠ {error.message}")

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(HEADERS))
        table.setHorizontalHeaderLabels(HEADERS)
        for column, hint in enumerate(_HINTS):
            table.horizontalHeaderItem(column).setToolTip(hint)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_WHAT, QHeaderView.ResizeMode.Stretch)
        return table
