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
from numpy.typing import NDArray

from ..dataset import Dataset
from ..dataset.model import Role
from ..metrics.intervals import Interval, Resampling, mean_interval
from ..overlap import PairTable, TupleTable
from ..scores import or_none
from ..settings import Settings
from .edges import EdgeSums, chosen_tolerances
from .observation import Observation, annotators_of
from .reliability import FULL, cohen_kappa

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Pixel counts of one pair and class, one row per shared sample; rows add.

    Attributes
    ----------
    samples : tuple of str
        Samples that both sources have.
    groups : tuple
        Patient or scene of each, or None for each.
    counts : ndarray of int64, shape (n, 7)
        Overlap, first, second, overlap of the bands, band of the first, band of the second,
        pixels that count.
    edges : tuple of EdgeSums or None, length n
        Boundary sums.
    """

    samples: tuple[str, ...]
    groups: tuple[Hashable, ...]
    counts: NDArray[np.int64]
    edges: tuple[EdgeSums | None, ...]

    @property
    def iou(self) -> FloatArray:
        """IoU per sample; NaN where neither source has the class."""
        both, first, second = self.counts[:, :3].T
        return _divide(both, first + second - both)

    @property
    def dice(self) -> FloatArray:
        """Dice per sample."""
        both, first, second = self.counts[:, :3].T
        return _divide(2 * both, first + second)

    @property
    def boundary_iou(self) -> FloatArray:
        """IoU of the inner bands per sample."""
        both, first, second = self.counts[:, 3:6].T
        return _divide(both, first + second - both)

    @property
    def kappa(self) -> FloatArray:
        """Cohen's kappa of the class against the rest, per sample."""
        return np.array([_binary_kappa(row) for row in self.counts])

    @property
    def offset(self) -> FloatArray:
        """Signed boundary offset per sample; NaN unless both have the class."""
        return np.array([math.nan if e is None else e.offset for e in self.edges])

    @property
    def near_offset(self) -> FloatArray:
        """Signed offset per sample of the boundary within reach of the other."""
        return np.array([math.nan if e is None else e.near_offset for e in self.edges])

    def nsd(self, at: Sequence[int]) -> FloatArray:
        """NSD per sample at one place of each sample's grid; 0 where only one has the class."""
        return np.array([_at(e, i) for e, i in zip(self.edges, at, strict=True)])


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


@dataclass(frozen=True)
class MatrixSummary:
    """The agreement matrix of one class in three numbers.

    Attributes
    ----------
    class_id : int or None
        None: mean over classes.
    sources : str
        ``"annotators"``, or ``"all sources"`` where fewer than two annotators are there.
    mean_iou, lowest_iou : float
        Over pairs.
    worst_pair : tuple of str or None
        The pair with the lowest IoU.
    pairs : int
        Pairs with a defined IoU.
    """

    class_id: int | None
    sources: str
    mean_iou: float
    lowest_iou: float
    worst_pair: tuple[str, str] | None
    pairs: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "class_id": self.class_id,
            "sources": self.sources,
            "mean_iou": or_none(self.mean_iou),
            "lowest_iou": or_none(self.lowest_iou),
            "worst_pair": None if self.worst_pair is None else list(self.worst_pair),
            "pairs": self.pairs,
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


def matrix_summaries(dataset: Dataset, pairs: Sequence[PairAgreement]) -> tuple[MatrixSummary, ...]:
    """Mean, minimum and worst pair of every class, over annotators where there are two."""
    annotators = set(annotators_of(dataset))
    chosen = [p for p in pairs if {p.first, p.second} <= annotators]
    words = "annotators"
    if not chosen:
        chosen, words = list(pairs), "all sources"
    ids = sorted({p.class_id for p in chosen}, key=lambda i: (i is not None, i or 0))
    found = []
    for class_id in ids:
        rows = [p for p in chosen if p.class_id == class_id and math.isfinite(p.iou)]
        worst = min(rows, key=lambda p: p.iou, default=None)
        found.append(
            MatrixSummary(
                class_id,
                words,
                math.fsum(p.iou for p in rows) / len(rows) if rows else math.nan,
                worst.iou if worst else math.nan,
                (worst.first, worst.second) if worst else None,
                len(rows),
            )
        )
    return tuple(found)


def _one_pair(
    dataset: Dataset,
    pair: tuple[str, str],
    shared: Sequence[Observation],
    class_ids: Sequence[int],
    settings: Settings,
) -> list[PairAgreement]:
    tables = [pair_table(dataset, o.table, pair) for o in shared]
    counted = {c: _counts(shared, tables, pair, c) for c in class_ids}
    f1 = _instance_f1(shared, pair)
    rows = [_row(dataset, pair, c, counted[c], shared, settings, f1) for c in class_ids]
    return [_overall(pair, counted, tables, rows, shared, settings, f1), *rows]


