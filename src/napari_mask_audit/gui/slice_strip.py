"""Where in a volume the errors are: a bar for each slice; a click goes there."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QEvent, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from .plot_axis import CURVE, MARK

_HEIGHT = 26


class SliceStrip(QWidget):
    """Bars of wrong pixels per slice, the shown one marked."""

    slice_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: tuple[int, ...] = ()
        self._shown = 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip("Wrong pixels in each slice; click to go there (W: the worst)")
        self.hide()

    def show_counts(self, counts: Sequence[int]) -> None:
        """Show another volume; without slices it disappears."""
        self._counts = tuple(counts)
        self.setVisible(len(self._counts) > 1)
        self.setAccessibleName(f"{len(self._counts)} slices")
        self.update()

    def show_slice(self, number: int) -> None:
        """Mark another slice as shown."""
        if number != self._shown:
            self._shown = number
            self.update()

    def sizeHint(self) -> QSize:
        """A low strip of any width."""
        return QSize(200, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """A low strip of any width."""
        return QSize(60, _HEIGHT)

    def slice_at(self, x: float) -> int:
        """The slice under a place of the strip."""
        count = len(self._counts)
        return min(max(int(x * count / max(1, self.width())), 0), max(0, count - 1))

    def words(self, number: int) -> str:
        """A slice in words."""
        shown = " (shown)" if number == self._shown else ""
        return f"slice {number}{shown}: {self._counts[number]:,} pixels differ"

    def event(self, event: QEvent) -> bool:
        """Say how many pixels differ in the slice under the mouse."""
        is_help = event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent)
        if is_help and self._counts:
            text = f"{self.words(self.slice_at(event.pos().x()))}\n{self.toolTip()}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the slice under the mouse."""
        self._ask(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with the mouse."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a bar for each slice, the highest for the most wrong pixels."""
        painter = QPainter(self)
        count, most = len(self._counts), max(self._counts, default=0)
        ground = QColor(self.palette().windowText().color())
        ground.setAlpha(28)
        painter.fillRect(self.rect(), ground)
        width = self.width() / max(1, count)
        for number, wrong in enumerate(self._counts):
            if wrong:
                height = max(2.0, wrong / most * (self.height() - 2))
                bar = QRectF(number * width, self.height() - height, max(1.0, width - 1), height)
                painter.fillRect(bar, QColor(CURVE))
        painter.setPen(QPen(QColor(MARK), 2))
        frame = QRectF(self._shown * width, 1, max(3.0, width), self.height() - 2)
        painter.drawRect(frame)
        painter.end()

    def _ask(self, event: QMouseEvent) -> None:
        if self._counts:
            self.slice_asked.emit(self.slice_at(event.position().x()))
