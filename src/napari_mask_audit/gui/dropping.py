"""A dataset dropped on a dock is opened, without napari asking which of its readers should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QWidget


class Dropping(QObject):
    """Takes folders and TOML files that are dropped on a widget.

    Parameters
    ----------
    widget : QWidget
        Where they are dropped.
    dropped : callable
        Gets the path.
    """

    def __init__(self, widget: QWidget, dropped: Callable[[str], None]) -> None:
        super().__init__(widget)
        self._dropped = dropped
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what may be a dataset."""
        if event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop):
            path = dropped_path(event)
            if path is not None:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self._dropped(path)
                return True
        return super().eventFilter(watched, event)


def dropped_path(event: Any) -> str | None:
    """The one folder or TOML file that is dragged, if it is that."""
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    may_be = path.is_dir() or path.suffix.lower() == ".toml"
    return str(path) if may_be else None
