"""What the review dock does on request: the sample's history, the tags, hidden names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QWidget

from ..dataset.manifest import MANIFEST_NAME
from ..review.tag_file import write_own_tags
from ..review.tags import Tag, own_part, tags_with
from .history_dialog import HistoryDialog
from .room import ReviewRoom
from .tag_editor import TagEditor


class ReviewExtras(QObject):
    """Dialogs of one review dock, about what is open in its room.

    Parameters
    ----------
    room : ReviewRoom
        Which review.
    parent : QWidget
        The dock.
    nothing_open : callable
        Whether no dataset is open, which it then says.
    """

    def __init__(self, room: ReviewRoom, parent: QWidget, nothing_open: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._room = room
        self._dock = parent
        self._nothing_open = nothing_open
        self.history: HistoryDialog | None = None

    def show_history(self) -> None:
        """Show what was decided about the sample, or put it away."""
        if self.history is not None:
            self.close_history()
        elif not self._nothing_open():
            self.history = HistoryDialog(self._room, self._dock)
            self.history.finished.connect(self.close_history)
            self.history.show()

    def close_history(self, _result: int = 0) -> None:
        """Put the history away."""
        if self.history is not None:
            shown, self.history = self.history, None
            shown.release()

    def edit_tags(self) -> None:
        """Edit the team's own tags."""
        if self._nothing_open():
            return
        editor = self.tag_editor()
        if editor is not None:
            editor.exec()
            editor.deleteLater()

    def tag_editor(self) -> TagEditor | None:
        """The form for the team's own tags; None if nothing is open."""
        room = self._room
        if room.session is None or room.dataset is None:
            return None
        makes_file = not (room.dataset.folder / MANIFEST_NAME).exists()
        own = own_part(room.session.tags)
        return TagEditor(own, self._save_tags, makes_file=makes_file, parent=self._dock)

    def hide_names(self) -> None:
        """Hide the names of sources, or show them again."""
        if not self._nothing_open():
            self._room.hiding.hide(not self._room.names.are_hidden)

    def _save_tags(self, own: Sequence[Tag]) -> None:
        """Write the team's own tags into ``dataset.toml``, and use them from now on."""
        dataset, session = self._room.dataset, self._room.session
        assert dataset is not None
        assert session is not None
        tags = tags_with(own)
        path = write_own_tags(dataset.folder, own)
        self._room.dataset = replace(dataset, tags=tuple(own))
        session.set_tags(tags)
        session.said.emit(f"tags saved in {path.name}")
