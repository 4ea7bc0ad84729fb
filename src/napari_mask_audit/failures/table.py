"""Wrong pixels counted by reference class, candidate class and bucket: small and additive.

Everything that buckets say about scores is read from this table: shares of 1 − IoU, what the mean
would be with one kind of error repaired, the same for a whole dataset. Tables of tiles and samples
add.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..scores import mean_of, or_none

IntArray = NDArray[np.int64]


class Bucket(StrEnum):
    """What kind of error a wrong pixel is part of."""

    BOUNDARY = "boundary"
    MISSED_SMALL = "missed_small"
    CONFUSION = "confusion"
    MISSED_LARGE = "missed_large"
    FALSE_REGION = "false_region"
    OVER_EXTENT = "over_extent"
    UNDER_EXTENT = "under_extent"
    SPLIT = "split"
    MERGE = "merge"

    @property
    def code(self) -> int:
        """Value of this bucket in a bucket image, from 1.

        Examples
        --------
        >>> Bucket.BOUNDARY.code, Bucket.MERGE.code
        (1, 9)
        """
        return BUCKETS.index(self) + 1


#: In the order of their codes.
BUCKETS = tuple(Bucket)
#: The three buckets that are always shown; the rest folds into "other".
MAIN_BUCKETS = BUCKETS[:3]
#: Value of pixels that are right or do not count.
NO_BUCKET = 0


@dataclass(frozen=True)
class ClassFailures:
    """Where the missing part of one class's IoU went.

    Attributes
    ----------
    id : int
        Class id.
    overlap, union : int
        Pixels in both masks, and in either.
    pixels : mapping of Bucket to int
        Wrong pixels of the class, missing and superfluous ones together. With ``overlap`` they
        sum to ``union``.
    missing, superfluous : mapping of Bucket to int
        The same split into pixels that the candidate lacks and pixels that it adds.
    """

    id: int
    overlap: int
    union: int
    pixels: dict[Bucket, int]
    missing: dict[Bucket, int]
    superfluous: dict[Bucket, int]

    @property
    def iou(self) -> float:
        """Intersection over union; NaN where the class occurs in neither mask."""
        return self.overlap / self.union if self.union else float("nan")

    @property
    def shares(self) -> dict[Bucket, float]:
        """Share of the union lost to each bucket; they sum to 1 − IoU. Empty without the class."""
        return {b: n / self.union for b, n in self.pixels.items()} if self.union else {}

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary with every bucket."""
        return {
            "id": self.id,
            "iou": or_none(self.iou),
            "union_pixels": self.union,
            "overlap_pixels": self.overlap,
            "shares": {b.value: share for b, share in self.shares.items()},
            "pixels": {b.value: n for b, n in self.pixels.items()},
        }


