"""Keys of the review: owned by the dock, and off while somebody types.

They are shortcuts of the application, because napari's own key bindings give way to the active
layer: there, ``1`` would erase with a Labels layer selected. While they are on they take these
keys from napari; the dock has a switch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QShortcut,
    QTextEdit,
    QWidget,
)

from .giving_way import reviewer_acts

_TYPING = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)


@dataclass(frozen=True)
class Key:
    """One key: what it is, what it does, in words and in fact.

    Attributes
    ----------
    sequence : str
        As Qt writes it, such as ``Shift+N``.
    words : str
        What it does.
    act : callable
        Does it.
    let_go : callable, optional
        For a key that acts as long as it is held: ends that.
    """

    sequence: str
    words: str
    act: Callable[[], object]
    let_go: Callable[[], object] | None = None


class Keys(QObject):
    """The shortcuts of one dock.

    Parameters
    ----------
    owner : QWidget
        The dock; its window decides which of several viewers a key is meant for.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._shortcuts: list[Any] = []
        self._wanted = True
        self._held: Key | None = None
        self.keys: tuple[Key, ...] = ()
        application = QApplication.instance()
        assert application is not None
        self._application: Any = application
        self._application.focusChanged.connect(self._update)

    def set_keys(self, keys: Iterable[Key]) -> None:
        """Replace all keys."""
        for shortcut in self._shortcuts:
            shortcut.setParent(None)
            shortcut.deleteLater()
        self.keys = tuple(keys)
        self._shortcuts = []
        for key in self.keys:
            shortcut = QShortcut(QKeySequence(key.sequence), self._owner)
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(partial(self._press, key))
            self._shortcuts.append(shortcut)
        self._update()

    @property
    def wanted(self) -> bool:
        """Whether the reviewer wants the keys on."""
        return self._wanted

    def set_wanted(self, wanted: bool) -> None:
        """Switch the keys on or off."""
        self._wanted = wanted
        self._update()

    def release(self) -> None:
        """Let go of the application."""
        self._let_go()
        self._application.focusChanged.disconnect(self._update)
        self.set_keys(())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While a key is held: notice it being let go, or the window losing the keyboard."""
        kind = event.type()
        if kind in (QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationDeactivate) or (
            kind == QEvent.Type.KeyRelease
            and isinstance(event, QKeyEvent)
            and not event.isAutoRepeat()
        ):
            self._let_go()
        return False

    def _press(self, key: Key) -> None:
        reviewer_acts()
        self._let_go()
        if key.let_go is not None:
            self._held = key
            self._application.installEventFilter(self)
        key.act()

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None and held.let_go is not None:
            self._application.removeEventFilter(self)
            held.let_go()

    def _update(self, _old: object = None, _new: object = None) -> None:
        on = self._wanted and not is_typing() and self._is_meant()
        if not on:
            self._let_go()
        for shortcut in self._shortcuts:
            if shortcut.isEnabled() != on:
                shortcut.setEnabled(on)

    def _is_meant(self) -> bool:
        """Whether a key pressed now is for this dock's viewer, not another one's."""
        active: QWidget | None = QApplication.activeWindow()
        mine = _main_window(self._owner)
        while active is not None and active is not mine:
            active = active.parentWidget()
        return active is mine or QApplication.activeWindow() is None


def is_typing() -> bool:
    """Whether the keyboard focus is where text goes."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QComboBox):
        return focus.isEditable()
    return isinstance(focus, _TYPING)


def _main_window(widget: QWidget) -> QWidget:
    """The window at the top: a floating dock belongs to its main window."""
    window = widget.window()
    while window.parentWidget() is not None:
        window = window.parentWidget().window()
    return window


def native(sequence: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)
