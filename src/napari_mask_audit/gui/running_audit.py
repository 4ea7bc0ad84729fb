"""The audit of the open dataset while it runs, and what it has measured so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from psygnal import Signal

from ..audit import Audit, SampleAudit, assemble, audit_samples
from ..dataset import Dataset
from ..errors import AuditError
from .giving_way import keep_what_is_here
from .handing_on import HandingOn
from .worker import Job, Jobs, start_audit

# Samples measured between two messages to the garbage collector: some 50,000 objects.
_KEEP_AFTER = 400


class RunningAudit:
    """Measures a dataset beside the main thread.

    Parameters
    ----------
    dataset : Dataset
        What to measure.
    jobs : Jobs
        Where to run.
    failed : callable
        Gets the error when the audit cannot go on.

    Attributes
    ----------
    measured : dict of str to SampleAudit
        What is measured so far, by sample; without the tables, which are large.
    progressed
        Signal: more is measured, or the audit started or stopped.
    arrived : list of SampleAudit
        Signal: the samples measured since the last time.
    ended
        Signal: every sample is measured and has been handed on.
    """

    progressed = Signal()
    arrived = Signal(object)
    ended = Signal()

    def __init__(self, dataset: Dataset, jobs: Jobs, failed: Callable[[AuditError], None]) -> None:
        self.dataset = dataset
        self.measured: dict[str, SampleAudit] = {}
        self._jobs = jobs
        self._failed = failed
        self._job: Job | None = None
        self._kept = 0
        self._handing_on = HandingOn(self._pass_on)

    @property
    def is_running(self) -> bool:
        """Whether samples are still being measured."""
        return self._job is not None

    @property
    def is_complete(self) -> bool:
        """Whether every sample is measured."""
        return len(self.measured) >= len(self.dataset.samples)

    def start(self) -> None:
        """Measure all samples, or those that are left after :meth:`stop`."""
        if self.is_running:
            return
        left = tuple(s for s in self.dataset.samples if s.name not in self.measured)
        self._job = start_audit(
            self._jobs,
            replace(self.dataset, samples=left),
            arrived=self._take_in,
            done=lambda _done: self._end(),
            failed=self._give_up,
        )
        self.progressed.emit()

    def stop(self) -> None:
        """Measure no further; what is measured stays."""
        self._handing_on.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self.progressed.emit()

    def measure_again(self, dataset: Dataset, sample: str) -> None:
        """Go on with a dataset in which a sample has another mask, and measure that sample."""
        self.dataset = dataset
        one = replace(dataset, samples=(dataset.sample(sample),))

        def work(job: Job) -> list[SampleAudit]:
            return list(audit_samples(one, should_stop=lambda: job.stopped))

        self._jobs.run(work, self._take_in, self._failed)

    def result(self) -> Audit:
        """What is measured so far, put together; takes a while for many samples."""
        return assemble(self.dataset, list(self.measured.values()))

    def _take_in(self, batch: list[SampleAudit]) -> None:
        for measured in batch:
            self.measured[measured.sample] = replace(measured, table=None)
        if len(self.measured) >= self._kept + _KEEP_AFTER:
            self._kept = len(self.measured)
            keep_what_is_here()
        self._handing_on.add(batch)

    def _pass_on(self, batch: list[SampleAudit]) -> None:
        self.arrived.emit(batch)
        self.progressed.emit()  # in the same breath: the window is painted once for both

    def _end(self) -> None:
        self._job = None
        self._handing_on.flush()
        self.progressed.emit()
        self.ended.emit()

    def _give_up(self, error: AuditError) -> None:
        self._job = None
        self.progressed.emit()
        self._failed(error)
