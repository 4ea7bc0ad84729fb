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
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..failure_thresholds import FailureThresholds
from ..masks import LabelArray
from .measured import MeasuredPair, measure_pair
from .proximity import is_far, is_near
from .regions import BoolArray, CodeArray, RegionTable, region_buckets
from .strips import STRIP_PIXELS
from .table import Bucket, FailureTable
from .wrong_runs import WrongRuns, counted

_DEFAULT = FailureThresholds()


@dataclass(frozen=True, eq=False)
class BucketMap:
    """Buckets of one mask pair.

    Attributes
    ----------
    pair : MeasuredPair
        What was decided about.
    thresholds : FailureThresholds
        What decided.
    wrong : WrongRuns
        The wrong pixels.
    bucket : ndarray of uint8, shape (R,)
        :attr:`Bucket.code` of each run of wrong pixels.
    far_from_reference, far_from_candidate : ndarray of bool, shape (R,)
        Which runs are further than the tolerance from where the reference has the candidate's
        class, and from where the candidate has the reference's.
    reference_codes, candidate_codes : ndarray of uint8
        Bucket codes of regions that are missed or false as a whole, 0 for the others.
    table : FailureTable
        Pixels counted by class pair and bucket.
    """

    pair: MeasuredPair
    thresholds: FailureThresholds
    wrong: WrongRuns
    bucket: CodeArray
    far_from_reference: BoolArray
    far_from_candidate: BoolArray
    reference_codes: CodeArray
    candidate_codes: CodeArray
    table: FailureTable

    @property
    def regions(self) -> RegionTable:
        """Regions of both masks."""
        return self.pair.differences.regions

    @property
    def small_area(self) -> float:
        """Missed regions with fewer pixels are small."""
        return self.thresholds.small_area_for(math.prod(self.pair.shape))

    @cached_property
    def image(self) -> CodeArray:
        """The buckets as a picture: 0 where the masks agree or pixels do not count."""
        return self.wrong.picture(self.bucket, self.pair.shape)

    def region_level(self) -> BoolArray:
        """Wrong pixels of regions that are wrong as a whole: missed, false, confused, or a hole.

        A hole is a piece of background of which next to nothing is right. No bucket needs to know
        (it is under-extent), but it says nothing about where outlines are drawn either.
        """
        regions, share = self.regions, self.thresholds.missed_recall
        found, background = self.wrong, self.pair.background
        level = np.zeros(len(found), np.bool_)
        sides = (
            (regions.reference, found.own, regions.reference_size, regions.reference_right,
             self.reference_codes),
            (regions.candidate, found.other, regions.candidate_size, regions.candidate_right,
             self.candidate_codes),
        )  # fmt: skip
        for region, number, size, right, codes in sides:
            whole = codes > 0
            if background is not None:
                whole |= (region.label == background) & (right < share * size)
            level |= whole[number]
        return found.picture(level, self.pair.shape)


