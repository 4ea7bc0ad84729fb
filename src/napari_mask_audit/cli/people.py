"""``agree`` and ``consensus``: annotators compared with each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..dataset import Dataset
from . import terminal
from .agreement_display import METRICS, show_agreement
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
    metric: Annotated[
        str | None,
        typer.Option(help=f"What fills the matrix: {', '.join(METRICS)}."),
    ] = None,
    class_name: Annotated[
        str | None, typer.Option("--class", help="The matrix of one class, by name or id.")
    ] = None,
    workers: WorkersOption = None,
) -> None:
    """Compare every source with every other: who disagrees with whom, and in which direction.

    Example: mask-audit agree my_dataset --tolerance 2
    """
    from ..agreement import agree

    if metric is not None and metric not in METRICS:
        raise typer.BadParameter(f"--metric is one of {', '.join(METRICS)}, not {metric!r}.")
    opened = Dataset.open(dataset)
    chosen = _class_id(opened, class_name)
    settings = settings_from(opened, tolerance, convention)
    with terminal.progress_bar(len(opened.samples), "comparing") as progress:
        result = agree(opened, settings=settings, progress=progress, workers=workers)
    out, err = terminal.consoles(quiet=json == "-")
    show_agreement(out, result, metric, chosen)
    terminal.show_notes(err, result.notes)
    terminal.show_problems(err, result.problems)
    if json is not None:
        terminal.write_json(result.to_dict(), json)
    if result.samples == 0:
        terminal.fail_empty(len(opened.samples))


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
    maps: Annotated[
        Path | None,
        typer.Option(help="Also write, pixel by pixel, how many decided it: FOLDER/NAME.png."),
    ] = None,
    json: JsonOption = None,
) -> None:
    """Write the consensus of the annotators as a new source; nothing is ever written over.

    Example: mask-audit consensus my_dataset --method staple
    """
    from ..agreement import write_consensus

    opened = Dataset.open(dataset)
    with terminal.progress_bar(len(opened.samples), "voting") as progress:
        written = write_consensus(
            opened,
            method,  # type: ignore[arg-type]  # checked there, with a message for the user
            region=region,  # type: ignore[arg-type]
            sources=source,
            name=name,
            maps=maps,
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


def _class_id(dataset: Dataset, wanted: str | None) -> int | None:
    """A class by name or id."""
    if wanted is None:
        return None
    named = {info.name: info.id for info in dataset.declared_classes.values()}
    if wanted in named:
        return named[wanted]
    try:
        return int(wanted)
    except ValueError:
        known = ", ".join(named) or "none; give an id"
        raise typer.BadParameter(f"there is no class {wanted!r}; declared: {known}.") from None
