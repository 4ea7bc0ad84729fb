"""Which class is called what, as a list of the largest confusions of one comparison."""

from __future__ import annotations

from collections.abc import Mapping

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ..confusion import ConfusionMatrix

_MOST = 50
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROW, _SHOWN_ROWS = 20, 6
_HEADERS = ("reference says", "candidate says", "pixels", "share")
_HINTS = (
    "The class in the reference",
    "What the candidate says on the same pixels",
    "How many pixels",
    "Of the pixels that the reference gives this class",
)


class ConfusionList(QTableWidget):
    """Pairs of different classes on the same pixels, most pixels first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADERS), parent)
        self.setHorizontalHeaderLabels(_HEADERS)
        for column, hint in enumerate(_HINTS):
            self.horizontalHeaderItem(column).setToolTip(hint)
        self.setToolTip(
            "The confusion matrix without its diagonal, largest cells first; background included"
        )
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.setMinimumHeight(_ROW * _SHOWN_ROWS)

    def show_matrix(self, matrix: ConfusionMatrix, names: Mapping[int, str]) -> int:
        """Show a matrix; how many kinds of confusion it has."""
        kinds = matrix.most_confused()
        self.setRowCount(min(len(kinds), _MOST))
        for row, cell in enumerate(kinds[:_MOST]):
            own = names.get(cell.reference_id, str(cell.reference_id))
            other = names.get(cell.candidate_id, str(cell.candidate_id))
            texts = (own, other, f"{cell.pixels:,}", f"{cell.share:.1%}")
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column >= 2:
                    item.setTextAlignment(_RIGHT)
                item.setToolTip(
                    f"{own} (id {cell.reference_id}) in the reference, {other} (id "
                    f"{cell.candidate_id}) in the candidate: {cell.pixels:,} px, {cell.share:.1%} "
                    f"of {own}"
                )
                self.setItem(row, column, item)
        return len(kinds)
