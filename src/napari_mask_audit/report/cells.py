"""Tables as values: what a cell says, how it sorts, and what stands beside it.

Every table of the report is a :class:`Table`; one template macro shows them all, and the
Markdown summary prints the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import wording
from .wording import Name


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar.

    Attributes
    ----------
    kind : str
        Which pattern fills it; see ``kinds`` in ``macros.html``.
    start, length : float
        Where it begins and how long it is, as shares of the whole bar.
    """

    kind: str
    start: float
    length: float


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes
    ----------
    text : str
        What is shown; a :class:`~.wording.Name` when it comes from the dataset.
    sort : float or None
        The number to sort by; None sorts by text, NaN always comes last.
    bar : float or None
        Length of a bar beside the number, 0 to 1.
    color : str
        ``#RRGGBB`` of a swatch before the text.
    href : str
        Id on the page this leads to.
    chips : tuple of str
        Tags shown after the text.
    note : str
        Small print after the text.
    heat : int or None
        Depth of the background in percent, 0 to 100, in steps of 5; for matrices.
    stack : tuple of Segment
        A stacked bar in place of the text. The numbers stand in other cells of the row.
    """

    text: str
    sort: float | None = None
    bar: float | None = None
    color: str = ""
    href: str = ""
    chips: tuple[str, ...] = ()
    note: str = ""
    heat: int | None = None
    stack: tuple[Segment, ...] = ()

    @property
    def sort_key(self) -> str:
        """The number to sort by as text for the page: empty when undefined."""
        if self.sort is None or math.isnan(self.sort):
            return ""
        return repr(round(self.sort, 9))

    def __str__(self) -> str:
        return " ".join(filter(None, [self.text, self.note, ", ".join(self.chips)]))


@dataclass(frozen=True)
class Heading:
    """A column heading, its explanation, whether its cells are numbers, or drawn and unsortable."""

    text: str
    help: str = ""
    numeric: bool = False
    drawn: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption.

    Attributes
    ----------
    caption : str
        Says what the rows are; read aloud by screen readers.
    headings : tuple of Heading
        One per column.
    rows : tuple of tuple of Cell
        The first cell of a row is its heading.
    anchors : tuple of str
        Id of each row on the page; empty for none.
    """

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """How values of one kind are shown."""

    show: Callable[[float | None], str]
    bar: bool = False


SCORE = Form(wording.score, bar=True)
PLAIN_SCORE = Form(wording.score)
COUNT = Form(wording.whole)
DISTANCE = Form(lambda value: wording.score(value, 2))
SIGNED = Form(wording.signed)
SIGNED_SHARE = Form(wording.signed_percent)


@dataclass(frozen=True)
class Column:
    """A numeric column read from a row's ``to_dict()``.

    Attributes
    ----------
    key : str
        Key in that dictionary; a column whose key no row has a value for is left out. An interval
        under the same key in the row's ``intervals`` is shown below the number.
    heading : str
        Short heading.
    help : str
        One line that explains it.
    form : Form
        How it is shown.
    group : str
        Table it belongs to, where there are several.
    """

    key: str
    heading: str
    help: str
    form: Form = SCORE
    group: str = ""

    def cell(self, row: Mapping[str, Any]) -> Cell:
        """The cell of a row."""
        value = row.get(self.key)
        number = math.nan if value is None else float(value)
        bar = min(1.0, max(0.0, number)) if self.form.bar and value is not None else None
        return Cell(self.form.show(value), number, bar, note=self._interval(row))

    def _interval(self, row: Mapping[str, Any]) -> str:
        found = row.get("intervals", {}).get(self.key) or {}
        if found.get("low") is None or found.get("high") is None:
            return ""
        return f"{self.form.show(found['low'])} to {self.form.show(found['high'])}"


def filled_columns(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns for which at least one row has a value."""
    return [c for c in columns if any(row.get(c.key) is not None for row in rows)]


def stacked(parts: Sequence[tuple[str, float]]) -> tuple[Segment, ...]:
    """Segments one after the other; empty ones are left out.

    Examples
    --------
    >>> stacked([("right", 0.75), ("boundary", 0.0), ("other", 0.25)])
    (Segment(kind='right', start=0, length=0.75), Segment(kind='other', start=0.75, length=0.25))
    """
    found: list[Segment] = []
    start: float = 0
    for kind, length in parts:
        if length > 0:
            found.append(Segment(kind, start, length))
            start += length
    return tuple(found)


def heat_of(value: float) -> int | None:
    """Depth of a cell's background for a share of 0 to 1; None where it is undefined.

    Examples
    --------
    >>> heat_of(0.0), heat_of(0.52), heat_of(float("nan"))
    (0, 50, None)
    """
    return None if math.isnan(value) else 5 * round(20 * min(1.0, max(0.0, value)))


def name_cell(text: str, *, href: str = "", color: str = "", note: str = "") -> Cell:
    """A cell with a name from the dataset."""
    return Cell(Name(text), href=href, color=color, note=note)
