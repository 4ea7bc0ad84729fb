"""From rows of a table back to pixels: the one place where results of a table become pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import map_rows
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
    _row: NDArray[np.int32]
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
        found = map_rows(masks)
        return cls(found.labels, found.counts, masks[0].shape, found.row, found.length)

    def expand(self, values: NDArray[Any]) -> NDArray[Any]:
        """A picture in which every pixel has the value of its row; ``values`` has shape (U,)."""
        return np.repeat(values[self._row], self._length).reshape(self.shape)
