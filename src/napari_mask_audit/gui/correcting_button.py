"""The button that begins a correction: of the candidate, or of what its menu says."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QMenu, QToolButton, QWidget

from .room import ReviewRoom

KEY, REFERENCE_KEY = "E", "Shift+E"

# Width of the arrow and the margins.
_ARROW = 34


class CorrectButton(QToolButton):
    """Begins to correct a mask of the sample in view."""

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self.setText(f"correct  {KEY}")
        self.setToolTip(
            "Correct the candidate's mask of this sample, on a copy that is saved as a new file "
            f"(key {KEY}; {REFERENCE_KEY} the reference's). The arrow: any other mask."
        )
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance(self.text()) + 32)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.sources = QMenu(self)
        self.sources.setToolTipsVisible(True)
        self.sources.aboutToShow.connect(self._fill)
        self.setMenu(self.sources)
        self.clicked.connect(self._start_usual)

    def sizeHint(self) -> QSize:
        """Room for the words beside the arrow, which napari's style forgets."""
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(words + _ARROW, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same: half a word would say nothing."""
        return self.sizeHint()

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
