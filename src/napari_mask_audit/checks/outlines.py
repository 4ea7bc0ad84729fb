"""Rules about outlines: teeth and blocks, too few corners, straight cuts; in volumes by slice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

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
_FINE, _COARSE = 1.0, 2.0
_POLYGON_RATIO = 1.15
_CURVED_RATIO = 1.35
_POLYGON_SIDE = 15.0
_RIGHT_ANGLE_DEG = 15.0
_POLYGON_SHARE = 0.2
_MIN_PEERS = 8
# Judging an outline costs time with its length: the longest ones are left out.
_MOST_SHAPES = 100
_LONGEST_OUTLINE = 800
# A cut is one that few regions of its class have; houses all have straight sides.
_RARE_SHARE = 0.1


def check_outlines(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA401 on one mask."""
    block = block_size(subject.labels)
    if block:
        yield subject.finding(
            "MA401",
            f"every outline is made of blocks of {block} × {block} px: the mask was enlarged from "
            f"{' × '.join(str(-(-n // block)) for n in subject.labels.shape[-2:])} px. Draw or "
            "export it at full size.",
        )
        return
    # A volume is smooth in the slices it was drawn in, and may be ragged in all others.
    along = subject.slices_along
    axes = (0,) if subject.labels.ndim == 2 else (0, 1, 2) if along is None else (along,)
    counts = [count_teeth(np.moveaxis(subject.labels, axis, 0)) for axis in axes]
    teeth, outline = min(counts, key=lambda count: count[0] / max(count[1], 1))
    if outline >= _MIN_OUTLINE and teeth > subject.limits.teeth_share * outline:
        yield subject.finding(
            "MA401",
            f"{100 * teeth / outline:.0f}% of the outline pixels stick out alone: ragged outlines, "
            "as from a threshold or lossy compression. Smooth or redraw them.",
            count=teeth,
        )


def block_size(labels: LabelArray) -> int | None:
    """Side of the blocks a mask consists of when it was enlarged, 2 to 16; None if it was not.

    The last two axes are rows and columns; a volume is enlarged when all its slices are.

    Examples
    --------
    >>> small = np.random.default_rng(0).integers(0, 2, (40, 40))
    >>> block_size(np.kron(small, np.ones((4, 4), int))), block_size(small)
    (4, None)
    """
    positions = [
        np.flatnonzero(_changes(labels, axis).any(axis=tuple(range(labels.ndim - 1)))) + 1
        for axis in (-2, -1)
    ]
    changes = sum(int(np.count_nonzero(_changes(labels, axis))) for axis in (-2, -1))
    if changes < _MIN_OUTLINE or min(len(p) for p in positions) < 8:
        return None
    for size in _BLOCKS:
        if all(len(np.unique(p % size)) == 1 for p in positions):
            return size
    return None


def _changes(labels: LabelArray, axis: int) -> NDArray[np.bool_]:
    """Where the label changes along an axis, which comes last."""
    lines = np.moveaxis(labels, axis, -1)
    return np.asarray(lines[..., 1:] != lines[..., :-1])


def count_teeth(labels: LabelArray) -> tuple[int, int]:
    """Pixels with another label on three or four sides, and pixels with another on any side.

    Sides are those along the last two axes.

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
    rows = labels[..., 1:, :] != labels[..., :-1, :]
    columns = labels[..., 1:] != labels[..., :-1]
    different[..., 1:, :] += rows
    different[..., :-1, :] += rows
    different[..., 1:] += columns
    different[..., :-1] += columns
    return int(np.count_nonzero(different >= 3)), int(np.count_nonzero(different))


@dataclass(frozen=True)
class StraightSides:
    """How straight the outermost sides of one region are.

    Attributes
    ----------
    label : int
        Its class; 0 where ids are objects or mean nothing.
    straight : int
        How many of its four sides are straight and parallel to an axis.
    cut : Box or None
        Where its only straight side is, if nothing is labelled beyond it.
    line : (int, int) or None
        Axis and place of the line in its slice that this side lies on.
    """

    label: int
    straight: int
    cut: Box | None
    line: tuple[int, int] | None = None


def straight_sides(subject: MaskSubject) -> list[StraightSides]:
    """The sides of the larger regions, in a volume slice by slice."""
    if subject.background is None:
        return []
    if subject.labels.ndim == 3:
        kinds = subject.ids_mean_classes
        return [
            replace(
                side,
                label=side.label if kinds else 0,
                cut=None if side.cut is None else subject.lifted(side.cut, z),
            )
            for z, plane in subject.planes()
            for side in straight_sides(plane)
        ]
    regions, limits = subject.regions, subject.limits
    large = np.flatnonzero(subject.foreground & (regions.area >= limits.object_pixels))
    return [_sides(subject, n) for n in large.tolist()]


def _sides(subject: MaskSubject, region: int) -> StraightSides:
    shares: list[tuple[float, int, Box]] = []
    box = subject.box(region)
    own = subject.picture[tuple(slice(low, high) for low, high in box)] == region + 1
    for axis in (0, 1):
        for end, line in ((0, box[axis][0]), (-1, box[axis][1] - 1)):
            flags = np.take(own, end, axis)
            where = np.flatnonzero(flags)
            length = int(where[-1] - where[0] + 1)
            straight = length if length == where.size else 0
            start = box[1 - axis][0] + int(where[0])
            along, across = (start, start + length), (line, line + 1)
            side: Box = (across, along) if axis == 0 else (along, across)
            shares.append((straight / flags.size, straight, side))
    shares.sort(key=lambda share: -share[0])
    longest = subject.limits.straight_length
    straight = sum(share >= _CUT_SHARE and length >= longest for share, length, _ in shares)
    place = shares[0][2]
    only = straight == 1 and shares[1][0] <= _OPEN_SHARE
    cut = place if only and _nothing_beyond(subject, box, place) else None
    axis = 0 if place[0][1] - place[0][0] == 1 else 1
    along_line = None if cut is None else (axis, place[axis][0])
    return StraightSides(_kind(subject, region), straight, cut, along_line)


def cut_off(sides: Sequence[StraightSides]) -> list[StraightSides]:
    """The regions of one mask's class that a straight line seems to have cut off.

    Parameters
    ----------
    sides : sequence of StraightSides
        Of one class in all masks of one source. Where straight sides are common, none is a cut.
    """
    straight = sum(side.straight > 0 for side in sides)
    several = sum(side.straight > 1 for side in sides)
    if several or straight > max(1, _RARE_SHARE * len(sides)):
        return []
    return [side for side in sides if side.cut is not None]


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
        Its class; 0 where ids are objects or mean nothing.
    ratio : float
        Corners at a fine tolerance over corners at a coarse one: about 1 for a polygon, 1.4 for
        a smooth curve, more for a shaky one.
    side : float
        Mean distance between corners, px.
    corners : int
        Corners at the fine tolerance.
    right_angled : bool
        Whether nearly all corners are right angles, as of houses.
    box : Box
        Where it is.
    """

    label: int
    ratio: float
    side: float
    corners: int
    right_angled: bool
    box: Box


