"""Failures of one candidate source over a whole dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..failure_thresholds import FailureThresholds
from ..metrics.intervals import Resampling
from ..settings import Settings
from .advice import WRONG_FILE, Advice, Support
from .advising import advise
from .averages import Averages, averages
from .counterfactuals import Counterfactual, counterfactuals_by_class, dataset_counterfactuals
from .file_advice import file_advice
from .inventory import pooled as pooled_inventory
from .sample import SampleFailures
from .table import BUCKETS, Bucket, ClassFailures, FailureTable, folded


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

    @property
    def thresholds_text(self) -> str:
        """The thresholds in one line, to be printed wherever a bucket is."""
        return self.thresholds.describe(lambda i: self.names.get(i, f"class {i}"))

    def to_dict(self) -> dict[str, Any]:
        """What the audit's JSON holds under ``buckets`` for this comparison."""
        pixels = {bucket: self.table.pixels_in(bucket) for bucket in BUCKETS}
        return {
            "thresholds": self.thresholds.to_dict(),
            "thresholds_text": self.thresholds_text,
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


def summarise(
    samples: Sequence[SampleFailures],
    settings: Settings,
    groups: Mapping[str, str],
    name_of: Callable[[int], str],
    *,
    by_person: bool,
) -> ComparisonFailures:
    """Pool the samples of one comparison.

    Parameters
    ----------
    samples : sequence of SampleFailures
        Of one reference and one candidate; at least one.
    settings : Settings
        Resampling and the share of the worst samples.
    groups : mapping of str to str
        What is resampled together, by sample; itself where it is not named.
    name_of : callable
        Class name from class id.
    by_person : bool
        Whether the candidate is an annotator.
    """
    tables = [sample.table for sample in samples]
    left_out = frozenset[int]().union(*(sample.left_out for sample in samples))
    total = FailureTable.total(tables)
    members = [groups.get(sample.sample, sample.sample) for sample in samples]
    resampling = Resampling(resamples=settings.resamples, seed=settings.seed)
    classes = total.classes(left_out)
    rows = dataset_counterfactuals(tables, left_out, groups=members, resampling=resampling)
    by_class = counterfactuals_by_class(
        tables, [row.id for row in classes], groups=members, resampling=resampling
    )
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
    files = file_advice(broken)
    if not sound:
        return files
    tables = [sample.table for sample in sound]
    total = FailureTable.total(tables)
    confused = total.bucket == Bucket.CONFUSION.code
    keys = zip(total.reference[confused].tolist(), total.candidate[confused].tolist(), strict=True)
    support = Support(
        dataset_counterfactuals(tables, left_out, resampling=None),
        counterfactuals_by_class(
            tables, [row.id for row in total.classes(left_out)], resampling=None
        ),
        {sample.sample: sample.causes for sample in sound},
        _averages(sound, left_out, settings, None, name_of, Resampling(resamples=100)),
        pooled_inventory(sample.inventory for sample in sound),
        dict(zip(keys, total.counts[confused].tolist(), strict=True)),
        total,
        left_out,
        name_of,
        by_person,
    )
    return (*files, *advise(support))
