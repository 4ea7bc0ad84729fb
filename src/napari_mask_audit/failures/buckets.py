"""Every wrong pixel in exactly one bucket, for all classes at once.

In short: a region of which next to nothing was found is *missed* (small or large) or, where
another foreground region stands in its place, *confused*; a region that should not be there is
*false*; strips that cut or join objects are *split* and *merge*; of the rest, a band no thicker
than the tolerance is *boundary*, and a thicker one *over-* or *under-extent*, or *confusion* where
both classes are foreground. ``docs/failures.md`` gives the rules in full.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import MaskError
from ..failure_thresholds import FailureThresholds
from ..masks import LabelArray
from .proximity import NEAR, proximity_codes
from .regions import CodeArray, IntArray, RegionTable, region_buckets, region_table
from .table import Bucket, FailureTable
from .topology import mark_topology

_DEFAULT = FailureThresholds()


@dataclass(frozen=True, eq=False)
class BucketMap:
    """Buckets of one mask pair.

    Attributes
    ----------
    image : ndarray of uint8, the shape of the masks
        0 where the masks agree or pixels do not count, else :attr:`Bucket.code`.
    table : FailureTable
        The same, counted by class pair.
    thresholds : FailureThresholds
        What decided.
    tolerance : float
        The tolerance in the unit of the spacing.
    small_area : float
        Missed regions with fewer pixels are small.
    spacing : tuple of float
        Pixel size per axis.
    background : int or None
        The id that was treated as background.
    ignore_ids : tuple of int
        Reference ids that did not count.
    """

    image: CodeArray
    table: FailureTable
    thresholds: FailureThresholds
    tolerance: float
    small_area: float
    spacing: tuple[float, ...]
    background: int | None
    ignore_ids: tuple[int, ...]
    regions: RegionTable
    codes: CodeArray
    reference_codes: CodeArray
    candidate_codes: CodeArray

    def region_level(self) -> NDArray[np.bool_]:
        """Wrong pixels of regions that are wrong as a whole: missed, false, confused, or a hole.

        A hole is a piece of background of which next to nothing is right. No bucket needs to know
        (it is under-extent), but it says nothing about where outlines are drawn either.
        """
        regions, share = self.regions, self.thresholds.missed_recall
        wrong = np.flatnonzero(self.image)
        level = np.zeros(self.image.shape, np.bool_)
        sides = (
            (regions.reference, regions.reference_image, regions.reference_size,
             regions.reference_right, self.reference_codes),
            (regions.candidate, regions.candidate_image, regions.candidate_size,
             regions.candidate_right, self.candidate_codes),
        )  # fmt: skip
        for found, image, size, right, codes in sides:
            whole = codes > 0
            if self.background is not None:
                whole |= (found.label == self.background) & (right < share * size)
            level.reshape(-1)[wrong[whole[image.reshape(-1)[wrong]]]] = True
        return level


def buckets(
    reference: LabelArray,
    candidate: LabelArray,
    *,
    background: int | None = None,
    ignore_ids: Collection[int] = (),
    spacing: Sequence[float] | None = None,
    thresholds: FailureThresholds = _DEFAULT,
) -> BucketMap:
    """Sort every wrong pixel of a mask pair into one bucket.

    Parameters
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x), the same for both
        Class ids.
    background : int, optional
        The id that is nobody's object. Without one every class is treated alike.
    ignore_ids : collection of int
        Pixels with one of these ids in the reference do not count.
    spacing : sequence of float, optional
        Pixel size per axis; 1 by default.
    thresholds : FailureThresholds
        The judgement calls.

    Returns
    -------
    BucketMap
        For each class, pixels over buckets sum to union − intersection, exactly.

    Raises
    ------
    MaskError
        ``shape-mismatch``, ``bad-spacing``.

    Examples
    --------
    A square drawn one pixel too wide, and a speck that nobody else sees.

    >>> reference = np.zeros((20, 20), np.uint8)
    >>> candidate = reference.copy()
    >>> reference[4:10, 4:10], candidate[4:10, 4:11] = 1, 1
    >>> candidate[15:18, 15:18] = 1
    >>> found = buckets(reference, candidate, background=0)
    >>> row = found.table.classes(left_out={0})[0]
    >>> {bucket.value: n for bucket, n in row.pixels.items() if n}, row.union - row.overlap
    ({'boundary': 6, 'false_region': 9}, 15)
    """
    grid = _checked_spacing(reference, candidate, spacing)
    ignored = tuple(sorted(ignore_ids))
    tolerance = thresholds.tolerance_for(grid)
    small = thresholds.small_area_for(math.prod(reference.shape))
    codes = proximity_codes(
        reference, candidate, ignore_ids=ignored, spacing=grid, tolerance=tolerance
    )
    wrong = np.flatnonzero(codes)
    regions = region_table(reference, candidate, ignored)
    own, other = region_buckets(
        regions, codes, wrong, background=background, small_area=small, thresholds=thresholds
    )
    image = np.zeros(reference.shape, np.uint8)
    image.reshape(-1)[wrong] = _pixel_buckets(regions, codes, wrong, own, other, background)
    if thresholds.split_part is not None and wrong.size:
        mark_topology(
            image, regions, background=background, spacing=grid, split_part=thresholds.split_part
        )
    table = _count(reference, candidate, image, wrong, regions)
    return BucketMap(
        image, table, thresholds, tolerance, small, grid, background, ignored,
        regions, codes, own, other,
    )  # fmt: skip


def _checked_spacing(
    reference: LabelArray, candidate: LabelArray, spacing: Sequence[float] | None
) -> tuple[float, ...]:
    if reference.shape != candidate.shape:
        raise MaskError(
            "shape-mismatch",
            f"the reference has shape {reference.shape} and the candidate {candidate.shape}; "
            "both must cover the same pixels.",
        )
    grid = (1.0,) * reference.ndim if spacing is None else tuple(float(s) for s in spacing)
    if len(grid) != reference.ndim or not all(np.isfinite(s) and s > 0 for s in grid):
        raise MaskError(
            "bad-spacing",
            f"spacing must be one positive number for each of {reference.ndim} axes, "
            f"but is {grid}.",
        )
    return grid


def _pixel_buckets(
    regions: RegionTable,
    codes: CodeArray,
    wrong: IntArray,
    reference_codes: CodeArray,
    candidate_codes: CodeArray,
    background: int | None,
) -> CodeArray:
    """Bucket code of each wrong pixel, splits and merges aside."""
    own = regions.reference_image.reshape(-1)[wrong]
    other = regions.candidate_image.reshape(-1)[wrong]
    missed, false = reference_codes[own], candidate_codes[other]
    confused = (missed == Bucket.CONFUSION.code) | (false == Bucket.CONFUSION.code)
    confused |= (missed > 0) & (false > 0)
    rest = np.full(wrong.size, Bucket.CONFUSION.code, np.uint8)
    if background is not None:
        rest[regions.reference.label[own] == background] = Bucket.OVER_EXTENT.code
        rest[regions.candidate.label[other] == background] = Bucket.UNDER_EXTENT.code
    near = (codes.reshape(-1)[wrong] & NEAR) > 0
    chosen = np.select(
        [confused, missed > 0, false > 0, near],
        [np.uint8(Bucket.CONFUSION.code), missed, false, np.uint8(Bucket.BOUNDARY.code)],
        default=rest,
    )
    return np.asarray(chosen, np.uint8)


def _count(
    reference: LabelArray,
    candidate: LabelArray,
    image: CodeArray,
    wrong: IntArray,
    regions: RegionTable,
) -> FailureTable:
    """Right pixels from the region table, wrong ones from the pixels: each is visited once."""
    label = regions.reference.label[regions.pairs[regions.same, 0]]
    right = np.stack([label, label, np.zeros_like(label)], axis=1)
    ids = np.union1d(regions.reference.label, regions.candidate.label)
    own = np.searchsorted(ids, reference.reshape(-1)[wrong])
    other = np.searchsorted(ids, candidate.reshape(-1)[wrong])
    key = (own * ids.size + other) * 16 + image.reshape(-1)[wrong]
    unique, counts = np.unique(key, return_counts=True)
    pair, bucket = np.divmod(unique, 16)
    rows = np.stack([ids[pair // ids.size], ids[pair % ids.size], bucket], axis=1)
    return FailureTable.of(
        np.concatenate([right, rows]), np.concatenate([regions.shared[regions.same], counts])
    )
