"""The part of the review dock that is there while a mask is being corrected, and for drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from ..corrections.donors import background_of
from .correcting_tools import NARROW, Tools
from .keys import native
from .one_click_row import OneClickRow
from .room import ReviewRoom
from .wrapped_text import WrappedText

SAVE_KEY, LEAVE_KEY, TAKE_KEY = "Alt+Return", "Alt+Q", "Alt+T"
# Okabe–Ito orange and green, with a sign each: not told apart by colour alone.
_UNSAVED, _SAFE = ("●", "#E69F00"), ("✓", "#009E73")


class CorrectingPanel(QWidget):
    """What is being corrected, how safe it is, tools, reason, save."""

    typing_done = Signal()

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self._mirrored: Any = None
        self.sign = QLabel()
        self.title = QElidingLabel()
        self.state = QLabel()
        self.hint = WrappedText()
        self.tools = Tools()
        self.one_click = OneClickRow(room.correcting.one_click)
        self.reason = QLineEdit()
        self.save = QPushButton("Save")
        self.leave = QPushButton("Leave")
        self._lay_out()
        self.save.clicked.connect(self._save)
        self.leave.clicked.connect(room.correcting.leave)
        self.tools.full.connect(self._say_full)
        self.reason.textChanged.connect(room.correcting.set_reason)
        self.reason.returnPressed.connect(self.typing_done)
        self._slots = (
            (room.correcting.changed, self.refresh),
            (room.correcting.strokes.updating_changed, self._show_state),
            (room.findings.moved, self._look),
            (room.findings.changed, self._look),
            (room.preferring.changed, self._show_classes),
        )
        for signal, slot in self._slots:
            signal.connect(slot)
        self.refresh()

    def release(self) -> None:
        """Disconnect from the room."""
        for signal, slot in self._slots:
            signal.disconnect(slot)
        self.tools.show_layer(None)
        self.one_click.release()

    def refresh(self) -> None:
        """Draw anew from the room."""
        correcting = self._room.correcting
        self.setVisible(correcting.is_active)
        layer = None if correcting.layer is None else correcting.layer.layer
        if layer is not self._mirrored:
            self._mirrored = layer
            self._show_classes()
            self.tools.show_layer(layer)
        if self.reason.text() != correcting.reason:
            self.reason.setText(correcting.reason)
        self._show_state()

    def _look(self) -> None:
        if self._room.correcting.is_active:
            self._room.correcting.one_click.look()

    def _say_full(self) -> None:
        self._room.say("the file of this mask holds no id for a new object: see id-too-large")

    def _save(self) -> None:
        self._room.correcting.save()

    def _show_classes(self) -> None:
        room = self._room
        dataset, live = room.dataset, room.correcting.live
        if not room.correcting.is_active or dataset is None or live is None:
            return
        ids = live.palette_ids()
        last = {dataset.background_id, *dataset.ignore_ids}
        ordered = sorted(ids, key=lambda i: (i in last, i))
        palette = self.tools.palette_list
        if dataset.task == "instance":
            away = [background_of(dataset) or 0, *dataset.ignore_ids]
            palette.show_objects(away, room.looks.name, room.looks.color)
        else:
            palette.show_classes(ordered, room.looks.name, room.looks.color)
        erases = dataset.background_id in (0, None)
        button = self.tools.buttons["erase"]
        button.setEnabled(erases)
        if not erases:
            button.setToolTip("napari erases to id 0, which is a class here: paint background")

    def _show_state(self) -> None:
        correcting = self._room.correcting
        sign, color = _UNSAVED if correcting.is_dirty else _SAFE
        self.sign.setText(sign)
        self.sign.setStyleSheet(f"color: {color}")
        self.title.setText(correcting.title)
        kept = correcting.keeping.kept_at
        words = [correcting.state]
        if correcting.is_dirty and kept is not None and not correcting.is_saving:
            words.append(f"draft kept {kept}")
        if correcting.strokes.is_updating:
            words.append("findings: updating…")
        self.state.setText(" · ".join(words))
        self.save.setEnabled(correcting.is_dirty and not correcting.is_saving)
        self.leave.setEnabled(not correcting.is_saving)

    def _lay_out(self) -> None:
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.title.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.title.setToolTip("What is being corrected: a copy, the file stays as it is")
        self.state.setToolTip(
            "Unsaved work is kept as a draft while you paint, and offered when you come back"
        )
        self.hint.say(
            "Keys are napari's now: 2 paint, 3 polygon, 4 fill, 1 erase, 5 pick, [ ] brush, "
            f"Ctrl+Z undo. {native(SAVE_KEY)} saves, {native(LEAVE_KEY)} leaves, "
            ". and , walk the findings."
        )
        self.reason.setPlaceholderText("why (kept with the correction)")
        self.reason.setToolTip("Why the mask is corrected; recorded with your name and the time")
        self.save.setToolTip(f"Write the corrected mask as a new file (key {native(SAVE_KEY)})")
        self.leave.setToolTip(f"End it; asks about unsaved work (key {native(LEAVE_KEY)})")
        for button in (self.save, self.leave):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setStyleSheet(NARROW)
        top = QHBoxLayout()
        top.addWidget(self.sign)
        top.addWidget(self.title, 1)
        end = QHBoxLayout()
        end.addWidget(self.reason, 1)
        end.addWidget(self.save)
        end.addWidget(self.leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(top)
        column.addWidget(self.state)
        column.addWidget(self.tools)
        column.addWidget(self.one_click)
        column.addLayout(end)
        column.addWidget(self.hint)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)


class DraftBar(QWidget):
    """Offers to go on with unsaved work that was kept of the sample in view."""

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self.text = WrappedText()
        self.go_on = QPushButton("Go on  E")
        self.throw_away = QPushButton("Throw away")
        self.go_on.setToolTip("Go on correcting where it was left (key E)")
        self.throw_away.setToolTip("Remove the unsaved work of this sample for good")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        for button in (self.go_on, self.throw_away):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button)
        self.go_on.clicked.connect(room.correcting.go_on)
        self.throw_away.clicked.connect(room.correcting.keeping.throw_away)
        self._slots = (
            (room.correcting.changed, self.refresh),
            (room.correcting.keeping.drafts_changed, self.refresh),
            (room.view_changed, self.refresh),
        )
        for signal, slot in self._slots:
            signal.connect(slot)
        self.refresh()

    def release(self) -> None:
        """Disconnect from the room."""
        for signal, slot in self._slots:
            signal.disconnect(slot)

    def refresh(self) -> None:
        """Draw anew from the room."""
        correcting = self._room.correcting
        draft = correcting.keeping.draft
        self.setVisible(draft is not None and not correcting.is_active)
        self.go_on.setEnabled(not correcting.is_starting and self._room.view is not None)
        if draft is not None:
            when = datetime.fromisoformat(draft.at).astimezone().strftime("%d %b, %H:%M")
            self.text.say(f"● unsaved correction of {draft.source}, {when}")
