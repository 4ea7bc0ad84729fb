"""``init``: from a folder nobody has described to a dataset that can be audited."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..dataset import Dataset, propose, write_manifest
from . import terminal


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command(name="init")(init_command)


def init_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Any folder of masks.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Where to write it; FOLDER/dataset.toml when not given."
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Only print it.")] = False,
) -> None:
    """Propose a dataset.toml for a folder: which files are whose masks of which sample.

    Example: mask-audit init my_folder
    """
    out, err = terminal.consoles()
    proposal = propose(folder)
    if show:
        out.print(proposal.to_toml(), end="", markup=False, soft_wrap=True)
        return
    path = write_manifest(proposal, output)
    opened = Dataset.open(path)
    out.print(f"written: {path} ({proposal.layout})", markup=False, soft_wrap=True)
    for source in proposal.sources:
        out.print(
            f"  {source.role.value:<10} {source.name}: {source.samples} masks, "
            f"{', '.join(source.patterns)}",
            markup=False,
            soft_wrap=True,
        )
    for name, reason in proposal.left_out:
        out.print(f"  left out   {name}: {reason}", markup=False, soft_wrap=True)
    with_image = sum(sample.image is not None for sample in opened.samples)
    out.print(f"{len(opened.samples)} samples, {with_image} with an image", markup=False)
    terminal.show_problems(err, opened.problems)
    out.print(
        f"next: correct roles and classes in that file, then mask-audit audit {path}",
        markup=False,
        soft_wrap=True,
    )
