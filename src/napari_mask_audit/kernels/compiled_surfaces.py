"""Surface elements and their distances with numba: the same tables as ``vectorised_surfaces``.

One pass over the corners at which either mask changes emits the elements of all classes; each
class's elements are then searched row by row from the nearest row on, starting with the distance
to what the previous element found, so that most searches end within a few steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from . import vectorised_surfaces
from .compiled import as_volume, count_bits
from .compiled_jit import compiled, lowest_bit
from .compiled_planes import add_mixed_blocks
from .compiled_search import nearest_elements
from .surfaces import IGNORED, Convention, ElementTable, class_lookup, lattice_shape
from .vectorised_search import Lattice, ask_trees

_ONE = np.uint64(1)
#: More classes than this do not fit the class maps; numpy takes over.
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
    if convention == "surfel":
        nothing = np.empty(0, np.int64)
        first = _class_map(reference, class_ids, ignore_ids)
        second = _class_map(candidate, class_ids, nothing)
        sides = _corner_elements(first, second, reference.ndim, class_ids.size)
    else:
        sides = [
            _starts_of(*side, class_ids.size)
            for side in vectorised_surfaces.elements(
                reference, candidate, class_ids, ignore_ids, convention
            )
        ]
    return _table(sides[0], sides[1], lattice), _table(sides[1], sides[0], lattice)


def _class_map(
    labels: LabelArray, class_ids: NDArray[np.int64], ignore_ids: NDArray[np.int64]
) -> NDArray[np.int16]:
    """Class number of every pixel as (z, y, x), with one unwanted pixel around the image.

    2D images get no slices around them: their corners have four pixels.
    """
    volume = as_volume(labels)
    low, high = int(volume.min()), int(volume.max())
    lookup = class_lookup(class_ids, ignore_ids, low, high)
    around = 1 if labels.ndim == 3 else 0
    depth, height, width = volume.shape
    padded = np.full((depth + 2 * around, height + 2, width + 2), -1, np.int16)
    _look_up(volume, lookup, low, padded[around : depth + around, 1:-1, 1:-1])
    return padded


@compiled
def _look_up(labels: Any, lookup: Any, low: int, out: Any) -> None:
    depth, height, width = labels.shape
    for z in range(depth):
        for y in range(height):
            line, target = labels[z, y], out[z, y]
            for x in range(width):
                # Unsigned, so that the index needs no check for counting from the end.
                target[x] = lookup[np.uint64(line[x] - low)]


def _corner_elements(
    first: NDArray[np.int16], second: NDArray[np.int16], ndim: int, classes: int
) -> list[ElementTable]:
    """Elements of both masks at the pixel corners; distances not known yet."""
    depth, height, width = first.shape
    plane = np.zeros((max(1, depth - 1), height - 1, -(-width // 64)), np.uint64)
    add_mixed_blocks(first, plane)
    add_mixed_blocks(second, plane)
    strides = [height * width, width, 1][-ndim:]
    steps = np.array(
        [
            sum(stride * (bit >> place & 1) for place, stride in enumerate(reversed(strides)))
            for bit in range(1 << ndim)
        ]
    )
    # Untouched pages of these arrays cost nothing, so room for the worst case is not wasteful.
    room = count_bits(plane) * steps.size
    found, kept = np.zeros((2, classes), np.int64), np.zeros((2, classes), np.int64)
    numbers, positions = np.empty((2, room), np.int16), np.empty((2, room), np.int64)
    codes, sides = np.empty((2, room), np.uint8), np.empty((2, room), np.int8)
    listed = (found, kept, numbers, positions, codes, sides)
    counts = np.zeros(2, np.int64)
    _emit(first.reshape(-1), second.reshape(-1), width, plane, steps, counts, *listed)
    return [
        _sorted(
            numbers[side, : counts[side]],
            positions[side, : counts[side]],
            codes[side, : counts[side]],
            sides[side, : counts[side]],
            np.concatenate(([0], np.cumsum(kept[side]))),
            found[side],
        )
        for side in (0, 1)
    ]


@compiled
def _emit(
    first: Any,
    second: Any,
    width: int,
    plane: Any,
    steps: Any,
    counts: Any,
    found: Any,
    kept: Any,
    numbers: Any,
    positions: Any,
    codes: Any,
    sides: Any,
) -> None:
    """List the elements of both masks at every marked corner, in order of position."""
    pixels = steps.size
    around = np.empty((2, pixels), np.int16)
    full = (1 << pixels) - 1
    depth, height, words = plane.shape
    for z in range(depth):
        for y in range(height):
            for w in range(words):
                bits = plane[z, y, w]
                while bits:
                    x = 64 * w + lowest_bit(bits)
                    bits &= bits - _ONE
                    at = (z * (height + 1) + y) * width + x
                    touched = False
                    for k in range(pixels):
                        around[0, k], around[1, k] = first[at + steps[k]], second[at + steps[k]]
                        touched |= around[0, k] == IGNORED
                    listed = 0  # the pixels of the first mask whose class is done
                    for k in range(2 * pixels):
                        mask, pixel = (0, k) if k < pixels else (1, k - pixels)
                        number = around[mask, pixel]
                        if number < 0 or (listed >> k) & 1:
                            continue
                        code0, code1 = 0, 0
                        for j in range(pixels):
                            code0 |= int(around[0, j] == number) << j
                            code1 |= int(around[1, j] == number) << j
                        listed |= code0 | (code1 << pixels)
                        for side in range(2):
                            code, there = (code0, code1) if side == 0 else (code1, code0)
                            if code == 0 or code == full:
                                continue
                            found[side, number] += 1
                            if touched:
                                continue
                            kept[side, number] += 1
                            i = counts[side]
                            counts[side] = i + 1
                            numbers[side, i] = number
                            positions[side, i] = (z * height + y) * (width - 1) + x
                            codes[side, i] = code
                            sides[side, i] = 1 if there == full else (0 if there else -1)


def _sorted(
    numbers: NDArray[np.int16],
    positions: NDArray[np.int64],
    codes: NDArray[np.uint8],
    sides: NDArray[np.int8],
    starts: NDArray[np.int64],
    found: NDArray[np.int64],
) -> ElementTable:
    """Elements by class, in the same order within each class."""
    by_class = (
        np.empty(positions.size, np.int64),
        np.empty(positions.size, np.uint8),
        np.empty(positions.size, np.int8),
    )
    _distribute(numbers, positions, codes, sides, starts.copy(), *by_class)
    unknown = np.zeros(positions.size)
    return ElementTable(starts, found, by_class[0], by_class[1], unknown, by_class[2])


@compiled
def _distribute(
    numbers: Any,
    positions: Any,
    codes: Any,
    sides: Any,
    cursor: Any,
    positions_out: Any,
    codes_out: Any,
    sides_out: Any,
) -> None:
    for i in range(numbers.size):
        to = cursor[numbers[i]]
        cursor[numbers[i]] += 1
        positions_out[to], codes_out[to], sides_out[to] = positions[i], codes[i], sides[i]


def _starts_of(
    elements: vectorised_surfaces.Elements, found: NDArray[np.int64], classes: int
) -> ElementTable:
    starts = np.searchsorted(elements.classes, np.arange(classes + 1))
    unknown = np.zeros(elements.positions.size)
    return ElementTable(starts, found, elements.positions, elements.codes, unknown, elements.sides)


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
