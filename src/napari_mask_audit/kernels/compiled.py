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
from .compiled_jit import compiled, lowest_bit, ones
from .compiled_keys import count_columns
from .compiled_planes import add_changes

_ONE = np.uint64(1)


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
    changes = joint_changes(rows)
    if len(rows) == 2 and fits_table(rows):
        table = np.zeros((table_size(rows[0]), table_size(rows[1])), np.int64)
        _count_pairs(*rows, changes, table)
        pairs = np.nonzero(table)
        return np.column_stack(pairs).astype(np.int32), table[pairs]
    return count_columns([row.reshape(-1) for row in rows], changes)


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
    rows = changes.shape[0] * changes.shape[1]
    starts = np.empty(rows + count_bits(changes), np.int64)
    _list_runs(changes, width, starts)
    return starts, np.diff(starts, append=rows * width)


@compiled
def count_bits(plane: Any) -> int:
    """How many bits are set."""
    total = 0
    for word in plane.flat:
        total += ones(word)
    return total


@compiled
def _list_runs(changes: Any, width: int, starts: Any) -> None:
    at = 0
    for z in range(changes.shape[0]):
        for y in range(changes.shape[1]):
            first = (z * changes.shape[1] + y) * width
            starts[at] = first
            at += 1
            for w in range(changes.shape[2]):
                bits = changes[z, y, w]
                while bits:
                    starts[at] = first + 64 * w + lowest_bit(bits) + 1
                    at += 1
                    bits &= bits - _ONE
