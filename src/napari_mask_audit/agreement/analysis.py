"""The question as a whole: who agrees with whom, where, how, and is it the model or the labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .. import engine
from ..dataset import Dataset, Sample
from ..dataset.model import Role
from ..errors import Problem
from ..settings import Settings
from .ceiling import Ceiling, ceilings
from .conflicts import Conflict, conflicts
from .duplicates import Duplicate, duplicates
from .matrix import MatrixSummary, ReferenceSummary, matrix_summaries, reference_summaries
from .observation import annotators_of, observe
from .observed import Observation
from .pairwise import PairAgreement, classes_of, pair_agreements
from .profile import AnnotatorProfile, profiles
from .reliability import Reliability, reliability_of
from .triage import Triage, triages
from .votes import VoteTable

SCHEMA_VERSION = 1
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Agreement:
    """The agreement of all sources of a dataset.

    Attributes
    ----------
    dataset : mapping
        What was compared.
    settings : Settings
        Behind every number.
    pairs : tuple of PairAgreement
        Every source against every other, per class and overall.
    matrix : tuple of MatrixSummary
        Mean, minimum, worst pair and range without one annotator, per class.
    against_reference : tuple of ReferenceSummary
        Annotators, and predictions, against every reference, per class.
    groups : tuple of Reliability
        Chance-corrected agreement of the annotators, per class and overall.
    annotators : tuple of AnnotatorProfile
        By annotator and class; empty when withheld.
    withheld : str
        Why there are no profiles; empty when there are.
    duplicates : tuple of Duplicate
        Sources that are copies of each other.
    ceiling : tuple of Ceiling
        By class.
    no_ceiling : str
        Why there is none; empty when there is.
    triage : tuple of Triage
        By reference and model.
    conflicts : tuple of Conflict
        Rules missing in the guideline.
    notes : tuple of str
        What the data cannot say.
    problems : tuple of Problem
        Masks that could not be used.
    samples : int
        Samples compared.
    """

    dataset: Mapping[str, Any]
    settings: Settings
    pairs: tuple[PairAgreement, ...]
    matrix: tuple[MatrixSummary, ...]
    against_reference: tuple[ReferenceSummary, ...]
    groups: tuple[Reliability, ...]
    annotators: tuple[AnnotatorProfile, ...]
    withheld: str
    duplicates: tuple[Duplicate, ...]
    ceiling: tuple[Ceiling, ...]
    no_ceiling: str
    triage: tuple[Triage, ...]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = field(repr=False)
    samples: int
    version: str = ""

    def pair(self, first: str, second: str, class_id: int | None = None) -> PairAgreement:
        """One cell of the matrix, in either order of the names (the offset is not turned).

        Raises
        ------
        KeyError
            When the two share no sample, or the class does not exist.
        """
        for row in self.pairs:
            if {row.first, row.second} == {first, second} and row.class_id == class_id:
                return row
        raise KeyError((first, second, class_id))

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output; no NaN in it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "version": self.version,
            "dataset": dict(self.dataset),
            "settings": self.settings.to_dict(),
            "samples": self.samples,
            "pairs": [row.to_dict() for row in self.pairs],
            "matrix": [row.to_dict() for row in self.matrix],
            "against_reference": [row.to_dict() for row in self.against_reference],
            "groups": [row.to_dict() for row in self.groups],
            "annotators": [row.to_dict() for row in self.annotators],
            "withheld": self.withheld or None,
            "duplicates": [row.to_dict() for row in self.duplicates],
            "ceiling": [row.to_dict() for row in self.ceiling],
            "no_ceiling": self.no_ceiling or None,
            "triage": [row.to_dict() for row in self.triage],
            "conflicts": [row.to_dict() for row in self.conflicts],
            "notes": list(self.notes),
            "problems": [problem.to_dict() for problem in self.problems],
        }


def agree(
    dataset: Dataset | str | Path,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> Agreement:
    """Compare every source of a dataset with every other.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset, or where it is.
    settings : Settings, optional
        Instead of the dataset's own.
    progress : callable, optional
        Called with (samples done, samples in all, name of the last one).
    should_stop : callable, optional
        Asked between samples; when true, the result covers the samples done so far.
    workers : int, optional
        Threads.

    Returns
    -------
    Agreement
        One bad file never stops it: see :attr:`Agreement.problems`.

    Raises
    ------
    DatasetError
        ``no-dataset``, ``no-masks``, ``bad-manifest``.
    """
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    chosen = settings or opened.settings
    seen: list[Observation] = []
    problems: list[Problem] = list(opened.problems)

    def one(sample: Sample) -> tuple[str, Observation | tuple[Problem, ...]]:
        return sample.name, observe(opened, sample, chosen)

    results = engine.run(one, opened.samples, workers=workers, should_stop=should_stop)
    for done, (name, result) in enumerate(results, 1):
        if isinstance(result, Observation):
            seen.append(result)
            problems += result.problems
        else:
            problems += result
        if progress is not None:
            progress(done, len(opened.samples), name)
    return assemble(opened, seen, settings=chosen, problems=problems)


def assemble(
    dataset: Dataset,
    observations: Sequence[Observation],
    *,
    settings: Settings | None = None,
    problems: Sequence[Problem] = (),
) -> Agreement:
    """Put observed samples together; their order does not matter."""
    chosen = settings or dataset.settings
    ordered = sorted(observations, key=lambda o: o.sample)
    pairs = pair_agreements(dataset, ordered, chosen)
    people, withheld = profiles(dataset, ordered, chosen)
    limits, no_ceiling = ceilings(dataset, ordered, chosen)
    copies = duplicates(dataset, ordered)
    return Agreement(
        dataset=dataset.to_dict(),
        settings=chosen,
        pairs=pairs,
        matrix=matrix_summaries(dataset, pairs),
        against_reference=reference_summaries(dataset, pairs),
        groups=_groups(dataset, ordered, chosen),
        annotators=people,
        withheld=withheld,
        duplicates=copies,
        ceiling=limits,
        no_ceiling=no_ceiling,
        triage=triages(dataset, ordered, _copies_of_references(dataset, copies)),
        conflicts=conflicts(dataset, ordered),
        notes=tuple(_notes(dataset, ordered, chosen)),
        problems=tuple(problems),
        samples=len(ordered),
        version=_version(),
    )


def _groups(
    dataset: Dataset, observations: Sequence[Observation], settings: Settings
) -> tuple[Reliability, ...]:
    """Annotators as a group; all classes first, then one by one.

    A single annotator and the reference are two opinions as well.
    """
    raters = list(annotators_of(dataset))
    if len(raters) == 1:
        raters += [source.name for source in dataset.with_role(Role.REFERENCE)]
    if not observations or len(raters) < 2 or dataset.task == "instance":
        return ()
    votes = VoteTable.stack(
        [VoteTable.of(o.table, raters, ignore_ids=dataset.ignore_ids) for o in observations]
    ).condensed()
    ids = classes_of(dataset, observations, settings)
    return (reliability_of(votes), *(reliability_of(votes, class_id) for class_id in ids))


def _copies_of_references(
    dataset: Dataset, copies: Sequence[Duplicate]
) -> dict[str, frozenset[str]]:
    found = {source.name: set[str]() for source in dataset.with_role(Role.REFERENCE)}
    for copy in copies:
        for reference, other in ((copy.first, copy.second), (copy.second, copy.first)):
            if copy.complete and reference in found:
                found[reference].add(other)
    return {reference: frozenset(names) for reference, names in found.items()}


def _notes(dataset: Dataset, observations: Sequence[Observation], settings: Settings) -> list[str]:
    """What these data cannot say, and what nobody chose."""
    notes = list(dataset.notes)
    annotators = annotators_of(dataset)
    if len(observations) < len(dataset.samples):
        notes.append(f"{len(observations)} of {len(dataset.samples)} samples compared")
    if not settings.tolerances:
        notes.append("no tolerance chosen: NSD at one pixel (the smallest spacing of each sample)")
    if len(annotators) == 2:
        notes.append("two annotators: that they differ can be measured, not who of them is right")
    if 0 < len(observations) < 10:
        many = "1 sample" if len(observations) == 1 else f"{len(observations)} samples"
        notes.append(f"{many}: points instead of intervals, and nothing on drift")
    if len(annotators) > 1:
        notes.append(
            "intervals are over samples; a few annotators cannot stand for annotators in general"
        )
    if observations and not any(any(o.has_object.values()) for o in observations):
        notes.append("no mask shows any object: there is nothing to agree on")
    if dataset.task == "semantic":
        notes += _notes_on_ids(dataset, observations)
    if dataset.task == "instance":
        notes.append("task = instance: per-class numbers are those of all objects together")
    return notes


def _notes_on_ids(dataset: Dataset, observations: Sequence[Observation]) -> list[str]:
    """Ids that may not be the classes they are taken for."""
    notes = []
    columns = [set(column.tolist()) for o in observations for column in o.table.labels.T]
    ids = set[int]().union(*columns)
    if dataset.background_id is None and 0 in ids and 0 not in dataset.declared_classes:
        notes.append(
            "no background declared, so 0 counts as a class like the others: set background = 0 "
            "in dataset.toml if it means that nothing is there"
        )
    if dataset.declared_classes:
        return notes
    if len(ids) > 20:
        notes.append(
            f"{len(ids)} ids and no class names: if they number objects or regions, set "
            'task = "instance", because ids of different annotators are then unrelated'
        )
    elif len(ids - {0}) > 1 and all(len(column - {0}) <= 1 for column in columns):
        notes.append(
            "every mask holds one id besides 0, and not always the same: if ids are ratings and "
            "not classes, set binary = true in dataset.toml"
        )
    return notes


def _version() -> str:
    try:
        return version("napari-mask-audit")
    except PackageNotFoundError:
        return "unknown"
