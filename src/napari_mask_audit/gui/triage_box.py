"""Is it the model or the labels: one model and one reference, and two ways to go about it."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..agreement import Triage
from .agreement_words import ClassName, triage_stops
from .place_list import PlaceList

_ORDERS = (
    (
        "labels",
        "labels first",
        "Queue what is wrong with the labels first, the model's errors last",
    ),
    ("model", "model first", "Queue the model's errors first, what is wrong with the labels last"),
)


class TriageBox(QWidget):
    """The sentence, the two orders of the queue, and the regions to walk."""

    order_chosen = Signal(object, str)
    stop_chosen = Signal(object)

    def __init__(
        self, triage: Triage, class_name: ClassName, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._triage, self._class_name = triage, class_name
        sentence = QLabel(triage.sentence)
        sentence.setWordWrap(True)
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons: dict[str, QPushButton] = {}
        self.places = PlaceList("Where model and reference differ; click a place to go there")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        for first, words, hint in _ORDERS:
            button = QPushButton(words)
            button.setToolTip(hint)
            button.setEnabled(bool(triage.regions))
            button.clicked.connect(partial(self._chosen, first))
            self.buttons[first] = button
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(sentence)
        column.addLayout(row)
        column.addWidget(self.places)
        self.places.wanted.connect(self.stop_chosen)
        self.places.show_stops(())

    def _chosen(self, first: str, _on: bool = False) -> None:
        self.choose(first)

    def choose(self, first: str) -> None:
        """Order the queue and the list of regions."""
        self.places.show_stops(triage_stops(self._triage, first, self._class_name))
        self.order_chosen.emit(self._triage, first)
