"""A small table of names and numbers that is read and not edited."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

ROW_HEIGHT = 20
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ScoreTable(QTableWidget):
    """Names on the left take the room there is; numbers stand to the right.

    It takes no keyboard focus: letters and digits are the keys of the review.

    Parameters
    ----------
    headings : sequence of (str, str)
        Title of each column, and what it says.
    hint : str
        What the table is.
    names : int
        How many columns hold names.
    """

    def __init__(
        self,
        headings: Sequence[tuple[str, str]],
        hint: str,
        *,
        names: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(0, len(headings), parent)
        self._names = names
        self.setHorizontalHeaderLabels([title for title, _ in headings])
        for column, (_, meaning) in enumerate(headings):
            self.horizontalHeaderItem(column).setToolTip(meaning)
        self.setToolTip(hint)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(30)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in range(names):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def fill_row(
        self, row: int, texts: Sequence[str], hint: str, *, icon: QIcon | None = None
    ) -> None:
        """Write a row, with an icon before its name."""
        for column, text in enumerate(texts):
            cell = QTableWidgetItem(text)
            if column >= self._names:
                cell.setTextAlignment(_RIGHT)
            elif column == 0 and icon is not None:
                cell.setIcon(icon)
            cell.setToolTip(hint)
            self.setItem(row, column, cell)
