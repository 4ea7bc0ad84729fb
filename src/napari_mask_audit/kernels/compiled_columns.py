"""The search where much lies far, with numba: along the columns first, then along the row.

Where two outlines have little to do with each other, every element would look into many rows. It is
cheaper then to know, for every lattice point, how far the nearest element of its column is: two
sweeps over the rows. An element that looks along its own row finds everything.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled_jit import compiled, inlined

#: Rows to an element where a column has none; rows are counted in 16 bits.
_NONE = 1 << 14


@inlined
def columns_pay(volume: Any, points: int) -> bool:
    """Whether the lattice is flat and has no more than so many points."""
    depth, height, width = volume
    pay: bool = depth == 1 and height < _NONE and height * width <= points
    return pay


@compiled
def search_columns(
    far: Any, queries: Any, others: Any, volume: Any, spacing: Any, distances: Any
) -> None:
    """Replace the bounds of ``search_near`` by distances to the nearest of some other elements."""
    _, height, width = volume
    _, sy, sx = spacing
    rows_to = _rows_to_nearest(others, height, width)
    in_column = np.full(height + 1, np.inf)
    for k in range(height):
        in_column[k] = (k * sy) ** 2
    for q in far:
        y = queries[q] // width
        x = queries[q] - y * width
        row = rows_to[y]
        best = min(distances[q], in_column[min(row[x], height)])
        for step in range(1, max(x, width - 1 - x) + 1):
            squared = (step * sx) ** 2
            if squared >= best:
                break
            if step <= x:
                best = min(best, squared + in_column[min(row[x - step], height)])
            if x + step < width:
                best = min(best, squared + in_column[min(row[x + step], height)])
        distances[q] = np.sqrt(best)


@compiled
def _rows_to_nearest(positions: Any, height: int, width: int) -> Any:
    """Rows from every lattice point to the nearest element of its column, shape (y, x)."""
    rows_to = np.empty((height, width), np.int16)
    rows_to[0] = _NONE
    at = 0
    for y in range(height):
        here = rows_to[y]
        if y:
            before = rows_to[y - 1]
            for x in range(width):
                here[x] = before[x] + 1
        while at < positions.size and positions[at] < (y + 1) * width:
            here[positions[at] - y * width] = 0
            at += 1
    for y in range(height - 2, -1, -1):
        here, after = rows_to[y], rows_to[y + 1]
        for x in range(width):
            here[x] = min(here[x], after[x] + 1)
    return rows_to
