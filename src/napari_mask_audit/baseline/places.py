"""What can be wrong with a label at one place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..findings import Box

#: A contradiction counts where the class seen instead has at least this probability, …
MIN_CHANCE = 0.5
#: … and at so many pixels.
MIN_PIXELS = 16


class PlaceKind(StrEnum):
    """What seems to be wrong with a label at one place."""

    MISSING = "missing"
    EXTRA = "extra"
    MERGED = "merged"
    SPLIT = "split"
    CONFUSED = "confused"
    OUTLINE = "outline"
    WIDTH = "width"
    SHIFTED = "shifted"
    OVERALL = "overall"
    WORST = "worst"


@dataclass(frozen=True)
class SuspectPlace:
    """One place where a label looks wrong to a forest that never saw it.

    Attributes
    ----------
    kind : PlaceKind
        In which way.
    class_id : int
        The id the label has there: a class, or an object.
    other_class_id : int or None
        The class seen instead, or the other object of a split one.
    pixels : int
        How large the place is.
    bbox : Box
        First index and one past the last along each axis of the mask.
    chance : float
        Mean probability of what is seen instead of the label, 0 to 1.
    dent : float
        Of merged or split objects: the share of the convex hull of all parts together that they
        do not fill. Two touching objects leave dents, one object does not. NaN otherwise.
    """

    kind: PlaceKind
    class_id: int
    other_class_id: int | None
    pixels: int
    bbox: Box
    chance: float
    dent: float = math.nan

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; a box is y0, y1, x0, x1 (z0, z1 first in 3D)."""
        return {
            "kind": self.kind.value,
            "class_id": self.class_id,
            "other_class_id": self.other_class_id,
            "pixels": self.pixels,
            "bbox": [edge for side in self.bbox for edge in side],
            "chance": self.chance,
        }


def box_of(cut: tuple[slice, ...]) -> Box:
    """A box from the slices that cut it out."""
    return tuple((int(side.start), int(side.stop)) for side in cut)
