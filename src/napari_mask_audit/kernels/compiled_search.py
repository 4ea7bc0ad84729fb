"""Exact nearest-neighbour search among surface elements with numba.

The elements of one class are set as bits of a plane, 64 lattice points per word, so that the
nearest one in a row is found by looking at a word or two. Every element looks into the rows around
it, nearest first, starting with the distance to what the element before it found; most need a few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled_jit import clear_above, compiled, inlined, lowest_bit
from .surfaces import ElementTable
from .vectorised_search import Lattice

#: Rows a class may look into, per element and in all; beyond that a KD-tree is cheaper.
_ROWS_PER_ELEMENT, _FREE_ROWS = 64, 200_000
#: Steps to nothing at all; larger than any lattice, and exact when squared.
_FAR = 1 << 40
_ONE = np.uint64(1)


def nearest_elements(
    own: ElementTable, other: ElementTable, lattice: Lattice
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distance of every element of `own` to the nearest one of its class in `other`.

    Returns
    -------
    distances : ndarray of float64, shape (E,)
        inf where `other` has no element of the class.
    unsettled : ndarray of int64
        Indices of the elements whose search was given up; their distance is not known.
    """
    distances = np.zeros(own.positions.size)
    given_up = np.zeros(own.positions.size, np.bool_)
    sz, sy, sx = (1.0, *lattice.spacing)[-3:]
    _search_classes(
        own.starts,
        own.positions,
        own.sides,
        other.starts,
        other.positions,
        lattice.volume,
        (sz, sy, sx),
        (_FREE_ROWS, _ROWS_PER_ELEMENT),
        distances,
        given_up,
    )
    return distances, np.flatnonzero(given_up)


@compiled
def _search_classes(
    own_starts: Any,
    own: Any,
    sides: Any,
    other_starts: Any,
    other: Any,
    volume: Any,
    spacing: Any,
    budget: Any,
    distances: Any,
    given_up: Any,
) -> None:
    depth, height, width = volume
    words = (width + 63) // 64
    # A word of zeros before each row, and one after the last.
    plane = np.zeros(depth * height * (words + 1) + 1, np.uint64)
    for number in range(own_starts.size - 1):
        mine = slice(own_starts[number], own_starts[number + 1])
        theirs = slice(other_starts[number], other_starts[number + 1])
        if mine.start == mine.stop:
            continue
        if theirs.start == theirs.stop:
            distances[mine] = np.inf
            continue
        rows = _set_elements(plane, other[theirs], width)
        _search(
            own[mine],
            sides[mine],
            plane,
            rows,
            other[theirs.start] % width,
            volume,
            spacing,
            budget[0] + budget[1] * (theirs.stop - theirs.start),
            distances[mine],
            given_up[mine],
        )
        plane[rows[0] * (words + 1) : (rows[1] + 1) * (words + 1)] = 0


@compiled
def _set_elements(plane: Any, positions: Any, width: int) -> Any:
    """Set the bits of some elements, ascending; first and last row with one."""
    words = (width + 63) // 64
    row = first = positions[0] // width
    end = (row + 1) * width
    for i in range(positions.size):
        while positions[i] >= end:
            row = positions[i] // width
            end = (row + 1) * width
        x = positions[i] - end + width
        plane[row * (words + 1) + 1 + (x >> 6)] |= _ONE << np.uint64(x & 63)
    return first, row


@inlined
def _nearest_in_row(plane: Any, start: int, words: int, x: int, step: float, bound: float) -> int:
    """Steps along x to the nearest set bit of a row, to the left if negative.

    Where no bit is nearer than the `bound` (a squared distance; one step has the length `step`),
    the answer is some number of steps that is not nearer either. `start` is the word before the
    row's first; it and the one after the row are 0.
    """
    at, bit = start + 1 + (x >> 6), np.uint64(x & 63)
    rest = np.uint64(63) - bit
    word = plane[at]
    # The 64 bits from x on and the 64 bits up to x, without asking where words end.
    right = lowest_bit((word >> bit) | ((plane[at + 1] << _ONE) << rest))
    left = clear_above((word << rest) | ((plane[at - 1] >> _ONE) >> bit))
    if right == 64 and left == 64 and (64 * step) ** 2 < bound:
        right, left = _FAR, _FAR
        reach = 64 - np.int64(bit)
        for ahead in range(at + 1, start + words + 1):
            if (reach * step) ** 2 >= bound:
                break
            if plane[ahead]:
                right = reach + lowest_bit(plane[ahead])
                break
            reach += 64
        reach = np.int64(bit) + 1
        for back in range(at - 1, start, -1):
            if (reach * step) ** 2 >= bound:
                break
            if plane[back]:
                left = reach + clear_above(plane[back])
                break
            reach += 64
    return right if right <= left else -left


@compiled
def _search(
    queries: Any,
    sides: Any,
    plane: Any,
    rows: Any,
    first_x: int,
    volume: Any,
    spacing: Any,
    budget: int,
    distances: Any,
    given_up: Any,
) -> None:
    """Distances of one class to the elements set in `plane`, which lie in `rows` (both ends)."""
    _, height, width = volume
    sz, sy, sx = spacing
    words = (width + 63) // 64
    first_slice, last_slice = rows[0] // height, rows[1] // height
    guess_z, guess_y, guess_x = first_slice, rows[0] % height, first_x
    z, y, end = 0, 0, 0
    coincident = -1  # the last element that lies on the other surface
    for q in range(queries.size):
        if sides[q] == 0:
            coincident = queries[q]
            continue
        if budget < 0:
            given_up[q] = True
            continue
        if queries[q] >= end:
            row = queries[q] // width
            z, y, end = row // height, row % height, (row + 1) * width
        x = queries[q] - end + width
        # Whatever the last elements found is near this one too: an upper bound to start from.
        best = ((guess_z - z) * sz) ** 2 + ((guess_y - y) * sy) ** 2 + ((guess_x - x) * sx) ** 2
        if coincident >= end - width:
            along = ((x - (coincident - end + width)) * sx) ** 2
            if along < best:
                best = along
                guess_z, guess_y, guess_x = z, y, coincident - end + width
        for far_z in range(max(z - first_slice, last_slice - z) + 1):
            squared_z = (far_z * sz) ** 2
            if squared_z >= best:
                break
            for sign_z in range(-1, 2, 2):
                at_z = z + sign_z * far_z
                if at_z < first_slice or at_z > last_slice or (far_z == 0 and sign_z > 0):
                    continue
                for far_y in range(max(y + 1, height - y)):
                    squared = squared_z + (far_y * sy) ** 2
                    if squared >= best:
                        break
                    for sign_y in range(-1, 2, 2):
                        at_y = y + sign_y * far_y
                        if at_y < 0 or at_y >= height or (far_y == 0 and sign_y > 0):
                            continue
                        budget -= 1
                        line = at_z * height + at_y
                        if line < rows[0] or line > rows[1]:
                            continue
                        gap = _nearest_in_row(plane, line * (words + 1), words, x, sx, best - squared)
                        found = squared + (gap * sx) ** 2
                        if found < best:
                            best = found
                            guess_z, guess_y, guess_x = at_z, at_y, x + gap
        distances[q] = np.sqrt(best)
