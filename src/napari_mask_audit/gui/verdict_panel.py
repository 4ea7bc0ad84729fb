"""What the reviewer decides about the current sample: status, tags, comment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..review.session import ReviewSession
from ..review.tags import Tag
from ..review.verdicts import ReviewStatus
from .queue_model import STATUS_SIGNS

#: Key, word and explanation of each status.
STATUSES = (
    (ReviewStatus.ACCEPT, "A", "accept", "The mask is good enough"),
    (ReviewStatus.NEEDS_FIX, "X", "needs fix", "The mask has to be corrected"),
    (ReviewStatus.UNSURE, "U", "unsure", "Somebody else should look at it"),
)
_TAGS_IN_A_ROW = 3

Attempt = Callable[[Callable[[], object]], bool]


class VerdictPanel(QWidget):
    """Tags, comment and status of the session's current sample.

    Parameters
    ----------
    attempt : callable
        Does a verb and says its errors (``ReviewRoom.attempt``).
    advances : callable
        Whether a status moves on to the next sample.
    """

    left_comment = Signal()

    def __init__(
        self, attempt: Attempt, advances: Callable[[], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._attempt = attempt
        self._advances = advances
        self._session: ReviewSession | None = None
        self._commented: str | None = None
        self.tags: dict[str, QPushButton] = {}
        self.statuses: dict[ReviewStatus, QPushButton] = {}
        self._tag_grid = QGridLayout()
        self.comment = QLineEdit()
        self._lay_out()
        self.comment.installEventFilter(self)
        self.comment.returnPressed.connect(self._finish_comment)
        self.comment.editingFinished.connect(self.commit_comment)

    def set_session(self, session: ReviewSession | None) -> None:
        """Decide in another session, or none."""
        if self._session is not None:
            self._session.current_changed.disconnect(self._change_sample)
            self._session.verdict_changed.disconnect(self._redraw)
        self._session = session
        self._commented = None
        self._make_tags(() if session is None else session.tags)
        if session is not None:
            session.current_changed.connect(self._change_sample)
            session.verdict_changed.connect(self._redraw)
        self.refresh()

    # -- from the widgets to the session ---------------------------------------------------------

    def set_status(self, status: ReviewStatus) -> None:
        """Decide, and move on where that is wanted; the same status again opens it again."""
        session = self._session
        if session is None or session.current is None:
            return
        self.commit_comment()
        verdict = session.verdict(session.current)
        if verdict is not None and verdict.status is status and not self._advances():
            self._attempt(lambda: session.set_status(None))
        else:
            self._attempt(lambda: session.set_status(status, advance=self._advances()))
        self.refresh()

    def toggle_tag(self, name: str) -> None:
        """Put a tag on the current sample, or take it off."""
        session = self._session
        if session is not None and session.current is not None:
            self._attempt(lambda: session.toggle_tag(name))
            self.refresh()

    def commit_comment(self) -> None:
        """Store what was typed, for the sample it was typed for."""
        session, sample, text = self._session, self._commented, self.comment.text()
        if session is None or sample is None or not self.comment.isModified():
            return
        if self._attempt(lambda: session.set_comment(text, sample=sample)):
            self.comment.setModified(False)

    def write_comment(self) -> None:
        """Put the keyboard into the comment field."""
        self.comment.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _finish_comment(self) -> None:
        self.commit_comment()
        self.left_comment.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape gives the comment field its stored text back."""
        if (
            watched is self.comment
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.comment.setModified(False)
            self.refresh()
            self.left_comment.emit()
            return True
        return super().eventFilter(watched, event)

    # -- from the session to the widgets ---------------------------------------------------------

    def refresh(self) -> None:
        """Draw anew from the session."""
        session = self._session
        sample = None if session is None else session.current
        verdict = None if session is None or sample is None else session.verdict(sample)
        for name, button in self.tags.items():
            button.setChecked(verdict is not None and name in verdict.tags)
        for status, choice in self.statuses.items():
            choice.setChecked(verdict is not None and verdict.status is status)
        if self._commented != sample or not self.comment.isModified():
            self._commented = sample
            self.comment.setText("" if verdict is None else verdict.comment)
            self.comment.setModified(False)
        self.setEnabled(sample is not None)

    def _change_sample(self, _sample: object = None) -> None:
        self.commit_comment()
        self.comment.setModified(False)
        self.refresh()

    def _redraw(self, sample: str) -> None:
        if self._session is not None and sample == self._session.current:
            self.refresh()

    # -- making ----------------------------------------------------------------------------------

    def _make_tags(self, tags: tuple[Tag, ...]) -> None:
        for button in self.tags.values():
            self._tag_grid.removeWidget(button)
            button.deleteLater()
        self.tags = {}
        for number, tag in enumerate(tags):
            button = QPushButton()
            button.setText(f"{tag.key} {tag.label}" if tag.key else tag.label)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setSizePolicy(self._tag_policy)
            key = f" (key {tag.key})" if tag.key else ""
            button.setToolTip(f"Failure tag “{tag.label}”: put it on or take it off{key}")
            button.clicked.connect(partial(self.toggle_tag, tag.name))
            self._tag_grid.addWidget(button, number // _TAGS_IN_A_ROW, number % _TAGS_IN_A_ROW)
            self.tags[tag.name] = button

    def _lay_out(self) -> None:
        self._tag_policy = self.sizePolicy()
        self._tag_policy.setHorizontalPolicy(self._tag_policy.Policy.Ignored)
        self._tag_grid.setContentsMargins(0, 0, 0, 0)
        self._tag_grid.setSpacing(3)
        for column in range(_TAGS_IN_A_ROW):
            self._tag_grid.setColumnStretch(column, 1)
        self.comment.setPlaceholderText("comment (C to write, Enter to store)")
        self.comment.setToolTip(
            "A comment on this sample. Enter stores it; so does going to another sample. "
            "Escape takes back what was typed."
        )
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        for status, key, word, hint in STATUSES:
            button = QPushButton(f"{STATUS_SIGNS[status][0]} {word}  {key}")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setToolTip(f"{hint} (key {key})")
            button.setSizePolicy(self._tag_policy)
            button.clicked.connect(partial(self.set_status, status))
            row.addWidget(button, 1)
            self.statuses[status] = button
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._tag_grid)
        column.addWidget(self.comment)
        column.addLayout(row)
