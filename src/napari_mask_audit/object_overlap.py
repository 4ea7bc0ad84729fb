"""The sparse table of how the objects of two maps overlap.

The pixels are visited once, by the counting kernel; matching, panoptic quality, splits, merges and
variation of information all read this table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ObjectOverlap:
    """Sparse overlap table of the objects of two label maps.

    Attributes
    ----------
    reference_ids, candidate_ids : ndarray of int64, shape (R,) and (C,)
        Object ids in ascending order, without the background.
    reference_areas, candidate_areas : ndarray of int64, shape (R,) and (C,)
        Pixels of each object, whether or not the other map has an object there.
    reference_index, candidate_index : ndarray of int64, shape (P,)
        Positions in ``reference_ids`` and ``candidate_ids`` of the pairs that overlap.
    shared : ndarray of int64, shape (P,)
        Pixels each pair has in common, at least 1.
    pixels : int
        All pixels counted, background included, ignored ones not.
    """

    reference_ids: IntArray
    candidate_ids: IntArray
    reference_areas: IntArray
    candidate_areas: IntArray
    reference_index: IntArray
    candidate_index: IntArray
    shared: IntArray
    pixels: int

    @classmethod
    def from_tuples(
        cls,
        labels: ArrayLike,
        counts: ArrayLike,
        *,
        background: int | None = 0,
        ignore: int | None = None,
    ) -> ObjectOverlap:
        """Table of objects from counted label pairs.

        Parameters
        ----------
        labels : array_like of int, shape (U, 2)
            Pairs (reference id, candidate id), as ``kernels.count_tuples`` returns them; ids may
            be any whole numbers, in any order, and a pair may come more than once.
        counts : array_like of int, shape (U,)
            Pixels with each pair.
        background : int or None
            The id that is not an object, in either map; None when every id is an object.
        ignore : int, optional
            Pixels with this reference id are left out altogether.

        Examples
        --------
        Object 70000 of the reference (4 pixels) is covered half by object 3.

        >>> table = ObjectOverlap.from_tuples([[70000, 3], [70000, 0], [0, 0]], [2, 2, 5])
        >>> table.reference_areas, table.candidate_areas, table.shared
        (array([4]), array([2]), array([2]))
        """
        pairs = np.asarray(labels, dtype=np.int64).reshape(-1, 2)
        weight = np.asarray(counts, dtype=np.int64)
        if ignore is not None:
            kept = pairs[:, 0] != ignore
            pairs, weight = pairs[kept], weight[kept]
        first, second = pairs[:, 0], pairs[:, 1]
        is_first = np.ones(len(pairs), dtype=bool) if background is None else first != background
        is_second = np.ones(len(pairs), dtype=bool) if background is None else second != background
        reference_ids, reference_index, reference_areas = _areas(first, weight, is_first)
        candidate_ids, candidate_index, candidate_areas = _areas(second, weight, is_second)
        both = is_first & is_second & (weight > 0)
        row, column, shared = _add_up(
            reference_index[both], candidate_index[both], weight[both], len(candidate_ids)
        )
        return cls(
            reference_ids=reference_ids,
            candidate_ids=candidate_ids,
            reference_areas=reference_areas,
            candidate_areas=candidate_areas,
            reference_index=row,
            candidate_index=column,
            shared=shared,
            pixels=int(weight.sum()),
        )

    @property
    def union(self) -> IntArray:
        """Pixels in either object of each pair, shape (P,)."""
        return (
            self.reference_areas[self.reference_index]
            + self.candidate_areas[self.candidate_index]
            - self.shared
        )

    @property
    def iou(self) -> NDArray[np.float64]:
        """Intersection over union of each pair, in (0, 1], shape (P,)."""
        return self.shared / self.union

    def swapped(self) -> ObjectOverlap:
        """The same table with the roles of the two maps exchanged."""
        order = np.lexsort((self.reference_index, self.candidate_index))
        return ObjectOverlap(
            reference_ids=self.candidate_ids,
            candidate_ids=self.reference_ids,
            reference_areas=self.candidate_areas,
            candidate_areas=self.reference_areas,
            reference_index=self.candidate_index[order],
            candidate_index=self.reference_index[order],
            shared=self.shared[order],
            pixels=self.pixels,
        )


def _areas(
    ids: IntArray, weight: IntArray, is_object: NDArray[np.bool_]
) -> tuple[IntArray, IntArray, IntArray]:
    """Distinct object ids, the position of every row's id among them, and their areas."""
    found = np.unique(ids[is_object & (weight > 0)])
    index = np.searchsorted(found, ids)
    area = np.zeros(len(found), dtype=np.int64)
    counted = is_object & (weight > 0)
    np.add.at(area, index[counted], weight[counted])
    return found, index, area


def _add_up(
    row: IntArray, column: IntArray, weight: IntArray, columns: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Sum the weights of equal (row, column) pairs; pairs come back in lexicographic order."""
    key, inverse = np.unique(row * max(columns, 1) + column, return_inverse=True)
    total = np.zeros(len(key), dtype=np.int64)
    np.add.at(total, inverse, weight)
    return key // max(columns, 1), key % max(columns, 1), total
