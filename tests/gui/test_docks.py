"""The docks in a real viewer, through the manifest, as napari opens them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from building import square
from gui_squares import make_squares
from napari_mask_audit.gui import rooms
from napari_mask_audit.gui.review_dock import ReviewDock
from napari_mask_audit.gui.written_files import write_report_file, write_tags
from napari_mask_audit.review.store import ReviewStore

pytestmark = [
    pytest.mark.gui,
    # napari's and Qt's own, when a viewer is made and closed
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]
PLUGIN = "napari-mask-audit"


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot) -> Iterator[Any]:
    yield make_napari_viewer_proxy()
    qtbot.waitUntil(lambda: not our_threads(), timeout=20000)
    assert rooms._ROOMS == {}


def our_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("mask-audit")]


def open_review(viewer: Any, qtbot: QtBot, folder: Path, **options: str) -> ReviewDock:
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, "Mask audit: review")
    dock.room.open(folder, reviewer="ann", **options)
    wait_until_measured(qtbot, dock)
    return dock


def wait_until_measured(qtbot: QtBot, dock: ReviewDock) -> None:
    room = dock.room
    qtbot.waitUntil(lambda: room.audit is not None and room.audit.is_complete, timeout=60000)
    qtbot.waitUntil(lambda: room.view is not None and not room.audit.is_running, timeout=60000)
    current = room.session.current
    qtbot.waitUntil(lambda: room.view is not None and room.view.sample == current, timeout=60000)


def close(viewer: Any, dock: ReviewDock) -> None:
    viewer.window.remove_dock_widget(dock)


def test_a_review_from_opening_to_reopening(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_squares(tmp_path / "squares")
    dock = open_review(viewer, qtbot, folder)
    session = dock.room.session
    # The worst first: off by three, then by two, one, none.
    assert session.samples == ["s3", "s2", "s1", "s0"]
    assert session.current == "s3"
    assert viewer.layers["image"].data[0, 0, 0] == 120
    dock.next_finding()
    qtbot.waitUntil(lambda: len(viewer.layers["in view"].data) > 0, timeout=10000)
    dock.verdict.tags["boundary"].click()
    assert dock.footer.status.text() == "s3: tagged boundary  (Alt+Z undoes)"
    qtbot.keyClicks(dock.verdict.comment, "too far right")
    dock.verdict.statuses[next(iter(dock.verdict.statuses))].click()
    assert session.current == "s2"
    qtbot.waitUntil(lambda: dock.room.view is not None and dock.room.view.sample == "s2")
    assert viewer.layers["image"].data[0, 0, 0] == 80
    assert len(viewer.layers["in view"].data) == 0
    close(viewer, dock)

    with ReviewStore.open(folder / ".mask-audit" / "review.sqlite", dataset_key=".") as store:
        verdict = store.latest("s3")
        assert verdict is not None
        assert (verdict.status, verdict.tags, verdict.comment, verdict.reviewer) == (
            "accept",
            ("boundary",),
            "too far right",
            "ann",
        )
    again = open_review(viewer, qtbot, folder)
    assert again.room.session.current == "s2"
    assert again.header.reviewed.format() == "1 of 4 reviewed"
    close(viewer, again)


def test_keys_in_the_window(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path))
    session = dock.room.session
    window = dock.window()
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    dock.queue.table.setFocus()
    # A Labels layer is active, for which 1 would be the eraser.
    assert viewer.layers.selection.active.name == "disagreement"
    for key in (Qt.Key.Key_1, Qt.Key.Key_4, Qt.Key.Key_X):
        qtbot.keyClick(dock.queue.table, key)
    assert session.store.latest("s3").tags == ("boundary", "fold")
    assert session.store.latest("s3").status == "needs_fix"
    assert session.current == "s2"
    qtbot.keyClick(dock.queue.table, Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
    assert session.current == "s3"
    assert session.store.latest("s3").status is None
    assert dock.footer.status.text() == "s3: undone"
    close(viewer, dock)


def test_another_comparison_scores_and_shows_anew(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path))
    index = [dock.header.pair.itemText(n) for n in range(dock.header.pair.count())].index(
        "gt ▸ alice"
    )
    dock.header.pair.setCurrentIndex(index)
    dock.header.pair.activated.emit(index)
    wait_until_measured(qtbot, dock)
    assert {dock.room.session.item(f"s{k}").score for k in range(4)} == {90 / 110}
    assert viewer.layers["candidate: alice"] is not None
    assert dock.sample.score.text() == "mean IoU 0.82"
    close(viewer, dock)


def test_an_error_is_said_and_leaves_the_start_page(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, "Mask audit: review")
    dock.room.open(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: dock.start.message.text().startswith("⚠"), timeout=10000)
    assert "no-dataset" in dock.start.message.text()
    assert dock.start.open.isEnabled()
    close(viewer, dock)


def test_a_second_dataset_takes_over_the_layers(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "one"))
    layers = list(viewer.layers)
    first = dock.room.session
    dock.room.open(make_squares(tmp_path / "two", n=2), reviewer="bob")
    qtbot.waitUntil(lambda: dock.room.session is not first, timeout=10000)
    wait_until_measured(qtbot, dock)
    assert [layer.name for layer in viewer.layers] == [layer.name for layer in layers]
    assert dock.room.session.samples == ["s1", "s0"]
    # The old session is let go of: its signals reach nobody.
    first.verdict_changed.emit("s3")
    close(viewer, dock)


def test_export_and_report(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "d"))
    dock.verdict.tags["boundary"].click()
    write_tags(dock.room, tmp_path / "tags.csv")
    qtbot.waitUntil(lambda: "1 verdicts written" in dock.footer.status.text(), timeout=10000)
    assert "s3" in (tmp_path / "tags.csv").read_text()
    write_report_file(dock.room, tmp_path / "report.html")
    qtbot.waitUntil(lambda: "report written" in dock.footer.status.text(), timeout=60000)
    assert "<html" in (tmp_path / "report.html").read_text()
    close(viewer, dock)


def test_dropping_a_folder_opens_the_dock_on_it(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    assert viewer.open(str(folder), plugin=PLUGIN) == []
    name = f"Mask audit: review ({PLUGIN})"
    qtbot.waitUntil(lambda: name in viewer.window.dock_widgets, timeout=10000)
    dock = viewer.window.dock_widgets[name]
    wait_until_measured(qtbot, dock)
    assert dock.room.dataset.folder == folder
    assert len(viewer.layers) == 5
    close(viewer, dock)


def test_the_sample_town_fills_the_dock(
    viewer: Any, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_a, **_k: tmp_path)
    opened = viewer.open_sample(PLUGIN, "sample_town")
    assert opened
    name = f"Mask audit: review ({PLUGIN})"
    qtbot.waitUntil(lambda: name in viewer.window.dock_widgets, timeout=10000)
    dock = viewer.window.dock_widgets[name]
    wait_until_measured(qtbot, dock)
    assert dock.room.dataset.name == "Sample town"
    assert len(viewer.layers) == 5, "the sample's layers are the dock's layers"
    assert str(tmp_path) in dock.room.session.store.name
    close(viewer, dock)


def test_commands_reach_the_dock(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    from napari_mask_audit.gui import commands

    dock = open_review(viewer, qtbot, make_squares(tmp_path))
    session = dock.room.session
    commands.next_sample(viewer)
    assert session.current == "s2"
    commands.previous_sample(viewer)
    commands.unsure(viewer)
    assert session.store.latest("s3").status == "unsure"
    commands.undo(viewer)
    assert session.store.latest("s3").status is None
    commands.redo(viewer)
    commands.next_unreviewed(viewer)
    commands.cycle_overlay(viewer)
    assert dock.footer.mode.text() == "outlines  O"
    commands.cycle_overlay(viewer)
    wait_until_measured(qtbot, dock)
    commands.next_finding(viewer)
    close(viewer, dock)


def test_closing_the_window_stops_everything(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    dock = open_review(viewer, qtbot, folder)
    qtbot.keyClicks(dock.verdict.comment, "typed, not entered")
    viewer.close()
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=10000)
    with ReviewStore.open(folder / ".mask-audit" / "review.sqlite", dataset_key=".") as store:
        assert store.latest("s3").comment == "typed, not entered"


def test_the_compare_dock_compares_any_two_layers(viewer: Any, qtbot: QtBot) -> None:
    viewer.add_labels(square(), name="hers")
    viewer.add_labels(square(left=7).astype(bool), name="his")
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, "Mask audit: compare")
    assert (dock.reference.value.name, dock.candidate.value.name) == ("hers", "his")
    dock.button.click()
    qtbot.waitUntil(lambda: "mean IoU" in dock.summary.text(), timeout=20000)
    assert dock.summary.text() == (
        "mean IoU 0.67 over 1 class, 400 pixels counted; NSD at 1, boundaries by surfel; "
        "pixel accuracy 0.90"
    )
    assert dock.confused.heading.text().endswith("Confused classes (2)")
    cells = [dock.confusion.item(0, column).text() for column in range(4)]
    assert cells == ["0", "1", "20", "6.7%"]
    row = [dock.table.item(0, column).text() for column in range(dock.table.columnCount())]
    assert row == ["1", "0.67", "0.80", "0.55", "2.0", "0.0"]
    overlay = viewer.layers["compare: disagreement"]
    assert overlay.visible
    dock.overlay.value = False
    assert not overlay.visible
    viewer.window.remove_dock_widget(dock)


def test_layers_of_different_size_are_refused_in_words(viewer: Any, qtbot: QtBot) -> None:
    viewer.add_labels(square(), name="small")
    viewer.add_labels(np.zeros((30, 30), np.uint8), name="large")
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, "Mask audit: compare")
    dock.button.click()
    qtbot.waitUntil(lambda: dock.summary.text().startswith("⚠"), timeout=20000)
    assert "masks are never resized" in dock.summary.text()
    dock.background.value = "none"
    dock.button.click()
    assert "ids are whole numbers" in dock.summary.text()
    viewer.window.remove_dock_widget(dock)
