"""``agree`` and ``consensus``: annotators compared with each other."""

from __future__ import annotations

import math
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ..agreement import Agreement, agree, write_consensus
from ..dataset import Dataset
from . import terminal
from .options import (
    ConventionOption,
    DatasetArg,
    JsonOption,
    ToleranceOption,
    WorkersOption,
    settings_from,
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(name="agree")(agree_command)
    app.command(name="consensus")(consensus_command)


def agree_command(
    dataset: DatasetArg,
    json: JsonOption = None,
    tolerance: ToleranceOption = None,
    convention: ConventionOption = None,
    workers: WorkersOption = None,
) -> None:
    """Compare every source with every other: who disagrees with whom, and in which direction.

    Example: mask-audit agree my_dataset --tolerance 2
    """
    opened = Dataset.open(dataset)
    settings = settings_from(opened, tolerance, convention)
    with terminal.progress_bar(len(opened.samples), "comparing") as progress:
        result = agree(opened, settings=settings, progress=progress, workers=workers)
    out, err = terminal.consoles(quiet=json == "-")
    _show(out, result)
    terminal.show_notes(err, result.notes)
    terminal.show_problems(err, result.problems)
    if json is not None:
        terminal.write_json(result.to_dict(), json)


def consensus_command(
    dataset: DatasetArg,
    method: Annotated[
        str, typer.Option(help="majority, staple or dawid-skene: how votes become labels.")
    ] = "majority",
    region: Annotated[
        str,
        typer.Option(help="Pixels that the estimation sees: disagreement, union_dilated or full."),
    ] = "disagreement",
    source: Annotated[
        list[str] | None, typer.Option(help="Who votes; all annotators if not given. Repeatable.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the new source.")] = None,
    json: JsonOption = None,
) -> None:
    """Write the consensus of the annotators as a new source; nothing is ever written over.

    Example: mask-audit consensus my_dataset --method staple
    """
    opened = Dataset.open(dataset)
    with terminal.progress_bar(len(opened.samples), "voting") as progress:
        written = write_consensus(
            opened,
            method,  # type: ignore[arg-type]  # checked there, with a message for the user
            region=region,  # type: ignore[arg-type]
            sources=source,
            name=name,
            progress=progress,
        )
    out, err = terminal.consoles(quiet=json == "-")
    out.print(f"{len(written.files)} masks written to {written.folder}", markup=False)
    terminal.show_problems(err, written.problems)
    if json is not None:
        terminal.write_json(
            {
                "source": written.source,
                "folder": str(written.folder),
                "samples": written.trail,
                "problems": [problem.to_dict() for problem in written.problems],
            },
            json,
        )


def _show(out: Console, result: Agreement) -> None:
    names = sorted({pair.first for pair in result.pairs} | {pair.second for pair in result.pairs})
    class_ids = sorted({p.class_id for p in result.pairs if p.class_id is not None})
    out.print(_matrix(result, names, None if len(class_ids) != 1 else class_ids[0]))
    for duplicate in result.duplicates:
        out.print(f"  [bold]copy:[/] {escape(duplicate.sentence)}")
    for profile in result.annotators:
        out.print(f"  {escape(profile.sentence)}")
    if result.withheld:
        out.print(f"  no statements about single annotators: {escape(result.withheld)}")
    for ceiling in result.ceiling:
        for sentence in ceiling.sentences:
            out.print(f"  {escape(sentence)}")
    if result.no_ceiling:
        out.print(f"  no human ceiling: {escape(result.no_ceiling)}")
    for triage in result.triage:
        out.print(f"  {escape(triage.sentence)}")
    for conflict in result.conflicts:
        out.print(f"  [bold]rule missing:[/] {escape(conflict.sentence)}")


def _matrix(result: Agreement, names: list[str], class_id: int | None) -> object:
    """Mean IoU of every pair; over all classes when there are several."""
    what = "mean IoU over classes and samples" if class_id is None else "mean IoU over samples"
    table = terminal.plain_table(f"agreement: {what}")
    table.add_column("")
    for number in range(len(names)):
        table.add_column(str(number + 1), justify="right")
    for row, first in enumerate(names):
        cells = []
        for second in names:
            try:
                cells.append(terminal.number(result.pair(first, second, class_id).iou, 2))
            except KeyError:
                cells.append("·" if first == second else terminal.number(math.nan))
        table.add_row(f"{row + 1} {escape(first)}", *cells)
    return table