@dataclass(frozen=True, eq=False)
class FailureTable:
    """Pixel counts by (reference id, candidate id, bucket code).

    Attributes
    ----------
    reference, candidate : ndarray of int64, shape (U,)
        Class ids.
    bucket : ndarray of int64, shape (U,)
        0 where the ids agree, else the code of a :class:`Bucket`.
    counts : ndarray of int64, shape (U,)
        Pixels.
    """

    reference: IntArray
    candidate: IntArray
    bucket: IntArray
    counts: IntArray

    @classmethod
    def of(cls, rows: NDArray[Any], counts: NDArray[Any]) -> FailureTable:
        """A table from rows (reference, candidate, bucket), equal rows added up."""
        unique, inverse = np.unique(
            np.asarray(rows, np.int64).reshape(-1, 3), axis=0, return_inverse=True
        )
        total = np.zeros(len(unique), np.int64)
        np.add.at(total, inverse.reshape(-1), counts)
        return cls(unique[:, 0], unique[:, 1], unique[:, 2], total)

    @property
    def rows(self) -> IntArray:
        """The three key columns, shape (U, 3)."""
        return np.stack([self.reference, self.candidate, self.bucket], axis=1)

    def __add__(self, other: FailureTable) -> FailureTable:
        return FailureTable.of(
            np.concatenate([self.rows, other.rows]), np.concatenate([self.counts, other.counts])
        )

    @classmethod
    def total(cls, tables: Iterable[FailureTable]) -> FailureTable:
        """The sum of many tables; the empty table of none."""
        chosen = list(tables)
        if not chosen:
            return cls.of(np.empty((0, 3)), np.empty(0, np.int64))
        return cls.of(
            np.concatenate([t.rows for t in chosen]), np.concatenate([t.counts for t in chosen])
        )

    @property
    def ids(self) -> list[int]:
        """Class ids that occur in either mask, ascending."""
        found: list[int] = np.union1d(self.reference, self.candidate).tolist()
        return found

    def pixels_in(self, bucket: Bucket) -> int:
        """Wrong pixels in a bucket, each counted once."""
        return int(self.counts[self.bucket == bucket.code].sum())

    @property
    def wrong_pixels(self) -> int:
        """All wrong pixels."""
        return int(self.counts[self.bucket != NO_BUCKET].sum())

    def repaired(self, rows: NDArray[np.bool_]) -> FailureTable:
        """The table if the pixels of the chosen rows were right."""
        candidate = np.where(rows, self.reference, self.candidate)
        bucket = np.where(rows, NO_BUCKET, self.bucket)
        return FailureTable.of(np.stack([self.reference, candidate, bucket], axis=1), self.counts)

    def overlaps_and_unions(self, ids: Iterable[int]) -> tuple[IntArray, IntArray]:
        """Intersection and union of each class, in the order of ``ids``."""
        wanted = np.fromiter(ids, np.int64)
        if wanted.size == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        own, other = self.reference == wanted[:, None], self.candidate == wanted[:, None]
        return (own & other) @ self.counts, (own | other) @ self.counts

    def iou(self, class_id: int) -> float:
        """IoU of one class; NaN where it occurs in neither mask."""
        overlap, union = self.overlaps_and_unions([class_id])
        return float(overlap[0] / union[0]) if union[0] else float("nan")

    def mean_iou(self, left_out: Collection[int] = ()) -> float:
        """Mean IoU over the classes that occur, without ``left_out``; NaN when none does."""
        overlap, union = self.overlaps_and_unions(i for i in self.ids if i not in left_out)
        defined = union > 0
        return mean_of((overlap[defined] / union[defined]).tolist())

    def classes(self, left_out: Collection[int] = ()) -> tuple[ClassFailures, ...]:
        """One row per class that occurs, without ``left_out``."""
        return tuple(self._class_failures(i) for i in self.ids if i not in left_out)

    def _class_failures(self, class_id: int) -> ClassFailures:
        own, other = self.reference == class_id, self.candidate == class_id
        missing, superfluous = (
            np.bincount(self.bucket[rows], self.counts[rows], len(BUCKETS) + 1).astype(np.int64)
            for rows in (own & ~other, other & ~own)
        )
        both = missing + superfluous
        return ClassFailures(
            class_id,
            int(self.counts[own & other].sum()),
            int(self.counts[own | other].sum()),
            {b: int(both[b.code]) for b in BUCKETS},
            {b: int(missing[b.code]) for b in BUCKETS},
            {b: int(superfluous[b.code]) for b in BUCKETS},
        )


def folded(values: Mapping[Bucket, int] | Mapping[Bucket, float]) -> dict[str, float]:
    """The three main buckets, and the sum of all others as ``"other"``.

    Examples
    --------
    >>> folded({Bucket.BOUNDARY: 3, Bucket.SPLIT: 2, Bucket.MERGE: 1})
    {'boundary': 3, 'missed_small': 0, 'confusion': 0, 'other': 3}
    """
    main: dict[str, float] = {bucket.value: values.get(bucket, 0) for bucket in MAIN_BUCKETS}
    rest = sum(value for bucket, value in values.items() if bucket not in MAIN_BUCKETS)
    return {**main, "other": rest}
