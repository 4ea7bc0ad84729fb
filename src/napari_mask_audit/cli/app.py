"""The commands of ``mask-audit``; each one is a few lines around one core function."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ..audit import SCHEMA_VERSION, Audit, audit, package_version
from ..dataset import Dataset, open_pair
from ..errors import AuditError, DatasetError, Problem, StoreError
from ..settings import Settings
from . import terminal

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
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="Where verdicts are kept: a file, or a database URL."),
]


def main() -> None:
    """Run the command line; the exit code is 0, 1 (an error explained), or 2 (wrong usage)."""
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


@app.command(name="compare")
def compare_command(
    first: Annotated[Path, typer.Argument(metavar="A", help="The reference: a mask or a folder.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The candidate: a mask or a folder.")],
    json: JsonOption = None,
    table: TableOption = None,
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
    settings = _settings(dataset, tolerance, convention, band_px, include_background)
    result = _run(dataset, settings)
    if not result.comparisons:
        _nothing_compared(result.problems)
    _show(result, json=_compare_json(result, single=first.is_file()) if json else None, target=json)
    _write_table(result, table)


@app.command(name="audit")
def audit_command(
    dataset: DatasetArg,
    json: JsonOption = None,
    table: TableOption = None,
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
    workers: Annotated[int | None, typer.Option(min=1, help="Threads.")] = None,
) -> None:
    """Measure a dataset: every source against its reference, worst samples first.

    Example: mask-audit audit my_dataset --json audit.json
    """
    opened = Dataset.open(dataset)
    settings = _settings(opened, tolerance, convention, band_px, include_background)
    pairs = _chosen_pairs(opened, reference, candidate)
    result = _run(opened, settings, pairs=pairs, workers=workers)
    _show(result, json=result.to_dict() if json else None, target=json)
    _write_table(result, table)


@app.command(name="report")
def report_command(
    dataset: DatasetArg,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path(
        "report.html"
    ),
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst samples to show.")] = 8,
    include_background: WithBackgroundOption = False,
    tolerance: ToleranceOption = None,
    convention: ConventionOption = None,
    store: StoreOption = None,
) -> None:
    """Write one self-contained HTML page: scores, distributions, worst samples, verdicts.

    Example: mask-audit report my_dataset -o report.html
    """
    from ..report import write_report

    opened = Dataset.open(dataset)
    settings = _settings(opened, tolerance, convention, None, include_background)
    result = _run(opened, settings)
    out, err = terminal.consoles()
    terminal.show_notes(err, result.notes)
    terminal.show_problems(err, result.problems)
    path = write_report(result, opened, output, reviews=_reviews(opened, store), worst=worst)
    out.print(f"report written to {path.resolve()}", markup=False)


@app.command(name="review")
def review_command(
    dataset: DatasetArg,
    store: StoreOption = None,
    reviewer: Annotated[
        str | None, typer.Option(help="Who is reviewing; your login name if not given.")
    ] = None,
    sample: Annotated[str | None, typer.Option(help="Open on this sample.")] = None,
) -> None:
    """Open the dataset in napari and go through the worst samples first, by keyboard.

    Example: mask-audit review my_dataset
    """
    Dataset.open(dataset)  # a wrong path should be said here, not in a window
    arguments = [str(dataset)]
    for option, value in (("--store", store), ("--reviewer", reviewer), ("--sample", sample)):
        arguments += [] if value is None else [option, value]
    raise typer.Exit(_open_window(arguments))


@app.command(name="export")
def export_command(
    dataset: DatasetArg,
    tags: Annotated[Path, typer.Option("--tags", help="The file to write: .csv or .json.")],
    store: StoreOption = None,
) -> None:
    """Write everyone's latest verdicts: sample, status, tags, comment, reviewer, time.

    Example: mask-audit export my_dataset --tags tags.csv
    """
    from ..review.export import export_tags

    opened = Dataset.open(dataset)
    out, _ = terminal.consoles()
    with _store(opened, store) as reviews:
        if reviews is None:
            raise StoreError(
                "store-missing",
                f"there are no verdicts yet; make some with: mask-audit review {dataset}",
            )
        count = export_tags(reviews, tags)
    out.print(f"{count} verdicts written to {tags}", markup=False)


@app.command(name="demo")
def demo_command(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the sample data and the report.")
    ] = Path("demo-output"),
    window: Annotated[
        bool, typer.Option(help="Open napari at the end, where there is a display.")
    ] = True,
) -> None:
    """Audit the sample data, write its report and a preview picture, and open it in napari."""
    from ..report import write_preview, write_report
    from ..samples import copy_sample_masks

    folder = copy_sample_masks(output / "sample_masks")
    opened = Dataset.open(folder)
    result = _run(opened, opened.settings)
    _show(result)
    reviews = _reviews(opened, None)
    out, _ = terminal.consoles()
    report = write_report(result, opened, output / "report.html", reviews=reviews)
    preview = write_preview(result, opened, output / "preview.png")
    out.print(f"\nreport   {report.resolve()}\npreview  {preview.resolve()}", markup=False)
    out.print(f"next     mask-audit review {folder}", markup=False)
    if window and _has_display():
        raise typer.Exit(_open_window([str(folder)]))


@app.command(name="warmup")
def warmup_command() -> None:
    """Compile the fast counting code once, so that later runs start with it (needs numba)."""
    from ..kernels import backend

    out, _ = terminal.consoles()
    backend.warm_up()
    out.print(f"counting runs on: {backend.active()}")


def _settings(
    dataset: Dataset,
    tolerances: list[float] | None,
    convention: str | None,
    band_px: int | None,
    include_background: bool,
) -> Settings:
    changes: dict[str, Any] = {}
    if tolerances:
        changes["tolerances"] = tuple(sorted(set(tolerances)))
    if convention is not None:
        changes["convention"] = convention
    if band_px is not None:
        changes["boundary_width_px"] = band_px
    if include_background:
        changes["include_background"] = True
    return dataset.settings.replace(**changes)


def _run(
    dataset: Dataset,
    settings: Settings,
    *,
    pairs: list[tuple[str, str]] | None = None,
    workers: int | None = None,
) -> Audit:
    with terminal.progress_bar(len(dataset.samples), "measuring") as progress:
        return audit(
            dataset, settings=settings, comparisons=pairs, progress=progress, workers=workers
        )


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


def _show(result: Audit, *, json: dict[str, Any] | None = None, target: str | None = None) -> None:
    out, err = terminal.consoles(quiet=target == "-")
    terminal.show_notes(err, result.notes)
    if len(result.comparisons) > 1:
        terminal.show_overview(out, result)
    for comparison in result.comparisons[:3]:
        terminal.show_comparison(out, result, comparison)
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


def _write_table(result: Audit, path: Path | None) -> None:
    if path is not None:
        from ..report import write_table

        write_table(result, path)


def _reviews(dataset: Dataset, store: str | None) -> Any:
    """Everyone's latest verdicts, or None when nobody has reviewed yet."""
    with _store(dataset, store) as reviews:
        return None if reviews is None else reviews.all_latest()


@contextmanager
def _store(dataset: Dataset, store: str | None) -> Iterator[Any]:
    """The review store, opened for reading; None when there is none yet."""
    from ..review.location import dataset_key, existing_store
    from ..review.store import ReviewStore

    where = existing_store(dataset.folder, store or dataset.store)
    if where is None:
        yield None
        return
    key = dataset_key(dataset.folder, where, dataset.name)
    with ReviewStore.open(where, dataset_key=key, read_only=True) as reviews:
        yield reviews


def _has_display() -> bool:
    import os

    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_window(arguments: list[str]) -> int:
    """Start the napari window as a process of its own and wait for it."""
    command = [sys.executable, "-m", "napari_mask_audit.gui", *arguments]
    return subprocess.run(command, check=False).returncode
