"""Manners: every action in the palette, a tooltip on every control, nothing cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from napari.settings import get_settings
from npe2 import PluginManifest
from pytestqt.qtbot import QtBot
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTableView,
    QToolButton,
    QWidget,
)

from gui_squares import make_squares
from napari_mask_audit.gui import rooms
from napari_mask_audit.gui.commands import KEY_COMMANDS
from napari_mask_audit.gui.review_keys import keys_while_correcting

pytestmark = [
    pytest.mark.gui,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]

PLUGIN = "napari-mask-audit"
DOCKS = (
    "Mask audit: review",
    "Mask audit: agreement",
    "Mask audit: boundary consistency",
    "Mask audit: compare",
)
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QProgressBar,
)


#: What napari's keys do whichever layer is selected, and a reviewer goes on needing.
OF_THE_VIEWER = {
    f"napari:{name}"
    for name in (
        "toggle_console_visibility", "toggle_ndisplay", "toggle_theme", "reset_view",
        "delete_selected_layers", "show_shortcuts", "increment_dims_left", "increment_dims_right",
        "focus_axes_up", "focus_axes_down", "roll_axes", "transpose_axes", "rotate_layers",
        "toggle_grid", "toggle_selected_visibility", "toggle_unselected_visibility",
        "select_layer_above", "select_layer_below", "show_only_layer_above",
        "show_only_layer_below", "hold_for_pan_zoom",
    )
}  # fmt: skip


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot) -> Iterator[Any]:
    yield make_napari_viewer_proxy()
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)


def open_docks(viewer: Any) -> dict[str, QWidget]:
    return {name: viewer.window.add_plugin_dock_widget(PLUGIN, name)[1] for name in DOCKS}


def close_docks(viewer: Any, docks: dict[str, QWidget]) -> None:
    for dock in docks.values():
        viewer.window.remove_dock_widget(dock)
    docks.clear()


def is_control(widget: QWidget) -> bool:
    """Whether a user can do or read something there; not what Qt itself puts into others."""
    parent = widget.parentWidget()
    is_inner = (
        isinstance(widget, (QScrollBar, QHeaderView))
        or (isinstance(widget, QAbstractButton) and isinstance(parent, (QTableView, QTabBar)))
        or (parent is not None and parent.inherits("QComboBoxPrivateContainer"))
    )
    return isinstance(widget, CONTROLS) and not is_inner


def has_hint(widget: QWidget | None, dock: QWidget) -> bool:
    """Whether hovering shows something: Qt asks the parents where the widget has no tooltip."""
    while widget is not None and widget is not dock:
        if widget.toolTip():
            return True
        widget = widget.parentWidget()
    return False


def test_every_key_of_the_cheat_sheets_is_in_the_palette(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    manifest = PluginManifest.from_distribution(PLUGIN)
    commands = {
        command.id.removeprefix(f"{PLUGIN}.") for command in manifest.contributions.commands
    }
    docks = open_docks(viewer)
    review, boundary = docks[DOCKS[0]], docks[DOCKS[2]]
    review.room.open(make_squares(tmp_path), reviewer="ann")
    qtbot.waitUntil(lambda: review.room.view is not None, timeout=60000)
    tags = {tag.key for tag in review.room.session.tags if tag.key}
    assert len(tags) >= 4
    sheet = [key.sequence for dock in (review, boundary) for key in dock.keys.keys]
    assert len(sheet) == len(set(sheet)), "a key with two meanings"
    sheet += [key.sequence for key in keys_while_correcting(review)]
    assert [key for key in sheet if key not in KEY_COMMANDS and key not in tags] == []
    assert set(KEY_COMMANDS.values()) | {"tag"} <= commands
    assert set(KEY_COMMANDS) - set(sheet) == set(), "a key that is not there"
    close_docks(viewer, docks)


def test_no_key_takes_one_of_naparis_that_is_needed(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    kept = get_settings().shortcuts.shortcuts
    defaults = {name: {QKeySequence(str(key)) for key in keys} for name, keys in kept.items()}
    painting = ("labels", "label_id", "brush", "reset_polygon", "complete_polygon", "new_label")
    to_paint = {k: v for k, v in defaults.items() if any(part in k for part in painting)}
    assert QKeySequence("2") in to_paint["napari:activate_labels_paint_mode"]
    assert QKeySequence("V") in defaults["napari:toggle_selected_visibility"]
    docks = open_docks(viewer)
    review, boundary = docks[DOCKS[0]], docks[DOCKS[2]]
    review.room.open(make_squares(tmp_path), reviewer="ann")
    qtbot.waitUntil(lambda: review.room.view is not None, timeout=60000)
    viewers = {k: v for k, v in defaults.items() if k in OF_THE_VIEWER}
    assert len(viewers) > 10
    seeing = {QKeySequence(key.sequence) for key in (*review.keys.keys, *boundary.keys.keys)}
    assert {k: v & seeing for k, v in viewers.items() if v & seeing} == {}
    correcting = {QKeySequence(key.sequence) for key in keys_while_correcting(review)}
    correcting |= {QKeySequence(key.sequence) for key in boundary.keys.keys}
    taken = {k: v & correcting for k, v in (viewers | to_paint).items() if v & correcting}
    assert taken == {}
    close_docks(viewer, docks)


@pytest.mark.parametrize("with_dataset", [False, True], ids=["nothing open", "a dataset open"])
def test_every_control_says_what_it_does(
    viewer: Any, qtbot: QtBot, tmp_path: Path, with_dataset: bool
) -> None:
    docks = open_docks(viewer)
    if with_dataset:
        room = docks[DOCKS[0]].room
        room.open(make_squares(tmp_path), reviewer="ann")
        qtbot.waitUntil(lambda: bool(room.findings.findings), timeout=60000)
        docks[DOCKS[1]].compare_everyone()
        qtbot.waitUntil(lambda: docks[DOCKS[1]].agreement is not None, timeout=60000)
    mute = [
        f"{name}: {type(widget).__name__} {getattr(widget, 'text', str)()!r} in "
        f"{type(widget.parentWidget()).__name__}"
        for name, dock in docks.items()
        for widget in dock.findChildren(QWidget)
        if is_control(widget) and not has_hint(widget, dock)
    ]
    tabs = [
        f"{name}: tab {bar.tabText(index)!r}"
        for name, dock in docks.items()
        for bar in dock.findChildren(QTabBar)
        for index in range(bar.count())
        if not bar.tabToolTip(index)
    ]
    assert mute + tabs == [], "\n".join(mute + tabs)
    close_docks(viewer, docks)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_is_cut_off_on_a_small_screen(
    viewer: Any, qtbot: QtBot, tmp_path: Path, theme: str
) -> None:
    viewer.theme = theme
    docks = open_docks(viewer)
    window = docks[DOCKS[0]].window()
    window.resize(1280, 720)
    with qtbot.waitExposed(window):
        window.show()
    room = docks[DOCKS[0]].room
    room.open(make_squares(tmp_path), reviewer="ann")
    qtbot.waitUntil(lambda: bool(room.findings.findings), timeout=60000)
    docks[DOCKS[0]].next_finding()
    for name, dock in docks.items():
        frame = dock.parentWidget()
        frame.show()
        frame.raise_()
        qtbot.waitUntil(lambda d=dock: d.isVisible() and d.width() > 100, timeout=5000)
        qtbot.wait(50)
        assert isinstance(dock, QScrollArea)
        assert dock.widget().width() <= dock.viewport().width(), f"{name} scrolls sideways"
        assert window.width() <= 1280, f"{name} makes the window wider"
        assert window.height() <= 720, f"{name} makes the window higher"
        for widget in dock.findChildren(QWidget):
            if is_control(widget) and widget.isVisible():
                right = widget.mapTo(dock.widget(), widget.rect().topRight()).x()
                assert right <= dock.widget().width(), f"{name}: {type(widget).__name__}"
                text = getattr(widget, "text", str)() if isinstance(widget, QAbstractButton) else ""
                is_split = isinstance(widget, QToolButton) and widget.menu() is not None
                needed = widget.fontMetrics().horizontalAdvance(text) + (18 if is_split else 0)
                if text and needed > widget.width():
                    pytest.fail(f"{name}: {text!r} is cut off")
    close_docks(viewer, docks)
