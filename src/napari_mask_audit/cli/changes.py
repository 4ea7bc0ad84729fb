"""``diff``: what got better or worse between two audits."""

from __future__ import annotations

import json as json_module
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from ..dataset import Dataset
from ..errors import DatasetError
from ..metrics.resampling import Interval
from . import terminal
from .options import JsonOption, run_audit

if TYPE_CHECKING:
    from ..difference import Change, Difference

_SHOWN_SAMPLES = 8
_STYLES = {"better": "bold", "worse": "bold"}
_TITLES = {
    "pooled_class_mean": ("mean over classes (pooled)", "iou"),
    "sample_mean": ("mean over samples", "iou"),
    "sample_mean_pq": ("mean over samples", "pq"),
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command(name="diff")(diff_command)


def diff_command(
    old: Annotated[
        Path, typer.Argument(metavar="OLD", help="An audit as JSON, or a dataset to audit.")
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help="An audit as JSON, or a dataset to audit.")
    ],
    json: JsonOption = None,
    reference: Annotated[
        str | None, typer.Option(help="The reference, where there are several.")
    ] = None,
    candidate: Annotated[
        str | None, typer.Option(help="The candidate in NEW; in OLD too, unless --old-candidate.")
    ] = None,
    old_candidate: Annotated[
        str | None, typer.Option("--old-candidate", help="The candidate in OLD.")
    ] = None,
    least_change: Annotated[
        float, typer.Option("--least-change", help="List samples that changed by this much.")
    ] = 0.02,
    fail_on_worse: Annotated[
        bool,
        typer.Option("--fail-on-worse", help="End with exit code 3 if a score is worse."),
    ] = False,
) -> None:
    """What got better or worse beyond noise: samples and classes of two audits, in pairs.

    Example: mask-audit diff old.json new.json · two models of one dataset:
    mask-audit diff data data --old-candidate model_v1 --candidate model_v2
    """
    before, after = _read(old), _read(new)
    from ..difference import difference

    result = difference(
        before,
        after,
        reference=reference,
        candidate=candidate,
        old_candidate=old_candidate,
        least_change=least_change,
    )
    out, err = terminal.consoles(quiet=json == "-")
    terminal.show_notes(err, result.notes)
    _show(out, result)
    if json is not None:
        terminal.write_json(result.to_dict(), json)
    if fail_on_worse and result.is_worse:
        err.print("a score is worse beyond noise", style="bold")
        raise typer.Exit(3)


def _read(path: Path) -> dict[str, Any]:
    """The JSON of an audit; a dataset is audited first."""
    if path.is_dir() or path.suffix == ".toml":
        opened = Dataset.open(path)
        return run_audit(opened, opened.settings).to_dict()
    try:
        content: dict[str, Any] = json_module.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(
            "not-an-audit",
            f"cannot be read as the JSON of an audit: {error}. Write one with: mask-audit audit "
            "DATASET --json FILE.",
            file=path,
        ) from error
    return content


def _show(out: Console, result: Difference) -> None:
    (old_reference, old_name), (new_reference, new_name) = result.old, result.new
    out.print(
        f"[bold]{escape(new_name)}[/] against {escape(new_reference)} compared with "
        f"[bold]{escape(old_name)}[/] against {escape(old_reference)}, "
        f"{len(result.samples)} samples in both"
    )
    for names, which in ((result.only_old, "OLD"), (result.only_new, "NEW")):
        if names:
            out.print(f"only in {which}: {escape(', '.join(names[:5]))}", style="dim")
    table = terminal.plain_table("Classes and means")
    table.add_column("", overflow="fold")
    table.add_column("score")
    for heading in ("old", "new", "change", "95 %"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for name, change in result.overall.items():
        table.add_row(*_TITLES[name], *_cells(change))
    for row in result.classes:
        for score, change in row.changes.items():
            table.add_row(escape(row.name), score.replace("_", " "), *_cells(change))
    out.print(table)
    _show_samples(out, result)


def _cells(change: Change) -> tuple[str, str, str, str, str]:
    verdict = change.verdict
    style = _STYLES.get(verdict, "dim")
    return (
        terminal.number(change.old),
        terminal.number(change.new),
        terminal.signed(change.difference.value),
        _range(change.difference),
        f"[{style}]{verdict.value}[/]",
    )


def _range(interval: Interval) -> str:
    return "" if math.isnan(interval.low) else f"{interval.low:+.3f} … {interval.high:+.3f}"


def _show_samples(out: Console, result: Difference) -> None:
    from ..difference import Verdict

    for verdict, title in ((Verdict.WORSE, "Worse"), (Verdict.BETTER, "Better")):
        rows = [row for row in result.samples if row.verdict is verdict]
        if not rows:
            continue
        rows = rows if verdict is Verdict.WORSE else rows[::-1]
        table = terminal.plain_table(f"{title}: {len(rows)} samples, {result.score_name}")
        table.add_column("sample", overflow="fold")
        for heading in ("old", "new", "change"):
            table.add_column(heading, justify="right")
        table.add_column("")
        for row in rows[:_SHOWN_SAMPLES]:
            values = (terminal.number(v) for v in (row.old, row.new))
            remark = "a boundary one pixel off could make this" if row.within_one_pixel else ""
            change = terminal.signed(row.new - row.old)
            table.add_row(escape(row.sample), *values, change, f"[dim]{remark}[/]")
        out.print(table)
    unclear = sum(row.verdict is Verdict.UNCLEAR for row in result.samples)
    if unclear:
        out.print(
            f"{unclear} more samples changed by less than {result.least_change:g}", style="dim"
        )
