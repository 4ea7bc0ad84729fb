"""Corrections in one step: take a region from another mask, fill a hole, remove a speck.

Each gives the pixels that change and their new ids; nothing is changed here, so that whoever
paints can make it one undo step.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MaskError
from ..failures import Bucket
from ..findings import Finding
from ..masks import LabelArray
from .windows import Window, grown, size_of, within

# A hole or speck larger than this is looked at as a region like any other.
_MAX_PIXELS = 1 << 24


@dataclass(frozen=True, eq=False)
class Repair:
    """Pixels and their new ids.

    Attributes
    ----------
    indices : tuple of ndarray of int
        One array per axis, as numpy indexes with.
    values : ndarray of int
        The new id of each.
    """

    indices: tuple[NDArray[np.intp], ...]
    values: NDArray[Any]

    @property
    def pixels(self) -> int:
        """How many pixels change."""
        return int(self.values.size)


@dataclass(frozen=True, eq=False)
class Region:
    """Some pixels of a mask.

    Attributes
    ----------
    window : tuple of slice
        A box around them.
    inside : ndarray of bool, shape of the window
        Which pixels of the box.
    """

    window: Window
    inside: NDArray[np.bool_]

    def grown(self, by: int, shape: tuple[int, ...]) -> Region:
        """The region and everything within so many pixels of it (in the slice, for volumes)."""
        if by < 1:
            return self
        from scipy.ndimage import binary_dilation

        window = grown(self.window, by, shape)
        inside = np.zeros([part.stop - part.start for part in window], np.bool_)
        inside[within(self.window, window)] = self.inside
        reach = (2 * by + 1,) * 2
        disc = np.hypot(*np.ogrid[-by : by + 1, -by : by + 1]) <= by + 0.5
        footprint = disc.reshape((1,) * (len(shape) - 2) + reach)
        return Region(window, binary_dilation(inside, footprint))


def finding_region(
    finding: Finding,
    reference: LabelArray,
    candidate: LabelArray,
    *,
    background: Collection[int] | None = None,
) -> Region:
    """The pixels that a finding is about.

    Parameters
    ----------
    finding : Finding
        A finding in the two masks.
    reference, candidate : ndarray of int, of one shape
        The masks.
    background : collection of int, optional
        Given where ids are objects: every id but these is one of class 1, as findings see it.

    Returns
    -------
    Region
        Within its box, the pixels that are wrong in its way; of a missed or false region only the
        connected piece that its point lies in.
    """
    window = tuple(slice(low, high) for low, high in finding.bbox)
    own, other = finding.class_id, finding.other_class_id
    first, second = (_classes(mask[window], background) for mask in (reference, candidate))
    if finding.bucket in (Bucket.MISSED_SMALL, Bucket.MISSED_LARGE):
        return _piece(finding, window, (first == own) & (second != own))
    if finding.bucket == Bucket.FALSE_REGION:
        return _piece(finding, window, (second == own) & (first != own))
    if finding.bucket in (Bucket.MERGE, Bucket.OVER_EXTENT):
        wrong = (second == own) & (first == other)
    else:
        wrong = (first == own) & (second == other)
        if finding.bucket == Bucket.BOUNDARY:
            wrong |= (first == other) & (second == own)
    return Region(window, np.asarray(wrong))


def take_from(
    labels: LabelArray, donor: LabelArray, region: Region, *, keep_ids: Collection[int] = ()
) -> Repair:
    """Give a region the ids that another mask has there.

    Parameters
    ----------
    labels, donor : ndarray of int, of one shape
        The mask to correct, and the one to take from.
    region : Region
        Where.
    keep_ids : collection of int
        Pixels of the mask with one of these ids stay, such as void.

    Raises
    ------
    MaskError
        ``shape-mismatch``; ``id-too-large`` where the type of the mask does not hold an id.
    """
    return _fitting(_taken(labels, donor, region, keep_ids), labels)


def take_objects_from(
    labels: LabelArray, donor: LabelArray, region: Region, *, background: int = 0
) -> Repair:
    """Give a region the objects that another mask has there.

    Ids of objects mean nothing across masks: an object that mostly lies on one of the mask's own
    gets the id of that one, any other a new id.

    Raises
    ------
    MaskError
        As :func:`take_from`.
    """
    plain = _taken(labels, donor, region)
    if not plain.pixels:
        return plain
    values = plain.values.astype(np.int64)
    fresh = int(labels.max(initial=0)) + 1
    for object_id in np.unique(plain.values).tolist():
        if object_id == background:
            continue
        under = labels[donor == object_id]
        ids, counts = np.unique(under, return_counts=True)
        best = int(ids[int(np.argmax(counts))])
        if best == background or 2 * int(counts.max()) <= under.size:
            best, fresh = fresh, fresh + 1
        values[plain.values == object_id] = best
    differs = values != labels[plain.indices]
    found = Repair(tuple(axis[differs] for axis in plain.indices), values[differs])
    return _fitting(found, labels)


def fresh_id(labels: LabelArray) -> int | None:
    """An id for a new object: the next after the largest; None where the type holds none.

    Examples
    --------
    >>> fresh_id(np.array([0, 7], np.uint8)), fresh_id(np.array([0, 255], np.uint8))
    (8, None)
    """
    found = int(labels.max(initial=0)) + 1
    return found if found <= np.iinfo(labels.dtype).max else None


def whole(shape: Sequence[int]) -> Region:
    """Every pixel."""
    return Region(tuple(slice(0, size) for size in shape), np.ones(tuple(shape), np.bool_))


@dataclass(frozen=True, eq=False)
class Patch:
    """A hole that can be filled, or a speck that can be removed.

    Attributes
    ----------
    region : Region
        Where it is.
    is_hole : bool
        It is background, or a hole in an object otherwise.
    label : int
        What it is now.
    around : int
        What lies around it, and would take its place.
    """

    region: Region
    is_hole: bool
    label: int
    around: int

    def repair(self) -> Repair:
        """Give it the id of what lies around it."""
        count = int(self.region.inside.sum())
        return _repair(self.region.window, self.region.inside, np.full(count, self.around))


def find_patch(labels: LabelArray, finding: Finding, *, background: int | None) -> Patch | None:
    """The hole or speck of the mask that a finding is about; None where it is neither.

    A *hole* is a connected piece (over edges, not corners) of background, or of anything where
    there is no background, that one single other id encloses; at the edge of the mask nothing is
    enclosed. A *speck* is a connected piece of any other id. Either lies within the finding's box.
    """
    from scipy.ndimage import binary_dilation, generate_binary_structure, label

    box = tuple(slice(low, high) for low, high in finding.bbox)
    window = grown(box, 1, labels.shape)
    if size_of(window) > _MAX_PIXELS:
        return None
    crop = labels[window]
    point = tuple(p - part.start for p, part in zip(finding.point, window, strict=True))
    own = int(crop[point])
    is_hole = own == background
    structure = generate_binary_structure(crop.ndim, 1 if is_hole else crop.ndim)
    pieces, _ = label(crop == own, structure)
    piece = pieces == pieces[point]
    edges = [
        (part.start == 0, part.stop == size)
        for part, size in zip(window, labels.shape, strict=True)
    ]
    if _leaves(piece, [(False, False)] * crop.ndim if is_hole else edges):
        return None
    ring = binary_dilation(piece, generate_binary_structure(crop.ndim, 1)) & ~piece
    ids, counts = np.unique(crop[ring], return_counts=True)
    if ids.size == 0:
        return None
    if is_hole and ids.size != 1:
        return None
    around = int(ids[int(np.argmax(counts))])
    if not is_hole and ids.size == 1 and background is None:
        is_hole = True
    return Patch(Region(window, piece), is_hole, own, around)


def _taken(
    labels: LabelArray, donor: LabelArray, region: Region, keep_ids: Collection[int] = ()
) -> Repair:
    """The pixels of a region in which a donor has another id, and that id."""
    if labels.shape != donor.shape:
        raise MaskError(
            "shape-mismatch",
            f"one mask has shape {labels.shape}, the other {donor.shape}; masks are never resized.",
        )
    mine, theirs = labels[region.window], donor[region.window]
    change = region.inside & (mine != theirs)
    if keep_ids:
        change &= ~np.isin(mine, list(keep_ids))
    return _repair(region.window, change, theirs[change])


def _fitting(repair: Repair, labels: LabelArray) -> Repair:
    """A repair whose ids the type of the mask holds: others would become wrong ids in silence."""
    most = int(np.iinfo(labels.dtype).max)
    if repair.pixels and int(repair.values.max()) > most:
        raise MaskError(
            "id-too-large",
            f"the mask is stored in {labels.dtype.name}, which holds ids up to {most:,}, and "
            f"{int(repair.values.max()):,} is needed; nothing was changed.",
        )
    return repair


def _leaves(piece: NDArray[np.bool_], may_touch: Sequence[tuple[bool, bool]]) -> bool:
    """Whether a piece goes on beyond its window, at a side where that cannot be the mask's edge."""
    return any(
        (bool(piece.take(0, axis).any()) and not low)
        or (bool(piece.take(-1, axis).any()) and not high)
        for axis, (low, high) in enumerate(may_touch)
    )


def _piece(finding: Finding, window: Window, wrong: NDArray[np.bool_]) -> Region:
    """The connected piece that the finding's point lies in; corners connect."""
    from scipy.ndimage import generate_binary_structure, label

    pieces, _ = label(wrong, generate_binary_structure(wrong.ndim, wrong.ndim))
    here = pieces[tuple(p - part.start for p, part in zip(finding.point, window, strict=True))]
    return Region(window, pieces == here if here else wrong)


def _classes(labels: LabelArray, background: Collection[int] | None) -> LabelArray:
    if background is None:
        return labels
    away = list(background)
    return np.where(np.isin(labels, away), labels, np.ones((), labels.dtype))


def _repair(window: Window, change: NDArray[np.bool_], values: NDArray[Any]) -> Repair:
    found = np.nonzero(change)
    moved = tuple(axis + part.start for axis, part in zip(found, window, strict=True))
    return Repair(moved, values)
