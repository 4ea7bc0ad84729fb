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
from .compiled_jit import clear_above, compiled, inlined, lowest_bit
from .surfaces import Surfaces
from .vectorised_search import Lattice

#: Rows a class may look into, per element and in all; beyond that a KD-tree is cheaper.
_ROWS_PER_ELEMENT, _FREE_ROWS = 64, 200_000
#: Rows that are looked at as one first, as a power of two.
_BLOCK_BITS = 3
#: Steps to nothing at all; larger than any lattice, and exact when squared.
_FAR = 1 << 40
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
        (_FREE_ROWS, _ROWS_PER_ELEMENT),
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
    budget: Any,
    distances: Any,
    sides: Any,
    given_up: Any,
) -> None:
    depth, height, width = volume
    # A word before each row, a row before each slice, and a slice at either end stay empty, so
    # that a step beyond the lattice finds nothing.
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
        left = _search_near(
            own[mine],
            plane,
            strides,
            volume,
            spacing,
            labels,
            class_ids[number],
            distances[mine],
            sides[mine],
            far,
        )
        if left:
            if blocks.size == 0:
                blocks = np.zeros(depth * _block_rows(height) * row + 2, np.uint64)
            _search_far(
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


@inlined
def _word(strides: Any, z: int, y: int, x: int) -> Any:
    """Index of the word that holds the bit of a lattice point."""
    return (z + 1) * strides[0] + (y + 1) * strides[1] + 1 + (x >> 6)


@compiled
def _set_elements(plane: Any, strides: Any, positions: Any, height: int, width: int) -> Any:
    """Set the bits of some elements, ascending; first and last slice with one."""
    row = positions[0] // width
    first = z = row // height
    y, end = row % height, (row + 1) * width
    for i in range(positions.size):
        while positions[i] >= end:  # rarely more than a few rows: no division
            y, end = y + 1, end + width
            if y == height:
                z, y = z + 1, 0
        x = positions[i] - end + width
        plane[_word(strides, z, y, x)] |= _ONE << np.uint64(x & 63)
    return first, z


@compiled
def _clear_elements(plane: Any, strides: Any, positions: Any, height: int, width: int) -> None:
    """Clear the rows from the first to the last of some elements."""
    first, last = positions[0] // width, positions[positions.size - 1] // width
    start = _word(strides, first // height, first % height, 0)
    stop = _word(strides, last // height, last % height, width)
    plane[start : stop + 1] = 0


@inlined
def _gap(before: Any, here: Any, after: Any, bit: Any) -> Any:
    """Steps from a bit of the middle one of three words to the nearest set bit; 64 if further."""
    rest = np.uint64(63) - bit
    right = lowest_bit((here >> bit) | ((after << _ONE) << rest))
    left = clear_above((here << rest) | ((before >> _ONE) >> bit))
    return min(right, left)


@compiled
def _search_near(
    queries: Any,
    plane: Any,
    strides: Any,
    volume: Any,
    spacing: Any,
    labels: Any,
    class_id: int,
    distances: Any,
    sides: Any,
    far: Any,
) -> int:
    """Sides of the elements of one class, and distances to those in `plane` where they are small.

    The indices of the others are written to `far`, and the square of an upper bound instead of
    their distance; how many there are.
    """
    _, height, width = volume
    last_z, last_y, last_x = labels.shape[0] - 1, labels.shape[1] - 1, labels.shape[2] - 1
    sz, sy, sx = spacing
    area, row = strides
    solid = plane.size > 4 * area  # more than one slice
    in_row = np.full(65, np.inf)  # squared distances along a row; nothing within 64 steps
    for k in range(64):
        in_row[k] = (k * sx) ** 2
    row_squared, slice_squared = sy**2, sz**2
    # No row but the own one and those next to it is nearer than this.
    enough = (2 * sy) ** 2
    if solid:
        enough = min(enough, (2 * sz) ** 2, row_squared + slice_squared)
    left = 0
    line = queries[0] // width
    z, y, end = line // height, line % height, (line + 1) * width
    for q in range(queries.size):
        while queries[q] >= end:
            y, end = y + 1, end + width
            if y == height:
                z, y = z + 1, 0
        x = queries[q] - end + width
        at, bit = _word(strides, z, y, x), np.uint64(x & 63)
        if (plane[at] >> bit) & _ONE:
            distances[q], sides[q] = 0.0, 0
            continue
        label = labels[min(z, last_z), min(y, last_y), min(x, last_x)]
        sides[q] = 1 if np.int64(label) == class_id else -1
        best = in_row[_gap(plane[at - 1], plane[at], plane[at + 1], bit)]
        up, down = at - row, at + row
        gap = _gap(
            plane[up - 1] | plane[down - 1],
            plane[up] | plane[down],
            plane[up + 1] | plane[down + 1],
            bit,
        )
        best = min(best, row_squared + in_row[gap])
        if solid:
            up, down = at - area, at + area
            gap = _gap(
                plane[up - 1] | plane[down - 1],
                plane[up] | plane[down],
                plane[up + 1] | plane[down + 1],
                bit,
            )
            best = min(best, slice_squared + in_row[gap])
        if best <= enough:
            distances[q] = np.sqrt(best)
        else:
            distances[q] = best
            far[left] = q
            left += 1
    return left


@inlined
def _block_rows(height: int) -> int:
    """How many blocks of rows a slice has."""
    return ((height - 1) >> _BLOCK_BITS) + 1


@compiled
def _set_blocks(plane: Any, strides: Any, slices: Any, height: int, blocks: Any) -> None:
    """Some rows of a slice as one: a bit says whether any of them has it. A word before each."""
    row = strides[1]
    for z in range(slices[0], slices[1] + 1):
        for block in range(_block_rows(height)):
            to = (z * _block_rows(height) + block) * row + 1
            start = _word(strides, z, block << _BLOCK_BITS, 0)
            stop = start + row * min(1 << _BLOCK_BITS, height - (block << _BLOCK_BITS))
            for w in range(row - 1):
                bits = np.uint64(0)
                for at in range(start + w, stop, row):
                    bits |= plane[at]
                blocks[to + w] = bits


@inlined
def _nearest_in_row(plane: Any, at: int, x: int, words: int, step: float, bound: float) -> Any:
    """Steps along x to the nearest set bit of a row, to the left if negative.

    Where no bit is nearer than the `bound` (a squared distance; one step has the length `step`),
    the answer is some number of steps that is not nearer either. `at` is the word of `x`; the
    words before and after a row are empty.
    """
    bit = np.uint64(x & 63)
    rest = np.uint64(63) - bit
    here = plane[at]
    right = lowest_bit((here >> bit) | ((plane[at + 1] << _ONE) << rest))
    left = clear_above((here << rest) | ((plane[at - 1] >> _ONE) >> bit))
    if min(right, left) == 64:
        if (64 * step) ** 2 >= bound:
            return _FAR
        right = left = _FAR
        w = x >> 6
        reach = 64 - (x & 63)
        for ahead in range(1, words - w):
            if (reach * step) ** 2 >= bound:
                break
            if plane[at + ahead]:
                right = reach + lowest_bit(plane[at + ahead])
                break
            reach += 64
        reach = (x & 63) + 1
        for back in range(1, w + 1):
            if (reach * step) ** 2 >= bound:
                break
            if plane[at - back]:
                left = reach + clear_above(plane[at - back])
                break
            reach += 64
    return right if right <= left else -left


@compiled
def _search_far(
    far: Any,
    queries: Any,
    plane: Any,
    strides: Any,
    blocks: Any,
    slices: Any,
    some_element: int,
    volume: Any,
    spacing: Any,
    budget: int,
    distances: Any,
    given_up: Any,
) -> None:
    """Replace the bounds of :func:`_search_near` by distances, or give up beyond the budget."""
    _, height, width = volume
    sz, sy, sx = spacing
    words = strides[1] - 1
    last_of_block = (1 << _BLOCK_BITS) - 1
    # Below this squared distance there are too few rows for blocks of them to pay.
    many_rows = ((1 << _BLOCK_BITS) * sy) ** 2
    blocks_set = False
    near_z, near_y, near_x = _point(some_element, height, width)
    # What the last element in each piece of the rows found, as outlines go down as well as along.
    above = np.full((words << 3, 3), -1, np.int64)
    for q in far:
        if budget < 0:
            given_up[q] = True
            continue
        z, y, x = _point(queries[q], height, width)
        # Whatever the elements nearby found is near this one too: an upper bound to start from.
        best = distances[q]
        known = ((near_z - z) * sz) ** 2 + ((near_y - y) * sy) ** 2 + ((near_x - x) * sx) ** 2
        best = min(best, known)
        if above[x >> 3, 0] >= 0:
            up_z, up_y, up_x = above[x >> 3]
            known = ((up_z - z) * sz) ** 2 + ((up_y - y) * sy) ** 2 + ((up_x - x) * sx) ** 2
            if known < best:
                best = known
                near_z, near_y, near_x = up_z, up_y, up_x
        for far_z in range(max(z - slices[0], slices[1] - z) + 1):
            squared_z = (far_z * sz) ** 2
            if squared_z >= best:
                break
            for at_z in range(z - far_z, z + far_z + 1, max(1, 2 * far_z)):
                if at_z < slices[0] or at_z > slices[1]:
                    continue
                by_blocks = best - squared_z > many_rows
                if by_blocks and not blocks_set:
                    _set_blocks(plane, strides, slices, height, blocks)
                    blocks_set = True
                for way in (-1, 1):
                    at_y = y + (way > 0)
                    while 0 <= at_y < height:
                        squared = squared_z + ((at_y - y) * sy) ** 2
                        if squared >= best:
                            break
                        budget -= 1
                        if by_blocks and (at_y & last_of_block) == (
                            0 if way > 0 else last_of_block
                        ):
                            block = at_z * _block_rows(height) + (at_y >> _BLOCK_BITS)
                            at = block * strides[1] + 1 + (x >> 6)
                            gap = _nearest_in_row(blocks, at, x, words, sx, best - squared)
                            if squared + (gap * sx) ** 2 >= best:
                                at_y += way << _BLOCK_BITS
                                continue
                        at = _word(strides, at_z, at_y, x)
                        gap = _nearest_in_row(plane, at, x, words, sx, best - squared)
                        found = squared + (gap * sx) ** 2
                        if found < best:
                            best = found
                            near_z, near_y, near_x = at_z, at_y, x + gap
                        at_y += way
        above[x >> 3] = near_z, near_y, near_x
        distances[q] = np.sqrt(best)


@inlined
def _point(position: int, height: int, width: int) -> Any:
    """Coordinates of a flat lattice position."""
    line = position // width
    return line // height, line % height, position - line * width
