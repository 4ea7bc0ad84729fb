"""What the colours on the canvas mean, always in sight."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QPoint, QRect, QSize, Qt
from qtpy.QtGui import QColor, QHelpEvent, QIcon, QLinearGradient, QPainter, QPaintEvent, QPixmap
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from .legend_content import BY_WHAT_IT_IS, LegendContent

_SIDE = 12
_GAP, _BETWEEN = 4, 10
_SCALE_WIDTH = 90


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
    """Colours and words in as many rows as they need; the whole sentence on hover."""

    def __init__(self, content: LegendContent | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = LegendContent()
        self._places: list[tuple[QRect, str]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.show_content(content or BY_WHAT_IT_IS)

    def show_content(self, content: LegendContent) -> None:
        """Show other colours."""
        if content == self.content:
            return
        self.content = content
        self.setToolTip("What the colours mean; hover over one for more")
        self.setAccessibleName(content.text)
        self._arrange()
        self.update()

    @property
    def words(self) -> list[str]:
        """What stands in it, in order."""
        scale = self.content.scale
        ends = [] if scale is None else [scale.low, scale.high]
        return [*(entry.word for entry in self.content.swatches), *ends]

    def sizeHint(self) -> QSize:
        """As many rows as the words need at this width."""
        return QSize(240, self.height())

    def resizeEvent(self, event: object) -> None:
        """Other rows for another width."""
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Say the whole sentence of what lies under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hint = self.hint_at(event.pos())
            QToolTip.showText(event.globalPos(), hint or self.toolTip(), self)
            return True
        return super().event(event)

    def hint_at(self, place: QPoint) -> str:
        """The sentence of the entry at a place; empty beside the entries."""
        return next((hint for area, hint in self._places if area.contains(place)), "")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw every entry where it was laid out."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        for (area, _hint), entry in zip(self._places, self.content.swatches, strict=False):
            top = area.top() + (area.height() - _SIDE) // 2
            painter.drawPixmap(area.left(), top, swatch(entry.color))
            words = area.adjusted(_SIDE + _GAP, 0, 0, 0)
            text = painter.fontMetrics().elidedText(
                entry.word, Qt.TextElideMode.ElideMiddle, words.width()
            )
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        if self.content.scale is not None:
            self._draw_scale(painter, self._places[-1][0])
        painter.end()

    def _draw_scale(self, painter: QPainter, area: QRect) -> None:
        scale, metrics = self.content.scale, painter.fontMetrics()
        assert scale is not None
        low = metrics.horizontalAdvance(scale.low) + _GAP
        strip = QRect(
            area.left() + low, area.top() + (area.height() - _SIDE) // 2, _SCALE_WIDTH, _SIDE
        )
        ramp = QLinearGradient(strip.left(), 0, strip.right(), 0)
        for number, color in enumerate(scale.colors):
            ramp.setColorAt(number / max(1, len(scale.colors) - 1), QColor(color))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, scale.low)
        painter.fillRect(strip, ramp)
        high = area.adjusted(low + _SCALE_WIDTH + _GAP, 0, 0, 0)
        painter.drawText(high, Qt.AlignmentFlag.AlignVCenter, scale.high)

    def _arrange(self) -> None:
        """Put the entries into rows, and be as high as these are."""
        metrics = self.fontMetrics()
        row = max(_SIDE, metrics.height()) + 2
        sizes = [
            (min(_SIDE + _GAP + metrics.horizontalAdvance(e.word) + 2, self.width()), e.hint)
            for e in self.content.swatches
        ]
        scale = self.content.scale
        if scale is not None:
            ends = metrics.horizontalAdvance(scale.low + scale.high)
            sizes.append((ends + _SCALE_WIDTH + 2 * _GAP + 2, scale.hint))
        left, top, self._places = 0, 0, []
        for width, hint in sizes:
            if left and left + width > self.width():
                left, top = 0, top + row
            self._places.append((QRect(left, top, width, row), hint))
            left += width + _BETWEEN
        if self.height() != top + row or self.minimumHeight() != top + row:
            self.setFixedHeight(top + row)
