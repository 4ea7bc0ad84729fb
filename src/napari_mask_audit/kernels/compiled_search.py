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
from .surfaces import Surfaces
from .vectorised_search import Lattice

#: Rows a class may look into, per element and in all; beyond that a KD-tree is cheaper.
_ROWS_PER_ELEMENT, _FREE_ROWS = 64, 200_000
#: Steps to nothing at all; larger than any lattice, and exact when squared.
_FAR = 1 << 40
_ONE = np.uint64(1)


def nearest_elements(
    own: Surfaces, other: Surfaces, lattice: Lattice
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
    other_starts: Any,
    other: Any,
    volume: Any,
    spacing: Any,
    budget: Any,
    distances: Any,
    given_up: Any,
) -> None:
    depth, height, width = volume
    # A word before each row, a row before each slice, and a slice at either end stay empty, so
    # that a step beyond the lattice finds nothing.
    row = (width + 63) // 64 + 1
    strides = ((height + 1) * row, row)
    plane = np.zeros((depth + 2) * strides[0] + 2 * row, np.uint64)
    for number in range(own_starts.size - 1):
        mine = slice(own_starts[number], own_starts[number + 1])
        theirs = slice(other_starts[number], other_starts[number + 1])
        if mine.start == mine.stop:
            continue
        if theirs.start == theirs.stop:
            distances[mine] = np.inf
            continue
        slices = _set_elements(plane, strides, other[theirs], height, width)
        guess = other[theirs.start] // width
        _search(
            own[mine],
            plane,
            strides,
            slices,
            (guess // height, guess % height, other[theirs.start] % width),
            (height, width),
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


@inlined
def _nearest_in_row(plane: Any, at: int, x: int, words: int, step: float, bound: float) -> Any:
    """Steps along x to the nearest set bit of a row, to the left if negative.

    Where no bit is nearer than the `bound` (a squared distance; one step has the length `step`),
    the answer is some number of steps that is not nearer either. `at` is the word of `x`.
    """
    w, bit = x >> 6, x & 63
    right = left = _FAR
    word = plane[at] >> np.uint64(bit)
    reach = 64 - bit
    if word:
        right = lowest_bit(word)
    else:
        for ahead in range(1, words - w):
            if (reach * step) ** 2 >= bound:
                break
            if plane[at + ahead]:
                right = reach + lowest_bit(plane[at + ahead])
                break
            reach += 64
    word = plane[at] << np.uint64(63 - bit)
    reach = bit + 1
    if word:
        left = clear_above(word)
    else:
        for back in range(1, w + 1):
            if (reach * step) ** 2 >= bound:
                break
            if plane[at - back]:
                left = reach + clear_above(plane[at - back])
                break
            reach += 64
    return right if right <= left else -left


@compiled
def _search(
    queries: Any,
    plane: Any,
    strides: Any,
    slices: Any,
    guess: Any,
    extent: Any,
    spacing: Any,
    budget: int,
    distances: Any,
    given_up: Any,
) -> None:
    """Distances of one class to the elements set in `plane`, which lie in `slices` (both ends)."""
    height, width = extent
    sz, sy, sx = spacing
    solid = plane.size > 4 * strides[0]  # more than one slice
    area, row = strides
    in_row = np.full(65, np.inf)  # squared distances along a row; nothing within 64 steps
    for k in range(64):
        in_row[k] = (k * sx) ** 2
    row_squared, slice_squared = sy**2, sz**2
    # No row but the own one and those next to it is nearer than this.
    enough = (2 * sy) ** 2
    if solid:
        enough = min(enough, (2 * sz) ** 2, row_squared + slice_squared)
    line = queries[0] // width
    z, y, end = line // height, line % height, (line + 1) * width
    guess_z, guess_y, guess_x = guess
    coincident = -1  # the last element that lies on the other surface
    for q in range(queries.size):
        while queries[q] >= end:
            y, end = y + 1, end + width
            if y == height:
                z, y = z + 1, 0
        x = queries[q] - end + width
        at, bit = _word(strides, z, y, x), np.uint64(x & 63)
        if (plane[at] >> bit) & _ONE:
            coincident = queries[q]
            continue
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
            continue
        if budget < 0:
            given_up[q] = True
            continue
        # Whatever the last elements found is near this one too: an upper bound to start from.
        known = ((guess_z - z) * sz) ** 2 + ((guess_y - y) * sy) ** 2 + ((guess_x - x) * sx) ** 2
        best = min(best, known)
        if coincident >= end - width:
            best = min(best, ((x - (coincident - end + width)) * sx) ** 2)
        for far_z in range(max(z - slices[0], slices[1] - z) + 1):
            squared_z = (far_z * sz) ** 2
            if squared_z >= best:
                break
            for sign_z in range(-1, 2, 2):
                at_z = z + sign_z * far_z
                if at_z < slices[0] or at_z > slices[1] or (far_z == 0 and sign_z > 0):
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
                        there = _word(strides, at_z, at_y, x)
                        gap = _nearest_in_row(plane, there, x, row - 1, sx, best - squared)
                        found = squared + (gap * sx) ** 2
                        if found < best:
                            best = found
                            guess_z, guess_y, guess_x = at_z, at_y, x + gap
        distances[q] = np.sqrt(best)
