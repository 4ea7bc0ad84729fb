"""The audit as a file for other programs, or as Markdown for a wiki or a pull request."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

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


def write_other(
    audit: Audit,
    path: str | Path,
    form: str,
    *,
    failures: DatasetFailures | None = None,
    agreement: Agreement | None = None,
    checklist: Checklist | None = None,
    lint: LintResult | None = None,
    consistency: Sequence[ReviewerConsistency] = (),
) -> Path:
    """Write the report in another form than a page.

    Parameters
    ----------
    audit : Audit
    path : str or pathlib.Path
    form : {"md", "json", "csv", "parquet"}
        ``json`` holds everything that the page says but the verdicts (``export`` writes those),
        ``md`` the summary with the failures, the tables one row per comparison, sample and class.
    failures, agreement, checklist, lint, consistency
        As for :func:`~.html.report_html`.

    Raises
    ------
    DatasetError
        ``cannot-write``.
    MissingExtraError
        ``missing-extra`` for Parquet without pyarrow.
    """
    if form == "json":
        content = report_json(
            audit,
            failures=failures,
            agreement=agreement,
            checklist=checklist,
            lint=lint,
            consistency=consistency,
        )
        return write_whole(path, _json_bytes(content))
    if form == "md":
        text = summary_markdown(audit, failures, checklist)
        return write_whole(path, text.encode("utf-8", "replace"))
    return write_whole(path, _FORMATS[f".{form}"](audit))


def table_csv(audit: Audit) -> bytes:
    """One row per comparison, sample and class; empty where undefined."""
    text = audit.to_frame().to_csv(index=False, lineterminator="\n")
    return str(text).encode("utf-8", "replace")


def table_json(audit: Audit) -> bytes:
    """The whole audit; undefined values are null."""
    return _json_bytes(audit.to_dict())


def _json_bytes(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
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
    lines += ["", _inert(f"Thresholds: {row.thresholds.describe()}.")]
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


_FORMATS: dict[str, Callable[[Audit], bytes]] = {
    ".csv": table_csv,
    ".json": table_json,
    ".md": lambda audit: summary_markdown(audit).encode("utf-8", "replace"),
    ".parquet": table_parquet,
}
