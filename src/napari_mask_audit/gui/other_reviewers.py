"""Verdicts of other reviewers on the same store, looked for every few seconds in a thread."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QTimer

from ..errors import AuditError
from ..review.session import ReviewSession
from ..review.verdicts import StoredVerdict
from .worker import Job, Jobs

_REFRESH_MS = 5000


class OtherReviewers:
    """Keeps a session up to date with what others decide.

    Parameters
    ----------
    session : ReviewSession
        Which session.
    jobs : Jobs
        Where to run.
    say : callable
        Says a sentence to the reviewer.
    """

    def __init__(self, session: ReviewSession, jobs: Jobs, say: Callable[[str], None]) -> None:
        self._session = session
        self._jobs = jobs
        self._say = say
        self._looking: Job | None = None
        self._timer = QTimer()
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        if self._looking is not None:
            self._looking.cancel()

    def _look(self) -> None:
        store, seen = self._session.store, self._session.last_event
        # The store may be a server: ask it in a thread, and take in only what is new.
        self._looking = self._jobs.run(
            lambda _job: store.everything_since(seen), self._decided, self._lost_sight
        )

    def _decided(self, events: list[StoredVerdict]) -> None:
        # What this session has taken in meanwhile is known to it: it looks at the numbers.
        self._session.take_in(events)

    def _lost_sight(self, error: AuditError) -> None:
        self._timer.stop()
        self._say(f"other reviewers' verdicts no longer arrive: {error.message}")
