"""A candidate source against a reference source over a whole dataset, with named means.

Averages hide: the pooled score, the mean over samples and the mean of the worst tenth are three
different statements, so they always stand side by side under their own names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .metrics.band import BandScores
from .metrics.region import RegionScores
from .scores import ClassScores, PairScores, mean_of, or_none
from .settings import Settings
from .status import Status

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ClassSummary:
    """One class over all samples.

    Attributes
    ----------
    pooled : ClassScores
        Scores of the summed counts (dataset-level).
    sample_mean_iou : float
        Mean of the per-sample IoUs where the class occurs in either mask.
    worst_decile_iou : float
        Mean of the lowest tenth of those (at least one).
    defined_samples, undefined_samples : int
        Samples where the class occurs in either mask, and in neither.
    """

    pooled: ClassScores
    sample_mean_iou: float
    worst_decile_iou: float
    defined_samples: int
    undefined_samples: int

    def to_dict(self) -> dict[str, Any]:
        """The pooled scores, then the other means."""
        return {
            **self.pooled.to_dict(),
            "sample_mean_iou": or_none(self.sample_mean_iou),
            "worst_decile_iou": or_none(self.worst_decile_iou),
            "defined_samples": self.defined_samples,
            "undefined_samples": self.undefined_samples,
        }


@dataclass(frozen=True)
class Means:
    """The same comparison averaged in four ways; all IoU, 0 to 1.

    Attributes
    ----------
    pooled_class_mean : float
        Counts pooled over samples, IoU per class, mean over classes. Large samples weigh more.
    sample_mean : float
        Mean over samples of each sample's mean IoU. Every sample weighs the same.
    class_sample_mean : float
        Mean over classes of the class's mean over samples. Every class weighs the same.
    worst_decile_mean : float
        Mean over the worst tenth of the samples (at least one).
    defined_samples, undefined_samples : int
        Samples with and without a mean IoU.
    """

    pooled_class_mean: float
    sample_mean: float
    class_sample_mean: float
    worst_decile_mean: float
    defined_samples: int
    undefined_samples: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined means are None."""
        return {
            "pooled_class_mean": or_none(self.pooled_class_mean),
            "sample_mean": or_none(self.sample_mean),
            "class_sample_mean": or_none(self.class_sample_mean),
            "worst_decile_mean": or_none(self.worst_decile_mean),
            "defined_samples": self.defined_samples,
            "undefined_samples": self.undefined_samples,
        }


@dataclass(frozen=True)
class Comparison:
    """A candidate source against a reference source.

    Attributes
    ----------
    reference, candidate : str
        Source names. With no reference in the dataset, neither is the truth.
    classes : tuple of ClassSummary
        By class id.
    samples : tuple of PairScores
        By sample name.
    means : Means
        The named averages.
    """

    reference: str
    candidate: str
    classes: tuple[ClassSummary, ...]
    samples: tuple[PairScores, ...]
    means: Means

    @property
    def mean_iou(self) -> float:
        """Mean over classes of the pooled IoU."""
        return self.means.pooled_class_mean

    @property
    def ious(self) -> list[float]:
        """Pooled IoU of each class that occurs anywhere."""
        return [row.pooled.iou for row in self.classes if row.pooled.is_defined]

    def worst_first(self) -> list[PairScores]:
        """Samples by mean IoU, lowest first; undefined ones last; equal ones by name."""
        return sorted(
            self.samples,
            key=lambda s: (math.isnan(s.mean_iou), s.mean_iou, s.sample or ""),
        )

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "reference": self.reference,
            "candidate": self.candidate,
            "mean_iou": or_none(self.mean_iou),
            "means": self.means.to_dict(),
            "classes": [row.to_dict() for row in self.classes],
            "samples": [sample.to_dict() for sample in self.samples],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per sample and class."""
        import pandas as pd

        rows = [
            {
                "reference": self.reference,
                "candidate": self.candidate,
                "sample": sample.sample,
                **row.to_dict(),
            }
            for sample in self.samples
            for row in sample.classes
        ]
        return pd.DataFrame(rows)


def summarise(
    reference: str, candidate: str, samples: Sequence[PairScores], settings: Settings
) -> Comparison:
    """Pool and average the scores of many samples."""
    by_class: dict[int, list[ClassScores]] = {}
    for sample in samples:
        for row in sample.classes:
            by_class.setdefault(row.id, []).append(row)
    classes = tuple(
        _class_summary(by_class[class_id], len(samples), settings) for class_id in sorted(by_class)
    )
    means = [sample.mean_iou for sample in samples if not math.isnan(sample.mean_iou)]
    return Comparison(
        reference,
        candidate,
        classes,
        tuple(sorted(samples, key=lambda s: s.sample or "")),
        Means(
            pooled_class_mean=mean_of([c.pooled.iou for c in classes if c.pooled.is_defined]),
            sample_mean=mean_of(means),
            class_sample_mean=mean_of([c.sample_mean_iou for c in classes if c.defined_samples]),
            worst_decile_mean=worst_mean(means, settings.worst_fraction),
            defined_samples=len(means),
            undefined_samples=len(samples) - len(means),
        ),
    )


def worst_mean(values: Sequence[float], fraction: float) -> float:
    """Mean of the lowest share of the values, at least one of them; NaN of nothing.

    Examples
    --------
    >>> worst_mean([0.9, 0.2, 0.8, 0.7], 0.5)
    0.45
    """
    if not values:
        return math.nan
    # 1e-9: 0.1 of 30 samples is three, not four because of rounding.
    count = max(1, math.ceil(len(values) * fraction - 1e-9))
    return mean_of(sorted(values)[:count])


def _class_summary(rows: Sequence[ClassScores], n_samples: int, settings: Settings) -> ClassSummary:
    defined = [row.iou for row in rows if row.is_defined]
    return ClassSummary(
        pooled=_pool(rows),
        sample_mean_iou=mean_of(defined),
        worst_decile_iou=worst_mean(defined, settings.worst_fraction),
        defined_samples=len(defined),
        undefined_samples=n_samples - len(defined),
    )


def _pool(rows: Sequence[ClassScores]) -> ClassScores:
    reference = sum(row.region.reference_pixels for row in rows)
    candidate = sum(row.region.candidate_pixels for row in rows)
    overlap = sum(row.region.overlap_pixels for row in rows)
    seen = any(row.status is not Status.ALL_IGNORED for row in rows)
    region = RegionScores(reference, candidate, overlap, Status.of(reference, candidate, int(seen)))
    defined = [row.band for row in rows if row.is_defined]
    band = BandScores(
        sum(row.band.reference_band_pixels for row in rows),
        sum(row.band.candidate_band_pixels for row in rows),
        sum(row.band.overlap_band_pixels for row in rows),
        swallowed=bool(defined) and all(band.swallowed for band in defined),
    )
    return ClassScores(rows[0].id, rows[0].name, region, band)
