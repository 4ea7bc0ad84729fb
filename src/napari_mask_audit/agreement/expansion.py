"""From rows of a table back to pixels: the one place where results of a table become pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels.vectorised import run_starts
from ..masks import LabelArray


@dataclass(frozen=True, eq=False)
class RowMap:
    """Which table row every pixel belongs to, kept as runs.

    Attributes
    ----------
    labels : ndarray of int32, shape (U, K)
        The combinations that occur, in lexicographic order.
    counts : ndarray of int64, shape (U,)
        Pixels of each.
    """

    labels: NDArray[np.int32]
    counts: NDArray[np.int64]
    shape: tuple[int, ...]
    _row: NDArray[np.int64]
    _length: NDArray[np.int64]

    @classmethod
    def of(cls, masks: Sequence[LabelArray | NDArray[np.bool_]]) -> RowMap:
        """Rows of masks of one shape.

        Examples
        --------
        >>> rows = RowMap.of([np.array([[0, 0, 1]]), np.array([[0, 1, 1]])])
        >>> rows.labels.tolist()
        [[0, 0], [0, 1], [1, 1]]
        >>> rows.expand(np.array([10, 20, 30]))
        array([[10, 20, 30]])
        """
        flat = [np.ascontiguousarray(mask).reshape(-1) for mask in masks]
        starts = run_starts(flat)
        length = np.diff(starts, append=flat[0].size)
        labels, row = _distinct([column[starts] for column in flat])
        counts = np.bincount(row, length, minlength=len(labels)).astype(np.int64)
        return cls(labels, counts, masks[0].shape, row, length)

    def expand(self, values: NDArray[Any]) -> NDArray[Any]:
        """A picture in which every pixel has the value of its row; ``values`` has shape (U,)."""
        return np.repeat(values[self._row], self._length).reshape(self.shape)


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
