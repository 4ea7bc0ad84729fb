"""The audit as a file for other programs, or as Markdown for a wiki or a pull request."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

from ..audit import Audit
from ..errors import DatasetError, MissingExtraError
from ..files import write_whole
from .cells import Cell, Column
from .columns import MEAN_COLUMNS, class_columns, class_row
from .summary import three_sentences


def write_table(audit: Audit, path: str | Path) -> Path:
    """Write the numbers of an audit; the ending of the file chooses the format.

    Parameters
    ----------
    audit : Audit
    path : str or pathlib.Path
        ``.csv`` and ``.parquet``: one row per comparison, sample and class. ``.json``: everything,
        as ``audit --json`` prints it. ``.md``: the summary and the per-class tables.

    Raises
    ------
    DatasetError
        ``unknown-table-format``, ``cannot-write``.
    MissingExtraError
        ``missing-extra`` for Parquet without pyarrow.
    """
    target = Path(path)
    make = _FORMATS.get(target.suffix.lower())
    if make is None:
        raise DatasetError(
            "unknown-table-format",
            f"cannot write a table as {target.suffix or 'a file without an ending'}; use one of "
            f"{', '.join(_FORMATS)}.",
            file=target,
        )
    return write_whole(target, make(audit))


def table_csv(audit: Audit) -> bytes:
    """One row per comparison, sample and class; empty where undefined."""
    text = audit.to_frame().to_csv(index=False, lineterminator="\n")
    return str(text).encode("utf-8", "replace")


def table_json(audit: Audit) -> bytes:
    """The whole audit; undefined values are null."""
    text = json.dumps(audit.to_dict(), indent=2, allow_nan=False, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "replace")


def table_parquet(audit: Audit) -> bytes:
    """The rows of the CSV with their types."""
    try:
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "missing-extra",
            "writing Parquet needs pyarrow: pip install 'napari-mask-audit[parquet]'.",
        ) from error
    buffer = io.BytesIO()
    audit.to_frame().to_parquet(buffer, index=False, engine="pyarrow")
    return buffer.getvalue()


def summary_markdown(audit: Audit) -> str:
    """Title, the three sentences, the means of every comparison, the classes, the problems."""
    lines = [f"# {_inert(str(audit.dataset.get('name', '')))}", ""]
    lines += [f"- {_inert(str(sentence))}" for sentence in three_sentences(audit)]
    means = [
        ({"who": f"{c.candidate} against {c.reference}"}, c.means.to_dict())
        for c in audit.comparisons
    ]
    rows = [[Cell(who["who"]), *(m.cell(row) for m in MEAN_COLUMNS)] for who, row in means]
    lines += ["", "## Means of IoU", "", *_grid(["Comparison", *_headings(MEAN_COLUMNS)], rows)]
    for comparison in audit.comparisons:
        dicts = [class_row(summary) for summary in comparison.classes]
        columns = class_columns(dicts)
        rows = [[Cell(row["name"]), *(c.cell(row) for c in columns)] for row in dicts]
        title = _inert(f"{comparison.candidate} against {comparison.reference}")
        lines += ["", f"## {title}", "", *_grid(["Class", *_headings(columns)], rows)]
    if audit.problems:
        rows = [[Cell(p.code), Cell(p.sample or "–"), Cell(p.message)] for p in audit.problems]
        lines += ["", "## Problems", "", *_grid(["What", "Sample", "Message"], rows)]
    lines += ["", f"Made by napari-mask-audit {audit.version}.", ""]
    return "\n".join(lines)


def _headings(columns: tuple[Column, ...] | list[Column]) -> list[str]:
    return [column.heading for column in columns]


def _grid(headings: list[str], rows: list[list[Cell]]) -> list[str]:
    aligned = ["---"] + ["---:" if row.sort is not None else "---" for row in (rows or [[]])[0][1:]]
    aligned += ["---"] * (len(headings) - len(aligned))
    body = [[_inert(str(cell)) for cell in row] for row in rows]
    return [f"| {' | '.join(line)} |" for line in (headings, aligned, *body)]


def _inert(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no new cell, no new line."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|<>~&])", r"\\\1", text)
    return " ".join(escaped.split())


_FORMATS: dict[str, Callable[[Audit], bytes]] = {
    ".csv": table_csv,
    ".json": table_json,
    ".md": lambda audit: summary_markdown(audit).encode("utf-8", "replace"),
    ".parquet": table_parquet,
}
