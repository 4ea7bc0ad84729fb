"""Counting and boundary bands with numba: the same numbers as ``vectorised``, sooner.

Importing this module imports numba. Everything is compiled for the three label dtypes, for
read-only contiguous arrays of three axes; the wrappers bring their input into that form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray, canonical_labels
from .compiled_jit import compiled, lowest_bit
from .compiled_planes import (
    any_of_next,
    any_of_next_rows,
    horizontal_changes,
    mixed_blocks,
    move_ahead,
    set_bits,
)
from .vectorised import count_weighted_tuples

#: Entries of a dense table of label combinations.
_DENSE_KEYS = 1 << 20
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
    volumes = [as_volume(mask) for mask in masks]
    changes = _joint_changes(volumes)
    if len(volumes) == 2 and _fits_table(volumes, states=1):
        return _from_table(_count_pairs, volumes, changes)
    starts, lengths = _runs(changes, volumes[0].shape[2])
    return count_weighted_tuples([v.reshape(-1)[starts] for v in volumes], lengths)


def _joint_changes(volumes: Sequence[LabelArray]) -> NDArray[np.uint64]:
    """Bit plane of the pixels after which any of the masks changes within a row."""
    depth, height, width = volumes[0].shape
    joint = np.empty((depth, height, -(-width // 64)), np.uint64)
    horizontal_changes(volumes[0], joint)
    plane = np.empty_like(joint) if len(volumes) > 1 else joint
    for volume in volumes[1:]:
        horizontal_changes(volume, plane)
        joint |= plane
    return joint


def _fits_table(volumes: Sequence[LabelArray], *, states: int) -> bool:
    """Whether a dense table of all label pairs is small enough to count in."""
    if any(v.dtype == np.int32 and v.min() < 0 for v in volumes):
        return False
    return states * _table_size(volumes[0]) * _table_size(volumes[1]) <= _DENSE_KEYS


def _table_size(labels: LabelArray) -> int:
    return int(labels.max()) + 1


def _from_table(
    count: Any, volumes: Sequence[LabelArray], changes: NDArray[np.uint64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    table = np.zeros((_table_size(volumes[0]), _table_size(volumes[1])), np.int64)
    count(volumes[0], volumes[1], changes, table)
    pairs = np.nonzero(table)
    return np.column_stack(pairs).astype(np.int32), table[pairs]


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


def _runs(changes: NDArray[np.uint64], width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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
        bits = word
        while bits:
            total += 1
            bits &= bits - _ONE
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


def boundary_bands(labels: LabelArray, width: int) -> NDArray[np.bool_]:
    """Inner boundary bands; see :func:`napari_mask_audit.kernels.boundary_bands`."""
    bands = _band_plane(as_volume(labels), width, labels.ndim)
    bits = np.unpackbits(bands.view(np.uint8), axis=-1, bitorder="little")
    return bits[..., : labels.shape[-1]].reshape(labels.shape).view(np.bool_)


def _band_plane(volume: LabelArray, width: int, ndim: int) -> NDArray[np.uint64]:
    """Boundary bands of all labels as a bit plane; bits beyond the image are 0 or 1."""
    depth, height, length = volume.shape
    bands = np.zeros((depth, height, -(-length // 64)), np.uint64)
    if min(volume.shape[-ndim:]) <= 2 * width:
        bands[:] = ~np.uint64(0)
        return bands
    mixed = np.zeros((max(1, depth - 1), height - 1, bands.shape[2]), np.uint64)
    mixed_blocks(volume, mixed)
    any_of_next(mixed, 2 * width)
    any_of_next_rows(mixed, 2 * width)
    if ndim == 3:
        flat = mixed.reshape(1, depth - 1, -1)
        any_of_next_rows(flat, 2 * width)
    _place(mixed, width, length, ndim == 3, bands)
    return bands


@compiled
def _place(mixed: Any, width: int, length: int, solid: bool, bands: Any) -> None:
    """Move the windows to their centres; pixels near the image edge are in the band anyway."""
    depth, height, _ = bands.shape
    for z in range(depth):
        edge = solid and (z < width or z >= depth - width)
        for y in range(height):
            row = bands[z, y]
            if edge or y < width or y >= height - width:
                row[:] = ~np.uint64(0)
            else:
                move_ahead(mixed[z - width if solid else z, y - width], width, row)
                set_bits(row, 0, width)
                set_bits(row, length - width, length)


def count_bands(
    reference: LabelArray, candidate: LabelArray, width: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Pairs in the bands; see :func:`napari_mask_audit.kernels.count_bands`."""
    volumes = [as_volume(reference), as_volume(candidate)]
    bands = [_band_plane(volume, width, reference.ndim) for volume in volumes]
    changes = _joint_changes(volumes)
    _add_band_edges(changes, bands[0], bands[1], reference.shape[-1])
    if _fits_table(volumes, states=4):
        table = np.zeros((_table_size(volumes[0]), _table_size(volumes[1]), 4), np.int64)
        _count_states(volumes[0], volumes[1], changes, bands[0], bands[1], table)
        used = np.nonzero(table.sum(axis=2))
        pairs, states = np.column_stack(used).astype(np.int32), table[used]
    else:
        pairs, states = _list_states(volumes, changes, bands)
    # States: 1 in the reference's band, 2 in the candidate's, 3 in both.
    columns = (
        states.sum(axis=1),
        states[:, 1] + states[:, 3],
        states[:, 2] + states[:, 3],
        states[:, 3],
    )
    return pairs, np.column_stack(columns)


