"""What the average hides: named means side by side, the samples behind them, rare classes.

One mean of many samples and classes can be high while the worst tenth fails, or low because of
two samples, or rest on classes that hardly occur. Each of these is a number here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..comparison import worst_mean
from ..metrics.intervals import Interval, Resampling, mean_interval
from ..scores import mean_of, or_none
from .table import FailureTable, IntArray

#: Named means further apart than this raise the alarm when there are too few samples to tell …
GAP = 0.05
#: … and the worst tenth is worth a word when it lies this far below the mean.
WORST_GAP = 0.20
#: A class with less than this share of the pixels is rare.
RARE_SHARE = 0.01
_DEFAULT = Resampling(resamples=2000)


@dataclass(frozen=True)
class Influence:
    """How much one sample moves the pooled mean IoU.

    Attributes
    ----------
    sample : str
    mean_iou : float
        Its own mean IoU.
    shift : float
        Mean without the sample minus mean with it: positive when the sample drags it down.
    """

    sample: str
    mean_iou: float
    shift: float

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "sample": self.sample,
            "mean_iou": or_none(self.mean_iou),
            "shift": or_none(self.shift),
        }


@dataclass(frozen=True)
class ClassBalance:
    """How much of the reference one class is.

    Attributes
    ----------
    id : int
    pixel_share : float
        Share of the reference pixels of all classes that count.
    regions : int
        Connected regions in the reference.
    samples, sample_share : int, float
        Samples whose reference has the class.
    iou : float
        Pooled IoU.
    """

    id: int
    pixel_share: float
    regions: int
    samples: int
    sample_share: float
    iou: float

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {**asdict(self), "iou": or_none(self.iou), "pixel_share": or_none(self.pixel_share)}


@dataclass(frozen=True)
class Averages:
    """The means of one comparison and what moves them.

    Attributes
    ----------
    pooled_class_mean, sample_mean, class_sample_mean, worst_decile_mean : float
        As in :class:`napari_mask_audit.comparison.Means`.
    weighted_mean : float
        Mean IoU weighted by the classes' pixels: what the large classes alone would say.
    without_rare : float
        Mean over the classes that are not rare; NaN when all are, or none is.
    sample_interval : Interval
        Of ``sample_mean``.
    alarms : tuple of str
        Sentences about means that disagree; empty when they agree.
    influence : tuple of Influence
        The samples that move the mean most, largest first.
    balance : tuple of ClassBalance
        By pixel share, rarest first.
    imbalance : str
        One sentence about what rare classes do to the score.
    """

    pooled_class_mean: float
    sample_mean: float
    class_sample_mean: float
    worst_decile_mean: float
    weighted_mean: float
    without_rare: float
    sample_interval: Interval
    alarms: tuple[str, ...]
    influence: tuple[Influence, ...]
    balance: tuple[ClassBalance, ...]
    imbalance: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        names = (
            "pooled_class_mean", "sample_mean", "class_sample_mean", "worst_decile_mean",
            "weighted_mean", "without_rare",
        )  # fmt: skip
        return {
            **{name: or_none(getattr(self, name)) for name in names},
            "sample_mean_low": or_none(self.sample_interval.low),
            "sample_mean_high": or_none(self.sample_interval.high),
            "alarms": list(self.alarms),
            "influence": [row.to_dict() for row in self.influence],
            "balance": [row.to_dict() for row in self.balance],
            "imbalance": self.imbalance,
        }


def averages(
    tables: Mapping[str, FailureTable],
    left_out: Collection[int] = (),
    *,
    regions: Mapping[int, int] | None = None,
    name_of: Any = str,
    groups: Sequence[Hashable] | None = None,
    worst_fraction: float = 0.1,
    top: int = 5,
    resampling: Resampling = _DEFAULT,
) -> Averages:
    """The named means of a comparison, whether they agree, and what moves them.

    Parameters
    ----------
    tables : mapping of str to FailureTable
        By sample.
    left_out : collection of int
        Classes that count in no mean.
    regions : mapping of int to int, optional
        Connected regions of each class in all references.
    name_of : callable
        Class name from class id.
    groups : sequence, optional
        Patient, scene or slide of each sample, in the order of ``tables``.
    worst_fraction : float
        Share of the samples in the worst-decile mean.
    top : int
        Samples listed by influence.
    resampling : Resampling
        Behind the interval of the sample mean.
    """
    ids = [i for i in FailureTable.total(tables.values()).ids if i not in left_out]
    counts = [table.overlaps_and_unions(ids) for table in tables.values()]
    overlap = np.array([row[0] for row in counts], np.int64).reshape(len(tables), len(ids))
    union = np.array([row[1] for row in counts], np.int64).reshape(len(tables), len(ids))
    iou = np.where(union > 0, overlap / np.maximum(union, 1), np.nan)
    own = [mean_of(row[~np.isnan(row)].tolist()) for row in iou]
    defined = [value for value in own if not math.isnan(value)]
    pooled = _pooled(overlap.sum(axis=0), union.sum(axis=0))
    size = _reference_pixels(tables, ids)
    balance = _balance(ids, size.sum(axis=0), (size > 0).sum(axis=0), len(tables), pooled, regions)
    common = [row.iou for row in balance if row.pixel_share >= RARE_SHARE and row.iou == row.iou]
    rare = [row for row in balance if row.pixel_share < RARE_SHARE and row.iou == row.iou]
    means = {
        "pooled_class_mean": mean_of([v for v in pooled.tolist() if v == v]),
        "sample_mean": mean_of(defined),
        "class_sample_mean": mean_of(
            [
                mean_of(column[~np.isnan(column)].tolist())
                for column in iou.T
                if (column == column).any()
            ]
        ),
        "worst_decile_mean": worst_mean(defined, worst_fraction),
        "weighted_mean": _weighted(pooled, size.sum(axis=0)),
        "without_rare": mean_of(common) if rare else math.nan,
    }
    interval = mean_interval(own, groups=groups, resampling=resampling)
    return Averages(
        **means,
        sample_interval=interval,
        alarms=tuple(_alarms(means, interval)),
        influence=_influence(list(tables), own, overlap, union, top),
        balance=balance,
        imbalance=_imbalance(means, rare, len(common), name_of),
    )


def _pooled(overlap: IntArray, union: IntArray) -> NDArray[np.float64]:
    iou: NDArray[np.float64] = np.where(union > 0, overlap / np.maximum(union, 1), np.nan)
    return iou


def _reference_pixels(tables: Mapping[str, FailureTable], ids: Sequence[int]) -> IntArray:
    wanted = np.array(ids, np.int64)[:, None]
    rows = [(table.reference == wanted) @ table.counts for table in tables.values()]
    return np.array(rows, np.int64).reshape(len(tables), len(ids))


def _balance(
    ids: Sequence[int],
    pixels: IntArray,
    samples: IntArray,
    n_samples: int,
    pooled: NDArray[np.float64],
    regions: Mapping[int, int] | None,
) -> tuple[ClassBalance, ...]:
    total = int(pixels.sum())
    rows = [
        ClassBalance(
            class_id,
            float(pixels[k] / total) if total else math.nan,
            (regions or {}).get(class_id, 0),
            int(samples[k]),
            float(samples[k] / n_samples) if n_samples else math.nan,
            float(pooled[k]),
        )
        for k, class_id in enumerate(ids)
    ]
    return tuple(sorted(rows, key=lambda row: (row.pixel_share, row.id)))


def _weighted(pooled: NDArray[np.float64], pixels: IntArray) -> float:
    known = ~np.isnan(pooled)
    total = pixels[known].sum()
    return float(pooled[known] @ pixels[known] / total) if total else math.nan


def _alarms(means: Mapping[str, float], interval: Interval) -> list[str]:
    """Sentences about gaps larger than chance (or, with few samples, than a fixed margin)."""
    half = (interval.high - interval.low) / 2
    margin = half if math.isfinite(half) else GAP
    against = f"the {margin:.2f} that resampling the samples explains" if math.isfinite(
        half
    ) else f"{GAP:.2f}"  # fmt: skip
    names = {
        "pooled_class_mean": "pooled over samples",
        "class_sample_mean": "mean of the classes' sample means",
    }
    said = []
    for key, words in names.items():
        gap = means[key] - means["sample_mean"]
        if abs(gap) > margin:
            said.append(
                f"the mean IoU is {means[key]:.2f} {words} but {means['sample_mean']:.2f} as mean "
                f"of samples: the gap of {abs(gap):.2f} is more than {against}."
            )
    worst = means["sample_mean"] - means["worst_decile_mean"]
    if worst > WORST_GAP:
        said.append(
            f"the worst tenth of the samples has a mean IoU of {means['worst_decile_mean']:.2f}, "
            f"{worst:.2f} below the mean of samples ({means['sample_mean']:.2f})."
        )
    return said


def _influence(
    names: Sequence[str],
    own: Sequence[float],
    overlap: IntArray,
    union: IntArray,
    top: int,
) -> tuple[Influence, ...]:
    """Leave one sample out: what the pooled mean over classes becomes."""
    if len(names) < 2:
        return ()
    rest_overlap, rest_union = overlap.sum(axis=0) - overlap, union.sum(axis=0) - union
    whole = _pooled(overlap.sum(axis=0), union.sum(axis=0))
    before = mean_of(whole[~np.isnan(whole)].tolist())
    rows = []
    for k, name in enumerate(names):
        left = _pooled(rest_overlap[k], rest_union[k])
        after = mean_of(left[~np.isnan(left)].tolist())
        rows.append(Influence(name, own[k], after - before))
    rows.sort(key=lambda row: (-abs(row.shift) if row.shift == row.shift else 0.0, row.sample))
    return tuple(rows[:top])


def _imbalance(
    means: Mapping[str, float], rare: Sequence[ClassBalance], n_common: int, name_of: Any
) -> str:
    if not rare or not n_common:
        return ""
    share = sum(row.pixel_share for row in rare)
    names = ", ".join(name_of(row.id) for row in rare)
    return (
        f"{len(rare)} of {len(rare) + n_common} classes ({names}) are {share * 100:.1f} % of the "
        f"pixels but {len(rare) / (len(rare) + n_common) * 100:.0f} % of the mean: their mean IoU "
        f"is {mean_of([row.iou for row in rare]):.2f}, the mean without them "
        f"{means['without_rare']:.2f} instead of {means['pooled_class_mean']:.2f}; weighted by "
        f"pixels it is {means['weighted_mean']:.2f}."
    )
