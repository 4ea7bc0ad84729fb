"""``lint``: run the rules over a dataset, a folder of masks or one mask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import engine
from ..dataset import Dataset, Sample
from ..errors import AuditError, MaskError
from ..findings import Box
from ..masks import Mask, fingerprint, ids_in
from ..readers import read_image, read_mask
from .accepted import ACCEPTED_NAME, Accepted, read_accepted
from .continuity import check_continuity
from .finding import LintFinding
from .geometry import check_geometry
from .images import ImageFacts, check_images, thumbnail
from .integrity import (
    check_floats,
    check_grids,
    check_partners,
    check_pile,
    check_sizes,
    from_error,
    from_problems,
)
from .limits import LintLimits
from .loose import open_for_lint
from .objects import check_objects
from .outlines import check_outlines, outline_shapes, straight_sides
from .pairs import MaskFacts, check_pairs
from .rules import Severity, choose_rules
from .subject import MaskSubject
from .values import check_values, is_empty

Progress = Callable[[int, int, str], None]

# Pixels so much longer along one axis than along any other were drawn in slices across it.
_ANISOTROPIC = 1.5


@dataclass(frozen=True)
class LintResult:
    """What lint found.

    Attributes
    ----------
    dataset : str
        Name of what was checked.
    findings : tuple of LintFinding
        The worst first; within a severity by sample, source and code.
    accepted : tuple of LintFinding
        Findings that the accepted file keeps quiet.
    stale : tuple of Accepted
        Entries of that file that no longer fit anything.
    rules : tuple of str
        Codes of the rules that ran.
    samples, masks : int
        How many were checked.
    complete : bool
        Whether everything was checked; false after a stop.
    limits : LintLimits
        The thresholds.
    """

    dataset: str
    findings: tuple[LintFinding, ...]
    accepted: tuple[LintFinding, ...] = ()
    stale: tuple[Accepted, ...] = ()
    rules: tuple[str, ...] = ()
    samples: int = 0
    masks: int = 0
    complete: bool = True
    limits: LintLimits = field(default_factory=LintLimits)

    @property
    def counts(self) -> dict[str, int]:
        """Findings per severity."""
        found = Counter(finding.severity.value for finding in self.findings)
        return {severity.value: found[severity.value] for severity in Severity}

    @property
    def summary(self) -> str:
        """One sentence, without a full stop."""
        parts = [
            f"{n} {word}{'s' if n != 1 and word != 'info' else ''}"
            for word, n in self.counts.items()
            if n
        ]
        quiet = f" ({len(self.accepted)} accepted)" if self.accepted else ""
        return f"{', '.join(parts) or 'nothing found'} in {self.masks} masks{quiet}"

    def at_least(self, level: Severity | str) -> tuple[LintFinding, ...]:
        """The findings of a severity and above."""
        chosen = Severity(level)
        return tuple(f for f in self.findings if f.severity.reaches(chosen))

    def exit_code(self, level: Severity | str = Severity.WARNING) -> int:
        """3 when anything at or above a severity was found, otherwise 0."""
        return 3 if self.at_least(level) else 0

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "dataset": self.dataset,
            "samples": self.samples,
            "masks": self.masks,
            "complete": self.complete,
            "rules": list(self.rules),
            "limits": self.limits.to_dict(),
            "counts": self.counts,
            "summary": self.summary,
            "findings": [finding.to_dict() for finding in self.findings],
            "accepted": [finding.to_dict() for finding in self.accepted],
            "stale": [entry.to_dict() for entry in self.stale],
        }


@dataclass(frozen=True)
class _SampleLint:
    """Findings and facts of one sample."""

    sample: str
    findings: tuple[LintFinding, ...]
    facts: tuple[MaskFacts, ...]
    image: ImageFacts | None
    floats: tuple[tuple[str, str, Path, str], ...] = ()


def lint(
    dataset_or_path: Dataset | str | Path,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    accepted: str | Path | Sequence[Accepted] | None = None,
    limits: LintLimits | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> LintResult:
    """Check masks for flaws that no score shows.

    Parameters
    ----------
    dataset_or_path : Dataset, str or pathlib.Path
        A dataset or where it is; or a folder of masks, or one mask file.
    select : iterable of str, optional
        Rules to run: codes, beginnings of codes (``MA3``), names, ``ALL``. The default rules
        without it.
    ignore : iterable of str
        Rules to leave out.
    accepted : str, pathlib.Path or sequence of Accepted, optional
        Findings to keep quiet; ``lint-accepted.toml`` in the dataset's folder when there is one.
        An empty sequence: none.
    limits : LintLimits, optional
        Thresholds.
    progress : callable, optional
        Called with (samples done, samples in all, name of the last one).
    should_stop : callable, optional
        Asked between samples; when true, the result covers the samples done so far.
    workers : int, optional
        Threads.

    Returns
    -------
    LintResult
        A file that cannot be read is a finding, not an error.

    Raises
    ------
    DatasetError
        ``no-dataset``, ``no-masks``, ``bad-manifest``, ``bad-accepted``.
    SettingsError
        ``unknown-rule``.
    """
    chosen = choose_rules(select, ignore)
    dataset = open_for_lint(dataset_or_path)
    thresholds = limits or LintLimits()
    quiet = _accepted(dataset, accepted)
    done: list[_SampleLint] = []
    for result in engine.run(
        lambda sample: _lint_sample(dataset, sample, thresholds, chosen),
        dataset.samples,
        workers=workers,
        should_stop=should_stop,
    ):
        done.append(result)
        if progress is not None:
            progress(len(done), len(dataset.samples), result.sample)
    found = [f for f in _all_findings(dataset, done, thresholds) if f.code in chosen]
    loud, silenced, used = _apply(found, quiet)
    return LintResult(
        dataset=dataset.name,
        findings=tuple(sorted(loud, key=_order)),
        accepted=tuple(sorted(silenced, key=_order)),
        stale=tuple(entry for entry in quiet if entry not in used and entry.code in chosen),
        rules=tuple(sorted(chosen)),
        samples=len(done),
        masks=sum(len(sample.masks) for sample in dataset.samples),
        complete=len(done) == len(dataset.samples),
        limits=thresholds,
    )


def _accepted(
    dataset: Dataset, given: str | Path | Sequence[Accepted] | None
) -> tuple[Accepted, ...]:
    if given is None:
        file = dataset.folder / ACCEPTED_NAME
        return read_accepted(file) if file.is_file() else ()
    return read_accepted(given) if isinstance(given, str | Path) else tuple(given)


def _apply(
    findings: Iterable[LintFinding], accepted: Sequence[Accepted]
) -> tuple[list[LintFinding], list[LintFinding], set[Accepted]]:
    """Findings that stay, findings kept quiet, and the entries that fit something."""
    by_key = {entry.key: entry for entry in accepted}
    loud: list[LintFinding] = []
    silenced: list[LintFinding] = []
    used: set[Accepted] = set()
    for finding in findings:
        entry = by_key.get(finding.key)
        if entry is not None:
            used.add(entry)
        (silenced if entry is not None and entry.covers(finding) else loud).append(finding)
    return loud, silenced, used


def _all_findings(
    dataset: Dataset, done: Sequence[_SampleLint], limits: LintLimits
) -> Iterator[LintFinding]:
    yield from from_problems(dataset.problems)
    ordered = sorted(done, key=lambda result: result.sample)
    for result in ordered:
        yield from result.findings
    facts = [fact for result in ordered for fact in result.facts]
    images = {result.sample: result.image for result in ordered if result.image is not None}
    ids = {label for fact in facts for label in fact.sizes}
    names = {label: _called(dataset, label) for label in ids}
    yield from check_pairs(facts, names, _declared(dataset), limits)
    yield from check_images(images)
    yield from check_floats([row for result in ordered for row in result.floats])


def _lint_sample(
    dataset: Dataset, sample: Sample, limits: LintLimits, chosen: frozenset[str]
) -> _SampleLint:
    findings = list(check_partners(dataset, sample))
    facts: list[MaskFacts] = []
    shapes: dict[str, tuple[int, ...]] = {}
    floats: list[tuple[str, str, Path, str]] = []
    for source in (s.name for s in dataset.sources if s.name in sample.masks):
        path = sample.masks[source]
        try:
            stored = read_mask(path)
        except MaskError as error:
            findings.append(from_error(error, sample.name, source, path))
            continue
        shapes[source] = stored.shape
        if stored.stored_dtype.startswith("float"):
            floats.append((sample.name, source, path, stored.stored_dtype))
        subject = subject_of(dataset, sample, source, stored, limits)
        pile = check_pile(subject) if sample.image is None else None
        if pile is not None:
            findings.append(pile)
            continue
        findings += _mask_findings(subject, chosen)
        facts.append(_facts(subject, chosen))
    image = _read_image(sample, findings)
    findings += check_sizes(sample, shapes, None if image is None else image.shape)
    if "MA110" in chosen:
        findings += check_grids(sample, shapes)
    known = None
    if image is not None and sample.image is not None:
        small = thumbnail(image) if "MA704" in chosen else None
        known = ImageFacts(sample.image, fingerprint(image), small)
    return _SampleLint(sample.name, tuple(findings), tuple(facts), known, tuple(floats))


def _mask_findings(subject: MaskSubject, chosen: frozenset[str]) -> Iterator[LintFinding]:
    found = list(check_values(subject))
    yield from found
    if {"MA104", "MA202"} & {finding.code for finding in found}:
        return  # regions of a mask whose ids are broken are thousands of false alarms
    for check in (check_geometry, check_outlines, check_objects, check_continuity):
        yield from check(subject)


def subject_of(
    dataset: Dataset, sample: Sample, source: str, stored: Mask, limits: LintLimits
) -> MaskSubject:
    """A mask, read as stored, with what the dataset says about its ids."""
    try:
        labels = dataset.encoding.decode(stored.labels, stored.path)
    except MaskError:  # not 0/255 after all: the rules about values say so
        labels = stored.labels
    background = dataset.background_id
    if background is None and not dataset.declared_classes and 0 in ids_in(labels):
        background = 0
    instance = True if dataset.task == "instance" else None
    return MaskSubject(
        sample=sample.name,
        source=source,
        path=sample.masks[source],
        stored=stored.labels,
        labels=labels,
        background=background,
        ignore=dataset.ignore_ids,
        declared=_declared(dataset),
        instance=instance,
        name_of=lambda label: _called(dataset, label),
        limits=limits,
        slices_along=_slices_along(stored),
    )


def _called(dataset: Dataset, label: int) -> str:
    """What an id is called in a sentence."""
    name = dataset.class_info(label).name
    if name != str(label):
        return name
    return f"{'object' if dataset.task == 'instance' else 'id'} {label}"


def _slices_along(mask: Mask) -> int | None:
    """The axis along which the pixels of a volume are clearly the longest, if there is one."""
    if len(mask.shape) != 3:
        return None
    order = np.argsort(mask.spacing)
    longest, next_longest = (mask.spacing[axis] for axis in order[:-3:-1])
    return int(order[-1]) if longest >= _ANISOTROPIC * next_longest else None


def _facts(subject: MaskSubject, chosen: frozenset[str]) -> MaskFacts:
    regions = subject.regions
    mine = np.flatnonzero(subject.foreground).tolist()
    sizes: dict[int, list[tuple[int, Box | None]]] = {}
    if subject.objects:
        whole = [n for n in mine if not subject.touches_border(n)]  # the others are cut off
        sizes[0] = [(int(regions.area[n]), subject.box(n)) for n in whole]
    elif subject.ids_mean_classes:
        labels = sorted({int(regions.label[n]) for n in mine})
        sizes = {label: [(subject.areas[label], None)] for label in labels}
    return MaskFacts(
        sample=subject.sample,
        source=subject.source,
        path=subject.path,
        digest=fingerprint(subject.labels),
        stored_ids=subject.stored_ids,
        empty=is_empty(subject),
        sizes=sizes,
        objects=subject.objects,
        shapes=outline_shapes(subject) if "MA402" in chosen else (),
        sides=straight_sides(subject) if "MA403" in chosen else (),
    )


def _read_image(sample: Sample, findings: list[LintFinding]) -> NDArray[Any] | None:
    if sample.image is None:
        return None
    try:
        return read_image(sample.image)
    except AuditError as error:
        findings.append(
            LintFinding(
                "MA101",
                f"the image cannot be read: {error.message}",
                sample=sample.name,
                file=sample.image,
                other="image",
            )
        )
        return None


def _declared(dataset: Dataset) -> frozenset[int]:
    if not dataset.declared_classes:
        return frozenset()
    background = frozenset() if dataset.background_id is None else {dataset.background_id}
    return frozenset(dataset.declared_classes) | dataset.ignore_ids | background


def _order(finding: LintFinding) -> tuple[int, str, str, str, int]:
    return (
        finding.severity.rank,
        finding.sample or "",
        finding.source or "",
        finding.code,
        finding.class_id or 0,
    )
