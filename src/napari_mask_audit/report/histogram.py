"""Distribution of a score over samples, as shapes for an inline SVG.

Up to sixty samples every one is a dot of its own, so that nothing hides in a bar; beyond that
the bins are bars.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from . import wording

BINS: Final = 20
_DOTS_UP_TO: Final = 60
_WIDTH: Final = 640
_HEIGHT: Final = 150
_MARGIN: Final = 20


@dataclass(frozen=True)
class Mark:
    """A dot (with a sample's name) or a bar of the histogram, in SVG units."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Histogram:
    """Shapes and words of a histogram over 0 to 1.

    Attributes
    ----------
    width, height : int
        Size of the view box; the axis lies at ``height``.
    radius : float
        Radius of the dots; 0 when ``marks`` are bars.
    marks : tuple of Mark
        Dots or bars.
    mean_x, mean : float
        Where the mean lies, and its value.
    ticks : tuple of (float, str)
        Position and text along the axis.
    description : str
        The same in words.
    counts : tuple of (str, int)
        The same as a table: range and number of samples, empty bins left out.
    """

    width: int
    height: int
    radius: float
    marks: tuple[Mark, ...]
    mean_x: float
    mean: float
    ticks: tuple[tuple[float, str], ...]
    description: str
    counts: tuple[tuple[str, int], ...]


def bin_of(value: float) -> int:
    """Bin of a value; 1 belongs to the last.

    Examples
    --------
    >>> bin_of(0.0), bin_of(0.05), bin_of(0.15), bin_of(1.0)
    (0, 1, 3, 19)
    """
    # 1e-9: 0.15 is the left edge of its bin, although 0.15 * 20 is 2.9999… in binary.
    return min(BINS - 1, int(value * BINS + 1e-9))


def histogram(values: Sequence[tuple[str, float]]) -> Histogram | None:
    """Histogram of named values between 0 and 1; None of nothing. NaN is left out.

    Examples
    --------
    >>> found = histogram([("a", 0.5), ("b", 0.52), ("c", 1.0)])
    >>> found.counts
    (('0.50–0.55', 2), ('0.95–1.00', 1))
    """
    known = sorted((v, name) for name, v in values if not math.isnan(v))
    if not known:
        return None
    counts = Counter(bin_of(value) for value, _ in known)
    mean = math.fsum(value for value, _ in known) / len(known)
    dots = len(known) <= _DOTS_UP_TO
    radius = min(8.0, (_HEIGHT - 8) / (2 * max(counts.values()))) if dots else 0.0
    height = math.ceil(max(56.0, 2 * radius * max(counts.values()) + 14)) if dots else _HEIGHT
    return Histogram(
        width=_WIDTH,
        height=height,
        radius=round(radius, 2),
        marks=_dots(known, radius, height) if dots else _bars(counts, height),
        mean_x=_x(mean),
        mean=mean,
        ticks=tuple((_x(n / 5), f"{n / 5:.1f}") for n in range(6)),
        description=_words([value for value, _ in known], mean),
        counts=tuple((_range(n), counts[n]) for n in sorted(counts)),
    )


def _words(values: list[float], mean: float) -> str:
    middle = len(values) // 2
    median = values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
    return (
        f"Mean IoU of {wording.count(len(values), 'sample')}: lowest "
        f"{wording.score(values[0])}, median {wording.score(median)}, mean "
        f"{wording.score(mean)}, highest {wording.score(values[-1])}."
    )


def _range(n: int) -> str:
    return f"{n / BINS:.2f}–{(n + 1) / BINS:.2f}"


def _x(value: float) -> float:
    return round(_MARGIN + value * (_WIDTH - 2 * _MARGIN), 2)


def _dots(known: list[tuple[float, str]], radius: float, height: int) -> tuple[Mark, ...]:
    stacked: Counter[int] = Counter()
    marks = []
    for value, name in known:
        n = bin_of(value)
        y = height - radius * (2 * stacked[n] + 1) - 2
        stacked[n] += 1
        x = _x((n + 0.5) / BINS)
        marks.append(Mark(x, round(y, 2), 0, 0, f"{name}: {wording.score(value)}"))
    return tuple(marks)


def _bars(counts: Counter[int], height: int) -> tuple[Mark, ...]:
    most = max(counts.values())
    marks = []
    for n in sorted(counts):
        left, right = _x(n / BINS) + 1, _x((n + 1) / BINS) - 1
        tall = round(counts[n] / most * (height - 10), 2)
        title = f"{_range(n)}: {wording.count(counts[n], 'sample')}"
        marks.append(Mark(left, height - tall, round(right - left, 2), tall, title))
    return tuple(marks)
