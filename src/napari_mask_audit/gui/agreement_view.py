"""The agreement matrix in plain values: which cell says what, in which colours. No Qt here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..agreement import Agreement, PairAgreement
from .shades import DIVERGING, SEQUENTIAL, Ramp, shade, text_color

MISSING_TEXT = "–"


@dataclass(frozen=True)
class Metric:
    """One way to fill the matrix.

    Attributes
    ----------
    key : str
        Attribute of :class:`PairAgreement`.
    words : str
        As the user chooses it.
    hint : str
        What it says.
    is_signed : bool
        Has a direction, and no better end.
    """

    key: str
    words: str
    hint: str
    is_signed: bool = False


METRICS = (
    Metric("iou", "IoU", "Intersection over union: mean over samples, 0 (worst) to 1"),
    Metric("dice", "Dice", "Dice coefficient: mean over samples, 0 (worst) to 1"),
    Metric("nsd", "NSD", "Share of the two outlines within the tolerance, 0 (worst) to 1"),
    Metric("boundary_iou", "Boundary IoU", "IoU of the bands along the outlines, 0 to 1"),
    Metric(
        "near_boundary_offset",
        "offset",
        "How far the source of the column draws outside (+) or inside (−) the source of the row, "
        "where they outline the same thing",
        is_signed=True,
    ),
    Metric(
        "kappa",
        "kappa",
        "Cohen's kappa over pixels. Last, because it depends on how much background surrounds the "
        "objects: a wider frame changes it while not one outline has moved",
    ),
)
_INSTANCE_F1 = Metric(
    "instance_f1", "F1 of objects", "Matched objects over all samples, 0 (worst) to 1"
)


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix.

    Attributes
    ----------
    first, second : str
        Sources of the row and of the column.
    value : float
        NaN where undefined, and on the diagonal.
    hint : str
        The numbers behind it, or why there is none; empty on the diagonal.
    """

    first: str
    second: str
    value: float
    hint: str

    @property
    def is_diagonal(self) -> bool:
        """Whether it compares a source with itself: nothing to show."""
        return self.first == self.second


@dataclass(frozen=True)
class Matrix:
    """Every source against every other, in one metric and class.

    Attributes
    ----------
    names : tuple of str
        The sources.
    metric : Metric
        What the numbers are.
    cells : tuple of tuple of Cell
        By row and column.
    low, high : float
        Ends of the shades.
    """

    names: tuple[str, ...]
    metric: Metric
    cells: tuple[tuple[Cell, ...], ...]
    low: float
    high: float

    @property
    def ramp(self) -> Ramp:
        """The colours, from low to high."""
        return DIVERGING if self.metric.is_signed else SEQUENTIAL

    def text(self, row: int, column: int) -> str:
        """The number in a cell, short: ``.77``, ``1``, ``+0.4``, or a dash."""
        cell = self.cells[row][column]
        if cell.is_diagonal:
            return ""
        return short_number(cell.value, is_signed=self.metric.is_signed)

    def shades(self, row: int, column: int) -> tuple[str, str] | None:
        """Background and text colour of a cell; None where there is no number."""
        value = self.cells[row][column].value
        if not math.isfinite(value):
            return None
        background = shade(value, self.low, self.high, self.ramp)
        return background, text_color(background)


def short_number(value: float, *, is_signed: bool = False) -> str:
    """A number for a narrow cell.

    Examples
    --------
    >>> short_number(0.773), short_number(1.0), short_number(-0.004, is_signed=True)
    ('.77', '1', '0.0')
    >>> short_number(float("nan")), short_number(-0.25), short_number(1.84, is_signed=True)
    ('–', '−.25', '+1.8')
    >>> short_number(-0.52, is_signed=True), short_number(20.04, is_signed=True)
    ('−.5', '+20.0')
    """
    if not math.isfinite(value):
        return MISSING_TEXT
    text = f"{value:+.1f}" if is_signed else f"{value:.2f}"
    if float(text) == 0:
        return "0.0" if is_signed else ".00"
    text = text.replace("-", "−")
    if abs(value) < 1:
        text = text.replace("0.", ".", 1)
    return "1" if text == "1.00" and not is_signed else text


