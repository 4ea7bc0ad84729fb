"""Small drawings of canonical cases for the metric pages, as SVG text.

Grey pixels are in both masks, blue ones only in the reference (missed), orange ones only in the
candidate (false). Dots are elements of the outlines: of the reference in blue, of the candidate in
orange, filled dark where they are further than the tolerance from the other outline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cases import CASES
from instance_cases import CASES as INSTANCE_CASES
from napari_mask_audit.boundaries import SurfaceDistances, surface_distances

SIDE = 14  # of a pixel in the picture
BOTH, MISSED, FALSE, PAPER, GRID, DARK = (
    "#c9ccd1",
    "#7fb2e5",
    "#f2b36b",
    "#ffffff",
    "#e7e8ea",
    "#b3261e",
)
OBJECTS = ("#ffffff", "#7fb2e5", "#f2b36b", "#8fce9f", "#c7a3dd")

Shapes = list[str]


def svg(shapes: Iterable[str], height: float, width: float, title: str) -> str:
    """The file around some shapes."""
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    frame = f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>'
    return "\n".join([head, f"<title>{title}</title>", frame, *shapes, "</svg>", ""])


def pixels(colours: NDArray[np.object_], left: float = 0) -> Shapes:
    """One rectangle per run of equal pixels, and a grid over all."""
    shapes = []
    for y, row in enumerate(colours):
        x = 0
        for colour, run in groupby(row):
            length = len(list(run))
            if colour != PAPER:
                at = f'x="{left + SIDE * x:g}" y="{SIDE * y:g}" width="{SIDE * length:g}"'
                shapes.append(f'<rect {at} height="{SIDE}" fill="{colour}"/>')
            x += length
    height, width = (SIDE * n for n in colours.shape)
    lines = [f"M{left + SIDE * x:g} 0V{height:g}" for x in range(colours.shape[1] + 1)]
    lines += [f"M{left:g} {SIDE * y:g}H{left + width:g}" for y in range(colours.shape[0] + 1)]
    grid = f'<path d="{"".join(lines)}" stroke="{GRID}" stroke-width="0.5" fill="none"/>'
    return [*shapes, grid]


def overlay(reference: NDArray[np.bool_], candidate: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Colour of every pixel."""
    which = reference.astype(int) + 2 * candidate.astype(int)
    return np.array([PAPER, MISSED, FALSE, BOTH], dtype=object)[which]


def window(*masks: NDArray, margin: int = 2) -> tuple[slice, slice]:
    """Rows and columns around everything drawn."""
    found = np.argwhere(np.any([m > 0 for m in masks], axis=0))
    low, high = found.min(axis=0) - margin, found.max(axis=0) + margin + 1
    return slice(max(0, low[0]), high[0]), slice(max(0, low[1]), high[1])


def dots(
    pair: SurfaceDistances, view: tuple[slice, slice], tolerance: float, left: float = 0
) -> Shapes:
    """Elements of both outlines; coincident ones of the candidate are drawn smaller, on top."""
    shapes = []
    for side, colour, radius in ((pair.reference, "#1f5fa8", 3.2), (pair.candidate, "#b86a00", 2)):
        for (y, x), distance in zip(side.positions(), side.distances, strict=True):
            at = f'cx="{left + SIDE * (x + 0.5 - view[1].start):g}" '
            at += f'cy="{SIDE * (y + 0.5 - view[0].start):g}"'
            fill = DARK if distance > tolerance else colour
            shapes.append(f'<circle {at} r="{radius:g}" fill="{fill}"/>')
    return shapes


def case_picture(
    key: str,
    title: str,
    *,
    points: str | None = None,
    tolerance: float = 1.0,
    band: bool = False,
) -> str:
    """Overlay of a case, its bands, or its outlines in one convention."""
    case = next(case for case in CASES if case.key == key)
    masks = [case.reference > 0, case.candidate > 0]
    view = window(*masks)
    shown = [inner_rim(m) if band else m for m in masks]
    colours = overlay(*(m[view] for m in shown))
    shapes = pixels(colours)
    if points:
        found = surface_distances(
            case.reference, case.candidate, [1], spacing=case.spacing, convention=points
        )
        shapes += dots(found[1], view, tolerance)
    return svg(shapes, SIDE * colours.shape[0], SIDE * colours.shape[1], title)


