"""Pixels counted once: a table of label tuples over all masks of a sample.

Every overlap score of every pair of sources is read from this table, which has a few thousand
rows at most. Tables are additive over tiles, slices and samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import MaskError
from .kernels import boundary_bands, count_banded_tuples, count_tuples
from .masks import LabelArray


@dataclass(frozen=True, eq=False)
class TupleTable:
    """How many pixels carry each combination of labels.

    Attributes
    ----------
    sources : tuple of str
        One name per mask, K in all.
    labels : ndarray of int32, shape (U, K)
        The combinations that occur.
    in_band : ndarray of bool, shape (U, K)
        Whether those pixels lie in the inner boundary band of their own region in that mask.
        Without bands, all False.
    counts : ndarray of int64, shape (U,)
        Pixels per combination.
    """

    sources: tuple[str, ...]
    labels: NDArray[np.int32]
    in_band: NDArray[np.bool_]
    counts: NDArray[np.int64]

    def pair(self, first: str, second: str) -> PairTable:
        """The table of two of the sources."""
        columns = [self.sources.index(first), self.sources.index(second)]
        return PairTable(
            self.labels[:, columns[0]],
            self.labels[:, columns[1]],
            self.in_band[:, columns[0]],
            self.in_band[:, columns[1]],
            self.counts,
        )

    def exchanged(self, old: TupleTable, new: TupleTable) -> TupleTable:
        """The table after some of its pixels were counted anew.

        Parameters
        ----------
        old, new : TupleTable
            Those pixels as they were, and as they are; of the same sources.

        Returns
        -------
        TupleTable
            In lexicographic order of labels and bands, without rows of no pixel; the same as if
            everything had been counted anew.

        Raises
        ------
        ValueError
            When the old pixels were not in the table.
        """
        parts = (self, old, new)
        rows = np.concatenate([2 * t.labels.astype(np.int64) + t.in_band for t in parts])
        counts = np.concatenate([self.counts, -old.counts, new.counts])
        unique, inverse = np.unique(rows, axis=0, return_inverse=True)
        total = np.zeros(len(unique), np.int64)
        np.add.at(total, inverse.reshape(-1), counts)
        if (total < 0).any():
            raise ValueError("the old pixels are not in the table")
        kept = total > 0
        coded = unique[kept]
        labels = (coded >> 1).astype(np.int32)
        return TupleTable(self.sources, labels, (coded & 1).astype(np.bool_), total[kept])


class ClassSizes(NamedTuple):
    """Pixels of one class: in each mask and in both, all of them and those within the bands."""

    reference: int = 0
    candidate: int = 0
    overlap: int = 0
    reference_band: int = 0
    candidate_band: int = 0
    band_overlap: int = 0


@dataclass(frozen=True, eq=False)
class PairTable:
    """Label and band combinations of a reference and a candidate, with their pixel counts."""

    reference: NDArray[np.int32]
    candidate: NDArray[np.int32]
    reference_band: NDArray[np.bool_]
    candidate_band: NDArray[np.bool_]
    counts: NDArray[np.int64]

    def without(self, ignore_ids: Iterable[int]) -> PairTable:
        """The table without the pixels whose *reference* label is ignored."""
        ignored = np.fromiter(ignore_ids, np.int32)
        if ignored.size == 0:
            return self
        keep = ~np.isin(self.reference, ignored)
        return PairTable(
            self.reference[keep],
            self.candidate[keep],
            self.reference_band[keep],
            self.candidate_band[keep],
            self.counts[keep],
        )

    @property
    def ids(self) -> frozenset[int]:
        """Every id that occurs in either mask."""
        return frozenset(np.union1d(self.reference, self.candidate).tolist())

    @property
    def pixels(self) -> int:
        """Pixels counted."""
        return int(self.counts.sum())

    @cached_property
    def sizes(self) -> dict[int, ClassSizes]:
        """What overlap and band scores of every class that occurs are made of, ascending."""
        ids, codes = np.unique(np.stack([self.reference, self.candidate]), return_inverse=True)
        reference, candidate = codes.reshape(2, -1)  # its shape differs between versions of numpy
        same = reference == candidate
        columns = (
            (reference, True),
            (candidate, True),
            (reference, same),
            (reference, self.reference_band),
            (candidate, self.candidate_band),
            (reference, same & self.reference_band & self.candidate_band),
        )
        # float64 sums of whole numbers are exact below 2**53
        sums = [
            np.bincount(own, weights=self.counts * flags, minlength=ids.size).astype(np.int64)
            for own, flags in columns
        ]
        rows = zip(*(column.tolist() for column in sums), strict=True)
        return {
            class_id: ClassSizes(*row) for class_id, row in zip(ids.tolist(), rows, strict=True)
        }

    def confusion(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """Confusion matrix over the given ids: reference along rows, candidate along columns.

        Pixels with any other id are left out.
        """
        order = np.asarray(sorted(ids), dtype=np.int32)
        if order.size == 0:
            return np.zeros((0, 0), dtype=np.int64)
        rows = np.searchsorted(order, self.reference).clip(max=order.size - 1)
        columns = np.searchsorted(order, self.candidate).clip(max=order.size - 1)
        known = (order[rows] == self.reference) & (order[columns] == self.candidate)
        cells = rows[known] * order.size + columns[known]
        # float64 sums of whole numbers are exact below 2**53
        sums = np.bincount(cells, self.counts[known], minlength=order.size**2)
        return sums.astype(np.int64).reshape(order.size, order.size)


def count_overlap(
    masks: Sequence[LabelArray],
    sources: Sequence[str],
    *,
    band_width: int | None = None,
    window: tuple[slice, ...] | None = None,
) -> TupleTable:
    """Count the label combinations of several masks in one pass.

    Parameters
    ----------
    masks : sequence of ndarray of integer, all of one shape
        Label arrays, 2D or 3D.
    sources : sequence of str
        One name per mask.
    band_width : int, optional
        Width in pixels of the inner boundary band to tell apart; without it, bands are not
        counted.
    window : tuple of slice, optional
        Count only these pixels; the rest is looked at for where the bands are.

    Raises
    ------
    MaskError
        ``shape-mismatch``.

    Examples
    --------
    >>> first, second = np.array([[0, 1, 1]], np.uint8), np.array([[0, 0, 1]], np.uint8)
    >>> table = count_overlap([first, second], ["first", "second"])
    >>> table.labels.tolist(), table.counts.tolist()
    ([[0, 0], [1, 0], [1, 1]], [1, 1, 1])
    """
    shapes = {mask.shape for mask in masks}
    if len(shapes) != 1:
        raise MaskError("shape-mismatch", f"masks of one sample differ in shape: {sorted(shapes)}.")
    part = ... if window is None else window
    if band_width is None:
        labels, counts = count_tuples([mask[part] for mask in masks])
        return TupleTable(tuple(sources), labels, np.zeros(labels.shape, np.bool_), counts)
    if window is None:
        return TupleTable(tuple(sources), *count_banded_tuples(masks, band_width))
    bands = [boundary_bands(mask, band_width) for mask in masks]
    columns = [column[window] for both in zip(masks, bands, strict=True) for column in both]
    rows, counts = count_tuples(columns)
    return TupleTable(tuple(sources), rows[:, ::2], rows[:, 1::2].astype(np.bool_), counts)
