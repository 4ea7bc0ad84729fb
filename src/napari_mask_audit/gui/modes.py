"""What the canvas shows: the layers of a sample by role, and which of them a mode shows."""

from __future__ import annotations

from enum import StrEnum

#: Role of the layer that a mask is corrected in; it is there only meanwhile.
CORRECTION = "correction"
#: Key of a layer's metadata that says which of our layers it is.
ROLE = "napari-mask-audit"
IMAGE, REFERENCE, CANDIDATE, OVERLAY, CONTOURS, OUTLINES = (
    "image",
    "reference",
    "candidate",
    "disagreement",
    "outlines",
    "in view",
)
#: From bottom to top.
STACK = (IMAGE, REFERENCE, CANDIDATE, OVERLAY, CONTOURS, OUTLINES)
#: Side by side every cell has layers of its own; they share the pixels of the originals.
COPIES = {
    f"{role} {cell}": role for cell in (2, 3) for role in (IMAGE, OVERLAY, OUTLINES)
}  # fmt: skip
#: Layers of the cells, from bottom to top; napari fills its grid with so many at a time.
CELLS = (
    (IMAGE, CONTOURS, OVERLAY, OUTLINES),
    ("image 2", REFERENCE, "disagreement 2", "in view 2"),
    ("image 3", CANDIDATE, "disagreement 3", "in view 3"),
)
#: The layer whose name stands in the cell.
NAMED = (IMAGE, REFERENCE, CANDIDATE)


def original(role: str) -> str:
    """The role whose pixels a layer shows.

    Examples
    --------
    >>> original("image 2"), original("reference")
    ('image', 'reference')
    """
    return COPIES.get(role, role)


class Mode(StrEnum):
    """What the canvas shows; the value is what the button says."""

    OVERLAY = "disagreement"
    CONTOURS = "outlines"
    SIDE_BY_SIDE = "side by side"
    REFERENCE = "reference"
    CANDIDATE = "candidate"

    @property
    def next(self) -> Mode:
        """The one after it, in a circle."""
        modes = list(Mode)
        return modes[(modes.index(self) + 1) % len(modes)]


class Peek(StrEnum):
    """What is shown only as long as a key is held."""

    NOTHING = ""
    FILL_CANDIDATE = "candidate filled"
    FILL_REFERENCE = "reference filled"
    IMAGE_ONLY = "the image alone"


_VISIBLE = {
    Mode.OVERLAY: {IMAGE, OVERLAY, OUTLINES},
    Mode.CONTOURS: {IMAGE, CONTOURS, OUTLINES},
    Mode.SIDE_BY_SIDE: {role for cell in CELLS for role in cell} - {CONTOURS},
    Mode.REFERENCE: {IMAGE, REFERENCE, OUTLINES},
    Mode.CANDIDATE: {IMAGE, CANDIDATE, OUTLINES},
}
#: In three dimensions an image in front of the masks would hide them.
_VISIBLE_SOLID = {REFERENCE, OVERLAY, OUTLINES}


def visible_roles(
    mode: Mode, peek: Peek = Peek.NOTHING, *, is_solid: bool = False
) -> frozenset[str]:
    """Roles of the layers that are to be seen.

    Parameters
    ----------
    mode : Mode
        What the canvas shows.
    peek : Peek
        What is shown instead while a key is held.
    is_solid : bool
        Whether the volume is shown in three dimensions.

    Examples
    --------
    >>> sorted(visible_roles(Mode.OVERLAY, Peek.FILL_CANDIDATE))
    ['candidate', 'disagreement', 'image', 'in view']
    >>> sorted(visible_roles(Mode.SIDE_BY_SIDE, Peek.IMAGE_ONLY))
    ['image', 'image 2', 'image 3']
    """
    if is_solid:
        return frozenset(_VISIBLE_SOLID)
    shown = frozenset(_VISIBLE[mode])
    if peek is Peek.IMAGE_ONLY:
        return frozenset(role for role in shown if original(role) == IMAGE)
    if peek is Peek.NOTHING or mode is Mode.SIDE_BY_SIDE:
        return shown
    fill = REFERENCE if peek is Peek.FILL_REFERENCE else CANDIDATE
    return (shown - {REFERENCE, CANDIDATE}) | {fill}
