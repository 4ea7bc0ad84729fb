"""``correct`` and ``corrections``: repairs in one step without a window, and what was corrected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..dataset import Dataset
from ..review.reviewer import login_name
from . import terminal
from .options import DatasetArg, StoreOption, open_reviews

if TYPE_CHECKING:
    from ..corrections import MaskCorrection

_MAJORITY_WORD = "majority"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(name="correct")(correct_command)
    app.command(name="corrections")(corrections_command)


def correct_command(
    dataset: DatasetArg,
    sample: Annotated[str, typer.Argument(help="Name of the sample.")],
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="SOURCE", help="Whose mask; the candidate's if not given."),
    ] = None,
    take_from: Annotated[
        str | None,
        typer.Option(
            "--take-from",
            metavar="SOURCE",
            help=f"Take from the mask of this source, or from the {_MAJORITY_WORD} of annotators.",
        ),
    ] = None,
    finding: Annotated[
        list[int] | None,
        typer.Option("--finding", metavar="N", help="Which place, as numbered below. Repeatable."),
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Take the whole mask.")] = False,
    grow: Annotated[
        int, typer.Option("--grow", min=0, metavar="PX", help="And so many pixels around it.")
    ] = 0,
    tidy: Annotated[
        bool,
        typer.Option("--tidy", help="Fill the hole or remove the speck that the finding is about."),
    ] = False,
    reviewer: Annotated[
        str | None, typer.Option(help="Who corrects; your login name if not given.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, kept with the correction.")] = "",
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="A corrected mask that is there becomes an earlier version."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many pixels would change; write nothing.")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Correct a mask in one step: take places from another mask, fill holes, remove specks.

    Without --take-from or --tidy it lists the places. The mask stays as it is; the corrected one
    is a new file in masks/corrected.

    Example: mask-audit correct my_dataset 0016E5_07959 --take-from gt --finding 1 --finding 3
    """
    from ..corrections import MaskCorrection

    opened = Dataset.open(dataset)
    correction = MaskCorrection(opened, sample, of)
    if take_from is None and not tidy:
        _list(correction)
        return
    numbers = finding or []
    if tidy and (take_from is not None or whole or not numbers):
        raise typer.BadParameter("--tidy goes with --finding N, and not with --take-from")
    if not tidy and whole == bool(numbers):
        raise typer.BadParameter("give --take-from either --finding N or --whole")
    for number in numbers:
        if tidy:
            correction.tidy_finding(number)
        else:
            correction.take_finding(number, _donor(correction, take_from or ""), grow_px=grow)
    if whole:
        correction.take_everything(_donor(correction, take_from or ""))
    out, _ = terminal.consoles()
    what = f"{correction.pixels:,} px of {correction.source} in {correction.sample.name}"
    if dry_run:
        out.print(f"{what} would change; nothing is written", markup=False)
        return
    with open_reviews(opened, store, writes=True) as reviews:
        path, _ = correction.save(
            reviews, reviewer or login_name(), reason, replaces_earlier=replace
        )
    out.print(f"{what} changed, written to {path}", markup=False)


def corrections_command(
    dataset: DatasetArg,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write the table to this file: .csv or .json."),
    ] = None,
    store: StoreOption = None,
) -> None:
    """List every correction: which mask, by whom, when, why, how many pixels, and what it is now.

    Example: mask-audit corrections my_dataset -o corrections.csv
    """
    from ..corrections import correction_lines, export_corrections

    opened = Dataset.open(dataset)
    with open_reviews(opened, store) as reviews:
        lines = correction_lines(opened, reviews)
    out, _ = terminal.consoles()
    if output is not None:
        count = export_corrections(lines, output)
        out.print(f"{count} corrections written to {output}", markup=False)
        return
    if not lines:
        out.print("nothing was corrected yet", markup=False)
        return
    table = terminal.plain_table(f"{opened.name}: corrections")
    for heading in ("sample", "of", "px", "who", "when (UTC)", "why", "state"):
        table.add_column(heading, justify="right" if heading == "px" else "left")
    for line in lines:
        row = line.to_dict()
        pixels = "" if row["pixels"] is None else f"{row['pixels']:,}"
        when = (row["at"] or "")[:16].replace("T", " ")
        cells = (row["sample"], row["source"], pixels, row["reviewer"], when, row["reason"])
        table.add_row(*(escape(cell or "") for cell in cells), escape(line.state))
    out.print(table)


def _list(correction: MaskCorrection) -> None:
    """The places that can be taken from another mask, with the numbers they are asked for by."""
    out, _ = terminal.consoles()
    reference, candidate = correction.pair
    title = f"{correction.sample.name}: {candidate} against {reference}, most rewarding first"
    if not correction.findings:
        out.print(f"{correction.sample.name}: {candidate} and {reference} agree", markup=False)
        return
    table = terminal.plain_table(title)
    for heading in ("N", "px", "worth", "what is wrong"):
        table.add_column(heading, justify="left" if heading.startswith("what") else "right")
    for number, finding in enumerate(correction.findings, start=1):
        worth = terminal.signed(finding.worth)
        table.add_row(str(number), f"{finding.pixels:,}", worth, escape(finding.explanation))
    out.print(table)
    donors = [name for name in correction.sample.masks if name != correction.source]
    out.print(
        f"take one from {', '.join(donors)}: --take-from {donors[0]} --finding 1", markup=False
    )


def _donor(correction: MaskCorrection, word: str) -> str:
    """The donor that is meant: a source called like the word comes before the majority."""
    from ..corrections import MAJORITY

    is_majority = word == _MAJORITY_WORD and word not in correction.sample.masks
    return MAJORITY if is_majority else word
