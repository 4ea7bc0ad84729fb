"""The regions of both masks, how much they share, and which of them are missed or false.

A region is a connected piece of one class in one mask. Whether it was found is a property of the
whole region, so this is decided once, on a table of region pairs, before any pixel gets a bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..failure_thresholds import FailureThresholds
from .table import Bucket

IntArray = NDArray[np.int64]
CodeArray = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RegionList:
    """Connected pieces of every class of one mask, in C order of their first pixels.

    Attributes
    ----------
    label : ndarray of int64, shape (n,)
        Class id.
    first : ndarray of int64, shape (n, ndim)
        First pixel in C order.
    start, stop : ndarray of int64, shape (n, ndim)
        Bounding box, half-open.
    """

    label: IntArray
    first: IntArray
    start: IntArray
    stop: IntArray

    def __len__(self) -> int:
        return len(self.label)


@dataclass(frozen=True, eq=False)
class RegionTable:
    """Regions of both masks and the pixels they share.

    Attributes
    ----------
    reference, candidate : RegionList
        Regions of either mask, background included.
    pairs : ndarray of int64, shape (N, 2)
        Region numbers (reference, candidate) that share valid pixels, ascending.
    shared : ndarray of int64, shape (N,)
        How many.
    same : ndarray of bool, shape (N,)
        Whether both carry one class.
    reference_size, candidate_size : ndarray of int64
        Valid pixels of each region.
    """

    reference: RegionList
    candidate: RegionList
    pairs: IntArray
    shared: IntArray
    same: BoolArray
    reference_size: IntArray
    candidate_size: IntArray

    @cached_property
    def ids(self) -> IntArray:
        """The classes of both masks, ascending."""
        return np.union1d(self.reference.label, self.candidate.label)

    @cached_property
    def id_numbers(self) -> tuple[IntArray, IntArray]:
        """Place of each region's class among :attr:`ids`: reference regions, candidate regions."""
        return (
            np.searchsorted(self.ids, self.reference.label),
            np.searchsorted(self.ids, self.candidate.label),
        )

    @cached_property
    def reference_right(self) -> IntArray:
        """Pixels of each reference region that the candidate labels right."""
        return _sums(self.pairs[:, 0], np.where(self.same, self.shared, 0), self.reference_size)

    @cached_property
    def candidate_right(self) -> IntArray:
        """Pixels of each candidate region that are right."""
        return _sums(self.pairs[:, 1], np.where(self.same, self.shared, 0), self.candidate_size)

    @cached_property
    def covering(self) -> IntArray:
        """For each reference region, the pair row of the other-class region that covers most."""
        return _largest(self.pairs[:, 0], self._of_other_class(), len(self.reference_size))

    @cached_property
    def underlying(self) -> IntArray:
        """For each candidate region, the pair row of the other-class region it mostly lies on."""
        return _largest(self.pairs[:, 1], self._of_other_class(), len(self.candidate_size))

    @cached_property
    def partner(self) -> IntArray:
        """For each candidate region, the same-class reference region it shares most with, or −1."""
        row = _largest(
            self.pairs[:, 1], np.where(self.same, self.shared, 0), len(self.candidate_size)
        )
        return np.where(row >= 0, self.pairs[row, 0], -1) if self.shared.size else row

    def _of_other_class(self) -> IntArray:
        return np.where(self.same, 0, self.shared)


def region_table(
    reference: RegionList, candidate: RegionList, pairs: IntArray, shared: IntArray
) -> RegionTable:
    """A table from the regions of both masks and pairs that share pixels, equal ones added up."""
    unique, inverse = np.unique(
        pairs[:, 0] * max(1, len(candidate)) + pairs[:, 1], return_inverse=True
    )
    counts = np.bincount(inverse.reshape(-1), shared, unique.size).astype(np.int64)
    own, other = np.divmod(unique, max(1, len(candidate)))
    return RegionTable(
        reference, candidate, np.stack([own, other], axis=1), counts,
        same=reference.label[own] == candidate.label[other],
        reference_size=_sums(own, counts, reference.label),
        candidate_size=_sums(other, counts, candidate.label),
    )  # fmt: skip


def region_buckets(
    table: RegionTable,
    deep_reference: BoolArray,
    deep_candidate: BoolArray,
    *,
    background: int | None,
    small_area: float,
    thresholds: FailureThresholds,
) -> tuple[CodeArray, CodeArray]:
    """Bucket codes of missed and false regions; 0 for all other regions.

    Parameters
    ----------
    table : RegionTable
    deep_reference, deep_candidate : ndarray of bool, one value per region
        Whether some pixel of it lies further than the tolerance from where it would be right.
    background : int or None
        A class whose regions are neither missed nor false.
    small_area : float
        Missed regions with fewer pixels are small.
    thresholds : FailureThresholds
        Shares at which a region is missed, and at which it is confused.

    Returns
    -------
    reference_codes, candidate_codes : ndarray of uint8, one value per region
        ``missed_small``, ``missed_large`` or ``confusion``; ``false_region`` or ``confusion``.
    """
    share = thresholds.missed_recall
    missed = deep_reference & (table.reference_right < share * table.reference_size)
    false = deep_candidate & (table.candidate_right < share * table.candidate_size)
    if background is not None:
        missed &= table.reference.label != background
        false &= table.candidate.label != background
    return (
        _missed_codes(table, missed, background, small_area, thresholds.dominance),
        _false_codes(table, false, background, thresholds.dominance),
    )


def _missed_codes(
    table: RegionTable,
    missed: NDArray[np.bool_],
    background: int | None,
    small_area: float,
    dominance: float,
) -> CodeArray:
    row = table.covering
    if table.shared.size == 0:  # nothing valid at all
        return np.zeros(missed.size, np.uint8)
    cover, shared = table.pairs[row, 1], table.shared[row]
    confused = (row >= 0) & (shared >= dominance * table.candidate_size[cover])
    if background is not None:
        confused &= table.candidate.label[cover] != background
    small = table.reference_size < small_area
    codes = np.where(small, Bucket.MISSED_SMALL.code, Bucket.MISSED_LARGE.code)
    return np.where(missed, np.where(confused, Bucket.CONFUSION.code, codes), 0).astype(np.uint8)


def _false_codes(
    table: RegionTable, false: NDArray[np.bool_], background: int | None, dominance: float
) -> CodeArray:
    row = table.underlying
    if table.shared.size == 0:
        return np.zeros(false.size, np.uint8)
    below, shared = table.pairs[row, 0], table.shared[row]
    if background is None:
        confused = (row >= 0) & (shared >= dominance * table.reference_size[below])
    else:
        confused = (row >= 0) & (table.reference.label[below] != background)
    code = np.where(confused, Bucket.CONFUSION.code, Bucket.FALSE_REGION.code)
    return np.where(false, code, 0).astype(np.uint8)


def _sums(index: IntArray, values: IntArray, like: IntArray) -> IntArray:
    return np.bincount(index, values, len(like)).astype(np.int64)


def _largest(index: IntArray, values: IntArray, n: int) -> IntArray:
    """For each index below ``n``, the first row with its largest positive value; −1 without."""
    rows = np.full(n, -1, np.int64)
    order = np.lexsort((-np.arange(len(index)), values))
    order = order[values[order] > 0]
    rows[index[order]] = order  # the last write is the largest value
    return rows
