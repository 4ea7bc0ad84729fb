"""``review``, ``report``, ``demo`` and ``warmup``: people at work."""

from __future__ import annotations

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..audit import Audit
from ..dataset import Dataset, Role
from ..settings import Settings
from . import terminal
from .measure import show
from .options import (
    ConventionOption,
    DatasetArg,
    FailuresOption,
    StoreOption,
    ToleranceOption,
    WithBackgroundOption,
    latest_reviews,
    run_audit,
    run_explained_audit,
    settings_from,
)

if TYPE_CHECKING:
    from ..failures import DatasetFailures

QuickOption = Annotated[
    bool,
    typer.Option(
        "--quick", help="Scores only: leave out failures, agreement, flaws and the checklist."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command(name="review")(review_command)
    app.command(name="report")(report_command)
    app.command(name="demo")(demo_command)
    app.command(name="warmup")(warmup_command)


def review_command(
    dataset: DatasetArg,
    store: StoreOption = None,
    reviewer: Annotated[
        str | None, typer.Option(help="Who is reviewing; your login name if not given.")
    ] = None,
    sample: Annotated[str | None, typer.Option(help="Open on this sample.")] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Hide whose masks they are, in a drawn order.")
    ] = False,
    repeats: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Share of the decided samples that come back unannounced, 0 to 1."
        ),
    ] = None,
) -> None:
    """Open the dataset in napari and go through the worst samples first, by keyboard.

    Example: mask-audit review my_dataset
    """
    Dataset.open(dataset)  # a wrong path should be said here, not in a window
    arguments = [str(dataset)]
    for option, value in (("--store", store), ("--reviewer", reviewer), ("--sample", sample)):
        arguments += [] if value is None else [option, value]
    arguments += ["--blind"] if blind else []
    arguments += [] if repeats is None else ["--repeats", str(repeats)]
    raise typer.Exit(_open_window(arguments))


class ReportFormat(StrEnum):
    """What ``report`` writes."""

    HTML = "html"
    PDF_READY = "pdf-ready"
    MARKDOWN = "md"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"

    @property
    def file_name(self) -> Path:
        """Where it is written when nobody said."""
        endings = {ReportFormat.HTML: "html", ReportFormat.PDF_READY: "print.html"}
        return Path(f"report.{endings.get(self, self.value)}")

    @property
    def is_page(self) -> bool:
        """Whether it is a page with pictures."""
        return self in (ReportFormat.HTML, ReportFormat.PDF_READY)

    @property
    def is_table(self) -> bool:
        """Whether it holds nothing but scores."""
        return self in (ReportFormat.CSV, ReportFormat.PARQUET)


def report_command(
    dataset: DatasetArg,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; report.html if not given."),
    ] = None,
    output_format: Annotated[
        ReportFormat,
        typer.Option(
            "--format",
            help="html: one page to hand on. pdf-ready: the same laid out for printing. "
            "md: a summary. json: everything but the verdicts (see export). "
            "csv, parquet: a row per sample and class.",
        ),
    ] = ReportFormat.HTML,
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst samples to show.")] = 8,
    include_background: WithBackgroundOption = False,
    tolerance: ToleranceOption = None,
    convention: ConventionOption = None,
    thresholds: FailuresOption = None,
    store: StoreOption = None,
    quick: QuickOption = False,
) -> None:
    """Write one self-contained HTML page: scores, failures explained, agreement, verdicts.

    Example: mask-audit report my_dataset -o report.html
    """
    from ..report import write_report, write_table

    opened = Dataset.open(dataset)
    settings = settings_from(opened, tolerance, convention, None, include_background, thresholds)
    leave_out = quick or output_format.is_table
    result, failures = _measured(opened, settings, explained=not leave_out)
    out, err = terminal.consoles()
    terminal.show_notes(err, result.notes)
    terminal.show_problems(err, result.problems)
    parts = {} if failures is None else _further_parts(opened, result, settings, store, failures)
    target = output or output_format.file_name
    if not output_format.is_page:
        path = write_table(result, target, form=output_format.value, **parts)
    else:
        paper = output_format is ReportFormat.PDF_READY
        reviews = latest_reviews(opened, store)
        with terminal.progress_bar(0, "drawing") as progress:
            path = write_report(
                result,
                opened,
                target,
                reviews=reviews,
                worst=worst,
                paper=paper,
                progress=progress,
                **parts,
            )
    out.print(f"report written to {path.resolve()}", markup=False)


def demo_command(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the sample data and the report.")
    ] = Path("demo-output"),
    window: Annotated[
        bool, typer.Option(help="Open napari at the end, where there is a display.")
    ] = True,
    quick: QuickOption = False,
) -> None:
    """Audit the sample data, write its report and a preview picture, and open it in napari."""
    from ..report import write_preview, write_report
    from ..samples import copy_sample_masks

    folder = copy_sample_masks(output / "sample_masks")
    opened = Dataset.open(folder)
    settings = opened.settings
    result, failures = _measured(opened, settings, explained=not quick)
    show(result)
    reviews = latest_reviews(opened, None)
    out, _ = terminal.consoles()
    parts = {} if failures is None else _further_parts(opened, result, settings, None, failures)
    report = write_report(result, opened, output / "report.html", reviews=reviews, **parts)
    preview = write_preview(result, opened, output / "preview.png")
    out.print(f"\nreport   {report.resolve()}\npreview  {preview.resolve()}", markup=False)
    out.print(f"next     mask-audit review {folder}", markup=False)
    if window and _has_display():
        raise typer.Exit(_open_window([str(folder)]))


def warmup_command() -> None:
    """Compile the fast counting code once, so that later runs start with it (needs numba)."""
    from ..kernels import backend

    out, _ = terminal.consoles()
    backend.warm_up()
    out.print(f"counting runs on: {backend.active()}")


def _measured(
    dataset: Dataset, settings: Settings, *, explained: bool
) -> tuple[Audit, DatasetFailures | None]:
    """The audit, and why its scores are not perfect if that is wanted."""
    if explained:
        return run_explained_audit(dataset, settings)
    return run_audit(dataset, settings), None


def _further_parts(
    dataset: Dataset,
    audit: Audit,
    settings: Settings,
    store: str | None,
    failures: DatasetFailures,
) -> dict[str, Any]:
    """What the report shows beside the scores: failures, agreement, flaws, checklist."""
    from ..agreement import agree
    from ..checklist import checklist, review_events
    from ..checks import lint
    from ..review.consistency import intra_reviewer_consistency

    total = len(dataset.samples)
    agreement = None
    people = len(dataset.with_role(Role.ANNOTATOR))
    if people > 1 or (people and dataset.with_role(Role.REFERENCE)):
        with terminal.progress_bar(total, "comparing people") as progress:
            agreement = agree(dataset, settings=settings, progress=progress)
    with terminal.progress_bar(total, "checking") as progress:
        flaws = lint(dataset, progress=progress)
    first = next((row.advice[0].text for row in failures.comparisons if row.advice), None)
    events = review_events(dataset, store)
    return {
        "failures": failures,
        "agreement": agreement,
        "checklist": checklist(dataset, audit, flaws, events, advice=first),
        "lint": flaws,
        "consistency": intra_reviewer_consistency(events),
    }


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_window(arguments: list[str]) -> int:
    """Start the napari window as a process of its own and wait for it."""
    command = [sys.executable, "-m", "napari_mask_audit.gui", *arguments]
    return subprocess.run(command, check=False).returncode
