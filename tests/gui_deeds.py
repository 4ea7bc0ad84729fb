"""What a reviewer does by keyboard, drawn at random: for long runs, and for kills at any moment."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QApplication

from gui_hands import Hands, pause, wait_until
from napari_mask_audit.gui.correcting_button import KEY as CORRECT_KEY
from napari_mask_audit.gui.correcting_panel import LEAVE_KEY, SAVE_KEY

#: Keys by what they are for, and how often they are pressed for one that goes on.
_KEYS = (
    (20, ("N",)),
    (4, ("P",)),
    (3, ("Shift+N",)),
    (14, ("F",)),
    (3, ("Shift+F",)),
    (12, ("1", "2", "3", "4", "5")),
    (10, ("A", "X", "U")),
    (2, ("S",)),
    (3, ("T",)),
    (5, ("Alt+Z",)),
    (2, ("Alt+Shift+Z",)),
    (5, ("O",)),
    (3, ("B",)),
    (2, ("R",)),
)
_COMMENTS = ("left edge", "see pole 3", "Straße, 猫", "ask ann", "'; DROP TABLE events; --")
_FILTERS = ("", "", "tile_00000", "status:none", "class:2", "tag:boundary", "nothing matches this")


class Reviewer:
    """Presses keys as somebody at work does.

    Parameters
    ----------
    hands : Hands
        The window.
    seed : int
        What is done, in which order.
    corrects : float
        How often a mask is corrected, as a share of all that is done.
    """

    def __init__(self, hands: Hands, seed: int, *, corrects: float = 0.0) -> None:
        self.hands = hands
        self.random = random.Random(seed)
        self.corrects = corrects

    def act(self) -> str:
        """Do something; what it was."""
        if self.random.random() < self.corrects:
            return self.correct()
        chance = self.random.random()
        if chance < 0.06:
            return self.comment()
        if chance < 0.09:
            return self.filter()
        if chance < 0.13:
            return self.sort()
        weights, keys = zip(*_KEYS, strict=True)
        key = self.random.choice(self.random.choices(keys, weights)[0])
        self.hands.press(key)
        return key

    def comment(self) -> str:
        """Write a comment, and store it by Enter, take it back by Escape, or just go on."""
        text = self.random.choice(_COMMENTS)
        self.hands.press("C")
        field = self.hands.dock.verdict.comment
        if QApplication.focusWidget() is not field:
            return "C, but it cannot be written"
        field.selectAll()
        self.hands.type(text)
        end = self.random.choice(("Return", "Return", "Escape"))
        self.hands.press(end)
        return f"comment {text!r} {end}"

    def filter(self) -> str:
        """Filter the queue, from the field."""
        text = self.random.choice(_FILTERS)
        queue = self.hands.dock.queue
        queue.filter.setFocus()
        queue.filter.selectAll()
        self.hands.press("Backspace")
        self.hands.type(text)
        wait_until(lambda: self.hands.session.filter_text == text, 30)
        queue.table.setFocus()
        return f"filter {text!r}"

    def sort(self) -> str:
        """Choose another order, with the keyboard in the list of orders."""
        orders = self.hands.dock.queue.order
        steps = self.random.randint(1, 3)
        key = self.random.choice(("Down", "Up"))
        orders.setFocus()
        self.hands.press(*[key] * steps)
        self.hands.dock.queue.table.setFocus()
        return f"order {key} × {steps}"

    def correct(self) -> str:
        """Correct a mask, or go on with what is unsaved of one: paint; then save or leave."""
        hands, correcting = self.hands, self.hands.room.correcting
        hands.see()
        if correcting.keeping.draft is not None:
            hands.dock.draft.go_on.click()
        else:
            hands.press(CORRECT_KEY)
        wait_until(lambda: not correcting.is_starting, 30)
        if not correcting.is_active:
            return "no mask could be corrected"
        for _ in range(self.random.randint(1, 4)):
            self.paint(correcting.layer.layer)
            pause(self.random.choice((0.05, 0.3, 1.6)))
        saves = self.random.random() < 0.6
        hands.press(SAVE_KEY if saves else LEAVE_KEY)
        if correcting.is_active and "nothing to save" in hands.status:
            hands.press(LEAVE_KEY)
        wait_until(lambda: not correcting.is_active, 30)
        return "corrected and saved" if saves else "corrected and left"

    def paint(self, layer: Any) -> None:
        """A short stroke somewhere, with napari's brush."""
        height, width = layer.data.shape[-2:]
        row, column = self.random.randrange(height), self.random.randrange(width)
        there = int(np.asarray(layer.data)[(*self.hands.room.layers.at, row, column)])
        label = self.random.choice([n for n in range(1, 6) if n != there])
        with layer.block_history():
            for step in range(5):
                at = (min(row + step, height - 1), min(column + step, width - 1))
                layer.paint((*self.hands.room.layers.at, *at), label)


