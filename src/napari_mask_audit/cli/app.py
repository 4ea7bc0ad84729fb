"""The command line: what ``mask-audit`` itself says, and how errors end it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..audit import package_version
from ..errors import AuditError
from . import (
    changes,
    correcting,
    deciding,
    measure,
    people,
    quality,
    reviewing,
    schemas,
    starting,
    terminal,
)

app = typer.Typer(
    name="mask-audit",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Quality control for segmentation masks: who disagrees, where, by how much, and what to "
    "look at first.\n\nStart with **mask-audit demo**, then **mask-audit audit FOLDER** on your "
    "own masks (FOLDER/masks/gt/NAME.png, FOLDER/masks/model/NAME.png, …).",
)
for part in (starting, measure, changes, people, quality, reviewing, deciding, correcting, schemas):
    part.add_to(app)


def main() -> None:
    """Run the command line.

    The exit code is 0, 1 (an error, explained), 2 (wrong usage) or 3 (a threshold asked for was
    not met).
    """
    try:
        app()
    except AuditError as error:
        terminal.consoles()[1].print(f"error: {error}", style="bold red", markup=False)
        sys.exit(1)


def _version(show: bool) -> None:
    if show:
        typer.echo(package_version())
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""
