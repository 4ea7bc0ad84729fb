"""What happened to a sample, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from napari_mask_audit.review.blinding import Blinding
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.history import history_lines
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import Verdict


def verdict(reviewer: str = "ann", **fields: object) -> Verdict:
    return Verdict(sample="s", reviewer=reviewer, **fields)


@pytest.fixture
def store(tmp_path) -> ReviewStore:
    moment = datetime(2026, 1, 2, 23, 4, 5, tzinfo=UTC)
    with ReviewStore.open(tmp_path / "r.sqlite", dataset_key="d", clock=lambda: moment) as opened:
        yield opened


def told(store: ReviewStore) -> list[tuple[str, ...]]:
    lines = history_lines(store.history("s"), {"fold": "fold in tissue"})
    return [(line.event.reviewer, line.what, *line.marks) for line in lines]


def test_each_line_says_what_changed(store: ReviewStore) -> None:
    store.record(verdict(status="needs_fix", tags=("fold", "missed_small")))
    store.record(verdict(status="needs_fix", tags=("fold",), comment="left"))
    store.record(verdict("bob", status="needs_fix", tags=("fold",), comment="left"))
    store.record(verdict("bob", tags=("fold",)))
    assert told(store) == [
        ("ann", "needs fix; tagged fold in tissue, missed small"),
        ("ann", "no longer tagged missed small; comment “left”"),
        ("bob", "agreed: needs fix"),
        ("bob", "open again; comment removed", "in force"),
    ]


def test_undone_and_done_again(store: ReviewStore) -> None:
    store.record(verdict(status="accept"))
    store.record(verdict(status="unsure"))
    store.undo("ann")
    assert told(store) == [
        ("ann", "accept", "in force"),
        ("ann", "unsure", "taken back"),
        ("ann", "undone: accept"),
    ]
    store.redo("ann")
    assert told(store)[1] == ("ann", "unsure", "in force")
    store.undo("ann")
    store.undo("ann")
    marks = [line[2:] for line in told(store)]
    assert marks[:2] == [("taken back",), ("taken back",)]
    assert not any("in force" in mark for mark in marks)


def test_findings_repeats_corrections_and_hidden_names_are_told_apart(store: ReviewStore) -> None:
    first = store.record(verdict(status="accept", details=Blinding(3).mark("s", ("gt", "m"))))
    store.record(verdict(finding="s:missed:1", status="unsure"))
    store.record(verdict(status="unsure", repeats=first.id))
    store.record_correction(
        Correction(
            sample="s",
            reviewer="bob",
            source="model",
            file="masks/corrected/s.png",
            before="a",
            after="b",
            pixels=1234,
            reason="gap closed",
        )
    )
    assert told(store) == [
        ("ann", "accept", "names hidden", "in force"),
        ("ann", "unsure", "in force"),
        ("ann", "unsure", "judged again"),
        ("bob", "corrected model, 1,234 px, as masks/corrected/s.png: gap closed"),
    ]
    lines = history_lines(store.history("s"))
    assert [line.about for line in lines] == ["sample", "finding s:missed:1", "sample", "sample"]
    assert lines[0].time(timezone(timedelta(hours=2))) == "2026-01-03 01:04:05"
    assert lines[0].to_dict()["at"].startswith("2026-01-02T23:04:05")
