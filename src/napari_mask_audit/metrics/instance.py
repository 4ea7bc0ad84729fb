"""Object scores: how many objects were found, how well, and which were cut or fused.

Everything is computed from the sparse overlap table of two instance maps. The counts behind every
score are kept and add up, so the panoptic quality of a dataset is the sum of its samples' scores
(``a + b``), not the mean of their qualities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.matching import Rule, count_matches, match, merges, splits
from napari_mask_audit.object_overlap import ObjectOverlap
from napari_mask_audit.status import Status

#: The ten thresholds 0.50, 0.55 … 0.95 of the 2018 Data Science Bowl.
DSB_THRESHOLDS = tuple(percent / 100 for percent in range(50, 100, 5))

#: Derived scores in the order in which :meth:`InstanceScores.to_dict` lists them.
_DERIVED = [
    "fp",
    "fn",
    "precision",
    "recall",
    "f1",
    "pq",
    "sq",
    "rq",
    "ap_dsb_mean",
    "seg",
    "voi_split",
    "voi_merge",
]


@dataclass(frozen=True)
class InstanceScores:
    """Object counts of one pair of instance maps, and the scores that follow from them.

    Every score lies in [0, 1], higher is better, except ``voi_split`` and ``voi_merge`` (bits,
    0 is best). With no object in either map every score is NaN (``both_empty``); with objects in
    one map only, ``f1``, ``pq``, ``rq`` and ``ap_dsb`` are 0. Adding two of these pools them.

    Attributes
    ----------
    n_reference, n_candidate : int
        Objects in each map.
    tp : int
        Matched pairs at ``threshold``.
    iou_sum : float
        Sum of IoU over the matched pairs.
    splits : int
        Reference objects that the candidate shows in several parts.
    merges : int
        Candidate objects that hold several reference objects.
    threshold : float
        IoU a match needs …
    rule : {"gt", "ge"}
        … exceeded or at least reached.
    ap_thresholds : tuple of float
        The thresholds of ``ap_dsb``.
    ap_tp : tuple of int
        Matched pairs at each of them.
    seg_sum : float
        Sum over reference objects of the Jaccard index that SEG counts.
    split_bits, merge_bits : float
        The two conditional entropies times ``object_pixels``.
    object_pixels : int
        Pixels of reference objects.
    pixels : int
        All pixels that count.

    Examples
    --------
    Three objects of 4 pixels: one perfect, one missed, one found at IoU 3/4.

    >>> table = ObjectOverlap.from_tuples([[1, 1], [2, 0], [3, 3], [3, 0]], [4, 4, 3, 1])
    >>> scores = instance_scores(table)
    >>> scores.tp, scores.fp, scores.fn, scores.sq, round(scores.pq, 4)
    (2, 0, 1, 0.875, 0.7)
    """

    n_reference: int
    n_candidate: int
    tp: int
    iou_sum: float
    splits: int
    merges: int
    threshold: float
    rule: Rule
    ap_thresholds: tuple[float, ...]
    ap_tp: tuple[int, ...]
    seg_sum: float
    split_bits: float
    merge_bits: float
    object_pixels: int
    pixels: int

    @property
    def status(self) -> Status:
        """Which of the maps has no objects."""
        return Status.of(self.n_reference, self.n_candidate, self.pixels)

    @property
    def fp(self) -> int:
        """Candidate objects without a partner."""
        return self.n_candidate - self.tp

    @property
    def fn(self) -> int:
        """Reference objects without a partner."""
        return self.n_reference - self.tp

    @property
    def precision(self) -> float:
        """Share of the candidate objects that are matched; NaN without candidate objects."""
        return _ratio(self.tp, self.n_candidate)

    @property
    def recall(self) -> float:
        """Share of the reference objects that are matched; NaN without reference objects."""
        return _ratio(self.tp, self.n_reference)

    @property
    def f1(self) -> float:
        """``tp / (tp + fp/2 + fn/2)``."""
        return _ratio(2 * self.tp, self.n_reference + self.n_candidate)

    @property
    def rq(self) -> float:
        """Recognition quality, the same number as ``f1``."""
        return self.f1

    @property
    def sq(self) -> float:
        """Segmentation quality: mean IoU of the matched pairs; NaN when nothing matched."""
        return _ratio(self.iou_sum, self.tp)

    @property
    def pq(self) -> float:
        """Panoptic quality ``iou_sum / (tp + fp/2 + fn/2)`` = SQ · RQ wherever SQ is defined.

        References
        ----------
        Kirillov et al., Panoptic Segmentation, CVPR 2019, equation 2, doi:10.1109/CVPR.2019.00963.
        """
        return _ratio(2 * self.iou_sum, self.n_reference + self.n_candidate)

    @property
    def ap_dsb(self) -> tuple[float, ...]:
        """``tp / (tp + fp + fn)`` at each of ``ap_thresholds``.

        Cell-imaging papers call this average precision; it needs no confidences and is not the
        average precision of COCO.

        References
        ----------
        Caicedo et al., Nature Methods 16 (2019) 1247, doi:10.1038/s41592-019-0612-7.
        """
        objects = self.n_reference + self.n_candidate
        return tuple(_ratio(tp, objects - tp) for tp in self.ap_tp)

    @property
    def ap_dsb_mean(self) -> float:
        """Mean of ``ap_dsb`` over its thresholds."""
        return float(np.mean(self.ap_dsb)) if self.ap_tp else float("nan")

    @property
    def seg(self) -> float:
        """Mean over reference objects of their Jaccard index with the object covering them.

        That object must cover more than half of the reference object, else the index counts as 0.
        Spurious candidate objects do not count. NaN without reference objects.

        References
        ----------
        Maška et al., Bioinformatics 30 (2014) 1609, doi:10.1093/bioinformatics/btu080.
        """
        return _ratio(self.seg_sum, self.n_reference)

    @property
    def voi_split(self) -> float:
        """Bits needed to say which candidate object a pixel is in, its reference object known.

        Counted over the pixels of reference objects; the candidate's background counts as one more
        object. Two equal halves of every object cost 1 bit. NaN without reference objects.

        References
        ----------
        Meilă, Journal of Multivariate Analysis 98 (2007) 873, doi:10.1016/j.jmva.2006.11.013.
        """
        return _ratio(self.split_bits, self.object_pixels)

    @property
    def voi_merge(self) -> float:
        """Bits needed to say which reference object a pixel is in, its candidate object known."""
        return _ratio(self.merge_bits, self.object_pixels)

    def __add__(self, other: InstanceScores) -> InstanceScores:
        if self._settings != other._settings:
            raise SettingsError(
                "instance-scores-differ",
                f"object scores can be pooled only when they were made with the same threshold, "
                f"rule and list of thresholds, but these were made with {self._settings} and "
                f"{other._settings}.",
            )
        return InstanceScores(
            n_reference=self.n_reference + other.n_reference,
            n_candidate=self.n_candidate + other.n_candidate,
            tp=self.tp + other.tp,
            iou_sum=self.iou_sum + other.iou_sum,
            splits=self.splits + other.splits,
            merges=self.merges + other.merges,
            threshold=self.threshold,
            rule=self.rule,
            ap_thresholds=self.ap_thresholds,
            ap_tp=tuple(a + b for a, b in zip(self.ap_tp, other.ap_tp, strict=True)),
            seg_sum=self.seg_sum + other.seg_sum,
            split_bits=self.split_bits + other.split_bits,
            merge_bits=self.merge_bits + other.merge_bits,
            object_pixels=self.object_pixels + other.object_pixels,
            pixels=self.pixels + other.pixels,
        )

    @property
    def _settings(self) -> tuple[float, str, tuple[float, ...]]:
        return self.threshold, self.rule, self.ap_thresholds

    def to_dict(self) -> dict[str, Any]:
        """Counts, settings and scores under their names, ready for JSON or a table row."""
        row: dict[str, Any] = {
            "status": self.status.value,
            "threshold": self.threshold,
            "rule": self.rule,
            "n_reference": self.n_reference,
            "n_candidate": self.n_candidate,
            "tp": self.tp,
            "splits": self.splits,
            "merges": self.merges,
        }
        row |= {name: getattr(self, name) for name in _DERIVED}
        for threshold, value in zip(self.ap_thresholds, self.ap_dsb, strict=True):
            row[f"ap_dsb_{threshold:g}"] = value
        return row


def instance_scores(
    overlap: ObjectOverlap,
    *,
    threshold: float = 0.5,
    rule: Rule = "gt",
    ap_thresholds: Sequence[float] = DSB_THRESHOLDS,
) -> InstanceScores:
    """Scores of the objects of one sample (or of one class of it).

    Parameters
    ----------
    overlap : ObjectOverlap
        Overlap table of the two instance maps; the background was named when it was made.
    threshold : float
        IoU a match needs, in [0, 1].
    rule : {"gt", "ge"}
        Whether the threshold must be exceeded (panoptic quality as defined) or reached.
    ap_thresholds : sequence of float
        Thresholds of ``ap_dsb``, with the same rule.

    Returns
    -------
    InstanceScores

    Raises
    ------
    SettingsError
        ``bad-match-threshold``.
    """
    matching = match(overlap, threshold=threshold, rule=rule)
    split_bits, merge_bits = _entropies(overlap)
    return InstanceScores(
        n_reference=len(overlap.reference_ids),
        n_candidate=len(overlap.candidate_ids),
        tp=matching.tp,
        iou_sum=float(matching.iou.sum()),
        splits=len(splits(overlap)),
        merges=len(merges(overlap)),
        threshold=threshold,
        rule=rule,
        ap_thresholds=tuple(ap_thresholds),
        ap_tp=tuple(count_matches(overlap, threshold=t, rule=rule) for t in ap_thresholds),
        seg_sum=_seg_sum(overlap),
        split_bits=split_bits,
        merge_bits=merge_bits,
        object_pixels=int(overlap.reference_areas.sum()),
        pixels=overlap.pixels,
    )


def _seg_sum(overlap: ObjectOverlap) -> float:
    """At most one candidate covers more than half of a reference object: no choice to make."""
    covers = 2 * overlap.shared > overlap.reference_areas[overlap.reference_index]
    return float(overlap.iou[covers].sum())


def _entropies(overlap: ObjectOverlap) -> tuple[float, float]:
    """Conditional entropies (split, merge) in bits, times the pixels of reference objects."""
    rows, columns, shared = overlap.reference_index, overlap.candidate_index, overlap.shared
    n, background = len(overlap.reference_ids), len(overlap.candidate_ids)
    left_over = overlap.reference_areas - np.bincount(rows, shared, minlength=n).astype(np.int64)
    rows = np.append(rows, np.arange(n))
    columns = np.append(columns, np.full(n, background))
    shared = np.append(shared, left_over)
    rows, columns, shared = rows[shared > 0], columns[shared > 0], shared[shared > 0]
    covered = np.bincount(columns, shared, minlength=background + 1)
    return (
        _bits(shared, overlap.reference_areas[rows]),
        _bits(shared, covered[columns]),
    )


def _bits(shared: NDArray[np.int64], total: NDArray[Any]) -> float:
    return float((shared * np.log2(total / shared)).sum())


def _ratio(numerator: float, denominator: float) -> float:
    return float("nan") if denominator == 0 else numerator / denominator
