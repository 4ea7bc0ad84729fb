"""Rules about outlines: teeth and blocks, too few corners, straight cuts. 2D masks only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..findings import Box
from ..masks import LabelArray
from .finding import LintFinding
from .subject import MaskSubject

_MIN_OUTLINE = 400
_BLOCKS = range(16, 1, -1)
# Share of its extent over which one side is straight, and the other three are not.
_CUT_SHARE = 0.6
_OPEN_SHARE = 0.35
# Corners of an outline simplified at two tolerances (px): a polygon keeps its corners.
_FINE, _COARSE = 0.75, 1.5
_POLYGON_RATIO = 1.15
_CURVED_RATIO = 1.35
_POLYGON_SIDE = 15.0
_MIN_PEERS = 8
_MOST_SHAPES = 200


def check_outlines(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA401 and MA403 on one mask."""
    if subject.labels.ndim != 2:
        return
    yield from _jagged(subject)
    yield from _straight_cuts(subject)


def _jagged(subject: MaskSubject) -> Iterator[LintFinding]:
    block = block_size(subject.labels)
    if block:
        yield subject.finding(
            "MA401",
            f"every outline is made of blocks of {block} × {block} px: the mask was enlarged from "
            f"{' × '.join(str(-(-n // block)) for n in subject.labels.shape)} px. Draw or export "
            "it at full size.",
        )
        return
    teeth, outline = count_teeth(subject.labels)
    if outline >= _MIN_OUTLINE and teeth > subject.limits.teeth_share * outline:
        yield subject.finding(
            "MA401",
            f"{100 * teeth / outline:.0f}% of the outline pixels stick out alone: ragged outlines, "
            "as from a threshold or lossy compression. Smooth or redraw them.",
            count=teeth,
        )


def block_size(labels: LabelArray) -> int | None:
    """Side of the blocks a mask consists of when it was enlarged, 2 to 16; None if it was not.

    Examples
    --------
    >>> small = np.random.default_rng(0).integers(0, 2, (40, 40))
    >>> block_size(np.kron(small, np.ones((4, 4), int))), block_size(small)
    (4, None)
    """
    positions = [
        np.flatnonzero(np.diff(np.moveaxis(labels, axis, -1), axis=-1).any(axis=0)) + 1
        for axis in (0, 1)
    ]
    changes = sum(int(np.count_nonzero(np.diff(labels, axis=axis))) for axis in (0, 1))
    if changes < _MIN_OUTLINE or min(len(p) for p in positions) < 8:
        return None
    for size in _BLOCKS:
        if all(len(np.unique(p % size)) == 1 for p in positions):
            return size
    return None


def count_teeth(labels: LabelArray) -> tuple[int, int]:
    """Pixels with another label on three or four sides, and pixels with another on any side.

    Examples
    --------
    A square with one tooth: of its 8 outline pixels (the centre is inside) and the tooth, one is
    a tooth; outside, the 12 neighbours of the square and the two at the tooth's tip and sides.

    >>> labels = np.zeros((7, 8), int)
    >>> labels[2:5, 2:5] = 1
    >>> labels[3, 5] = 1
    >>> count_teeth(labels)[0]
    1
    """
    different = np.zeros(labels.shape, np.uint8)
    rows = labels[1:] != labels[:-1]
    columns = labels[:, 1:] != labels[:, :-1]
    different[1:] += rows
    different[:-1] += rows
    different[:, 1:] += columns
    different[:, :-1] += columns
    return int(np.count_nonzero(different >= 3)), int(np.count_nonzero(different))


def _straight_cuts(subject: MaskSubject) -> Iterator[LintFinding]:
    """Regions with exactly one long straight side, parallel to an axis, with nothing behind it."""
    if subject.background is None:
        return
    regions, limits = subject.regions, subject.limits
    cuts: dict[int, list[Box]] = defaultdict(list)
    large = np.flatnonzero(subject.foreground & (regions.area >= limits.object_pixels))
    for n in large.tolist():
        side = _only_straight_side(subject, n)
        if side is not None:
            cuts[int(regions.label[n])].append(side)
    for label, boxes in sorted(cuts.items()):
        yield subject.finding(
            "MA403",
            f"{subject.name_of(label)} ends in a straight line parallel to the picture's sides "
            "while the rest of its outline does not: cut off at a crop or tile edge?",
            class_id=label,
            boxes=boxes,
        )