def disagreements(hands: Hands) -> list[str]:
    """What session, store and docks do not agree about; empty if all is well."""
    session, dock, room = hands.session, hands.dock, hands.room
    found = []

    def same(what: str, first: Any, second: Any) -> None:
        if first != second:
            found.append(f"{what}: {first!r} is not {second!r}")

    store = session.store
    for sample, finding in _subjects(hands):
        latest = store.latest(sample, finding)
        known = session.verdict(sample, finding)
        stored = None if latest is None or latest.is_blank else latest.id
        same(f"verdict on {sample}, {finding}", None if known is None else known.id, stored)
    wait_until(lambda: room.places.is_done, 10)  # it is written beside the main thread
    place = store.recall(session.reviewer, "review")
    if place is None:  # nothing moved since the beginning
        same("place of the beginning", session.position(session.current), 0)
    else:
        same("place", place["sample"], session.current)
        same("order kept", place["order"], str(session.order))
        same("filter kept", place["filter"], session.filter_text)
    model = dock.queue.model
    same("rows", model.rowCount(), len(session))
    same("order shown", dock.queue.order.currentData(), str(session.order))
    position = session.position(session.current)
    if position is not None:
        same("row of the current sample", model.sample_at(position), session.current)
        selected = dock.queue.table.selectionModel().currentIndex().row()
        same("row selected", selected, position)
    same("name shown", dock.sample.name.text(), session.current)
    same("sample on the canvas", room.view.sample, session.current)
    verdict = session.verdict(session.current, room.findings.subject)
    on = set() if verdict is None else set(verdict.tags)
    shown = {name for name, button in dock.verdict.tags.items() if button.isChecked()}
    same("tags shown", shown, on)
    status = None if verdict is None else verdict.status
    pressed = [s for s, button in dock.verdict.statuses.items() if button.isChecked()]
    same("status shown", pressed, [] if status is None else [status])
    if not dock.verdict.comment.isModified():
        comment = "" if verdict is None else verdict.comment
        same("comment shown", dock.verdict.comment.text(), comment)
    reviewed = sum(
        1
        for (_, finding), latest in store.all_latest().items()
        if finding is None and latest.status is not None
    )
    same("samples reviewed", session.progress.n_reviewed, reviewed)
    images = [layer for layer in hands.viewer.layers if layer.name == "image"]
    if room.view.image is not None and images:
        same("picture on the canvas", images[0].data is room.view.image, True)
    return found


def _subjects(hands: Hands) -> list[tuple[str, str | None]]:
    current = hands.session.current
    findings = [finding.id for finding in hands.room.findings.findings[:20]]
    return [(current, None), *((current, finding) for finding in findings)]


def knows(hands: Hands, key: str) -> bool:
    """Whether the dock has a shortcut of that key."""
    return any(QKeySequence(k.sequence) == QKeySequence(key) for k in hands.dock.keys.keys)
