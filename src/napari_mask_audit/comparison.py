"""A candidate source against a reference source over a whole dataset, with named means.

Averages hide: the pooled score, the mean over samples and the mean of the worst tenth are three
different statements, so they always stand side by side under their own names.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

from .aggregates import (
    Groups,
    PooledScores,
    class_intervals,
    interval_entry,
    mean_iou_intervals,
    pool,
)
from .confusion import ConfusionMatrix
from .metrics.instance import InstanceScores
from .metrics.resampling import Interval, Resampling
from .scores import (
    BOUNDARY_METRICS,
    ClassScores,
    PairScores,
    flat,
    instance_entry,
    mean_of,
    nsd_entries,
    or_none,
)
from .settings import Settings

if TYPE_CHECKING:
    import pandas as pd


# Distances do not pool over samples; the dataset-level number is their mean over samples.
_DISTANCES = tuple(name for name in BOUNDARY_METRICS if name != "boundary_iou")


@dataclass(frozen=True)
class ClassSummary:
    """One class over all samples.

    Attributes
    ----------
    pooled : PooledScores
        Scores of the summed counts (dataset-level).
    pooled_intervals : mapping of str to Interval
        Of pooled ``iou``, ``dice``, ``boundary_iou`` and ``nsd_T`` for each tolerance T.
    sample_means : mapping of str to Interval
        Mean over samples of every per-sample score, with the numbers of undefined and infinite
        values beside it. With an infinite distance (a class missed as a whole) the mean is
        infinite.
    worst_decile_iou : float
        Mean of the lowest tenth of the per-sample IoUs (at least one).
    defined_samples, undefined_samples : int
        Samples where the class occurs in either mask, and in neither.
    """

    pooled: PooledScores
    pooled_intervals: Mapping[str, Interval]
    sample_means: Mapping[str, Interval]
    worst_decile_iou: float
    defined_samples: int
    undefined_samples: int

    @property
    def sample_mean_iou(self) -> float:
        """Mean of the per-sample IoUs where the class occurs in either mask."""
        return self.sample_means["iou"].value

    def to_dict(self) -> dict[str, Any]:
        """Pooled scores, mean distances, and every aggregate with its interval."""
        pooled = self.pooled
        means = {name: self.sample_means[name].value for name in _DISTANCES}
        return {
            "id": pooled.id,
            "name": pooled.name,
            "status": pooled.status.value,
            "iou": or_none(pooled.region.iou),
            "dice": or_none(pooled.region.dice),
            "precision": or_none(pooled.region.precision),
            "recall": or_none(pooled.region.recall),
            "volume_difference": or_none(pooled.region.volume_difference),
            "boundary_iou": or_none(pooled.band.boundary_iou),
            "boundary_iou_saturated": pooled.band.band_swallows_object,
            **nsd_entries(pooled.nsd),
            **{name: or_none(value) for name, value in means.items()},
            "infinite": sorted(name for name, value in means.items() if math.isinf(value)),
            "size_sensitivity": or_none(self.sample_means["size_sensitivity"].value),
            "reference_pixels": pooled.region.reference_pixels,
            "candidate_pixels": pooled.region.candidate_pixels,
            "overlap_pixels": pooled.region.overlap_pixels,
            "sample_mean_iou": or_none(self.sample_mean_iou),
            "worst_decile_iou": or_none(self.worst_decile_iou),
            "defined_samples": self.defined_samples,
            "undefined_samples": self.undefined_samples,
            "aggregates": {
                "pooled": {n: interval_entry(i) for n, i in self.pooled_intervals.items()},
                "sample_mean": {n: interval_entry(i) for n, i in self.sample_means.items()},
            },
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
    intervals : mapping of str to Interval
        95 % interval of each of the four, from resampling samples.
    """

    pooled_class_mean: float
    sample_mean: float
    class_sample_mean: float
    worst_decile_mean: float
    defined_samples: int
    undefined_samples: int
    intervals: Mapping[str, Interval] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined means are None."""
        return {
            "pooled_class_mean": or_none(self.pooled_class_mean),
            "sample_mean": or_none(self.sample_mean),
            "class_sample_mean": or_none(self.class_sample_mean),
            "worst_decile_mean": or_none(self.worst_decile_mean),
            "defined_samples": self.defined_samples,
            "undefined_samples": self.undefined_samples,
            "intervals": {n: interval_entry(i) for n, i in self.intervals.items()},
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
    instances : InstanceScores or None
        Object matching pooled over samples, where ids are objects.
    """

    reference: str
    candidate: str
    classes: tuple[ClassSummary, ...]
    samples: tuple[PairScores, ...]
    means: Means
    instances: InstanceScores | None = None

    @property
    def mean_iou(self) -> float:
        """Mean over classes of the pooled IoU."""
        return self.means.pooled_class_mean

    @property
    def confusion(self) -> ConfusionMatrix:
        """Pixels by class in either source, summed over samples."""
        return ConfusionMatrix.total(sample.confusion for sample in self.samples)

    @property
    def score_name(self) -> str:
        """What :attr:`PairScores.score` is here."""
        return "mean IoU" if self.instances is None else "PQ"

    @property
    def ious(self) -> list[float]:
        """Pooled IoU of each class that occurs anywhere."""
        return [row.pooled.iou for row in self.classes if row.pooled.is_defined]

    def worst_first(self) -> list[PairScores]:
        """Samples by score, lowest first; undefined ones last; equal ones by name."""
        return sorted(self.samples, key=lambda s: (math.isnan(s.score), s.score, s.sample or ""))

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "reference": self.reference,
            "candidate": self.candidate,
            "mean_iou": or_none(self.mean_iou),
            "means": self.means.to_dict(),
            "classes": [row.to_dict() for row in self.classes],
            "confusion": self.confusion.to_dict(),
            **instance_entry(self.instances),
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
                **flat(row.to_dict()),
            }
            for sample in self.samples
            for row in sample.classes
        ]
        return pd.DataFrame(rows)


