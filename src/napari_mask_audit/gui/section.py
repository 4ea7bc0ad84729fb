"""A part of a dock with a heading that folds it away."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QToolButton, QVBoxLayout, QWidget


class Section(QWidget):
    """A heading and a widget below it.

    Parameters
    ----------
    title : str
        The heading.
    inside : QWidget
        What is folded away.
    hint : str
        What is to be found inside.
    """

    def __init__(
        self, title: str, inside: QWidget, hint: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title, self.inside = title, inside
        self.heading = QToolButton()
        self.heading.setCheckable(True)
        self.heading.setChecked(True)
        self.heading.setAutoRaise(True)
        self.heading.setToolTip(hint)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.heading.setStyleSheet("QToolButton { border: none; font-weight: bold; }")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(inside)
        self.heading.toggled.connect(self._fold)
        self.set_count(None)

    def set_count(self, count: int | None) -> None:
        """Say how many there are."""
        self._words = self._title if count is None else f"{self._title} ({count})"
        self._fold(self.heading.isChecked())

    def _fold(self, is_open: bool) -> None:
        self.inside.setVisible(is_open)
        self.heading.setText(f"{'▾' if is_open else '▸'} {self._words}")
