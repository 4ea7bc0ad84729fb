"""Things in a town as signed distance fields, and the verbs that put them into a scene.

A distance is negative inside and counts pixels, so "one pixel too small" and "two pixels too large"
are exact and pictures get smooth rims.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 240, 320
GROUND, BUILDING, ROAD, TREE, POLE, CAR, VOID = 0, 1, 2, 3, 4, 5, 255
#: Who is on top, seen from the air: later ones hide earlier ones.
FROM_ABOVE = (ROAD, BUILDING, CAR, POLE, TREE)
YY, XX = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)

Field = NDArray[np.float64]
Labels = NDArray[np.uint8]
Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Shape:
    """One thing in the town.

    ``distance`` is negative inside; ``along`` and ``across`` are its own coordinates, for texture.
    ``hasty`` is the distance of the same thing drawn with few clicks, ``height`` throws the shadow.
    """

    name: str
    class_id: int
    distance: Field
    along: Field
    across: Field
    colour: tuple[int, int, int]
    height: int = 0
    hasty: Field | None = None
    style: str = ""


@dataclass
class Scene:
    """One sample: its shapes as they were added, and ground that only the picture has."""

    name: str
    soil: str = "grass"
    shapes: list[Shape] = field(default_factory=list)
    patches: list[tuple[Field, tuple[int, int, int]]] = field(default_factory=list)
    treeless: list[Field] = field(default_factory=list)
    roads: dict[str, tuple[list[Point], float]] = field(default_factory=dict)
    cloud: Field | None = None

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(zlib.crc32(self.name.encode()))

    def __getitem__(self, name: str) -> Shape:
        return next(shape for shape in self.shapes if shape.name == name)

    def named(self, class_id: int) -> list[str]:
        """Names of all shapes of a class."""
        return [shape.name for shape in self.shapes if shape.class_id == class_id]


def local(centre: Point, angle: float) -> tuple[Field, Field]:
    """Coordinates along and across a direction (degrees, 0 = to the right, 90 = down)."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    dy, dx = YY - centre[0], XX - centre[1]
    return c * dx + s * dy, -s * dx + c * dy


def box_distance(u: Field, v: Field, half_u: float, half_v: float) -> Field:
    """Signed distance to a rectangle."""
    a, b = np.abs(u) - half_u, np.abs(v) - half_v
    return np.hypot(np.maximum(a, 0), np.maximum(b, 0)) + np.minimum(np.maximum(a, b), 0)


def path_distance(points: Sequence[Point]) -> tuple[Field, Field]:
    """Distance to a polyline, and how far along it the nearest point lies."""
    best = np.full(YY.shape, np.inf)
    at = np.zeros(YY.shape)
    done = 0.0
    for (y0, x0), (y1, x1) in itertools.pairwise(points):
        length = float(np.hypot(y1 - y0, x1 - x0))
        t = np.clip(((YY - y0) * (y1 - y0) + (XX - x0) * (x1 - x0)) / length**2, 0, 1)
        distance = np.hypot(YY - y0 - t * (y1 - y0), XX - x0 - t * (x1 - x0))
        closer = distance < best
        best, at = np.where(closer, distance, best), np.where(closer, done + t * length, at)
        done += length
    return best, at


def bend(start: Point, control: Point, end: Point, steps: int = 14) -> list[Point]:
    """Points of a quadratic Bézier curve."""
    t = np.linspace(0, 1, steps)[:, None]
    a, b, c = np.array(start), np.array(control), np.array(end)
    curve = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
    return [(float(y), float(x)) for y, x in curve]


