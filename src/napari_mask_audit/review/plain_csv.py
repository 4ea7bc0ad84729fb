"""Tables for other programs as CSV text that is safe to open.

A cell that a spreadsheet would take for a formula (it begins with ``=``, ``+``, ``-``, ``@``, a tab
or a line break) gets an apostrophe in front: a comment must not run code on the machine of whoever
opens the table (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """A header and a line per row; None is an empty cell.

    Examples
    --------
    >>> csv_text(("a", "b"), [{"a": "=1+1", "b": None}, {"a": 5, "b": "x"}]).splitlines()
    ['a,b', "'=1+1,", '5,x']
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[column]) for column in columns])
    return out.getvalue()


def _harmless(cell: object) -> object:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return "'" + cell
    return cell
