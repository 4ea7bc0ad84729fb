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
from .vectorised import count_weighted_tuples

#: Places of the first table, as a power of two; when it is half full, one eight times as large.
_FIRST_BITS, _GROWTH_BITS = 13, 3
#: Fibonacci hashing: spreads numbers that follow each other over all of the table.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def count_columns(
    masks: Sequence[LabelArray], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Distinct label combinations of some runs, with the pixels of each.

    Parameters
    ----------
    masks : sequence of ndarray of uint8, uint16 or int32, shape (N,)
    starts, lengths : ndarray of int64, shape (R,)
        First pixel and length of every run. Lengths are > 0.

    Returns
    -------
    tuples : ndarray of int32, shape (U, K)
        In lexicographic order.
    counts : ndarray of int64, shape (U,)
    """
    packing = _packing([_limits(mask.dtype) for mask in masks])
    if packing is None:
        packing = _packing([(int(mask.min()), int(mask.max())) for mask in masks])
    if packing is None:
        return count_weighted_tuples([mask[starts] for mask in masks], lengths)
    keys = np.zeros(starts.size, np.uint64)
    for mask, (low, bits) in zip(masks, packing, strict=True):
        _append(mask, starts, low, bits, keys)
    keys, counts = _add_up(keys, lengths)
    return _unpacked(keys, packing), counts


def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def _packing(limits: Sequence[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """(Smallest label, bits) per mask, or None where one number can not hold them all."""
    packing = [(low, (high - low).bit_length()) for low, high in limits]
    return packing if sum(bits for _, bits in packing) <= 64 else None


@compiled
def _append(labels: Any, starts: Any, low: int, bits: int, keys: Any) -> None:
    """Append to every key the label at the start of its run."""
    for run in range(starts.size):
        digit = np.uint64(np.int64(labels[starts[run]]) - low)
        keys[run] = (keys[run] << np.uint64(bits)) | digit


def _unpacked(keys: NDArray[np.uint64], packing: list[tuple[int, int]]) -> NDArray[np.int32]:
    tuples = np.empty((keys.size, len(packing)), np.int32)
    for column in reversed(range(len(packing))):
        low, bits = packing[column]
        mask = np.uint64((1 << bits) - 1)
        tuples[:, column] = (keys & mask).astype(np.int64) + low
        keys = keys >> np.uint64(bits)
    return tuples


def _add_up(
    keys: NDArray[np.uint64], weights: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Distinct keys, ascending, with their summed weights."""
    bits = _FIRST_BITS
    while True:
        table, sums = np.empty(1 << bits, np.uint64), np.zeros(1 << bits, np.int64)
        done = _fill(keys, weights, bits, table, sums)
        used = np.flatnonzero(sums)
        if done == keys.size:
            order = used[np.argsort(table[used])]
            return table[order], sums[order]
        # What was added up so far goes first into the larger table.
        keys = np.concatenate((table[used], keys[done:]))
        weights = np.concatenate((sums[used], weights[done:]))
        bits += _GROWTH_BITS


@compiled
def _fill(keys: Any, weights: Any, bits: int, table: Any, sums: Any) -> int:
    """Add up until all is done or the table is half full; how many keys were added.

    A place is free as long as its sum is 0.
    """
    places = np.uint64(table.size - 1)
    shift = np.uint64(64 - bits)
    room = table.size // 2
    for i in range(keys.size):
        key = keys[i]
        at = (key * _SPREAD) >> shift
        while sums[at] != 0 and table[at] != key:
            at = (at + np.uint64(1)) & places
        if sums[at] == 0:
            if room == 0:
                return i
            room -= 1
            table[at] = key
        sums[at] += weights[i]
    return keys.size
