"""What the score would be with one kind of error repaired.

"mIoU 0.71; without boundary errors 0.78." Repairing means that the pixels of the error get the
reference's class. The gains are not additive (each asks about its own error alone), just as the
error types of TIDE [1]_ are not; the shares of 1 − IoU are.

References
----------
.. [1] Bolya et al. (2020), TIDE, ECCV, arXiv:2008.08115.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics.intervals import Interval, Resampling, bootstrap_interval
from ..metrics.intervals import paired_ratio_difference_interval as class_gain_interval
from ..metrics.resampling import weighted_sums
from ..scores import or_none
from .table import BUCKETS, Bucket, FailureTable, IntArray
from .table_stack import TableStack

#: Class pairs listed at most.
PAIRS = 5
_DEFAULT = Resampling(resamples=2000)
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Repair:
    """A kind of error to imagine away: a bucket, or the confusion of two classes.

    Attributes
    ----------
    bucket : Bucket
        ``CONFUSION`` for a pair of classes.
    class_pair : tuple of int, or None
        The two classes, ascending; None for the whole bucket.
    """

    bucket: Bucket
    class_pair: tuple[int, int] | None = None

    def rows(self, table: FailureTable) -> NDArray[np.bool_]:
        """The rows of a table that this repairs."""
        rows: NDArray[np.bool_] = table.bucket == self.bucket.code
        if self.class_pair is not None:
            rows &= np.isin(table.reference, self.class_pair)
            rows &= np.isin(table.candidate, self.class_pair)
        return rows


@dataclass(frozen=True)
class Counterfactual:
    """A mean IoU, or one class's IoU, with and without one kind of error.

    Attributes
    ----------
    repair : Repair
    class_id : int or None
        The class whose IoU it is; None for the mean over classes.
    before, after : float
        The score as it is, and with the error repaired.
    pixels : int
        Wrong pixels repaired.
    interval : Interval or None
        Of the gain, over samples; None for a single sample.
    """

    repair: Repair
    class_id: int | None
    before: float
    after: float
    pixels: int
    interval: Interval | None = None

    @property
    def gain(self) -> float:
        """What the repair brings."""
        return self.after - self.before

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; below ten samples the gains of each stand for an interval."""
        found = self.interval
        return {
            "bucket": self.repair.bucket.value,
            "class_pair": None if self.repair.class_pair is None else list(self.repair.class_pair),
            "class_id": self.class_id,
            "iou": or_none(self.before),
            "iou_without": or_none(self.after),
            "gain": or_none(self.gain),
            "gain_low": None if found is None else or_none(found.low),
            "gain_high": None if found is None else or_none(found.high),
            "gain_points": [] if found is None else [or_none(p) for p in found.points],
            "interval_method": None if found is None else found.method,
            "pixels": self.pixels,
        }


def repairs_in(table: FailureTable, *, pairs: int = PAIRS) -> list[Repair]:
    """Every bucket with a pixel in it, then the class pairs most often confused.

    Examples
    --------
    >>> rows = np.array([(1, 1, 0), (1, 2, 3), (2, 1, 3), (1, 0, 1)])
    >>> table = FailureTable.of(rows, np.array([9, 2, 3, 4]))
    >>> [(r.bucket.value, r.class_pair) for r in repairs_in(table)]
    [('boundary', None), ('confusion', None), ('confusion', (1, 2))]
    """
    found = [Repair(bucket) for bucket in BUCKETS if table.pixels_in(bucket)]
    confused = table.bucket == Bucket.CONFUSION.code
    low = np.minimum(table.reference[confused], table.candidate[confused])
    high = np.maximum(table.reference[confused], table.candidate[confused])
    unique, inverse = np.unique(np.stack([low, high], axis=1), axis=0, return_inverse=True)
    pixels = np.bincount(inverse.reshape(-1), table.counts[confused], len(unique))
    for row in np.argsort(-pixels, kind="stable")[:pairs].tolist():
        a, b = unique[row].tolist()
        found.append(Repair(Bucket.CONFUSION, (a, b)))
    return found


def sample_counterfactuals(
    table: FailureTable, left_out: Collection[int] = (), *, pairs: int = PAIRS
) -> tuple[Counterfactual, ...]:
    """Mean IoU of one sample without each kind of error, most rewarding first.

    Parameters
    ----------
    table : FailureTable
        Of the sample.
    left_out : collection of int
        Classes that count in no mean.
    pairs : int
        Class pairs at most.
    """
    before = table.mean_iou(left_out)
    found = []
    for repair in repairs_in(table, pairs=pairs):
        rows = repair.rows(table)
        after = table.repaired(rows).mean_iou(left_out)
        found.append(Counterfactual(repair, None, before, after, int(table.counts[rows].sum())))
    return _ranked(found)


