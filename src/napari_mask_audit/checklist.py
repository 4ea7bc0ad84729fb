"""How far a segmentation project is, from evidence on disk, and what to do next.

Five items, in the order in which they pay off: classes defined, mask quality checked, baseline
ready, failure buckets defined, targeted optimisation. Nobody ticks an item: it is done when the
class table, the lint result, the review store and the audit say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .audit import Audit, audit
from .certificate import Certificate, certify_reviews, checks_needed
from .checks import LintResult, Severity, lint
from .comparison import Comparison
from .dataset import Dataset, Role
from .dataset.manifest import MANIFEST_NAME
from .readers import split_suffix
from .review.queue import natural_key
from .review.verdicts import EventKind, StoredVerdict

#: Name of the source that the built-in pixel classifier writes.
BASELINE_SOURCE = "model-baseline"
_AT_LEAST_TAGGED = 3


@dataclass(frozen=True)
class ChecklistItem:
    """One step of a project.

    Attributes
    ----------
    key : str
        ``classes``, ``quality``, ``baseline``, ``buckets`` or ``optimisation``.
    title : str
        What it is called.
    done : bool
        Whether the evidence is complete.
    evidence : str
        What was found, in one sentence.
    next_step : str
        What is missing, as an instruction; empty when done.
    """

    key: str
    title: str
    done: bool
    evidence: str
    next_step: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "key": self.key,
            "title": self.title,
            "done": self.done,
            "evidence": self.evidence,
            "next_step": self.next_step,
        }


@dataclass(frozen=True)
class Checklist:
    """The state of a project.

    Attributes
    ----------
    items : tuple of ChecklistItem
        In order.
    certificate : Certificate
        What the random reviews prove.
    """

    items: tuple[ChecklistItem, ...]
    certificate: Certificate

    @property
    def done(self) -> int:
        """How many items are done."""
        return sum(item.done for item in self.items)

    @property
    def next_step(self) -> str:
        """The next thing to do, in one sentence."""
        for item in self.items:
            if not item.done:
                return item.next_step
        return "Everything on the list is done; audit again when masks or models change."

    def item(self, key: str) -> ChecklistItem:
        """The item of that key; ``KeyError`` when there is none."""
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(key)

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "done": self.done,
            "of": len(self.items),
            "next_step": self.next_step,
            "items": [item.to_dict() for item in self.items],
            "certificate": self.certificate.to_dict(),
        }


def checklist(
    dataset: Dataset,
    audit: Audit | None = None,
    lint: LintResult | None = None,
    reviews: Sequence[StoredVerdict] = (),
    *,
    max_defect_rate: float = 0.1,
    confidence: float = 0.95,
    advice: str | None = None,
) -> Checklist:
    """The state of a project from what is known about its dataset.

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    audit : Audit, optional
        Its audit; without it nothing that needs scores is done.
    lint : LintResult, optional
        Its lint result; without it mask quality is not checked.
    reviews : sequence of StoredVerdict
        Everything in the review store, oldest first (``store.changes_since(0)``).
    max_defect_rate : float
        Mask quality is checked once a fair draw shows fewer bad samples than this, in (0, 1].
    confidence : float
        Of that statement, in (0, 1).
    advice : str, optional
        What the failure analysis would improve first; said as the step after the buckets.

    Returns
    -------
    Checklist
        Five items.
    """
    names = [sample.name for sample in dataset.samples]
    reviews = [event for event in reviews if not event.is_beside]
    certificate = certify_reviews(names, reviews, confidence=confidence)
    items = (
        _classes(dataset, audit, lint),
        _quality(dataset, lint, certificate, max_defect_rate),
        _baseline(dataset, audit),
        _buckets(dataset, audit, reviews),
        _optimisation(dataset, audit, advice),
    )
    return Checklist(items, certificate)


def checklist_of(
    path: str | Path,
    *,
    store: str | Path | None = None,
    max_defect_rate: float = 0.1,
    confidence: float = 0.95,
    progress: Callable[[int, int, str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Checklist:
    """The state of a project on disk: lints and audits the dataset and reads its review store.

    Parameters
    ----------
    path : str or pathlib.Path
        The dataset.
    store : str or pathlib.Path, optional
        The review store, when it is not in its usual place.
    max_defect_rate, confidence
        As for :func:`checklist`.
    progress, should_stop : callable, optional
        As for :func:`~napari_mask_audit.audit`; two passes over the samples are reported.
    """
    dataset = Dataset.open(path)
    linted = lint(dataset, progress=progress, should_stop=should_stop)
    audited = audit(dataset, progress=progress, should_stop=should_stop)
    events = review_events(dataset, store)
    return checklist(
        dataset,
        audited,
        linted,
        events,
        max_defect_rate=max_defect_rate,
        confidence=confidence,
    )


def review_events(dataset: Dataset, store: str | Path | None = None) -> list[StoredVerdict]:
    """Everything in the review store of a dataset, oldest first; empty when there is none."""
    from .review.location import dataset_key, existing_store
    from .review.store import ReviewStore

    where = existing_store(dataset.folder, store or dataset.store)
    if where is None:
        return []
    key = dataset_key(dataset.folder, where, dataset.name)
    with ReviewStore.open(where, dataset_key=key, read_only=True) as reviews:
        return reviews.everything_since(0)


def _number(count: int, what: str) -> str:
    """A count and its noun; ``no`` for none.

    Examples
    --------
    >>> _number(0, "mask"), _number(1, "mask"), _number(2, "mask")
    ('no masks', '1 mask', '2 masks')
    """
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _item(key: str, done: bool, evidence: str, next_step: str) -> ChecklistItem:
    return ChecklistItem(key, _TITLES[key], done, evidence, "" if done else next_step)


_TITLES = {
    "classes": "Classes defined",
    "quality": "Mask quality checked",
    "baseline": "Baseline ready",
    "buckets": "Failure buckets defined",
    "optimisation": "Targeted optimisation",
}


def _classes(dataset: Dataset, audit: Audit | None, lint: LintResult | None) -> ChecklistItem:
    number = len(dataset.declared_classes)
    if number == 0 and dataset.task != "instance":
        return _item(
            "classes",
            False,
            "dataset.toml names no classes",
            'Name the classes in dataset.toml, one line each: [classes], then 1 = "road".'
            if (dataset.folder / MANIFEST_NAME).is_file()
            else "Let a dataset.toml be proposed, and name the classes in it: "
            "mask-audit init DATASET.",
        )
    unknown = sum(p.code == "unknown-class" for p in audit.problems) if audit else 0
    findings = (*lint.findings, *lint.accepted) if lint else ()
    unknown = max(unknown, sum(f.code == "MA201" for f in findings))
    looked = audit is not None or lint is not None
    if not looked:
        step = "See whether the masks use only the declared classes: mask-audit lint DATASET."
        return _item("classes", False, f"{number} classes declared, masks not looked at", step)
    what = f"{number} classes declared" if number else "ids are objects"
    return _item(
        "classes",
        unknown == 0,
        f"{what}, {_number(unknown, 'mask')} with undeclared ids",
        "Name the undeclared ids in dataset.toml, put them under ignore, or correct the masks: "
        "mask-audit lint DATASET.",
    )


def _quality(
    dataset: Dataset, lint: LintResult | None, certificate: Certificate, max_rate: float
) -> ChecklistItem:
    if lint is None or not lint.complete:
        step = "Lint all masks: mask-audit lint DATASET."
        return _item("quality", False, "the masks were not linted", step)
    predicted = {source.name for source in dataset.with_role(Role.PREDICTION)}
    labels = [f for f in lint.at_least(Severity.WARNING) if f.source not in predicted]
    open_findings = len(labels)  # flaws of a model's masks are for the failure buckets
    checked = certificate.sentence
    quiet = f" ({len(lint.accepted)} accepted)" if lint.accepted else ""
    evidence = f"{_number(open_findings, 'open lint finding')}{quiet}; {checked}"
    if open_findings:
        step = (
            f"Correct or accept {_number(open_findings, 'open lint finding')}: "
            "mask-audit lint DATASET."
        )
        return _item("quality", False, evidence, step)
    proven = certificate.population > 0 and (
        certificate.bad / certificate.population < max_rate
        if certificate.complete
        else certificate.max_rate < max_rate
    )
    return _item("quality", proven, evidence, _more_checks(certificate, max_rate))


def _more_checks(certificate: Certificate, max_rate: float) -> str:
    needed = (
        checks_needed(
            certificate.population,
            max_rate,
            bad=certificate.bad,
            confidence=certificate.confidence,
        )
        if certificate.population
        else None
    )
    if needed is None:
        return (
            f"Correct the masks: {certificate.bad} bad ones among {certificate.checked} are too "
            f"many for a defect rate below {100 * max_rate:g}%."
        )
    if certificate.skipped is not None:
        return f"Review {certificate.skipped}, which the random order skipped; others wait for it."
    more = _number(needed - certificate.checked, "more sample")
    return (
        f"Review {more} in random order, to prove a defect rate below {100 * max_rate:g}%: "
        "mask-audit review DATASET."
    )


def _predictions(dataset: Dataset, audit: Audit | None) -> list[Comparison]:
    """Comparisons of a prediction with something that is none, with at least one score."""
    predicted = {source.name for source in dataset.with_role(Role.PREDICTION)}
    return [
        comparison
        for comparison in (audit.comparisons if audit else ())
        if comparison.candidate in predicted
        and comparison.reference not in predicted
        and not math.isnan(comparison.mean_iou)
    ]


def unlisted_baseline(dataset: Dataset) -> str | None:
    """The line that a dataset.toml which names its sources lacks for the baseline to count."""
    folder = dataset.root / "masks" / BASELINE_SOURCE
    if any(source.name == BASELINE_SOURCE for source in dataset.sources) or not folder.is_dir():
        return None
    written = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
    if not written:
        return None
    suffix = split_suffix(written[0])[1]
    pattern = f"masks/{BASELINE_SOURCE}/{{sample}}{suffix}"
    return f'{BASELINE_SOURCE} = {{ role = "prediction", masks = "{pattern}" }}'


def _baseline(dataset: Dataset, audit: Audit | None) -> ChecklistItem:
    made = _predictions(dataset, audit)
    if made:
        best = max(made, key=lambda c: c.mean_iou)
        text = f"{best.candidate} against {best.reference}: mean IoU {best.mean_iou:.3f}"
        return _item("baseline", True, f"{text} on {len(best.samples)} samples", "")
    line = unlisted_baseline(dataset)
    if line is not None:
        step = f"Add this line to dataset.toml under [sources]: {line}"
        return _item(
            "baseline", False, "a baseline is there, but dataset.toml does not list it", step
        )
    if dataset.with_role(Role.PREDICTION):
        step = "Audit the dataset, so that the prediction is measured: mask-audit audit DATASET."
        return _item("baseline", False, "a prediction is there, but was not audited", step)
    return _item(
        "baseline",
        False,
        "no source is a prediction",
        "Add a model's masks as masks/model, or train the built-in pixel classifier: "
        "mask-audit baseline DATASET.",
    )


def _buckets(
    dataset: Dataset, audit: Audit | None, reviews: Sequence[StoredVerdict]
) -> ChecklistItem:
    made = _predictions(dataset, audit)
    if not made:
        return _item(
            "buckets",
            False,
            "no prediction was audited",
            ("Audit a prediction first: mask-audit audit DATASET."),
        )
    fraction = audit.settings.worst_fraction if audit else 0.1
    best = max(made, key=lambda c: c.mean_iou)
    wrong = [pair for pair in best.worst_first() if not pair.score >= 1]
    scored = [pair.sample for pair in wrong if pair.sample is not None]
    if not scored:
        return _item("buckets", True, f"{best.candidate} makes no error that could be tagged", "")
    worst = scored[: max(math.ceil(fraction * len(scored)), min(_AT_LEAST_TAGGED, len(scored)))]
    explained = tagged_samples(reviews)
    missing = [name for name in worst if name not in explained]
    return _item(
        "buckets",
        bool(worst) and not missing,
        f"{len(worst) - len(missing)} of the {len(worst)} worst samples of {best.candidate} tagged",
        f"Tag what went wrong in {missing[0] if missing else 'the worst samples'}"
        f"{f' and {len(missing) - 1} more' if len(missing) > 1 else ''}, worst first: "
        "mask-audit review DATASET.",
    )


def tagged_samples(reviews: Sequence[StoredVerdict]) -> frozenset[str]:
    """Samples whose verdict in force, or that of one of their findings, has a failure tag."""
    latest: dict[tuple[str, str | None], StoredVerdict] = {}
    for event in reviews:
        if event.kind is not EventKind.OVERTAKEN:
            latest[event.key] = event
    return frozenset(sample for (sample, _), verdict in latest.items() if verdict.tags)


def _optimisation(dataset: Dataset, audit: Audit | None, advice: str | None) -> ChecklistItem:
    made = _predictions(dataset, audit)
    by_reference: dict[str, list[Comparison]] = {}
    for comparison in made:
        by_reference.setdefault(comparison.reference, []).append(comparison)
    for group in by_reference.values():
        first = min(group, key=lambda c: (c.candidate != BASELINE_SOURCE, natural_key(c.candidate)))
        best = max(group, key=lambda c: c.mean_iou)
        if best is not first and best.mean_iou > first.mean_iou:
            text = (
                f"{best.candidate} {best.mean_iou:.3f} after {first.candidate} "
                f"{first.mean_iou:.3f} mean IoU against {best.reference}"
            )
            return _item("optimisation", True, text, "")
    return _item(
        "optimisation",
        False,
        "no later prediction beats the first one",
        advice
        or "Act on the largest failure bucket, and add the new model's masks beside the old ones.",
    )
