"""What fills the queue of an open dataset: the audit, then the explanations of all samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from psygnal import Signal

from ..audit import SampleAudit
from ..dataset import Dataset
from ..errors import AuditError
from ..review.queue import QueueItem
from ..review.session import ReviewSession
from ..scores import PairScores
from .explaining import RunningExplanation
from .failure_summary import FailureSummary
from .items import Pair, measured_item, waiting_item
from .running_audit import RunningAudit
from .worker import Job, Jobs

# Rows that the main thread takes in at a time, and what the thread that makes them leaves it.
_AT_ONCE = 1000
_BREATH_S = 0.03


class Progress(NamedTuple):
    """How far measuring, or then explaining, is."""

    n_done: int
    n_total: int
    word: str


class QueueFeed:
    """Sorts samples into a session as they are measured and explained.

    Parameters
    ----------
    dataset : Dataset
        What is open.
    session : ReviewSession
        Whose queue is filled.
    pair : (str, str) or None
        The comparison whose scores count.
    jobs : Jobs
        Where to run.
    failed : callable
        Gets the error when measuring cannot go on.
    is_resumed : bool
        Whether the reviewer was here before; if so, the current sample stays whatever arrives.

    Attributes
    ----------
    progressed
        Signal: more is measured or explained, or it started or stopped.
    arrived : frozenset of str
        Signal: samples whose rows changed.
    """

    progressed = Signal()
    arrived = Signal(object)

    def __init__(
        self,
        dataset: Dataset,
        session: ReviewSession,
        pair: Pair | None,
        jobs: Jobs,
        failed: Callable[[AuditError], None],
        *,
        is_resumed: bool,
    ) -> None:
        self.dataset = dataset
        self.session = session
        self.pair = pair
        self.audit = RunningAudit(dataset, jobs, failed)
        self.explaining = RunningExplanation(dataset, jobs, failed)
        self._jobs = jobs
        self._failed = failed
        self._recasting: Job | None = None
        self._is_resumed = is_resumed
        self._untouched = True
        self._is_started = False
        self._has_scores = False
        self.audit.progressed.connect(self._progress)
        self.audit.arrived.connect(self._sort_in_measured)
        self.audit.ended.connect(self._measured_all)
        self.explaining.progressed.connect(self._progress)
        self.explaining.arrived.connect(self._sort_in_explained)

    # -- how far it is ---------------------------------------------------------------------------

    @property
    def progress(self) -> Progress:
        """How far it is."""
        total = len(self.dataset.samples)
        if not self.audit.is_complete:
            return Progress(len(self.audit.measured), total, "measured")
        return Progress(self.explaining.n_done, total, "explained")

    @property
    def is_running(self) -> bool:
        """Whether samples are being measured or explained."""
        return self.audit.is_running or self.explaining.is_running

    @property
    def is_started(self) -> bool:
        """Whether it has begun, or was told not to; it waits for the first sample to show."""
        return self._is_started

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to do."""
        explained = self.pair is None or self.explaining.is_complete
        return self.audit.is_complete and explained

    def scores(self, sample: str) -> PairScores | None:
        """The scores of a sample in the chosen comparison, if it is measured."""
        measured = self.audit.measured.get(sample)
        return None if measured is None or self.pair is None else measured.pairs.get(self.pair)

    # -- verbs -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, once."""
        if not self._is_started:
            self._is_started = True
            self.go_on()

    def go_on(self) -> None:
        """Do what is left."""
        if not self.audit.is_complete:
            self.audit.start()
        elif self.pair is not None:
            self.explaining.start(self.pair)

    def stop(self) -> None:
        """Stop; what is known stays. If it has not begun, it will not by itself."""
        self._is_started = True
        self._stop_recasting()
        self.audit.stop()
        self.explaining.stop()
        self._progress()

    def touch(self) -> None:
        """From now on somebody works here: rows no longer move of their own accord."""
        self._untouched = False

    def note(self, summary: FailureSummary) -> None:
        """Take in the buckets of the sample on the canvas."""
        if self.pair is not None:
            self.explaining.note(summary, self.pair)

    def compare(self, pair: Pair, done: Callable[[], object]) -> None:
        """Fill the queue with another comparison; ``done`` is called when every row is.

        Where there are many rows it takes a while, and is done beside the main thread.
        """
        self.pair = pair
        self._stop_recasting()
        names = [sample.name for sample in self.dataset.samples]

        def finish() -> None:
            done()
            if self.audit.is_complete:
                self.explaining.start(pair)

        if len(names) <= _AT_ONCE:
            self._sort_in(names)
            finish()
            return

        def recast(job: Job) -> None:
            for start in range(0, len(names), _AT_ONCE):
                if job.stopped:
                    return
                items = [self._item(name, pair) for name in names[start : start + _AT_ONCE]]
                self._jobs.deliver(job, self._take_items, items)
                time.sleep(_BREATH_S)

        self._recasting = self._jobs.run(recast, lambda _none: finish(), self._failed)

    def take_in(self, dataset: Dataset, sample: str) -> None:
        """Go on with a dataset in which a sample has another mask."""
        self.dataset = dataset
        self.explaining.take_in(dataset, sample)
        self.audit.measure_again(dataset, sample)

    def recount(self, dataset: Dataset) -> None:
        """The thresholds of the buckets are others.

        Parameters
        ----------
        dataset : Dataset
            With the thresholds in its settings.
        """
        self.dataset = self.audit.dataset = dataset
        self.explaining.recount(dataset)

    # -- inside ----------------------------------------------------------------------------------

    def _item(self, sample: str, pair: Pair | None) -> QueueItem:
        measured = self.audit.measured.get(sample)
        if measured is None:
            return waiting_item(self.dataset, self.dataset.sample(sample), pair)
        summary = self.explaining.summary(sample, pair)
        return measured_item(self.dataset, measured, pair, summary)

    def _sort_in(self, samples: Iterable[str]) -> None:
        self._take_items([self._item(sample, self.pair) for sample in dict.fromkeys(samples)])

    def _take_items(self, items: list[QueueItem]) -> None:
        self.session.add_items(items)
        self.arrived.emit(frozenset(item.sample for item in items))

    def _stop_recasting(self) -> None:
        if self._recasting is not None:
            self._recasting.cancel()
            self._recasting = None

    def _sort_in_measured(self, batch: list[SampleAudit]) -> None:
        self._sort_in(measured.sample for measured in batch)
        if self._untouched and not self._has_scores:
            self._sort_anew()
        self._has_scores = True

    def _sort_in_explained(self, samples: list[str]) -> None:
        # Until a sample is measured its row says so, and the buckets wait.
        measured = [sample for sample in samples if sample in self.audit.measured]
        if measured:
            self._sort_in(measured)

    def _measured_all(self) -> None:
        if self._untouched:
            self._sort_anew()
        self.go_on()

    def _sort_anew(self) -> None:
        """While nobody has done anything yet, rows may move: and a new review starts on top."""
        session = self.session
        session.set_order(session.order)
        if not self._is_resumed and len(session):
            session.go_to(session.item_at(0).sample)

    def _progress(self) -> None:
        self.progressed.emit()
