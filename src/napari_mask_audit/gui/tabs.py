"""Docks of this plugin lie on top of each other as tabs: one below the other none has room."""

from __future__ import annotations

from qtpy.QtWidgets import QDockWidget, QMainWindow, QWidget

_TITLE = "Mask audit: "


def join_tabs(inside: QWidget) -> None:
    """Put the dock of a widget onto another dock of this plugin in the same area, and in front.

    Parameters
    ----------
    inside : QWidget
        What napari has put into a dock; nothing happens while it is in none.
    """
    window, dock = inside.window(), inside.parentWidget()
    while dock is not None and not isinstance(dock, QDockWidget):
        dock = dock.parentWidget()
    if dock is None or not isinstance(window, QMainWindow) or dock.isFloating():
        return
    area = window.dockWidgetArea(dock)
    for other in window.findChildren(QDockWidget):
        is_ours = other.windowTitle().startswith(_TITLE) and other is not dock
        if is_ours and other.isVisible() and not other.isFloating():
            if window.dockWidgetArea(other) == area and dock not in window.tabifiedDockWidgets(
                other
            ):
                window.tabifyDockWidget(other, dock)
                dock.show()
                dock.raise_()
            return
