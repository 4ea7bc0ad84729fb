"""A review dock on a small dataset, for the tests that need one in a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from gui_squares import make_squares
from napari_mask_audit.gui import rooms
from napari_mask_audit.gui.review_dock import ReviewDock


@contextmanager
def review(viewer: Any, qtbot: QtBot, folder: Path) -> Iterator[ReviewDock]:
    """A dock on four squares, all measured and explained, with the worst on the canvas."""
    _, dock = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")
    dock.room.open(make_squares(folder), reviewer="ann")
    qtbot.waitUntil(
        lambda: (
            dock.room.feed is not None
            and dock.room.feed.is_complete
            and not dock.room.feed.is_running
        ),
        timeout=60000,
    )
    wait_for_findings(qtbot, dock)
    yield dock
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)


def wait_for_findings(qtbot: QtBot, dock: ReviewDock) -> None:
    walk = dock.room.findings
    qtbot.waitUntil(
        lambda: walk.explanation is not None and walk.explanation.causes is not None, timeout=60000
    )


def column(dock: ReviewDock, number: int) -> list[str]:
    model = dock.sample.findings.model
    return [model.index(row, number).data() for row in range(model.rowCount())]
