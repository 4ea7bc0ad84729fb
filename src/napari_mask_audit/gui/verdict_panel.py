"""What the reviewer decides: status, tags and comment, on the sample or on one finding."""

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
from ..review.verdicts import ReviewStatus, StoredVerdict
from .queue_model import STATUS_SIGNS
from .suggestion import Suggestion

#: Key, word and explanation of each status.
STATUSES = (
    (ReviewStatus.ACCEPT, "A", "accept", "The mask is good enough"),
    (ReviewStatus.NEEDS_FIX, "X", "needs fix", "The mask has to be corrected"),
    (ReviewStatus.UNSURE, "U", "unsure", "Somebody else should look at it"),
)
_TAGS_IN_A_ROW = 3

Attempt = Callable[[Callable[[], object]], bool]


class VerdictPanel(QWidget):
    """Tags, comment and status of the session's current sample, or of one of its findings.

    Parameters
    ----------
    attempt : callable
        Does a verb and says its errors (``ReviewRoom.attempt``).
    advances : callable
        Whether a status moves on to the next sample, or finding.
    finding : callable, optional
        Id of the finding that verdicts are on; None for the sample.

    Attributes
    ----------
    left_comment
        Signal: the comment is written.
    target_asked
        Signal: verdicts should be on the finding instead of the sample, or the other way round.
    finding_decided
        Signal: a finding was given a status and the next one may be shown.
    """

    left_comment = Signal()
    target_asked = Signal()
    finding_decided = Signal()

    def __init__(
        self,
        attempt: Attempt,
        advances: Callable[[], bool],
        finding: Callable[[], str | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._attempt = attempt
        self._advances = advances
        self._finding = finding or (lambda: None)
        self._session: ReviewSession | None = None
        self._commented: tuple[str, str | None] | None = None
        self._wants_finding = False
        self.tags: dict[str, QPushButton] = {}
        self._made: tuple[Tag, ...] = ()
        self.statuses: dict[ReviewStatus, QPushButton] = {}
        self._tag_grid = QGridLayout()
        self.suggestion = Suggestion()
        self.target = QPushButton()
        self.comment = QLineEdit()
        self._lay_out()
        self.target.clicked.connect(self.target_asked)
        self.comment.installEventFilter(self)
        self.comment.returnPressed.connect(self._finish_comment)
        self.comment.editingFinished.connect(self.commit_comment)

    def set_session(self, session: ReviewSession | None) -> None:
        """Decide in another session, or none."""
        if self._session is not None:
            self._session.current_changed.disconnect(self._change_sample)
            self._session.verdict_changed.disconnect(self._redraw)
            self._session.tags_changed.disconnect(self.refresh)
        self._session = session
        self._commented = None
        self._make_tags(() if session is None else session.tags)
        if session is not None:
            session.current_changed.connect(self._change_sample)
            session.verdict_changed.connect(self._redraw)
            session.tags_changed.connect(self.refresh)
        self.refresh()

    # -- from the widgets to the session ---------------------------------------------------------

    def set_status(self, status: ReviewStatus) -> None:
        """Decide, and move on where that is wanted; the same status again opens it again."""
        session = self._session
        if session is None or session.current is None:
            return
        self.commit_comment()
        finding, advances = self._finding(), self._advances()
        if finding is None and self._no_finding_yet():
            return
        verdict = session.verdict(session.current, finding)
        if verdict is not None and verdict.status is status and not advances:
            self._attempt(lambda: session.set_status(None, finding=finding))
        elif finding is None:
            self._attempt(lambda: session.set_status(status, advance=advances))
        elif self._attempt(lambda: session.set_status(status, finding=finding)) and advances:
            self.finding_decided.emit()
        self.refresh()

    def toggle_tag(self, name: str) -> None:
        """Put a tag on, or take it off."""
        session = self._session
        if session is not None and session.current is not None:
            finding = self._finding()
            if finding is not None or not self._no_finding_yet():
                self._attempt(lambda: session.toggle_tag(name, finding=finding))
            self.refresh()

    def commit_comment(self) -> None:
        """Store what was typed, for the sample or finding it was typed for."""
        session, subject, text = self._session, self._commented, self.comment.text()
        if session is None or subject is None or not self.comment.isModified():
            return
        sample, finding = subject
        if self._attempt(lambda: session.set_comment(text, sample=sample, finding=finding)):
            self.comment.setModified(False)

    def change_target(self, on_finding: bool) -> None:
        """Verdicts are now on findings, or on the sample."""
        self.commit_comment()
        self._wants_finding = on_finding
        self.refresh()

    def _no_finding_yet(self) -> bool:
        """Whether verdicts are wanted on a finding and none is in view: then nothing is decided."""
        session = self._session
        if self._wants_finding and session is not None:
            session.said.emit("no finding is in view: F goes to the first, T back to the sample")
        return self._wants_finding

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
        """Draw anew from the session; what was typed is stored before another subject is shown."""
        session = self._session
        sample = None if session is None else session.current
        subject = None if sample is None else (sample, self._finding())
        if subject != self._commented:
            self.commit_comment()
        verdict = None if session is None or subject is None else session.verdict(*subject)
        self._show_tags(verdict)
        for status, choice in self.statuses.items():
            choice.setChecked(verdict is not None and verdict.status is status)
        if self._commented != subject or not self.comment.isModified():
            self._commented = subject
            self.comment.setText("" if verdict is None else verdict.comment)
            self.comment.setModified(False)
        self.target.setText(f"on: {self._target_word}  T")
        self.comment.setPlaceholderText(f"comment on the {self._target_word} (C writes, Enter)")
        self.setEnabled(sample is not None)

    @property
    def _target_word(self) -> str:
        return "finding" if self._wants_finding else "sample"

    def _show_tags(self, verdict: StoredVerdict | None) -> None:
        """Check the tags that are on; one that has no button yet is given one."""
        known = () if self._session is None else self._session.tags
        on = () if verdict is None else verdict.tags
        names = [tag.name for tag in known]
        added = [Tag(name, name.replace("_", " ")) for name in on if name not in names]
        wanted = (*known, *added)
        if wanted != self._made:
            self._make_tags(wanted)
        for name, button in self.tags.items():
            button.setChecked(name in on)

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
        self.tags, self._made = {}, tuple(tags)
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
        self.target.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.target.setToolTip(
            "What tags, comment and status are about: the sample, or the finding in view (key T)"
        )
        self.comment.setToolTip(
            "A comment on this sample or finding. Enter stores it; so does going on. "
            "Escape takes back what was typed."
        )
        about = QHBoxLayout()
        about.setContentsMargins(0, 0, 0, 0)
        about.setSpacing(3)
        about.addWidget(self.target)
        about.addWidget(self.comment, 1)
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
        column.addWidget(self.suggestion)
        column.addLayout(self._tag_grid)
        column.addLayout(about)
        column.addLayout(row)
