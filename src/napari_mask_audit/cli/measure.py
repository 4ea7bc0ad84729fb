"""``compare`` and ``audit``: masks in, numbers out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..audit import SCHEMA_VERSION, Audit
from ..dataset import Dataset, open_pair
from ..errors import DatasetError, Problem
from ..limits import LimitCheck, check_limits, parse_limits
from . import machine, terminal
from .options import (
    BandOption,
    ConfusionOption,
    ConventionOption,
    DatasetArg,
    FailuresOption,
    JsonOption,
    TableOption,
    ToleranceOption,
    WithBackgroundOption,
    WorkersOption,
    run_audit,
    run_explained_audit,
    settings_from,
)

if TYPE_CHECKING:
    from ..failures import DatasetFailures


class AuditFormat(StrEnum):
    """What ``audit`` prints on standard output."""

    TEXT = "text"
    GITHUB = "github"
    JUNIT = "junit"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(name="compare")(compare_command)
    app.command(name="audit")(audit_command)


def compare_command(
    first: Annotated[Path, typer.Argument(metavar="A", help="The reference: a mask or a folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The candidate: a mask or a folder.")],
    json: JsonOption = None,
    table: TableOption = None,
    confusion: ConfusionOption = None,
    ignore: Annotated[
        list[int] | None, typer.Option(help="Leave out pixels where A has this id. Repeatable.")
    ] = None,
    background: Annotated[
        int | None, typer.Option(help="This id is background: it gets no row.")
    ] = None,
    include_background: WithBackgroundOption = False,
    tolerance: ToleranceOption = None,
    convention: ConventionOption = None,
    band_px: BandOption = None,
) -> None:
    """Compare two masks, or two folders of masks paired by name.

    Example: mask-audit compare masks/gt masks/model --ignore 255
    """
    dataset = open_pair(first, second)
    changes: dict[str, Any] = {"ignore_ids": frozenset(ignore or ())}
    if background is not None:
        changes["background_id"] = background
    dataset = dataclasses.replace(dataset, **changes)
    settings = settings_from(dataset, tolerance, convention, band_px, include_background)
    result = run_audit(dataset, settings)
    if not result.comparisons:
        _nothing_compared(result.problems)
    show(result, json=_compare_json(result, single=first.is_file()) if json else None, target=json)
    _write_tables(result, table, confusion)


def audit_command(
    dataset: DatasetArg,
    json: JsonOption = None,
    table: TableOption = None,
    confusion: ConfusionOption = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="Only comparisons with this reference. Repeatable.")
    ] = None,
    candidate: Annotated[
        list[str] | None, typer.Option(help="Only comparisons of this candidate. Repeatable.")
    ] = None,
    include_background: WithBackgroundOption = False,
    tolerance: ToleranceOption = None,
    convention: ConventionOption = None,
    band_px: BandOption = None,
    thresholds: FailuresOption = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Scores only: do not explain the failures.")
    ] = False,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under",
            metavar="LIMITS",
            help="End with exit code 3 unless every comparison reaches these: "
            "iou=0.8,nsd=0.9,class=road:0.7. Repeatable.",
        ),
    ] = None,
    output_format: Annotated[
        AuditFormat,
        typer.Option("--format", help="What to print: for people, or for other programs."),
    ] = AuditFormat.TEXT,
    workers: WorkersOption = None,
) -> None:
    """Measure a dataset: every source against its reference, worst samples first.

    Example: mask-audit audit my_dataset --json audit.json --fail-under iou=0.8
    """
    if json == "-" and output_format is not AuditFormat.TEXT:
        raise typer.BadParameter("--json - and --format both want standard output; name a file.")
    opened = Dataset.open(dataset)
    limits = parse_limits(",".join(fail_under)) if fail_under is not None else ()
    settings = settings_from(opened, tolerance, convention, band_px, include_background, thresholds)
    pairs = _chosen_pairs(opened, reference, candidate)
    brief = output_format is not AuditFormat.TEXT
    explained = not quick and (json is not None or not brief)
    result, failures = (
        run_explained_audit(opened, settings, pairs=pairs, workers=workers)
        if explained
        else (run_audit(opened, settings, pairs=pairs, workers=workers), None)
    )
    checks = check_limits(result, limits) if limits else ()
    content = None if json is None else _audit_json(result, failures, checks)
    show(result, json=content, target=json, failures=failures, quiet=brief)
    _write_tables(result, table, confusion)
    if output_format is AuditFormat.GITHUB:
        typer.echo("\n".join(machine.github_lines(result, checks)))
    elif output_format is AuditFormat.JUNIT:
        typer.echo(machine.junit_xml(result, checks))
    _end_by(checks)
    if pairs and not any(comparison.samples for comparison in result.comparisons):
        terminal.fail_empty(len(opened.samples))


def _audit_json(
    result: Audit, failures: DatasetFailures | None, checks: Sequence[LimitCheck]
) -> dict[str, Any]:
    from ..report.bundle import audit_json

    content = audit_json(result, failures)
    if checks:
        content["limits"] = [check.to_dict() for check in checks]
    return content


def _end_by(checks: Sequence[LimitCheck]) -> None:
    """Say which limits are not met, and end with the exit code for it."""
    missed = [check for check in checks if not check.met]
    err = terminal.consoles()[1]
    for check in missed:
        err.print(f"limit not met: {check.sentence()}", style="bold red", markup=False)
    if missed:
        raise typer.Exit(3)
    if checks:
        err.print(f"all {len(checks)} limits are met")


def _chosen_pairs(
    dataset: Dataset, references: list[str] | None, candidates: list[str] | None
) -> list[tuple[str, str]]:
    """The default comparisons, or those of the sources asked for by name."""
    for name in (references or []) + (candidates or []):
        dataset.source(name)
    if references:
        others = candidates or [s.name for s in dataset.sources if s.name not in references]
        return [(r, c) for r in references for c in others if r != c]
    pairs = dataset.comparisons()
    return [(r, c) for r, c in pairs if not candidates or c in candidates]


def show(
    result: Audit,
    *,
    json: dict[str, Any] | None = None,
    target: str | None = None,
    failures: DatasetFailures | None = None,
    quiet: bool = False,
) -> None:
    """Print an audit, and write its JSON where that is wanted."""
    from . import explained

    out, err = terminal.consoles(quiet=quiet or target == "-")
    terminal.show_notes(err, result.notes)
    if len(result.comparisons) > 1:
        terminal.show_overview(out, result)
    for comparison in result.comparisons[:3]:
        terminal.show_comparison(out, result, comparison)
        if failures is not None:
            explained.show_failures(out, failures, comparison)
    if len(result.comparisons) > 3:
        out.print("more comparisons: choose with --candidate NAME, or see --json")
    terminal.show_problems(err, result.problems)
    if json is not None and target is not None:
        terminal.write_json(json, target)


def _compare_json(result: Audit, *, single: bool) -> dict[str, Any]:
    """One flat object: for two files their scores, for two folders the pooled ones."""
    comparison = result.comparisons[0]
    content = comparison.to_dict()
    if single:
        content |= comparison.samples[0].to_dict()
        content.pop("samples")
        content.pop("means")
    return {
        "schema_version": SCHEMA_VERSION,
        "version": result.version,
        **content,
        "settings": result.settings.to_dict(),
        "notes": list(result.notes),
        "problems": [problem.to_dict() for problem in result.problems],
    }


def _nothing_compared(problems: tuple[Problem, ...]) -> None:
    if problems:
        first = problems[0]
        more = f" ({len(problems) - 1} more problems)" if len(problems) > 1 else ""
        where = Path(first.file) if first.file else None
        raise DatasetError(first.code, first.message + more, file=where, sample=first.sample)
    raise DatasetError("no-masks", "there is nothing to compare.")


def _write_tables(result: Audit, scores: Path | None, confusion: Path | None) -> None:
    if scores is not None:
        from ..report import write_table

        write_table(result, scores)
    if confusion is not None:
        from ..report import write_confusion

        write_confusion(result, confusion)
