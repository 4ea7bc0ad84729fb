"""Which pair is outlined on the canvas, in which colours."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget
from superqt import QElidingLabel

from .items import Pair
from .legend import swatch
from .legend_content import LegendContent, Swatch
from .sample_view import LEGEND

_SOURCES = ("reference_only", "candidate_only")


def pair_content(pair: Pair) -> LegendContent:
    """The same for the canvas."""
    names = _names(pair)
    entries = (Swatch(entry.color, names[entry.name], entry.words) for entry in LEGEND)
    return LegendContent(f"{pair[0]} ↔ {pair[1]}", tuple(entries))


def _names(pair: Pair) -> dict[str, str]:
    return {
        "reference_only": pair[0],
        "candidate_only": pair[1],
        "both": "both",
        "different": "another class",
    }


class PairLegend(QWidget):
    """The colours with the names of the pair; a button ends it."""

    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        upper, lower = QHBoxLayout(), QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for row in (upper, lower):
            row.setSpacing(4)
            column.addLayout(row)
        self.words: dict[str, QLabel] = {entry.name: QLabel() for entry in LEGEND}
        for name in _SOURCES:  # may be long: a row of their own
            self.words[name] = label = QElidingLabel()
            label.setElideMode(Qt.TextElideMode.ElideMiddle)
        for entry in LEGEND:
            square = QLabel()
            square.setPixmap(swatch(entry.color))
            word = self.words[entry.name]
            row = upper if entry.name in _SOURCES else lower
            row.addWidget(square)
            row.addWidget(word, 1)
        self.end = QToolButton()
        self.end.setText("✕")
        self.end.setToolTip("Show what the review compares again")
        upper.addWidget(self.end)
        self.end.clicked.connect(self.ended)
        self.show_pair(None)

    def show_pair(self, pair: Pair | None) -> None:
        """Name another pair, or none."""
        self.setVisible(pair is not None)
        if pair is None:
            return
        names = _names(pair)
        for entry in LEGEND:
            label = self.words[entry.name]
            label.setText(names[entry.name])
            label.setToolTip(entry.words if entry.name == "different" else names[entry.name])
