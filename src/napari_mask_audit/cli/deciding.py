"""``export``, ``history`` and ``tags``: what people decided, and the words they do it with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from ..dataset import Dataset
from ..errors import StoreError
from . import terminal
from .options import DatasetArg, JsonOption, StoreOption, open_reviews

if TYPE_CHECKING:
    from ..review.store import ReviewStore


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(name="export")(export_command)
    app.command(name="history")(history_command)
    app.command(name="tags")(tags_command)


def export_command(
    dataset: DatasetArg,
    tags: Annotated[Path, typer.Option("--tags", help="The file to write: .csv or .json.")],
    store: StoreOption = None,
) -> None:
    """Write everyone's latest verdicts: sample, status, tags, comment, reviewer, time.

    Says too how alike each reviewer decided about samples they judged twice; a .json file has
    that and the whole history besides.

    Example: mask-audit export my_dataset --tags tags.csv
    """
    from ..review.consistency import intra_reviewer_consistency
    from ..review.export import export_tags

    out, _ = terminal.consoles()
    with _reviews(Dataset.open(dataset), store) as reviews:
        count = export_tags(reviews, tags)
        consistency = intra_reviewer_consistency(reviews.everything_since(0))
    out.print(f"{count} verdicts written to {tags}", markup=False)
    for row in consistency:
        out.print(row.sentence, markup=False)


def history_command(
    dataset: DatasetArg,
    sample: Annotated[str, typer.Argument(help="Name of the sample.")],
    store: StoreOption = None,
    json: JsonOption = None,
) -> None:
    """Show everything that was decided about a sample: who, when, what, taken back or not.

    Example: mask-audit history my_dataset 0016E5_07959
    """
    from ..review.history import history_lines
    from ..review.tags import tags_with

    opened = Dataset.open(dataset)
    name = opened.sample(sample).name
    labels = {tag.name: tag.label for tag in tags_with(opened.tags)}
    with _reviews(opened, store) as reviews:
        lines = history_lines(reviews.history(name), labels)
    out, _ = terminal.consoles(quiet=json == "-")
    if json is not None:
        content = {"sample": name, "history": [line.to_dict() for line in lines]}
        terminal.write_json(content, json)
        return
    if not lines:
        out.print(f"{name}: nobody has decided about it yet", markup=False)
        return
    table = terminal.plain_table(f"{name}: what was decided, oldest first (local time)")
    for heading in ("when", "who", "about", "what", ""):
        table.add_column(heading)
    for line in lines:
        cells = (line.time(), line.event.reviewer, line.about, line.what, ", ".join(line.marks))
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


def tags_command(
    dataset: DatasetArg,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="NAME", help="Add a tag of your own.")
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="NAME", help="Remove one; verdicts keep it."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="NAME=WORDS", help="What reviewers read for a tag."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="NAME=DIGIT", help="The digit that toggles a tag."),
    ] = None,
    json: JsonOption = None,
) -> None:
    """List the failure tags with their keys, or change your own in dataset.toml.

    Example: mask-audit tags my_dataset --add "staining fold" --key "staining fold=7"
    """
    from ..review.tag_file import write_own_tags
    from ..review.tags import edited_tags, own_part, tags_with

    opened = Dataset.open(dataset)
    tags = tags_with(opened.tags)
    if any((add, remove, label, key)):
        tags = edited_tags(tags, add or (), remove or (), label or (), key or ())
        write_own_tags(opened.folder, own_part(tags))
    out, _ = terminal.consoles(quiet=json == "-")
    if json is not None:
        terminal.write_json({"tags": [asdict(tag) for tag in tags]}, json)
        return
    table = terminal.plain_table(f"{opened.name}: failure tags")
    for heading in ("key", "tag", "stored as"):
        table.add_column(heading)
    for tag in tags:
        table.add_row(tag.key or "", escape(tag.label), escape(tag.name))
    out.print(table)


@contextmanager
def _reviews(dataset: Dataset, store: str | None) -> Iterator[ReviewStore]:
    """The store of a dataset, for reading; StoreError where there is none."""
    with open_reviews(dataset, store) as reviews:
        if reviews is None:
            raise StoreError(
                "store-missing",
                f"there are no verdicts yet; make some with: mask-audit review {dataset.folder}",
            )
        yield reviews
