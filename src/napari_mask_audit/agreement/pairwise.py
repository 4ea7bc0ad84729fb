"""Every source against every other: the agreement matrix.

Neither of the two is the truth: scores are symmetric, and the signed boundary offset is positive
where the *second* draws outside the first. Each number is a mean over the samples that both have,
so that every sample weighs the same; pooled values stand beside it where counts add.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from ..dataset import Dataset
from ..metrics.intervals import Interval, Resampling, mean_interval
from ..overlap import PairTable
from ..scores import or_none
from ..settings import Settings
from .observed import Observation
from .pair_counts import (
    FloatArray,
    PairCounts,
    binary_kappa,
    column_means,
    count_pair,
    divide,
    mean_of_known,
    nothing_counted,
    pair_table,
    tolerance_index,
)
from .reliability import FULL, cohen_kappa


@dataclass(frozen=True)
class PairAgreement:
    """How two sources agree on one class, or on the mean of all classes.

    Attributes
    ----------
    first, second : str
        The sources.
    class_id : int or None
        None: the unweighted mean over the classes of each sample, then over samples; kappa is
        then the one over all classes at once.
    iou, dice, boundary_iou, nsd : float
        Means over samples, 0 to 1, 1 is best; a sample in which neither has the class does not
        count, one in which only one has it counts 0.
    tolerance : float
        Of ``nsd``, in the unit of the spacing.
    kappa : float
        Mean over samples of Cohen's kappa.
    boundary_offset : float
        Mean over samples; positive where the second draws outside the first.
    near_boundary_offset : float
        The same without the boundary of things that only one of them drew (no counterpart within
        10 pixels): the habit, where ``boundary_offset`` also holds what was missed.
    instance_f1 : float
        Pooled over samples, for datasets of objects; NaN otherwise.
    pooled_iou, pooled_kappa : float
        Of the summed counts.
    prevalence : float
        Share of the class among the labels both gave.
    region : str
        Where kappa was computed.
    iou_interval, offset_interval : Interval
        From resampling samples; points below ten.
    samples, defined_samples : int
        Samples both have, and those where either has the class.
    worst_sample : str or None
        The sample with the lowest IoU.
    sample_ious : tuple of (str, float)
        By sample, where defined.
    """

    first: str
    second: str
    class_id: int | None
    iou: float
    dice: float
    boundary_iou: float
    nsd: float
    tolerance: float
    kappa: float
    boundary_offset: float
    near_boundary_offset: float
    instance_f1: float
    pooled_iou: float
    pooled_kappa: float
    prevalence: float
    region: str
    iou_interval: Interval
    offset_interval: Interval
    samples: int
    defined_samples: int
    worst_sample: str | None
    sample_ious: tuple[tuple[str, float], ...] = field(repr=False, default=())

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        numbers = ("iou", "dice", "boundary_iou", "nsd", "tolerance", "kappa", "boundary_offset")
        more = ("near_boundary_offset", "instance_f1", "pooled_iou", "pooled_kappa", "prevalence")
        return {
            "first": self.first,
            "second": self.second,
            "class_id": self.class_id,
            **{name: or_none(getattr(self, name)) for name in (*numbers, *more)},
            "region": self.region,
            "iou_interval": interval_dict(self.iou_interval),
            "boundary_offset_interval": interval_dict(self.offset_interval),
            "samples": self.samples,
            "defined_samples": self.defined_samples,
            "worst_sample": self.worst_sample,
        }


def pair_agreements(
    dataset: Dataset, observations: Sequence[Observation], settings: Settings
) -> tuple[PairAgreement, ...]:
    """The agreement of every pair of sources, per class and overall.

    Parameters
    ----------
    dataset : Dataset
        Where the observations come from.
    observations : sequence of Observation
        One per sample.
    settings : Settings
        For the tolerance and the resampling.
    """
    class_ids = classes_of(dataset, observations, settings)
    found: list[PairAgreement] = []
    for pair in combinations([source.name for source in dataset.sources], 2):
        shared = [o for o in observations if set(pair) <= set(o.table.sources)]
        if shared:
            found += _one_pair(dataset, pair, shared, class_ids, settings)
    return tuple(found)


def classes_of(
    dataset: Dataset, observations: Sequence[Observation], settings: Settings
) -> list[int]:
    """Classes with a row: those declared and those that occur, without background and void.

    Objects without a background fill the frame: they are no class that could be agreed on.
    """
    if dataset.task == "instance" and dataset.background_id is None:
        return []
    seen = {int(i) for o in observations for i in np.unique(o.table.labels)}
    declared = set() if dataset.task == "instance" else set(dataset.declared_classes)
    return sorted((seen | declared) - dataset.left_out_ids(settings))


def _one_pair(
    dataset: Dataset,
    pair: tuple[str, str],
    shared: Sequence[Observation],
    class_ids: Sequence[int],
    settings: Settings,
) -> list[PairAgreement]:
    tables = [pair_table(dataset, o.table, pair) for o in shared]
    counted = {c: count_pair(shared, tables, pair, c) for c in class_ids}
    f1 = _instance_f1(shared, pair)
    rows = [_row(dataset, pair, c, counted[c], shared, settings, f1) for c in class_ids]
    return [_overall(pair, counted, tables, rows, shared, settings, f1), *rows]


def _row(
    dataset: Dataset,
    pair: tuple[str, str],
    class_id: int,
    counted: PairCounts,
    shared: Sequence[Observation],
    settings: Settings,
    f1: float,
) -> PairAgreement:
    at, tolerance = tolerance_index(shared, settings)
    total = counted.counts.sum(axis=0)
    labels = 2 * int(total[6])
    return _filled(
        pair,
        class_id,
        counted,
        settings,
        dice=mean_of_known(counted.dice),
        boundary_iou=mean_of_known(counted.boundary_iou),
        nsd=mean_of_known(counted.nsd(at)),
        near_boundary_offset=mean_of_known(counted.near_offset),
        tolerance=tolerance,
        kappa=mean_of_known(counted.kappa),
        pooled_iou=float(divide(total[0], total[1] + total[2] - total[0])),
        pooled_kappa=binary_kappa(total),
        prevalence=float(total[1] + total[2]) / labels if labels else math.nan,
        instance_f1=f1,
        ious=counted.iou,
        offsets=counted.offset,
    )


def _overall(
    pair: tuple[str, str],
    counted: dict[int, PairCounts],
    tables: Sequence[PairTable],
    rows: Sequence[PairAgreement],
    shared: Sequence[Observation],
    settings: Settings,
    f1: float,
) -> PairAgreement:
    """Mean over the classes of each sample; kappa over all classes at once."""
    at, tolerance = tolerance_index(shared, settings)
    nothing = np.full((1, len(shared)), math.nan)

    def mean(values: list[FloatArray]) -> FloatArray:
        return column_means(np.stack(values) if values else nothing)

    ious = mean([c.iou for c in counted.values()])
    matrices = [table.confusion(sorted(table.ids)) for table in tables]
    every = sorted({i for table in tables for i in table.ids})
    pooled = sum((table.confusion(every) for table in tables), np.zeros((len(every),) * 2))
    return _filled(
        pair,
        None,
        next(iter(counted.values()), nothing_counted(shared)),
        settings,
        dice=mean_of_known(mean([c.dice for c in counted.values()])),
        boundary_iou=mean_of_known(mean([c.boundary_iou for c in counted.values()])),
        nsd=mean_of_known(mean([c.nsd(at) for c in counted.values()])),
        near_boundary_offset=mean_of_known(mean([c.near_offset for c in counted.values()])),
        tolerance=tolerance,
        kappa=mean_of_known(np.array([cohen_kappa(m) for m in matrices])),
        pooled_iou=mean_of_known(np.array([row.pooled_iou for row in rows])),
        pooled_kappa=cohen_kappa(pooled),
        prevalence=math.nan,
        instance_f1=f1,
        ious=ious,
        offsets=mean([c.offset for c in counted.values()]),
    )


def _filled(
    pair: tuple[str, str],
    class_id: int | None,
    counted: PairCounts,
    settings: Settings,
    *,
    ious: FloatArray,
    offsets: FloatArray,
    **numbers: float,
) -> PairAgreement:
    groups = resampling_groups(counted.groups)
    resampling = Resampling(resamples=settings.resamples, seed=settings.seed)
    defined = np.isfinite(ious)
    worst = counted.samples[int(np.nanargmin(ious))] if defined.any() else None
    return PairAgreement(
        first=pair[0],
        second=pair[1],
        class_id=class_id,
        iou=mean_of_known(ious),
        boundary_offset=mean_of_known(offsets),
        region=FULL,
        iou_interval=mean_interval(ious, groups=groups, resampling=resampling),
        offset_interval=mean_interval(offsets, groups=groups, resampling=resampling),
        samples=len(counted.samples),
        defined_samples=int(defined.sum()),
        worst_sample=worst,
        sample_ious=tuple(
            (name, float(value))
            for name, value in zip(counted.samples, ious, strict=True)
            if math.isfinite(value)
        ),
        **numbers,
    )


def resampling_groups(groups: Sequence[Hashable]) -> Sequence[Hashable] | None:
    """Groups to resample, or None where the dataset declares none."""
    return None if all(group is None for group in groups) else groups


def interval_dict(interval: Interval) -> dict[str, Any]:
    """An interval as plain values."""
    return {
        "low": or_none(interval.low),
        "high": or_none(interval.high),
        "method": interval.method,
        "level": interval.level,
        "n": interval.n_groups,
        "note": interval.note,
    }


def _instance_f1(shared: Sequence[Observation], pair: tuple[str, str]) -> float:
    scores = [o.instances[pair] for o in shared if pair in o.instances]
    if not scores:
        return math.nan
    objects = sum(s.n_reference + s.n_candidate for s in scores)
    return 2 * sum(s.tp for s in scores) / objects if objects else math.nan
