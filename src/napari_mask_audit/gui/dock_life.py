"""When a dock ends: it was taken out of its window, or the window closed."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QDockWidget, QWidget

from .tabs import join_tabs


class DockLife(QObject):
    """Calls back once when a dock ends, so that it can stop its threads.

    Parameters
    ----------
    dock : QWidget
        What napari puts into a dock.
    ended : callable
        Called at most once.
    may_close : callable, optional
        Asked when the window is to be closed; it stays open where this says no.
    come_back : callable, optional
        Called with its title when the dock was taken out of its window, which napari cannot be
        kept from: puts it back and says so, or says that it may end.
    """

    def __init__(
        self,
        dock: QWidget,
        ended: Callable[[], None],
        may_close: Callable[[], bool] = lambda: True,
        come_back: Callable[[str], bool] = lambda _title: False,
    ) -> None:
        super().__init__(dock)
        self._dock = dock
        self._ended = ended
        self._may_close = may_close
        self._come_back = come_back
        self._title = ""
        self._window: QWidget | None = None
        self._is_docked = False
        self._is_over = False
        dock.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the dock being moved and its window being closed."""
        if watched is self._dock and event.type() == QEvent.Type.ParentChange:
            if self._dock.parentWidget() is not None:
                self._is_docked = True
                QTimer.singleShot(0, self._watch_window)
            elif self._is_docked and not self._come_back(self._title):
                self.end()
        elif watched is self._window and event.type() == QEvent.Type.Close:
            if not self._may_close():
                event.ignore()
                return True
            # napari may still ask and be told no; a window that did close is hidden by then.
            QTimer.singleShot(0, self._end_if_closed)
        return super().eventFilter(watched, event)

    def end(self) -> None:
        """The dock is over."""
        if self._is_over:
            return
        self._is_over = True
        self._dock.removeEventFilter(self)
        if self._window is not None:
            self._window.removeEventFilter(self)
        self._ended()

    def _watch_window(self) -> None:
        if self._is_over:
            return
        window = self._dock.window()
        if window is not self._dock and self._window is None:
            self._window = window
            self._title = _title_of(self._dock)
            window.installEventFilter(self)
            join_tabs(self._dock)

    def _end_if_closed(self) -> None:
        if self._window is not None and not self._window.isVisible():
            self.end()


def _title_of(dock: QWidget) -> str:
    """The title of what napari has put a dock into."""
    parent = dock.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    return "" if parent is None else str(parent.windowTitle())
