"""The search for what lies far, with numba: row by row, and by blocks of rows at first.

An element starts with the distance to what the elements near it found, so that few rows need a
look even where nothing is near.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled_jit import clear_above, compiled, inlined, lowest_bit
from .compiled_near import first_bit

#: Rows that are looked at as one first, as a power of two.
_BLOCK_BITS = 3
#: Steps to nothing at all; larger than any lattice, and exact when squared.
_FAR = 1 << 40
_ONE = np.uint64(1)


@inlined
def _word(strides: Any, z: int, y: int, x: int) -> Any:
    """Index of the word that holds the bit of a lattice point."""
    return (first_bit(strides, z, y) + x) >> 6


@inlined
def block_rows(height: int) -> int:
    """How many blocks of rows a slice has."""
    return ((height - 1) >> _BLOCK_BITS) + 1


@inlined
def _set_block(plane: Any, strides: Any, z: int, block: int, height: int, blocks: Any) -> None:
    """Some rows of a slice as one: a bit says whether any of them has it. A word before each."""
    row = strides[1]
    to = (z * block_rows(height) + block) * row + 1
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
def search_far(
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
    """Replace the bounds of ``search_near`` by distances, or give up beyond the budget."""
    depth, height, width = volume
    sz, sy, sx = spacing
    words = strides[1] - 1
    last_of_block = (1 << _BLOCK_BITS) - 1
    # Below this squared distance there are too few rows for blocks of them to pay.
    many_rows = ((1 << _BLOCK_BITS) * sy) ** 2
    is_set = np.zeros(depth * block_rows(height), np.bool_)
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
                            block = at_z * block_rows(height) + (at_y >> _BLOCK_BITS)
                            if not is_set[block]:
                                _set_block(
                                    plane, strides, at_z, at_y >> _BLOCK_BITS, height, blocks
                                )
                                is_set[block] = True
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
