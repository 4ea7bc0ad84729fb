"""A reviewer's hands in a real window: it opens, keys are pressed, what follows is waited for.

Keys go to whatever has the keyboard, as Qt's own test events: they travel through the event
filters, the focus and the shortcuts of the window like keys of a keyboard.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtpy.QtCore import QEvent, QKeyCombination, Qt
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_mask_audit.gui.reader import review_dock
from napari_mask_audit.gui.review_dock import ReviewDock


class Hands:
    """What a reviewer does in the window of a viewer.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        With a window; the review dock is opened in it.
    """

    def __init__(self, viewer: Any) -> None:
        self.viewer = viewer
        self.dock: ReviewDock = review_dock(viewer)
        window = self.dock.window()
        window.activateWindow()
        wait_until(lambda: QApplication.activeWindow() is not None, 20)

    @property
    def room(self) -> Any:
        """The review in this window."""
        return self.dock.room

    @property
    def session(self) -> Any:
        """Its session; there is one once a dataset is open."""
        return self.dock.room.session

    @property
    def status(self) -> str:
        """What the status line says."""
        return self.dock.footer.status.text()

    def open(self, folder: Path, timeout_s: float = 120, **options: str) -> None:
        """Open a dataset and wait until its first sample shows."""
        before = self.session
        self.room.open(folder, **{"reviewer": "ann", **options})
        wait_until(lambda: self.session is not None and self.session is not before, timeout_s)
        self.see(timeout_s)
        self.dock.queue.table.setFocus()

    def press(self, *keys: str) -> None:
        """Press keys one after another, such as ``N`` or ``Shift+F``."""
        for key in keys:
            code, modifiers = _parsed(key)
            QTest.keyClick(self._target(), code, modifiers)

    def type(self, text: str) -> None:
        """Type text into whatever has the keyboard."""
        for character in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, character)
                QApplication.sendEvent(self._target(), event)

    def see(self, timeout_s: float = 60) -> None:
        """Wait until the current sample is on the canvas."""
        wait_until(self._is_seen, timeout_s)

    def know(self, timeout_s: float = 120) -> None:
        """Wait until the findings of the current sample are there, and its causes."""
        self.see(timeout_s)
        walk = self.room.findings

        def known() -> bool:
            found = walk.explanation
            if not self._is_seen():
                return False
            return not walk.is_waiting and (found is None or found.causes is not None)

        wait_until(known, timeout_s)

    def measured(self, timeout_s: float = 600) -> None:
        """Wait until every sample is measured and explained."""
        wait_until(lambda: self.room.feed.is_complete and not self.room.feed.is_running, timeout_s)

    def _is_seen(self) -> bool:
        view, session = self.room.view, self.session
        return view is not None and session is not None and view.sample == session.current

    def _target(self) -> Any:
        focus = QApplication.focusWidget()
        return self.dock.queue.table if focus is None else focus


def wait_until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    """Let Qt work until a condition holds."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"the window did not get there within {timeout_s} s")
        QTest.qWait(2)


def pause(seconds: float) -> None:
    """Let Qt work for a while."""
    QTest.qWait(round(1000 * seconds))


def isolate_settings(folder: Path) -> None:
    """Keep napari's settings, and ours, out of the user's: to be called before napari is used."""
    os.environ["NAPARI_CONFIG"] = str(folder / "napari.yaml")
    os.environ["XDG_DATA_HOME"] = str(folder / "share")


def _parsed(key: str) -> tuple[Qt.Key, Qt.KeyboardModifier]:
    combination: QKeyCombination = QKeySequence(key)[0]
    return combination.key(), combination.keyboardModifiers()
