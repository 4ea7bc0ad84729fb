"""A strip of colours with a word at either end."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QRect, QSize
from qtpy.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QWidget


class ShadeScale(QWidget):
    """What the shades stand for."""

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high, self._strip = QLabel(), QLabel(), _Strip()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.low)
        row.addWidget(self._strip, 1)
        row.addWidget(self.high)
        self.setToolTip(hint)

    def show_ends(self, low: str, high: str, colors: Sequence[str]) -> None:
        """Show other words and colours, from left to right."""
        self.low.setText(low)
        self.high.setText(high)
        self._strip.colors = tuple(colors)
        self._strip.update()


class _Strip(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.colors: tuple[str, ...] = ()
        self.setMinimumHeight(10)

    def sizeHint(self) -> QSize:
        return QSize(80, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.colors:
            return
        painter = QPainter(self)
        area = QRect(0, (self.height() - 8) // 2, self.width(), 8)
        ramp = QLinearGradient(0, 0, self.width(), 0)
        for number, color in enumerate(self.colors):
            ramp.setColorAt(number / max(1, len(self.colors) - 1), QColor(color))
        painter.fillRect(area, ramp)
        painter.end()
