"""What is planted: each defect is one small edit, so its box and size are measured, not typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from .hands import SOURCES, draw
from .picture import moved
from .shapes import (
    BUILDING,
    CAR,
    GROUND,
    POLE,
    ROAD,
    TREE,
    VOID,
    XX,
    YY,
    Field,
    Labels,
    Point,
    Scene,
    box_distance,
    local,
)  # fmt: skip

Edit = Callable[[Labels, Scene, str], Labels]


def forget(*names: str) -> Edit:
    """Leave things out: what is below them shows."""

    def edit(mask: Labels, scene: Scene, source: str) -> Labels:
        below = draw(scene, source, without=names)
        near = np.minimum.reduce([scene[name].distance for name in names]) < 3
        own = np.isin(mask, [scene[name].class_id for name in names])
        return np.where(near & own, below, mask)

    return edit


def call(name: str, class_id: int) -> Edit:
    """Give a thing another class."""

    def edit(mask: Labels, scene: Scene, source: str) -> Labels:
        shape = scene[name]
        return np.where((shape.distance < 3) & (mask == shape.class_id), class_id, mask)

    return edit


def grow(name: str, by: float) -> Edit:
    """Move the outline of one thing outwards (over ground) or inwards by exactly some pixels."""

    def edit(mask: Labels, scene: Scene, source: str) -> Labels:
        shape = scene[name]
        near = (shape.distance < max(by, 0) + 2) & np.isin(mask, (GROUND, shape.class_id))
        return np.where(near, np.where(shape.distance < by, shape.class_id, GROUND), mask)

    return edit


def stamp(distance: Field, class_id: int, only: int | None = None) -> Edit:
    """Paint a shape, where wanted only over one class."""

    def edit(mask: Labels, scene: Scene, source: str) -> Labels:
        return np.where((distance < 0) & (only is None or mask == only), class_id, mask)

    return edit


def disc(y: float, x: float, radius: float) -> Field:
    """Signed distance to a disc."""
    distance: Field = np.hypot(YY - y, XX - x) - radius
    return distance


def rectangle(y: float, x: float, size: Point, angle: float = 0) -> Field:
    """Signed distance to a rectangle of (length, depth)."""
    u, v = local((y, x), angle)
    return box_distance(u, v, size[0] / 2, size[1] / 2)


def move(down: int, right: int) -> Edit:
    """Shift the whole mask."""

    def edit(mask: Labels, scene: Scene, source: str) -> Labels:
        return moved(mask, down, right)

    return edit


def exchange(first: int, second: int) -> Edit:
    """Swap two classes everywhere."""

    def edit(mask: Labels, scene: Scene, source: str) -> Labels:
        return np.where(mask == first, second, np.where(mask == second, first, mask))

    return edit


def dots(places: Sequence[tuple[int, int]], class_id: int) -> Edit:
    """Stray single pixels."""

    def edit(mask: Labels, scene: Scene, source: str) -> Labels:
        out = mask.copy()
        for y, x in places:
            out[y, x] = class_id
        return out

    return edit


def under_cloud(mask: Labels, scene: Scene, source: str) -> Labels:
    """Void where the cloud is."""
    assert scene.cloud is not None
    return np.where(scene.cloud < 2, VOID, mask)


@dataclass(frozen=True)
class Defect:
    """One planted defect: whose mask, what kind, which bucket at default settings, what to see."""

    sample: str
    source: str
    kind: str
    bucket: str | None
    class_id: int | None
    other: int | None
    see: str
    edit: Edit | None = None


SPECKS = [(20, 170), (84, 60), (86, 190), (150, 60), (158, 190), (230, 150)]


def missed(sample: str, size: str, class_id: int, names: Sequence[str], see: str) -> list[Defect]:
    """One row per thing the model does not see."""
    kind = f"missed_{size}"
    return [Defect(sample, "model", kind, kind, class_id, None, see, forget(n)) for n in names]


DEFECTS: tuple[Defect, ...] = (
    Defect(
        "alder_street", "model", "clean", None, None, None,
        "Nothing planted: differences are single pixels along the outlines.",
    ),
    Defect(
        "birch_yard", "model", "boundary_over", "boundary", BUILDING, GROUND,
        "The red L-shaped house is drawn 1.5 px too large all round.", grow("south", 1.5),
    ),
    Defect(
        "birch_yard", "model", "over_extended", "over_extent", BUILDING, GROUND,
        "The long red house is drawn 8 px too large all round.", grow("long", 8),
    ),
    Defect(
        "cedar_row", "model", "boundary_under", "boundary", BUILDING, GROUND,
        "The red villa is drawn 1.5 px too small all round.", grow("villa", -1.5),
    ),
    Defect(
        "cedar_row", "model", "under_extended", "under_extent", BUILDING, GROUND,
        "The large pale block is drawn 8 px too small all round.", grow("block", -8),
    ),
    Defect(
        "cedar_row", "bob", "missing_partner", None, None, None,
        "bob has no mask for this sample.",
    ),
    *missed("dock_road", "small", POLE, ["pole1", "pole2", "pole4", "pole5"],
            "A street lamp is not there."),
    *missed("dock_road", "small", CAR, ["yard1", "yard2"],
            "A car in the pale yard is not there."),
    Defect(
        "dock_road", "model", "absorbed", "missed_small", CAR, ROAD,
        "The blue car is not there: the road runs on over its place, so it counts as missed.",
        forget("car2"),
    ),
    Defect(
        "dock_road", "alice", "specks", None, BUILDING, None,
        "Six stray single pixels of building, far from any house.", dots(SPECKS, BUILDING),
    ),
    *missed("elm_court", "large", BUILDING, ["hall"], "The large grey hall is not there."),
    *missed("elm_court", "large", TREE, ["oak"], "The large tree at the bottom is not there."),
    Defect(
        "elm_court", "bob", "pinhole", None, BUILDING, GROUND,
        "A pinhole of about 3 x 3 px in the roof of the upper right house.",
        stamp(disc(44, 232, 1.6), GROUND),
    ),
    Defect(
        "fern_crossing", "model", "class_confusion", "confusion", ROAD, BUILDING,
        "The car park is labelled building.", call("lot", BUILDING),
    ),
    Defect(
        "fern_crossing", "model", "class_confusion", "confusion", CAR, BUILDING,
        "The lorry on the street is labelled building.", call("lorry", BUILDING),
    ),
    Defect(
        "garden_lane", "model", "false_region", "false_region", BUILDING, GROUND,
        "A building where the picture shows a bare flower bed.",
        stamp(rectangle(182, 164, (52, 34), 4), BUILDING),
    ),
    Defect(
        "garden_lane", "model", "hole", "under_extent", BUILDING, GROUND,
        "A round hole in the roof of the large red house.", stamp(disc(68, 118, 10), GROUND),
    ),
    Defect(
        "hill_terrace", "model", "split", "split", BUILDING, GROUND,
        "The long red terrace is cut into two by a strip of ground 4 px wide.",
        stamp(rectangle(66, 150, (4, 50), 1), GROUND, only=BUILDING),
    ),
    Defect(
        "hill_terrace", "model", "merge", "merge", BUILDING, GROUND,
        "The two neighbours at the lower left are joined into one.",
        stamp(rectangle(194, 100, (16, 24), 1), BUILDING, only=GROUND),
    ),
    Defect(
        "iris_bend", "model", "misregistration", None, None, None,
        "The whole mask lies 5 px too low and 4 px too far left (shift y +5, x -4).", move(5, -4),
    ),
    Defect(
        "juniper_park", "model", "swapped_classes", "confusion", BUILDING, TREE,
        "Every tree is labelled building and every building tree.", exchange(BUILDING, TREE),
    ),
    Defect(
        "kiln_street", "gt", "wrong_reference", None, BUILDING, GROUND,
        "The reference lacks the red house at the upper right; alice, bob and model have it.",
        forget("new"),
    ),
    Defect(
        "kiln_street", "gt", "wrong_reference", None, TREE, BUILDING,
        "The reference calls the large tree on the left a building; the others call it tree.",
        call("lime", BUILDING),
    ),
    Defect(
        "larch_hill", "model", "inside_ignored", None, BUILDING, GROUND,
        "A building guessed below the cloud: ignored, so it must not cost the model anything.",
        stamp(rectangle(30, 300, (34, 26)), BUILDING),
    ),
    Defect(
        "larch_hill", "gt", "ignored_area", None, VOID, None,
        "The cloud is void (255) in the reference; alice, bob and model guess what is below.",
        under_cloud,
    ),
)  # fmt: skip


def bounding_box(where: NDArray[np.bool_]) -> list[int]:
    """Half-open box [y0, y1, x0, x1] around all true pixels."""
    ys, xs = np.nonzero(where)
    return [int(ys.min()), int(ys.max()) + 1, int(xs.min()), int(xs.max()) + 1]


def entry(defect: Defect, wrong: NDArray[np.bool_] | None) -> dict[str, Any]:
    """What ``defects.json`` says about one planted defect."""
    return {
        "sample": defect.sample,
        "source": defect.source,
        "kind": defect.kind,
        "bucket": defect.bucket,
        "class_id": defect.class_id,
        "other_class_id": defect.other,
        "bbox": None if wrong is None else bounding_box(wrong),
        "pixels": 0 if wrong is None else int(wrong.sum()),
        "see": defect.see,
    }


def conflicts(scene: Scene, masks: dict[str, Labels]) -> list[dict[str, Any]]:
    """Cars below crowns: alice draws the hidden half as car, bob as tree, each time."""
    see = "Half of a parked car is below a crown: alice labels that half car, bob tree."
    rows = []
    for name in (n for n in scene.named(CAR) if n.startswith("hidden")):
        near = scene[name].distance < 3
        argued = near & (masks["alice"] == CAR) & (masks["bob"] == TREE)
        defect = Defect(scene.name, "alice+bob", "guideline_conflict", None, CAR, TREE, see)
        rows.append(entry(defect, argued))
    return rows


def masks_of(scene: Scene) -> tuple[dict[str, Labels], list[dict[str, Any]]]:
    """All masks of a sample with its planted defects, and the list of those."""
    masks = {source: draw(scene, source) for source in SOURCES}
    truth = masks["gt"]
    rows = []
    for defect in (d for d in DEFECTS if d.sample == scene.name):
        if defect.kind == "missing_partner":
            del masks[defect.source]
        if defect.edit is None:
            rows.append(entry(defect, None))
            continue
        before = masks[defect.source]
        after = defect.edit(before, scene, defect.source).astype(np.uint8)
        masks[defect.source] = after
        changed = before != after
        if defect.source == "model":
            # Its outline may have wobbled there already: what counts is what is wrong now.
            changed = binary_dilation(changed, np.ones((3, 3))) & (after != truth)
        rows.append(entry(defect, changed))
    return masks, rows + (conflicts(scene, masks) if "bob" in masks else [])
