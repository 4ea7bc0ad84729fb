"""The ⋯ of the review dock: how it is judged, and what is seldom needed."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QActionGroup, QMenu, QToolButton, QWidget

from .history_dialog import KEY as HISTORY_KEY
from .room import ReviewRoom

#: Shares of decided samples that may come back.
SHARES = (0.0, 0.05, 0.1, 0.2)


class ReviewMenu(QToolButton):
    """A button with a menu.

    Parameters
    ----------
    room : ReviewRoom
        What its actions act on.

    Attributes
    ----------
    history_asked, tags_asked
        Signals: show the history of the sample; edit the tags.
    """

    history_asked = Signal()
    tags_asked = Signal()

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.history = menu.addAction(f"History of this sample  {HISTORY_KEY}")
        self.history.triggered.connect(lambda _checked=False: self.history_asked.emit())
        self.history.setToolTip(f"Who decided what about it, and when (key {HISTORY_KEY})")
        self.tags = menu.addAction("Edit tags…")
        self.tags.triggered.connect(lambda _checked=False: self.tags_asked.emit())
        self.tags.setToolTip("Add, rename, order or remove your team's own failure tags")
        menu.addSeparator()
        self.blind = menu.addAction("Hide names (A and B)")
        self.blind.setCheckable(True)
        self.blind.setToolTip(
            "Judge without knowing whose masks they are: which is A is drawn anew for every "
            "sample, and the samples come in a drawn order"
        )
        self.blind.triggered.connect(room.hiding.hide)
        repeats = menu.addMenu("Samples that come back")
        repeats.setToolTipsVisible(True)
        group = QActionGroup(self)
        self.shares = {}
        for share in SHARES:
            words = f"{100 * share:g} % of what I decide" if share else "none"
            action = repeats.addAction(words)
            action.setCheckable(True)
            action.setToolTip(
                "They come back unannounced, undecided; what you decide then stands beside your "
                "first verdict and says how alike you decide"
            )
            action.triggered.connect(partial(self._repeat, share))
            group.addAction(action)
            self.shares[share] = action
        self.setText("⋯")
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.setFixedWidth(30)
        self.setToolTip("History, tags, hidden names, samples that come back")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(menu)
        menu.aboutToShow.connect(self.refresh)

    def refresh(self) -> None:
        """Check what is on."""
        session = self._room.session
        for action in (self.history, self.tags, self.blind, *self.shares.values()):
            action.setEnabled(session is not None)
        if session is None:
            return
        self.blind.setChecked(session.blinding is not None)
        nearest = min(SHARES, key=lambda share: abs(share - session.repeat_plan.share))
        for share, action in self.shares.items():
            action.setChecked(share == nearest)

    def _repeat(self, share: float, _checked: bool = False) -> None:
        session = self._room.session
        if session is not None:
            self._room.attempt(lambda: session.repeat(share))
