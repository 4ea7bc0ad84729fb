"""The current sample: its score, what keeps it from being perfect, its findings and classes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget
from superqt import QElidingLabel

from ..review.session import ReviewSession
from ..scores import PairScores
from .boundary_words import share_text
from .bucket_bar import BucketBar
from .class_table import BOUNDARY_IOU, DICE, IOU, NAME, ClassTable
from .correcting_button import CorrectButton
from .explanation import thresholds_text
from .findings_panel import FindingsPanel
from .items import score_name
from .room import ReviewRoom
from .slice_strip import SliceStrip
from .threshold_toggle import ThresholdToggle
from .wrapped_text import WrappedText

_EXPLAINING = "explaining…"


class SamplePanel(QWidget):
    """Score line, failure buckets, causes, findings and classes of the room's current sample."""

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self._session: ReviewSession | None = None
        self.name = QElidingLabel()
        self.score = QLabel()
        self.correct = CorrectButton(room)
        self.buckets = BucketBar()
        self.thresholds = ThresholdToggle(room.thresholds)
        self.cause = WrappedText()
        self.problem = WrappedText()
        self.slices = SliceStrip()
        self.findings = FindingsPanel(room)
        self.classes = ClassTable((NAME, IOU, DICE, BOUNDARY_IOU))
        self.tabs = QTabWidget()
        self._lay_out()
        self._slots = (
            (room.view_changed, self.refresh),
            (room.pair_changed, self.refresh),
            (room.findings.changed, self._show_explanation),
            (room.seeing.slice_changed, self.slices.show_slice),
            (room.preferring.changed, self._show_scores),
            (room.correcting.strokes.counted, self._show_scores),
            (room.correcting.changed, self._show_correct),
            (room.correcting.strokes.updating_changed, self._show_explanation),
        )
        for signal, slot in self._slots:
            signal.connect(slot)
        self.thresholds.toggled.connect(self.findings.make_room)
        self.slices.slice_asked.connect(room.seeing.go_to_slice)
        self.refresh()

    def release(self) -> None:
        """Disconnect from the room."""
        for signal, slot in self._slots:
            signal.disconnect(slot)
        self.set_session(None)
        self.findings.release()
        self.thresholds.release()

    def set_session(self, session: ReviewSession | None) -> None:
        """Show the verdicts of another session, or none."""
        if self._session is not None:
            self._session.verdict_changed.disconnect(self._redraw_verdicts)
        self._session = session
        self.thresholds.refresh()
        self.findings.model.set_session(session)
        if session is not None:
            session.verdict_changed.connect(self._redraw_verdicts)
        self.refresh()

    def refresh(self) -> None:
        """Draw anew from the room."""
        room = self._room
        session, dataset = room.session, room.dataset
        if session is None or dataset is None or session.current is None:
            return
        self.name.setText(session.current)
        self.name.setToolTip(f"The current sample: {session.current}")
        self._show_scores()
        self.slices.show_counts(() if room.view is None else room.view.wrong_in_slices)
        self._show_problems()
        self._show_explanation()

    def _show_correct(self) -> None:
        correcting = self._room.correcting
        self.correct.setVisible(not correcting.is_active)
        self.correct.setEnabled(not correcting.is_starting)

    def _show_scores(self) -> None:
        room = self._room
        session, dataset = room.session, room.dataset
        if session is None or dataset is None or session.current is None:
            return
        sample = session.current
        scores = room.scores(sample)
        if scores is None:
            self.score.setText("not measured" if session.item(sample).problem else "…")
            problem = room.names.spoken(session.item(sample).problem or "")
            self.score.setToolTip(problem or "this sample is being measured")
        else:
            name = score_name(dataset)
            self.score.setText(f"{name} {share_text(scores.score)}")
            self.score.setToolTip(_score_hint(scores, name))
        self.classes.show_scores(
            scores,
            room.looks.color,
            names_hidden=room.names.are_hidden,
        )
        self.tabs.setTabText(1, f"classes {self.classes.rowCount()}" if scores else "classes")

    def _show_problems(self) -> None:
        room, session = self._room, self._room.session
        assert session is not None
        assert session.current is not None
        texts = list(room.view.problems) if room.view is not None else []
        problem = session.item(session.current).problem
        if problem and not texts:
            texts.append(problem)
        self.problem.say("\n".join(f"⚠ {room.names.spoken(text)}" for text in texts))

    def _show_explanation(self) -> None:
        room, walk = self._room, self._room.findings
        if room.dataset is None or room.session is None:
            return
        waits = _EXPLAINING if walk.is_waiting else "nothing to explain: there are not two masks"
        self.buckets.show_summary(room.summary, waits, thresholds_text(room.dataset))
        explanation = walk.explanation
        causes = () if explanation is None else explanation.causes or ()
        causes = tuple(room.names.spoken(cause) for cause in causes)
        self.cause.say(_short(causes))
        self.cause.setToolTip("\n".join(causes))
        key = ". next" if room.correcting.is_active else "F next"
        count = _EXPLAINING if walk.is_waiting else f"{len(walk.findings)}  ({key})"
        if room.correcting.strokes.is_updating:
            count += " · updating…"
        self.tabs.setTabText(0, f"findings {count}")

    def _redraw_verdicts(self, sample: str) -> None:
        if self._session is not None and sample == self._session.current:
            self.findings.model.redraw_verdicts()

    def _lay_out(self) -> None:
        self.name.setToolTip("The current sample")
        self.name.setElideMode(Qt.TextElideMode.ElideMiddle)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.score.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.problem.setToolTip("What could not be read or measured")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.addTab(self.findings, "findings")
        self.tabs.addTab(self.classes, "classes")
        self.tabs.setTabToolTip(0, "Places where the masks disagree, most rewarding repair first")
        self.tabs.setTabToolTip(1, "Scores per class, worst first")
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.name, 1)
        top.addWidget(self.thresholds)
        top.addWidget(self.score)
        top.addWidget(self.correct)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.buckets)
        column.addWidget(self.thresholds.form)
        column.addWidget(self.cause)
        column.addWidget(self.problem)
        column.addWidget(self.slices)
        column.addWidget(self.tabs, 1)


def _short(causes: Sequence[str]) -> str:
    """What explains the mask as a whole, without the numbers that bear it out.

    Examples
    --------
    >>> _short(["the whole mask is shifted by y +5, x -4 px: moving it back helps.", "also this."])
    '⚑ the whole mask is shifted by y +5, x -4 px  (and 1 more)'
    """
    if not causes:
        return ""
    more = f"  (and {len(causes) - 1} more)" if len(causes) > 1 else ""
    return f"⚑ {re.split(r': | [(]|[.]$', causes[0])[0]}{more}"


def _score_hint(scores: PairScores, name: str) -> str:
    what = (
        "Panoptic quality: objects found and false, and how well the found ones fit"
        if scores.instances is not None
        else "Mean IoU over the classes that occur in either mask"
    )
    return (
        f"{what}\n{name} {scores.score:.4f}\n"
        f"{scores.valid_pixels:,} pixels counted, {scores.pixel_accuracy:.1%} of them alike"
    )
