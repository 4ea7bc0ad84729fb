"""What every rater said about every pixel, as a short table: the input of all agreement numbers.

A vote table is a :class:`~napari_mask_audit.overlap.TupleTable` seen through the raters that
matter: one column per rater, missing and void labels marked as such. Kappas, alphas, votes, STAPLE
and Dawid–Skene all read its few thousand rows and never the pixels; tables of samples simply stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..kernels.vectorised import count_weighted_tuples
from ..overlap import TupleTable

#: Stands for "this rater said nothing here": no mask, or a void label. No mask can hold it.
MISSING = int(np.iinfo(np.int32).min)

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class VoteTable:
    """Label combinations of a group of raters.

    Attributes
    ----------
    raters : tuple of str
        One per column.
    labels : ndarray of int32, shape (U, K)
        The votes; :data:`MISSING` where a rater said nothing. Rows may repeat.
    counts : ndarray of int64, shape (U,)
        Pixels with these votes.
    """

    raters: tuple[str, ...]
    labels: NDArray[np.int32]
    counts: IntArray

    @classmethod
    def of(
        cls, table: TupleTable, raters: Sequence[str], *, ignore_ids: Iterable[int] = ()
    ) -> VoteTable:
        """The votes of some of a sample's sources; raters without a mask are missing throughout.

        Parameters
        ----------
        table : TupleTable
            Rows keep their order, so row *i* here is row *i* there.
        raters : sequence of str
            Columns of the result.
        ignore_ids : iterable of int
            Labels that are no vote.
        """
        labels = np.full((len(table.counts), len(raters)), MISSING, np.int32)
        for column, rater in enumerate(raters):
            if rater in table.sources:
                labels[:, column] = table.labels[:, table.sources.index(rater)]
        labels[np.isin(labels, np.fromiter(ignore_ids, np.int64))] = MISSING
        return cls(tuple(raters), labels, table.counts)

    @classmethod
    def stack(cls, tables: Sequence[VoteTable]) -> VoteTable:
        """Several samples (or tiles) as one table; all must have the same raters."""
        raters = tables[0].raters
        if any(table.raters != raters for table in tables):
            raise ValueError("vote tables of different raters cannot be stacked")
        return cls(
            raters,
            np.concatenate([table.labels for table in tables]),
            np.concatenate([table.counts for table in tables]),
        )

    def columns(self, raters: Sequence[str]) -> VoteTable:
        """The same rows, only these raters."""
        chosen = [self.raters.index(rater) for rater in raters]
        return VoteTable(tuple(raters), self.labels[:, chosen], self.counts)

    def rows(self, keep: NDArray[np.bool_]) -> VoteTable:
        """Only some of the rows."""
        return VoteTable(self.raters, self.labels[keep], self.counts[keep])

    def one_vs_rest(self, class_id: int) -> VoteTable:
        """Votes for a class (1) and against it (0)."""
        binary = (self.labels == class_id).astype(np.int32)
        binary[self.labels == MISSING] = MISSING
        return VoteTable(self.raters, binary, self.counts)

    def condensed(self) -> VoteTable:
        """Equal rows added up, in lexicographic order."""
        if not len(self.counts):
            return self
        ids = np.append(MISSING, self.ids)
        codes, counts = count_weighted_tuples([*self.codes(self.ids).T], self.counts)
        return VoteTable(self.raters, ids[codes + 1].astype(np.int32), counts)

    @cached_property
    def ids(self) -> IntArray:
        """Every label that got a vote, ascending, shape (L,)."""
        found: IntArray = np.unique(self.labels[self.labels != MISSING]).astype(np.int64)
        return found

    def codes(self, ids: IntArray) -> NDArray[np.int32]:
        """Votes as positions in ``ids`` (ascending, all that occur), -1 where there is none."""
        found = np.searchsorted(ids, self.labels).astype(np.int32)
        found[self.labels == MISSING] = -1
        return found

    @cached_property
    def present(self) -> IntArray:
        """Number of raters who voted, shape (U,)."""
        said: IntArray = (self.labels != MISSING).sum(axis=1)
        return said

    @property
    def unanimous(self) -> NDArray[np.bool_]:
        """Whether everybody who voted said the same (True also without any vote), shape (U,)."""
        high = self.labels.max(axis=1, initial=MISSING)
        low = np.where(self.labels == MISSING, high[:, None], self.labels).min(
            axis=1, initial=np.iinfo(np.int32).max
        )
        return np.asarray(low >= high)

    @property
    def pixels(self) -> int:
        """Pixels with at least one vote."""
        return int(self.counts[self.present > 0].sum())

    def tally(self, ids: NDArray[np.integer] | None = None) -> IntArray:
        """Votes for each label, shape (U, L).

        Examples
        --------
        >>> labels = np.array([[1, 1, 2], [2, MISSING, 2]], np.int32)
        >>> VoteTable(("a", "b", "c"), labels, np.array([5, 1])).tally().tolist()
        [[2, 1], [0, 2]]
        """
        wanted = self.ids if ids is None else ids
        votes = np.zeros((len(self.counts), len(wanted)), np.int64)
        for column in range(self.labels.shape[1]):
            votes += self.labels[:, column, None] == wanted
        return votes