def place_on(points: Sequence[Point], part: float, side: float) -> tuple[Point, float]:
    """Point at a share of the way along a polyline, ``side`` px to its right, and the heading."""
    steps = np.diff(np.array(points), axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    target = part * lengths.sum()
    i = int(min(np.searchsorted(lengths.cumsum(), target), len(lengths) - 1))
    t = (target - lengths[:i].sum()) / lengths[i]
    dy, dx = steps[i] / lengths[i]
    y = points[i][0] + t * steps[i][0] + dx * side
    x = points[i][1] + t * steps[i][1] - dy * side
    return (float(y), float(x)), float(np.degrees(np.arctan2(dy, dx)))


# Putting things into a scene.

ROOFS = {
    "red": (178, 92, 68),
    "brown": (138, 98, 76),
    "slate": (110, 118, 132),
    "flat": (196, 190, 178),
    "dark": (92, 84, 82),
}
RED, WHITE, BLUE, BLACK = (210, 52, 46), (240, 240, 240), (46, 84, 160), (40, 42, 46)
CARS = [RED, WHITE, BLUE, BLACK, (226, 178, 60), (150, 156, 162)]


def road(scene: Scene, name: str, points: list[Point], width: float = 26, style: str = "") -> None:
    """A street (dashed line, pavement on both sides) or, with style "lot", a car park."""
    distance, at = path_distance(points)
    signed = distance - width / 2
    scene.roads[name] = (points, width)
    scene.shapes.append(Shape(name, ROAD, signed, at, distance, (116, 116, 120), style=style))


def house(
    scene: Scene, name: str, centre: Point, size: Point, angle: float = 0, roof: str = "red",
    wing: tuple[float, float, float, float] | None = None,
) -> None:  # fmt: skip
    """A house of (length, depth); ``wing`` = (along, across, length, depth) makes it an L."""
    u, v = local(centre, angle)
    signed = box_distance(u, v, size[0] / 2, size[1] / 2)
    if wing is not None:
        other = box_distance(u - wing[0], v - wing[1], wing[2] / 2, wing[3] / 2)
        signed = np.minimum(signed, other)
    shape = Shape(name, BUILDING, signed, u, v, ROOFS[roof], height=7, style=roof)
    scene.shapes.append(shape)


def tree(scene: Scene, name: str, centre: Point, radius: float) -> None:
    """A round crown with a slightly wavy rim; drawn in haste it is an octagon."""
    dy, dx = YY - centre[0], XX - centre[1]
    r, theta = np.hypot(dy, dx), np.arctan2(dy, dx)
    phase = scene.rng.uniform(0, 6.28, 3)
    wave = sum(np.sin(k * theta + p) / k for k, p in zip((5, 7, 11), phase, strict=True))
    a, b = np.abs(dy), np.abs(dx)
    octagon = np.maximum(np.maximum(a, b), (a + b) / np.sqrt(2)) - radius * 0.97
    tint = int(scene.rng.integers(-12, 13))
    colour = (58 + tint, 104 + tint // 2, 52)
    signed = r - radius * (1 + 0.12 * wave)
    scene.shapes.append(Shape(name, TREE, signed, dx, dy, colour, height=5, hasty=octagon))


def car(scene: Scene, name: str, centre: Point, angle: float, size: Point = (11.5, 5.6)) -> None:
    """A car, or with a larger size a lorry."""
    u, v = local(centre, angle)
    signed = box_distance(u, v, size[0] / 2 - 1, size[1] / 2 - 1) - 1
    number = len(scene.named(CAR)) + zlib.crc32(scene.name.encode())
    style = "lorry" if size[0] > 14 else "car"
    colour = (214, 208, 196) if style == "lorry" else CARS[number % len(CARS)]
    scene.shapes.append(Shape(name, CAR, signed, u, v, colour, height=2, style=style))


def pole(scene: Scene, name: str, centre: Point, angle: float) -> None:
    """A street lamp: a round foot and an arm of 7 px that reaches over the street."""
    u, v = local(centre, angle)
    signed = np.minimum(np.hypot(u, v) - 2.3, box_distance(u - 4.5, v, 4.5, 1.05))
    scene.shapes.append(Shape(name, POLE, signed, u, v, (236, 232, 214), height=3))


def traffic(scene: Scene, on: str, places: Iterable[tuple[float, float]]) -> None:
    """Cars at (share of the street, px to the right of its middle)."""
    for part, side in places:
        centre, heading = place_on(scene.roads[on][0], part, side)
        car(scene, f"car{len(scene.named(CAR)) + 1}", centre, heading)


def lamps(scene: Scene, on: str, places: Iterable[tuple[float, int]]) -> None:
    """Street lamps at (share of the street, side: −1 left, 1 right)."""
    points, width = scene.roads[on]
    for part, side in places:
        centre, heading = place_on(points, part, side * (width / 2 + 4.5))
        pole(scene, f"pole{len(scene.named(POLE)) + 1}", centre, heading - 90 * side)


def parked_under_trees(scene: Scene, on: str, places: Iterable[tuple[float, int]]) -> None:
    """Cars at the kerb whose outer half is below a crown: what annotators argue about."""
    points, width = scene.roads[on]
    for part, side in places:
        centre, heading = place_on(points, part, side * (width / 2 - 4))
        number = len([n for n in scene.named(CAR) if n.startswith("hidden")]) + 1
        car(scene, f"hidden{number}", centre, heading, (13, 6.4))
        crown, _ = place_on(points, part, side * (width / 2 + 6.5))
        tree(scene, f"crown{number}", crown, 11)


def plant(scene: Scene, count: int, radii: Point = (7, 13), margin: float = 6) -> None:
    """Trees wherever there is room, at least ``margin`` px from everything else."""
    for _ in range(600):
        if count == 0:
            return
        radius = float(scene.rng.uniform(*radii))
        y, x = (int(scene.rng.integers(6, limit - 6)) for limit in (HEIGHT, WIDTH))
        taken = [shape.distance for shape in scene.shapes] + scene.treeless
        free = min(float(distance[y, x]) for distance in taken)
        if free > radius * 1.15 + margin:
            tree(scene, f"tree{len(scene.named(TREE)) + 1}", (y, x), radius)
            count -= 1


def patch(scene: Scene, centre: Point, size: Point, angle: float, colour: str) -> None:
    """A yard, a bed or a field: seen in the picture, ground in every mask."""
    u, v = local(centre, angle)
    rgb = {"yard": (190, 176, 150), "bed": (120, 96, 66), "lawn": (132, 158, 84)}[colour]
    distance = box_distance(u, v, size[0] / 2, size[1] / 2)
    scene.patches.append((distance, rgb))
    if colour != "lawn":
        scene.treeless.append(distance)
