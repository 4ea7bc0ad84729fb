"""A list of places to walk: a click, Enter or “next” goes there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QListWidget, QPushButton, QVBoxLayout, QWidget

_MAX_ROWS = 7


class Line(Protocol):
    """Whatever can be listed."""

    @property
    def words(self) -> str:
        """What the list says."""


class PlaceList(QWidget):
    """Places in the order in which to look at them."""

    wanted = Signal(object)

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stops: tuple[Line, ...] = ()
        self.list = QListWidget()
        self.list.setToolTip(hint)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setUniformItemSizes(True)
        self.next = QPushButton("next place")
        self.next.setToolTip("Go to the next place of the list, in a circle")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.list)
        column.addWidget(self.next)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.next.clicked.connect(self.go_on)

    def show_stops(self, stops: Sequence[Line]) -> None:
        """List other places."""
        self.stops = tuple(stops)
        self.list.clear()
        self.list.addItems([f"{n}  {stop.words}" for n, stop in enumerate(self.stops, 1)])
        for row, stop in enumerate(self.stops):
            item = self.list.item(row)
            assert item is not None
            item.setToolTip(str(getattr(stop, "hint", stop.words)))
        rows = min(max(1, len(self.stops)), _MAX_ROWS)
        row_px = max(16, self.list.sizeHintForRow(0) if self.stops else 0)
        self.list.setFixedHeight(rows * row_px + 8)
        self.setVisible(bool(self.stops))

    def go_on(self) -> None:
        """Go to the place after the chosen one."""
        if self.stops:
            self.list.setCurrentRow((self.list.currentRow() + 1) % len(self.stops))
            self._go()

    def _go(self, _item: object = None) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.stops):
            self.wanted.emit(self.stops[row])
