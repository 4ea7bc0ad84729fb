"""The review dock: the queue, the current sample, and the verdict on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import napari.viewer
from napari.utils.notifications import show_error
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QFrame,
    QInputDialog,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ..errors import AuditError
from ..review.verdicts import ReviewStatus
from .asking_files import ask_export, ask_folder, ask_recent, ask_report, open_again
from .correcting import Answer
from .correcting_ask import ask_before_leaving, ask_to_replace
from .correcting_panel import CorrectingPanel, DraftBar
from .describing import Describing
from .dock_life import DockLife
from .dropping import Dropping
from .footer import Footer
from .header import Header
from .keys import Keys, native
from .queue_panel import QueuePanel
from .recent import Recent
from .review_extras import ReviewExtras
from .review_keys import UNDO, keys_now
from .room import ReviewRoom
from .rooms import enter_room, leave_room
from .sample_panel import SamplePanel
from .start_panel import StartPanel
from .suggesting import is_on
from .verdict_panel import VerdictPanel


class ReviewDock(QScrollArea):
    """Review a dataset, worst samples first.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the samples are shown.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._is_released = False
        self._life = DockLife(self, self.release, self._may_close, self._come_back)
        self._decided: str | None = None
        self.room: ReviewRoom = enter_room(viewer, self)
        room = self.room
        self.start = StartPanel()
        self.describing = Describing(room, self, self.start.describe.setVisible)
        self.header = Header(room)
        self.queue = QueuePanel(room.attempt)
        self.sample = SamplePanel(room)
        self.correcting = CorrectingPanel(room)
        self.draft = DraftBar(room)
        self.footer = Footer(room)
        self.queue.model.spoken = lambda text: room.names.spoken(text)
        self.verdict = VerdictPanel(
            room.attempt, self.footer.moves_on.isChecked, lambda: room.findings.subject
        )
        self.extras = ReviewExtras(room, self, self._nothing_open)
        self.keys = Keys(self)
        self._dropping = Dropping(self, room.open)
        self._lay_out()
        self._connect()
        self._opened()

    # -- verbs, also for the command palette -----------------------------------------------------

    def ask_folder(self) -> None:
        """Ask for a dataset folder and open it."""
        ask_folder(self.room, self)

    def ask_recent(self) -> None:
        """Ask which of the last datasets to open again."""
        if not ask_recent(self.room, self):
            self._fail_text("No dataset was open before: open a folder first.")

    def ask_export(self) -> None:
        """Ask where to, and write everyone's verdicts there."""
        if not self._nothing_open():
            self.verdict.commit_comment()
            ask_export(self.room, self)

    def ask_report(self) -> None:
        """Ask where to, and write the report there."""
        if not self._nothing_open():
            ask_report(self.room, self)

    def go(self, step: str) -> None:
        """Go to another sample: ``next``, ``previous`` or ``next_unreviewed``."""
        session = self.room.session
        if not self._nothing_open() and session is not None:
            self.verdict.commit_comment()
            self.room.attempt(getattr(session, step))

    def decide(self, status: ReviewStatus) -> None:
        """Give the current sample a status."""
        if not self._nothing_open():
            self.verdict.set_status(status)

    def step_back(self, verb: str) -> None:
        """``undo`` or ``redo`` the last verdict of this sitting."""
        session = self.room.session
        if not self._nothing_open() and session is not None:
            self.verdict.commit_comment()
            self.room.attempt(getattr(session, verb))
            self.verdict.refresh()

    def next_finding(self, step: int = 1) -> None:
        """Go to the next finding of the sample."""
        if not self._nothing_open():
            self.verdict.commit_comment()
            self.room.findings.next(step)

    def ask_tag(self) -> None:
        """Ask for a tag, and put it on or take it off."""
        session = self.room.session
        if self._nothing_open() or session is None:
            return
        labels = [known.label for known in session.tags]
        label, chosen = QInputDialog.getItem(self, "Tag", "Put on, or take off:", labels, 0, False)
        if chosen:
            self.verdict.toggle_tag(session.tags[labels.index(label)].name)

    def accept_suggestion(self) -> None:
        """Put the suggested tag on the sample, or on the finding in view."""
        if not self._nothing_open():
            self.room.accept_suggestion()
            self._refresh_verdict()

    def switch_target(self) -> None:
        """Give verdicts to the finding in view instead of the sample, or the other way round."""
        if not self._nothing_open():
            self.room.findings.switch_target()

    def correct(self, source: str | None = None) -> None:
        """Begin to correct a mask of the sample: the candidate's when none is named."""
        if not self._nothing_open():
            self.verdict.commit_comment()
            self.room.correcting.start(source)

    def correct_reference(self) -> None:
        """Begin to correct the reference's mask of the sample."""
        self.correct(None if self.room.pair is None else self.room.pair[0])

    def save_correction(self) -> None:
        """Write the corrected mask as a new file."""
        if not self._nothing_open():
            self.room.correcting.save()

    def leave_correction(self) -> None:
        """End the correction; asks about unsaved work."""
        if not self._nothing_open():
            self.room.correcting.leave()

    def take_finding(self) -> None:
        """While correcting: take the finding in view from the chosen mask."""
        if not self._nothing_open():
            self.correcting.one_click.take_finding()

    def cycle_mode(self) -> None:
        """Show the sample in the next way."""
        if not self._nothing_open():
            self.room.seeing.cycle_mode()

    def _nothing_open(self) -> bool:
        if self.room.session is None:
            self._fail_text("No dataset is open: open a folder in the review dock first.")
            return True
        return False

    # -- from the room to the widgets ------------------------------------------------------------

    def _opening(self, path: str) -> None:
        self.extras.close_history()
        self.start.set_busy(True)
        self.start.say(f"opening {path} …")
        self.footer.say(f"opening {path} …")

    def _opened(self) -> None:
        room = self.room
        self.start.set_busy(False)
        if room.session is not None:
            self.start.say("")
            self.footer.say("")
        self.queue.set_session(room.session, room.dataset)
        self.verdict.set_session(room.session)
        self.sample.set_session(room.session)
        self.header.refresh()
        if room.session is not None:
            room.session.verdict_changed.connect(self._remember_decision, unique=True)
            room.session.verdict_changed.connect(self._suggest, unique=True)
            room.session.tags_changed.connect(self._make_keys, unique=True)
        self._suggest()
        self._pages.setCurrentIndex(0 if room.session is None else 1)
        self._make_keys()

    def _remember_decision(self, sample: str) -> None:
        self._decided = sample

    def _refresh_verdict(self) -> None:
        """The sample or the finding that verdicts are on is another one, or more is known of it."""
        self.verdict.refresh()
        self._suggest()

    def _change_target(self) -> None:
        self.verdict.change_target(self.room.findings.on_finding)
        self._suggest()

    def _suggest(self, _sample: object = None) -> None:
        """Show the tag that fits what verdicts are on."""
        room, panel = self.room, self.verdict.suggestion
        session, suggestion = room.session, room.suggestion
        if session is None or suggestion is None:
            panel.show_tag(None, "", is_on=False)
            return
        labels = {known.name: known.label for known in session.tags}
        label = labels.get(suggestion.tag, suggestion.tag.replace("_", " "))
        panel.show_tag(label, suggestion.reason, is_on=is_on(session, suggestion))

    def _say(self, text: str) -> None:
        """Show a sentence; after a verdict also how to take it back."""
        decided, self._decided = self._decided, None
        if decided is not None and "undone" not in text and text.startswith(f"{decided}: "):
            walk = self.room.findings
            if walk.subject is not None and walk.index is not None:
                text = text.replace(":", f", finding {walk.index + 1}:", 1)
            text = f"{text}  ({native(UNDO)} undoes)"
        self.footer.say(text)

    def _fail(self, error: AuditError) -> None:
        self._fail_text(str(error))

    def _fail_text(self, text: str) -> None:
        self.start.say(f"⚠ {text}")
        self.footer.say(f"⚠ {text}")
        show_error(text)

    # -- keys ------------------------------------------------------------------------------------

    def _open_again(self, entry: Recent) -> None:
        open_again(self.room, entry)

    def _make_keys(self) -> None:
        session = self.room.session
        keys = () if session is None else keys_now(self, session)
        self.keys.set_keys(keys)
        if session is not None:
            self.footer.set_keys(keys)

    def _show_correcting(self) -> None:
        """While a mask is corrected its tools take the place of queue and verdicts."""
        active = self.room.correcting.is_active
        if active == self.queue.isVisibleTo(self):
            for panel in (self.header, self.queue, self.verdict, self.footer.moving):
                panel.setVisible(not active)
            self._make_keys()

    # -- coming and going ------------------------------------------------------------------------

    def _may_close(self) -> bool:
        """Keep what is being written before the window closes, and ask about unsaved work."""
        self.verdict.commit_comment()
        return self.room.correcting.may_leave()

    def _come_back(self, title: str) -> bool:
        """Ask about unsaved work when the dock was closed; true where it is back in its window."""
        if not self.room.correcting.is_dirty or self._may_close():
            return False
        self._viewer.window.add_dock_widget(self, name=title, area="right")
        return True

    def _ask_before_leaving(self) -> Answer:
        parent = self if self.parentWidget() is not None else None
        return ask_before_leaving(self.room.correcting, parent)

    def release(self) -> None:
        """Disconnect everything; the room closes with its last dock."""
        if self._is_released:
            return
        self._is_released = True
        self.verdict.commit_comment()
        self.extras.close_history()
        room = self.room
        for signal, slot in self._room_slots():
            signal.disconnect(slot)
        if room.session is not None:
            room.session.verdict_changed.disconnect(self._remember_decision)
            room.session.verdict_changed.disconnect(self._suggest)
            room.session.tags_changed.disconnect(self._make_keys)
        self.keys.release()
        self.describing.release()
        self.queue.set_session(None, None)
        self.verdict.set_session(None)
        self.sample.release()
        self.correcting.release()
        self.draft.release()
        self.header.release()
        self.footer.release()
        self._life.end()
        leave_room(self._viewer, self)

    # -- making ----------------------------------------------------------------------------------

    def _room_slots(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        room = self.room
        return (
            (room.opening, self._opening),
            (room.opened, self._opened),
            (room.said, self._say),
            (room.failed, self._fail),
            (room.view_changed, self._suggest),
            (room.audit_changed, self._suggest),
            (room.findings.changed, self._refresh_verdict),
            (room.findings.moved, self._refresh_verdict),
            (room.findings.target_changed, self._change_target),
            (room.correcting.changed, self._show_correcting),
        )

    def _connect(self) -> None:
        for signal, slot in self._room_slots():
            signal.connect(slot)
        self.room.correcting.ask = self._ask_before_leaving
        self.room.correcting.saving.agree = partial(ask_to_replace, parent=self)
        self.correcting.typing_done.connect(self.setFocus)
        self.start.open_asked.connect(self.ask_folder)
        self.start.describe_asked.connect(self.describing.describe)
        self.start.sample_asked.connect(self.open_sample_town)
        self.start.recent_asked.connect(self._open_again)
        openings = self.header.openings
        openings.folder_asked.connect(self.ask_folder)
        openings.sample_asked.connect(self.open_sample_town)
        openings.recent_asked.connect(self._open_again)
        self.header.export_asked.connect(self.ask_export)
        self.header.report_asked.connect(self.ask_report)
        self.header.menu.history_asked.connect(self.extras.show_history)
        self.header.menu.tags_asked.connect(self.extras.edit_tags)
        self.footer.went.connect(self.go)
        self.footer.stepped_back.connect(self.step_back)
        self.footer.keys_wanted.connect(self.keys.set_wanted)
        self.keys.set_wanted(self.footer.use_keys.isChecked())
        self.verdict.left_comment.connect(self.queue.table.setFocus)
        self.verdict.target_asked.connect(self.switch_target)
        self.verdict.suggestion.accepted.connect(self.accept_suggestion)
        self.verdict.finding_decided.connect(self.room.findings.after_verdict)

    def open_sample_town(self) -> None:
        """Open the sample dataset; its verdicts are kept in the user's own folder."""
        from .reader import open_sample_town

        open_sample_town(self.room)

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.queue)
        split.addWidget(self.sample)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setChildrenCollapsible(False)
        review = QWidget()
        column = QVBoxLayout(review)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(4)
        column.addWidget(self.header)
        column.addWidget(self.correcting)
        column.addWidget(self.draft)
        column.addWidget(split, 1)
        column.addWidget(self.verdict)
        column.addWidget(self.footer)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.start)
        self._pages.addWidget(review)
        self.setWidget(self._pages)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(370)

    def sizeHint(self) -> QSize:
        """Narrow, so that the canvas stays the largest thing on a small screen."""
        return QSize(400, 640)
