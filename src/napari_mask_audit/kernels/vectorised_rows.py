"""Which label combination every pixel carries, kept as runs, in plain numpy.

:mod:`.compiled_rows` does the same with numba; each is the other's oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from .vectorised import run_starts


class Rows(NamedTuple):
    """Runs over which no mask changes; :func:`napari_mask_audit.kernels.map_rows` says more."""

    labels: NDArray[np.int32]
    counts: NDArray[np.int64]
    row: NDArray[np.int32]
    length: NDArray[np.int64]


def no_rows(columns: int) -> Rows:
    """The rows of masks without a pixel."""
    return Rows(
        np.empty((0, columns), np.int32),
        np.empty(0, np.int64),
        np.empty(0, np.int32),
        np.empty(0, np.int64),
    )


def map_rows(masks: Sequence[LabelArray | NDArray[np.bool_]]) -> Rows:
    """Rows of masks; see :func:`napari_mask_audit.kernels.map_rows`."""
    flat = [np.ascontiguousarray(mask).reshape(-1) for mask in masks]
    if any(mask.shape != masks[0].shape for mask in masks):
        raise ValueError(f"masks differ in shape: {[m.shape for m in masks]}")
    if not flat[0].size:
        return no_rows(len(flat))
    starts = run_starts(flat)
    length = np.diff(starts, append=flat[0].size)
    labels, row = _distinct([column[starts] for column in flat])
    counts = np.bincount(row, length, minlength=len(labels)).astype(np.int64)
    return Rows(labels, counts, row.astype(np.int32), length)


def _distinct(columns: Sequence[NDArray[Any]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Distinct rows in lexicographic order, and which of them each row is."""
    key = np.zeros(len(columns[0]), np.int64)
    labels: NDArray[np.int64] = np.zeros((1, 0), np.int64)
    for column in columns:
        values, code = _codes(column)
        found, key = _codes(key * len(values) + code)
        labels = np.column_stack([labels[found // len(values)], values[found % len(values)]])
    return labels.astype(np.int32), key


def _codes(values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct values and the position of each entry among them; dense tables where they fit."""
    low, high = int(values.min()), int(values.max())
    if high - low > 1 << 20:
        found, code = np.unique(values, return_inverse=True)
        return found.astype(np.int64), code.reshape(-1)
    shifted = values.astype(np.int64) - low
    occurs = np.zeros(high - low + 1, bool)
    occurs[shifted] = True
    return np.flatnonzero(occurs) + low, (np.cumsum(occurs) - 1)[shifted]
