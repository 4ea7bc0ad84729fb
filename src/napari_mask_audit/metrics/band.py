"""Boundary IoU of one class, from band counts in the tuple table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..overlap import PairTable
from .region import ratio


@dataclass(frozen=True)
class BandScores:
    """Agreement of the inner boundary bands of a class.

    Attributes
    ----------
    reference_band_pixels, candidate_band_pixels, overlap_band_pixels : int
        Sizes of the two bands and of their intersection, among the pixels that count.
    swallowed : bool
        The band covers the whole region in both masks, so that Boundary IoU *is* IoU and says
        nothing about the boundary. Choose a narrower band.

    References
    ----------
    Cheng et al., Boundary IoU, CVPR 2021, doi:10.1109/CVPR46437.2021.01508.
    """

    reference_band_pixels: int
    candidate_band_pixels: int
    overlap_band_pixels: int
    swallowed: bool = False

    @property
    def boundary_iou(self) -> float:
        """Intersection over union of the two bands, 0 to 1; NaN when both are empty."""
        union = self.reference_band_pixels + self.candidate_band_pixels - self.overlap_band_pixels
        return ratio(self.overlap_band_pixels, union)


def band_scores(table: PairTable, class_ids: list[int]) -> dict[int, BandScores]:
    """Band scores of each class.

    Parameters
    ----------
    table : PairTable
        Counted with a band width, ignored pixels left out.
    class_ids : list of int
        Classes to score.
    """
    scores = {}
    for class_id in class_ids:
        in_reference = table.reference == class_id
        in_candidate = table.candidate == class_id
        reference_band = in_reference & table.reference_band
        candidate_band = in_candidate & table.candidate_band
        pixels = _pixels(table, in_reference), _pixels(table, in_candidate)
        bands = _pixels(table, reference_band), _pixels(table, candidate_band)
        scores[class_id] = BandScores(
            *bands,
            _pixels(table, reference_band & candidate_band),
            swallowed=bands == pixels and sum(pixels) > 0,
        )
    return scores


def _pixels(table: PairTable, rows: np.ndarray) -> int:
    return int(table.counts[rows].sum())
