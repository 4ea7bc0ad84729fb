"""``schema``: the shape of the JSON that the commands print."""

from __future__ import annotations

from enum import StrEnum
from importlib import resources
from typing import Annotated

import typer


class SchemaName(StrEnum):
    """Outputs with a schema; the files are ``schemas/NAME-VERSION.json``."""

    AGREE = "agree"
    AUDIT = "audit"
    DIFF = "diff"
    LINT = "lint"
    SUSPECTS = "suspects"


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command(name="schema")(schema_command)


def schema_command(
    name: Annotated[SchemaName, typer.Argument(help="The command whose JSON it is.")],
) -> None:
    """Print the JSON Schema of what a command writes with --json.

    Example: mask-audit schema audit > audit-1.json
    """
    typer.echo(schema_text(name.value), nl=False)


def schema_text(name: str) -> str:
    """The JSON Schema (draft 2020-12) of an output, as text."""
    folder = resources.files("napari_mask_audit").joinpath("schemas")
    return folder.joinpath(f"{name}-1.json").read_text("utf-8")
