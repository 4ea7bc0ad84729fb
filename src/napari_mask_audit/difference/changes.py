"""Changes between two audits as values: what was, what is, and whether that is more than noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..aggregates import interval_entry
from ..metrics.resampling import Interval
from ..scores import or_none

SCHEMA_VERSION = 1


class Verdict(StrEnum):
    """What a difference says."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    SAME = "same"
    UNDEFINED = "undefined"


@dataclass(frozen=True)
class Change:
    """A dataset-level score in two audits, over the samples that both have.

    Attributes
    ----------
    old, new : float
        The score in [0, 1]; NaN where undefined.
    difference : Interval
        Of ``new − old``.
    """

    old: float
    new: float
    difference: Interval

    @property
    def verdict(self) -> Verdict:
        """Better or worse where the interval excludes 0, unclear otherwise."""
        if math.isnan(self.difference.value):
            return Verdict.UNDEFINED
        found = self.difference
        if found.value == 0 and (found.low == found.high == 0 or not any(found.points or (1,))):
            return Verdict.SAME
        if self.difference.low > 0:
            return Verdict.BETTER
        return Verdict.WORSE if self.difference.high < 0 else Verdict.UNCLEAR

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary as in the JSON output."""
        return {
            "old": or_none(self.old),
            "new": or_none(self.new),
            "difference": interval_entry(self.difference),
            "verdict": self.verdict.value,
        }


@dataclass(frozen=True)
class ClassChange:
    """One class: ``iou`` (pooled), and the sample means of the other scores, by name."""

    id: int
    name: str
    changes: Mapping[str, Change]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary as in the JSON output."""
        rows = {name: change.to_dict() for name, change in self.changes.items()}
        return {"id": self.id, "name": self.name, **rows}


@dataclass(frozen=True)
class SampleChange:
    """The score of one sample in two audits.

    Attributes
    ----------
    sample : str
    old, new : float
        Mean IoU, or PQ where ids are objects.
    least : float
        A smaller change is neither better nor worse.
    pixel_cost : float
        What moving every boundary of the sample by one pixel would change; NaN where unknown.
    """

    sample: str
    old: float
    new: float
    least: float
    pixel_cost: float

    @property
    def verdict(self) -> Verdict:
        """Better or worse where the change is at least :attr:`least`."""
        change = self.new - self.old
        if math.isnan(change):
            return Verdict.UNDEFINED
        if change == 0:
            return Verdict.SAME
        if abs(change) < self.least:
            return Verdict.UNCLEAR
        return Verdict.BETTER if change > 0 else Verdict.WORSE

    @property
    def within_one_pixel(self) -> bool:
        """Whether a shift of the boundaries by one pixel alone could make the change."""
        return abs(self.new - self.old) <= self.pixel_cost

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary as in the JSON output."""
        return {
            "sample": self.sample,
            "old": or_none(self.old),
            "new": or_none(self.new),
            "difference": or_none(self.new - self.old),
            "verdict": self.verdict.value,
            "within_one_pixel": self.within_one_pixel,
        }


@dataclass(frozen=True)
class Difference:
    """Two audits side by side.

    Attributes
    ----------
    old, new : (str, str)
        (reference, candidate) in either audit.
    score_name : str
        What a sample's score is: ``"mean IoU"`` or ``"PQ"``.
    overall : mapping of str to Change
        ``pooled_class_mean`` and ``sample_mean`` of IoU; ``sample_mean_pq`` where ids are objects.
    classes : tuple of ClassChange
        Classes that occur in both audits.
    samples : tuple of SampleChange
        Samples of both audits, largest loss first.
    only_old, only_new : tuple of str
        Samples of one audit alone; they count nowhere.
    least_change : float
        By how much a sample must change to be called better or worse.
    notes : tuple of str
        What a reader has to know.
    """

    old: tuple[str, str]
    new: tuple[str, str]
    score_name: str
    overall: Mapping[str, Change]
    classes: tuple[ClassChange, ...]
    samples: tuple[SampleChange, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    least_change: float
    notes: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """Whether any dataset-level score is worse beyond noise."""
        changes = [
            *self.overall.values(),
            *(c for row in self.classes for c in row.changes.values()),
        ]
        return any(change.verdict is Verdict.WORSE for change in changes)

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "schema_version": SCHEMA_VERSION,
            "old": {"reference": self.old[0], "candidate": self.old[1]},
            "new": {"reference": self.new[0], "candidate": self.new[1]},
            "score": self.score_name,
            "overall": {name: change.to_dict() for name, change in self.overall.items()},
            "classes": [row.to_dict() for row in self.classes],
            "samples": [row.to_dict() for row in self.samples],
            "least_change": self.least_change,
            "only_old": list(self.only_old),
            "only_new": list(self.only_new),
            "notes": list(self.notes),
        }
