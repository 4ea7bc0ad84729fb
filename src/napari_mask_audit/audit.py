"""An audit measures a dataset: every comparison, every sample, every class, in one pass.

The pixels of a sample are visited once, over all of its masks; everything else reads the table
that this leaves behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import engine
from .comparison import Comparison, summarise
from .dataset import Dataset, Sample
from .dataset.reading import read_masks
from .errors import AuditError, Problem
from .masks import Mask, fingerprint
from .measuring import ClassRules, measure_masks
from .overlap import TupleTable
from .scores import PairScores
from .settings import Settings

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class SampleAudit:
    """What was measured on one sample.

    Attributes
    ----------
    sample : str
        Name of the sample.
    shape : tuple of int
        Shape of its masks; empty when none could be read.
    spacing : tuple of float
        Pixel size that distances were measured with.
    unit : str
        Unit of ``spacing``.
    table : TupleTable or None
        Label combinations over all its masks.
    digests : mapping of str to str
        Fingerprint of the decoded ids of each mask, by source.
    pairs : mapping of (str, str) to PairScores
        By (reference, candidate).
    problems : tuple of Problem
        Masks that could not be used.
    """

    sample: str
    shape: tuple[int, ...]
    table: TupleTable | None
    digests: Mapping[str, str]
    pairs: Mapping[tuple[str, str], PairScores]
    problems: tuple[Problem, ...]
    spacing: tuple[float, ...] = ()
    unit: str = "px"


@dataclass(frozen=True)
class Audit:
    """The result of measuring a dataset.

    Attributes
    ----------
    dataset : dict
        What was measured: name, sources, classes, what was inferred.
    settings : Settings
        The settings behind every number.
    comparisons : tuple of Comparison
        Reference against candidate, over all samples.
    problems : tuple of Problem
        Files and samples that could not be used, and why.
    digests : mapping of str to mapping of str to str
        Fingerprints of the masks by sample and source.
    notes : tuple of str
        What the numbers rest on that nobody chose explicitly.
    version : str
        Version of this package.
    unit : str
        Unit of distances and tolerances; ``"px"`` where the masks state no size.
    """

    dataset: Mapping[str, Any]
    settings: Settings
    comparisons: tuple[Comparison, ...]
    problems: tuple[Problem, ...]
    digests: Mapping[str, Mapping[str, str]] = field(repr=False, default_factory=dict)
    notes: tuple[str, ...] = ()
    version: str = ""
    unit: str = "px"

    def comparison(self, reference: str, candidate: str) -> Comparison:
        """The comparison of two sources; ``KeyError`` when it was not made."""
        for comparison in self.comparisons:
            if (comparison.reference, comparison.candidate) == (reference, candidate):
                return comparison
        raise KeyError((reference, candidate))

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "schema_version": SCHEMA_VERSION,
            "version": self.version,
            "dataset": dict(self.dataset),
            "settings": self.settings.to_dict(),
            "unit": self.unit,
            "notes": list(self.notes),
            "comparisons": [comparison.to_dict() for comparison in self.comparisons],
            "problems": [problem.to_dict() for problem in self.problems],
            "inputs": {sample: dict(digests) for sample, digests in self.digests.items()},
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per comparison, sample and class; distances in ``unit``, by ``convention``."""
        import pandas as pd

        frames = [comparison.to_frame() for comparison in self.comparisons]
        if not frames:
            return pd.DataFrame()
        together = pd.concat(frames, ignore_index=True)
        return together.assign(convention=self.settings.convention, unit=self.unit)


