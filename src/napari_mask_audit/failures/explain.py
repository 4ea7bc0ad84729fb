"""Failures of the samples of a dataset, and of the dataset from those of its samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dataset import Dataset, Role, Sample
from ..errors import Problem
from ..findings import Finding, ranked
from ..masks import Mask
from ..settings import Settings
from .sample import MeasuredSample, Pair, SampleFailures, measure_sample
from .summary import ComparisonFailures, summarise
from .suspects import ReferenceSuspect, reference_suspects

#: Findings listed per mask unless told otherwise; a noisy mask has hundreds of specks.
FINDINGS_PER_MASK = 100


@dataclass(frozen=True)
class DatasetFailures:
    """Failures of every comparison of a dataset.

    Attributes
    ----------
    comparisons : tuple of ComparisonFailures
    findings : tuple of Finding
        Of all comparisons and samples, most rewarding first.
    reference_suspects : tuple of ReferenceSuspect
        Places where all candidates contradict the reference in the same way.
    problems : tuple of Problem
        Masks that could not be used.
    """

    comparisons: tuple[ComparisonFailures, ...]
    findings: tuple[Finding, ...]
    reference_suspects: tuple[ReferenceSuspect, ...] = ()
    problems: tuple[Problem, ...] = ()

    def comparison(self, reference: str, candidate: str) -> ComparisonFailures:
        """The failures of two sources; ``KeyError`` when they were not compared."""
        for row in self.comparisons:
            if (row.reference, row.candidate) == (reference, candidate):
                return row
        raise KeyError((reference, candidate))

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "comparisons": [
                {"reference": c.reference, "candidate": c.candidate, "buckets": c.to_dict()}
                for c in self.comparisons
            ],
            "findings": [finding.to_dict() for finding in self.findings],
            "reference_suspects": [suspect.to_dict() for suspect in self.reference_suspects],
            "problems": [problem.to_dict() for problem in self.problems],
        }


def measured_samples(
    dataset: Dataset,
    sample: Sample,
    masks: Mapping[str, Mask],
    *,
    settings: Settings | None = None,
    comparisons: Sequence[Pair] | None = None,
) -> tuple[MeasuredSample, ...]:
    """Measure the masks of one sample, already read and all of one shape.

    Object ids are no classes: in a dataset of objects every object counts as foreground.
    """
    pairs = dataset.comparisons() if comparisons is None else comparisons
    left_out = dataset.left_out_ids(settings or dataset.settings)
    background = dataset.background_id
    if dataset.task == "instance":
        background = 0 if background is None else background
        left_out |= {background}
        masks = {name: _foreground(mask, dataset, background) for name, mask in masks.items()}
    return tuple(
        measure_sample(
            masks[reference],
            masks[candidate],
            sample=sample.name,
            sources=(reference, candidate),
            background=background,
            ignore_ids=dataset.ignore_ids,
            left_out_ids=left_out,
            declared_ids=dataset.declared_classes,
            name_of=_names(dataset),
        )
        for reference, candidate in pairs
        if reference in masks and candidate in masks
    )


def explain_masks(
    dataset: Dataset,
    sample: Sample,
    masks: Mapping[str, Mask],
    *,
    settings: Settings | None = None,
    comparisons: Sequence[Pair] | None = None,
    limit: int | None = None,
    with_causes: bool = True,
) -> tuple[SampleFailures, ...]:
    """Explain the masks of one sample, already read and all of one shape."""
    chosen = settings or dataset.settings
    return tuple(
        measured.explain(chosen.failure_thresholds, limit=limit, with_causes=with_causes)
        for measured in measured_samples(
            dataset, sample, masks, settings=chosen, comparisons=comparisons
        )
    )


def assemble_failures(
    dataset: Dataset,
    explained: Sequence[SampleFailures],
    *,
    settings: Settings | None = None,
    comparisons: Sequence[Pair] | None = None,
    problems: Sequence[Problem] = (),
) -> DatasetFailures:
    """Put explained samples together; their order does not matter."""
    chosen = settings or dataset.settings
    pairs = dataset.comparisons() if comparisons is None else comparisons
    groups = {sample.name: sample.group or sample.name for sample in dataset.samples}
    rows = []
    for reference, candidate in pairs:
        mine = sorted(
            (s for s in explained if (s.reference, s.candidate) == (reference, candidate)),
            key=lambda s: s.sample,
        )
        if mine:
            by_person = dataset.source(candidate).role is Role.ANNOTATOR
            rows.append(summarise(mine, chosen, groups, _names(dataset), by_person=by_person))
    everything = ranked(finding for sample in explained for finding in sample.findings)
    compared: dict[Pair, frozenset[str]] = {}
    for row in explained:
        key = row.sample, row.reference
        compared[key] = compared.get(key, frozenset()) | {row.candidate}
    suspects = reference_suspects(everything, compared) if dataset.with_role(Role.REFERENCE) else ()
    return DatasetFailures(tuple(rows), tuple(everything), suspects, tuple(problems))


def _foreground(mask: Mask, dataset: Dataset, background: int) -> Mask:
    """Every object as class 1; ignored ids stay as they are."""
    kept = np.isin(mask.labels, [background, *dataset.ignore_ids])
    return Mask.from_array(
        np.where(kept, mask.labels, np.ones((), mask.labels.dtype)),
        spacing=mask.spacing,
        unit=mask.unit,
        path=mask.path,
    )


def _names(dataset: Dataset) -> Callable[[int], str]:
    if dataset.task == "instance":
        return lambda class_id: "object" if class_id == 1 else "background"
    return lambda class_id: _name(dataset, class_id)


def _name(dataset: Dataset, class_id: int) -> str:
    """A name that can stand in a sentence: a number alone cannot."""
    if class_id in dataset.declared_classes:
        return dataset.class_info(class_id).name
    if class_id == dataset.background_id:
        return "background"
    name = dataset.class_info(class_id).name
    return f"class {name}" if name == str(class_id) else name
