"""The review room: what is open in one viewer, shared by all docks of that viewer.

It joins the session (what is decided), the feed (what was measured and explained), the loader
(pictures), the findings, the layers and how they are looked at. Docks call its verbs and redraw
from its signals; it has no widgets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from psygnal import Signal

from ..corrections import drafts_folder
from ..dataset import Dataset
from ..errors import AuditError
from ..review.queue import Order, OrderKind
from ..review.session import ReviewSession
from ..scores import PairScores
from . import canvas
from .canvas_sample import CanvasSample
from .class_looks import ClassLooks
from .colormaps import warm_up
from .correcting import Correcting
from .explanation import Explanation
from .failure_summary import FailureSummary
from .findings_walk import FindingsWalk
from .giving_way import keep_what_is_here, let_go, reviewer_acts
from .hiding import Hiding
from .items import Pair
from .layers import SampleLayers
from .names import Names
from .opening import Opened, Opener
from .other_reviewers import OtherReviewers
from .place_keeping import PlaceKeeping
from .preferences import Preferences, preferences
from .preferring import Preferring
from .queue_feed import QueueFeed
from .recent import remember
from .running_audit import RunningAudit
from .sample_view import SampleView
from .seeing import Seeing
from .suggesting import Suggested, accept, suggested
from .threshold_choice import ThresholdChoice, unusual_settings
from .worker import Job, Jobs


class ReviewRoom:
    """The review in one viewer.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where samples are shown.

    Attributes
    ----------
    opening, opened
        Signals: a dataset is being opened (its path); it is open.
    audit_changed
        Signal: more is measured or explained, or that started or stopped.
    pair_changed
        Signal: other sources are compared.
    view_changed
        Signal: :attr:`view` is on the canvas (None while it is being read).
    sources_changed
        Signal: the dataset has a source or a mask more: a correction was saved.
    said, failed
        Signals: a sentence for the status line; an error the user has to know about.
    """

    opening = Signal(str)
    opened = Signal()
    audit_changed = Signal()
    pair_changed = Signal()
    view_changed = Signal()
    sources_changed = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, viewer: Any) -> None:
        self.viewer = viewer
        self.layers = SampleLayers(viewer)
        self.dataset: Dataset | None = None
        self.session: ReviewSession | None = None
        self.pair: Pair | None = None
        self.looks = ClassLooks()
        self.feed: QueueFeed | None = None
        self._others: OtherReviewers | None = None
        self.places: PlaceKeeping | None = None
        self._jobs = Jobs(workers=3)
        self._opener = Opener(self._jobs, self._not_opened)
        self.hiding = Hiding(self)
        self.hiding.changed.connect(self._names_changed)
        self.on_canvas = CanvasSample(self)
        self.thresholds = ThresholdChoice()
        self.thresholds.changed.connect(self._recount)
        self.findings = FindingsWalk(self.layers, self._jobs, self.say, self.fail)
        self.findings.moved.connect(self._touch)
        self.seeing = Seeing(self.layers, self._jobs, self.say, self.fail, self.findings.frame)
        self.correcting = Correcting(self)
        self.preferring = Preferring(self)
        canvas.camera(self.layers.viewer).events.connect(reviewer_acts)
        self.run(lambda _job: warm_up("uint8"), lambda _none: None)

    @property
    def view(self) -> SampleView | None:
        """What is on the canvas; None while it is being read."""
        return self.on_canvas.view

    @property
    def names(self) -> Names:
        """What the sources are called."""
        return self.hiding.names

    @property
    def preferences(self) -> Preferences:
        """What the reviewer set in napari's Preferences."""
        return self.preferring.now

    @property
    def audit(self) -> RunningAudit | None:
        """The audit of the open dataset."""
        return None if self.feed is None else self.feed.audit

    # -- opening and closing ---------------------------------------------------------------------

    def open(
        self,
        path: str | Path,
        *,
        store: str | None = None,
        reviewer: str | None = None,
        sample: str | None = None,
        blind: bool = False,
        repeats: float | None = None,
    ) -> None:
        """Open a dataset beside the main thread; :attr:`opened` follows, or :attr:`failed`.

        Parameters
        ----------
        path : str or pathlib.Path
            A dataset folder or a ``dataset.toml``.
        store : str, optional
            Where to keep the verdicts: a file or a URL.
        reviewer : str, optional
            Who decides; the login name when not given.
        sample : str, optional
            Sample to start with, instead of where the reviewer was.
        blind : bool
            Hide whose masks they are.
        repeats : float, optional
            Share of the decided samples that come back unannounced; as last time by default.
        """
        if not self.correcting.may_leave():
            return
        self.opening.emit(str(path))
        who = reviewer or preferences().reviewer or None

        def enter(opened: Opened) -> None:
            self._enter(opened, sample)
            name = opened.dataset.name
            self.run(lambda _job: remember(path, name, store), lambda _none: None)

        self._opener.open(path, enter, store=store, reviewer=who, blind=blind, repeats=repeats)

    def close(self) -> None:
        """Stop all threads and close the store; every verdict is in it already."""
        self.correcting.close()
        self.preferring.release()
        self._leave()
        self.on_canvas.close()
        self._jobs.close()
        self.seeing.release()
        canvas.camera(self.layers.viewer).events.disconnect(reviewer_acts)
        self.layers.release()
        let_go()  # also of what an opening that failed has kept

    def _not_opened(self, error: AuditError) -> None:
        self.fail(error)
        self.opened.emit()

    def _enter(self, opened: Opened, sample: str | None) -> None:
        self._leave()
        self.dataset, self.session = opened.dataset, opened.session
        self.thresholds.enter(opened.dataset)
        self.hiding.enter(self.dataset, self.session)
        pairs = self.dataset.comparisons()
        self.pair = pairs[0] if pairs else None
        self.looks.dataset = self.dataset
        self.preferring.enter()
        session = self.session
        session.circumstances = self._circumstances
        self.feed = QueueFeed(
            self.dataset,
            session,
            self.pair,
            self._jobs,
            self.fail,
            is_resumed=opened.is_resumed or sample is not None,
        )
        for signal, slot in self._slots():
            signal.connect(slot)
        if sample is not None:
            self.attempt(lambda: session.go_to(opened.dataset.sample(sample).name))
        session.may_leave = self.correcting.may_leave
        self.findings.enter(self.dataset)
        self.correcting.enter(opened.drafts)
        self.opened.emit()
        if opened.notes:
            self.said.emit(" · ".join(opened.notes))
        self.places = PlaceKeeping(session)
        self._others = OtherReviewers(session, self._jobs, self.say)
        keep_what_is_here()
        self._show_current()

    def _leave(self) -> None:
        was_open = self.session is not None
        if self._others is not None:
            self._others.stop()
        self.on_canvas.forget()
        self.findings.enter(None)
        self.seeing.clear()
        if self.session is not None:
            for signal, slot in self._slots():
                signal.disconnect(slot)
        if self.feed is not None:
            self.feed.stop()
        if self.session is not None and self.places is not None:
            self.places.stop()
            self.session.store.close()
        self.session = self.dataset = self.feed = self._others = self.places = None
        self.on_canvas.view = None
        self.hiding.enter(None, None)
        if was_open:
            let_go()

    def _slots(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        session, feed = self.session, self.feed
        assert session is not None
        assert feed is not None
        return (
            (session.current_changed, self._show_current),
            (session.said, self.say),
            (session.verdict_changed, self._touch),
            (feed.progressed, self._progress),
            (feed.arrived, self._arrived),
        )

    # -- what is known ---------------------------------------------------------------------------

    def scores(self, sample: str | None) -> PairScores | None:
        """The scores of a sample in the chosen comparison, if it is measured.

        Of the sample whose mask is being corrected: the scores as it is now.
        """
        live = self.correcting.live
        if live is not None and live.sample == sample and self.correcting.scores is not None:
            return self.correcting.scores
        return None if self.feed is None or sample is None else self.feed.scores(sample)

    @property
    def summary(self) -> FailureSummary | None:
        """The failure buckets of the current sample, if they are known."""
        explanation, session, feed = self.findings.explanation, self.session, self.feed
        if explanation is not None:
            return explanation.summary
        if session is None or session.current is None or feed is None:
            return None
        return feed.explaining.summary(
            session.current, self.names.key(session.current, self.pair).pair
        )

    def _progress(self) -> None:
        self.audit_changed.emit()

    def _arrived(self, samples: frozenset[str]) -> None:
        if self.session is not None and self.session.current in samples:
            self.view_changed.emit()

    # -- verbs -----------------------------------------------------------------------------------

    def attempt(self, verb: Callable[[], Any]) -> bool:
        """Do something that may fail; on an AuditError nothing has changed and it is said."""
        reviewer_acts()
        self._touch()
        try:
            verb()
        except AuditError as error:
            self.fail(error)
            return False
        return True

    def compare(self, pair: Pair) -> None:
        """Show and score another reference and candidate; the sample stays."""
        session, feed = self.session, self.feed
        if session is None or feed is None or pair == self.pair:
            return
        if not self.correcting.may_leave():
            self.pair_changed.emit()  # whoever asked shows the old one again
            return
        self.pair = pair
        feed.compare(pair, lambda: self.attempt(lambda: session.set_order(session.order)))
        self.pair_changed.emit()
        self._show_current()

    def rank(self, by: str, scores: Mapping[str, float]) -> None:
        """Sort the queue by a further score, lowest first, and go to the first sample.

        Parameters
        ----------
        by : str
            Its name, as the queue shows it.
        scores : mapping of str to float
            By sample; those without one come last, also those with a problem.
        """
        session, feed = self.session, self.feed
        if session is None or feed is None:
            return
        session.add_scores(by, scores)
        self.run(lambda _job: session.keep_scores(by, scores), lambda _none: None)
        self.attempt(lambda: session.set_order(Order(OrderKind.WORST_FIRST, by=by)))
        if len(session):
            session.go_to(session.item_at(0).sample)

    def accept_suggestion(self) -> None:
        """Put the suggested tag on what verdicts are on: the current sample, or the finding."""
        session, feed = self.session, self.feed
        suggestion = self.suggestion
        if session is None or feed is None:
            return
        if suggestion is None:
            self.say("no tag is suggested")
            return
        feed.explaining.flush()  # the suggestion in sight may be newer than the row
        self.attempt(lambda: accept(session, suggestion))

    @property
    def suggestion(self) -> Suggested | None:
        """The tag that fits what verdicts are on; none while nobody is to know what is wrong."""
        return None if self.names.are_hidden else suggested(self.findings, self.summary)

    def run(self, work: Callable[[Job], Any], done: Callable[[Any], None]) -> Job:
        """Do something beside the main thread; an error is told to the reviewer."""
        return self._jobs.run(work, done, self.fail)

    # -- while a mask is being corrected ---------------------------------------------------------

    @property
    def drafts_folder(self) -> Path:
        """Where unsaved corrections are kept."""
        assert self.dataset is not None
        assert self.session is not None
        return drafts_folder(self.dataset.folder, self.session.store.name)

    def show_live(self, view: SampleView, explanation: Explanation | None) -> None:
        """Take in the sample as it is now, and what is wrong with it now."""
        self.on_canvas.view = view
        self.findings.show(view, explanation)
        self.view_changed.emit()

    def show_again(self) -> None:
        """Show the current sample as its files have it."""
        self._show_current()

    def take_in(self, dataset: Dataset, sample: str) -> None:
        """Go on with a dataset that has a corrected mask more, and measure its sample again."""
        self.dataset = dataset
        self.findings.take_in(dataset)
        self.on_canvas.drop(sample)
        if self.feed is not None:
            self.feed.take_in(dataset, sample)
        self.sources_changed.emit()
        self._show_current()

    # -- inside ----------------------------------------------------------------------------------

    def _touch(self, _sample: str | None = None) -> None:
        if self.feed is not None:
            self.feed.touch()

    def _show_current(self, _sample: str | None = None) -> None:
        self.on_canvas.show_current()

    def _recount(self) -> None:
        """Other thresholds hold: count the sample on the canvas again, then all others."""
        session = self.session
        if self.dataset is None or session is None or self.feed is None:
            return
        self.dataset = self.thresholds.applied_to(self.dataset)
        self.on_canvas.recount(self.dataset)
        self.correcting.explain_again()
        self.feed.recount(self.dataset)

    def _names_changed(self) -> None:
        self.on_canvas.forget()
        self.pair_changed.emit()
        self._show_current()

    def _circumstances(self, sample: str) -> Mapping[str, Any]:
        """What is kept with a verdict on a sample: what was compared, by which thresholds."""
        assert self.dataset is not None
        return {**self.names.mark(sample, self.pair), **unusual_settings(self.dataset)}

    def say(self, text: str) -> None:
        """Say a sentence to the reviewer."""
        self.said.emit(self.names.spoken(text))

    def fail(self, error: AuditError) -> None:
        """Tell the reviewer of an error."""
        self.failed.emit(self.names.spoken_error(error))
