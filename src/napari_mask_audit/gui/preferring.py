"""The preferences that hold in one review, and what changes at once when somebody changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psygnal import Signal

from .preferences import SAFE_COLORS, kept_preferences, preferences

if TYPE_CHECKING:
    from .room import ReviewRoom


class Preferring:
    """Follows napari's Preferences for a room.

    All of them hold at once but the name of the reviewer, which holds from the next dataset that
    is opened: verdicts of one sitting are of one person.

    Parameters
    ----------
    room : ReviewRoom
        Which review.

    Attributes
    ----------
    now : Preferences
        The values that hold.
    changed
        Signal: others hold now.
    """

    changed = Signal()

    def __init__(self, room: ReviewRoom) -> None:
        self._room = room
        self.now = preferences()
        self._kept: Any = kept_preferences()
        if self._kept is not None:
            self._kept.events.changed.connect(self._follow)

    def enter(self) -> None:
        """A dataset is opened: everything begins as preferred, whatever was chosen since."""
        self.now = preferences()
        self._color()
        self._room.seeing.prefer(self.now)

    def release(self) -> None:
        """Let go of napari's Preferences."""
        if self._kept is not None:
            self._kept.events.changed.disconnect(self._follow)
            self._kept = None

    def _follow(self, _event: Any = None) -> None:
        before, self.now = self.now, preferences()
        if self.now == before:
            return
        self._room.seeing.prefer(self.now, before)
        if self.now.colors != before.colors and self._room.dataset is not None:
            self._color()
            self._recolor()
        if self.now.reviewer != before.reviewer:
            who = f"“{self.now.reviewer}”" if self.now.reviewer else "your login name"
            self._room.say(f"verdicts are kept under {who} from the next dataset you open")
        self.changed.emit()

    def _color(self) -> None:
        looks = self._room.looks
        looks.is_safe = self.now.colors == SAFE_COLORS
        looks.give(self._room.layers.id_colors)

    def _recolor(self) -> None:
        """Give what is on the screen other colours of classes."""
        room = self._room
        room.layers.recolor()
        room.seeing.changed.emit()
        correcting = room.correcting
        if correcting.live is not None and correcting.layer is not None:
            ids = correcting.live.palette_ids()
            correcting.layer.layer.colormap = room.layers.id_colors.colormap_for(ids)
            correcting.changed.emit()
