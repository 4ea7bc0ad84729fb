"""Ways to open a dataset, and what goes wrong on the way."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.utils.notifications import Notification, notification_manager
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QInputDialog, QPushButton

from building import square, write_png
from gui_squares import make_squares
from napari_mask_audit.gui import recent, rooms
from napari_mask_audit.gui.modes import Mode
from napari_mask_audit.gui.open_menu import OpenMenu
from napari_mask_audit.gui.recent import Recent, recent_datasets, remember
from napari_mask_audit.gui.review_dock import ReviewDock
from napari_mask_audit.gui.start_panel import StartPanel

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")


# -- the list of the last datasets ---------------------------------------------------------------


def test_the_last_one_comes_first_and_only_once(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        remember(tmp_path / name, name.upper(), None)
    remember(tmp_path / "a", "A", "a.sqlite")
    assert [(r.name, r.store) for r in recent_datasets()] == [("A", "a.sqlite"), ("B", None)]
    (tmp_path / "a").rmdir()
    assert [r.name for r in recent_datasets()] == ["B"], "what is gone cannot be opened"


def test_the_list_has_an_end(tmp_path: Path) -> None:
    for number in range(recent.MOST + 3):
        (tmp_path / str(number)).mkdir()
        remember(tmp_path / str(number), str(number), None)
    assert len(recent_datasets()) == recent.MOST


def test_an_address_of_a_server_is_not_kept(tmp_path: Path) -> None:
    remember(tmp_path, "x", "postgresql://ann:secret@host/db")
    assert not recent._file().exists()


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"path": 3}]', '{"a": 1}'])
def test_a_list_that_cannot_be_read_is_no_list(tmp_path: Path, content: str) -> None:
    recent._file().parent.mkdir(parents=True)
    recent._file().write_text(content)
    assert recent_datasets() == []
    remember(tmp_path, "x", None)
    assert [entry["name"] for entry in json.loads(recent._file().read_text())] == ["x"]


@pytest.mark.gui
def test_the_start_panel_lists_them(qtbot: QtBot, tmp_path: Path) -> None:
    panel = StartPanel()
    qtbot.addWidget(panel)
    assert not panel.recent_title.isVisibleTo(panel)
    remember(tmp_path, "A & B", None)
    panel.refresh()
    assert [button.text() for button in panel.recent] == ["A && B"]
    assert str(tmp_path) in panel.recent[0].toolTip()
    with qtbot.waitSignal(panel.recent_asked) as asked:
        qtbot.mouseClick(panel.recent[0], Qt.MouseButton.LeftButton)
    assert asked.args == [Recent(str(tmp_path), "A & B")]
    panel.set_busy(True)
    assert not any(button.isEnabled() for button in panel.findChildren(QPushButton)[:2])


@pytest.mark.gui
def test_the_menu_lists_folder_last_ones_and_sample_data(qtbot: QtBot, tmp_path: Path) -> None:
    remember(tmp_path, "A", None)
    menu = OpenMenu()
    qtbot.addWidget(menu)
    menu.refresh()
    actions = [action for action in menu.actions() if action.text()]
    assert [action.text() for action in actions] == ["Open a folder…", "A", "Sample data"]
    assert all(action.toolTip() for action in actions)
    with qtbot.waitSignal(menu.recent_asked) as asked:
        actions[1].trigger()
    assert asked.args[0].path == str(tmp_path)


# -- in the window -------------------------------------------------------------------------------


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot) -> Iterator[Any]:
    yield make_napari_viewer_proxy()
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)


def open_dock(viewer: Any) -> ReviewDock:
    return viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")[1]


def wait_until_open(qtbot: QtBot, dock: ReviewDock) -> None:
    qtbot.waitUntil(lambda: dock.room.view is not None, timeout=60000)


def said_while(qtbot: QtBot, act: Callable[[], object], until: Callable[[], bool]) -> list[str]:
    """What napari was given to notify of."""
    heard: list[str] = []

    def hear(notification: Notification) -> None:
        heard.append(notification.message)

    notification_manager.notification_ready.connect(hear)
    try:
        act()
        qtbot.waitUntil(until, timeout=60000)
    finally:
        notification_manager.notification_ready.disconnect(hear)
    return heard


@pytest.mark.gui
def test_opening_again_from_the_palette(
    viewer: Any, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = open_dock(viewer)
    assert any("open a folder first" in text for text in said_while(
        qtbot, dock.ask_recent, lambda: dock.start.message.text().startswith("⚠")
    ))  # fmt: skip
    dock.room.open(make_squares(tmp_path / "first"), reviewer="ann")
    wait_until_open(qtbot, dock)
    qtbot.waitUntil(lambda: len(recent_datasets()) == 1, timeout=10000)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *args: (args[3][0], True))
    before = dock.room.session
    dock.ask_recent()
    qtbot.waitUntil(lambda: dock.room.session is not before, timeout=60000)
    assert dock.room.dataset.folder == tmp_path / "first"
    wait_until_open(qtbot, dock)
    viewer.window.remove_dock_widget(dock)


@pytest.mark.gui
def test_an_empty_folder_says_what_is_expected(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    dock = open_dock(viewer)
    (tmp_path / "empty").mkdir()
    heard = said_while(
        qtbot,
        lambda: dock.room.open(tmp_path / "empty"),
        lambda: dock.start.message.text().startswith("⚠"),
    )
    assert len(heard) == 1
    assert "masks/SOURCE/NAME" in heard[0]
    assert dock.start.open.isEnabled()
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)
    assert gc.get_freeze_count() == 0, "nothing is kept from the collector for good"


@pytest.mark.gui
def test_a_folder_that_is_no_dataset_is_answered_by_the_dock(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    window = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")[1]
    (tmp_path / "odd").mkdir()
    write_png(tmp_path / "odd" / "photo.png", np.zeros((16, 16), np.uint8))
    said_while(
        qtbot,
        lambda: viewer.open(str(tmp_path / "odd"), plugin="napari-mask-audit"),
        lambda: window.start.message.text().startswith("⚠"),
    )
    assert "mask-audit init" in window.start.message.text()
    assert window.start.describe.isVisibleTo(window)
    viewer.window.remove_dock_widget(window)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore:Function.*QDragEnterEvent:DeprecationWarning")  # PySide 6.12
def test_a_dataset_is_dropped_on_the_dock(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    dock = open_dock(viewer)
    folder = make_squares(tmp_path / "dropped")
    (tmp_path / "note.txt").write_text("no dataset")
    assert not drop(dock, tmp_path / "note.txt").isAccepted()
    assert drop(dock, folder).isAccepted()
    wait_until_open(qtbot, dock)
    assert dock.room.dataset.folder == folder
    viewer.window.remove_dock_widget(dock)


def drop(widget: Any, path: Path) -> QDropEvent:
    """Drop a file on a widget."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    how = (
        Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )  # fmt: skip
    event = QDropEvent(QPointF(5, 5), *how)
    for part in (QDragEnterEvent(QPoint(5, 5), *how), event):
        part.ignore()
        QApplication.sendEvent(widget, part)
    return event


