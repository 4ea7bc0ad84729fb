"""Where a label map changes, as one bit per pixel, and what can be done with such bits.

A bit plane is an array of uint64 words, 64 pixels of a row per word, the first pixel in the lowest
bit. Finding changes is the only step that reads every pixel; runs, boundary bands and corners all
follow from the planes, 64 pixels at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled_jit import compiled, differing, inlined

_ONE = np.uint64(1)


@inlined
def _changes(labels: Any, i: int, j: int, count: int) -> Any:
    """Bit k says whether labels[i + k] and labels[j + k] differ; 0 from `count` on."""
    if max(i, j) + 64 <= labels.size:
        bits = differing(labels, i, labels, j)
        return bits if count >= 64 else bits & ((_ONE << np.uint64(count)) - _ONE)
    bits = np.uint64(0)
    for k in range(min(count, 64)):
        bits |= np.uint64(labels[i + k] != labels[j + k]) << np.uint64(k)
    return bits


@compiled
def _add_changes(flat: Any, width: int, rows: Any) -> None:
    for y in range(rows.shape[0]):
        for w in range(rows.shape[1]):
            at = y * width + 64 * w
            rows[y, w] |= _changes(flat, at, at + 1, width - 1 - 64 * w)


def add_changes(labels: NDArray[Any], plane: NDArray[np.uint64]) -> None:
    """Set bit x of row (z, y) where labels[z, y, x] and its right neighbour differ.

    Parameters
    ----------
    labels : ndarray of int, contiguous, shape (z, y, x)
    plane : ndarray of uint64, shape (z, y, ceil(x / 64))
    """
    _add_changes(labels.reshape(-1), labels.shape[2], plane.reshape(-1, plane.shape[2]))


@compiled
def _add_mixed(flat: Any, height: int, width: int, solid: bool, plane: Any) -> None:
    depth, rows, words = plane.shape
    # Of the slice before, as each slice is part of two rows of blocks.
    before = np.zeros((rows, words), np.uint64)
    for z in range(depth + solid):
        for y in range(rows):
            for w in range(words):
                at = (z * height + y) * width + 64 * w
                count = width - 1 - 64 * w
                bits = _mixed(flat, at, width, count)
                if not solid:
                    plane[z, y, w] |= bits
                    continue
                if z:
                    apart = _changes(flat, at - height * width, at, count)
                    plane[z - 1, y, w] |= before[y, w] | bits | apart
                before[y, w] = bits


@inlined
def _mixed(flat: Any, at: int, width: int, count: int) -> Any:
    """Bits of the 2 × 2 blocks that hold several labels, from flat position `at` on."""
    below = at + width
    return (
        _changes(flat, at, at + 1, count)
        | _changes(flat, at, below, count)
        | _changes(flat, below, below + 1, count)
    )


def add_mixed_blocks(labels: NDArray[Any], plane: NDArray[np.uint64]) -> None:
    """Set bit x of row (z, y) where the block that starts there holds several labels.

    A block is 2 × 2 × 2 pixels; 2 × 2 where the plane has as many slices as the labels.

    Parameters
    ----------
    labels : ndarray of int, contiguous, shape (z, y, x)
    plane : ndarray of uint64, shape (z or z - 1, y - 1, at least ceil((x - 1) / 64))
    """
    depth, height, width = labels.shape
    _add_mixed(labels.reshape(-1), height, width, plane.shape[0] < depth, plane)


@compiled
def _add_border(flat: Any, height: int, width: int, solid: bool, plane: Any) -> None:
    depth, _, words = plane.shape
    edge = 1 if solid else 0
    area = height * width
    for z in range(edge, depth - edge):
        for y in range(1, height - 1):
            for w in range(words):
                at = (z * height + y) * width + 64 * w
                # The pixel before the row ends the row above: it is part of the surrounding.
                count = width - 1 - 64 * w
                bits = _changes(flat, at, at - 1, count) | _changes(flat, at, at + 1, count)
                bits |= _changes(flat, at - width, at, count)
                bits |= _changes(flat, at, at + width, count)
                if solid:
                    bits |= _changes(flat, at - area, at, count)
                    bits |= _changes(flat, at, at + area, count)
                plane[z, y, w] = bits


def add_border_pixels(labels: NDArray[Any], plane: NDArray[np.uint64], *, solid: bool) -> None:
    """Set bit x of row (z, y) where a pixel has a face neighbour of another label.

    Parameters
    ----------
    labels : ndarray of int, contiguous, shape (z, y, x)
        With a surrounding of one label along y and x, and along z where `solid`; the bits of the
        surrounding mean nothing.
    plane : ndarray of uint64, shape (z, y, ceil(x / 64))
    solid : bool
        Whether slices have neighbours.
    """
    _, height, width = labels.shape
    _add_border(labels.reshape(-1), height, width, solid, plane)


@compiled
def _add_sides(flat: Any, height: int, width: int, plane: Any) -> None:
    depth, _, words = plane.shape
    area = height * width
    for z in range(depth):
        for y in range(height):
            carry = np.uint64(0)
            for w in range(words):
                at = (z * height + y) * width + 64 * w
                count = width - 64 * w
                bits = _changes(flat, at, at + 1, count - 1)
                plane[z, y, w] |= bits | (bits << _ONE) | carry
                carry = bits >> np.uint64(63)
                if y + 1 < height:
                    bits = _changes(flat, at, at + width, count)
                    plane[z, y, w] |= bits
                    plane[z, y + 1, w] |= bits
                if z + 1 < depth:
                    bits = _changes(flat, at, at + area, count)
                    plane[z, y, w] |= bits
                    plane[z + 1, y, w] |= bits


def add_sides_of_changes(labels: NDArray[Any], plane: NDArray[np.uint64]) -> None:
    """Set bit x of row (z, y) where a pixel has a face neighbour of another label.

    Unlike :func:`add_border_pixels` this needs no surrounding: the image edge is no neighbour.

    Parameters
    ----------
    labels : ndarray of int, contiguous, shape (z, y, x)
    plane : ndarray of uint64, shape (z, y, ceil(x / 64))
    """
    _add_sides(labels.reshape(-1), labels.shape[1], labels.shape[2], plane)


@compiled
def _or_ahead(row: Any, shift: int) -> None:
    """Add to each bit of a row the bit `shift` places further on, in place.

    Words are changed from the first on and only read at or after the one that changes.
    """
    skip, rest = shift // 64, np.uint64(shift % 64)
    last = row.size - 1 - skip
    if rest == 0:
        for w in range(last + 1):
            row[w] |= row[w + skip]
        return
    for w in range(last):
        row[w] |= (row[w + skip] >> rest) | (row[w + skip + 1] << (np.uint64(64) - rest))
    if last >= 0:
        row[last] |= row[row.size - 1] >> rest


@compiled
def any_of_next(plane: Any, width: int) -> None:
    """OR of the `width` bits from each bit on along x, in place, by doubling the reach."""
    for z in range(plane.shape[0]):
        for y in range(plane.shape[1]):
            row = plane[z, y]
            reach = 1
            while reach < width:
                step = min(reach, width - reach)
                _or_ahead(row, step)
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
