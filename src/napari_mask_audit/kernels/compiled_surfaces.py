"""Surface elements and their distances with numba: the same as ``vectorised_surfaces`` finds.

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
from .surfaces import Convention, Surfaces, class_lookup, padding_label
from .vectorised_search import Lattice, ask_trees

_ONE = np.uint64(1)
#: More classes than this do not fit their numbers; numpy takes over.
_MOST_CLASSES = (1 << 15) - 1


def find_surfaces(
    labels: LabelArray, class_ids: NDArray[np.int64], convention: Convention
) -> Surfaces:
    """Elements of one mask; see :func:`napari_mask_audit.kernels.find_surfaces`."""
    if class_ids.size > _MOST_CLASSES:
        return vectorised_surfaces.find_surfaces(labels, class_ids, convention)
    pixels = _Pixels.of(*vectorised_surfaces.renumbered(labels, class_ids))
    extract = _corner_elements if convention == "surfel" else _pixel_elements
    return Surfaces(labels, convention, class_ids, *extract(pixels))


def distances_to(
    surfaces: Surfaces, other: Surfaces, spacing: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Distance of every element to the other mask's surface, and on which side of it it lies."""
    lattice = Lattice(surfaces.lattice, spacing)
    labels = as_volume(other.labels)
    distances, sides, unsettled = nearest_elements(surfaces, other, labels, lattice)
    if unsettled.size:
        squared = ask_trees(
            lattice.keys(other.numbers, other.positions),
            lattice.keys(surfaces.numbers[unsettled], surfaces.positions[unsettled]),
            lattice,
        )
        distances[unsettled] = np.sqrt(squared)
    return distances, sides


@dataclass(frozen=True)
class _Pixels:
    """A mask with one unwanted pixel around, as (z, y, x), and the classes of its labels.

    2D images get no slices around them: their corners have four pixels.
    """

    padded: LabelArray
    solid: bool
    class_ids: NDArray[np.int64]
    lookup: NDArray[np.int16]
    low: int

    @classmethod
    def of(cls, labels: LabelArray, class_ids: NDArray[np.int64]) -> _Pixels:
        volume = as_volume(labels)
        outside, dtype = padding_label(volume.dtype, class_ids)
        solid = labels.ndim == 3
        padded = _padded(volume, solid, outside, dtype)
        low, high = 0, int(np.iinfo(dtype).max)
        if dtype == np.int32:
            low, high = min(outside, int(volume.min())), max(outside, int(volume.max()))
        return cls(padded, solid, class_ids, class_lookup(class_ids, low, high), low)

    @property
    def only_label(self) -> Any:
        """The label that was asked for, if it is one that such a mask can hold; None if several."""
        kind = np.iinfo(self.padded.dtype)
        if self.class_ids.size != 1 or not kind.min <= self.class_ids[0] <= kind.max:
            return None
        return self.padded.dtype.type(self.class_ids[0])

    @property
    def strides(self) -> tuple[int, int]:
        """Pixels of a slice and of a row."""
        _, height, width = self.padded.shape
        return height * width, width


def _padded(volume: LabelArray, solid: bool, outside: int, dtype: np.dtype[Any]) -> LabelArray:
    around = ((1, 1) if solid else (0, 0), (1, 1), (1, 1))
    padded = np.pad(volume.astype(dtype, copy=False), around, constant_values=outside)
    padded.flags.writeable = False
    return padded


#: Starts of the classes, positions and codes of elements.
_Elements = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]


def _by_class(records: NDArray[np.int64], counts: NDArray[np.int64]) -> _Elements:
    """The elements by class, in the same order within each class."""
    starts = np.concatenate(([0], np.cumsum(counts)))
    positions, codes = np.empty(records.size, np.int64), np.empty(records.size, np.uint8)
    _deal(records, starts.copy(), positions, codes)
    return starts, positions, codes


@inlined
def _record(position: Any, code: Any, number: Any) -> Any:
    """An element as one number."""
    return (position << 23) | (code << 15) | number


@compiled
def _deal(records: Any, cursor: Any, positions: Any, codes: Any) -> None:
    """Write the elements to where the cursor of their class stands."""
    for i in range(records.size):
        record = records[i]
        number = record & 0x7FFF
        to = cursor[number]
        cursor[number] = to + 1
        positions[to] = record >> 23
        codes[to] = (record >> 15) & 0xFF


