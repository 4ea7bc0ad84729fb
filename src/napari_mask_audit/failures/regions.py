"""The regions of both masks, how much they share, and which of them are missed or false.

A region is a connected piece of one class in one mask. Whether it was found is a property of the
whole region, so this is decided once, on a table of region pairs, before any pixel gets a bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..failure_thresholds import FailureThresholds
from ..kernels.components import Components, label_components
from ..masks import LabelArray
from .proximity import FAR_FROM_CANDIDATE, FAR_FROM_REFERENCE
from .table import Bucket

IntArray = NDArray[np.int64]
CodeArray = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class RegionTable:
    """Regions of both masks and the pixels they share.

    Attributes
    ----------
    reference, candidate : Components
        Regions of either mask, background included.
    reference_image, candidate_image : ndarray of int32
        Number of the region of each pixel, from 0.
    pairs : ndarray of int64, shape (N, 2)
        Region numbers (reference, candidate) that share valid pixels.
    shared : ndarray of int64, shape (N,)
        How many.
    same : ndarray of bool, shape (N,)
        Whether both carry one class.
    reference_size, candidate_size : ndarray of int64
        Valid pixels of each region.
    """

    reference: Components
    candidate: Components
    reference_image: NDArray[np.int32]
    candidate_image: NDArray[np.int32]
    pairs: IntArray
    shared: IntArray
    same: NDArray[np.bool_]
    reference_size: IntArray
    candidate_size: IntArray

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
    reference: LabelArray, candidate: LabelArray, ignore_ids: Sequence[int]
) -> RegionTable:
    """Find the regions of both masks and count what they share, ignored pixels left out."""
    own, other = label_components(reference), label_components(candidate)
    images = [found.image() for found in (own, other)]
    for image in images:
        image -= 1
    first, second = (image.reshape(-1) for image in images)
    # Runs of equal pairs may wrap from row to row here: only their lengths matter.
    change = np.flatnonzero((first[1:] != first[:-1]) | (second[1:] != second[:-1])) + 1
    start = np.concatenate([[0], change])
    length = np.diff(np.append(start, first.size))
    key = first[start].astype(np.int64) * len(other) + second[start]
    if ignore_ids:
        valid = ~np.isin(own.label[first[start]], ignore_ids)
        key, length = key[valid], length[valid]
    unique, inverse = np.unique(key, return_inverse=True)
    shared = np.bincount(inverse, length, unique.size).astype(np.int64)
    pairs = np.stack(np.divmod(unique, len(other)), axis=1)
    return RegionTable(
        own, other, images[0], images[1], pairs, shared,
        same=own.label[pairs[:, 0]] == other.label[pairs[:, 1]],
        reference_size=_sums(pairs[:, 0], shared, own.label),
        candidate_size=_sums(pairs[:, 1], shared, other.label),
    )  # fmt: skip


def region_buckets(
    table: RegionTable,
    codes: CodeArray,
    wrong: IntArray,
    *,
    background: int | None,
    small_area: float,
    thresholds: FailureThresholds,
) -> tuple[CodeArray, CodeArray]:
    """Bucket codes of missed and false regions; 0 for all other regions.

    Parameters
    ----------
    table : RegionTable
    codes : ndarray of uint8
        Of :func:`proximity_codes`.
    wrong : ndarray of int64
        Flat indices of the wrong pixels.
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
    flat = codes.reshape(-1)[wrong]
    missed = _lost(
        table.reference.label, table.reference_size, table.reference_right,
        table.reference_image.reshape(-1)[wrong[(flat & FAR_FROM_CANDIDATE) > 0]],
        background, thresholds.missed_recall,
    )  # fmt: skip
    false = _lost(
        table.candidate.label, table.candidate_size, table.candidate_right,
        table.candidate_image.reshape(-1)[wrong[(flat & FAR_FROM_REFERENCE) > 0]],
        background, thresholds.missed_recall,
    )  # fmt: skip
    return (
        _missed_codes(table, missed, background, small_area, thresholds.dominance),
        _false_codes(table, false, background, thresholds.dominance),
    )


def _lost(
    label: IntArray,
    size: IntArray,
    right: IntArray,
    far: NDArray[np.int32],
    background: int | None,
    share: float,
) -> NDArray[np.bool_]:
    """Regions of which next to nothing is right, and not only for being thin."""
    deep = np.zeros(label.size, np.bool_)
    deep[far] = True
    lost = deep & (right < share * size)
    return lost if background is None else lost & (label != background)


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
