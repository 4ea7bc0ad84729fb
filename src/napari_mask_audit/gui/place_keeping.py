"""Where the reviewer is, written to the store beside the main thread: every step changes it."""

from __future__ import annotations

from ..errors import AuditError
from ..review.place import Place
from ..review.session import ReviewSession
from .single_shot import single_shot
from .worker import Job, Jobs

# Time between two writings. What is not written yet is lost to a kill, so it is short.
_PAUSE_MS = 250


class PlaceKeeping:
    """Keeps the place of a session: at once after a step, and the last one of many quick steps.

    Verdicts are no business of this: they are in the store before anything is said of them.

    Parameters
    ----------
    session : ReviewSession
        Whose place it is; a store in memory, which has one connection only, keeps it itself.
    """

    def __init__(self, session: ReviewSession) -> None:
        self._session = session
        self._jobs = Jobs(workers=1)
        self._next: Place | None = None
        self._sent: Place | None = None
        self._writing: Job | None = None
        self._pause = single_shot(_PAUSE_MS, self._write)
        if not session.store.is_in_memory:
            session.write_place = self.keep

    @property
    def is_done(self) -> bool:
        """Whether the present place is in the store."""
        return self._next is None and self._sent is None

    def keep(self, place: Place) -> None:
        """Write a place soon; one that was to be written before is left out."""
        self._next = place
        if not self._pause.isActive():
            self._write()

    def stop(self) -> None:
        """Write what is left, before the store is closed."""
        self._pause.stop()
        self._jobs.close()
        left = self._next or self._sent
        if left is not None:
            self._session.write_at_once(left)
        self._next = self._sent = self._writing = None

    def _write(self) -> None:
        place, session = self._next, self._session
        if place is None or self._writing is not None:
            return  # nothing new, or the disk is slow: written when it is done
        self._next, self._sent = None, place
        self._pause.start()
        self._writing = self._jobs.run(
            lambda _job: place.keep(session.store, session.reviewer), self._written, self._failed
        )

    def _written(self, _nothing: object = None) -> None:
        self._writing = self._sent = None
        if not self._pause.isActive():
            self._write()

    def _failed(self, error: AuditError) -> None:
        self._session.say_place_is_lost(error)
        self._written()
