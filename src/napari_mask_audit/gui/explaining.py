"""Explanations made beside the main thread: of the sample on the canvas first, then of all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from psygnal import Signal

from .. import engine
from ..dataset import Dataset, Sample
from ..dataset.corrected import CORRECTED
from ..errors import AuditError
from ..failures import MeasuredDataset, MeasuredSample
from .explanation import Explanation, explain_measured, measure_view, summarise_sample
from .failure_summary import FailureSummary
from .giving_way import in_the_background, serving
from .handing_on import HandingOn
from .items import Pair
from .sample_view import SampleView
from .worker import Job, Jobs, start_batches

# Explanations kept for going back and forth.
_KEPT = 12
# Measured samples kept for counting again: the one in view and its neighbours.
_KEPT_MEASURED = 3


class Explainer:
    """Explains samples whose pictures are there: findings first, causes when they are found.

    Parameters
    ----------
    failed : callable
        Gets the AuditError when a sample cannot be explained.

    Attributes
    ----------
    explained
        Signal: the key of a sample of which more is known now.
    """

    explained = Signal(object)

    def __init__(self, failed: Callable[[AuditError], None]) -> None:
        self._failed = failed
        self._jobs = Jobs(workers=2)
        self._pending: dict[Hashable, Job] = {}
        self._known: OrderedDict[Hashable, Explanation] = OrderedDict()
        self._measured: OrderedDict[Hashable, MeasuredSample] = OrderedDict()

    def get(self, key: Hashable) -> Explanation | None:
        """What is known of a sample so far."""
        return self._known.get(key)

    def explain(self, dataset: Dataset, key: Hashable, view: SampleView) -> None:
        """Explain a sample, unless that is done or under way."""
        known = self._known.get(key)
        if key in self._pending or (known is not None and known.causes is not None):
            return

        def work(job: Job) -> Explanation | None:
            with serving():
                return explained(job)

        def explained(job: Job) -> Explanation | None:
            measured = self._measured.get(key) or measure_view(dataset, view)
            if measured is None or job.stopped:
                return None
            self._jobs.deliver(job, lambda found: self._keep_measured(key, found), measured)
            first = known or explain_measured(dataset, measured)
            if first.causes is not None or job.stopped:
                return first
            self._jobs.deliver(job, lambda found: self._keep(key, found), first)
            return explain_measured(dataset, measured, with_causes=True)

        def done(found: Explanation | None) -> None:
            self._pending.pop(key, None)
            if found is not None:
                self._keep(key, found)

        def failed(error: AuditError) -> None:
            self._pending.pop(key, None)
            self._failed(error)

        self._pending[key] = self._jobs.run(work, done, failed)

    def recount(self, dataset: Dataset, key: Hashable, view: SampleView | None) -> None:
        """The thresholds are others: what is known no longer holds; begin with one sample.

        Parameters
        ----------
        dataset : Dataset
            With the thresholds in its settings.
        key : hashable
            The sample in view.
        view : SampleView or None
            Its pictures, if they are there.
        """
        self.drop_all_but(())
        self._known.clear()
        if view is not None:
            self.explain(dataset, key, view)

    def drop_all_but(self, keys: Iterable[Hashable]) -> None:
        """Stop explaining samples that nobody looks at any more."""
        wanted = set(keys)
        for key in [key for key in self._pending if key not in wanted]:
            self._pending.pop(key).cancel()

    def drop(self, is_old: Callable[[Any], bool]) -> None:
        """Drop what is known or being found of some keys."""
        for key in [key for key in self._pending if is_old(key)]:
            self._pending.pop(key).cancel()
        kept: tuple[OrderedDict[Hashable, Any], ...] = (self._known, self._measured)
        for things in kept:
            for key in [key for key in things if is_old(key)]:
                del things[key]

    def forget(self) -> None:
        """Drop everything."""
        self.drop_all_but(())
        self._known.clear()
        self._measured.clear()

    def close(self) -> None:
        """Stop the threads."""
        self.forget()
        self._jobs.close()

    def _keep_measured(self, key: Hashable, measured: MeasuredSample) -> None:
        self._measured[key] = measured
        self._measured.move_to_end(key)
        while len(self._measured) > _KEPT_MEASURED:
            self._measured.popitem(last=False)

    def _keep(self, key: Hashable, found: Explanation) -> None:
        self._known[key] = found
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self.explained.emit(key)


class RunningExplanation:
    """The buckets of all samples, found in the background so that the queue can sort by them.

    One thread does it: the others are the reviewer's.

    Parameters
    ----------
    dataset : Dataset
        What to explain.
    jobs : Jobs
        Where to run.
    failed : callable
        Gets the error when it cannot go on.

    Attributes
    ----------
    progressed
        Signal: more is explained, or it started or stopped.
    arrived : list of str
        Signal: the samples explained since the last time.
    """

    progressed = Signal()
    arrived = Signal(object)

    def __init__(self, dataset: Dataset, jobs: Jobs, failed: Callable[[AuditError], None]) -> None:
        self.dataset = dataset
        self.pair: Pair | None = None
        self._jobs = jobs
        self._failed = failed
        self._job: Job | None = None
        self._found: dict[Pair, dict[str, FailureSummary | None]] = {}
        self._handing_on = HandingOn(self._pass_on)
        self._measured: MeasuredDataset | None = None

    @property
    def n_done(self) -> int:
        """How many samples are explained in the present comparison."""
        return len(self._of_pair())

    @property
    def is_running(self) -> bool:
        """Whether samples are still being explained."""
        return self._job is not None

    @property
    def is_complete(self) -> bool:
        """Whether every sample is explained."""
        return self.n_done >= len(self.dataset.samples)

    def summary(self, sample: str, pair: Pair | None) -> FailureSummary | None:
        """The buckets of a sample, if they are known and there are any."""
        return None if pair is None else self._found.get(pair, {}).get(sample)

    def start(self, pair: Pair) -> None:
        """Explain all samples in a comparison, or those that are left after :meth:`stop`."""
        if self.is_running and pair == self.pair:
            return
        self.stop()
        self.pair = pair
        known = self._of_pair()
        left = [sample for sample in self.dataset.samples if sample.name not in known]
        if not left:
            return

        measured = self._measured
        if measured is None or measured.comparisons != (pair,):
            measured = self._measured = MeasuredDataset(self.dataset, comparisons=[pair])
        thresholds = self.dataset.settings.failure_thresholds

        @in_the_background
        def explained(sample: Sample) -> tuple[str, FailureSummary | None]:
            return sample.name, summarise_sample(measured, sample, thresholds)

        def results(should_stop: Callable[[], bool]) -> Iterator[tuple[str, FailureSummary | None]]:
            return engine.run(explained, left, workers=1, should_stop=should_stop)

        self._job = start_batches(
            self._jobs,
            results,
            arrived=self._take_in,
            done=lambda _done: self._end(),
            failed=self._give_up,
        )
        self.progressed.emit()

    def recount(self, dataset: Dataset) -> None:
        """The thresholds are others: explain all samples again that were explained before.

        Parameters
        ----------
        dataset : Dataset
            With the thresholds in its settings.
        """
        begun = self.is_running or self.n_done > 0
        self.stop()
        self.dataset = dataset
        self._found.clear()
        if begun and self.pair is not None:
            self.start(self.pair)

    def stop(self) -> None:
        """Explain no further; what is known stays."""
        self._handing_on.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self.progressed.emit()

    def take_in(self, dataset: Dataset, sample: str) -> None:
        """Go on with a dataset in which a sample has another corrected mask."""
        self.dataset = dataset
        for pair, known in self._found.items():
            if CORRECTED in pair:
                known.pop(sample, None)
        if self.pair is not None and CORRECTED in self.pair:
            self._measured = None  # it has measured the mask from before

    def note(self, summary: FailureSummary, pair: Pair) -> None:
        """Take in what was found for the sample on the canvas."""
        known = self._found.setdefault(pair, {})
        if known.get(summary.sample) != summary:
            known[summary.sample] = summary
            self._handing_on.add([summary.sample])

    def flush(self) -> None:
        """Pass on what is known, now."""
        self._handing_on.flush()

    def _of_pair(self) -> dict[str, FailureSummary | None]:
        return {} if self.pair is None else self._found.setdefault(self.pair, {})

    def _take_in(self, batch: list[tuple[str, FailureSummary | None]]) -> None:
        self._of_pair().update(batch)
        self._handing_on.add([sample for sample, _ in batch])

    def _pass_on(self, samples: list[str]) -> None:
        self.arrived.emit(samples)
        self.progressed.emit()  # in the same breath: the window is painted once for both

    def _end(self) -> None:
        self._job = None
        self._handing_on.flush()
        self.progressed.emit()

    def _give_up(self, error: AuditError) -> None:
        self._end()
        self._failed(error)