def summarise(
    reference: str,
    candidate: str,
    samples: Sequence[PairScores],
    settings: Settings,
    *,
    groups: Groups = None,
) -> Comparison:
    """Pool and average the scores of many samples.

    Parameters
    ----------
    reference, candidate : str
        Source names.
    samples : sequence of PairScores
        One per sample, at least one.
    settings : Settings
        Worst share, resamples, seed.
    groups : sequence, one per sample, optional
        Patient or scene; intervals then resample whole groups.
    """
    resampling = Resampling(resamples=settings.resamples, seed=settings.seed)
    rows = _rows_by_class(samples)
    means = [sample.mean_iou for sample in samples]
    defined = [mean for mean in means if not math.isnan(mean)]
    classes = _class_summaries(rows, settings, groups, resampling)
    matched = [sample.instances for sample in samples if sample.instances is not None]
    return Comparison(
        reference,
        candidate,
        classes,
        tuple(samples),
        Means(
            pooled_class_mean=mean_of([c.pooled.iou for c in classes if c.pooled.is_defined]),
            sample_mean=mean_of(defined),
            class_sample_mean=mean_of([c.sample_mean_iou for c in classes if c.defined_samples]),
            worst_decile_mean=worst_mean(defined, settings.worst_fraction),
            defined_samples=len(defined),
            undefined_samples=len(samples) - len(defined),
            intervals=mean_iou_intervals(rows, means, settings.worst_fraction, groups, resampling)
            if rows
            else {},
        ),
        instances=reduce(operator.add, matched) if matched else None,
    )


def _rows_by_class(samples: Sequence[PairScores]) -> list[list[ClassScores | None]]:
    """Scores by class and sample, by ascending class id."""
    by_class: dict[int, list[ClassScores | None]] = {}
    for number, sample in enumerate(samples):
        for row in sample.classes:
            by_class.setdefault(row.id, [None] * len(samples))[number] = row
    return [by_class[class_id] for class_id in sorted(by_class)]


def worst_mean(values: Sequence[float], fraction: float) -> float:
    """Mean of the lowest share of the values, at least one of them; NaN of nothing.

    Examples
    --------
    >>> worst_mean([0.9, 0.25, 0.8, 0.75], 0.5)
    0.5
    """
    if not values:
        return math.nan
    # 1e-9: 0.1 of 30 samples is three, not four because of rounding.
    count = max(1, math.ceil(len(values) * fraction - 1e-9))
    return mean_of(sorted(values)[:count])


def _class_summaries(
    rows: Sequence[Sequence[ClassScores | None]],
    settings: Settings,
    groups: Groups,
    resampling: Resampling,
) -> tuple[ClassSummary, ...]:
    if not rows:
        return ()
    summaries = []
    intervals = zip(*class_intervals(rows, groups, resampling), strict=True)
    for samples, (pooled, means) in zip(rows, intervals, strict=True):
        there = [row for row in samples if row is not None]
        defined = [row.iou for row in there if row.is_defined]
        summaries.append(
            ClassSummary(
                pooled=pool(there),
                pooled_intervals=pooled,
                sample_means=means,
                worst_decile_iou=worst_mean(defined, settings.worst_fraction),
                defined_samples=len(defined),
                undefined_samples=len(samples) - len(defined),
            )
        )
    return tuple(summaries)
