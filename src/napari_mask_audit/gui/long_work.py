"""One long piece of work at a time, with a bar that says how far it is and a way to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from ..errors import AuditError
from .worker import Job, Jobs

_SAY_EVERY_S = 0.1
#: Called with (done, of how many, name of the last one), from any thread.
Progress = Callable[[int, int, str], None]
Work = Callable[[Progress, Callable[[], bool]], Any]


class Bar(Protocol):
    """What shows that something is being done; empty words: nothing is."""

    def set_busy(self, text: str, done: int = 0, total: int = 0) -> None:
        """Show words and how far it is."""


class LongWork:
    """Runs one piece of work beside the main thread.

    Parameters
    ----------
    jobs : Jobs
        Where to run it.
    bar : Bar
        Where to say how far it is.
    failed : callable
        Gets the error of work that failed, in the main thread.
    """

    def __init__(self, jobs: Jobs, bar: Bar, failed: Callable[[AuditError], None]) -> None:
        self._jobs, self._bar, self._failed = jobs, bar, failed
        self._job: Job | None = None

    @property
    def is_running(self) -> bool:
        """Whether something is being done."""
        return self._job is not None and self._job.running

    def start(self, what: str, total: int, work: Work, done: Callable[[Any], None]) -> None:
        """Begin.

        Parameters
        ----------
        what : str
            One word, before the number of samples.
        total : int
            Samples to do.
        work : callable
            Gets where to report progress, and what to ask whether to stop; runs in a thread.
        done : callable
            Gets its result, in the main thread.
        """
        jobs = self._jobs

        def say(number: int) -> None:
            self._bar.set_busy(f"{what}: {number} of {total} samples", number, total)

        def run(job: Job) -> Any:
            said = 0.0

            def progress(number: int, _total: int, _sample: str) -> None:
                nonlocal said
                if time.monotonic() - said >= _SAY_EVERY_S:
                    said = time.monotonic()
                    jobs.deliver(job, say, number)

            return work(progress, lambda: job.stopped)

        say(0)
        self._job = jobs.run(
            run,
            lambda result: self._end(done, result),
            lambda error: self._end(self._failed, error),
        )

    def cancel(self) -> bool:
        """Stop; whether there was anything to stop."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._bar.set_busy("")
        return job is not None

    def _end(self, tell: Callable[[Any], None], what: Any) -> None:
        self._job = None
        self._bar.set_busy("")
        tell(what)
