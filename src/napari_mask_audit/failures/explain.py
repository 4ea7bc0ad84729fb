"""Failures of a sample and of a dataset, put together: the way in to this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import engine
from ..dataset import Dataset, Role, Sample
from ..errors import AuditError, Problem
from ..findings import Finding, ranked
from ..masks import Mask
from ..metrics.intervals import Resampling
from ..scores import or_none
from ..settings import Settings
from .advice import WRONG_FILE, Advice, Support, advise, wrong_files
from .averages import Averages, averages
from .buckets import buckets
from .causes import Cause, causes
from .counterfactuals import (
    Counterfactual,
    class_counterfactuals,
    dataset_counterfactuals,
    sample_counterfactuals,
)
from .inventory import Inventory, inventory
from .inventory import pooled as pooled_inventory
from .listing import findings
from .table import BUCKETS, Bucket, ClassFailures, FailureTable, folded
from .thresholds import FailureThresholds

Pair = tuple[str, str]
#: Findings listed per mask unless told otherwise; a noisy mask has hundreds of specks.
FINDINGS_PER_MASK = 100


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


@dataclass(frozen=True)
class ComparisonFailures:
    """Failures of a candidate source over all samples.

    Attributes
    ----------
    reference, candidate : str
        Source names.
    thresholds : FailureThresholds
        What decided.
    samples : tuple of SampleFailures
        By sample name.
    classes : tuple of ClassFailures
        Pooled over samples.
    names : mapping of int to str
        Class names.
    counterfactuals : tuple of Counterfactual
        Pooled mean IoU without each kind of error, with intervals.
    class_counterfactuals : mapping of int to tuple of Counterfactual
        The same for each class alone.
    averages : Averages
        Named means, alarms, influence, class balance.
    advice : tuple of Advice
        What to improve next.
    """

    reference: str
    candidate: str
    thresholds: FailureThresholds
    samples: tuple[SampleFailures, ...]
    classes: tuple[ClassFailures, ...]
    names: Mapping[int, str]
    counterfactuals: tuple[Counterfactual, ...]
    class_counterfactuals: Mapping[int, tuple[Counterfactual, ...]]
    averages: Averages
    advice: tuple[Advice, ...]

    @property
    def table(self) -> FailureTable:
        """Wrong pixels of all samples."""
        return FailureTable.total(sample.table for sample in self.samples)

    def to_dict(self) -> dict[str, Any]:
        """What the audit's JSON holds under ``buckets`` for this comparison."""
        pixels = {bucket: self.table.pixels_in(bucket) for bucket in BUCKETS}
        return {
            "thresholds": self.thresholds.to_dict(),
            "thresholds_text": self.thresholds.describe(),
            "pixels": {bucket.value: n for bucket, n in pixels.items()},
            "main": folded(pixels),
            "classes": [
                {**row.to_dict(), "name": self.names.get(row.id, str(row.id))}
                for row in self.classes
            ],
            "samples": [sample.to_dict() for sample in self.samples],
            "counterfactuals": [row.to_dict() for row in self.counterfactuals],
            "class_counterfactuals": [
                row.to_dict() for rows in self.class_counterfactuals.values() for row in rows
            ],
            "averages": self.averages.to_dict(),
            "advice": [row.to_dict() for row in self.advice],
        }


@dataclass(frozen=True)
class DatasetFailures:
    """Failures of every comparison of a dataset.

    Attributes
    ----------
    comparisons : tuple of ComparisonFailures
    findings : tuple of Finding
        Of all comparisons and samples, most rewarding first.
    problems : tuple of Problem
        Masks that could not be used.
    """

    comparisons: tuple[ComparisonFailures, ...]
    findings: tuple[Finding, ...]
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
            "problems": [problem.to_dict() for problem in self.problems],
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
    chosen = thresholds or FailureThresholds()
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


