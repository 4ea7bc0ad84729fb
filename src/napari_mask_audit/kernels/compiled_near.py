"""The search for what lies close, with numba: where nearly all elements find their neighbour.

Every element looks at a few lattice points in its own row and the rows next to it, whose bits are
taken out of the plane together and looked up in a table. The few that find nothing there look
further, at some dozen points in each of the next rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled_jit import clear_above, compiled, eight_bytes, inlined, lowest_bit, two_bytes

#: Steps to either side that are looked at first, and the bits of all those points.
_STEPS = 3
_BITS = np.uint64((1 << 2 * _STEPS + 1) - 1)
#: Steps to either side that eight bytes are sure to hold, wherever in a byte they begin.
_REACH = 28


@inlined
def first_bit(strides: Any, z: Any, y: Any) -> Any:
    """Number of the bit of a plane that stands for the first lattice point of a row.

    A word before each row, a row before each slice, and a slice at either end stay empty, so that
    a step beyond the lattice finds nothing.
    """
    return ((z + 1) * strides[0] + (y + 1) * strides[1] + 1) << 6


@inlined
def _nearest_of_some(step: float) -> Any:
    """Squared distance from the middle one of a few points to the nearest that is set."""
    table = np.full(1 << 2 * _STEPS + 1, np.inf)
    for bits in range(table.size):
        for k in range(2 * _STEPS + 1):
            if (bits >> k) & 1:
                table[bits] = min(table[bits], ((k - _STEPS) * step) ** 2)
    return table


@compiled
def search_near(
    queries: Any,
    plane: Any,
    strides: Any,
    volume: Any,
    spacing: Any,
    steps: Any,
    squared: Any,
    labels: Any,
    class_id: int,
    distances: Any,
    sides: Any,
    far: Any,
) -> int:
    """Sides of the elements of one class, and distances to those in `plane` where they are small.

    The indices of the others are written to `far`, and the square of an upper bound instead of
    their distance; how many there are. `steps` and `squared` are the rows to look into: see
    :func:`~napari_mask_audit.kernels.surfaces.row_offsets`.
    """
    depth, height, width = volume
    last_z, last_y, last_x = labels.shape[0] - 1, labels.shape[1] - 1, labels.shape[2] - 1
    flat = labels.reshape(-1)
    sz, sy, sx = spacing
    in_row = _nearest_of_some(sx)
    solid = depth > 1
    to_row, to_slice = strides[1] << 3, strides[0] << 3  # bytes
    row_squared, slice_squared = sy**2, sz**2
    # No point but those of the own row and the ones next to it is nearer than this.
    enough = min((2 * sy) ** 2, ((_STEPS + 1) * sx) ** 2)
    if solid:
        enough = min(enough, (2 * sz) ** 2, row_squared + slice_squared)
    left = 0
    z = end = window = pixel = 0
    y = -1
    for q in range(queries.size):
        position = queries[q]
        if position >= end:
            y, end = y + 1, end + width
            if position >= end or y == height:  # not the next row of the slice: divide
                line = position // width
                z, y, end = line // height, line % height, (line + 1) * width
            window = first_bit(strides, z, y) - (end - width) - _STEPS
            pixel = (min(z, last_z) * labels.shape[1] + min(y, last_y)) * labels.shape[2]
        x = position - end + width
        byte = (window + position) >> 3
        shift = np.uint64((window + position) & 7)
        best = in_row[(two_bytes(plane, byte) >> shift) & _BITS]
        bits = two_bytes(plane, byte - to_row) | two_bytes(plane, byte + to_row)
        best = min(best, row_squared + in_row[(bits >> shift) & _BITS])
        if solid:
            bits = two_bytes(plane, byte - to_slice) | two_bytes(plane, byte + to_slice)
            best = min(best, slice_squared + in_row[(bits >> shift) & _BITS])
        side = 1 if np.int64(flat[np.uint64(pixel + min(x, last_x))]) == class_id else -1
        sides[q] = side if best > 0 else 0
        if best > enough:
            best, settled = _look_further(
                plane, strides, volume, (z, y, x), sx, steps, squared, best
            )
            if not settled:
                distances[q] = best
                far[left] = q
                left += 1
                continue
        distances[q] = np.sqrt(best)
    return left


@compiled
def _look_further(
    plane: Any,
    strides: Any,
    volume: Any,
    point: Any,
    step: float,
    steps: Any,
    squared: Any,
    best: float,
) -> Any:
    """Squared distance to the nearest element in some rows, and whether no other is nearer."""
    z, y, x = point
    for row in range(squared.size):
        if squared[row] >= best:
            return best, best <= ((_REACH + 1) * step) ** 2
        at_z, at_y = z + steps[row, 0], y + steps[row, 1]
        if at_z < 0 or at_z >= volume[0] or at_y < 0 or at_y >= volume[1]:
            continue
        bit = first_bit(strides, at_z, at_y) + x
        byte = (bit - _REACH) >> 3
        middle = np.uint64(bit - (byte << 3))
        bits = eight_bytes(plane, byte)
        if bits:
            gap = min(lowest_bit(bits >> middle), clear_above(bits << (np.uint64(63) - middle)))
            best = min(best, squared[row] + (gap * step) ** 2)
    return best, best <= min(squared[squared.size - 1], ((_REACH + 1) * step) ** 2)
