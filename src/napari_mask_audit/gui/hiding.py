"""Hiding the names of sources in one review, and showing them again.

What is called what is the business of ``names.py``; here it is when, and what is drawn anew then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from ..dataset import Dataset
from ..review.blinding import Blinding
from ..review.queue import Order, OrderKind
from ..review.session import ReviewSession
from .names import Names

if TYPE_CHECKING:
    from .room import ReviewRoom


class Hiding:
    """Whether the names of sources are hidden in a room.

    Parameters
    ----------
    room : ReviewRoom
        Which review.

    Attributes
    ----------
    names : Names
        What the sources are called now.
    changed
        Signal: names are hidden now, or shown again: everything on the screen is to be made anew.
    """

    changed = Signal()

    def __init__(self, room: ReviewRoom) -> None:
        self._room = room
        self._session: ReviewSession | None = None
        self.names = Names()

    def enter(self, dataset: Dataset | None, session: ReviewSession | None) -> None:
        """Call the sources of another dataset as its session does; None: nothing is open."""
        if self._session is not None:
            self._session.blinding_changed.disconnect(self._follow)
        self._session, self.names = session, Names(dataset)
        if session is not None:
            self.names.blinding = session.blinding
            session.blinding_changed.connect(self._follow)

    def hide(self, hide: bool = True) -> None:
        """Judge without knowing whose masks they are, or with their names again."""
        room, session = self._room, self._session
        if session is None or hide == self.names.are_hidden or not room.correcting.may_leave():
            return
        if not hide:
            room.attempt(session.show_names)
            return
        blinding = Blinding.fresh()
        order = Order(OrderKind.RANDOM, seed=blinding.seed)  # drawing it takes a while
        room.run(lambda _job: session.prepare(order), lambda _none: self._hide(session, blinding))

    def _hide(self, session: ReviewSession, blinding: Blinding) -> None:
        if session is self._session:
            self._room.attempt(lambda: session.hide_names(blinding))

    def _follow(self) -> None:
        assert self._session is not None
        self.names.blinding = self._session.blinding
        self.changed.emit()