def audit(
    dataset: Dataset | str | Path,
    *,
    settings: Settings | None = None,
    comparisons: Sequence[tuple[str, str]] | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> Audit:
    """Measure a dataset.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset, or where it is.
    settings : Settings, optional
        Instead of the dataset's own.
    comparisons : sequence of (str, str), optional
        Source names (reference, candidate); by default :meth:`Dataset.comparisons`.
    progress : callable, optional
        Called with (samples done, samples in all, name of the last one).
    should_stop : callable, optional
        Asked between samples; when true, the audit covers the samples done so far.
    workers : int, optional
        Threads.

    Returns
    -------
    Audit
        One bad file never stops it: see :attr:`Audit.problems`.

    Raises
    ------
    DatasetError
        ``no-dataset``, ``no-masks``, ``bad-manifest``, ``no-such-source``.
    """
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    chosen = settings or opened.settings
    pairs = tuple(comparisons) if comparisons is not None else opened.comparisons()
    done: list[SampleAudit] = []
    for measured in audit_samples(
        opened, settings=chosen, comparisons=pairs, should_stop=should_stop, workers=workers
    ):
        done.append(measured)
        if progress is not None:
            progress(len(done), len(opened.samples), measured.sample)
    return assemble(opened, done, settings=chosen, comparisons=pairs)


def audit_samples(
    dataset: Dataset,
    *,
    settings: Settings | None = None,
    comparisons: Sequence[tuple[str, str]] | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> Iterator[SampleAudit]:
    """Measure the samples one by one, in the order in which they are ready."""
    chosen = settings or dataset.settings
    pairs = tuple(comparisons) if comparisons is not None else dataset.comparisons()
    for name in {name for pair in pairs for name in pair}:
        dataset.source(name)
    each = engine.share(workers, len(dataset.samples))
    return engine.run(
        lambda sample: measure_sample(
            dataset, sample, settings=chosen, comparisons=pairs, workers=each
        ),
        dataset.samples,
        workers=workers,
        should_stop=should_stop,
    )


def measure_sample(
    dataset: Dataset,
    sample: Sample,
    *,
    settings: Settings | None = None,
    comparisons: Sequence[tuple[str, str]] | None = None,
    workers: int = 1,
) -> SampleAudit:
    """Read and measure one sample; what cannot be read is listed, not raised."""
    chosen = settings or dataset.settings
    pairs = tuple(comparisons) if comparisons is not None else dataset.comparisons()
    problems: list[Problem] = []
    masks = read_masks(dataset, sample, problems)
    return measure_masks_of(
        dataset,
        sample,
        masks,
        settings=chosen,
        comparisons=pairs,
        problems=problems,
        workers=workers,
    )


def measure_masks_of(
    dataset: Dataset,
    sample: Sample,
    masks: Mapping[str, Mask],
    *,
    settings: Settings,
    comparisons: Sequence[tuple[str, str]],
    problems: Sequence[Problem] = (),
    workers: int = 1,
) -> SampleAudit:
    """Measure the masks of one sample, already read and all of one shape.

    Parameters
    ----------
    dataset : Dataset
    sample : Sample
    masks : mapping of str to Mask
        By source, from :func:`napari_mask_audit.dataset.reading.read_masks`.
    settings : Settings
        The settings behind every number.
    comparisons : sequence of (str, str)
        Source names (reference, candidate).
    problems : sequence of Problem
        What was wrong with the masks that are missing.
    workers : int
        Threads that may work on this sample.
    """
    found = list(problems)
    if not masks:
        return SampleAudit(sample.name, (), None, {}, {}, tuple(found))
    shape = next(iter(masks.values())).shape
    try:
        table, scores = measure_masks(
            masks,
            comparisons,
            class_rules(dataset),
            settings,
            sample=sample.name,
            workers=workers,
        )
    except AuditError as error:
        found.append(Problem.from_error(error, sample=sample.name))
        return SampleAudit(sample.name, shape, None, {}, {}, tuple(found))
    found += _unknown_ids(dataset, sample, table)
    digests = {name: fingerprint(mask.labels) for name, mask in masks.items()}
    first = next(iter(masks.values()))
    return SampleAudit(
        sample.name, shape, table, digests, scores, tuple(found), first.spacing, first.unit
    )


def class_rules(dataset: Dataset) -> ClassRules:
    """What the ids of a dataset mean, for measuring."""
    return ClassRules(
        names={info.id: info.name for info in dataset.declared_classes.values()},
        ignore_ids=dataset.ignore_ids,
        background_id=dataset.background_id,
        default_names={1: "foreground"} if dataset.is_binary else {},
        instances=dataset.task == "instance",
    )


def assemble(
    dataset: Dataset,
    samples: Sequence[SampleAudit],
    *,
    settings: Settings | None = None,
    comparisons: Sequence[tuple[str, str]] | None = None,
) -> Audit:
    """Put measured samples together into an audit; their order does not matter."""
    chosen = settings or dataset.settings
    pairs = tuple(comparisons) if comparisons is not None else dataset.comparisons()
    ordered = sorted(samples, key=lambda s: s.sample)
    problems = dataset.problems + tuple(p for sample in ordered for p in sample.problems)
    notes = list(dataset.notes)
    if len(ordered) < len(dataset.samples):
        notes.append(f"stopped early: {len(ordered)} of {len(dataset.samples)} samples measured")
    results = []
    apart = []
    # A sample without a group is a group of its own.
    groups = {s.name: s.group or s.name for s in dataset.samples if dataset.has_groups}
    for reference, candidate in pairs:
        pair = (reference, candidate)
        scores = [s.pairs[pair] for s in ordered if pair in s.pairs]
        if scores:
            of_samples = [groups.get(str(score.sample)) for score in scores] if groups else None
            results.append(summarise(reference, candidate, scores, chosen, groups=of_samples))
        else:
            apart.append(f"{reference} and {candidate}")
    if apart:
        shown = "; ".join(apart[:3]) + (f"; and {len(apart) - 3} more pairs" if apart[3:] else "")
        notes.append(f"not compared, because they share no readable sample: {shown}")
    notes += _boundary_notes(ordered, chosen)
    return Audit(
        unit=_unit(ordered),
        dataset=dataset.to_dict(),
        settings=chosen,
        comparisons=tuple(results),
        problems=problems,
        digests={sample.sample: dict(sample.digests) for sample in ordered},
        notes=tuple(notes),
        version=package_version(),
    )


def _unit(samples: Sequence[SampleAudit]) -> str:
    units = sorted({sample.unit for sample in samples if sample.shape})
    return " or ".join(units) if units else "px"


def _boundary_notes(samples: Sequence[SampleAudit], settings: Settings) -> list[str]:
    """What the boundary numbers rest on that nobody chose."""
    notes = []
    units = {sample.unit for sample in samples if sample.shape}
    if len(units) > 1:
        notes.append(
            f"samples have different units ({', '.join(sorted(units))}): distances and NSD cannot "
            "be averaged; give one spacing and unit in dataset.toml"
        )
    if not settings.tolerances:
        notes.append(
            "no boundary tolerance chosen: NSD is at one pixel (the smallest spacing); choose one "
            "with --tolerance or tolerances in [settings]"
        )
    return notes


def _unknown_ids(dataset: Dataset, sample: Sample, table: TupleTable) -> list[Problem]:
    """Ids in the masks that ``dataset.toml`` does not name, when it names any."""
    if not dataset.declared_classes:
        return []
    known = set(dataset.declared_classes) | dataset.ignore_ids
    if dataset.background_id is not None:
        known.add(dataset.background_id)
    problems = []
    for column, source in enumerate(table.sources):
        unknown = sorted(set(table.labels[:, column].tolist()) - known)
        if unknown:
            shown = ", ".join(map(str, unknown[:8])) + (", …" if len(unknown) > 8 else "")
            text = (
                f"{source} uses ids that [classes] does not name: {shown}. They are counted as "
                "classes of their own; name them, or put them under ignore."
            )
            problems.append(Problem("unknown-class", text, sample.name, str(sample.masks[source])))
    return problems


def package_version() -> str:
    """Version of this package, or ``"unknown"`` in a bare checkout."""
    try:
        return version("napari-mask-audit")
    except PackageNotFoundError:
        return "unknown"
