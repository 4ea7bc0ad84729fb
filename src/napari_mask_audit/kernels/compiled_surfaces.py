"""Surface elements and their distances with numba: the same tables as ``vectorised_surfaces``.

The places at which a mask changes are found 64 pixels at a time; only there are the elements of
all classes listed, in order of position, and then dealt out to their classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from . import vectorised_surfaces
from .compiled import as_volume, count_bits
from .compiled_jit import compiled, equal_pairs, inlined, lowest_bit
from .compiled_planes import add_border_pixels, add_mixed_blocks
from .compiled_search import nearest_elements
from .surfaces import (
    IGNORED,
    Convention,
    ElementTable,
    class_lookup,
    lattice_shape,
    padding_label,
)
from .vectorised_search import Lattice, ask_trees

_ONE = np.uint64(1)
#: More classes than this do not fit their numbers; numpy takes over.
_MOST_CLASSES = (1 << 15) - 1


def measure_surfaces(
    reference: LabelArray,
    candidate: LabelArray,
    class_ids: NDArray[np.int64],
    ignore_ids: NDArray[np.int64],
    spacing: tuple[float, ...],
    convention: Convention,
) -> tuple[ElementTable, ElementTable]:
    """Surface elements; see :func:`napari_mask_audit.kernels.measure_surfaces`."""
    if class_ids.size > _MOST_CLASSES:
        return vectorised_surfaces.measure_surfaces(
            reference, candidate, class_ids, ignore_ids, spacing, convention
        )
    lattice = Lattice(lattice_shape(reference.shape, convention), spacing)
    pair = _Pair.of(*vectorised_surfaces.renumbered(reference, candidate, class_ids, ignore_ids))
    extract = _corner_elements if convention == "surfel" else _pixel_elements
    first, second = extract(pair)
    return _table(first, second, lattice), _table(second, first, lattice)


@dataclass(frozen=True)
class _Pair:
    """Both masks with one unwanted pixel around, as (z, y, x), and the classes of their labels.

    2D images get no slices around them: their corners have four pixels.
    """

    masks: tuple[LabelArray, LabelArray]
    solid: bool
    classes: int
    lookups: tuple[NDArray[np.int16], NDArray[np.int16]]
    low: int

    @classmethod
    def of(
        cls,
        reference: LabelArray,
        candidate: LabelArray,
        class_ids: NDArray[np.int64],
        ignore_ids: NDArray[np.int64],
    ) -> _Pair:
        volumes = [as_volume(mask) for mask in (reference, candidate)]
        dtype = np.promote_types(volumes[0].dtype, volumes[1].dtype)
        outside, dtype = padding_label(dtype, class_ids, ignore_ids)
        solid = reference.ndim == 3
        first, second = (_padded(volume, solid, outside, dtype) for volume in volumes)
        if dtype == np.int32:
            low = min(outside, *(int(volume.min()) for volume in volumes))
            high = max(outside, *(int(volume.max()) for volume in volumes))
        else:
            low, high = 0, int(np.iinfo(dtype).max)
        # Only the reference says what is ignored.
        nothing = np.empty(0, np.int64)
        lookups = [class_lookup(class_ids, some, low, high) for some in (ignore_ids, nothing)]
        return cls((first, second), solid, class_ids.size, (lookups[0], lookups[1]), low)

    @property
    def ignored(self) -> tuple[NDArray[Any], NDArray[np.int16], bool]:
        """Reference, the classes of its labels, and whether any of them is an ignored one."""
        lookup = self.lookups[0]
        return self.masks[0].reshape(-1), lookup, bool((lookup == IGNORED).any())

    @property
    def strides(self) -> tuple[int, int]:
        """Pixels of a slice and of a row."""
        _, height, width = self.masks[0].shape
        return height * width, width


def _padded(volume: LabelArray, solid: bool, outside: int, dtype: np.dtype[Any]) -> LabelArray:
    around = ((1, 1) if solid else (0, 0), (1, 1), (1, 1))
    padded = np.pad(volume.astype(dtype, copy=False), around, constant_values=outside)
    padded.flags.writeable = False
    return padded


@dataclass(frozen=True)
class _Room:
    """Space for the elements of one mask as they are found, and how many each class has.

    An element is one number: (position, code, side + 1, class). Pages of an array that are never
    written to cost nothing, so there is room for the worst case.
    """

    records: NDArray[np.int64]
    found: NDArray[np.int64]
    kept: NDArray[np.int64]

    @classmethod
    def of(cls, elements: int, classes: int) -> _Room:
        return cls(np.empty(elements, np.int64), *np.zeros((2, classes), np.int64))

    def by_class(self, count: int) -> ElementTable:
        """The first `count` elements by class, in the same order within each class."""
        starts = np.concatenate(([0], np.cumsum(self.kept)))
        positions, codes = np.empty(count, np.int64), np.empty(count, np.uint8)
        sides = np.empty(count, np.int8)
        _deal(self.records[:count], starts.copy(), positions, codes, sides)
        return ElementTable(starts, self.found.copy(), positions, codes, np.zeros(count), sides)


@inlined
def _record(position: Any, code: Any, side: Any, number: Any) -> Any:
    return (position << 25) | (code << 17) | ((side + 1) << 15) | number


@compiled
def _deal(records: Any, cursor: Any, positions: Any, codes: Any, sides: Any) -> None:
    """Write the elements to where the cursor of their class stands."""
    for i in range(records.size):
        record = records[i]
        number = record & 0x7FFF
        to = cursor[number]
        cursor[number] = to + 1
        positions[to] = record >> 25
        codes[to] = (record >> 17) & 0xFF
        sides[to] = ((record >> 15) & 3) - 1


def _corner_elements(pair: _Pair) -> list[ElementTable]:
    """Elements of both masks at the pixel corners; distances not known yet."""
    depth, height, width = pair.masks[0].shape
    planes = np.zeros((2, depth - pair.solid, height - 1, -(-width // 64)), np.uint64)
    for mask, plane in zip(pair.masks, planes, strict=True):
        add_mixed_blocks(mask, plane)
    corners = max(count_bits(plane) for plane in planes)
    room = _Room.of(corners * (8 if pair.solid else 4), pair.classes)
    return [_listed(_emit_corners, pair, own, (planes[own],), room) for own in (0, 1)]


def _listed(
    emit: Callable[..., int],
    pair: _Pair,
    own: int,
    planes: tuple[NDArray[np.uint64], ...],
    room: _Room,
) -> ElementTable:
    """Elements of one mask, found where the first plane has bits."""
    room.found[:] = room.kept[:] = 0
    count = emit(
        pair.masks[own].reshape(-1),
        pair.masks[1 - own].reshape(-1),
        *planes,
        pair.solid,
        pair.strides,
        pair.lookups[own],
        pair.low,
        pair.ignored,
        room.records,
        room.found,
        room.kept,
    )
    return room.by_class(count)


@compiled
def _emit_corners(
    own: Any,
    other: Any,
    plane: Any,
    solid: bool,
    strides: Any,
    lookup: Any,
    low: int,
    ignored: Any,
    records: Any,
    found: Any,
    kept: Any,
) -> int:
    """List the elements of one mask at its marked corners, in order of position; how many."""
    area, width = np.uint64(strides[0]), np.uint64(strides[1])
    reference, ignored_lookup, ignores = ignored
    full = 255 if solid else 15
    depth, height, words = plane.shape
    count = 0
    for z in range(depth):
        for y in range(height):
            for w in range(words):
                bits = plane[z, y, w]
                while bits:
                    x = 64 * w + lowest_bit(bits)
                    bits &= bits - _ONE
                    at = np.uint64(z * strides[0] + y * strides[1] + x)
                    touched = ignores and _has_ignored(
                        reference, at, area, width, solid, ignored_lookup, low
                    )
                    listed = 0  # the pixels around whose label is done
                    while listed != full:
                        pixel = lowest_bit(np.uint64(~listed))
                        step = np.uint64(pixel & 1)
                        step += width * np.uint64((pixel >> 1) & 1)
                        step += area * np.uint64(pixel >> 2)
                        label = own[at + step]
                        code = _code(own, at, area, width, solid, label)
                        listed |= code
                        number = lookup[np.uint64(np.int64(label) - low)]
                        if number < 0:
                            continue
                        found[number] += 1
                        if touched:
                            continue
                        there = _code(other, at, area, width, solid, label)
                        side = np.int64(there == full) - np.int64(there == 0)
                        position = (z * height + y) * (strides[1] - 1) + x
                        records[count] = _record(position, code, side, np.int64(number))
                        kept[number] += 1
                        count += 1
    return count


@inlined
def _code(labels: Any, at: Any, area: Any, width: Any, solid: bool, label: Any) -> Any:
    """Which of the pixels around a corner have a label; bit 4·dz + 2·dy + dx."""
    if solid:
        behind = at + area
        return equal_pairs(labels, (at, at + width, behind, behind + width), label)
    return equal_pairs(labels, (at, at + width), label)


@compiled
def _has_ignored(
    labels: Any, at: Any, area: Any, width: Any, solid: bool, lookup: Any, low: int
) -> bool:
    """Whether one of the pixels around a corner does not count."""
    for pixel in range(8 if solid else 4):
        step = np.uint64(pixel & 1) + width * np.uint64((pixel >> 1) & 1)
        label = np.int64(labels[at + step + area * np.uint64(pixel >> 2)])
        if lookup[np.uint64(label - low)] == IGNORED:
            return True
    return False


def _pixel_elements(pair: _Pair) -> list[ElementTable]:
    """Elements of both masks at the border pixels; distances not known yet."""
    depth, height, width = pair.masks[0].shape
    planes = np.zeros((2, depth, height, -(-width // 64)), np.uint64)
    for mask, plane in zip(pair.masks, planes, strict=True):
        add_border_pixels(mask, plane, solid=pair.solid)
    room = _Room.of(max(count_bits(plane) for plane in planes), pair.classes)
    return [
        _listed(_emit_pixels, pair, own, (planes[own], planes[1 - own]), room) for own in (0, 1)
    ]


@compiled
def _emit_pixels(
    own: Any,
    other: Any,
    border: Any,
    other_border: Any,
    solid: bool,
    strides: Any,
    lookup: Any,
    low: int,
    ignored: Any,
    records: Any,
    found: Any,
    kept: Any,
) -> int:
    """List the border pixels of one mask, in order of position; how many."""
    depth, height, words = border.shape
    width = strides[1]
    reference, ignored_lookup, ignores = ignored
    count = 0
    for z in range(depth):
        for y in range(height):
            for w in range(words):
                bits = border[z, y, w]
                while bits:
                    bit = lowest_bit(bits)
                    bits &= bits - _ONE
                    x = 64 * w + bit
                    at = z * strides[0] + y * width + x
                    number = lookup[np.uint64(np.int64(own[at]) - low)]
                    if number < 0:
                        continue
                    found[number] += 1
                    if ignores and _is_next_to_ignored(
                        reference, at, strides, solid, ignored_lookup, low
                    ):
                        continue
                    side = -1
                    if own[at] == other[at]:
                        side = 0 if (other_border[z, y, w] >> np.uint64(bit)) & _ONE else 1
                    row = (z - 1 if solid else z) * (height - 2) + y - 1
                    position = row * (width - 2) + x - 1
                    records[count] = _record(position, 0, side, np.int64(number))
                    kept[number] += 1
                    count += 1
    return count


@compiled
def _is_next_to_ignored(
    labels: Any, at: int, strides: Any, solid: bool, lookup: Any, low: int
) -> bool:
    """Whether a pixel or one of its face neighbours does not count."""
    steps = (0, 1, -1, strides[1], -strides[1], strides[0], -strides[0])
    for k in range(7 if solid else 5):
        if lookup[np.uint64(np.int64(labels[at + steps[k]]) - low)] == IGNORED:
            return True
    return False


def _table(own: ElementTable, other: ElementTable, lattice: Lattice) -> ElementTable:
    """Copy of `own` with the distances to `other`."""
    distances, unsettled = nearest_elements(own, other, lattice)
    if unsettled.size:
        numbers = np.repeat(np.arange(own.found.size), np.diff(own.starts))
        theirs = np.repeat(np.arange(other.found.size), np.diff(other.starts))
        ask_trees(
            lattice.keys(theirs, other.positions),
            lattice.keys(numbers, own.positions),
            unsettled,
            distances,
            lattice,
        )
    return ElementTable(own.starts, own.found, own.positions, own.codes, distances, own.sides)
