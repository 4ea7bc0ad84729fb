"""A label that shortens its text in the middle: both ends of a file name tell samples apart."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QPainter, QPaintEvent
from qtpy.QtWidgets import QLabel


class ElidedLabel(QLabel):
    """One line of text that gives way to its neighbours."""

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw as much of both ends as fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, self.width()
        )
        painter.drawText(self.rect(), int(self.alignment()), text)
        painter.end()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Almost nothing: the text can be shortened."""
        return QSize(40, self.fontMetrics().height() + 2)

    def sizeHint(self) -> QSize:  # noqa: N802
        """The whole text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 4, metrics.height() + 2)
