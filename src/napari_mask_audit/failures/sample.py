"""Failures of one candidate mask of one sample."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..failure_thresholds import FailureThresholds
from ..findings import Finding
from ..masks import Mask
from ..scores import or_none
from .buckets import buckets
from .causes import Cause, causes
from .counterfactuals import Counterfactual, sample_counterfactuals
from .inventory import Inventory, inventory
from .listing import findings
from .table import BUCKETS, Bucket, ClassFailures, FailureTable

Pair = tuple[str, str]


@dataclass(frozen=True)
class SampleFailures:
    """What is wrong with one candidate mask of one sample.

    Attributes
    ----------
    sample, reference, candidate : str
        Names.
    table : FailureTable
        Wrong pixels by class pair and bucket.
    thresholds : FailureThresholds
        What decided.
    left_out : frozenset of int
        Classes that count in no mean.
    counterfactuals : tuple of Counterfactual
        Mean IoU without each kind of error.
    causes : tuple of Cause
        What explains the mask as a whole.
    findings : tuple of Finding
        Places to look at, most rewarding first.
    inventory : mapping of int to Inventory
        Regions found, missed and false, by class.
    """

    sample: str
    reference: str
    candidate: str
    table: FailureTable
    thresholds: FailureThresholds
    left_out: frozenset[int]
    counterfactuals: tuple[Counterfactual, ...]
    causes: tuple[Cause, ...]
    findings: tuple[Finding, ...]
    inventory: Mapping[int, Inventory]

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes that occur."""
        return self.table.mean_iou(self.left_out)

    @property
    def classes(self) -> tuple[ClassFailures, ...]:
        """Where each class's missing IoU went."""
        return self.table.classes(self.left_out)

    @property
    def leading_bucket(self) -> Bucket | None:
        """The bucket whose repair brings most; None when nothing is wrong."""
        rows = [row for row in self.counterfactuals if row.repair.class_pair is None]
        return rows[0].repair.bucket if rows else None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary without the findings, which the audit lists at its top level."""
        lead = self.leading_bucket
        return {
            "sample": self.sample,
            "mean_iou": or_none(self.mean_iou),
            "leading_bucket": None if lead is None else lead.value,
            "pixels": _bucket_pixels(self.table),
            "classes": [row.to_dict() for row in self.classes],
            "counterfactuals": [row.to_dict() for row in self.counterfactuals],
            "causes": [cause.to_dict() for cause in self.causes],
            "findings": len(self.findings),
        }


def explain_sample(
    reference: Mask,
    candidate: Mask,
    *,
    sample: str = "",
    sources: Pair = ("reference", "candidate"),
    background: int | None = None,
    ignore_ids: frozenset[int] = frozenset(),
    left_out_ids: frozenset[int] | None = None,
    thresholds: FailureThresholds | None = None,
    declared_ids: Collection[int] = (),
    name_of: Callable[[int], str] = str,
    limit: int | None = None,
    with_causes: bool = True,
) -> SampleFailures:
    """Explain every disagreement of two masks.

    Parameters
    ----------
    reference, candidate : Mask
        Of one shape; the spacing is the reference's.
    sample : str
        Name of the sample, part of the findings' identity.
    sources : (str, str)
        Names of the two sources.
    background : int, optional
        The id that is nobody's object.
    ignore_ids : frozenset of int
        Reference pixels with these ids do not count.
    left_out_ids : frozenset of int, optional
        Classes that count in no mean; by default the ignored ones and the background.
    thresholds : FailureThresholds, optional
        The judgement calls.
    declared_ids : collection of int
        Classes of the class table, if there is one.
    name_of : callable
        Class name from class id.
    limit : int, optional
        Findings at most.
    with_causes : bool
        Look for causes of the mask as a whole, which takes longer than the buckets.

    Raises
    ------
    MaskError
        ``shape-mismatch``.
    """
    if left_out_ids is None:
        left_out_ids = ignore_ids | (frozenset() if background is None else {background})
    chosen = (thresholds or FailureThresholds()).settled()
    found = buckets(
        reference.labels,
        candidate.labels,
        background=background,
        ignore_ids=ignore_ids,
        spacing=reference.spacing,
        thresholds=chosen,
    )
    named: tuple[Cause, ...] = ()
    if with_causes:
        named = causes(
            reference.labels,
            candidate.labels,
            found,
            left_out_ids=left_out_ids,
            declared_ids=declared_ids,
            name_of=name_of,
            unit=reference.unit,
        )
    return SampleFailures(
        sample,
        *sources,
        found.table,
        chosen,
        left_out_ids,
        sample_counterfactuals(found.table, left_out_ids),
        named,
        findings(
            found,
            sample=sample,
            reference=sources[0],
            candidate=sources[1],
            left_out_ids=left_out_ids,
            name_of=name_of,
            unit=reference.unit,
            limit=limit,
        ),
        inventory(found, left_out_ids),
    )


def _bucket_pixels(table: FailureTable) -> dict[str, int]:
    return {bucket.value: table.pixels_in(bucket) for bucket in BUCKETS}
