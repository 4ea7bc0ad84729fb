"""The failure tag that the buckets suggest, with its reason, accepted by one click or key."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from .wrapped_text import WrappedText

#: The key that accepts it.
KEY = "G"


class Suggestion(QWidget):
    """A suggested tag; hidden while there is none."""

    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.setToolTip(f"Put the suggested tag on (key {KEY})")
        self.button.clicked.connect(self.accepted)
        self.reason = WrappedText()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.button)
        row.addWidget(self.reason, 1, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_tag(self, label: str | None, reason: str, *, is_on: bool) -> None:
        """Suggest another tag, or none.

        Parameters
        ----------
        label : str or None
            The tag as the reviewer reads it.
        reason : str
            Why it is suggested.
        is_on : bool
            Whether it has been accepted already.
        """
        self.setVisible(label is not None)
        if label is None:
            return
        self.button.setText(f"✓ {label}" if is_on else f"{KEY}  {label}?")
        self.button.setEnabled(not is_on)
        self.reason.say(reason)
