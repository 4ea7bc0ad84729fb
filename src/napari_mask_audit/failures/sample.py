"""Failures of one candidate mask of one sample."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..failure_thresholds import FailureThresholds
from ..findings import Finding
from ..masks import Mask
from ..scores import or_none
from .buckets import BucketMap, decide
from .causes import Cause, causes
from .counterfactuals import Counterfactual, sample_counterfactuals
from .inventory import Inventory, inventory
from .listing import findings
from .measured import MeasuredPair, measure_pair
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


@dataclass(frozen=True, eq=False)
class MeasuredSample:
    """One candidate mask of one sample, measured: any thresholds can be decided on it.

    Attributes
    ----------
    sample, reference, candidate : str
        Names.
    pair : MeasuredPair
        The masks, their regions and their wrong pixels.
    left_out : frozenset of int
        Classes that count in no mean.
    declared_ids : frozenset of int
        Classes of the class table, if there is one.
    name_of : callable
        Class name from class id.
    unit : str
        Unit of the spacing.
    """

    sample: str
    reference: str
    candidate: str
    pair: MeasuredPair
    left_out: frozenset[int] = frozenset()
    declared_ids: frozenset[int] = frozenset()
    name_of: Callable[[int], str] = str
    unit: str = "px"
    # Causes depend on little of what was decided: the last ones, and what they were found for.
    _causes: list[tuple[bytes, tuple[Cause, ...]]] = field(default_factory=list, repr=False)

    @property
    def nbytes(self) -> int:
        """Memory it holds."""
        return self.pair.nbytes

    def explain(
        self,
        thresholds: FailureThresholds | None = None,
        *,
        limit: int | None = None,
        with_causes: bool = True,
    ) -> SampleFailures:
        """Explain every disagreement; for other thresholds no mask is looked at again.

        Parameters
        ----------
        thresholds : FailureThresholds, optional
            The judgement calls.
        limit : int, optional
            Findings at most.
        with_causes : bool
            Look for causes of the mask as a whole, which takes longer than the buckets.
        """
        found = self.decide(thresholds)
        return self.explained(found, self.causes_of(found) if with_causes else (), limit=limit)

    def decide(self, thresholds: FailureThresholds | None = None) -> BucketMap:
        """The buckets with these thresholds."""
        return decide(self.pair, thresholds or FailureThresholds())

    def explained(
        self, found: BucketMap, named: tuple[Cause, ...] = (), *, limit: int | None = None
    ) -> SampleFailures:
        """Everything about decided buckets; causes are given, for they take longer."""
        return SampleFailures(
            self.sample,
            self.reference,
            self.candidate,
            found.table,
            found.thresholds,
            self.left_out,
            sample_counterfactuals(found.table, self.left_out),
            named,
            self._findings(found, limit) if limit is None or limit > 0 else (),
            inventory(found, self.left_out),
        )

    def known_causes(self, found: BucketMap) -> tuple[Cause, ...] | None:
        """The causes, if they were looked for already and still hold for these buckets."""
        known = [named for key, named in self._causes if key == _causes_key(found)]
        return known[0] if known else None

    def causes_of(self, found: BucketMap) -> tuple[Cause, ...]:
        """What explains the mask as a whole."""
        known = self.known_causes(found)
        if known is None:
            known = causes(
                self.pair.reference,
                self.pair.candidate,
                found,
                left_out_ids=self.left_out,
                declared_ids=self.declared_ids,
                name_of=self.name_of,
                unit=self.unit,
            )
            self._causes[:] = [(_causes_key(found), known)]
        return known

    def _findings(self, found: BucketMap, limit: int | None) -> tuple[Finding, ...]:
        return findings(
            found,
            sample=self.sample,
            reference=self.reference,
            candidate=self.candidate,
            left_out_ids=self.left_out,
            name_of=self.name_of,
            unit=self.unit,
            limit=limit,
        )


def measure_sample(
    reference: Mask,
    candidate: Mask,
    *,
    sample: str = "",
    sources: Pair = ("reference", "candidate"),
    background: int | None = None,
    ignore_ids: frozenset[int] = frozenset(),
    left_out_ids: frozenset[int] | None = None,
    declared_ids: Collection[int] = (),
    name_of: Callable[[int], str] = str,
) -> MeasuredSample:
    """Measure two masks, so that their disagreements can be explained with any thresholds.

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
    declared_ids : collection of int
        Classes of the class table, if there is one.
    name_of : callable
        Class name from class id.

    Raises
    ------
    MaskError
        ``shape-mismatch``.
    """
    if left_out_ids is None:
        left_out_ids = ignore_ids | (frozenset() if background is None else {background})
    pair = measure_pair(
        reference.labels,
        candidate.labels,
        background=background,
        ignore_ids=ignore_ids,
        spacing=reference.spacing,
    )
    return MeasuredSample(
        sample, *sources, pair, left_out_ids, frozenset(declared_ids), name_of, reference.unit
    )


def explain_sample(
    reference: Mask,
    candidate: Mask,
    *,
    thresholds: FailureThresholds | None = None,
    limit: int | None = None,
    with_causes: bool = True,
    **options: Any,
) -> SampleFailures:
    """Explain every disagreement of two masks.

    Parameters
    ----------
    reference, candidate : Mask
        Of one shape; the spacing is the reference's.
    thresholds : FailureThresholds, optional
        The judgement calls.
    limit : int, optional
        Findings at most.
    with_causes : bool
        Look for causes of the mask as a whole, which takes longer than the buckets.
    **options
        Names and ids, as for :func:`measure_sample`.

    Raises
    ------
    MaskError
        ``shape-mismatch``.
    """
    measured = measure_sample(reference, candidate, **options)
    return measured.explain(thresholds, limit=limit, with_causes=with_causes)


def _causes_key(found: BucketMap) -> bytes:
    """All that causes depend on: what is wrong as a whole region."""
    recall = repr(found.thresholds.missed_recall).encode()
    return recall + found.reference_codes.tobytes() + found.candidate_codes.tobytes()


def _bucket_pixels(table: FailureTable) -> dict[str, int]:
    return {bucket.value: table.pixels_in(bucket) for bucket in BUCKETS}
