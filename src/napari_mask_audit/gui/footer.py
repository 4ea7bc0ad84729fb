"""The bottom of the review dock: going on and back, the status line, and the legend."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from .cheat_sheet import CheatSheet
from .keys import Key
from .legend import Legend
from .room import ReviewRoom

_STEPS = (
    ("previous", "◀ P", "The sample above in the queue (key P)"),
    ("next", "N ▶", "The sample below in the queue (key N)"),
    ("next_unreviewed", "open ▶▶", "The next sample without a verdict (key Shift+N)"),
)


class StatusLine(QLabel):
    """Two lines of text, never more or less, so that nothing above it moves."""

    def hasHeightForWidth(self) -> bool:
        """The height does not depend on the text."""
        return False

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(100, 2 * self.fontMetrics().lineSpacing() + 8)

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return self.sizeHint()


class Footer(QWidget):
    """Moving, undo, switches, status line and legend."""

    went = Signal(str)
    stepped_back = Signal(str)
    keys_wanted = Signal(bool)

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self._keys: tuple[Key, ...] = ()
        self._sheet: CheatSheet | None = None
        self.undo = QPushButton("undo")
        self.mode = QPushButton()
        self.moves_on = QCheckBox("move on")
        self.use_keys = QCheckBox("keys")
        self.help = QPushButton("?")
        self.status = StatusLine()
        self.legend = Legend()
        self._lay_out()
        self.undo.clicked.connect(partial(self.stepped_back.emit, "undo"))
        self.mode.clicked.connect(room.seeing.cycle_mode)
        self.use_keys.toggled.connect(self.keys_wanted)
        self.help.clicked.connect(self.show_keys)
        room.seeing.changed.connect(self._show_seeing)
        room.preferring.changed.connect(self._prefer)
        self._keys_on = room.preferences.keys_on
        self._show_seeing()

    def release(self) -> None:
        """Disconnect from the room."""
        self._room.seeing.changed.disconnect(self._show_seeing)
        self._room.preferring.changed.disconnect(self._prefer)
        if self._sheet is not None:
            self._sheet.close()

    def say(self, text: str) -> None:
        """Show a sentence in the status line."""
        self.status.setText(text)
        self.status.setToolTip(text)

    def set_keys(self, keys: Iterable[Key]) -> None:
        """The keys that the cheat sheet lists."""
        self._keys = tuple(keys)

    def show_keys(self) -> None:
        """Show the cheat sheet, or put it away."""
        if self._sheet is not None and self._sheet.isVisible():
            self._sheet.close()
            return
        sheet = CheatSheet(self._keys, self)
        sheet.destroyed.connect(self._forget_sheet)
        sheet.show()
        self._sheet = sheet

    def _prefer(self) -> None:
        """Switch the keys as preferred, if that is what was changed."""
        wanted = self._room.preferences.keys_on
        if wanted is not self._keys_on:
            self._keys_on = wanted
            self.use_keys.setChecked(wanted)

    def _forget_sheet(self) -> None:
        self._sheet = None

    def _show_seeing(self) -> None:
        self.mode.setText(f"{self._room.seeing.words}  O")
        self.legend.show_content(self._room.seeing.legend)

    def _lay_out(self) -> None:
        self.undo.setToolTip("Take back the last verdict of this sitting (key Alt+Z)")
        self.mode.setToolTip("Disagreement, side by side, reference, candidate (key O)")
        self.moves_on.setChecked(True)
        self.moves_on.setToolTip("After accept, needs fix or unsure go on to the next sample")
        self.use_keys.setChecked(self._room.preferences.keys_on)
        self.use_keys.setToolTip(
            "Keys of the review are on; switch them off to use napari's own keys for painting"
        )
        self.help.setToolTip("All keys (key ?)")
        self.help.setMaximumWidth(28)
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop)
        moving = QHBoxLayout()
        moving.setSpacing(3)
        for step, text, hint in _STEPS:
            button = QPushButton(text)
            button.setToolTip(hint)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(partial(self.went.emit, step))
            button.setMinimumWidth(50)
            moving.addWidget(button, 1)
        moving.addWidget(self.undo, 1)
        switches = QHBoxLayout()
        switches.setSpacing(6)
        switches.addWidget(self.mode, 1)
        for widget in (self.moves_on, self.use_keys, self.help):
            switches.addWidget(widget)
        for widget in (self.undo, self.mode, self.help, self.moves_on, self.use_keys):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self.moving = QWidget()
        self.moving.setLayout(moving)
        moving.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.moving)
        column.addLayout(switches)
        column.addWidget(self.status)
        column.addWidget(self.legend)
