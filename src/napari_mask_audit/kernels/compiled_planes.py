"""Where a label map changes, as one bit per pixel, and what can be done with such bits.

A bit plane is an array of uint64 words, 64 pixels of a row per word, the first pixel in the lowest
bit. Finding changes is the only step that reads every pixel; runs, boundary bands and corners all
follow from the planes, 64 pixels at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled_jit import compiled

#: Gathers the lowest bits of the eight bytes of a word into the top byte of the product.
_GATHER = np.uint64(0x0102040810204080)
_ONE = np.uint64(1)


@compiled
def _pack(flags: Any, words: Any, row: Any) -> None:
    """Bits of one row from a byte per pixel; `words` is the same memory seen as words."""
    for w in range(row.size):
        bits = np.uint64(0)
        for byte in range(8):
            eight = words[8 * w + byte]
            if eight != 0:
                bits |= ((eight * _GATHER) >> np.uint64(56)) << np.uint64(8 * byte)
        row[w] = bits


@compiled
def horizontal_changes(labels: Any, plane: Any) -> None:
    """Set bit x of row (z, y) where labels[z, y, x] and its right neighbour differ.

    Parameters
    ----------
    labels : ndarray of int, shape (z, y, x)
    plane : ndarray of uint64, shape (z, y, at least ceil(x / 64))
    """
    depth, height, width = labels.shape
    flags = np.zeros(64 * plane.shape[2], np.uint8)
    words = flags.view(np.uint64)
    for z in range(depth):
        for y in range(height):
            line = labels[z, y]
            for x in range(width - 1):
                flags[x] = line[x] != line[x + 1]
            _pack(flags, words, plane[z, y])


@compiled
def mixed_blocks(labels: Any, plane: Any) -> None:
    """Add to bit x of row (z, y) whether the block that starts there holds several labels.

    A block is 2 × 2 × 2 pixels; 2 × 2 where there is one slice only. Bits are set by OR.

    Parameters
    ----------
    labels : ndarray of int, shape (z, y, x)
    plane : ndarray of uint64, shape (max(1, z - 1), y - 1, at least ceil(x / 64))
    """
    depth, height, width = labels.shape
    flags = np.zeros(64 * plane.shape[2], np.uint8)
    words = flags.view(np.uint64)
    row = np.zeros(plane.shape[2], np.uint64)
    for z in range(depth):
        for y in range(height):
            line = labels[z, y]
            for x in range(width - 1):
                flags[x] = line[x] != line[x + 1]
            _pack(flags, words, row)
            for zz in range(max(0, z - 1), min(z + 1, plane.shape[0])):
                for yy in range(max(0, y - 1), min(y + 1, plane.shape[1])):
                    for w in range(row.size):
                        plane[zz, yy, w] |= row[w]
            flags[width - 1] = 0
            if y + 1 < height:
                below = labels[z, y + 1]
                for x in range(width):
                    flags[x] = line[x] != below[x]
                _pack(flags, words, row)
                for zz in range(max(0, z - 1), min(z + 1, plane.shape[0])):
                    _add_pairs(plane[zz, y], row)
            if z + 1 < depth:
                behind = labels[z + 1, y]
                for x in range(width):
                    flags[x] = line[x] != behind[x]
                _pack(flags, words, row)
                for yy in range(max(0, y - 1), min(y + 1, plane.shape[1])):
                    _add_pairs(plane[z, yy], row)
            flags[width - 1] = 0


@compiled
def _add_pairs(target: Any, row: Any) -> None:
    """Add to each bit of `target` the same and the next bit of `row`."""
    for w in range(row.size):
        following = row[w + 1] << np.uint64(63) if w + 1 < row.size else np.uint64(0)
        target[w] |= row[w] | (row[w] >> _ONE) | following


@compiled
def _or_ahead(row: Any, shift: int, out: Any) -> None:
    """Add to each bit of `out` the bit `shift` places further on in `row`."""
    skip, rest = shift // 64, shift % 64
    for w in range(row.size - skip):
        bits = row[w + skip] >> np.uint64(rest)
        if rest and w + skip + 1 < row.size:
            bits |= row[w + skip + 1] << np.uint64(64 - rest)
        out[w] |= bits


@compiled
def any_of_next(plane: Any, width: int) -> None:
    """OR of the `width` bits from each bit on along x, in place, by doubling the reach."""
    before = np.empty(plane.shape[2], np.uint64)
    for z in range(plane.shape[0]):
        for y in range(plane.shape[1]):
            row = plane[z, y]
            reach = 1
            while reach < width:
                step = min(reach, width - reach)
                before[:] = row
                _or_ahead(before, step, row)
                reach += step


@compiled
def any_of_next_rows(plane: Any, width: int) -> None:
    """OR of the `width` rows from each row on along the middle axis, in place."""
    depth, height, words = plane.shape
    reach = 1
    while reach < width:
        step = min(reach, width - reach)
        for z in range(depth):
            for y in range(height - step):  # row y + step has not been changed yet
                for w in range(words):
                    plane[z, y, w] |= plane[z, y + step, w]
        reach += step


@compiled
def move_ahead(row: Any, shift: int, out: Any) -> None:
    """Set `out` to `row` with every bit moved `shift` places towards higher x."""
    skip, rest = shift // 64, shift % 64
    for w in range(out.size):
        bits = np.uint64(0)
        if 0 <= w - skip < row.size:
            bits = row[w - skip] << np.uint64(rest)
        if rest and 0 <= w - skip - 1 < row.size:
            bits |= row[w - skip - 1] >> np.uint64(64 - rest)
        out[w] = bits


@compiled
def set_bits(row: Any, start: int, stop: int) -> None:
    """Set the bits from `start` to before `stop`."""
    for x in range(start, stop):
        row[x >> 6] |= _ONE << np.uint64(x & 63)
