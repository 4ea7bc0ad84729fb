"""Boundary bands with numba: the same as in ``vectorised``, on bit planes.

Importing this module imports numba.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from .compiled import as_volume, count_tuples, fits_table, joint_changes, table_size
from .compiled_jit import compiled, inlined, lowest_bit
from .compiled_planes import (
    add_mixed_blocks,
    any_of_next,
    any_of_next_rows,
    move_ahead,
    set_bits,
)
from .vectorised import without_bands

_ONE = np.uint64(1)


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
    add_mixed_blocks(volume, mixed)
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


def count_banded_tuples(
    masks: Sequence[LabelArray], width: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.int64]]:
    """In and outside the bands; see :func:`napari_mask_audit.kernels.count_banded_tuples`."""
    volumes = [as_volume(mask) for mask in masks]
    if len(volumes) != 2 or not fits_table(volumes):
        parts = [part for m in masks for part in (m, boundary_bands(m, width))]
        rows, counts = count_tuples(parts)
        return (*without_bands(rows), counts)
    first, second = volumes
    bands = [_band_plane(volume, width, masks[0].ndim) for volume in volumes]
    changes = joint_changes(volumes)
    _add_band_edges(changes, bands[0], bands[1], masks[0].shape[-1])
    table = np.zeros([2 * table_size(volume) for volume in volumes], np.int64)
    _count_coded(first, second, changes, bands[0], bands[1], table)
    codes = np.nonzero(table)
    coded = np.column_stack(codes).astype(np.int32)
    return coded >> 1, (coded & 1).astype(np.bool_), table[codes]


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


@inlined
def _coded(label: Any, band: Any, x: int) -> Any:
    """Twice the label, plus one inside the band."""
    return 2 * np.int64(label) + np.int64((band[x >> 6] >> np.uint64(x & 63)) & _ONE)


@compiled
def _count_coded(
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
                    table[_coded(a[start], in_a, start), _coded(b[start], in_b, start)] += (
                        stop - start
                    )
                    start = stop
                    bits &= bits - _ONE
            table[_coded(a[start], in_a, start), _coded(b[start], in_b, start)] += width - start