def outline_shapes(subject: MaskSubject, most: int = _MOST_SHAPES) -> list[OutlineShape]:
    """Shapes of the larger regions that do not touch the picture's edge, the largest ones first.

    Of a volume, a few in every slice.
    """
    if not (subject.objects or subject.ids_mean_classes):
        return []
    if subject.labels.ndim == 3:
        few = max(1, most // subject.labels.shape[subject.slices_along or 0])
        return [
            replace(shape, box=subject.lifted(shape.box, z))
            for z, plane in subject.planes()
            for shape in outline_shapes(plane, few)
        ]
    regions = subject.regions
    large = np.flatnonzero(subject.foreground & (regions.area >= 2 * subject.limits.object_pixels))
    extent = (regions.stop - regions.start).sum(axis=1)
    inner = [
        n
        for n in large.tolist()
        if 2 * extent[n] <= _LONGEST_OUTLINE and not subject.touches_border(n)
    ]
    inner.sort(key=lambda n: -int(regions.area[n]))
    return [_shape(subject, n) for n in inner[:most]]


def _shape(subject: MaskSubject, region: int) -> OutlineShape:
    from skimage import measure

    find_contours: Any = measure.find_contours
    approximate_polygon: Any = measure.approximate_polygon

    box = subject.box(region)
    own = subject.picture[tuple(slice(low, high) for low, high in box)] == region + 1
    outline = max(find_contours(np.pad(own, 1).astype(np.float32), 0.5), key=len)
    length = float(np.linalg.norm(np.diff(outline, axis=0), axis=1).sum())
    fine = approximate_polygon(outline, _FINE)
    corners = max(len(fine) - 1, 1)
    coarse = max(len(approximate_polygon(outline, _COARSE)) - 1, 1)
    return OutlineShape(
        _kind(subject, region),
        corners / coarse,
        length / corners,
        corners,
        _right_angled(fine),
        box,
    )


def _kind(subject: MaskSubject, region: int) -> int:
    """What a region is compared with: its class, or anything where ids do not name classes."""
    named = subject.ids_mean_classes and not subject.objects
    return int(subject.regions.label[region]) if named else 0


def _right_angled(polygon: NDArray[np.float64]) -> bool:
    """Whether at least four in five corners of a closed polygon are right angles.

    Examples
    --------
    >>> _right_angled(np.array([[0.0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]))
    True
    """
    sides = np.diff(polygon, axis=0)
    turn = np.arctan2(sides[:, 0], sides[:, 1])
    angle = np.rad2deg(np.abs(np.angle(np.exp(1j * (np.roll(turn, -1) - turn)))))
    angle = angle[angle > _RIGHT_ANGLE_DEG]  # where the outline starts there is often no corner
    return bool(angle.size) and bool(np.mean(np.abs(angle - 90) <= _RIGHT_ANGLE_DEG) >= 0.8)


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
    straight = sum(shape.ratio <= _POLYGON_RATIO for shape in peers)
    middle = float(np.median([shape.ratio for shape in peers]))
    if middle < _CURVED_RATIO or straight > _POLYGON_SHARE * len(peers):
        return []
    return [
        shape
        for shape in peers
        if not shape.right_angled
        and shape.corners >= 4
        and shape.ratio <= _POLYGON_RATIO
        and shape.side >= _POLYGON_SIDE
    ]
