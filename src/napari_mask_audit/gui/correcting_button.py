"""The button that begins a correction: of the candidate, or of what the menu beside it says."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from .room import ReviewRoom

KEY, REFERENCE_KEY = "E", "Shift+E"

# Without a least width: Qt would take it for one, and cut the words where there is little room.
_STYLE = "padding: 3px 4px;"


class CorrectButton(QWidget):
    """Begins to correct a mask of the sample in view.

    Two buttons side by side: the arrow of a single one was drawn over its words in napari's style.
    """

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self.usual = QPushButton(f"correct  {KEY}")
        self.usual.setToolTip(
            "Correct the candidate's mask of this sample, on a copy that is saved as a new file "
            f"(key {KEY}; {REFERENCE_KEY} the reference's). The arrow: any other mask."
        )
        self.usual.clicked.connect(self._start_usual)
        self.sources = QMenu(self)
        self.sources.setToolTipsVisible(True)
        self.sources.aboutToShow.connect(self._fill)
        self.others = QPushButton("▾")
        self.others.setToolTip("Choose which mask to correct")
        self.others.setMenu(self.sources)
        self.usual.setStyleSheet(_STYLE)
        self.others.setStyleSheet(
            f"QPushButton {{ {_STYLE} }} QPushButton::menu-indicator {{ image: none; width: 0px; }}"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for button in (self.usual, self.others):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(button)

    def _fill(self) -> None:
        """List the masks that can be corrected."""
        self.sources.clear()
        if self._room.names.are_hidden:
            self.sources.addAction("names are hidden: show them to correct").setEnabled(False)
            return
        pair = self._room.pair or ()
        words = dict(zip(pair, ("reference", "candidate"), strict=False))
        for source in self._room.correcting.sources:
            word = words.get(source)
            action = self.sources.addAction(source if word is None else f"{word}: {source}")
            action.setToolTip(f"Correct the mask of {source}, on a copy")
            action.triggered.connect(partial(self._start, source))

    def _start_usual(self) -> None:
        self._room.correcting.start()

    def _start(self, source: str, _checked: bool = False) -> None:
        self._room.correcting.start(source)
