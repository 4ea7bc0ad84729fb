"""Work beside the main thread: the only file of the plugin with threads.

Callbacks always run in the main thread. An :class:`~napari_mask_audit.errors.AuditError` goes to
the caller's ``failed``; anything else is a bug and is raised in the main thread, where napari
shows it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from qtpy.QtCore import QObject, Qt, Signal

from .. import engine
from ..audit import SampleAudit, measure_sample
from ..dataset import Dataset, Sample
from ..errors import AuditError
from .giving_way import giving_way, in_the_background, serving, spare_workers
from .sample_view import SampleView
from .single_shot import single_shot

# How often measured samples are handed over: often enough to look alive, rarely enough that the
# main thread, which sorts them in, has time for the reviewer.
_BATCH_S = 0.2
# Pictures kept for going back and forth; the limit in bytes wins for large samples.
_KEPT_VIEWS = 6
_KEPT_BYTES = 1 << 30
# The picture that was asked for is drawn within this time, before others are read.
_AHEAD_MS = 80

Deliver = Callable[[Any], None]


class _Relay(QObject):
    """Carries calls from a thread to the main thread."""

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(_call, Qt.ConnectionType.QueuedConnection)


def _call(call: Callable[[], None]) -> None:
    call()


class Job:
    """A piece of work that can be asked to stop; after that its callbacks are not called.

    Its future is there until it is done; the thread takes it away.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self.future: Future[Any] | None = None

    def cancel(self) -> None:
        """Stop as soon as possible; nothing is delivered from now on."""
        self._stop.set()
        future = self.future
        if future is not None:
            future.cancel()

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    @property
    def running(self) -> bool:
        """Whether it still has work to do."""
        future = self.future
        return future is not None and not future.done()


