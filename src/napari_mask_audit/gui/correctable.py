"""Which masks of the sample in view can be corrected, and bringing one of them into view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .room import ReviewRoom


def correctable_sources(room: ReviewRoom) -> tuple[str, ...]:
    """The sources whose mask of the current sample can be corrected, those in view first."""
    if room.dataset is None or room.session is None or room.session.current is None:
        return ()
    masks = room.dataset.sample(room.session.current).masks
    pair = room.pair or ()
    shown = [name for name in reversed(pair) if name in masks]
    return (*shown, *(name for name in masks if name not in shown))


def bring_into_view(room: ReviewRoom, source: str) -> bool:
    """Compare a pair with this source, best with the reference in view; false where none is."""
    assert room.dataset is not None
    pairs = [pair for pair in room.dataset.comparisons() if source in pair]
    mine = [pair for pair in pairs if room.pair is not None and pair[0] == room.pair[0]]
    if not pairs:
        return False
    room.compare((mine or pairs)[0])
    return True


def after_view(room: ReviewRoom, act: Callable[[], None]) -> None:
    """Do something once the next sample view is there."""

    def arrived() -> None:
        if room.view is not None:
            room.view_changed.disconnect(arrived)
            act()

    if room.view is not None:
        act()
    else:
        room.view_changed.connect(arrived)
