"""What the colours on the canvas mean, always in sight."""

from __future__ import annotations

from qtpy.QtCore import QSize
from qtpy.QtGui import QColor, QIcon, QPainter, QPixmap
from qtpy.QtWidgets import QHBoxLayout, QLabel, QWidget
from superqt import QElidingLabel

from ..overlay import LegendEntry
from .outlines import FINDING_COLOR
from .sample_view import LEGEND

#: The outline of the finding in view, which lies above the disagreement layer.
FINDING = LegendEntry(len(LEGEND) + 1, "finding", "outline of the finding in view", FINDING_COLOR)

_SIDE = 12
_SHORT = {
    "reference_only": "reference",
    "candidate_only": "candidate",
    "both": "both",
    "different": "differs",
    "finding": "finding",
}


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
    icon = QIcon(swatch(color))
    icon.addPixmap(swatch(color), QIcon.Mode.Selected)  # Qt would tint it
    return icon


class Legend(QWidget):
    """The colours of the disagreement layer, in words; the whole sentence on hover."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(3)
        for entry in (*LEGEND, FINDING):
            square, word = QLabel(), QElidingLabel(_SHORT.get(entry.name, entry.words))
            square.setPixmap(swatch(entry.color))
            for label in (square, word):
                label.setToolTip(entry.words)
            row.addWidget(square)
            row.addWidget(word, len(word.text()) + 3)