class Jobs:
    """A few threads and their way back to the main thread; made in the main thread.

    Parameters
    ----------
    workers : int
        Number of threads.
    """

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="mask-audit")
        self._relay = _Relay()
        self._jobs: list[Job] = []
        self._closed = False

    def run(
        self,
        work: Callable[[Job], Any],
        done: Deliver,
        failed: Callable[[AuditError], None],
    ) -> Job:
        """Start some work.

        Parameters
        ----------
        work : callable
            Runs in a thread; is given its own job, to see whether it was stopped.
        done : callable
            Gets the result, in the main thread.
        failed : callable
            Gets the AuditError, in the main thread.
        """
        job = Job()
        self._jobs = [other for other in self._jobs if other.running] + [job]
        job.future = self._pool.submit(_run, work, job)
        job.future.add_done_callback(lambda future: self._finished(job, future, done, failed))
        return job

    def deliver(self, job: Job, callback: Deliver, value: Any) -> None:
        """From a thread: call ``callback(value)`` in the main thread, unless the job is stopped."""

        def call() -> None:
            if not job.stopped:
                callback(value)

        if not self._closed:
            self._relay.arrived.emit(call)

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop all jobs and wait for them; what they would still deliver is dropped."""
        self._closed = True
        for job in self._jobs:
            job.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait([future for job in self._jobs if (future := job.future) is not None], timeout_s)

    def _finished(
        self,
        job: Job,
        future: Future[Any],
        done: Deliver,
        failed: Callable[[AuditError], None],
    ) -> None:
        # Each holds the other, and the future the result: pictures would stay until Python
        # looks for garbage, or for good where it was told not to look (giving_way.py).
        job.future = None
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self.deliver(job, done, future.result())
        else:
            self.deliver(job, failed if isinstance(error, AuditError) else _raise, error)


def _run(work: Callable[[Job], Any], job: Job) -> Any:
    with giving_way():
        return work(job)


def _raise(error: BaseException) -> None:
    raise error


def start_audit(
    jobs: Jobs,
    dataset: Dataset,
    *,
    arrived: Callable[[list[SampleAudit]], None],
    done: Callable[[bool], None],
    failed: Callable[[AuditError], None],
) -> Job:
    """Measure a dataset beside the main thread, with its own settings and comparisons.

    Parameters
    ----------
    jobs : Jobs
        Where to run.
    dataset : Dataset
        What to measure.
    arrived : callable
        Gets the samples measured since the last call, a few times a second.
    done : callable
        Called once all samples are measured.
    failed : callable
        Gets the error when the audit cannot go on.
    """

    @in_the_background
    def measure(sample: Sample) -> SampleAudit:
        return measure_sample(dataset, sample)

    return start_batches(
        jobs,
        lambda should_stop: engine.run(
            measure, dataset.samples, should_stop=should_stop, workers=spare_workers()
        ),
        arrived=arrived,
        done=done,
        failed=failed,
    )


def start_batches(
    jobs: Jobs,
    results: Callable[[Callable[[], bool]], Iterable[Any]],
    *,
    arrived: Callable[[list[Any]], None],
    done: Callable[[bool], None],
    failed: Callable[[AuditError], None],
) -> Job:
    """Run through results beside the main thread, and deliver them a few times a second.

    Parameters
    ----------
    jobs : Jobs
        Where to run.
    results : callable
        Makes the results one by one; is given a function that tells whether to stop.
    arrived, done, failed : callable
        As for :func:`start_audit`.
    """

    def work(job: Job) -> bool:
        batch: list[Any] = []
        due = time.monotonic() + _BATCH_S / 2
        for result in results(lambda: job.stopped):
            batch.append(result)
            if time.monotonic() >= due:
                jobs.deliver(job, arrived, batch)
                batch, due = [], time.monotonic() + _BATCH_S
        jobs.deliver(job, arrived, batch)
        return True

    return jobs.run(work, done, failed)


class ViewLoader:
    """Loads the pictures of samples: the current one first, then its neighbours in the queue.

    Parameters
    ----------
    load : callable
        Makes the pictures for a key; runs in a thread.
    loaded : callable
        Gets key and pictures of the *wanted* sample, in the main thread.
    failed : callable
        Gets the AuditError of the wanted sample.
    read : callable, optional
        Gets key and pictures of every sample that was read, wanted or not.
    """

    def __init__(
        self,
        load: Callable[[Hashable], SampleView],
        loaded: Callable[[Hashable, SampleView], None],
        failed: Callable[[AuditError], None],
        read: Callable[[Hashable, SampleView], None] | None = None,
    ) -> None:
        self._load = load
        self._loaded = loaded
        self._failed = failed
        self._read = read
        self._jobs = Jobs(workers=2)
        self._pending: dict[Hashable, Job] = {}
        self._views: OrderedDict[Hashable, SampleView] = OrderedDict()
        self._wanted: Hashable = None
        self._ahead: list[Hashable] = []
        self._pause = single_shot(_AHEAD_MS, self._read_ahead)

    def want(self, key: Hashable, then: Iterable[Hashable] = ()) -> None:
        """Load one sample and show it; then load others, to have them when they are wanted.

        What is there already is shown before this returns, and drawn before others are read: two
        threads at it would take twice as long. Who steps faster than that has others read at once.
        """
        self._wanted = key
        is_in_a_hurry = self._pause.isActive()
        others = [other for other in then if other != key]
        for pending in [k for k in self._pending if k != key and k not in others]:
            self._pending.pop(pending).cancel()
        if key in self._views:
            self._views.move_to_end(key)
            self._loaded(key, self._views[key])
        else:
            self._start(key)
        self._ahead = others
        if is_in_a_hurry or key not in self._views:
            self._read_ahead()
        else:
            self._pause.start()

    @property
    def is_done(self) -> bool:
        """Whether all that was asked for is there."""
        return not self._pending and not self._pause.isActive()

    def drop(self, is_old: Callable[[Any], bool]) -> None:
        """Drop what is kept or being loaded of some keys."""
        for key in [key for key in self._pending if is_old(key)]:
            self._pending.pop(key).cancel()
        for key in [key for key in self._views if is_old(key)]:
            del self._views[key]

    def forget(self) -> None:
        """Drop everything that is kept or being loaded."""
        for job in self._pending.values():
            job.cancel()
        self._pending.clear()
        self._pause.stop()
        self._ahead = []
        self._views.clear()
        self._wanted = None

    def close(self) -> None:
        """Stop the threads."""
        self.forget()
        self._jobs.close()

    def _read_ahead(self) -> None:
        for key in self._ahead:
            if key not in self._views:
                self._start(key)

    def _start(self, key: Hashable) -> None:
        if key in self._pending:
            return

        def load(_job: Job) -> SampleView:
            with serving():
                return self._load(key)

        self._pending[key] = self._jobs.run(
            load,
            lambda view: self._arrived(key, view),
            lambda error: self._missed(key, error),
        )

    def _arrived(self, key: Hashable, view: SampleView) -> None:
        self._pending.pop(key, None)
        self._views[key] = view
        self._make_room()
        if key == self._wanted:
            self._loaded(key, view)
        if self._read is not None:
            self._read(key, view)

    def _missed(self, key: Hashable, error: AuditError) -> None:
        self._pending.pop(key, None)
        if key == self._wanted:
            self._failed(error)

    def _make_room(self) -> None:
        while len(self._views) > 1 and (
            len(self._views) > _KEPT_VIEWS
            or sum(view.nbytes for view in self._views.values()) > _KEPT_BYTES
        ):
            oldest = next(key for key in self._views if key != self._wanted)
            del self._views[oldest]
