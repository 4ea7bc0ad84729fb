"""Keys: on while reviewing, off while typing."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLineEdit, QMainWindow, QSpinBox, QVBoxLayout, QWidget

from napari_mask_audit.gui.cheat_sheet import cheat_sheet
from napari_mask_audit.gui.keys import Key, Keys


class Window(QMainWindow):
    def __init__(self) -> None:
        super().__init__()
        inside = QWidget()
        column = QVBoxLayout(inside)
        self.canvas = QWidget()
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.line, self.spin, self.dock = QLineEdit(), QSpinBox(), QWidget()
        for widget in (self.canvas, self.line, self.spin, self.dock):
            column.addWidget(widget)
        self.setCentralWidget(inside)
        self.pressed: list[str] = []
        self.keys = Keys(self.dock)
        self.keys.set_keys(
            [Key(k, k, lambda k=k: self.pressed.append(k)) for k in ("1", "A", "Alt+Z")]
        )


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    yield window
    window.keys.release()


def test_keys_work_wherever_the_focus_is(qtbot: QtBot, window: Window) -> None:
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_1)
    qtbot.keyClick(window.canvas, Qt.Key.Key_A)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
    assert window.pressed == ["1", "A", "Alt+Z"]


@pytest.mark.parametrize("field", ["line", "spin"])
def test_keys_are_off_while_typing(qtbot: QtBot, window: Window, field: str) -> None:
    widget = getattr(window, field)
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_1)
    qtbot.keyClick(widget, Qt.Key.Key_Z, Qt.KeyboardModifier.AltModifier)
    assert window.pressed == []
    assert "1" in widget.text()
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_1)
    assert window.pressed == ["1"]


def test_the_switch_gives_the_keys_back_to_napari(qtbot: QtBot, window: Window) -> None:
    window.canvas.setFocus()
    window.keys.set_wanted(False)
    qtbot.keyClick(window.canvas, Qt.Key.Key_A)
    window.keys.set_wanted(True)
    qtbot.keyClick(window.canvas, Qt.Key.Key_1)
    assert window.pressed == ["1"]


def test_of_two_windows_only_the_active_one_hears_a_key(qtbot: QtBot, window: Window) -> None:
    other = Window()
    qtbot.addWidget(other)
    with qtbot.waitActive(other):
        other.show()
        other.activateWindow()
    other.canvas.setFocus()
    qtbot.keyClick(other.canvas, Qt.Key.Key_1)
    assert (window.pressed, other.pressed) == ([], ["1"])
    other.keys.release()


def test_the_cheat_sheet_lists_every_key_and_escapes_tag_names() -> None:
    sheet = cheat_sheet([Key("1", "tag: <b>bold</b>", list), Key("?", "this list", list)])
    assert "tag: &lt;b&gt;bold&lt;/b&gt;" in sheet
    assert sheet.count("<tr>") == 2


def test_a_long_cheat_sheet_has_two_columns() -> None:
    keys = [Key(str(n), f"word {n}", list) for n in range(33)]
    sheet = cheat_sheet(keys)
    assert sheet.count("<tr>") == 17
    assert all(f"word {n}&" in sheet for n in range(33))
    assert cheat_sheet(keys[:16]).count("<tr>") == 16