def _only_straight_side(subject: MaskSubject, region: int) -> Box | None:
    """The box of the one straight side; None when there is none or more than one."""
    shares: list[tuple[float, int, Box]] = []
    box = subject.box(region)
    cut = tuple(slice(low, high) for low, high in box)
    own = subject.picture[cut] == region + 1
    for axis in (0, 1):
        for end, line in ((0, box[axis][0]), (-1, box[axis][1] - 1)):
            flags = np.take(own, end, axis)
            where = np.flatnonzero(flags)
            length = int(where[-1] - where[0] + 1)
            straight = length if length == where.size else 0
            start = box[1 - axis][0] + int(where[0])
            along, across = (start, start + length), (line, line + 1)
            place = (across, along) if axis == 0 else (along, across)
            shares.append((straight / flags.size, straight, place))
    shares.sort(key=lambda share: -share[0])
    share, length, place = shares[0]
    if share < _CUT_SHARE or length < subject.limits.straight_length or shares[1][0] > _OPEN_SHARE:
        return None
    return place if _nothing_beyond(subject, box, place) else None


def _nothing_beyond(subject: MaskSubject, box: Box, place: Box) -> bool:
    """Whether background lies on the other side of a side, and it is not the picture's edge."""
    axis = 0 if place[0][1] - place[0][0] == 1 else 1
    outward = -1 if place[axis][0] == box[axis][0] else 1
    beyond = [slice(low, high) for low, high in place]
    reach = subject.limits.border_gap
    line = place[axis][0] + outward
    if not reach <= line < subject.labels.shape[axis] - reach:
        return False
    beyond[axis] = slice(line, line + 1)
    return bool((subject.labels[tuple(beyond)] == subject.background).all())


@dataclass(frozen=True)
class OutlineShape:
    """How cornered one region's outline is.

    Attributes
    ----------
    label : int
        Its class; 0 for every object of an object mask.
    ratio : float
        Corners at a fine tolerance over corners at a coarse one: about 1 for a polygon, 1.4 for
        a smooth curve, more for a shaky one.
    side : float
        Mean distance between corners, px.
    corners : int
        Corners at the fine tolerance.
    box : Box
        Where it is.
    """

    label: int
    ratio: float
    side: float
    corners: int
    box: Box


def outline_shapes(subject: MaskSubject) -> list[OutlineShape]:
    """Shapes of the larger regions that do not touch the picture's edge."""
    if subject.labels.ndim != 2:
        return []
    regions = subject.regions
    large = np.flatnonzero(subject.foreground & (regions.area >= 2 * subject.limits.object_pixels))
    inner = [n for n in large.tolist() if not subject.touches_border(n)]
    inner.sort(key=lambda n: -int(regions.area[n]))
    shapes = []
    for n in inner[:_MOST_SHAPES]:
        cut = tuple(slice(low, high) for low, high in subject.box(n))
        fine, coarse, length = _corners(subject.picture[cut] == n + 1)
        label = 0 if subject.objects else int(regions.label[n])
        shapes.append(OutlineShape(label, fine / coarse, length / fine, fine, subject.box(n)))
    return shapes


def _corners(region: NDArray[np.bool_]) -> tuple[int, int, float]:
    """Corners of the outer outline at both tolerances, and its length."""
    from skimage.measure import approximate_polygon, find_contours

    contours = find_contours(np.pad(region, 1).astype(np.float32), 0.5)
    outline = max(contours, key=len)
    length = float(np.linalg.norm(np.diff(outline, axis=0), axis=1).sum())
    fine, coarse = (len(approximate_polygon(outline, t)) - 1 for t in (_FINE, _COARSE))
    return max(fine, 1), max(coarse, 1), length


def polygonal(shapes: Iterable[OutlineShape]) -> list[OutlineShape]:
    """Shapes with few corners and straight sides where the class usually has curved outlines.

    Parameters
    ----------
    shapes : iterable of OutlineShape
        Of one class, over all masks of the dataset.
    """
    peers = list(shapes)
    if len(peers) < _MIN_PEERS:
        return []
    if float(np.median([shape.ratio for shape in peers])) < _CURVED_RATIO:
        return []
    return [
        shape
        for shape in peers
        if shape.corners >= 4 and shape.ratio <= _POLYGON_RATIO and shape.side >= _POLYGON_SIDE
    ]
