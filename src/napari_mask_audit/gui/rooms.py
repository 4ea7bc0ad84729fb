"""One review room per viewer, shared by its docks.

The first dock in opens it, the last one out closes it.
"""

from __future__ import annotations

from typing import Any

from . import canvas
from .room import ReviewRoom

_ROOMS: dict[int, tuple[ReviewRoom, list[object]]] = {}


def enter_room(viewer: Any, dock: object) -> ReviewRoom:
    """The room of a viewer, made when its first dock comes in."""
    key = id(canvas.bare(viewer))
    if key not in _ROOMS:
        _ROOMS[key] = (ReviewRoom(viewer), [])
    room, docks = _ROOMS[key]
    docks.append(dock)
    return room


def room_of(viewer: Any) -> ReviewRoom | None:
    """The room of a viewer, if a dock of it is open."""
    found = _ROOMS.get(id(canvas.bare(viewer)))
    return None if found is None else found[0]


def leave_room(viewer: Any, dock: object) -> None:
    """The last dock out closes the room."""
    key = id(canvas.bare(viewer))
    room, docks = _ROOMS[key]
    docks.remove(dock)
    if not docks:
        del _ROOMS[key]
        room.close()