@pytest.mark.gui
def test_bad_files_are_said_and_the_others_reviewed(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_squares(tmp_path, n=5)
    model = folder / "masks" / "model"
    (model / "s1.png").write_text("this is no picture")
    write_png(model / "s2.png", square(size=24))
    (model / "s3.png").unlink()
    large = square().astype(np.uint16)
    large[large == 1] = 40000
    write_png(model / "s4.png", large)
    dock = open_dock(viewer)
    room = dock.room
    room.open(folder, reviewer="ann")
    qtbot.waitUntil(lambda: room.feed is not None and room.feed.is_complete, timeout=60000)
    expected = {
        "s1": ("cannot be decoded", None),
        "s2": ("never resized", None),
        "s3": ("no mask of this sample", None),
        "s4": ("", 40000),
    }
    for sample, (words, class_id) in expected.items():
        room.attempt(lambda name=sample: room.session.go_to(name))
        qtbot.waitUntil(
            lambda name=sample: room.view is not None and room.view.sample == name, timeout=60000
        )
        text = dock.sample.problem.text()
        assert words in text, (sample, text)
        assert viewer.layers["reference: gt"].visible is (class_id is None), "the only mask shows"
        assert (room.seeing.legend.title == "only gt") is (class_id is None)
        if class_id is not None:
            assert class_id in room.view.ids
            assert text == ""
            room.seeing.set_mode(Mode.CANDIDATE)
            assert viewer.layers["candidate: model"].data.max() == class_id
    viewer.window.remove_dock_widget(dock)


@pytest.mark.gui
def test_another_dataset_while_one_is_measured(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    dock = open_dock(viewer)
    dock.room.open(make_squares(tmp_path / "first", n=6), reviewer="ann")
    qtbot.waitUntil(lambda: dock.room.session is not None, timeout=60000)
    first = dock.room.audit
    dock.room.open(make_squares(tmp_path / "second"), reviewer="ann")
    qtbot.waitUntil(
        lambda: dock.room.dataset is not None and dock.room.dataset.folder.name == "second",
        timeout=60000,
    )
    qtbot.waitUntil(lambda: dock.room.audit.is_complete, timeout=60000)
    assert first is not dock.room.audit
    assert dock.header.reviewed.format() == "0 of 4 reviewed"
    viewer.window.remove_dock_widget(dock)


@pytest.mark.gui
def test_cancel_in_the_middle_keeps_what_is_known(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_dock(viewer)
    dock.room.open(make_squares(tmp_path, n=6), reviewer="ann")
    qtbot.waitUntil(lambda: dock.room.feed is not None and dock.room.feed.is_running, timeout=60000)
    qtbot.mouseClick(dock.header.cancel, Qt.MouseButton.LeftButton)
    assert not dock.room.feed.is_running
    assert dock.header.cancel.text() == "Go on"
    dock.go("next")
    wait_until_open(qtbot, dock)
    qtbot.mouseClick(dock.header.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dock.room.feed.is_complete, timeout=60000)
    assert not dock.header.cancel.isVisibleTo(dock.header)
    viewer.window.remove_dock_widget(dock)
