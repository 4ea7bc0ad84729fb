"""The failure buckets of a sample as a small stacked bar with numbers."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QRect, QSize, Qt
from qtpy.QtGui import QColor, QFontInfo, QFontMetrics, QPainter, QPaintEvent
from qtpy.QtWidgets import QSizePolicy, QWidget

from ..failures import MAIN_BUCKETS, folded
from .failure_summary import BUCKET_LOOKS, FailureSummary

_OTHER = ("other", "#999999")
_BAR, _GAP, _SQUARE = 7, 3, 8

# Between two words at least; and the smallest letters, in pixels.
_LEAST, _SMALLEST = 9, 8


class BucketBar(QWidget):
    """What boundary errors, missed small regions, confusions and the rest cost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts: tuple[tuple[str, str, float], ...] = ()
        self._waits = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_summary(self, summary: FailureSummary | None, waits: str, thresholds: str) -> None:
        """Show the buckets of another sample.

        Parameters
        ----------
        summary : FailureSummary or None
            Its buckets.
        waits : str
            What to say without one.
        thresholds : str
            What decides which bucket a pixel is in.
        """
        self._waits = waits
        self.parts = () if summary is None else parts_of(summary)
        self.setToolTip(waits if summary is None else hint_of(summary, thresholds))
        self.update()

    def sizeHint(self) -> QSize:
        """One line of text under the bar."""
        return QSize(200, _BAR + _GAP + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """The same height, any width."""
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar, and the numbers below it."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        if not self.parts:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._waits)
            return
        self._draw_bar(painter)
        self._draw_words(painter)

    def _draw_bar(self, painter: QPainter) -> None:
        total = sum(part[2] for part in self.parts)
        frame = QRect(0, 0, self.width(), _BAR)
        painter.fillRect(frame, QColor(128, 128, 128, 60))
        done = 0.0
        for _, color, loss in self.parts:
            left = round(done * self.width())
            done += loss / total if total else 0.0
            painter.fillRect(left, 0, round(done * self.width()) - left, _BAR, QColor(color))

    def _draw_words(self, painter: QPainter) -> None:
        texts = [f"{word} {loss_text(loss)}" for word, _, loss in self.parts]
        font = self.font()
        metrics, pixels = QFontMetrics(font), QFontInfo(font).pixelSize()
        while _needed(metrics, texts) > self.width() and pixels > _SMALLEST:
            pixels -= 1
            font.setPixelSize(pixels)
            metrics = QFontMetrics(font)
        painter.setFont(font)
        gap = (self.width() - _needed(metrics, texts)) / max(1, len(texts) - 1)
        x, top, height = 0.0, _BAR + _GAP, self.height() - _BAR - _GAP
        for text, (_, color, _loss) in zip(texts, self.parts, strict=True):
            side = (height - _SQUARE) // 2
            painter.fillRect(round(x), top + side, _SQUARE, _SQUARE, QColor(color))
            width = metrics.horizontalAdvance(text)
            place = QRect(round(x) + _SQUARE + _GAP, top, width + 2, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
            x += _SQUARE + _GAP + width + gap


def parts_of(summary: FailureSummary) -> tuple[tuple[str, str, float], ...]:
    """Word, colour and loss of the three main buckets and of the rest."""
    looks = {bucket.value: BUCKET_LOOKS[bucket] for bucket in MAIN_BUCKETS} | {"other": _OTHER}
    values = folded(dict(summary.losses))
    return tuple((*looks[name], loss) for name, loss in values.items())


def loss_text(loss: float) -> str:
    """A share of the score, short.

    Examples
    --------
    >>> loss_text(0.1234), loss_text(0.0), loss_text(0.0004), loss_text(1.0)
    ('.12', '0', '<.01', '1')
    """
    if loss == 0 or loss >= 0.995:
        return f"{loss:.0f}"
    return "<.01" if loss < 0.005 else f"{loss:.2f}"[1:]


def hint_of(summary: FailureSummary, thresholds: str) -> str:
    """All buckets with their numbers, and what decided."""
    lost = sum(summary.losses.values())
    lines = [f"What keeps the mean IoU from 1: {lost:.3f} in all, of which"]
    for bucket, loss in sorted(summary.losses.items(), key=lambda entry: -entry[1]):
        if loss:
            lines.append(f"    {BUCKET_LOOKS[bucket][0]}  {loss:.3f}")
    return "\n".join([*(lines if lost else ["No pixel is wrong."]), thresholds])


def _needed(metrics: Any, texts: list[str]) -> int:
    each = _SQUARE + _GAP
    return sum(metrics.horizontalAdvance(text) + each for text in texts) + _LEAST * (len(texts) - 1)
