"""What the canvas shows: the layers of a sample by role, and which of them a mode shows."""

from __future__ import annotations

from enum import StrEnum

#: Key of a layer's metadata that says which of our layers it is.
ROLE = "napari-mask-audit"
IMAGE, REFERENCE, CANDIDATE, OVERLAY, OUTLINES = (
    "image",
    "reference",
    "candidate",
    "disagreement",
    "outlines",
)
#: Side by side, every cell needs an image of its own; they share the pixels of the first.
COPIES = ("image 2", "image 3")
#: From bottom to top.
STACK = (IMAGE, REFERENCE, CANDIDATE, OVERLAY, OUTLINES)
#: Each cell takes two: an image and what lies on it.
SIDE_BY_SIDE = (IMAGE, REFERENCE, COPIES[0], CANDIDATE, COPIES[1], OVERLAY)


class Mode(StrEnum):
    """What the canvas shows; the value is what the button says."""

    OVERLAY = "disagreement"
    SIDE_BY_SIDE = "side by side"
    REFERENCE = "reference"
    CANDIDATE = "candidate"

    @property
    def next(self) -> Mode:
        """The one after it, in a circle."""
        modes = list(Mode)
        return modes[(modes.index(self) + 1) % len(modes)]


VISIBLE = {
    Mode.OVERLAY: {IMAGE, OVERLAY, OUTLINES},
    Mode.SIDE_BY_SIDE: set(SIDE_BY_SIDE),
    Mode.REFERENCE: {IMAGE, REFERENCE, OUTLINES},
    Mode.CANDIDATE: {IMAGE, CANDIDATE, OUTLINES},
}
