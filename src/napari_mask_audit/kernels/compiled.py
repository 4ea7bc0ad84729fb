"""Counting label combinations with numba: the same numbers as ``vectorised``, sooner.

Importing this module imports numba. Everything is compiled for the three label dtypes, for
read-only contiguous arrays; the wrappers bring their input into that form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray, canonical_labels
from . import vectorised
from .compiled_jit import compiled, lowest_bit, ones
from .compiled_keys import KeyTotals, Packing, append_digits, find_packing, unpacked
from .compiled_planes import add_changes

_ONE = np.uint64(1)
#: Pixels handled at a time, so that what is kept of each run stays in the processor's cache.
_STRIP = 1 << 17


def as_volume(labels: NDArray[Any]) -> LabelArray:
    """Read-only contiguous (z, y, x) view or copy with one of the canonical dtypes."""
    volume = canonical_labels(labels if labels.ndim > 1 else labels[None])
    volume = volume.reshape((1,) * (3 - volume.ndim) + volume.shape)
    volume.flags.writeable = False
    return volume


def count_tuples(
    masks: Sequence[LabelArray | NDArray[np.bool_]],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Label combinations with pixel counts; see :func:`napari_mask_audit.kernels.count_tuples`."""
    if any(mask.shape != masks[0].shape for mask in masks):
        raise ValueError(f"masks differ in shape: {[m.shape for m in masks]}")
    if masks[0].size == 0:
        return np.empty((0, len(masks)), np.int32), np.empty(0, np.int64)
    # Where rows end does not matter here: one long row.
    rows = [as_volume(mask).reshape(1, 1, -1) for mask in masks]
    if len(rows) <= 2 and fits_table(rows):
        first, second = rows[0], rows[-1]  # one map is paired with itself
        table = np.zeros((table_size(first), table_size(second)), np.int64)
        _count_pairs(first, second, joint_changes(rows), table)
        pairs = np.nonzero(table)
        return np.column_stack(pairs[: len(rows)]).astype(np.int32), table[pairs]
    packing = find_packing(rows)
    if packing is None:
        return vectorised.count_tuples(masks)
    keys, counts = _count_packed(rows, packing)
    return unpacked(keys, packing), counts


def _count_packed(
    rows: Sequence[LabelArray], packing: Packing
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Packed label combinations and their pixels, of maps of shape (1, 1, N)."""
    total = KeyTotals()
    keys = np.empty(_STRIP, np.uint64)
    starts, lengths = np.empty(_STRIP, np.int64), np.empty(_STRIP, np.int64)
    for start in range(0, rows[0].size, _STRIP):
        parts = [row[..., start : start + _STRIP] for row in rows]
        changes = joint_changes(parts)
        runs = _list_runs(changes, parts[0].size, starts, lengths)
        keys[:runs] = 0
        for part, (low, bits) in zip(parts, packing, strict=True):
            append_digits(part.reshape(-1), starts[:runs], low, bits, keys[:runs])
        total.add(keys[:runs], lengths[:runs])
    return total.sorted()


def joint_changes(volumes: Sequence[LabelArray]) -> NDArray[np.uint64]:
    """Bit plane of the pixels after which any of the masks changes within a row."""
    depth, height, width = volumes[0].shape
    joint = np.zeros((depth, height, -(-width // 64)), np.uint64)
    for volume in volumes:
        add_changes(volume, joint)
    return joint


def fits_table(volumes: Sequence[LabelArray]) -> bool:
    """Whether a table of all label pairs is small enough to count in."""
    return all(volume.dtype == np.uint8 for volume in volumes)


def table_size(labels: LabelArray) -> int:
    """Length of a table with a place for every label."""
    return int(labels.max()) + 1


@compiled
def _count_pairs(first: Any, second: Any, changes: Any, table: Any) -> None:
    depth, height, width = first.shape
    for z in range(depth):
        for y in range(height):
            row, a, b = changes[z, y], first[z, y], second[z, y]
            start = 0
            for w in range(row.size):
                bits = row[w]
                while bits:
                    stop = 64 * w + lowest_bit(bits) + 1
                    table[a[start], b[start]] += stop - start
                    start = stop
                    bits &= bits - _ONE
            table[a[start], b[start]] += width - start


def list_runs(
    changes: NDArray[np.uint64], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Flat start and length of every run; a run ends where a bit is set and at a row's end."""
    room = changes.shape[0] * changes.shape[1] + count_bits(changes)
    starts, lengths = np.empty(room, np.int64), np.empty(room, np.int64)
    _list_runs(changes, width, starts, lengths)
    return starts, lengths


@compiled
def count_bits(plane: Any) -> int:
    """How many bits are set."""
    total = 0
    for word in plane.flat:
        total += ones(word)
    return total


@compiled
def _list_runs(changes: Any, width: int, starts: Any, lengths: Any) -> int:
    """Write start and length of every run; how many there are."""
    run = 0
    for z in range(changes.shape[0]):
        for y in range(changes.shape[1]):
            row = (z * changes.shape[1] + y) * width
            start = 0
            for w in range(changes.shape[2]):
                bits = changes[z, y, w]
                while bits:
                    stop = 64 * w + lowest_bit(bits) + 1
                    starts[run], lengths[run] = row + start, stop - start
                    start = stop
                    run += 1
                    bits &= bits - _ONE
            starts[run], lengths[run] = row + start, width - start
            run += 1
    return run
