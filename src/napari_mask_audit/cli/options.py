"""Options that several commands share, and what they do to the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..audit import Audit, audit
from ..dataset import Dataset
from ..failure_thresholds import FailureThresholds, parse_thresholds
from ..settings import Settings
from . import terminal

if TYPE_CHECKING:
    from ..failures import DatasetFailures

DatasetArg = Annotated[
    Path,
    typer.Argument(
        metavar="DATASET",
        help="A folder with masks/SOURCE/NAME.png in it, or a dataset.toml.",
    ),
]
JsonOption = Annotated[
    str | None,
    typer.Option(
        "--json", metavar="FILE|-", help="Write the result as JSON; - is standard output."
    ),
]
TableOption = Annotated[
    Path | None,
    typer.Option("--table", help="Write one row per sample and class: .csv, .parquet, .json, .md."),
]
ConfusionOption = Annotated[
    Path | None,
    typer.Option(
        "--confusion",
        help="Write the confusion matrices, a row per pair of classes: .csv or .parquet.",
    ),
]
ToleranceOption = Annotated[
    list[float] | None,
    typer.Option(
        "--tolerance",
        help="Boundary tolerance in pixels, or in the masks' unit. Repeat it for a curve.",
    ),
]
ConventionOption = Annotated[
    str | None,
    typer.Option("--convention", help="How boundaries are cut into elements: surfel or voxel."),
]
BandOption = Annotated[
    int | None, typer.Option("--band-px", help="Width of the Boundary IoU band in pixels.")
]
WithBackgroundOption = Annotated[
    bool, typer.Option("--include-background", help="Count the background as a class.")
]
FailuresOption = Annotated[
    list[str] | None,
    typer.Option(
        "--failures",
        metavar="THRESHOLDS",
        help="Where one kind of error ends and the next begins: tolerance=3,small_area=40,"
        "missed_recall=0.1,dominance=0.25,split_part=0,class_tolerances.pole=1. Repeatable.",
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="Where verdicts are kept: a file, or a database URL."),
]
WorkersOption = Annotated[int | None, typer.Option(min=1, help="Threads.")]


def settings_from(
    dataset: Dataset,
    tolerances: list[float] | None = None,
    convention: str | None = None,
    band_px: int | None = None,
    include_background: bool = False,
    failures: list[str] | None = None,
) -> Settings:
    """The dataset's settings with what was given on the command line."""
    changes: dict[str, Any] = {}
    if tolerances:
        changes["tolerances"] = tuple(sorted(set(tolerances)))
    if convention is not None:
        changes["convention"] = convention
    if band_px is not None:
        changes["boundary_width_px"] = band_px
    if include_background:
        changes["include_background"] = True
    if failures:
        changes["failures"] = _changed_thresholds(dataset, ",".join(failures))
    return dataset.settings.replace(**changes)


def _changed_thresholds(dataset: Dataset, text: str) -> FailureThresholds:
    """The dataset's thresholds of the failure buckets with some of them changed."""
    ids = {info.name: class_id for class_id, info in dataset.declared_classes.items()}
    given = parse_thresholds(text)
    own = dict(dataset.settings.failures.class_tolerances)
    changed = FailureThresholds.from_table(given, ids)
    values = {name: getattr(changed, name) for name in given}
    values["class_tolerances"] = {**own, **dict(changed.class_tolerances)}
    return dataset.settings.failures.replace(**values)


def run_audit(
    dataset: Dataset,
    settings: Settings,
    *,
    pairs: list[tuple[str, str]] | None = None,
    workers: int | None = None,
) -> Audit:
    """Audit with a progress bar."""
    with terminal.progress_bar(len(dataset.samples), "measuring") as progress:
        return audit(
            dataset, settings=settings, comparisons=pairs, progress=progress, workers=workers
        )


def run_explained_audit(
    dataset: Dataset,
    settings: Settings,
    *,
    pairs: list[tuple[str, str]] | None = None,
    workers: int | None = None,
) -> tuple[Audit, DatasetFailures]:
    """Audit and explain the failures with a progress bar; every mask is decoded once."""
    from ..failures import audit_and_explain

    with terminal.progress_bar(len(dataset.samples), "measuring") as progress:
        return audit_and_explain(
            dataset, settings=settings, comparisons=pairs, progress=progress, workers=workers
        )


def latest_reviews(dataset: Dataset, store: str | None) -> Any:
    """Everyone's latest verdicts, or None when nobody has reviewed yet."""
    with open_reviews(dataset, store) as reviews:
        return None if reviews is None else reviews.all_latest()


@contextmanager
def open_reviews(dataset: Dataset, store: str | None, *, writes: bool = False) -> Iterator[Any]:
    """The review store, for reading; None when there is none yet. To write it is made then."""
    from ..review.location import dataset_key, default_store_location, existing_store
    from ..review.store import ReviewStore

    chosen = store or dataset.store
    where = existing_store(dataset.folder, chosen)
    if writes:
        where, _ = default_store_location(dataset.folder, chosen)
    if where is None:
        yield None
        return
    key = dataset_key(dataset.folder, where, dataset.name)
    with ReviewStore.open(where, dataset_key=key, read_only=not writes) as reviews:
        yield reviews
