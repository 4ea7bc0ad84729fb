"""Maps over the current sample, one of each kind at a time, made beside the main thread."""

from __future__ import annotations

from collections.abc import Callable

from ..dataset import Dataset
from ..errors import AuditError
from .agreement_maps import SampleMap
from .room import ReviewRoom
from .worker import Job, Jobs

Make = Callable[[Dataset, str], SampleMap]


class MapRunner:
    """Makes maps of the sample on the canvas; what is out of date is never shown.

    Parameters
    ----------
    room : ReviewRoom
        Whose current sample is meant.
    jobs : Jobs
        Where to run.
    failed : callable
        Gets the kind of map and the error.
    """

    def __init__(
        self, room: ReviewRoom, jobs: Jobs, failed: Callable[[str, AuditError], None]
    ) -> None:
        self._room = room
        self._jobs = jobs
        self._failed = failed
        self._shown: dict[str, tuple[str, object]] = {}
        self._running: dict[str, Job] = {}

    def run(self, role: str, key: object, make: Make, show: Callable[[SampleMap], None]) -> None:
        """Make a map of the current sample, unless it is there or being made.

        Parameters
        ----------
        role : str
            The kind of map.
        key : object
            Which one of its kind.
        make : callable
            Makes it from dataset and sample; runs in a thread.
        show : callable
            Gets it, in the main thread.
        """
        room = self._room
        dataset, session = room.dataset, room.session
        if dataset is None or session is None or session.current is None or room.view is None:
            return  # the view's arrival asks again
        sample = session.current
        if self._shown.get(role) == (sample, key):
            return
        self.forget(role)
        self._shown[role] = (sample, key)
        self._running[role] = self._jobs.run(
            lambda _job: make(dataset, sample), show, lambda error: self._failed(role, error)
        )

    def forget(self, role: str) -> None:
        """Stop making one; the next :meth:`run` makes it anew."""
        self._shown.pop(role, None)
        job = self._running.pop(role, None)
        if job is not None:
            job.cancel()
