"""Exact nearest-neighbour search among surface elements with numba."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled_jit import compiled
from .surfaces import ElementTable
from .vectorised_search import Lattice

#: Rows a class may look into, per element and in all; beyond that a KD-tree is cheaper.
_ROWS_PER_ELEMENT, _FREE_ROWS = 64, 200_000


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
    distances = np.full(own.positions.size, np.inf)
    given_up = np.zeros(own.positions.size, np.bool_)
    _, height, width = lattice.volume
    sz, sy, sx = (1.0, *lattice.spacing)[-3:]
    for number in range(own.found.size):
        mine = slice(own.starts[number], own.starts[number + 1])
        theirs = slice(other.starts[number], other.starts[number + 1])
        positions = other.positions[theirs]
        if positions.size == 0 or mine.start == mine.stop:
            continue
        rows = positions // width
        first_row = int(rows[0])
        pointers = np.searchsorted(rows, np.arange(first_row, int(rows[-1]) + 2))
        _search(
            own.positions[mine],
            own.sides[mine],
            (positions - rows * width).astype(np.int32),
            rows.astype(np.int32),
            pointers.astype(np.int32),
            first_row,
            (height, width),
            (sz, sy, sx),
            distances[mine],
            given_up[mine],
            _FREE_ROWS + _ROWS_PER_ELEMENT * positions.size,
        )
    return distances, np.flatnonzero(given_up)


@compiled
def _search(
    queries: Any,
    sides: Any,
    xs: Any,
    rows: Any,
    pointers: Any,
    first_row: int,
    extent: Any,
    spacing: Any,
    distances: Any,
    given_up: Any,
    budget: int,
) -> None:
    """Distances of one class; elements are `xs` sorted within the rows that `pointers` delimit."""
    height, width = extent
    sz, sy, sx = spacing
    last_row = first_row + pointers.size - 2
    first_slice, last_slice = first_row // height, last_row // height
    guess = 0
    for q in range(queries.size):
        if sides[q] == 0:
            distances[q] = 0.0
            continue
        row, x = queries[q] // width, queries[q] % width
        z, y = row // height, row % height
        if budget < 0:
            given_up[q] = True
            continue
        # Whatever the last element found is near this one too: an upper bound to start from.
        dz, dy = rows[guess] // height - z, rows[guess] % height - y
        dx = xs[guess] - x
        best = (dz * sz) ** 2 + (dy * sy) ** 2 + (dx * sx) ** 2
        for far_z in range(max(z - first_slice, last_slice - z) + 1):
            squared_z = (far_z * sz) ** 2
            if squared_z >= best:
                break
            for sign_z in range(-1, 2, 2):
                at_z = z + sign_z * far_z
                if at_z < first_slice or at_z > last_slice or (far_z == 0 and sign_z > 0):
                    continue
                for far_y in range(height):
                    squared = squared_z + (far_y * sy) ** 2
                    if squared >= best:
                        break
                    for sign_y in range(-1, 2, 2):
                        at_y = y + sign_y * far_y
                        if at_y < 0 or at_y >= height or (far_y == 0 and sign_y > 0):
                            continue
                        budget -= 1
                        line = at_z * height + at_y - first_row
                        if line < 0 or line >= pointers.size - 1:
                            continue
                        low, high = pointers[line], pointers[line + 1]
                        stop = high
                        while low < high:
                            middle = (low + high) // 2
                            if xs[middle] < x:
                                low = middle + 1
                            else:
                                high = middle
                        if low < stop:
                            found = squared + ((xs[low] - x) * sx) ** 2
                            if found < best:
                                best, guess = found, low
                        if low > pointers[line]:
                            found = squared + ((x - xs[low - 1]) * sx) ** 2
                            if found < best:
                                best, guess = found, low - 1
        distances[q] = np.sqrt(best)
