"""Text that is always shown whole: the label is as tall as its words need."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QLabel, QSizePolicy, QWidget


class WrappedText(QLabel):
    """A label that wraps and takes the height it needs; nothing when it is empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def hasHeightForWidth(self) -> bool:
        """No: its height is fixed, lest all that is around it insists on its preferred height."""
        return False

    def say(self, text: str) -> None:
        """Show a text, or with none disappear."""
        self.setText(text)
        self._fit()
        self.setVisible(bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A splitter asks nobody for heights that depend on widths, so it is told.
        height = self.heightForWidth(max(self.width(), 120)) if self.text() else 0
        if height != self.minimumHeight():
            self.setFixedHeight(max(0, height))
