"""NSD over tolerances, drawn: the curve, the annotators' band, and the tolerance that is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..agreement import Curve
from .boundary_view import Spread
from .plot_axis import CURVE, MARK, PEOPLE, ticks

_HINT = (
    "NSD: the share of both outlines that lies within a tolerance of the other, over tolerances. "
    "Click or drag to choose a tolerance."
)


class CurvePlot(QWidget):
    """The curve of one class, exact at every column of pixels.

    ``tolerance_asked`` tells where somebody clicked or dragged to.
    """

    tolerance_asked = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spread: Spread | None = None
        self.band: Curve | None = None
        self.tolerance = 1.0
        self.reach = 5.0
        self.pixel = 1.0
        self.unit = "px"
        self.setToolTip(_HINT)
        self.setMouseTracking(True)
        self.setMinimumSize(200, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def show_curve(
        self, spread: Spread | None, *, reach: float, pixel: float, unit: str, band: Curve | None
    ) -> None:
        """Draw another curve, or none; ``pixel`` is the unit of the band's tolerances."""
        self.spread, self.band = spread, band
        self.reach, self.pixel, self.unit = reach, pixel, unit
        self.update()

    def set_tolerance(self, tolerance: float) -> None:
        """Mark another tolerance."""
        self.tolerance = tolerance
        self.update()

    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(360, 130)

    # -- mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: Any) -> None:
        """Choose the tolerance under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask(event.position().x())

    def mouseMoveEvent(self, event: Any) -> None:
        """Choose while dragging; otherwise read the curve off in a tooltip."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event.position().x())
        text = self.reading(self.tolerance_at(event.position().x()))
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), f"{text}\n{_HINT}", self)

    def tolerance_at(self, x: float) -> float:
        """The tolerance under a place of the widget, rounded to a hundredth of the axis."""
        area = self._area()
        share = min(max((x - area.left()) / area.width(), 0.0), 1.0)
        return round(share, 2) * self.reach

    def reading(self, tolerance: float) -> str:
        """The curve at a tolerance, in words; empty without a curve."""
        if self.spread is None or not self.spread.values.size:
            return ""
        text = f"within {tolerance:.3g} {self.unit}: {float(self.spread.within(tolerance)):.3f}"
        if self.band is not None:
            low, high = self._people(np.array([tolerance]))
            text += f", annotators {low[0]:.3f} to {high[0]:.3f}"
        return text

    def _ask(self, x: float) -> None:
        if self.spread is not None:
            self.tolerance_asked.emit(self.tolerance_at(x))

    # -- drawing ---------------------------------------------------------------------------------

    def paintEvent(self, _event: Any) -> None:
        """Draw everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area()
        self._draw_axes(painter, area)
        if self.spread is None or not self.spread.values.size:
            painter.setPen(self._ink())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "no boundary to measure")
            painter.end()
            return
        columns = np.linspace(0, self.reach, max(2, int(area.width())))
        if self.band is not None:
            self._draw_band(painter, area, columns)
        painter.setPen(QPen(QColor(CURVE), 2))
        painter.drawPolyline(self._line(area, columns, self.spread.within(columns)))
        self._draw_mark(painter, area)
        painter.end()

    def _area(self) -> QRectF:
        metrics = QFontMetrics(self.font())
        left, bottom = metrics.horizontalAdvance("0.50") + 6, metrics.height() + 6
        return QRectF(
            left, 6.0, max(10, self.width() - left - 8), max(10, self.height() - bottom - 6)
        )

    def _ink(self) -> QColor:
        return QColor(self.palette().color(self.foregroundRole()))

    def _draw_axes(self, painter: QPainter, area: QRectF) -> None:
        ink, faint = self._ink(), self._ink()
        faint.setAlpha(50)
        height = QFontMetrics(self.font()).height()
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(ink)
            box = QRectF(0, y - height / 2, area.left() - 4, height)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, f"{share:g}")
        marks = ticks(0, self.reach)
        for value in marks:
            x = self._x(area, value)
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(ink)
            is_last = value == marks[-1]
            text = f"{value:g} {self.unit}" if is_last else f"{value:g}"
            width = QFontMetrics(self.font()).horizontalAdvance(text) + 4
            start = min(x - width / 2, self.width() - width)
            box = QRectF(start, area.bottom() + 3, width, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_band(self, painter: QPainter, area: QRectF, columns: NDArray[np.float64]) -> None:
        low, high = self._people(columns)
        shape = [*self._points(area, columns, low), *self._points(area, columns, high)[::-1]]
        fill = QColor(PEOPLE)
        fill.setAlpha(90)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(shape))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(PEOPLE), 1, Qt.PenStyle.DashLine))
        painter.drawPolyline(self._line(area, columns, low))
        painter.drawPolyline(self._line(area, columns, high))

    def _draw_mark(self, painter: QPainter, area: QRectF) -> None:
        """The chosen tolerance, and the NSD there beside it."""
        assert self.spread is not None
        x = self._x(area, min(self.tolerance, self.reach))
        value = float(self.spread.within(self.tolerance))
        y = area.bottom() - value * area.height()
        painter.setPen(QPen(QColor(MARK), 1.5))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setBrush(QColor(MARK))
        painter.drawEllipse(QPointF(x, y), 3.5, 3.5)
        painter.setPen(self._ink())
        text = f"NSD {value:.3f}"
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(text) + 4
        # The curve only rises: right below it and left above it there is room.
        below = y + 4 + metrics.height() < area.bottom() and x + 7 + width < area.right()
        start = x + 7 if below or x - 7 - width < area.left() else x - 7 - width
        top = y + 4 if below else max(area.top(), y - metrics.height() - 4)
        painter.drawText(QRectF(start, top, width, metrics.height()), 0, text)

    def _people(self, at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        assert self.band is not None
        known = np.array(self.band.tolerances) * self.pixel
        slot = (np.searchsorted(known, at + 1e-9, side="right") - 1).clip(0)
        low, high = (
            np.array(part) for part in (self.band.annotators_low, self.band.annotators_high)
        )
        return low[slot], high[slot]

    def _x(self, area: QRectF, value: float) -> float:
        return float(area.left() + value / self.reach * area.width())

    def _points(
        self, area: QRectF, columns: NDArray[np.float64], shares: NDArray[np.float64]
    ) -> list[QPointF]:
        xs = area.left() + columns / self.reach * area.width()
        ys = area.bottom() - shares * area.height()
        return [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]

    def _line(
        self, area: QRectF, columns: NDArray[np.float64], shares: NDArray[np.float64]
    ) -> QPolygonF:
        return QPolygonF(self._points(area, columns, shares))
