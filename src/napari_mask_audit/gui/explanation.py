"""What is wrong with a sample and where, in the shape in which the docks need it. No Qt here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from ..dataset import Dataset, Sample
from ..dataset.reading import read_masks
from ..failures import explain_masks
from ..findings import Finding
from ..masks import LabelArray, Mask
from .failure_summary import FailureSummary, summary_of
from .items import Pair
from .sample_view import SampleView

#: Findings listed per sample, the most rewarding ones.
MAX_FINDINGS = 100


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


def explain_view(
    dataset: Dataset, view: SampleView, *, with_causes: bool = False
) -> Explanation | None:
    """Explain the masks of a sample that are decoded already.

    Parameters
    ----------
    dataset : Dataset
        The dataset of the sample.
    view : SampleView
        Its pictures.
    with_causes : bool
        Look for causes of the mask as a whole too, which takes several times longer.

    Returns
    -------
    Explanation or None
        None where there are not two masks of one size.
    """
    reference, candidate, pair = view.reference, view.candidate, view.pair
    if pair is None or reference is None or candidate is None or view.overlay is None:
        return None
    masks = {
        name: Mask.from_array(labels, spacing=view.spacing or None, unit=view.unit)
        for name, labels in zip(pair, (reference, candidate), strict=True)
    }
    found = explain_masks(
        dataset,
        dataset.sample(view.sample),
        masks,
        comparisons=[pair],
        limit=MAX_FINDINGS,
        with_causes=with_causes,
    )[0]
    causes = tuple(cause.statement for cause in found.causes) if with_causes else None
    thresholds = thresholds_text(dataset)
    return Explanation(summary_of(found), found.findings, causes, thresholds)


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


def summarise_sample(dataset: Dataset, sample: Sample, pair: Pair) -> FailureSummary | None:
    """The buckets of a sample that is not on the canvas; None where it cannot be compared."""
    if any(source not in sample.masks for source in pair):
        return None
    of_pair = replace(sample, masks={source: sample.masks[source] for source in pair})
    masks = read_masks(dataset, of_pair, [])
    found = explain_masks(dataset, sample, masks, comparisons=[pair], limit=0, with_causes=False)
    return summary_of(found[0]) if found else None


def thresholds_text(dataset: Dataset) -> str:
    """The thresholds that decide which bucket a wrong pixel is in."""
    return dataset.settings.failure_thresholds.describe(lambda i: dataset.class_info(i).name)
