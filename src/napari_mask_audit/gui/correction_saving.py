"""Writing a corrected mask as a new file beside the main thread, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..corrections import Work, save_correction
from ..corrections.writing import existing_corrections
from ..errors import AuditError
from .worker import Job, Jobs

if TYPE_CHECKING:
    from .room import ReviewRoom


class CorrectionSaving:
    """Writes the correction of a room.

    Parameters
    ----------
    room : ReviewRoom
        What is open.
    jobs : Jobs
        Where the file is written.

    Attributes
    ----------
    agree : callable
        Asks whether a corrected mask that is there may become an earlier version; set by the dock.
        Without it, what is there stays.
    is_saving : bool
        Whether a file is being written.
    """

    def __init__(self, room: ReviewRoom, jobs: Jobs) -> None:
        self._room = room
        self._jobs = jobs
        self.agree: Callable[[Path], bool] = _disagree
        self.is_saving = False

    def close(self) -> None:
        """Ask nobody any more."""
        self.agree = _disagree

    def save(self, work: Work, over: Callable[[Path | AuditError], None]) -> bool:
        """Begin to write, unless an earlier correction is there and has to stay.

        Until that is over nobody can paint, and no draft is written.

        Parameters
        ----------
        work : Work
            The corrected mask, and whose it is.
        over : callable
            Called once that is over, with the new file, or with what went wrong.

        Returns
        -------
        bool
            Whether it is being written.
        """
        room = self._room
        dataset, session = room.dataset, room.session
        assert dataset is not None
        assert session is not None
        existing = existing_corrections(dataset, work.sample)
        if existing and not self.agree(existing[0]):
            room.say("not saved: the corrected mask that is there stays")
            return False
        drafts, key = room.drafts_folder, session.store.dataset_key

        def write(_job: Job) -> Path:
            path, _ = save_correction(
                dataset,
                work,
                session.store.record_correction,
                drafts=drafts,
                dataset_key=key,
                replaces_earlier=bool(existing),
            )
            return path

        def ended(result: Path | AuditError) -> None:
            self.end()
            over(result)

        room.correcting.keeping.stop()
        self.is_saving = True
        if room.correcting.layer is not None:
            room.correcting.layer.set_editable(False)
        self._jobs.run(write, ended, ended)
        return True

    def end(self) -> None:
        """The file is written, or the correction was left meanwhile: let tools paint again."""
        self.is_saving = False
        layer = self._room.correcting.layer
        if layer is not None:
            layer.set_editable(True)
            layer.select()


def _disagree(_path: Path) -> bool:
    return False
