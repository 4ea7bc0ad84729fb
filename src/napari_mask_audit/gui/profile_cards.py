"""A card for every annotator: what they do differently from the others."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget
from superqt import QElidingLabel

from .agreement_words import Card

_ALARM = "The outline moved in the course of the work: a question to ask, not a verdict"


class ProfileCards(QWidget):
    """The cards, one below the other; or one line that says why there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.cards: list[ProfileCard] = []
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self._column.addWidget(self.reason)

    def show_cards(self, cards: Sequence[Card], withheld: str = "") -> None:
        """Show other cards; ``withheld`` is why there are no profiles."""
        for old in self.cards:
            self._column.removeWidget(old)
            old.deleteLater()
        self.cards = [ProfileCard(card, self) for card in cards]
        for card in self.cards:
            self._column.addWidget(card)
        text = f"Profiles are withheld: {withheld}." if withheld else ""
        if not withheld and not cards:
            text = "Nobody has drawn this class."
        self.reason.setText(text)
        self.reason.setVisible(bool(text))


class ProfileCard(QFrame):
    """One annotator."""

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.name = QElidingLabel(f"{card.name}  ⚠ drift" if card.has_alarm else card.name)
        self.name.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.name.setToolTip(f"{card.name}\n{_ALARM}" if card.has_alarm else card.name)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 4)
        column.setSpacing(1)
        column.addWidget(self.name)
        self.lines: list[QLabel] = []
        for habit, numbers in card.lines:
            line = QLabel(habit)
            line.setWordWrap(True)
            line.setToolTip(numbers)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(line)
            self.lines.append(line)