def dataset_counterfactuals(
    tables: Sequence[FailureTable],
    left_out: Collection[int] = (),
    *,
    pairs: int = PAIRS,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling | None = _DEFAULT,
) -> tuple[Counterfactual, ...]:
    """Pooled mean IoU of a dataset without each kind of error, most rewarding first.

    Parameters
    ----------
    tables : sequence of FailureTable
        One per sample.
    left_out : collection of int
        Classes that count in no mean.
    pairs : int
        Class pairs at most.
    groups : sequence, optional
        Patient, scene or slide of each sample; whole groups are resampled.
    resampling : Resampling or None
        Behind the intervals of the gains; None: no intervals.

    Returns
    -------
    tuple of Counterfactual
        The mean is over classes of the IoU pooled over samples.
    """
    total = FailureTable.total(tables)
    ids = [i for i in total.ids if i not in left_out]
    stack = TableStack.of(tables)
    before = stack.overlaps_and_unions(ids)
    found = []
    for repair in repairs_in(total, pairs=pairs):
        after = stack.overlaps_and_unions(ids, repair.rows(stack.rows))
        interval = None
        if resampling is not None:
            interval = bootstrap_interval(
                _gain(before, after), len(tables), groups=groups, resampling=resampling
            )
        ones = np.ones((1, len(tables)))
        rows = repair.rows(total)
        found.append(
            Counterfactual(
                repair,
                None,
                float(_pooled(ones, before)[0]),
                float(_pooled(ones, after)[0]),
                int(total.counts[rows].sum()),
                interval,
            )
        )
    return _ranked(found)


def class_counterfactuals(
    tables: Sequence[FailureTable],
    class_id: int,
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling | None = _DEFAULT,
) -> tuple[Counterfactual, ...]:
    """Pooled IoU of one class without each bucket, most rewarding first."""
    rows = counterfactuals_by_class(tables, [class_id], groups=groups, resampling=resampling)
    return rows[class_id]


def counterfactuals_by_class(
    tables: Sequence[FailureTable],
    class_ids: Sequence[int],
    *,
    groups: Sequence[Hashable] | None = None,
    resampling: Resampling | None = _DEFAULT,
) -> dict[int, tuple[Counterfactual, ...]]:
    """:func:`class_counterfactuals` of several classes; the tables are asked once for all."""
    ids = list(class_ids)
    stack = TableStack.of(tables)
    before = stack.overlaps_and_unions(ids)
    found: dict[int, list[Counterfactual]] = {class_id: [] for class_id in ids}
    for bucket in BUCKETS:
        repair = Repair(bucket)
        wrong = repair.rows(stack.rows)
        if not wrong.any():
            continue
        after = stack.overlaps_and_unions(ids, wrong)
        for column, class_id in enumerate(ids):
            own = (stack.rows.reference == class_id) | (stack.rows.candidate == class_id)
            pixels = int(stack.rows.counts[wrong & own].sum())
            if pixels == 0:
                continue
            counts = [(part[0][:, column], part[1][:, column]) for part in (before, after)]
            interval = None
            if resampling is not None:
                interval = class_gain_interval(*counts, groups=groups, resampling=resampling)
            ious = [_ratio(overlap.sum(), union.sum()) for overlap, union in counts]
            found[class_id].append(
                Counterfactual(repair, class_id, ious[0], ious[1], pixels, interval)
            )
    return {class_id: _ranked(rows) for class_id, rows in found.items()}


def _pooled(weights: FloatArray, counts: tuple[IntArray, IntArray]) -> FloatArray:
    """Mean over the classes that occur of the pooled IoU, for each row of sample weights."""
    overlap, union = (weighted_sums(weights, part) for part in counts)
    defined = union > 0
    iou = np.where(defined, overlap / np.where(defined, union, 1), 0.0)
    number = defined.sum(axis=1)
    mean: FloatArray = np.where(number > 0, iou.sum(axis=1) / np.maximum(number, 1), np.nan)
    return mean


def _gain(
    before: tuple[IntArray, IntArray], after: tuple[IntArray, IntArray]
) -> Callable[[FloatArray], FloatArray]:
    return lambda weights: _pooled(weights, after) - _pooled(weights, before)


def _ratio(overlap: int, union: int) -> float:
    return float(overlap / union) if union else float("nan")


def _orderable(gain: float) -> float:
    return gain if gain == gain else -1.0


def _ranked(found: list[Counterfactual]) -> tuple[Counterfactual, ...]:
    return tuple(sorted(found, key=lambda row: -_orderable(row.gain)))
