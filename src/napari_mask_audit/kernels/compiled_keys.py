"""Adding up equal label combinations with a hash table, with numba.

The combination of every run is packed into one 64-bit number, in such a way that the numbers have
the order of the combinations. There are far fewer combinations than runs, so the table stays in
the processor's cache and only its few entries are ever sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from .compiled_jit import compiled

#: Smallest label and number of bits, per mask.
Packing = list[tuple[int, int]]

#: Places of the first table, as a power of two; when it is half full, one eight times as large.
_FIRST_BITS, _GROWTH_BITS = 13, 3
#: Fibonacci hashing: spreads numbers that follow each other over all of the table.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def find_packing(masks: Sequence[LabelArray], *, spare: int = 0) -> Packing | None:
    """How the labels of some masks fit into one 64-bit number; None where they do not.

    Parameters
    ----------
    masks : sequence of ndarray of uint8, uint16 or int32
    spare : int
        Bits to leave free.
    """
    packing = [_digit(np.iinfo(mask.dtype).min, np.iinfo(mask.dtype).max) for mask in masks]
    if sum(bits for _, bits in packing) > 64 - spare:
        packing = [_digit(int(mask.min()), int(mask.max())) for mask in masks]
    return packing if sum(bits for _, bits in packing) <= 64 - spare else None


def _digit(low: int, high: int) -> tuple[int, int]:
    return low, (high - low).bit_length()


@compiled
def append_digits(labels: Any, starts: Any, low: int, bits: int, keys: Any) -> None:
    """Append to every key the label at the start of its run."""
    for run in range(starts.size):
        digit = np.uint64(np.int64(labels[starts[run]]) - low)
        keys[run] = (keys[run] << np.uint64(bits)) | digit


def unpacked(keys: NDArray[np.uint64], packing: Packing) -> NDArray[np.int32]:
    """Labels that some keys were packed from, shape (keys, masks)."""
    tuples = np.empty((keys.size, len(packing)), np.int32)
    for column in reversed(range(len(packing))):
        low, bits = packing[column]
        mask = np.uint64((1 << bits) - 1)
        tuples[:, column] = (keys & mask).astype(np.int64) + low
        keys = keys >> np.uint64(bits)
    return tuples


class KeyTotals:
    """Sums by key."""

    def __init__(self) -> None:
        self._bits = _FIRST_BITS
        self._make_room()

    def _make_room(self) -> None:
        self._keys = np.empty(1 << self._bits, np.uint64)
        self._sums = np.zeros(1 << self._bits, np.int64)
        self._free = 1 << self._bits - 1

    def add(self, keys: NDArray[np.uint64], weights: NDArray[np.int64]) -> None:
        """Add weights, all > 0, to the sums of their keys."""
        done = 0
        while True:
            done, self._free = _fill(
                keys, weights, done, self._bits, self._keys, self._sums, self._free
            )
            if done == keys.size:
                return
            before = self.sorted()
            self._bits += _GROWTH_BITS
            self._make_room()
            self.add(*before)

    def sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Keys, ascending, and their sums."""
        used = np.flatnonzero(self._sums)
        order = used[np.argsort(self._keys[used])]
        return self._keys[order], self._sums[order]


@compiled
def _fill(
    keys: Any, weights: Any, start: int, bits: int, table: Any, sums: Any, free: int
) -> tuple[int, int]:
    """Add up from `start` on until all is done or no place is free; the next one, places left.

    A place is taken when its sum is not 0.
    """
    last = np.uint64(table.size - 1)
    shift = np.uint64(64 - bits)
    for i in range(start, keys.size):
        key = keys[i]
        at = (key * _SPREAD) >> shift
        while sums[at] != 0 and table[at] != key:
            at = (at + np.uint64(1)) & last
        if sums[at] == 0:
            if free == 0:
                return i, free
            free -= 1
            table[at] = key
        sums[at] += weights[i]
    return keys.size, free