def metrics_of(agreement: Agreement) -> tuple[Metric, ...]:
    """The metrics on offer; kappa is never the first."""
    if any(math.isfinite(row.instance_f1) for row in agreement.pairs):
        return (*METRICS[:1], _INSTANCE_F1, *METRICS[1:])
    return METRICS


def classes_in(agreement: Agreement) -> tuple[int, ...]:
    """The class ids that have a matrix of their own."""
    return tuple(sorted({row.class_id for row in agreement.pairs if row.class_id is not None}))


def matrix_of(agreement: Agreement, metric: Metric, class_id: int | None = None) -> Matrix:
    """The matrix in one metric, of one class or (None) of the mean over classes."""
    names = tuple(source["name"] for source in agreement.dataset["sources"])
    unit = str(agreement.dataset["unit"])
    known = {frozenset((r.first, r.second)): r for r in agreement.pairs if r.class_id == class_id}
    cells = tuple(
        tuple(_cell(a, b, known.get(frozenset((a, b))), metric, unit) for b in names) for a in names
    )
    values = [c.value for line in cells for c in line if math.isfinite(c.value)]
    low, high = _ends(values, is_signed=metric.is_signed)
    return Matrix(names, metric, cells, low, high)


def _ends(values: list[float], *, is_signed: bool) -> tuple[float, float]:
    """Where the shades begin and end: a tenth around the values; around 0 for a direction."""
    if is_signed:
        reach = max(1.0, *(abs(v) for v in values), 0.0)
        return -reach, reach
    low = math.floor(min(values, default=0.0) * 10) / 10
    high = math.ceil(max(values, default=1.0) * 10) / 10
    return (low, high) if low < high else (low - 0.1, high)


def _cell(row: str, column: str, pair: PairAgreement | None, metric: Metric, unit: str) -> Cell:
    if row == column:
        return Cell(row, column, math.nan, "")
    if pair is None:
        return Cell(
            row, column, math.nan, f"{row} and {column} share no sample: nothing to compare"
        )
    value = float(getattr(pair, metric.key))
    if metric.is_signed and pair.first != row:
        value = -value
    why = "" if math.isfinite(value) else f"{metric.words} is undefined: {_why(pair, metric)}"
    return Cell(row, column, value, "\n".join(_hint(row, column, pair, metric, value, why, unit)))


def _hint(
    row: str,
    column: str,
    pair: PairAgreement,
    metric: Metric,
    value: float,
    why: str,
    unit: str,
) -> list[str]:
    lines = [f"{row} and {column}"]
    if why:
        return [*lines, why]
    if metric.is_signed:
        side = "outside" if value > 0 else "inside"
        lines.append(f"{column} draws {abs(value):.2f} {unit} {side} {row}")
    else:
        at = f" at {pair.tolerance:g} {unit}" if metric.key == "nsd" else ""
        lines.append(f"{metric.words} {value:.3f}{at}")
    if metric.key == "iou" and pair.iou_interval.method in ("bca", "percentile"):
        interval = pair.iou_interval
        lines.append(f"{interval.level:.0%} interval {interval.low:.3f} to {interval.high:.3f}")
    lines.append(f"over {pair.defined_samples} of the {pair.samples} samples both have")
    if pair.worst_sample:
        lines.append(f"lowest IoU: {pair.worst_sample}")
    lines.append("Click: queue by this pair, and outline both")
    return lines


def _why(pair: PairAgreement, metric: Metric) -> str:
    if pair.defined_samples == 0:
        return f"neither has the class in any of the {pair.samples} samples both have"
    if metric.is_signed:
        return "there is no sample in which both have the class"
    if metric.key == "kappa":
        return "one of the two gives the same label everywhere"
    return "it does not apply here"
