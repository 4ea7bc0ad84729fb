"""Opening the review dock in a real viewer, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from napari_mask_audit.gui.review_dock import ReviewDock

PLUGIN = "napari-mask-audit"


def open_review(viewer: Any, qtbot: QtBot, folder: Path, **options: Any) -> ReviewDock:
    """The dock with a dataset whose samples are all measured."""
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, "Mask audit: review")
    dock.room.open(folder, **{"reviewer": "ann", **options})
    room = dock.room
    qtbot.waitUntil(lambda: room.audit is not None and room.audit.is_complete, timeout=60000)
    seen(dock, qtbot)
    return dock


def seen(dock: ReviewDock, qtbot: QtBot) -> None:
    """Wait until the current sample is on the canvas, and explained if that can be."""
    room = dock.room

    def is_shown() -> bool:
        return room.view is not None and room.view.sample == room.session.current

    qtbot.waitUntil(is_shown, timeout=60000)
    if room.view.overlay is not None:
        qtbot.waitUntil(lambda: room.findings.explanation is not None, timeout=20000)


def close(viewer: Any, dock: ReviewDock) -> None:
    """Take the dock out of the window."""
    viewer.window.remove_dock_widget(dock)
