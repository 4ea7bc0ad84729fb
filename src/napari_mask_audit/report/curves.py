"""NSD over tolerances, as shapes for an inline SVG: how far apart outlines are.

With annotators, their band is behind the curve: a model inside the band draws outlines as well as
people do.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..agreement import Ceiling
from ..comparison import Comparison
from . import wording
from .cells import Cell, Heading, Table
from .wording import Name

WIDTH: Final = 320
HEIGHT: Final = 170
_LEFT: Final = 34
_RIGHT: Final = 10
#: Shown at least this far, and no further than where people agree almost fully.
_SHORTEST: Final = 4.0
_LONGEST: Final = 16.0
_ENOUGH: Final = 0.98
_TABLE_AT: Final = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)


@dataclass(frozen=True)
class Line:
    """One line: its points in SVG units, its style (0, 1, 2 …) and its name."""

    points: str
    style: int
    name: str


@dataclass(frozen=True)
class CurveChart:
    """The curve of one class.

    Attributes
    ----------
    title : str
        The class.
    band : str
        Points of the annotators' band; empty without one.
    lines : tuple of Line
        The annotators' mean (style 0) and every model.
    x_ticks, y_ticks : tuple of (float, str)
        Position and text.
    description : str
        The chart in words.
    sentences : tuple of str
        What it means.
    table : Table
        The numbers at a few tolerances.
    x_label : str
        Below the tolerances.
    """

    title: str
    band: str
    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    description: str
    sentences: tuple[str, ...]
    table: Table
    x_label: str = "tolerance"


def ceiling_chart(ceiling: Ceiling) -> CurveChart | None:
    """The annotators' band and every model on one class; None where nobody drew it."""
    curve = ceiling.curve
    mean = curve.annotators_mean
    if not mean or all(math.isnan(v) for v in mean):
        return None
    last = _last_shown(curve.tolerances, mean)
    x = list(curve.tolerances[: last + 1])
    reach = x[-1] or 1.0
    upper = _points(x, curve.annotators_high[: last + 1], reach)
    lower = _points(x, curve.annotators_low[: last + 1], reach)
    who = "annotators, mean" if upper != lower else "annotators with each other"
    lines = [Line(_joined(_points(x, mean[: last + 1], reach)), 0, who)]
    lines += [
        Line(_joined(_points(x, values[: last + 1], reach)), n, name)
        for n, (name, values) in enumerate(curve.models, 1)
    ]
    named = [(who, mean), *curve.models]
    return CurveChart(
        title=ceiling.class_name,
        band=_joined([*upper, *reversed(lower)]) if upper != lower else "",
        lines=tuple(lines),
        x_ticks=_x_ticks(reach),
        y_ticks=_y_ticks(),
        description=_words(ceiling.class_name, curve.tolerances, named),
        sentences=ceiling.sentences,
        table=_table(ceiling.class_name, curve.tolerances[: last + 1], named),
        x_label="tolerance in pixels",
    )


def audit_charts(comparison: Comparison, most: int = 12) -> tuple[CurveChart, ...]:
    """The curve of each class of a comparison, when several tolerances were measured."""
    charts = []
    for row in comparison.classes[:most]:
        curve = [(t, v) for t, v in row.pooled.nsd if not math.isnan(t) and not math.isnan(v)]
        if len(curve) < 2:
            continue
        x, values = [t for t, _ in curve], [v for _, v in curve]
        named = [(comparison.candidate, values)]
        charts.append(
            CurveChart(
                title=row.pooled.name,
                band="",
                lines=(Line(_joined(_points(x, values, x[-1])), 1, comparison.candidate),),
                x_ticks=_x_ticks(x[-1]),
                y_ticks=_y_ticks(),
                description=_words(row.pooled.name, x, named),
                sentences=(),
                table=_table(row.pooled.name, x, named, at=x),
            )
        )
    return tuple(charts)


def _last_shown(tolerances: Sequence[float], mean: Sequence[float]) -> int:
    for n, (tolerance, value) in enumerate(zip(tolerances, mean, strict=True)):
        if tolerance >= _LONGEST or (tolerance >= _SHORTEST and value >= _ENOUGH):
            return n
    return len(tolerances) - 1


def _points(x: Sequence[float], values: Sequence[float], reach: float) -> list[tuple[float, float]]:
    return [
        (_x(t, reach), _y(value))
        for t, value in zip(x, values, strict=False)
        if not math.isnan(value)
    ]


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _x(tolerance: float, reach: float) -> float:
    return round(_LEFT + tolerance / reach * (WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float) -> float:
    return round(HEIGHT * (1 - min(1.0, max(0.0, value))), 1)


def _x_ticks(reach: float) -> tuple[tuple[float, str], ...]:
    """Four or five round steps.

    Examples
    --------
    >>> [text for _, text in _x_ticks(8.0)]
    ['0', '2', '4', '6', '8']
    """
    step = next(
        (s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if reach / s <= 5),
        reach / 4,
    )
    return tuple(
        (_x(n * step, reach), f"{n * step:g}") for n in range(int(reach / step + 1e-9) + 1)
    )


def _y_ticks() -> tuple[tuple[float, str], ...]:
    return tuple((_y(v), f"{v:g}") for v in (0.0, 0.5, 1.0))


def _at(tolerances: Sequence[float], values: Sequence[float], wanted: float) -> float:
    """The value at the first tolerance that is not below the wanted one."""
    n = bisect_left(tolerances, wanted)
    return values[n] if n < min(len(tolerances), len(values)) else math.nan


def _words(
    name: str, tolerances: Sequence[float], named: Sequence[tuple[str, Sequence[float]]]
) -> str:
    points = [t for t in _TABLE_AT if tolerances[0] <= t <= tolerances[-1]][1:4] or tolerances[:3]
    parts = [
        f"{who}: "
        + ", ".join(f"{wording.score(_at(tolerances, values, t), 2)} at {t:g}" for t in points)
        for who, values in named
    ]
    return f"Share of the outline of {name} within a tolerance. {'; '.join(parts)}."


def _table(
    name: str,
    tolerances: Sequence[float],
    named: Sequence[tuple[str, Sequence[float]]],
    at: Sequence[float] = _TABLE_AT,
) -> Table:
    points = [t for t in at if tolerances[0] <= t <= tolerances[-1]]
    headings = (Heading("Tolerance"), *(Heading(Name(who), "", True) for who, _ in named))
    rows = tuple(
        (
            Cell(f"{t:g}"),
            *(
                Cell(wording.score(value), value)
                for value in (_at(tolerances, values, t) for _, values in named)
            ),
        )
        for t in points
    )
    return Table(Name(f"NSD of {name} by tolerance"), headings, rows)