def _corner_elements(pixels: _Pixels) -> _Elements:
    """Elements at the pixel corners."""
    depth, height, width = pixels.padded.shape
    plane = np.zeros((depth - pixels.solid, height - 1, -(-width // 64)), np.uint64)
    add_mixed_blocks(pixels.padded, plane)
    if pixels.only_label is not None:
        return _corners_of_one(pixels, plane)
    # Pages of an array that are never written to cost nothing: room for the worst case.
    records = np.empty(count_bits(plane) * (8 if pixels.solid else 4), np.int64)
    return _listed(_emit_corners, pixels, plane, records)


def _corners_of_one(pixels: _Pixels, plane: NDArray[np.uint64]) -> _Elements:
    """The elements of a single class: they are in order as they are found."""
    found = count_bits(plane)
    positions, codes = np.empty(found, np.int64), np.empty(found, np.uint8)
    count = _emit_one(
        pixels.padded.reshape(-1),
        plane,
        pixels.solid,
        pixels.strides,
        pixels.only_label,
        positions,
        codes,
    )
    return np.array([0, count]), positions[:count], codes[:count]


@compiled
def _emit_one(
    labels: Any,
    plane: Any,
    solid: bool,
    strides: Any,
    label: Any,
    positions: Any,
    codes: Any,
) -> int:
    """List the elements of one label at the marked corners; how many."""
    area, width = np.uint64(strides[0]), np.uint64(strides[1])
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
                    code = _code(labels, at, area, width, solid, label)
                    positions[count] = (z * height + y) * (strides[1] - 1) + x
                    codes[count] = code
                    count += 0 < code < full
    return count


def _listed(
    emit: Callable[..., int],
    pixels: _Pixels,
    plane: NDArray[np.uint64],
    records: NDArray[np.int64],
) -> _Elements:
    """Elements where the plane has bits."""
    counts = np.zeros(pixels.class_ids.size, np.int64)
    count = emit(
        pixels.padded.reshape(-1),
        plane,
        pixels.solid,
        pixels.strides,
        pixels.lookup,
        pixels.low,
        records,
        counts,
    )
    return _by_class(records[:count], counts)


@compiled
def _emit_corners(
    labels: Any,
    plane: Any,
    solid: bool,
    strides: Any,
    lookup: Any,
    low: int,
    records: Any,
    counts: Any,
) -> int:
    """List the elements at the marked corners, in order of position; how many."""
    area, width = np.uint64(strides[0]), np.uint64(strides[1])
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
                    position = (z * height + y) * (strides[1] - 1) + x
                    listed = 0  # the pixels around whose label is done
                    while listed != full:
                        pixel = lowest_bit(np.uint64(~listed))
                        step = np.uint64(pixel & 1)
                        step += width * np.uint64((pixel >> 1) & 1)
                        step += area * np.uint64(pixel >> 2)
                        label = labels[at + step]
                        code = _code(labels, at, area, width, solid, label)
                        listed |= code
                        number = lookup[np.uint64(np.int64(label) - low)]
                        if number >= 0:
                            records[count] = _record(position, code, np.int64(number))
                            counts[number] += 1
                            count += 1
    return count


@inlined
def _code(labels: Any, at: Any, area: Any, width: Any, solid: bool, label: Any) -> Any:
    """Which of the pixels around a corner have a label; bit 4·dz + 2·dy + dx."""
    if solid:
        behind = at + area
        return equal_pairs(labels, (at, at + width, behind, behind + width), label)
    return equal_pairs(labels, (at, at + width), label)


def _pixel_elements(pixels: _Pixels) -> _Elements:
    """Elements at the border pixels."""
    depth, height, width = pixels.padded.shape
    plane = np.zeros((depth, height, -(-width // 64)), np.uint64)
    add_border_pixels(pixels.padded, plane, solid=pixels.solid)
    return _listed(_emit_pixels, pixels, plane, np.empty(count_bits(plane), np.int64))


@compiled
def _emit_pixels(
    labels: Any,
    plane: Any,
    solid: bool,
    strides: Any,
    lookup: Any,
    low: int,
    records: Any,
    counts: Any,
) -> int:
    """List the border pixels, in order of position; how many."""
    depth, height, words = plane.shape
    width = strides[1]
    count = 0
    for z in range(depth):
        for y in range(height):
            row = (z - 1 if solid else z) * (height - 2) + y - 1
            for w in range(words):
                bits = plane[z, y, w]
                while bits:
                    x = 64 * w + lowest_bit(bits)
                    bits &= bits - _ONE
                    label = np.int64(labels[z * strides[0] + y * width + x])
                    number = lookup[np.uint64(label - low)]
                    if number >= 0:
                        records[count] = _record(row * (width - 2) + x - 1, 0, np.int64(number))
                        counts[number] += 1
                        count += 1
    return count
