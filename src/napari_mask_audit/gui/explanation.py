"""What is wrong with a sample and where, in the shape in which the docks need it. No Qt here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from ..corrections.mask_correction import MOST_FINDINGS
from ..dataset import Dataset, Sample
from ..failure_thresholds import FailureThresholds
from ..failures import MeasuredDataset, MeasuredSample, measured_samples
from ..findings import Finding
from ..masks import LabelArray, Mask
from .failure_summary import FailureSummary, summary_of
from .sample_view import SampleView


@dataclass(frozen=True, eq=False)
class Explanation:
    """Findings and causes of one sample in one comparison.

    Attributes
    ----------
    summary : FailureSummary
        Its buckets.
    findings : tuple of Finding
        Most rewarding first.
    causes : tuple of str or None
        What explains the mask as a whole, a sentence each; None while that is being looked for.
    thresholds : str
        What decided, to be printed wherever a bucket is.
    """

    summary: FailureSummary
    findings: tuple[Finding, ...]
    causes: tuple[str, ...] | None
    thresholds: str


def measure_view(dataset: Dataset, view: SampleView) -> MeasuredSample | None:
    """Measure the masks of a sample that are decoded already.

    Returns
    -------
    MeasuredSample or None
        None where there are not two masks of one size.
    """
    reference, candidate, pair = view.reference, view.candidate, view.pair
    if pair is None or reference is None or candidate is None or view.overlay is None:
        return None
    masks = {
        name: Mask.from_array(labels, spacing=view.spacing or None, unit=view.unit)
        for name, labels in zip(pair, (reference, candidate), strict=True)
    }
    return measured_samples(dataset, dataset.sample(view.sample), masks, comparisons=[pair])[0]


def as_explained(dataset: Dataset, view: SampleView) -> tuple[LabelArray, LabelArray, int | None]:
    """Both masks of a sample and the background as findings see them: objects are of one class."""
    assert view.reference is not None
    assert view.candidate is not None
    if dataset.task != "instance":
        return view.reference, view.candidate, dataset.background_id
    background = 0 if dataset.background_id is None else dataset.background_id
    kept = [background, *dataset.ignore_ids]
    return foreground(view.reference, kept), foreground(view.candidate, kept), background


def foreground(labels: LabelArray, kept: Collection[int]) -> LabelArray:
    """Every object as class 1; the ids that are kept stay as they are."""
    return np.where(np.isin(labels, list(kept)), labels, np.ones((), labels.dtype))


def explain_measured(
    dataset: Dataset, measured: MeasuredSample, *, with_causes: bool = False
) -> Explanation:
    """Explain a measured sample with the thresholds in the dataset's settings.

    Parameters
    ----------
    dataset : Dataset
        The dataset of the sample.
    measured : MeasuredSample
        Its masks, measured.
    with_causes : bool
        Look for causes of the mask as a whole too, which takes several times longer; without it
        they are those that are known already, if any are.
    """
    buckets = measured.decide(dataset.settings.failure_thresholds)
    named = measured.causes_of(buckets) if with_causes else measured.known_causes(buckets)
    found = measured.explained(buckets, named or (), limit=MOST_FINDINGS)
    causes = None if named is None else tuple(cause.statement for cause in named)
    return Explanation(summary_of(found), found.findings, causes, thresholds_text(dataset))


def summarise_sample(
    measured: MeasuredDataset, sample: Sample, thresholds: FailureThresholds
) -> FailureSummary | None:
    """The buckets of a sample that is not on the canvas; None where it cannot be compared.

    Parameters
    ----------
    measured : MeasuredDataset
        With one comparison; what is measured already, to be added to.
    sample : Sample
        Which one.
    thresholds : FailureThresholds
        What decides.
    """
    (pair,) = measured.comparisons
    if any(source not in sample.masks for source in pair):
        return None
    of_pair = replace(sample, masks={source: sample.masks[source] for source in pair})
    rows, _ = measured.measured(of_pair)
    return summary_of(rows[0].explain(thresholds, limit=0, with_causes=False)) if rows else None


def thresholds_text(dataset: Dataset) -> str:
    """The thresholds that decide which bucket a wrong pixel is in."""
    return dataset.settings.failure_thresholds.describe(lambda i: dataset.class_info(i).name)
