"""Exact nearest-neighbour search among surface elements with numba.

The elements of one class are set as bits of a plane, 64 lattice points per word, so that the
nearest one in a row is found by looking at a word or two. Every element looks into the rows around
it, nearest first, starting with the distance to what the element before it found; most need a few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from .compiled_columns import columns_pay, search_columns
from .compiled_far import block_rows, search_far
from .compiled_jit import compiled
from .compiled_near import first_bit, search_near
from .surfaces import Surfaces, row_offsets
from .vectorised_search import Lattice

#: Rows a class may look into, per element and in all; beyond that a KD-tree is cheaper.
_ROWS_PER_ELEMENT, _FREE_ROWS = 64, 200_000
#: Lattice points that take as long to prepare as looking far takes for one element.
_POINTS_PER_ELEMENT = 1024
#: Rows to look into one by one, nearest first, before blocks of them are.
_NEAR_ROWS = 17
_ONE = np.uint64(1)


def nearest_elements(
    own: Surfaces, other: Surfaces, labels: LabelArray, lattice: Lattice
) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]:
    """Distance of every element of `own` to the nearest one of its class in `other`.

    Parameters
    ----------
    own, other : Surfaces
    labels : ndarray of uint8, uint16 or int32, shape (z, y, x)
        Those of `other`.
    lattice : Lattice

    Returns
    -------
    distances : ndarray of float64, shape (E,)
        inf where `other` has no element of the class.
    sides : ndarray of int8, shape (E,)
        See :func:`~napari_mask_audit.kernels.surfaces.sides_of`.
    unsettled : ndarray of int64
        Indices of the elements whose search was given up; their distance is not known.
    """
    distances = np.empty(own.positions.size)
    sides = np.empty(own.positions.size, np.int8)
    given_up = np.zeros(own.positions.size, np.bool_)
    sz, sy, sx = (1.0, *lattice.spacing)[-3:]
    _search_classes(
        own.class_ids,
        own.starts,
        own.positions,
        other.starts,
        other.positions,
        labels,
        lattice.volume,
        (sz, sy, sx),
        *row_offsets(lattice.shape, lattice.spacing, _NEAR_ROWS),
        (_FREE_ROWS, _ROWS_PER_ELEMENT, _POINTS_PER_ELEMENT),
        distances,
        sides,
        given_up,
    )
    return distances, sides, np.flatnonzero(given_up)


@compiled
def _search_classes(
    class_ids: Any,
    own_starts: Any,
    own: Any,
    other_starts: Any,
    other: Any,
    labels: Any,
    volume: Any,
    spacing: Any,
    steps: Any,
    squared: Any,
    budget: Any,
    distances: Any,
    sides: Any,
    given_up: Any,
) -> None:
    depth, height, width = volume
    row = (width + 63) // 64 + 1
    strides = ((height + 1) * row, row)
    plane = np.zeros((depth + 2) * strides[0] + 2 * row, np.uint64)
    blocks = np.zeros(0, np.uint64)
    far = np.empty(0, np.int64)
    for number in range(own_starts.size - 1):
        mine = slice(own_starts[number], own_starts[number + 1])
        theirs = slice(other_starts[number], other_starts[number + 1])
        if mine.start == mine.stop:
            continue
        if theirs.start == theirs.stop:
            distances[mine], sides[mine] = np.inf, -1
            continue
        if far.size < mine.stop - mine.start:
            far = np.empty(mine.stop - mine.start, np.int64)
        slices = _set_elements(plane, strides, other[theirs], height, width)
        left = search_near(
            own[mine],
            plane,
            strides,
            volume,
            spacing,
            steps,
            squared,
            labels,
            class_ids[number],
            distances[mine],
            sides[mine],
            far,
        )
        if left and columns_pay(volume, left * budget[2]):
            search_columns(far[:left], own[mine], other[theirs], volume, spacing, distances[mine])
        elif left:
            if blocks.size == 0:
                blocks = np.zeros(depth * block_rows(height) * row + 2, np.uint64)
            search_far(
                far[:left],
                own[mine],
                plane,
                strides,
                blocks,
                slices,
                other[theirs.start],
                volume,
                spacing,
                budget[0] + budget[1] * (theirs.stop - theirs.start),
                distances[mine],
                given_up[mine],
            )
        _clear_elements(plane, strides, other[theirs], height, width)


@compiled
def _set_elements(plane: Any, strides: Any, positions: Any, height: int, width: int) -> Any:
    """Set the bits of some elements, ascending; first and last slice with one."""
    z = end = start = 0
    y = -1
    for position in positions:
        if position >= end:
            y, end = y + 1, end + width
            if position >= end or y == height:  # not the next row of the slice: divide
                line = position // width
                z, y, end = line // height, line % height, (line + 1) * width
            start = first_bit(strides, z, y) - end + width
        bit = start + position
        plane[np.uint64(bit >> 6)] |= _ONE << np.uint64(bit & 63)
    return positions[0] // width // height, positions[positions.size - 1] // width // height


@compiled
def _clear_elements(plane: Any, strides: Any, positions: Any, height: int, width: int) -> None:
    """Clear the rows from the first to the last of some elements."""
    first, last = positions[0] // width, positions[positions.size - 1] // width
    start = first_bit(strides, first // height, first % height) >> 6
    stop = (first_bit(strides, last // height, last % height) + width) >> 6
    plane[start : stop + 1] = 0
