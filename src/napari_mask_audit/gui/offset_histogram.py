"""Signed distances, drawn: how much of the boundary is inside, on, and outside the reference."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QFontMetrics, QPainter, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from .boundary_view import BoundaryView
from .plot_axis import FITS, INSIDE, MARK, OUTSIDE, ticks

#: Bins to either side of the one around zero.
BINS = 10
_HINT = (
    "Share of both outlines by signed distance: left of the middle the candidate falls short of "
    "the reference, right of it it reaches further out. The bar in the middle is boundary that "
    "fits; the outermost bars hold everything beyond."
)


def bin_edges(reach: float) -> NDArray[np.float64]:
    """Inner edges of the bins: one around zero and :data:`BINS` to either side, the last open.

    Examples
    --------
    >>> bin_edges(10.0)[:2], len(bin_edges(10.0))
    (array([-9.5, -8.5]), 20)
    """
    step = reach / BINS
    return np.asarray((np.arange(-BINS, BINS) + 0.5) * step, np.float64)


class OffsetHistogram(QWidget):
    """The histogram of one class; the mean offset is a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: NDArray[np.float64] = np.full(2 * BINS + 1, math.nan)
        self.mean = math.nan
        self.reach = 5.0
        self.unit = "px"
        self.setToolTip(_HINT)
        self.setMouseTracking(True)
        self.setMinimumSize(200, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_offsets(self, view: BoundaryView | None, class_id: int | None, reach: float) -> None:
        """Draw the offsets of another class, or nothing."""
        self.reach = reach
        if view is None:
            self.shares, self.mean = np.full(2 * BINS + 1, math.nan), math.nan
        else:
            self.unit = view.subject.unit
            self.shares = view.histogram(class_id, bin_edges(reach))
            self.mean = view.offset(class_id)[0]
        self.update()

    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(360, 96)

    def reading(self, number: int) -> str:
        """One bar in words."""
        share = self.shares[number]
        if math.isnan(share):
            return ""
        step = self.reach / BINS
        middle = (number - BINS) * step
        if number == BINS:
            return f"{share:.1%} of the boundary is less than {step / 2:g} {self.unit} off"
        side = "inside" if middle < 0 else "outside"
        if abs(number - BINS) == BINS:
            return f"{share:.1%} is {abs(middle) - step / 2:g} {self.unit} or more {side}"
        low, high = abs(middle) - step / 2, abs(middle) + step / 2
        return f"{share:.1%} is {low:g} to {high:g} {self.unit} {side}"

    def mouseMoveEvent(self, event: Any) -> None:
        """Read the bar under the mouse off in a tooltip."""
        area = self._area()
        at = int((event.position().x() - area.left()) / area.width() * len(self.shares))
        text = self.reading(min(max(at, 0), len(self.shares) - 1))
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), f"{text}\n{_HINT}", self)

    def paintEvent(self, _event: Any) -> None:
        """Draw everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area()
        self._draw_axis(painter, area)
        if np.isnan(self.shares).any():
            painter.setPen(self._ink())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "no two outlines to compare")
        else:
            self._draw_bars(painter, area)
            self._draw_sides(painter, area)
        painter.end()

    def _area(self) -> QRectF:
        bottom = QFontMetrics(self.font()).height() + 6
        return QRectF(8, 4, max(10, self.width() - 16), max(10, self.height() - bottom - 4))

    def _ink(self) -> QColor:
        return QColor(self.palette().color(self.foregroundRole()))

    def _x(self, area: QRectF, value: float) -> float:
        """Place of a signed distance; the outermost bins are as wide as the others."""
        full = self.reach * (1 + 0.5 / BINS)
        return float(area.left() + (value + full) / (2 * full) * area.width())

    def _draw_axis(self, painter: QPainter, area: QRectF) -> None:
        ink = self._ink()
        metrics = QFontMetrics(self.font())
        painter.setPen(QPen(ink, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        for value in ticks(-self.reach, self.reach, 7):
            x = self._x(area, value)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
            text = f"{value:+g}".replace("-", "−") if value else f"0 {self.unit}"
            width = metrics.horizontalAdvance(text) + 4
            start = min(max(x - width / 2, 0), self.width() - width)
            box = QRectF(start, area.bottom() + 3, width, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_bars(self, painter: QPainter, area: QRectF) -> None:
        """Bars by side; the one in the middle, usually by far the longest, is cut off."""
        sides = np.delete(self.shares, BINS)
        tallest = float(sides.max())
        full = tallest if tallest > 0 else 1.0
        room = area.height() - QFontMetrics(self.font()).height()
        painter.setPen(Qt.PenStyle.NoPen)
        for number, share in enumerate(self.shares.tolist()):
            value = (number - BINS) * self.reach / BINS
            step = self.reach / BINS
            left, right = self._x(area, value - step / 2), self._x(area, value + step / 2)
            height = min(share / full, 1.0) * room
            color = QColor(FITS if number == BINS else INSIDE if number < BINS else OUTSIDE)
            painter.setBrush(color)
            painter.drawRect(QRectF(left + 1, area.bottom() - height, right - left - 2, height))
        if math.isfinite(self.mean):
            x = self._x(area, min(max(self.mean, -self.reach), self.reach))
            painter.setPen(QPen(QColor(MARK), 2, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _draw_sides(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(self._ink())
        top = Qt.AlignmentFlag.AlignTop
        inside = f"← inside {self.shares[:BINS].sum():.0%}"
        outside = f"outside {self.shares[BINS + 1 :].sum():.0%} →"
        painter.drawText(area, top | Qt.AlignmentFlag.AlignLeft, inside)
        painter.drawText(area, top | Qt.AlignmentFlag.AlignRight, outside)