def buckets(
    reference: LabelArray,
    candidate: LabelArray,
    *,
    background: int | None = None,
    ignore_ids: Collection[int] = (),
    spacing: Sequence[float] | None = None,
    thresholds: FailureThresholds = _DEFAULT,
    strip_pixels: int = STRIP_PIXELS,
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
    strip_pixels : int
        Pixels worked on at a time. It bounds the memory and does not change the result.

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
    pair = measure_pair(
        reference, candidate, background=background, ignore_ids=ignore_ids, spacing=spacing,
        strip_pixels=strip_pixels,
    )  # fmt: skip
    return decide(pair, thresholds)


def decide(pair: MeasuredPair, thresholds: FailureThresholds) -> BucketMap:
    """Sort the wrong pixels of a measured pair into buckets.

    No pixel of the masks is looked at, unless a tolerance is larger than any asked for before, or
    parts of split objects may be smaller. So this is how another threshold is counted again.

    Parameters
    ----------
    pair : MeasuredPair
    thresholds : FailureThresholds
        The judgement calls.
    """
    regions, chosen = pair.differences.regions, thresholds.settled()
    wrong, ball = pair.wrong(chosen.largest_tolerance_for(pair.spacing), chosen.split_part)
    tolerance = _tolerances(pair, wrong, chosen)
    far_from_reference, far_from_candidate = (
        is_far(hits, ball, tolerance) for hits in (wrong.to_reference, wrong.to_candidate)
    )
    own, other = region_buckets(
        regions,
        _with_any(wrong.own[far_from_candidate], len(regions.reference)),
        _with_any(wrong.other[far_from_reference], len(regions.candidate)),
        background=pair.background,
        small_area=chosen.small_area_for(math.prod(pair.shape)),
        thresholds=chosen,
    )
    bucket = _run_buckets(pair, wrong, is_near(wrong, ball, tolerance), own, other)
    bucket = np.where(wrong.mark > 0, wrong.mark, bucket)
    table = _count(regions, wrong, bucket)
    return BucketMap(
        pair, chosen, wrong, bucket, far_from_reference, far_from_candidate, own, other, table
    )


def _tolerances(
    pair: MeasuredPair, wrong: WrongRuns, thresholds: FailureThresholds
) -> float | NDArray[np.float64]:
    """The tolerance of each run of wrong pixels, one for all where no class has its own."""
    if not thresholds.class_tolerances:
        return thresholds.tolerance_for(pair.spacing)
    regions, sides = pair.differences.regions, []
    for side, number in ((regions.reference, wrong.own), (regions.candidate, wrong.other)):
        value = np.full(len(side), np.inf)
        for class_id, _ in thresholds.class_tolerances:
            value[side.label == class_id] = thresholds.tolerance_for(pair.spacing, (class_id,))
        sides.append(value[number])
    own = np.minimum(*sides)
    return np.where(np.isinf(own), thresholds.tolerance_for(pair.spacing), own)


def _with_any(numbers: NDArray[np.int32], count: int) -> BoolArray:
    """Which of ``count`` regions occur among the numbers."""
    found = np.zeros(count, np.bool_)
    found[numbers] = True
    return found


def _run_buckets(
    pair: MeasuredPair,
    wrong: WrongRuns,
    near: BoolArray,
    reference_codes: CodeArray,
    candidate_codes: CodeArray,
) -> CodeArray:
    """Bucket code of each run of wrong pixels, splits and merges aside."""
    regions = pair.differences.regions
    missed, false = reference_codes[wrong.own], candidate_codes[wrong.other]
    confused = (missed == Bucket.CONFUSION.code) | (false == Bucket.CONFUSION.code)
    confused |= (missed > 0) & (false > 0)
    rest = np.full(near.size, Bucket.CONFUSION.code, np.uint8)
    if pair.background is not None:
        rest[(regions.reference.label == pair.background)[wrong.own]] = Bucket.OVER_EXTENT.code
        rest[(regions.candidate.label == pair.background)[wrong.other]] = Bucket.UNDER_EXTENT.code
    chosen = np.select(
        [confused, missed > 0, false > 0, near],
        [np.uint8(Bucket.CONFUSION.code), missed, false, np.uint8(Bucket.BOUNDARY.code)],
        default=rest,
    )
    return np.asarray(chosen, np.uint8)


def _count(regions: RegionTable, wrong: WrongRuns, bucket: CodeArray) -> FailureTable:
    """Right pixels from the region table, wrong ones from their runs: each is counted once."""
    label = regions.reference.label[regions.pairs[regions.same, 0]]
    right = np.stack([label, label, np.zeros_like(label)], axis=1)
    ids = regions.ids
    own, other = (numbers[runs] for numbers, runs in zip(
        regions.id_numbers, (wrong.own, wrong.other), strict=True))  # fmt: skip
    unique, counts = counted((own * ids.size + other) * 16 + bucket, wrong)
    both, code = np.divmod(unique, 16)
    rows = np.stack([ids[both // ids.size], ids[both % ids.size], code], axis=1)
    return FailureTable.of(
        np.concatenate([right, rows]), np.concatenate([regions.shared[regions.same], counts])
    )