def inner_rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Band of width one."""
    inner: NDArray[np.bool_] = ndimage.binary_erosion(mask, np.ones((3, 3)))
    return mask & ~inner


def conventions_picture() -> str:
    """The same two masks, cut into corners and into border pixels."""
    case = next(case for case in CASES if case.key == "E14")
    masks = [case.reference > 0, case.candidate > 0]
    view = window(*masks)
    colours = overlay(*(m[view] for m in masks))
    width = SIDE * (colours.shape[1] + 2)
    shapes: Shapes = []
    for left, convention in ((0, "surfel"), (width, "voxel")):
        found = surface_distances(
            case.reference, case.candidate, [1], spacing=(1, 1), convention=convention
        )
        shapes += pixels(colours, left) + dots(found[1], view, 1, left)
    title = "surfel (left): pixel corners; voxel (right): border pixels"
    return svg(shapes, SIDE * colours.shape[0], width + SIDE * colours.shape[1], title)


def objects_picture() -> str:
    """Reference and candidate objects of the split into three quarters and a quarter."""
    case = next(case for case in INSTANCE_CASES if case.name.startswith("I7"))
    palette = np.array(OBJECTS, dtype=object)
    gap = SIDE * (case.reference.shape[1] + 2)
    shapes = pixels(palette[case.reference]) + pixels(palette[case.candidate], gap)
    size = SIDE * case.reference.shape[0], gap + SIDE * case.reference.shape[1]
    return svg(shapes, *size, "one reference object (left), shown in two parts (right)")


def sensitivity_picture() -> str:
    """A square and a line with what a shift of the outline by one pixel would add or take."""
    shapes: Shapes = []
    left, height = 0.0, 0
    for key in ("E4", "E17"):
        mask = next(case for case in CASES if case.key == key).reference > 0
        view = window(mask, margin=2)
        grown, shrunk = ndimage.binary_dilation(mask), ndimage.binary_erosion(mask)
        colours = np.full(mask.shape, PAPER, dtype=object)
        colours[grown], colours[mask], colours[shrunk] = FALSE, MISSED, BOTH
        shown = colours[view]
        shapes += pixels(shown, left)
        left += SIDE * (shown.shape[1] + 2)
        height = max(height, shown.shape[0])
    title = "grey: kept when shrunk by a pixel; blue: lost; orange: won when grown by a pixel"
    return svg(shapes, SIDE * height, left - 2 * SIDE, title)


PICTURES: dict[str, Callable[[], str]] = {
    "iou-dice": partial(case_picture, "E9", "90 pixels shared, 10 missed, 10 false"),
    "precision-recall": partial(case_picture, "E11", "all found, 96 pixels too many"),
    "pixel-accuracy": partial(
        case_picture, "E8", "one pixel missed, one false, and not a single one right"
    ),
    "boundary-iou": partial(
        case_picture, "E9", "the bands of two shifted squares share their sides", band=True
    ),
    "hausdorff": partial(
        case_picture, "E13", "one far pixel decides the Hausdorff distance", points="surfel"
    ),
    "assd-masd": partial(
        case_picture, "E11", "outlines two pixels apart", points="surfel", tolerance=2
    ),
    "nsd": partial(case_picture, "E14", "red elements are beyond the tolerance", points="surfel"),
    "boundary-f": partial(
        case_picture, "E16", "two squares touch at a corner", points="surfel", tolerance=1
    ),
    "boundary-offset": partial(case_picture, "E12", "drawn one row too large", points="surfel"),
    "topology": partial(case_picture, "E14", "one piece with a hole"),
    "size-sensitivity": sensitivity_picture,
    "instances": objects_picture,
    "conventions": conventions_picture,
}
