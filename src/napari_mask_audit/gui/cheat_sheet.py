"""The list of all keys, in a window of its own that stays while one works."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import zip_longest

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from .keys import Key, native

# Keys listed one below the other; more are listed in two columns.
_ROWS = 16
_ABOUT = "Off while you type, and with the switch <b>keys</b>. ? or Escape puts this list away."


class CheatSheet(QDialog):
    """The keys, none of their lines broken, so that it fits a small screen.

    Parameters
    ----------
    keys : iterable of Key
        What is listed.
    parent : QWidget
        Whose keys they are.
    """

    def __init__(self, keys: Iterable[Key], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys of the review")
        self.setModal(False)
        self.table = QLabel(cheat_sheet(keys))
        about = QLabel(_ABOUT)
        for label in (self.table, about):
            label.setTextFormat(Qt.TextFormat.RichText)
        column = QVBoxLayout(self)
        column.addWidget(self.table)
        column.addWidget(about)


def cheat_sheet(keys: Iterable[Key]) -> str:
    """The keys as a table (HTML), in two columns where one would not fit a small screen."""
    cells = [
        f"<td align='right'><b>{escape(native(key.sequence))}</b>&nbsp;&nbsp;</td>"
        f"<td style='white-space: pre'>{escape(key.words)}&nbsp;&nbsp;&nbsp;</td>"
        for key in keys
    ]
    half = len(cells) if len(cells) <= _ROWS else (len(cells) + 1) // 2
    rows = zip_longest(cells[:half], cells[half:], fillvalue="")
    return f"<table cellspacing='3'>{''.join(f'<tr>{a}{b}</tr>' for a, b in rows)}</table>"
