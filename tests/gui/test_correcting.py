"""Correcting a mask in a real viewer: painting, the numbers that follow, saving, leaving."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QWidget

from gui_squares import make_squares
from napari_mask_audit.gui import rooms
from napari_mask_audit.gui.correcting import Answer
from napari_mask_audit.gui.review_dock import ReviewDock
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import EventKind

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
    # napari gives the dock back to Python, and Qt's part of it goes when Qt finds the time.
    qtbot.waitUntil(is_collected, timeout=20000)


def is_collected() -> bool:
    gc.collect()
    return not any(isinstance(thing, ReviewDock) for thing in gc.get_objects())


def our_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("mask-audit")]


def open_review(viewer: Any, qtbot: QtBot, folder: Path, sample: str = "s3") -> ReviewDock:
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, "Mask audit: review")
    dock.room.open(folder, reviewer="ann", sample=sample)
    room = dock.room
    qtbot.waitUntil(lambda: room.audit is not None and room.audit.is_complete, timeout=60000)
    qtbot.waitUntil(lambda: room.view is not None and not room.audit.is_running, timeout=60000)
    qtbot.waitUntil(lambda: room.findings.explanation is not None, timeout=60000)
    return dock


def correct(qtbot: QtBot, dock: ReviewDock, source: str | None = None) -> Any:
    dock.room.correcting.start(source)
    qtbot.waitUntil(lambda: dock.room.correcting.is_active, timeout=20000)
    return dock.room.correcting.layer.layer


def settled(qtbot: QtBot, dock: ReviewDock) -> None:
    correcting = dock.room.correcting
    qtbot.waitUntil(
        lambda: not (correcting._look.isActive() or correcting.is_updating or correcting._drafting),
        timeout=20000,
    )


def test_numbers_overlay_and_buckets_follow_painting_and_undo(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    room = dock.room
    # Off by three: IoU 7/13.
    assert room.scores("s3").classes[0].iou == 7 / 13
    layer = correct(qtbot, dock)
    assert layer.data is room.correcting.live.labels
    assert layer.data.base is not room.view.candidate
    before = layer.data.copy()
    layer.selected_label = 1
    layer.brush_size = 1
    with layer.block_history():
        for y in range(5, 15):
            layer.paint((y, 5), 1)
    settled(qtbot, dock)
    # One column more is right: 80 of 100 + 100 + 10 - 80.
    assert room.scores("s3").classes[0].iou == 80 / 130
    assert room.correcting.is_dirty
    assert dock.correcting.state.text().startswith("not saved")
    assert room.findings.explanation.summary.losses
    layer.undo()
    settled(qtbot, dock)
    assert np.array_equal(layer.data, before)
    assert room.scores("s3").classes[0].iou == 7 / 13
    assert not room.correcting.is_dirty
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_a_correction_is_saved_and_recorded(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_squares(tmp_path / "squares")
    dock = open_review(viewer, qtbot, folder)
    room = dock.room
    layer = correct(qtbot, dock)
    layer.data_setitem((np.array([0]), np.array([0])), 2)
    dock.correcting.reason.setText("a gland in the corner")
    saved: list[bool] = []
    room.correcting.save(saved.append)
    qtbot.waitUntil(lambda: bool(saved), timeout=20000)
    assert saved == [True]
    assert not room.correcting.is_active
    written = np.asarray(Image.open(folder / "masks" / "corrected" / "s3.png"))
    assert written[0, 0] == 2
    assert written.sum() == 102
    assert ("gt", "corrected") in room.dataset.comparisons()
    qtbot.waitUntil(lambda: ("gt", "corrected") in room.audit.measured["s3"].pairs, timeout=20000)
    viewer.window.remove_dock_widget(dock)
    with ReviewStore.open(folder / ".mask-audit" / "review.sqlite", dataset_key=".") as store:
        events = [e for e in store.history("s3") if e.kind is EventKind.CORRECTION]
    assert [(e.reviewer, e.comment) for e in events] == [("ann", "a gland in the corner")]
    assert not list((folder / ".mask-audit" / "review.drafts").glob("*"))


@pytest.mark.parametrize("answer", [Answer.STAY, Answer.DISCARD])
def test_the_next_sample_waits_for_an_answer(
    viewer: Any, qtbot: QtBot, tmp_path: Path, answer: Answer
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    room = dock.room
    asked: list[str] = []

    def ask() -> Answer:
        asked.append(room.correcting.title)
        return answer

    room.correcting.ask = ask
    layer = correct(qtbot, dock)
    layer.data_setitem((np.array([0]), np.array([0])), 2)
    dock.room.session.go_to("s2")
    assert asked == ["correcting candidate 'model' of s3"]
    stays = answer is Answer.STAY
    assert room.session.current == ("s3" if stays else "s2")
    assert room.correcting.is_active == stays
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def menu_keys(window: QWidget) -> set[str]:
    """The keys of napari's menus, and those that open them."""
    bar = window.menuBar()
    keys, actions = set(), list(bar.actions())
    while actions:
        action = actions.pop()
        keys.add(action.shortcut().toString())
        actions += action.menu().actions() if action.menu() is not None else []
    letters = {text[text.index("&") + 1] for a in bar.actions() if "&" in (text := a.text())}
    return (keys | {f"Alt+{letter.upper()}" for letter in letters}) - {""}


def test_no_key_is_one_of_the_menus(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    # Qt calls such a key ambiguous, and does neither.
    dock = open_review(viewer, qtbot, make_squares(tmp_path))
    taken = menu_keys(dock.window())
    assert {"Ctrl+O", "Alt+F"} <= taken, "premise: the menus are there"
    reviewing = {key.sequence for key in dock.keys.keys}
    correct(qtbot, dock)
    correcting = {key.sequence for key in dock.keys.keys}
    dock.room.correcting.stop()
    viewer.window.remove_dock_widget(dock)
    assert correcting - reviewing, "premise: correcting has keys of its own"
    assert (reviewing | correcting) & taken == set()
