"""What the docks write beside the main thread: exported verdicts and the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..review.export import export_tags
from .worker import Job

if TYPE_CHECKING:
    from .room import ReviewRoom


def write_tags(room: ReviewRoom, path: str | Path) -> None:
    """Write everyone's latest verdicts to a CSV or JSON file."""
    assert room.session is not None
    store = room.session.store
    room.run(
        lambda _job: export_tags(store, path),
        lambda count: room.say(f"{count} verdicts written to {path}"),
    )


def write_report_file(room: ReviewRoom, path: str | Path) -> None:
    """Write the report on what is measured so far."""
    dataset, audit, session = room.dataset, room.audit, room.session
    assert dataset is not None
    assert audit is not None
    assert session is not None
    room.say("writing the report …")

    def work(job: Job) -> Path:
        from ..report.html import write_report

        return write_report(
            audit.result(),
            dataset,
            path,
            reviews=session.store.all_latest(),
            should_stop=lambda: job.stopped,
        )

    room.run(work, lambda file: room.say(f"report written to {file}"))