@compiled
def _add_band_edges(changes: Any, first: Any, second: Any, width: int) -> None:
    """Let runs also end where a pixel and its right neighbour differ in being in a band."""
    for z in range(changes.shape[0]):
        for y in range(changes.shape[1]):
            a, b, row = first[z, y], second[z, y], changes[z, y]
            for w in range(row.size):
                next_a, next_b = a[w] >> _ONE, b[w] >> _ONE
                if w + 1 < row.size:
                    next_a |= a[w + 1] << np.uint64(63)
                    next_b |= b[w + 1] << np.uint64(63)
                row[w] |= (a[w] ^ next_a) | (b[w] ^ next_b)
            used = (width - 1) & 63  # the last pixel has no right neighbour
            row[row.size - 1] &= (_ONE << np.uint64(used)) - _ONE


@compiled
def _state(first: Any, second: Any, x: int) -> Any:
    """1 for a pixel in the first band, 2 in the second, 3 in both."""
    w, bit = x >> 6, np.uint64(x & 63)
    return np.int64((first[w] >> bit) & _ONE) + 2 * np.int64((second[w] >> bit) & _ONE)


@compiled
def _count_states(
    first: Any, second: Any, changes: Any, band_a: Any, band_b: Any, table: Any
) -> None:
    depth, height, width = first.shape
    for z in range(depth):
        for y in range(height):
            row, a, b = changes[z, y], first[z, y], second[z, y]
            in_a, in_b = band_a[z, y], band_b[z, y]
            start = 0
            for w in range(row.size):
                bits = row[w]
                while bits:
                    stop = 64 * w + lowest_bit(bits) + 1
                    table[a[start], b[start], _state(in_a, in_b, start)] += stop - start
                    start = stop
                    bits &= bits - _ONE
            table[a[start], b[start], _state(in_a, in_b, start)] += width - start


def _list_states(
    volumes: Sequence[LabelArray],
    changes: NDArray[np.uint64],
    bands: Sequence[NDArray[np.uint64]],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Counts per label pair and state where a dense table would be too large."""
    width = volumes[0].shape[2]
    starts, lengths = _runs(changes, width)
    row, x = np.divmod(starts, width)
    word, bit = row * changes.shape[2] + x // 64, (x % 64).astype(np.uint64)
    states = [(band.reshape(-1)[word] >> bit & _ONE).astype(np.int64) for band in bands]
    columns = [v.reshape(-1)[starts] for v in volumes]
    rows, counts = count_weighted_tuples([*columns, states[0] + 2 * states[1]], lengths)
    new = np.ones(len(rows), np.bool_)
    new[1:] = (rows[1:, :2] != rows[:-1, :2]).any(axis=1)
    table = np.zeros((int(new.sum()), 4), np.int64)
    table[np.cumsum(new) - 1, rows[:, 2]] = counts
    return np.ascontiguousarray(rows[new, :2]), table