def pair_table(dataset: Dataset, table: TupleTable, pair: tuple[str, str]) -> PairTable:
    """Counts of two sources without the pixels that either of them ignores.

    A void label drawn by a model is a wrong label, not void.
    """
    counted = table.pair(*pair)
    void = np.zeros(len(counted.counts), bool)
    for name, column in zip(pair, (counted.reference, counted.candidate), strict=True):
        if dataset.ignore_ids and dataset.source(name).role is not Role.PREDICTION:
            void |= np.isin(column, list(dataset.ignore_ids))
    keep = ~void
    return PairTable(
        counted.reference[keep],
        counted.candidate[keep],
        counted.reference_band[keep],
        counted.candidate_band[keep],
        counted.counts[keep],
    )


def _counts(
    shared: Sequence[Observation], tables: Sequence[PairTable], pair: tuple[str, str], class_id: int
) -> PairCounts:
    rows = []
    for table in tables:
        first, second = table.reference == class_id, table.candidate == class_id
        band_1, band_2 = first & table.reference_band, second & table.candidate_band
        chosen = (first & second, first, second, band_1 & band_2, band_1, band_2)
        rows.append([*(int(table.counts[c].sum()) for c in chosen), table.pixels])
    edges = tuple(o.edges[pair].get(class_id) for o in shared)
    return PairCounts(
        tuple(o.sample for o in shared),
        tuple(o.group for o in shared),
        np.array(rows, np.int64).reshape(len(shared), 7),
        edges,
    )


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
        dice=_mean(counted.dice),
        boundary_iou=_mean(counted.boundary_iou),
        nsd=_mean(counted.nsd(at)),
        near_boundary_offset=_mean(counted.near_offset),
        tolerance=tolerance,
        kappa=_mean(counted.kappa),
        pooled_iou=float(_divide(total[0], total[1] + total[2] - total[0])),
        pooled_kappa=_binary_kappa(total),
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
        return _column_means(np.stack(values) if values else nothing)

    ious = mean([c.iou for c in counted.values()])
    matrices = [table.confusion(sorted(table.ids)) for table in tables]
    every = sorted({i for table in tables for i in table.ids})
    pooled = sum((table.confusion(every) for table in tables), np.zeros((len(every),) * 2))
    return _filled(
        pair,
        None,
        next(iter(counted.values()), _nothing(shared)),
        settings,
        dice=_mean(mean([c.dice for c in counted.values()])),
        boundary_iou=_mean(mean([c.boundary_iou for c in counted.values()])),
        nsd=_mean(mean([c.nsd(at) for c in counted.values()])),
        near_boundary_offset=_mean(mean([c.near_offset for c in counted.values()])),
        tolerance=tolerance,
        kappa=_mean(np.array([cohen_kappa(m) for m in matrices])),
        pooled_iou=_mean(np.array([row.pooled_iou for row in rows])),
        pooled_kappa=cohen_kappa(pooled),
        prevalence=math.nan,
        instance_f1=f1,
        ious=ious,
        offsets=mean([c.offset for c in counted.values()]),
    )


def _nothing(shared: Sequence[Observation]) -> PairCounts:
    return PairCounts(
        tuple(o.sample for o in shared),
        tuple(o.group for o in shared),
        np.zeros((len(shared), 7), np.int64),
        (None,) * len(shared),
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
        iou=_mean(ious),
        boundary_offset=_mean(offsets),
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


def tolerance_index(
    observations: Sequence[Observation], settings: Settings
) -> tuple[list[int], float]:
    """Where the first tolerance stands in the grid of each sample, and its value."""
    at, values = [], []
    for o in observations:
        tolerance = chosen_tolerances(o.spacing, settings)[0]
        at.append(int(np.searchsorted(o.grid, tolerance)))
        values.append(tolerance)
    return at, values[0] if len(set(values)) == 1 else math.nan


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


def _binary_kappa(row: NDArray[np.int64]) -> float:
    both, first, second, pixels = (int(row[i]) for i in (0, 1, 2, 6))
    return cohen_kappa([[both, first - both], [second - both, pixels - first - second + both]])


def _at(edges: EdgeSums | None, at: int) -> float:
    return math.nan if edges is None else float(edges.nsd[at])


def _mean(values: FloatArray) -> float:
    kept = values[np.isfinite(values)]
    return math.fsum(kept) / len(kept) if len(kept) else math.nan


def _column_means(table: FloatArray) -> FloatArray:
    """Mean over the rows, NaN left out; NaN where a column has nothing else."""
    known = np.isfinite(table)
    total = np.where(known, table, 0).sum(axis=0)
    return _divide(total, known.sum(axis=0))


def _divide(top: Any, bottom: Any) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(np.asarray(bottom) != 0, np.divide(top, bottom), math.nan))
