"""The audit as a file for other programs, or as Markdown for a wiki or a pull request."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..agreement import Agreement
from ..audit import Audit
from ..checklist import Checklist
from ..checks import LintResult
from ..errors import DatasetError, MissingExtraError
from ..failures import ComparisonFailures, DatasetFailures
from ..files import write_whole
from ..review.consistency import ReviewerConsistency
from .bundle import report_json
from .cells import Cell, Column
from .columns import MEAN_COLUMNS, class_columns, class_row
from .failure_tables import gain_table
from .summary import three_sentences

if TYPE_CHECKING:
    import pandas as pd


def write_table(
    audit: Audit,
    path: str | Path,
    *,
    form: str | None = None,
    failures: DatasetFailures | None = None,
    agreement: Agreement | None = None,
    checklist: Checklist | None = None,
    lint: LintResult | None = None,
    consistency: Sequence[ReviewerConsistency] = (),
) -> Path:
    """Write an audit in any form but the page.

    Parameters
    ----------
    audit : Audit
    path : str or pathlib.Path
    form : {"csv", "parquet", "json", "md"}, optional
        By default what the ending of the file says. ``csv`` and ``parquet``: one row per
        comparison, sample and class. ``json``: everything as ``audit --json`` prints it, with the
        parts below that are given. ``md``: the summary and the per-class tables, with the failures
        and the next step where they are given.
    failures, agreement, checklist, lint, consistency
        As for :func:`~.html.report_html`.

    Raises
    ------
    DatasetError
        ``unknown-table-format``, ``cannot-write``.
    MissingExtraError
        ``missing-extra`` for Parquet without pyarrow.
    """
    target = Path(path)
    chosen = form or target.suffix.lower().removeprefix(".")
    if chosen == "json":
        data = _json_bytes(
            report_json(
                audit,
                failures=failures,
                agreement=agreement,
                checklist=checklist,
                lint=lint,
                consistency=consistency,
            )
        )
    elif chosen == "md":
        data = summary_markdown(audit, failures, checklist).encode("utf-8", "replace")
    elif chosen == "csv":
        data = table_csv(audit)
    elif chosen == "parquet":
        data = table_parquet(audit)
    else:
        raise DatasetError(
            "unknown-table-format",
            f"cannot write a table as {target.suffix or 'a file without an ending'}; use one of "
            ".csv, .json, .md, .parquet.",
            file=target,
        )
    return write_whole(target, data)


def table_csv(audit: Audit) -> bytes:
    """One row per comparison, sample and class; empty where undefined."""
    text = audit.to_frame().to_csv(index=False, lineterminator="\n")
    return str(text).encode("utf-8", "replace")


def _json_bytes(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "replace")


def table_parquet(audit: Audit) -> bytes:
    """The rows of the CSV with their types."""
    return parquet_bytes(audit.to_frame())


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """A table as a Parquet file; :class:`MissingExtraError` without pyarrow."""
    try:
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "missing-extra",
            "writing Parquet needs pyarrow: pip install 'napari-mask-audit[parquet]'.",
        ) from error
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, engine="pyarrow")
    return buffer.getvalue()


def summary_markdown(
    audit: Audit,
    failures: DatasetFailures | None = None,
    checklist: Checklist | None = None,
) -> str:
    """Title, three sentences, means, classes, failures with advice, next step, problems."""
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
        for row in failures.comparisons if failures is not None else ():
            if (row.reference, row.candidate) == (comparison.reference, comparison.candidate):
                lines += _failure_lines(row)
    if checklist is not None:
        lines += ["", "## Next step", "", _inert(checklist.next_step)]
    if audit.problems:
        rows = [[Cell(p.code), Cell(p.sample or "–"), Cell(p.message)] for p in audit.problems]
        lines += ["", "## Problems", "", *_grid(["What", "Sample", "Message"], rows)]
    lines += ["", f"Made by napari-mask-audit {audit.version}.", ""]
    return "\n".join(lines)


def _failure_lines(row: ComparisonFailures) -> list[str]:
    """What the score would be without each kind of error, and what to improve."""
    table = gain_table(row, row.counterfactuals)
    headings = [heading.text for heading in table.headings]
    lines = ["", "### What each kind of error costs", ""]
    lines += _grid(headings, [list(cells) for cells in table.rows])
    lines += ["", _inert(f"Thresholds: {row.thresholds_text}.")]
    if row.advice:
        lines += ["", "### What to improve next", ""]
        lines += [f"{n}. {_inert(advice.text)}" for n, advice in enumerate(row.advice, 1)]
    return lines


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
