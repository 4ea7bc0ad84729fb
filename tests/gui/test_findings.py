"""Findings in the review dock: the list, the walk, the suggestion, verdicts on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from gui_review import column, review, wait_for_findings
from napari_mask_audit.gui import canvas
from napari_mask_audit.gui.findings_model import BUCKET, CLASSES, PIXELS, VERDICT
from napari_mask_audit.review.store import ReviewStore

pytestmark = [
    pytest.mark.gui,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any]) -> Any:
    return make_napari_viewer_proxy()


def test_the_findings_are_listed_and_walked_along(
    viewer: Any, qtbot: QtBot, tmp_path: Path, qtmodeltester: ModelTester
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        qtmodeltester.check(dock.sample.findings.model)
        assert column(dock, BUCKET) == ["under-extent", "over-extent", "boundary"]
        assert column(dock, CLASSES) == ["cell / background"] * 3
        assert column(dock, PIXELS) == ["24", "24", "12"]
        assert dock.sample.cause.text().startswith("⚑ the whole mask is shifted by y +0, x +3 px")
        assert dock.sample.tabs.tabText(0) == "findings 3  (F next)"
        dock.next_finding()
        finding = dock.room.findings.current
        assert dock.sample.findings.text.text() == f"{finding.explanation} {finding.why_not_next}"
        assert dock.sample.findings.table.currentIndex().row() == 0
        dock.next_finding(-1)
        assert dock.room.findings.index == 2
        dock.room.findings.leave()
        assert dock.room.findings.current is None
        assert not dock.sample.findings.text.isVisibleTo(dock)
        dock.go("next")
        wait_for_findings(qtbot, dock)
        assert column(dock, BUCKET) == ["boundary"]


def test_the_next_sample_is_seen_whole_though_the_finding_is_gone(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        walk, camera = dock.room.findings, canvas.camera(viewer)
        whole = camera.zoom
        dock.next_finding()
        assert camera.zoom == 16 != whole, "so near as 16 screen pixels to one of the mask"
        walk.show(walk.view, replace(walk.explanation, findings=()))  # as when it is put right
        assert walk.index is None
        dock.go("next")
        wait_for_findings(qtbot, dock)
        assert camera.zoom == pytest.approx(whole, rel=0.01)


def test_asking_before_they_are_found_shows_the_first_when_it_is(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        walk = dock.room.findings
        view, explanation = walk.view, walk.explanation
        walk.clear()
        walk.show(view, None)
        assert dock.sample.tabs.tabText(0) == "findings explaining…"
        dock.next_finding()
        assert walk.index is None
        walk.show(view, explanation)
        assert walk.index == 0


def test_the_suggestion_is_put_on_the_sample_by_one_key(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        session, panel = dock.room.session, dock.verdict.suggestion
        # Under- and over-extent repair 24 pixels each; of equals the first in the list leads.
        tag = dock.room.summary.suggested_tag
        assert tag in ("under_extent", "over_extent")
        assert panel.button.text() == f"G  {tag.replace('_', ' ')}?"
        assert panel.reason.text() == dock.room.summary.reason != ""
        assert "G" in {key.sequence for key in dock.keys.keys}
        dock.accept_suggestion()
        dock.accept_suggestion()
        verdict = session.store.latest("s3")
        assert (verdict.tags, verdict.suggested_tag) == ((tag,), tag)
        assert panel.button.text().startswith("✓")
        assert dock.verdict.tags[tag].isChecked(), "a tag without a key has a button while it is on"
        assert len(session.store.history("s3")) == 1
        session.undo()
        assert tag not in dock.verdict.tags


def test_verdicts_go_to_the_finding_in_view_when_they_are_to(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        session, walk = dock.room.session, dock.room.findings
        dock.switch_target()
        assert walk.index == 0, "there is something to decide about at once"
        first = walk.current
        qtbot.mouseClick(dock.verdict.tags["boundary"], Qt.MouseButton.LeftButton)
        dock.accept_suggestion()
        qtbot.keyClicks(dock.verdict.comment, "cut off")
        dock.decide("needs_fix")
        assert walk.index == 1, "a status moves on to the next finding, not to the next sample"
        assert session.current == "s3"
        verdict = session.verdict("s3", first.id)
        assert verdict.tags == ("boundary", first.suggested_tag)
        assert (verdict.status, verdict.comment) == ("needs_fix", "cut off")
        assert session.verdict("s3") is None, "nothing is decided about the sample"
        assert column(dock, VERDICT) == ["✗", "", ""]
        assert dock.footer.status.text().startswith("finding 2 of 3")
        assert dock.verdict.comment.text() == ""
        dock.switch_target()
        dock.decide("accept")
        assert session.current == "s2"
        with ReviewStore.open(
            tmp_path / "squares" / ".mask-audit" / "review.sqlite", dataset_key="."
        ) as store:
            assert store.latest("s3", first.id).status == "needs_fix"
            assert store.latest("s3").status == "accept"


def test_without_a_finding_in_view_nothing_is_decided(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        session = dock.room.session
        dock.switch_target()
        dock.room.findings.leave()
        dock.decide("accept")
        dock.verdict.toggle_tag("boundary")
        assert "no finding is in view" in dock.footer.status.text()
        assert not session.verdicts("s3")
        assert not dock.verdict.suggestion.isVisibleTo(dock)


def test_the_queue_sorts_by_bucket_once_all_is_explained(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        order = dock.queue.order
        index = order.findData("worst_first:bucket:boundary")
        assert order.itemText(index) == "boundary first"
        order.setCurrentIndex(index)
        order.activated.emit(index)
        # s2 loses 40 of 120 pixels to it, s1 20 of 110, s3 12 of 130, s0 none.
        assert dock.room.session.samples == ["s2", "s1", "s3", "s0"]
        assert not dock.header.audited.isVisibleTo(dock)
