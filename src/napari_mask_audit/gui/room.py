"""The review room: what is open in one viewer, shared by all docks of that viewer.

It joins the session (what is decided), the audit (what was measured), the loader (pictures) and
the layers (what is shown). Docks call its verbs and redraw from its signals; it has no widgets.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from psygnal import Signal
from qtpy.QtCore import QTimer

from ..audit import SampleAudit
from ..dataset import Dataset
from ..errors import AuditError
from ..review.export import export_tags
from ..review.queue import Order, OrderKind, QueueItem
from ..review.session import ReviewSession
from ..review.verdicts import StoredVerdict
from ..scores import PairScores
from .colormaps import warm_up
from .items import Pair, measured_item, waiting_item
from .layers import Mode, SampleLayers
from .opening import Opened, login_name, open_review
from .outlines import Outlines, neighbourhood, outline_region
from .running_audit import RunningAudit
from .sample_view import SampleView, load_sample_view
from .worker import Job, Jobs, ViewLoader

_IGNORED_COLOR = "#808080"
# Other reviewers' verdicts in a shared store are looked for this often.
_REFRESH_MS = 5000


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
        Signal: the audit measured more, started or stopped.
    pair_changed
        Signal: other sources are compared.
    view_changed
        Signal: :attr:`view` is on the canvas (None while it is being read).
    region_changed
        Signal: :attr:`region_index` changed.
    mode_changed
        Signal: what the canvas shows changed.
    said, failed
        Signals: a sentence for the status line; an error the user has to know about.
    """

    opening = Signal(str)
    opened = Signal()
    audit_changed = Signal()
    pair_changed = Signal()
    view_changed = Signal()
    region_changed = Signal()
    mode_changed = Signal()
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, viewer: Any) -> None:
        self.viewer = viewer
        self.layers = SampleLayers(viewer)
        self.dataset: Dataset | None = None
        self.session: ReviewSession | None = None
        self.pair: Pair | None = None
        self.view: SampleView | None = None
        self.region_index: int | None = None
        self._opening: Job | None = None
        self.audit: RunningAudit | None = None
        self._untouched = True
        self._is_resumed = False
        self._has_scores = False
        self._is_started = False
        self._fits = False
        self._seen_event = 0
        self._ranks: dict[str, Mapping[str, float]] = {}
        self._jobs = Jobs(workers=3)
        self._loader = ViewLoader(self._load, self._show, self._not_loaded)
        self._outlining: Job | None = None
        self._looking: Job | None = None
        self._jobs.run(lambda _job: warm_up("uint8"), lambda _none: None, self._fail)
        self._others = QTimer()
        self._others.setInterval(_REFRESH_MS)
        self._others.timeout.connect(self._look_for_others)

    # -- opening and closing ---------------------------------------------------------------------

    def open(
        self,
        path: str | Path,
        *,
        store: str | None = None,
        reviewer: str | None = None,
        sample: str | None = None,
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
        """
        self.opening.emit(str(path))

        def work(_job: Job) -> Opened:
            return open_review(path, store=store, reviewer=reviewer or login_name())

        if self._opening is not None:
            self._opening.cancel()
        self._opening = self._jobs.run(
            work, lambda opened: self._enter(opened, sample), self._not_opened
        )

    def close(self) -> None:
        """Stop all threads and close the store; every verdict is in it already."""
        self._leave()
        self._loader.close()
        self._jobs.close()
        self.layers.release()

    def _not_opened(self, error: AuditError) -> None:
        self._opening = None
        self._fail(error)
        self.opened.emit()

    def _enter(self, opened: Opened, sample: str | None) -> None:
        self._leave()
        self._opening = None
        self.dataset, self.session = opened.dataset, opened.session
        pairs = self.dataset.comparisons()
        self.pair = pairs[0] if pairs else None
        self._has_scores, self._is_started, self._seen_event = False, False, 0
        self._ranks = {}
        background = self.dataset.background_id
        self.layers.set_colors(
            self._color_of,
            frozenset() if background is None else frozenset({background}),
            is_instance=self.dataset.task == "instance",
        )
        session = self.session
        if session.order.by is not None and not session.order.by.startswith("class:"):
            session.set_order(Order())  # the last sitting's rank() is not known any more
        self._untouched, self._is_resumed = True, opened.is_resumed
        for signal, slot in self._slots():
            signal.connect(slot)
        if sample is not None:
            self._is_resumed = True
            self.attempt(lambda: session.go_to(opened.dataset.sample(sample).name))
        self.audit = RunningAudit(self.dataset, self._jobs, self._fail)
        for signal, slot in self._audit_slots(self.audit):
            signal.connect(slot)
        self.opened.emit()
        for note in opened.notes:
            self.said.emit(note)
        self._others.start()
        self._show_current()

    def _leave(self) -> None:
        self._others.stop()
        for job in (self._looking, self._outlining):
            if job is not None:
                job.cancel()
        if self.audit is not None:
            for signal, slot in self._audit_slots(self.audit):
                signal.disconnect(slot)
            self.audit.stop()
        self._loader.forget()
        if self.session is not None:
            for signal, slot in self._slots():
                signal.disconnect(slot)
            self.session.store.close()
        self.session = self.dataset = self.audit = self.view = self.region_index = None

    def _slots(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        session = self.session
        assert session is not None
        return (
            (session.current_changed, self._show_current),
            (session.said, self._say),
            (session.verdict_changed, self._touch),
        )

    # -- the audit -------------------------------------------------------------------------------

    def scores(self, sample: str | None) -> PairScores | None:
        """The scores of a sample in the chosen comparison, if it is measured."""
        measured = None if self.audit is None else self.audit.measured.get(sample or "")
        return None if measured is None or self.pair is None else measured.pairs.get(self.pair)

    def _start_audit(self) -> None:
        """Begin to measure once the first sample shows: seeing something comes first."""
        if self.audit is not None and not self._is_started:
            self._is_started = True
            self.audit.start()

    def _audit_slots(self, audit: RunningAudit) -> tuple[tuple[Any, Callable[..., None]], ...]:
        return (
            (audit.progressed, self._audit_progressed),
            (audit.arrived, self._sort_in),
            (audit.ended, self._audit_ended),
        )

    def _audit_progressed(self) -> None:
        self.audit_changed.emit()

    def _sort_in(self, batch: list[SampleAudit]) -> None:
        session, dataset = self.session, self.dataset
        if session is None or dataset is None:
            return
        session.add_items(self._ranked(measured_item(dataset, m, self.pair) for m in batch))
        if self._untouched and not self._has_scores:
            self._sort_anew(session)
        self._has_scores = True
        if any(measured.sample == session.current for measured in batch):
            self.view_changed.emit()

    def _audit_ended(self) -> None:
        if self.session is not None and self._untouched:
            self._sort_anew(self.session)

    def _sort_anew(self, session: ReviewSession) -> None:
        """While nobody has done anything yet, rows may move: and a new review starts on top."""
        session.set_order(session.order)
        if not self._is_resumed and len(session):
            session.go_to(session.item_at(0).sample)

    # -- verbs -----------------------------------------------------------------------------------

    def attempt(self, verb: Callable[[], Any]) -> bool:
        """Do something that may fail; on an AuditError nothing has changed and it is said."""
        self._untouched = False
        try:
            verb()
        except AuditError as error:
            self._fail(error)
            return False
        return True

    def compare(self, pair: Pair) -> None:
        """Show and score another reference and candidate; the sample stays."""
        session, dataset = self.session, self.dataset
        if session is None or dataset is None or pair == self.pair:
            return
        self.pair = pair
        session.add_items(self._ranked(self._items(dataset, pair)))
        self.attempt(lambda: session.set_order(session.order))
        self.pair_changed.emit()
        self._show_current()

    def rank(self, by: str, scores: Mapping[str, float]) -> None:
        """Sort the queue by a further score, lowest first, and go to the first sample.

        Parameters
        ----------
        by : str
            Its name, as the queue shows it.
        scores : mapping of str to float
            By sample; those without one come last.
        """
        session, dataset = self.session, self.dataset
        if session is None or dataset is None:
            return
        self._ranks[by] = scores
        session.add_items(self._ranked(self._items(dataset, self.pair)))
        self.attempt(lambda: session.set_order(Order(OrderKind.WORST_FIRST, by=by)))
        if len(session):
            session.go_to(session.item_at(0).sample)

    def set_mode(self, mode: Mode) -> None:
        """Change what the canvas shows."""
        before = self.layers.mode
        self.layers.set_mode(mode)
        if Mode.SIDE_BY_SIDE in (before, mode) and before is not mode:
            # A third of the canvas, or all of it again: what was in view should be so still.
            if self.region_index is None or self.view is None:
                self.layers.fit()
            else:
                region = self.view.regions[self.region_index]
                self.layers.focus(neighbourhood(region, self.view.shape), region.inside)
        self.mode_changed.emit()
        self.said.emit(f"showing: {mode.value} (O for the next)")

    def cycle_mode(self) -> None:
        """Disagreement → side by side → reference → candidate."""
        self.set_mode(self.layers.mode.next)

    def blink(self) -> None:
        """Reference and candidate in turns."""
        is_reference = self.layers.mode is Mode.REFERENCE
        self.set_mode(Mode.CANDIDATE if is_reference else Mode.REFERENCE)

    def next_region(self, step: int = 1) -> None:
        """Go to the next (or another) region of disagreement, largest first, in a circle."""
        if self.view is None or not self.view.regions:
            self.said.emit("no region of disagreement to go to in this sample")
            return
        last = -1 if self.region_index is None and step > 0 else self.region_index or 0
        self.go_to_region((last + step) % len(self.view.regions))

    def go_to_region(self, index: int) -> None:
        """Move the canvas to a region and outline it."""
        view = self.view
        assert view is not None
        region = view.regions[index]
        self.region_index = index
        self.layers.focus(neighbourhood(region, view.shape), region.inside)
        if self._outlining is not None:
            self._outlining.cancel()
        hidden = () if self.dataset is None else self.dataset.left_out_ids()
        self._outlining = self._jobs.run(
            lambda _job: outline_region(view, region, hidden), self._outlined, self._fail
        )
        self.region_changed.emit()
        shown = f"region {index + 1} of {len(view.regions)}"
        more = f" (the largest of {view.n_regions:,})" if view.n_regions > len(view.regions) else ""
        self.said.emit(f"{shown}{more}: {self.region_text(index)}")

    def region_text(self, index: int) -> str:
        """A region in words: what the reference has, what the candidate has, how large."""
        assert self.view is not None
        region = self.view.regions[index]
        first, second = (self.class_name(i) for i in (region.reference_id, region.candidate_id))
        return f"{first} → {second}, {region.pixels:,} px"

    def fit(self) -> None:
        """Show the whole sample."""
        self.region_index = None
        self.layers.clear_outlines()
        self.layers.fit()
        self.region_changed.emit()

    def class_name(self, class_id: int) -> str:
        """Name of an id, whatever it stands for."""
        dataset = self.dataset
        assert dataset is not None
        if class_id in dataset.ignore_ids:
            return "ignored"
        if class_id == dataset.background_id and class_id not in dataset.declared_classes:
            return "background"
        return dataset.class_info(class_id).name

    def export(self, path: str | Path) -> None:
        """Write everyone's latest verdicts to a CSV or JSON file."""
        session = self.session
        assert session is not None

        def done(count: int) -> None:
            self.said.emit(f"{count} verdicts written to {path}")

        self._jobs.run(lambda _job: export_tags(session.store, path), done, self._fail)

    def report(self, path: str | Path) -> None:
        """Write the report on what is measured so far."""
        dataset, audit, session = self.dataset, self.audit, self.session
        assert dataset is not None
        assert audit is not None
        assert session is not None
        self.said.emit("writing the report …")

        def work(job: Job) -> Path:
            from ..report.html import write_report

            reviews = session.store.all_latest()
            return write_report(
                audit.result(), dataset, path, reviews=reviews, should_stop=lambda: job.stopped
            )

        self._jobs.run(work, lambda file: self.said.emit(f"report written to {file}"), self._fail)

    # -- inside ----------------------------------------------------------------------------------

    def _items(self, dataset: Dataset, pair: Pair | None) -> list[QueueItem]:
        measured = {} if self.audit is None else self.audit.measured
        return [
            measured_item(dataset, measured[sample.name], pair)
            if sample.name in measured
            else waiting_item(dataset, sample, pair)
            for sample in dataset.samples
        ]

    def _ranked(self, items: Iterable[QueueItem]) -> list[QueueItem]:
        """The items with the further scores of :meth:`rank`."""
        return [
            replace(item, scores={**item.scores, **self._ranks_of(item.sample)}) for item in items
        ]

    def _ranks_of(self, sample: str) -> dict[str, float]:
        return {by: scores[sample] for by, scores in self._ranks.items() if sample in scores}

    def _touch(self, _sample: str) -> None:
        self._untouched = False

    def _show_current(self, _sample: str | None = None) -> None:
        session = self.session
        if session is None or session.current is None:
            return
        # Where a region of the last sample was is nowhere in particular in this one.
        self._fits = self._fits or self.region_index is not None
        self.view, self.region_index = None, None
        if self._outlining is not None:
            self._outlining.cancel()
        here = session.position(session.current)
        near = [] if here is None else [p for p in (here + 1, here - 1) if 0 <= p < len(session)]
        then = [(session.item_at(p).sample, self.pair) for p in near]
        self._loader.want((session.current, self.pair), then)
        if self.view is None:
            self.view_changed.emit()

    def _load(self, key: Hashable) -> SampleView:
        dataset = self.dataset
        assert dataset is not None
        assert isinstance(key, tuple)
        view = load_sample_view(dataset, dataset.sample(key[0]), key[1])
        for mask in (view.overlay, view.reference, view.candidate):
            if mask is not None:
                warm_up(mask.dtype.name)
        return view

    def _show(self, _key: Hashable, view: SampleView) -> None:
        self.view = view
        self.layers.show(view)
        if self._fits:
            self.layers.fit()
            self._fits = False
        self.view_changed.emit()
        self._start_audit()

    def _not_loaded(self, error: AuditError) -> None:
        self._fail(error)
        self._start_audit()

    def _outlined(self, outlines: Outlines) -> None:
        self.layers.show_outlines(outlines)

    def _look_for_others(self) -> None:
        session = self.session
        if session is not None:
            store, seen = session.store, self._seen_event
            # The store may be a server: ask it in a thread, and take in only what is new.
            self._looking = self._jobs.run(
                lambda _job: store.changes_since(seen), self._others_decided, self._lost_sight
            )

    def _others_decided(self, events: list[StoredVerdict]) -> None:
        if events and self.session is not None:
            self._seen_event = events[-1].id
            self.session.refresh_from_store()

    def _lost_sight(self, error: AuditError) -> None:
        self._others.stop()
        self.said.emit(f"other reviewers' verdicts no longer arrive: {error.message}")

    def _color_of(self, class_id: int) -> str:
        assert self.dataset is not None
        if class_id in self.dataset.ignore_ids:
            return _IGNORED_COLOR
        return self.dataset.class_info(class_id).color

    def _say(self, text: str) -> None:
        self.said.emit(text)

    def _fail(self, error: AuditError) -> None:
        self.failed.emit(error)
