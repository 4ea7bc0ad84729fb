"""Text that is always shown whole: the label is as tall as its words need."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QWidget


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


class ScrolledText(QScrollArea):
    """A wrapped text of at most so many lines in sight; the rest is scrolled to.

    Parameters
    ----------
    text : WrappedText
        The text.
    most_lines : int
        Lines in sight.
    """

    def __init__(self, text: WrappedText, most_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._most = most_lines
        self.setWidget(text)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        text.installEventFilter(self)
        self.hide()

    def set_most_lines(self, most_lines: int) -> None:
        """Have more lines in sight, or fewer."""
        self._most = most_lines
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Be as high as the text, up to the most."""
        kinds = (QEvent.Type.Resize, QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
        if watched is self._text and event.type() in kinds:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        most = self._most * self._text.fontMetrics().lineSpacing() + 4
        height = min(self._text.minimumHeight(), most)
        if self.maximumHeight() != height:
            self.setFixedHeight(height)
        if self.isHidden() == bool(self._text.text()):
            self.setVisible(bool(self._text.text()))
