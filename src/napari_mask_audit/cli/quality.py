"""``lint``, ``suspects``, ``baseline`` and ``next``: are the labels sound, and what comes next."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ..dataset import Dataset
from . import terminal
from .options import DatasetArg, JsonOption, StoreOption, WorkersOption, run_audit

_SHOWN = 40
_SHOWN_REASONS = 3


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(name="lint")(lint_command)
    app.command(name="next")(next_command)
    app.command(name="baseline")(baseline_command)
    app.command(name="suspects")(suspects_command)


def lint_command(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A dataset, a folder of masks, or one mask.")
    ],
    select: Annotated[
        list[str] | None, typer.Option(help="Rules to run: MA301, MA3, a name, ALL. Repeatable.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Rules to leave out.")] = None,
    fix_to: Annotated[
        Path | None,
        typer.Option("--fix", metavar="FOLDER", help="Write corrected copies to a new folder."),
    ] = None,
    accept: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Accept what was found, with a reason; be quiet then."),
    ] = None,
    level: Annotated[
        str, typer.Option(help="Exit with 3 at this severity: error, warning, info.")
    ] = "warning",
    json: JsonOption = None,
    workers: WorkersOption = None,
) -> None:
    """Check masks for flaws that no score shows: specks, holes, odd ids, copies, cut edges.

    Example: mask-audit lint my_dataset --ignore MA3
    """
    from ..checks import fix, lint, write_accepted

    choice = {"select": select, "ignore": ignore or ()}
    with terminal.progress_bar(0, "checking") as progress:
        result = lint(path, **choice, progress=progress, workers=workers)  # type: ignore[arg-type]
    out, err = terminal.consoles(quiet=json == "-")
    for finding in result.findings[:_SHOWN]:
        where = finding.file or finding.sample or finding.source or result.dataset
        place, message = (escape(terminal.printable(str(t))) for t in (where, finding.message))
        out.print(
            f"{place}: [bold]{finding.code}[/] {finding.severity.value}: {message}",
            soft_wrap=True,
        )
    if len(result.findings) > _SHOWN:
        out.print(f"… {len(result.findings) - _SHOWN} more: see --json")
    out.print(result.summary)
    if json is not None:
        terminal.write_json(result.to_dict(), json)
    if fix_to is not None:
        corrected = fix(path, fix_to, **choice)  # type: ignore[arg-type]
        err.print(f"{len(corrected.fixed)} corrected copies written to {fix_to}", markup=False)
        terminal.show_problems(err, corrected.problems)
    if accept is not None:
        file = _accepted_file(path)
        count = write_accepted(file, result.findings, reason=accept)
        err.print(f"{count} findings accepted in {file}", markup=False)
        return
    raise typer.Exit(result.exit_code(level))


def next_command(dataset: DatasetArg, store: StoreOption = None, json: JsonOption = None) -> None:
    """Say how far a project is, from evidence on disk, and what to do next.

    Example: mask-audit next my_dataset
    """
    from ..checklist import checklist, review_events
    from ..checks import lint

    opened = Dataset.open(dataset)
    result = run_audit(opened, opened.settings)
    state = checklist(opened, result, lint(opened), review_events(opened, store or opened.store))
    out, _ = terminal.consoles(quiet=json == "-")
    for item in state.items:
        mark = "[green]✓[/]" if item.done else "○"
        out.print(f"{mark} {escape(item.title)}: {escape(item.evidence)}", soft_wrap=True)
    step = state.next_step
    if "mask-audit" in step:  # what is to be typed ends the sentence, without a full stop
        step = step.removesuffix(".").replace("DATASET", shlex.quote(str(dataset)))
    out.print(f"\n[bold]next:[/] {escape(step)}", soft_wrap=True)
    if json is not None:
        terminal.write_json(state.to_dict(), json)


def baseline_command(
    dataset: DatasetArg,
    reference: Annotated[str | None, typer.Option(help="The source to learn from.")] = None,
    folds: Annotated[int, typer.Option(min=2, help="Cross-validation folds.")] = 5,
    json: JsonOption = None,
) -> None:
    """Train a small pixel classifier and write its masks as a source; no sample predicts itself.

    Example: mask-audit baseline my_dataset
    """
    from ..baseline import train_baseline
    from ..checklist import unlisted_baseline

    with terminal.progress_bar(0, "training") as progress:
        result = train_baseline(dataset, reference=reference, folds=folds, progress=progress)
    out, err = terminal.consoles(quiet=json == "-")
    out.print(f"{len(result.samples)} masks written to {result.folder}", markup=False)
    first = ", ".join(s.sample for s in result.samples[:5])
    out.print(f"labels to look at first: {first}", markup=False, soft_wrap=True)
    line = unlisted_baseline(Dataset.open(dataset))
    if line is not None:
        out.print(
            f"add this line to dataset.toml under [sources]: {line}", markup=False, soft_wrap=True
        )
    terminal.show_problems(err, result.problems)
    if json is not None:
        terminal.write_json(result.to_dict(), json)


def suspects_command(
    dataset: DatasetArg,
    reference: Annotated[str | None, typer.Option(help="The source whose labels to judge.")] = None,
    learn: Annotated[
        bool, typer.Option(help="Train forests (in memory) where no baseline was written.")
    ] = True,
    limit: Annotated[int, typer.Option(min=0, help="How many labels to show; 0 for all.")] = 20,
    json: JsonOption = None,
    workers: WorkersOption = None,
) -> None:
    """Rank the labels, the most suspicious first: lint, out-of-fold forests, failure buckets.

    Example: mask-audit suspects my_dataset --json suspects.json
    """
    from ..suspects import find_suspects

    with terminal.progress_bar(0, "looking for suspicious labels") as progress:
        result = find_suspects(
            dataset, reference=reference, learn=learn, progress=progress, workers=workers
        )
    out, err = terminal.consoles(quiet=json == "-")
    shown = result.suspicious[: limit or None]
    for label in shown:
        out.print(
            f"{escape(terminal.printable(label.sample))}  [bold]{label.suspicion:.1f}[/]",
            soft_wrap=True,
        )
        for reason in label.reasons[:_SHOWN_REASONS]:
            out.print(
                f"    [dim]{reason.witness.value}[/] {escape(reason.message)}", soft_wrap=True
            )
    out.print(
        f"{len(result.suspicious)} of {len(result.labels)} labels of {result.reference} are worth "
        f"a look; {len(shown)} shown, the most suspicious first",
        markup=False,
        soft_wrap=True,
    )
    terminal.show_notes(err, result.notes)
    terminal.show_problems(err, result.problems)
    if json is not None:
        terminal.write_json(result.to_dict(), json)


def _accepted_file(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    return folder / "lint-accepted.toml"
