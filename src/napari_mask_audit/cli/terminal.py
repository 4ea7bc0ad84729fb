"""What the commands print: tables, notes, problems, progress."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..audit import Audit
from ..comparison import Comparison
from ..errors import DatasetError, Problem
from ..files import write_whole
from ..metrics.instance import InstanceScores
from ..metrics.resampling import Interval
from ..scores import ClassScores
from ..status import Status

_SHOWN_PROBLEMS = 12
_SHOWN_SAMPLES = 10
_SHOWN_PLACES = 3
_SHOWN_CONFUSIONS = 3

if TYPE_CHECKING:
    pass


def consoles(*, quiet: bool = False) -> tuple[Console, Console]:
    """Console for results and console for everything said beside them."""
    return Console(quiet=quiet, highlight=False), Console(stderr=True, highlight=False)


def fail_empty(samples: int) -> NoReturn:
    """End with an error: there were samples, and not one could be compared."""
    raise DatasetError(
        "nothing-compared",
        f"of {samples} sample{'s' if samples != 1 else ''} not one could be compared; the reasons "
        "are listed above.",
    )


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


def printable(text: str) -> str:
    r"""Text of a file's name that stays on one line and tells the terminal nothing.

    Examples
    --------
    >>> printable("a\nb"), printable("dépôt")
    ('a\\nb', 'dépôt')
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def write_json(content: dict[str, Any], target: str) -> None:
    """Write JSON to a file (whole or not at all), or to standard output for ``-``."""
    text = json.dumps(content, indent=2, allow_nan=False)
    if target == "-":
        sys.stdout.write(text + "\n")
        return
    write_whole(target, f"{text}\n".encode())


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
        task = bar.add_task(title, total=total or None)
        yield lambda done, all_of, _name: bar.update(task, completed=done, total=all_of)


_STATUS_WORDS = {
    Status.OK: "",
    Status.CANDIDATE_EMPTY: "missed everywhere",
    Status.REFERENCE_EMPTY: "not in the reference",
    Status.BOTH_EMPTY: "in neither",
    Status.ALL_IGNORED: "all pixels ignored",
    Status.NOT_APPLICABLE: "not applicable",
}