def explain_masks(
    dataset: Dataset,
    sample: Sample,
    masks: Mapping[str, Mask],
    *,
    settings: Settings | None = None,
    thresholds: FailureThresholds | None = None,
    comparisons: Sequence[Pair] | None = None,
    limit: int | None = None,
    with_causes: bool = True,
) -> tuple[SampleFailures, ...]:
    """Explain the masks of one sample, already read and all of one shape.

    Object ids are no classes: in a dataset of objects every object counts as foreground.
    """
    chosen = settings or dataset.settings
    pairs = dataset.comparisons() if comparisons is None else comparisons
    left_out = dataset.left_out_ids(chosen)
    if dataset.task == "instance":
        masks = {name: _foreground(mask, dataset) for name, mask in masks.items()}
    return tuple(
        explain_sample(
            masks[reference],
            masks[candidate],
            sample=sample.name,
            sources=(reference, candidate),
            background=dataset.background_id,
            ignore_ids=dataset.ignore_ids,
            left_out_ids=left_out,
            thresholds=thresholds or FailureThresholds.from_settings(chosen),
            name_of=_names(dataset),
            limit=limit,
            with_causes=with_causes,
        )
        for reference, candidate in pairs
        if reference in masks and candidate in masks
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
            rows.append(_summarise(mine, chosen, groups, _names(dataset), by_person=by_person))
    everything = ranked(finding for sample in explained for finding in sample.findings)
    return DatasetFailures(tuple(rows), tuple(everything), tuple(problems))


def explain_dataset(
    dataset: Dataset | str | Path,
    *,
    settings: Settings | None = None,
    thresholds: FailureThresholds | None = None,
    comparisons: Sequence[Pair] | None = None,
    limit_per_sample: int | None = FINDINGS_PER_MASK,
    with_causes: bool = True,
    progress: Callable[[int, int, str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> DatasetFailures:
    """Explain every disagreement of a dataset.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset, or where it is.
    settings : Settings, optional
        Instead of the dataset's own.
    thresholds : FailureThresholds, optional
        By default those that go with the settings.
    comparisons : sequence of (str, str), optional
        Source names (reference, candidate); by default all of the dataset.
    limit_per_sample : int, optional
        Findings per mask at most, the most rewarding ones; None: all of them.
    with_causes : bool
        Look for causes of whole masks.
    progress : callable, optional
        Called with (samples done, samples in all, name of the last one).
    should_stop : callable, optional
        Asked between samples.
    workers : int, optional
        Threads.

    Returns
    -------
    DatasetFailures
        One bad file never stops it: see ``problems``.
    """
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    chosen = settings or opened.settings

    def explained(sample: Sample) -> tuple[str, tuple[SampleFailures, ...], list[Problem]]:
        problems: list[Problem] = []
        masks = _read(opened, sample, problems)
        found = explain_masks(
            opened,
            sample,
            masks,
            settings=chosen,
            thresholds=thresholds,
            comparisons=comparisons,
            limit=limit_per_sample,
            with_causes=with_causes,
        )
        return sample.name, found, problems

    done: list[SampleFailures] = []
    problems = list(opened.problems)
    rows = engine.run(explained, opened.samples, workers=workers, should_stop=should_stop)
    for number, (name, found, bad) in enumerate(rows, start=1):
        done.extend(found)
        problems.extend(bad)
        if progress is not None:
            progress(number, len(opened.samples), name)
    done.sort(key=lambda s: s.sample)
    return assemble_failures(
        opened, done, settings=chosen, comparisons=comparisons, problems=problems
    )


def _read(dataset: Dataset, sample: Sample, problems: list[Problem]) -> dict[str, Mask]:
    """The readable masks of a sample that share the shape of the first."""
    masks: dict[str, Mask] = {}
    for source in dataset.sources:
        if source.name not in sample.masks:
            continue
        try:
            mask = dataset.read_mask(sample, source.name)
        except AuditError as error:
            problems.append(Problem.from_error(error, sample=sample.name))
            continue
        first = next(iter(masks.values()), mask)
        if mask.shape == first.shape:
            masks[source.name] = mask
        else:
            text = (
                f"this mask has shape {mask.shape}, the first one {first.shape}; masks are never "
                "resized. Export it at the size of the image."
            )
            file = str(sample.masks[source.name])
            problems.append(Problem("shape-mismatch", text, sample.name, file))
    return masks


def _foreground(mask: Mask, dataset: Dataset) -> Mask:
    """Every object as class 1; ignored ids stay as they are."""
    background = 0 if dataset.background_id is None else dataset.background_id
    kept = np.isin(mask.labels, [background, *dataset.ignore_ids])
    return Mask.from_array(
        np.where(kept, mask.labels, np.ones((), mask.labels.dtype)),
        spacing=mask.spacing,
        unit=mask.unit,
        path=mask.path,
    )


def _names(dataset: Dataset) -> Callable[[int], str]:
    if dataset.task == "instance":
        return lambda class_id: "background" if class_id == dataset.background_id else "object"
    return lambda class_id: _name(dataset, class_id)


def _name(dataset: Dataset, class_id: int) -> str:
    if class_id == dataset.background_id and class_id not in dataset.declared_classes:
        return "background"
    return dataset.class_info(class_id).name


def _summarise(
    samples: Sequence[SampleFailures],
    settings: Settings,
    groups: Mapping[str, str],
    name_of: Callable[[int], str],
    *,
    by_person: bool,
) -> ComparisonFailures:
    tables = [sample.table for sample in samples]
    left_out = frozenset[int]().union(*(sample.left_out for sample in samples))
    total = FailureTable.total(tables)
    members = [groups.get(sample.sample, sample.sample) for sample in samples]
    resampling = Resampling(resamples=settings.resamples, seed=settings.seed)
    classes = total.classes(left_out)
    rows = dataset_counterfactuals(tables, left_out, groups=members, resampling=resampling)
    by_class = {
        row.id: class_counterfactuals(tables, row.id, groups=members, resampling=resampling)
        for row in classes
    }
    means = _averages(samples, left_out, settings, members, name_of, resampling)
    return ComparisonFailures(
        samples[0].reference,
        samples[0].candidate,
        samples[0].thresholds,
        tuple(samples),
        classes,
        {class_id: name_of(class_id) for class_id in total.ids},
        rows,
        by_class,
        means,
        _advice(samples, left_out, settings, name_of, by_person),
    )


def _averages(
    samples: Sequence[SampleFailures],
    left_out: frozenset[int],
    settings: Settings,
    members: Sequence[str] | None,
    name_of: Callable[[int], str],
    resampling: Resampling,
) -> Averages:
    regions = pooled_inventory(sample.inventory for sample in samples)
    return averages(
        {sample.sample: sample.table for sample in samples},
        left_out,
        regions={class_id: row.regions for class_id, row in regions.items()},
        name_of=name_of,
        groups=members,
        worst_fraction=settings.worst_fraction,
        resampling=resampling,
    )


def _advice(
    samples: Sequence[SampleFailures],
    left_out: frozenset[int],
    settings: Settings,
    name_of: Callable[[int], str],
    by_person: bool,
) -> tuple[Advice, ...]:
    """Advice from the samples whose mask is not wrong as a file: a shifted mask teaches nothing."""
    broken = {
        sample.sample: [c for c in sample.causes if c.kind in WRONG_FILE] for sample in samples
    }
    sound = [sample for sample in samples if not broken[sample.sample]]
    files = wrong_files(broken)
    if not sound:
        return files
    tables = [sample.table for sample in sound]
    total = FailureTable.total(tables)
    confused = total.bucket == Bucket.CONFUSION.code
    keys = zip(total.reference[confused].tolist(), total.candidate[confused].tolist(), strict=True)
    support = Support(
        dataset_counterfactuals(tables, left_out, resampling=None),
        {
            row.id: class_counterfactuals(tables, row.id, resampling=None)
            for row in total.classes(left_out)
        },
        {sample.sample: sample.causes for sample in sound},
        _averages(sound, left_out, settings, None, name_of, Resampling(resamples=100)),
        pooled_inventory(sample.inventory for sample in sound),
        dict(zip(keys, total.counts[confused].tolist(), strict=True)),
        name_of,
        by_person,
    )
    return (*files, *advise(support))


def _bucket_pixels(table: FailureTable) -> dict[str, int]:
    return {bucket.value: table.pixels_in(bucket) for bucket in BUCKETS}
