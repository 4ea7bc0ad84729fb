"""From a folder that could not be opened to a description of it, in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qtpy.QtWidgets import QWidget

from ..dataset import Proposal, propose
from ..errors import AuditError
from .proposal_dialog import ProposalDialog
from .room import ReviewRoom
from .worker import Jobs

#: Errors of opening that a description of the folder may mend.
MENDABLE = frozenset({"no-masks"})


class Describing:
    """Offers to describe the folder that was last tried, if that is what it lacks.

    Parameters
    ----------
    room : ReviewRoom
        Where folders are opened.
    parent : QWidget
        Whose dialog it is.
    offer : callable
        Shows or hides the offer.
    """

    def __init__(self, room: ReviewRoom, parent: QWidget, offer: Callable[[bool], None]) -> None:
        self._room, self._parent, self._offer = room, parent, offer
        self._jobs = Jobs(workers=1)
        self._folder: Path | None = None
        self.dialog: Any = None
        room.opening.connect(self._tried)
        room.failed.connect(self._failed)

    def describe(self) -> None:
        """Look at the folder beside the main thread, then show what it seems to be."""
        folder = self._folder
        if folder is None:
            return
        self._offer(False)
        self._room.said.emit(f"looking at the files in {folder} …")
        self._jobs.run(lambda _job: propose(folder), self._show, self._room.failed.emit)

    def release(self) -> None:
        """Stop; called when the dock goes away."""
        self._room.opening.disconnect(self._tried)
        self._room.failed.disconnect(self._failed)
        self._jobs.close()

    def _tried(self, path: str) -> None:
        self._folder = Path(path)
        self._offer(False)

    def _failed(self, error: AuditError) -> None:
        self._offer(error.code in MENDABLE and self._folder is not None and self._folder.is_dir())

    def _show(self, proposal: Proposal) -> None:
        self.dialog = ProposalDialog(proposal, self._parent)
        self.dialog.accepted.connect(self._written)
        self.dialog.open()

    def _written(self) -> None:
        self._room.open(self.dialog.written)
