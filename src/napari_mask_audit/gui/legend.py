"""What the colours on the canvas mean, always in sight."""

from __future__ import annotations

from qtpy.QtCore import QSize
from qtpy.QtGui import QColor, QIcon, QPainter, QPixmap
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from .sample_view import LEGEND

_SIDE = 12


def swatch(color: str, side: int = _SIDE) -> QPixmap:
    """A small square of a colour, with an edge so that white shows on white."""
    picture = QPixmap(QSize(side, side))
    picture.fill(QColor(color))
    painter = QPainter(picture)
    painter.setPen(QColor("#808080"))
    painter.drawRect(0, 0, side - 1, side - 1)
    painter.end()
    return picture


def swatch_icon(color: str) -> QIcon:
    """The same as an icon."""
    return QIcon(swatch(color))


class Legend(QWidget):
    """The colours of the disagreement layer, two in a row, in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(1)
        self.setToolTip("What the colours of the disagreement layer and of the outlines mean")
        for number, entry in enumerate(LEGEND):
            row, column = divmod(number, 2)
            square = QLabel()
            square.setPixmap(swatch(entry.color))
            grid.addWidget(square, row, 2 * column)
            grid.addWidget(QLabel(entry.words), row, 2 * column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
