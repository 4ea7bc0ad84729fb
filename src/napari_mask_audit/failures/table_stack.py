"""Failure tables of many samples laid one after the other, to ask all of them at once.

What a repair would gain is asked for every kind of error and every class, in every sample. One
table at a time that is tens of thousands of questions for a dataset of some hundred samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .table import FailureTable, IntArray


@dataclass(frozen=True, eq=False)
class TableStack:
    """The rows of several tables, and the sample of each row.

    Attributes
    ----------
    rows : FailureTable
        The rows of all tables as they are: equal rows of different samples stay apart.
    sample : ndarray of int64, shape (U,)
        Number of the table of each row.
    samples : int
        How many tables there are.
    """

    rows: FailureTable
    sample: IntArray
    samples: int

    @classmethod
    def of(cls, tables: Sequence[FailureTable]) -> TableStack:
        """Lay tables one after the other; at least one."""
        together = FailureTable(
            np.concatenate([table.reference for table in tables]),
            np.concatenate([table.candidate for table in tables]),
            np.concatenate([table.bucket for table in tables]),
            np.concatenate([table.counts for table in tables]),
        )
        sizes = [table.counts.size for table in tables]
        return cls(together, np.repeat(np.arange(len(tables)), sizes), len(tables))

    def overlaps_and_unions(
        self, ids: Sequence[int], repaired: NDArray[np.bool_] | None = None
    ) -> tuple[IntArray, IntArray]:
        """Intersection and union of some classes in every sample.

        Parameters
        ----------
        ids : sequence of int
            Class ids, distinct.
        repaired : ndarray of bool, one per row, optional
            Rows whose pixels count as if they were right.

        Returns
        -------
        overlap, union : ndarray of int64, shape (samples, ids)

        Examples
        --------
        >>> table = FailureTable.of([(1, 1, 0), (1, 2, 3)], np.array([9, 2]))
        >>> stack = TableStack.of([table, table])
        >>> [part.tolist() for part in stack.overlaps_and_unions([1, 2])]
        [[[9, 0], [9, 0]], [[11, 2], [11, 2]]]
        >>> [part.tolist() for part in stack.overlaps_and_unions([1], stack.rows.bucket > 0)]
        [[[11], [11]], [[11], [11]]]
        """
        reference, candidate = self.rows.reference, self.rows.candidate
        if repaired is not None:
            candidate = np.where(repaired, reference, candidate)
        order = np.argsort(np.asarray(ids, np.int64), kind="stable")
        wanted = np.asarray(ids, np.int64)[order]
        agree = reference == candidate
        own = self._sums(reference, wanted)
        other = self._sums(candidate, wanted)
        overlap = self._sums(reference, wanted, agree)
        back = np.argsort(order, kind="stable")
        return overlap[:, back], (own + other - overlap)[:, back]

    def _sums(
        self, column: IntArray, wanted: IntArray, among: NDArray[np.bool_] | None = None
    ) -> IntArray:
        """Pixels of the rows with each of some ascending ids, shape (samples, ids)."""
        shape = (self.samples, wanted.size)
        if not wanted.size:
            return np.zeros(shape, np.int64)
        place = np.searchsorted(wanted, column).clip(max=wanted.size - 1)
        there = wanted[place] == column
        if among is not None:
            there &= among
        cells = self.sample[there] * wanted.size + place[there]
        # float64 sums of whole numbers are exact below 2**53
        sums = np.bincount(cells, self.rows.counts[there], minlength=shape[0] * shape[1])
        return sums.astype(np.int64).reshape(shape)
