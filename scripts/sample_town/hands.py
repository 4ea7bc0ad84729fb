"""Who draws how: the masks of the four sources before anything is planted."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .picture import noise
from .shapes import (
    BUILDING,
    CAR,
    FROM_ABOVE,
    GROUND,
    POLE,
    ROAD,
    TREE,
    YY,
    Labels,
    Scene,
)  # fmt: skip

SOURCES = ("gt", "alice", "bob", "model")


@dataclass(frozen=True)
class Hand:
    """How somebody draws: px outside (+) or inside (−) per class, wobble, what is left out."""

    outside: dict[int, float] = field(default_factory=dict)
    wobble: float = 0.0
    skips: tuple[int, ...] = ()
    hasty: bool = False
    order: tuple[int, ...] = FROM_ABOVE


HANDS = {
    "gt": Hand(),
    # Draws the whole car even where a crown hides half of it: cars come after trees.
    "alice": Hand(
        {ROAD: -1, BUILDING: -1, TREE: -1, CAR: -0.5}, 0.35, order=(ROAD, BUILDING, TREE, CAR, POLE)
    ),
    "bob": Hand({ROAD: 2, BUILDING: 2, TREE: 2, CAR: 1}, 0.35, skips=(POLE,), hasty=True),
    "model": Hand(wobble=0.35),
}


def draw(scene: Scene, source: str, without: Sequence[str] = ()) -> Labels:
    """Mask of a scene as one source draws it, before anything is planted."""
    hand = HANDS[source]
    seed = zlib.crc32(f"{scene.name}/{source}".encode())
    tremor = hand.wobble * noise(np.random.default_rng(seed), 3)
    mask = np.full(YY.shape, GROUND, dtype=np.uint8)
    for class_id in hand.order:
        for shape in scene.shapes:
            if shape.class_id != class_id or class_id in hand.skips or shape.name in without:
                continue
            distance = shape.hasty if hand.hasty and shape.hasty is not None else shape.distance
            steady = 0.4 if class_id in (CAR, POLE) else 1.0
            mask[distance + steady * tremor < hand.outside.get(class_id, 0.0)] = class_id
    return mask
