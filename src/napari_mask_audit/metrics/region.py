"""Overlap scores of one class: IoU, Dice, precision, recall, volume difference.

All are ratios of whole-number pixel counts, so they are exact, and pooled scores over samples are
the same ratios of summed counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..overlap import ClassSizes, PairTable
from ..status import Status


@dataclass(frozen=True)
class RegionScores:
    """Overlap of one class between a reference and a candidate mask.

    All scores are NaN when both regions are empty (``both_empty``) or no pixel counts
    (``all_ignored``); a region missed or invented as a whole scores 0, not NaN.

    Attributes
    ----------
    reference_pixels, candidate_pixels, overlap_pixels : int
        Sizes of the two regions and of their intersection, among the pixels that count.
    status : Status
        Which of the regions is empty.

    References
    ----------
    Jaccard, New Phytologist 11 (1912) 37. Dice, Ecology 26 (1945) 297, doi:10.2307/1932409.

    Examples
    --------
    >>> scores = RegionScores(reference_pixels=5, candidate_pixels=4, overlap_pixels=4)
    >>> scores.iou, round(scores.dice, 6), scores.precision, scores.recall
    (0.8, 0.888889, 1.0, 0.8)
    """

    reference_pixels: int
    candidate_pixels: int
    overlap_pixels: int
    status: Status = Status.OK

    @property
    def union_pixels(self) -> int:
        """Pixels in either region."""
        return self.reference_pixels + self.candidate_pixels - self.overlap_pixels

    @property
    def iou(self) -> float:
        """Intersection over union (Jaccard), 0 to 1, higher is better."""
        return ratio(self.overlap_pixels, self.union_pixels)

    @property
    def dice(self) -> float:
        """Dice = F1 = 2·overlap / (sum of sizes), 0 to 1, higher is better."""
        return ratio(2 * self.overlap_pixels, self.reference_pixels + self.candidate_pixels)

    @property
    def precision(self) -> float:
        """Share of the candidate region that is in the reference; NaN without a candidate."""
        return ratio(self.overlap_pixels, self.candidate_pixels)

    @property
    def recall(self) -> float:
        """Share of the reference region that the candidate covers; NaN without a reference."""
        return ratio(self.overlap_pixels, self.reference_pixels)

    @property
    def volume_difference(self) -> float:
        """(candidate − reference) / reference size: 0 is best, positive is too large.

        NaN without a reference.
        """
        return ratio(self.candidate_pixels - self.reference_pixels, self.reference_pixels)


def ratio(numerator: float, denominator: float) -> float:
    """Quotient, NaN where the denominator is zero: undefined is not 0."""
    return numerator / denominator if denominator else math.nan


def region_scores(table: PairTable, class_ids: list[int]) -> dict[int, RegionScores]:
    """Overlap scores of each class from the counted table.

    Parameters
    ----------
    table : PairTable
        With ignored pixels already left out.
    class_ids : list of int
        Classes to score, whether they occur or not.
    """
    pixels, known = table.pixels, table.sizes
    scores = {}
    for class_id in class_ids:
        sizes = known.get(class_id, ClassSizes())
        status = Status.of(sizes.reference, sizes.candidate, pixels)
        scores[class_id] = RegionScores(sizes.reference, sizes.candidate, sizes.overlap, status)
    return scores


def pixel_accuracy(table: PairTable) -> float:
    """Share of counted pixels whose labels agree; NaN when no pixel counts.

    Flattered by large classes and background: never the headline.
    """
    agreed = table.counts[table.reference == table.candidate].sum()
    return ratio(int(agreed), table.pixels)
