"""What the docks write beside the main thread: exported verdicts and the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..dataset import Dataset
from ..errors import AuditError
from ..review.export import export_tags
from ..review.store import ReviewStore
from .running_audit import RunningAudit
from .worker import Job, Jobs

Say = Callable[[str], None]
Failed = Callable[[AuditError], None]


def write_tags(jobs: Jobs, store: ReviewStore, path: str | Path, say: Say, failed: Failed) -> None:
    """Write everyone's latest verdicts to a CSV or JSON file."""

    def done(count: int) -> None:
        say(f"{count} verdicts written to {path}")

    jobs.run(lambda _job: export_tags(store, path), done, failed)


def write_report_file(
    jobs: Jobs,
    dataset: Dataset,
    audit: RunningAudit,
    store: ReviewStore,
    path: str | Path,
    say: Say,
    failed: Failed,
) -> None:
    """Write the report on what is measured so far."""
    say("writing the report …")

    def work(job: Job) -> Path:
        from ..report.html import write_report

        return write_report(
            audit.result(),
            dataset,
            path,
            reviews=store.all_latest(),
            should_stop=lambda: job.stopped,
        )

    jobs.run(work, lambda file: say(f"report written to {file}"), failed)
