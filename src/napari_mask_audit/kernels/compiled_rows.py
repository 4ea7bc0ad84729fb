"""Which label combination every pixel carries, with numba: as ``vectorised_rows``, sooner.

Runs are found from bit planes as in :mod:`.compiled`; the combination of each is looked up in a
hash table that numbers the combinations in the order of their first run, and only these few
numbers are sorted in the end. Importing this module imports numba.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from . import vectorised_rows
from .compiled import as_volume, joint_changes, list_runs
from .compiled_jit import compiled
from .compiled_keys import append_digits, find_packing, unpacked
from .vectorised_rows import Rows, no_rows

#: Pixels handled at a time, so that what is kept of each run stays in the processor's cache.
_STRIP = 1 << 17
#: Places of the first table, as a power of two; when it is half full, one eight times as large.
_FIRST_BITS, _GROWTH_BITS = 13, 3
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def map_rows(masks: Sequence[LabelArray | NDArray[np.bool_]]) -> Rows:
    """Rows of masks; see :func:`napari_mask_audit.kernels.map_rows`."""
    if any(mask.shape != masks[0].shape for mask in masks):
        raise ValueError(f"masks differ in shape: {[m.shape for m in masks]}")
    if not masks[0].size:
        return no_rows(len(masks))
    flat = [as_volume(mask).reshape(1, 1, -1) for mask in masks]
    packing = find_packing(flat)
    if packing is None:
        return vectorised_rows.map_rows(masks)
    numbers, rows, lengths = _Numbers(), [], []
    for start in range(0, flat[0].size, _STRIP):
        parts = [one[..., start : start + _STRIP] for one in flat]
        starts, length = list_runs(joint_changes(parts), parts[0].size)
        keys = np.zeros(starts.size, np.uint64)
        for part, (low, bits) in zip(parts, packing, strict=True):
            append_digits(part.reshape(-1), starts, low, bits, keys)
        rows.append(numbers.of(keys))
        lengths.append(length)
    row, length = np.concatenate(rows), np.concatenate(lengths)
    order = np.argsort(numbers.keys)
    rank = np.empty(order.size, np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    counts = np.zeros(order.size, np.int64)
    _settle(row, length, rank, counts)
    return Rows(unpacked(numbers.keys[order], packing), counts, row, length)


class _Numbers:
    """Numbers keys in the order in which they first come."""

    def __init__(self) -> None:
        self._bits, self._known = _FIRST_BITS, 0
        self._table = np.zeros(1 << self._bits, np.int32)
        self._keys = np.empty(1 << self._bits - 1, np.uint64)

    @property
    def keys(self) -> NDArray[np.uint64]:
        """The key of every number."""
        return self._keys[: self._known]

    def of(self, keys: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The number of each key."""
        numbers, done = np.empty(keys.size, np.int32), 0
        while True:
            done, self._known = _number(
                keys, done, self._bits, self._table, self._keys, self._known, numbers
            )
            if done == keys.size:
                return numbers
            self._grow()

    def _grow(self) -> None:
        before = self.keys
        self._bits += _GROWTH_BITS
        self._table = np.zeros(1 << self._bits, np.int32)
        self._keys, self._known = np.empty(1 << self._bits - 1, np.uint64), 0
        self.of(before)


@compiled
def _number(
    keys: Any, start: int, bits: int, table: Any, known: Any, count: int, numbers: Any
) -> tuple[int, int]:
    """Number from `start` on until all is done or no place is free; the next one, keys known.

    A place of the table holds a number plus one, or 0 while it is free.
    """
    last = np.uint64(table.size - 1)
    shift = np.uint64(64 - bits)
    for i in range(start, keys.size):
        key = keys[i]
        at = (key * _SPREAD) >> shift
        while table[at] != 0 and known[table[at] - 1] != key:
            at = (at + np.uint64(1)) & last
        if table[at] == 0:
            if count == known.size:
                return i, count
            known[count] = key
            count += 1
            table[at] = count
        numbers[i] = table[at] - 1
    return keys.size, count


@compiled
def _settle(row: Any, length: Any, rank: Any, counts: Any) -> None:
    """Turn numbers into ranks, and add up the pixels of each."""
    for run in range(row.size):
        row[run] = rank[row[run]]
        counts[row[run]] += length[run]
