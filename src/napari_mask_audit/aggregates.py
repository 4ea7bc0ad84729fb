"""Dataset-level numbers and their intervals, all from one set of resampling draws."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bands import ClassBand
from .metrics.interval_table import mean_intervals, ratio_intervals
from .metrics.intervals import bootstrap_interval
from .metrics.region import RegionScores
from .metrics.resampling import Interval, Resampling, weighted_sums
from .scores import BOUNDARY_METRICS, REGION_METRICS, ClassScores, or_none
from .status import Status

Grid = NDArray[np.float64]
Groups = Sequence[Hashable] | None

#: Per-sample scores whose mean over samples is reported.
AVERAGED = (*REGION_METRICS, *BOUNDARY_METRICS, "size_sensitivity")


@dataclass(frozen=True)
class PooledScores:
    """Scores of one class from counts summed over samples.

    Attributes
    ----------
    id : int
        Class id.
    name : str
        Class name.
    region : RegionScores
        Summed pixel counts and their ratios.
    band : ClassBand
        Summed band counts and their Boundary IoU.
    nsd : tuple of (float, float)
        (tolerance, NSD) of the summed surfaces; the tolerance is NaN where it was one pixel of
        samples whose pixels differ in size.
    """

    id: int
    name: str
    region: RegionScores
    band: ClassBand
    nsd: tuple[tuple[float, float], ...]

    @property
    def status(self) -> Status:
        """Whether the class occurs in both sources, one or none."""
        return self.region.status

    @property
    def is_defined(self) -> bool:
        """Whether the class occurs anywhere."""
        return self.status in (Status.OK, Status.REFERENCE_EMPTY, Status.CANDIDATE_EMPTY)

    @property
    def iou(self) -> float:
        """Pooled intersection over union."""
        return self.region.iou


def pool(rows: Sequence[ClassScores]) -> PooledScores:
    """Sum the counts of one class over samples."""
    reference = sum(row.region.reference_pixels for row in rows)
    candidate = sum(row.region.candidate_pixels for row in rows)
    overlap = sum(row.region.overlap_pixels for row in rows)
    counted = any(row.status is not Status.ALL_IGNORED for row in rows)
    status = Status.of(reference, candidate, int(counted))
    band = sum((row.band for row in rows), ClassBand())
    surface = sum(row.boundary.reference_surface + row.boundary.candidate_surface for row in rows)
    nsd = []
    for n, tolerance in enumerate(_tolerances(rows)):
        within = sum(
            row.boundary.reference_within[n][1] + row.boundary.candidate_within[n][1]
            for row in rows
        )
        nsd.append((tolerance, within / surface if surface else math.nan))
    region = RegionScores(reference, candidate, overlap, status)
    return PooledScores(rows[0].id, rows[0].name, region, band, tuple(nsd))


def nsd_name(tolerance: float) -> str:
    """Column name of NSD at a tolerance: ``nsd_2``, or ``nsd_1px`` where nobody chose one.

    Examples
    --------
    >>> nsd_name(0.5), nsd_name(math.nan)
    ('nsd_0.5', 'nsd_1px')
    """
    return "nsd_1px" if math.isnan(tolerance) else f"nsd_{tolerance:g}"


def class_intervals(
    rows: Sequence[Sequence[ClassScores | None]], groups: Groups, resampling: Resampling
) -> tuple[list[dict[str, Interval]], list[dict[str, Interval]]]:
    """Intervals of the pooled scores and of the sample means of every class.

    Parameters
    ----------
    rows : sequence (class) of sequence (sample)
        Scores; None where the class has no row in that sample.
    groups : sequence or None
        Patient or scene of each sample.
    resampling : Resampling
        Draws and level.

    Returns
    -------
    pooled, means : list of dict
        One dictionary per class, from metric name to interval.
    """
    ratios = [_ratio_columns(samples) for samples in rows]
    values = [_value_columns(samples) for samples in rows]
    pooled = ratio_intervals(
        np.column_stack([top for columns in ratios for top, _ in columns.values()]),
        np.column_stack([bottom for columns in ratios for _, bottom in columns.values()]),
        groups=groups,
        resampling=resampling,
    )
    means = mean_intervals(
        np.column_stack([column for columns in values for column in columns.values()]),
        groups=groups,
        resampling=resampling,
    )
    return _by_class(ratios, pooled), _by_class(values, means)


def _by_class(
    columns: Sequence[Mapping[str, Any]], intervals: Sequence[Interval]
) -> list[dict[str, Interval]]:
    stream = iter(intervals)
    return [{name: next(stream) for name in names} for names in columns]


def _ratio_columns(samples: Sequence[ClassScores | None]) -> dict[str, tuple[Grid, Grid]]:
    """Numerator and denominator per sample of the scores that pool."""
    overlap, union, both = _region_columns(samples)
    counts = np.zeros((len(samples), 4))
    there = [(n, row.boundary) for n, row in enumerate(samples) if row is not None]
    for n, boundary in there:
        band = boundary.band
        counts[n, :3] = band.intersection, band.reference_band, band.candidate_band
        counts[n, 3] = boundary.reference_surface + boundary.candidate_surface
    shared, reference, candidate, surfaces = counts.T
    columns = {
        "iou": (overlap, union),
        "dice": (2 * overlap, both),
        "boundary_iou": (shared, reference + candidate - shared),
    }
    for k, tolerance in enumerate(_tolerances(samples)):
        within = np.zeros(len(samples))
        for n, boundary in there:
            within[n] = boundary.reference_within[k][1] + boundary.candidate_within[k][1]
        columns[nsd_name(tolerance)] = (within, surfaces)
    return columns


def _region_columns(samples: Sequence[ClassScores | None]) -> tuple[Grid, Grid, Grid]:
    """Pixels per sample: in both masks, in either, and of both added up."""
    regions = [None if row is None else row.region for row in samples]
    counts = [
        (0, 0) if r is None else (r.overlap_pixels, r.reference_pixels + r.candidate_pixels)
        for r in regions
    ]
    overlap, both = np.array(counts, dtype=np.float64).T
    return overlap, both - overlap, both


def _value_columns(samples: Sequence[ClassScores | None]) -> dict[str, Grid]:
    """One value per sample of the scores that are averaged; NaN where undefined."""
    tolerances = _tolerances(samples)
    nothing = (math.nan,) * (len(AVERAGED) + len(tolerances))
    values = [
        nothing if row is None else (*row.values(AVERAGED), *(v for _, v in row.boundary.nsd))
        for row in samples
    ]
    names = (*AVERAGED, *map(nsd_name, tolerances))
    return dict(zip(names, np.array(values, dtype=np.float64).T, strict=True))


def _tolerances(samples: Sequence[ClassScores | None]) -> list[float]:
    """The tolerances of NSD; NaN for "one pixel" of samples whose pixels differ in size."""
    curves = [[t for t, _ in row.boundary.nsd] for row in samples if row is not None]
    return curves[0] if all(curve == curves[0] for curve in curves) else [math.nan]


def mean_iou_intervals(
    rows: Sequence[Sequence[ClassScores | None]],
    sample_means: Sequence[float],
    worst_fraction: float,
    groups: Groups,
    resampling: Resampling,
) -> dict[str, Interval]:
    """Intervals of the four named means of a comparison.

    Parameters
    ----------
    rows : sequence (class) of sequence (sample)
        Scores; None where the class has no row in that sample.
    sample_means : sequence of float
        Mean IoU of each sample, NaN where undefined.
    worst_fraction : float
        Share of samples in the worst-decile mean.
    groups, resampling
        As in :func:`class_intervals`.
    """
    values = np.array(sample_means, dtype=np.float64)
    counted = [_region_columns(samples) for samples in rows]
    shared = np.column_stack([overlap for overlap, _, _ in counted])
    union = np.column_stack([either for _, either, _ in counted])
    ious = np.column_stack(
        [[math.nan if row is None else row.iou for row in samples] for samples in rows]
    )
    known = ~np.isnan(ious)
    there = np.where(known, ious, 0.0)

    def pooled(weights: Grid) -> Grid:
        return _mean_of_ratios(weighted_sums(weights, shared), weighted_sums(weights, union))

    def over_classes(weights: Grid) -> Grid:
        return _mean_of_ratios(weighted_sums(weights, there), weighted_sums(weights, known))

    defined = ~np.isnan(values)
    lowest = np.sort(values[defined])
    order = np.flatnonzero(defined)[np.argsort(values[defined], kind="stable")]

    def worst(weights: Grid) -> Grid:
        drawn = weights[:, order]
        total = drawn.sum(axis=1, keepdims=True)
        wanted = np.maximum(1.0, np.ceil(total * worst_fraction - 1e-9))
        before = np.cumsum(drawn, axis=1) - drawn
        taken = np.clip(wanted - before, 0.0, drawn)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((taken @ lowest) / taken.sum(axis=1))

    def interval(statistic: Any) -> Interval:
        return bootstrap_interval(statistic, len(values), groups=groups, resampling=resampling)

    return {
        "pooled_class_mean": interval(pooled),
        "sample_mean": mean_intervals(values[:, None], groups=groups, resampling=resampling)[0],
        "class_sample_mean": interval(over_classes),
        "worst_decile_mean": interval(worst),
    }


def _mean_of_ratios(top: Grid, bottom: Grid) -> Grid:
    """Mean over columns of top / bottom, leaving out columns that are 0/0 in that row."""
    there = bottom > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.where(there, top / bottom, 0.0)
        return np.asarray(ratios.sum(axis=1) / there.sum(axis=1))


def interval_entry(interval: Interval) -> dict[str, Any]:
    """An interval as a plain dictionary; None for what is undefined or infinite."""
    entry: dict[str, Any] = {
        "value": or_none(interval.value),
        "low": or_none(interval.low),
        "high": or_none(interval.high),
        "method": interval.method,
        "samples": interval.n,
        "undefined": interval.n_undefined,
        "infinite": interval.n_infinite,
    }
    if interval.method == "points":
        entry["points"] = [or_none(point) for point in interval.points]
    return entry
