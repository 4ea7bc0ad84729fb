"""The findings of the current sample: a list to walk along, and what the one in view says."""

from __future__ import annotations

from qtpy.QtCore import QItemSelectionModel, QModelIndex, Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from .findings_model import BUCKET, CLASSES, PIXELS, VERDICT, WORTH, FindingsModel
from .quiet_table import QuietTable
from .room import ReviewRoom
from .wrapped_text import ScrolledText, WrappedText

_WIDTHS = {BUCKET: 112, PIXELS: 54, WORTH: 46, VERDICT: 22}

# Lines of text about the finding in view: usually, and while there is little room.
_LINES, _FEW_LINES = 4, 2


class FindingsPanel(QWidget):
    """The room's findings; click one, or walk along them with F."""

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self._walk = room.findings
        self.model = FindingsModel(self._walk, self)
        self.table = self._make_table()
        self.text = WrappedText()
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.text.setToolTip("What is wrong, and why it is not in the neighbouring bucket")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.table, 1)
        self.scrolled = ScrolledText(self.text, most_lines=_LINES)
        column.addWidget(self.scrolled)
        self.table.clicked.connect(self._go_to)
        self.table.activated.connect(self._go_to)
        self._walk.changed.connect(self.refresh)
        self._walk.moved.connect(self._follow)

    def release(self) -> None:
        """Disconnect from the room."""
        self._walk.changed.disconnect(self.refresh)
        self._walk.moved.disconnect(self._follow)
        self.model.set_session(None)

    def make_room(self, for_others: bool) -> None:
        """Show fewer lines of the text while something else needs the place, or all again."""
        self.scrolled.set_most_lines(_FEW_LINES if for_others else _LINES)

    def refresh(self) -> None:
        """Draw anew from the walk."""
        self.model.reset()
        self._follow()

    def _go_to(self, index: QModelIndex) -> None:
        self._walk.go_to(index.row())

    def _follow(self) -> None:
        """Select the finding in view, keep its row in sight and say what it is."""
        index, selection = self._walk.index, self.table.selectionModel()
        finding = self._walk.current
        text = "" if finding is None else f"{finding.explanation} {finding.why_not_next}"
        self.text.say(self._walk.spoken(text))
        if index is None:
            selection.clear()
            return
        place = self.model.index(index, 0)
        flags = QItemSelectionModel.SelectionFlag
        selection.setCurrentIndex(place, flags.ClearAndSelect | flags.Rows)
        self.table.scrollTo(place, QAbstractItemView.ScrollHint.EnsureVisible)

    def _make_table(self) -> QTableView:
        table = QuietTable()
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(20)
        header = table.horizontalHeader()
        header.setMinimumSectionSize(18)
        header.setHighlightSections(False)
        for column, width in _WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(CLASSES, QHeaderView.ResizeMode.Stretch)
        table.setMinimumHeight(66)
        table.setToolTip(
            "What is wrong in this sample, most rewarding repair first. Click one, or press F "
            "for the next."
        )
        return table
