"""Keys of how the sample is looked at."""

from __future__ import annotations

from functools import partial

from .keys import Key
from .modes import Peek
from .seeing import Seeing

_HELD = (
    ("H", Peek.FILL_CANDIDATE, "while held: fill the candidate's mask"),
    ("Shift+H", Peek.FILL_REFERENCE, "while held: fill the reference's mask"),
    ("I", Peek.IMAGE_ONLY, "while held: the image alone"),
)


def seeing_keys(seeing: Seeing) -> list[Key]:
    """The keys, in the order of the cheat sheet."""
    let_go = partial(seeing.peek, Peek.NOTHING)
    return [
        Key(
            "O",
            "disagreement → outlines → side by side → reference → candidate",
            seeing.cycle_mode,
        ),
        Key("B", "blink between reference and candidate; again to stop", seeing.blink),
        Key(
            "D",
            "colour by what it is → distance → failure bucket → votes",
            seeing.cycle_coloring,
        ),
        *(Key(key, words, partial(seeing.peek, peek), let_go) for key, peek, words in _HELD),
        Key("W", "the slice with most errors; again for the next worst", seeing.next_worst_slice),
        Key("Y", "a volume in 3D, or its slices again", seeing.toggle_solid),
    ]
