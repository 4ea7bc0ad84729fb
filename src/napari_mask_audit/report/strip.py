"""The named means on one axis, as shapes for an inline SVG, to see whether they agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..comparison import Means
from . import wording
from .cells import Cell

WIDTH: Final = 640
_LEFT: Final = 150
_RIGHT: Final = 20
_ROW: Final = 26
_KEYS: Final = ("pooled_class_mean", "sample_mean", "class_sample_mean", "worst_decile_mean")


@dataclass(frozen=True)
class StripRow:
    """One mean: its name, its place and that of its interval (None without one)."""

    name: str
    y: float
    x: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class Strip:
    """The chart.

    Attributes
    ----------
    width, height : int
        Size of the view box.
    rows : tuple of StripRow
        One per mean.
    ticks : tuple of (float, str)
        Position and text along the axis.
    description : str
        The same in words.
    """

    width: int
    height: int
    rows: tuple[StripRow, ...]
    ticks: tuple[tuple[float, str], ...]
    description: str


def strip_of(tiles: Sequence[tuple[str, Cell]], means: Means) -> Strip | None:
    """The named means as dots with their intervals; None when none is defined.

    Parameters
    ----------
    tiles : sequence of (str, Cell)
        Name and value of each mean, in the order of :class:`~..comparison.Means`.
    means : Means
        For the intervals.
    """
    rows = []
    for n, ((name, cell), key) in enumerate(zip(tiles, _KEYS, strict=True)):
        value = math.nan if cell.sort is None else cell.sort
        if math.isnan(value):
            continue
        found = means.intervals.get(key)
        known = found is not None and not math.isnan(found.low)
        low, high = (_x(found.low), _x(found.high)) if known and found else (None, None)
        rows.append(StripRow(name, _ROW * (n + 0.5), _x(value), low, high, wording.score(value, 2)))
    if not rows:
        return None
    words = ", ".join(f"{row.name} {row.text}" for row in rows)
    return Strip(
        WIDTH,
        _ROW * len(_KEYS),
        tuple(rows),
        tuple((_x(n / 5), f"{n / 5:.1f}") for n in range(6)),
        f"The four means on one axis: {words}.",
    )


def _x(value: float) -> float:
    return round(_LEFT + min(1.0, max(0.0, value)) * (WIDTH - _LEFT - _RIGHT), 1)
