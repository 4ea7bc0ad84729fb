"""What the commands print: tables, notes, problems, progress."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..audit import Audit
from ..comparison import Comparison
from ..errors import DatasetError, Problem
from ..scores import ClassScores

_SHOWN_PROBLEMS = 12
_SHOWN_SAMPLES = 10


def consoles(*, quiet: bool = False) -> tuple[Console, Console]:
    """Console for results and console for everything said beside them."""
    return Console(quiet=quiet, highlight=False), Console(stderr=True, highlight=False)


def number(value: float | None, digits: int = 3) -> str:
    """A score as text; a dash where it is undefined.

    Examples
    --------
    >>> number(0.81234), number(float("nan")), number(float("inf"))
    ('0.812', '–', '∞')
    """
    if value is None or math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else f"{value:.{digits}f}"


def write_json(content: dict[str, Any], target: str) -> None:
    """Write JSON to a file (whole or not at all), or to standard output for ``-``."""
    text = json.dumps(content, indent=2, allow_nan=False)
    if target == "-":
        sys.stdout.write(text + "\n")
        return
    path = Path(target)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            file.write(text + "\n")
        Path(file.name).replace(path)
    except OSError as error:
        raise DatasetError(
            "cannot-write", f"the file cannot be written ({error}).", file=path
        ) from error


@contextmanager
def progress_bar(total: int, title: str) -> Iterator[Any]:
    """A bar on standard error; the value is a callable (done, total, name)."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done, _total, _name: bar.update(task, completed=done)


def class_table(rows: Sequence[ClassScores], title: str) -> Table:
    """One line per class."""
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("class")
    for heading in ("IoU", "Dice", "Boundary IoU", "reference px", "candidate px"):
        table.add_column(heading, justify="right")
    table.add_column("status")
    for row in rows:
        table.add_row(
            escape(_label(row)),
            number(row.iou),
            number(row.region.dice),
            number(row.band.boundary_iou) + (" *" if row.band.band_swallows_object else ""),
            f"{row.region.reference_pixels:,}",
            f"{row.region.candidate_pixels:,}",
            row.status.value.replace("_", " "),
        )
    if any(row.band.band_swallows_object for row in rows):
        table.caption = (
            "* the band covers a whole region: Boundary IoU says little more than IoU there"
        )
    return table


def _label(row: ClassScores) -> str:
    return row.name if row.name == str(row.id) else f"{row.id} {row.name}"


def show_comparison(out: Console, comparison: Comparison) -> None:
    """Per-class table, the named means, and the worst samples."""
    title = f"{escape(comparison.candidate)} against {escape(comparison.reference)}"
    rows = [summary.pooled for summary in comparison.classes]
    out.print(class_table(rows, f"{title}: pooled over {len(comparison.samples)} samples"))
    means = comparison.means
    out.print(
        f"mean IoU  [bold]{number(means.pooled_class_mean)}[/] pooled per class"
        f" · {number(means.sample_mean)} mean over samples"
        f" · {number(means.class_sample_mean)} mean over classes and samples"
        f" · {number(means.worst_decile_mean)} worst decile of samples"
    )
    if means.undefined_samples:
        out.print(f"{means.undefined_samples} samples have no mean: no class occurs in them")
    worst = comparison.worst_first()[:_SHOWN_SAMPLES]
    if len(comparison.samples) > 1:
        table = Table(title="worst samples first", title_justify="left", header_style="bold")
        table.add_column("sample")
        table.add_column("mean IoU", justify="right")
        table.add_column("worst class")
        for sample in worst:
            low = sample.worst_class
            table.add_row(
                escape(sample.sample or ""),
                number(sample.mean_iou),
                "" if low is None else f"{escape(_label(low))} {number(low.iou)}",
            )
        out.print(table)


def show_overview(out: Console, audit: Audit) -> None:
    """One line per comparison, for datasets with many sources."""
    table = Table(title="comparisons", title_justify="left", header_style="bold")
    for heading in ("reference", "candidate"):
        table.add_column(heading)
    for heading in ("samples", "mean IoU pooled", "sample mean", "worst decile"):
        table.add_column(heading, justify="right")
    for comparison in audit.comparisons:
        table.add_row(
            escape(comparison.reference),
            escape(comparison.candidate),
            str(len(comparison.samples)),
            number(comparison.mean_iou),
            number(comparison.means.sample_mean),
            number(comparison.means.worst_decile_mean),
        )
    out.print(table)


def show_notes(err: Console, notes: Sequence[str]) -> None:
    """What was inferred, said aloud."""
    for note in notes:
        err.print(f"[dim]note: {escape(note)}[/]")


def show_problems(err: Console, problems: Sequence[Problem]) -> None:
    """What could not be used: counts by kind, then the first few in full."""
    if not problems:
        return
    counts = Counter(problem.code for problem in problems)
    kinds = ", ".join(f"{count} {code}" for code, count in counts.most_common())
    err.print(f"[yellow]{len(problems)} problems:[/] {kinds}")
    for problem in problems[:_SHOWN_PROBLEMS]:
        where = problem.file or problem.sample or ""
        code = escape(f"[{problem.code}]")
        err.print(f"  {escape(where)}: {escape(problem.message)} [dim]{code}[/]")
    if len(problems) > _SHOWN_PROBLEMS:
        err.print(f"  … and {len(problems) - _SHOWN_PROBLEMS} more: see --json")
