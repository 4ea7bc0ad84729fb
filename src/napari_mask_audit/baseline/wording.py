"""The sentences that say why a label is suspicious."""

from __future__ import annotations

import math
from collections.abc import Callable

from .places import PlaceKind, SuspectPlace


def describe_place(place: SuspectPlace, name_of: Callable[[int], str]) -> str:
    """What seems to be wrong at one place.

    Parameters
    ----------
    place : SuspectPlace
        The place.
    name_of : callable
        Name of a class from its id.

    Examples
    --------
    >>> describe_place(SuspectPlace(PlaceKind.EXTRA, 7, None, 120, ((0, 9), (0, 9)), 0.9), str)
    'object 7 (120 px) is labelled where nothing is seen'
    """
    size = f"{place.pixels:,} px"
    own, other = place.class_id, place.other_class_id
    is_class = other is not None and place.kind is not PlaceKind.SPLIT
    if place.kind is PlaceKind.MISSING:
        what = name_of(int(other)) if is_class and other is not None else "an object"
        return f"{what} ({size}) is seen but not labelled"
    if place.kind is PlaceKind.EXTRA:
        what = name_of(own) if is_class else f"object {own}"
        return f"{what} ({size}) is labelled where nothing is seen"
    if place.kind is PlaceKind.CONFUSED:
        return f"{name_of(own)} ({size}) looks like {name_of(int(other or 0))}"
    if place.kind is PlaceKind.SPLIT:
        return f"objects {own} and {other} ({size}) look like one object"
    if place.kind is PlaceKind.MERGED:
        return f"object {own} ({size}) is dented as if it were two objects"
    return f"the outline of object {own} ({size}) lies beside what is seen"


def describe_overall(share: float) -> str:
    """How much of a label is surely seen otherwise."""
    return f"{100 * share:.2g}% of the pixels are surely seen otherwise, more than usual here"


def describe_worst(quality: float) -> str:
    """How little of its least probable pixels' labels is believed."""
    return f"its least probable pixels are believed by {100 * quality:.2g}%, less than usual here"


def describe_width(width_px: float) -> str:
    """How much wider or narrower than usual a label is."""
    word = "wider" if width_px > 0 else "narrower"
    return f"all outlines lie {abs(width_px):.1f} px {word} than they usually do here"


def describe_move(y: float, x: float) -> str:
    """Where a label lies relative to what is seen.

    Examples
    --------
    >>> describe_move(-3.0, 4.0)
    'the whole label lies 5.0 px beside what is seen (up 3.0, right 4.0)'
    """
    parts = [
        f"{word} {abs(value):.1f}"
        for value, word in ((y, "down" if y > 0 else "up"), (x, "right" if x > 0 else "left"))
        if abs(value) >= 0.05
    ]
    return (
        f"the whole label lies {math.hypot(y, x):.1f} px beside what is seen ({', '.join(parts)})"
    )