def plain_table(title: str) -> Table:
    """A table with little ink."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )


def class_table(comparison: Comparison, title: str) -> Table:
    """One line per class: overlap with its interval, then the boundary."""
    table = plain_table(title)
    table.add_column("class", overflow="fold")
    first = comparison.classes[0].pooled.nsd[0][0] if comparison.classes else 0.0
    nsd = "NSD@1px" if math.isnan(first) else f"NSD@{first:.3g}"
    headings = ("IoU", "95 %", "Dice", "B-IoU", nsd, "HD95", "offset", "1-px")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for row in comparison.classes:
        pooled, means = row.pooled, row.sample_means
        table.add_row(
            escape(pooled.name if pooled.name == str(pooled.id) else f"{pooled.id} {pooled.name}"),
            number(pooled.iou),
            interval_text(row.pooled_intervals["iou"]),
            number(pooled.region.dice),
            number(pooled.band.boundary_iou) + ("*" if pooled.band.band_swallows_object else ""),
            number(pooled.nsd[0][1]),
            number(means["hd95"].value, 1),
            signed(means["boundary_offset"].value),
            number(means["size_sensitivity"].value, 2),
            _STATUS_WORDS[pooled.status],
        )
    return table


def interval_text(interval: Interval) -> str:
    """The ends of an interval; empty where there is none."""
    if math.isnan(interval.low):
        return ""
    return f"{interval.low:.2f}–{interval.high:.2f}"


def signed(value: float) -> str:
    """A signed length; a dash where it is undefined."""
    return "–" if math.isnan(value) else f"{value:+.2f}"


def _label(row: ClassScores) -> str:
    return row.name if row.name == str(row.id) else f"{row.id} {row.name}"


def show_comparison(out: Console, audit: Audit, comparison: Comparison) -> None:
    """Per-class table, the named means, and the worst samples."""
    title = (
        f"{escape(comparison.candidate)} against {escape(comparison.reference)}, "
        f"{len(comparison.samples)} sample{'s' if len(comparison.samples) != 1 else ''}"
    )
    out.print(class_table(comparison, title))
    out.print(_legend(audit, comparison), style="dim")
    out.print()
    means = comparison.means
    for key, words in _MEANS:
        interval = means.intervals.get(key)
        sure = "" if interval is None else interval_text(interval)
        out.print(f"  {number(getattr(means, key))}  [dim]{sure:11s}[/] mean IoU, {words}")
    confused = _confused(comparison)
    if confused:
        out.print(f"  most confused: {confused}")
    if means.undefined_samples:
        out.print(f"  {means.undefined_samples} samples have no mean: no class occurs in them")
    if comparison.instances is not None:
        _show_objects(out, comparison.instances)
    if len(comparison.samples) > 1:
        out.print(_worst_table(comparison))


_MEANS = (
    ("pooled_class_mean", "pixels pooled over samples, then mean over classes"),
    ("sample_mean", "mean over samples"),
    ("class_sample_mean", "mean over samples per class, then mean over classes"),
    ("worst_decile_mean", "mean over the worst tenth of the samples"),
)


def _legend(audit: Audit, comparison: Comparison) -> str:
    """What the columns are, with the settings behind them."""
    settings = audit.settings
    unit = audit.unit
    lines = [
        (
            "IoU, Dice, B-IoU (Boundary IoU), NSD pooled over samples; HD95, offset, 1-px: mean "
            f"over samples. Distances in {unit}, convention {settings.convention}."
        ),
        "offset: + drawn outside the reference. 1-px: IoU lost by a one-pixel shift alone.",
    ]
    if not settings.tolerances:
        lines.append("NSD tolerance: one pixel, because none was chosen (--tolerance).")
    if any(row.pooled.band.band_swallows_object for row in comparison.classes):
        lines.append("* the band covers a whole region: Boundary IoU says little more than IoU.")
    missed = [
        f"{escape(row.pooled.name)} in {row.sample_means['hd95'].n_infinite}"
        for row in comparison.classes
        if row.sample_means["hd95"].n_infinite
    ]
    if missed:
        lines.append(
            "∞: the class is missed or invented as a whole in some samples: " + ", ".join(missed)
        )
    return "\n".join(lines)


def _confused(comparison: Comparison) -> str:
    """Which classes are called which most often, in words; empty where ids are objects."""
    if comparison.instances is not None:
        return ""
    names = {row.pooled.id: escape(row.pooled.name) for row in comparison.classes}
    kinds = [
        f"{names[cell.reference_id]} called {names[cell.candidate_id]} "
        f"{cell.pixels} px ({cell.share:.1%} of {names[cell.reference_id]})"
        for cell in comparison.confusion.most_confused()
        if cell.reference_id in names and cell.candidate_id in names
    ]
    return "; ".join(kinds[:_SHOWN_CONFUSIONS])


def _show_objects(out: Console, scores: InstanceScores) -> None:
    out.print(
        f"  objects: {scores.n_reference} in the reference, {scores.n_candidate} in the candidate,"
        f" {scores.tp} matched at IoU {'>' if scores.rule == 'gt' else '≥'} {scores.threshold:g};"
        f" F1 {number(scores.f1)}, PQ {number(scores.pq)}, SEG {number(scores.seg)},"
        f" {scores.splits} split, {scores.merges} merged"
    )


def _worst_table(comparison: Comparison) -> Table:
    table = plain_table("worst samples first")
    table.add_column("sample", overflow="fold")
    table.add_column(comparison.score_name, justify="right")
    table.add_column("worst class", overflow="fold")
    for sample in comparison.worst_first()[:_SHOWN_SAMPLES]:
        low = sample.worst_class
        table.add_row(
            escape(sample.sample or ""),
            number(sample.score),
            "" if low is None else f"{escape(_label(low))} {number(low.iou)}",
        )
    return table


def show_overview(out: Console, audit: Audit) -> None:
    """One line per comparison, for datasets with many sources."""
    table = plain_table("mean IoU of every comparison")
    for heading in ("reference", "candidate"):
        table.add_column(heading, overflow="fold")
    for heading in ("samples", "pooled", "per sample", "worst tenth"):
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
    err.print(f"[yellow]{len(problems)} problem{'s' if len(problems) > 1 else ''}:[/] {kinds}")
    grouped: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        where = problem.file or problem.sample or ""
        grouped.setdefault((problem.code, problem.message), []).append(where)
    for (code, message), places in list(grouped.items())[:_SHOWN_PROBLEMS]:
        shown = [escape(place) for place in places[:_SHOWN_PLACES] if place]
        if len(places) > _SHOWN_PLACES:
            shown.append(f"… {len(places) - _SHOWN_PLACES} more")
        err.print(f"  [bold]{code}[/] {escape(message)}")
        for place in shown:
            err.print(f"    [dim]{place}[/]", soft_wrap=True)
    if len(grouped) > _SHOWN_PROBLEMS:
        more = len(grouped) - _SHOWN_PROBLEMS
        err.print(f"  … and {more} more kind{'s' if more > 1 else ''}: see --json")
