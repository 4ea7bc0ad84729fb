"""The scores of the same samples in two audits, and the intervals of their differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from ..metrics.intervals import (
    bootstrap_interval,
    paired_difference_interval,
    paired_ratio_difference_interval,
)
from ..metrics.resampling import Resampling
from ..scores import mean_of
from .changes import Change

Json = Mapping[str, Any]
Side = list[dict[int, Json]]


class PairedSamples:
    """Sample rows of two audits in the same order, and the changes between them."""

    def __init__(
        self,
        old: Sequence[Json],
        new: Sequence[Json],
        groups: Sequence[Hashable] | None,
        resampling: Resampling,
    ) -> None:
        self._sides = (old, new)
        self._rows = tuple(
            [{c["id"]: c for c in s["classes"]} for s in side] for side in (old, new)
        )
        self._options: dict[str, Any] = {"groups": groups, "resampling": resampling}

    def shared_classes(self) -> list[tuple[int, str]]:
        """Ids and names of the classes that occur on both sides."""
        old, new = self._names()
        return [(n, new[n]) for n in sorted(old.keys() & new.keys())]

    def one_sided(self) -> list[str]:
        """A note for the classes that only one audit has; they count in that one's means."""
        old, new = self._names()
        return [
            f"only the {which} audit has {', '.join(names[n] for n in sorted(alone))}: in its "
            "means, but not in the table"
            for which, names, alone in (
                ("old", old, old.keys() - new.keys()),
                ("new", new, new.keys() - old.keys()),
            )
            if alone
        ]

    def _names(self) -> list[dict[int, str]]:
        """Names of the classes with pixels in any sample, by id, of each side."""
        return [
            {
                n: row["name"]
                for sample in side
                for n, row in sample.items()
                if row["reference_pixels"] or row["candidate_pixels"]
            }
            for side in self._rows
        ]

    def overall(self, *, instances: bool) -> dict[str, Change]:
        """The mean over classes of pooled IoU, and the mean over samples; PQ for objects too."""
        tables = [
            [self._counts(side, n) for n in sorted(names)]
            for side, names in enumerate(self._names())
        ]

        def pooled(side: int, weights: Any) -> Any:
            columns = [_ratio(weights @ top, weights @ bottom) for top, bottom in tables[side]]
            table = np.column_stack(columns or [np.full(len(weights), np.nan)])
            there = ~np.isnan(table)
            return _ratio(np.where(there, table, 0).sum(axis=1), there.sum(axis=1))

        n = len(self._sides[0])
        ones = np.ones((1, n))
        found = bootstrap_interval(
            lambda weights: pooled(1, weights) - pooled(0, weights), n, **self._options
        )
        old, new = (float(pooled(side, ones)[0]) for side in (0, 1))
        changes = {
            "pooled_class_mean": Change(old, new, found),
            "sample_mean": self._means(lambda sample: sample["mean_iou"], self._sides),
        }
        if instances:
            changes["sample_mean_pq"] = self._means(sample_pq, self._sides)
        return changes

    def of_class(self, class_id: int, scores: Sequence[str]) -> dict[str, Change]:
        """Pooled IoU and the sample means of one class."""
        counts = [self._counts(side, class_id) for side in (0, 1)]
        found = paired_ratio_difference_interval(counts[0], counts[1], **self._options)
        old, new = (float(_ratio(top.sum(), bottom.sum())) for top, bottom in counts)
        changes = {"iou": Change(old, new, found)}
        rows = [[sample.get(class_id, {}) for sample in side] for side in self._rows]
        for score in ("dice", "boundary_iou", "nsd"):
            if score in scores:
                for name in _score_names(score, rows[0] + rows[1]):
                    changes[name] = self._means(_reader(name), rows)
        return changes

    def _means(
        self, read: Callable[[Json], float | None], sides: Sequence[Sequence[Json]]
    ) -> Change:
        columns = [np.array([number(read(row)) for row in side]) for side in sides]
        found = paired_difference_interval(columns[0], columns[1], **self._options)
        both = ~np.isnan(columns[0]) & ~np.isnan(columns[1])
        old, new = (mean_of(column[both].tolist()) for column in columns)
        return Change(old, new, found)

    def _counts(self, side: int, class_id: int) -> tuple[Any, Any]:
        """Intersections and unions by sample; 0/0 where the class does not occur."""
        overlap, union = [], []
        for sample in self._rows[side]:
            row = sample.get(class_id)
            both = 0 if row is None else row["overlap_pixels"]
            either = 0 if row is None else row["reference_pixels"] + row["candidate_pixels"] - both
            overlap.append(float(both))
            union.append(float(either))
        return np.array(overlap), np.array(union)


def _score_names(score: str, rows: Sequence[Json]) -> list[str]:
    if score != "nsd":
        return [score]
    curve = next((row["nsd_curve"] for row in rows if "nsd_curve" in row), None)
    return ["nsd"] if curve is None else [f"nsd_{tolerance:g}" for tolerance, _ in curve]


def _reader(name: str) -> Callable[[Json], float | None]:
    def read(row: Json) -> float | None:
        if name.startswith("nsd_"):
            curve = {f"nsd_{tolerance:g}": value for tolerance, value in row.get("nsd_curve", ())}
            return curve.get(name)
        value: float | None = row.get(name)
        return value

    return read


def number(value: float | None) -> float:
    """A score from JSON, where undefined is null."""
    return math.nan if value is None else float(value)


def sample_pq(sample: Json) -> float:
    """PQ of the objects of a sample."""
    return number(sample["instances"]["pq"])


def _ratio(top: Any, bottom: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.asarray(top, float) / np.asarray(bottom, float))
