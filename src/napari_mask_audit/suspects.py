"""Suspicious labels first: one queue from lint, out-of-fold predictions and failure buckets.

Three witnesses that know nothing of each other:

- ``lint`` sees what is wrong with a mask whatever the image shows;
- ``forest``, the pixel classifier of :mod:`~napari_mask_audit.baseline`, never saw the sample that
  it contradicts;
- ``buckets`` are what other predictions of the dataset say against the label.

Each gives reasons with a weight; the queue is sorted by the root of the sum of their squares.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from .baseline import BaselineSample, Training, cross_validate, read_record
from .baseline.record import label_print
from .baseline.training import choose_teacher, usable_samples
from .checklist import BASELINE_SOURCE
from .checks import LintFinding, LintResult, lint
from .dataset import Dataset, Role
from .errors import DatasetError, MissingExtraError, Problem
from .failures import TITLES, DatasetFailures, explain_dataset
from .findings import Box

Progress = Callable[[int, int, str], None]
_TO_SIGMA = 1.4826
_SHOWN_REASONS = 12
_CONTRADICTED = 1.5
_WORTH_A_LOOK = 1.0

#: What a lint finding says about the label as such; others are about files.
_LINT_WEIGHTS = {
    **dict.fromkeys(("MA101", "MA102", "MA104", "MA111", "MA202", "MA204", "MA205"), 3.0),
    **dict.fromkeys(("MA103", "MA105", "MA201", "MA203", "MA701"), 2.0),
    **dict.fromkeys(("MA305", "MA501", "MA502", "MA503", "MA601"), 1.0),
    **dict.fromkeys(("MA301", "MA302", "MA303", "MA401", "MA403"), 0.6),
    **dict.fromkeys(("MA304", "MA402", "MA702", "MA704"), 0.3),
}


class Witness(StrEnum):
    """Who says so."""

    LINT = "lint"
    FOREST = "forest"
    BUCKETS = "buckets"


@dataclass(frozen=True)
class Reason:
    """One reason to look at a label.

    Attributes
    ----------
    witness : Witness
        Who says so.
    kind : str
        A lint code, a kind of :class:`~napari_mask_audit.baseline.PlaceKind`, or a bucket.
    weight : float
        How much it counts: 1 is worth a look, 2 and more is almost certainly wrong.
    message : str
        One sentence.
    class_id : int or None
        The class or object concerned.
    bbox : Box or None
        Where; None where it is the whole label.
    """

    witness: Witness
    kind: str
    weight: float
    message: str
    class_id: int | None = None
    bbox: Box | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; a box is y0, y1, x0, x1 (z0, z1 first in 3D)."""
        return {
            "witness": self.witness.value,
            "kind": self.kind,
            "weight": round(self.weight, 4),
            "message": self.message,
            "class_id": self.class_id,
            "bbox": None if self.bbox is None else [edge for side in self.bbox for edge in side],
        }


@dataclass(frozen=True)
class Suspect:
    """A label and the reasons to look at it, the strongest first."""

    sample: str
    reasons: tuple[Reason, ...] = ()

    @property
    def suspicion(self) -> float:
        """How suspicious, from 0: the root of the sum of the squared weights."""
        return math.sqrt(sum(reason.weight**2 for reason in self.reasons))

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "sample": self.sample,
            "suspicion": round(self.suspicion, 4),
            "reasons": [reason.to_dict() for reason in self.reasons],
        }


@dataclass(frozen=True)
class Suspects:
    """All labels of one source, the most suspicious first.

    Attributes
    ----------
    dataset, reference : str
        The dataset and the source whose labels are judged.
    labels : tuple of Suspect
        Every sample that has such a label.
    witnesses : tuple of Witness
        Who was heard.
    notes : tuple of str
        Why another one was not.
    problems : tuple of Problem
        Samples that could not be used.
    complete : bool
        False after a stop.
    """

    dataset: str
    reference: str
    labels: tuple[Suspect, ...]
    witnesses: tuple[Witness, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True

    @property
    def suspicious(self) -> tuple[Suspect, ...]:
        """The labels that are worth a look: with a suspicion of 1 or more."""
        return tuple(label for label in self.labels if label.suspicion >= _WORTH_A_LOOK)

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "dataset": self.dataset,
            "reference": self.reference,
            "witnesses": [witness.value for witness in self.witnesses],
            "complete": self.complete,
            "labels": [label.to_dict() for label in self.labels],
            "notes": list(self.notes),
            "problems": [problem.to_dict() for problem in self.problems],
        }


def find_suspects(
    dataset: Dataset | str | Path,
    *,
    reference: str | None = None,
    learn: bool = True,
    training: Training | None = None,
    linted: LintResult | None = None,
    failures: DatasetFailures | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> Suspects:
    """Rank the labels of a source by how suspicious they are.

    Nothing is written. What ``train_baseline`` left beside its masks is used; without it, forests
    are trained and forgotten.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset; images make the forest's opinion possible.
    reference : str, optional
        The source whose labels are judged; the first reference, or else the first annotator.
    learn : bool
        Whether to train forests where no baseline was written.
    training : Training, optional
        How large the forests are.
    linted : LintResult, optional
        The dataset's lint result, if it is known already.
    failures : DatasetFailures, optional
        Its failure buckets, if they are known already.
    progress : callable, optional
        Called with (steps done, steps in all, what) in each pass.
    should_stop : callable, optional
        Asked between samples.
    workers : int, optional
        Threads.

    Returns
    -------
    Suspects
        Equally suspicious labels, such as those without any reason, by name.

    Raises
    ------
    DatasetError
        ``no-such-source``; ``baseline-not-possible`` where there are only predictions.
    """
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    teacher = choose_teacher(opened, reference, BASELINE_SOURCE)
    hooks: dict[str, Any] = {"progress": progress, "should_stop": should_stop}
    checked = linted or lint(opened, workers=workers, **hooks)
    reasons: dict[str, list[Reason]] = defaultdict(list)
    for sample, reason in _from_lint(opened, checked, teacher):
        reasons[sample].append(reason)
    witnesses = [Witness.LINT]
    notes: list[str] = []
    problems: list[Problem] = []
    rows, note, complete = _forest_rows(opened, teacher, learn, training, hooks, problems)
    if rows is None:
        notes.append(note)
    else:
        witnesses.append(Witness.FOREST)
        notes += [note] if note else []
        for row in rows:
            reasons[row.sample] += _from_forest(row)
    others = [s.name for s in opened.with_role(Role.PREDICTION) if s.name != BASELINE_SOURCE]
    if others:
        pairs = [(teacher, name) for name in others]
        explained = failures or explain_dataset(opened, comparisons=pairs, workers=workers, **hooks)
        witnesses.append(Witness.BUCKETS)
        for sample, reason in _from_buckets(explained, teacher, others):
            reasons[sample].append(reason)
    labels = [
        Suspect(sample.name, _strongest(reasons[sample.name]))
        for sample in opened.samples
        if teacher in sample.masks
    ]
    return Suspects(
        opened.name,
        teacher,
        tuple(sorted(labels, key=lambda label: (-label.suspicion, label.sample))),
        tuple(witnesses),
        tuple(notes),
        tuple(problems),
        checked.complete and complete,
    )


def _strongest(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    ordered = sorted(reasons, key=lambda r: (-r.weight, r.witness, r.kind, r.bbox or ()))
    return tuple(ordered[:_SHOWN_REASONS])


# -- lint ----------------------------------------------------------------------------------------


def _from_lint(dataset: Dataset, result: LintResult, teacher: str) -> Iterable[tuple[str, Reason]]:
    """Findings about the labels; a rule that most of them break is a habit, not an accident."""
    mine = [
        finding
        for finding in result.findings
        if finding.sample is not None and finding.source in (teacher, None)
    ]
    samples = {code: {f.sample for f in mine if f.code == code} for code in _LINT_WEIGHTS}
    total = max(1, len(dataset.samples))
    for finding in mine:
        share = len(samples.get(finding.code, ())) / total
        weight = _LINT_WEIGHTS.get(finding.code, 0.0) * max(0.0, 1 - 2 * share)
        weight *= min(2.0, math.sqrt(finding.count))
        if weight <= 0 or finding.sample is None:
            continue
        if finding.code == "MA701" and finding.other is not None:  # one of both is wrong
            weight /= 2
            yield finding.other, _lint_reason(finding, weight)
        yield finding.sample, _lint_reason(finding, weight)


def _lint_reason(finding: LintFinding, weight: float) -> Reason:
    return Reason(
        Witness.LINT,
        finding.code,
        weight,
        finding.message,
        finding.class_id,
        finding.places[0] if finding.places else finding.bbox,
    )


# -- forest --------------------------------------------------------------------------------------


def _forest_rows(
    dataset: Dataset,
    teacher: str,
    learn: bool,
    training: Training | None,
    hooks: dict[str, Any],
    problems: list[Problem],
) -> tuple[Sequence[BaselineSample] | None, str, bool]:
    """What forests say about the labels, or why nothing; and whether that is complete."""
    written = read_record(dataset.root / "masks" / BASELINE_SOURCE)
    if written is not None and written.reference == teacher:
        labelled = {sample.name for sample in usable_samples(dataset, teacher)}
        fresh = [
            row
            for row in written.samples
            if row.sample in labelled and row.label == label_print(dataset, row.sample, teacher)
        ]
        changed = len(labelled - written.left_out) - len(fresh)
        if changed <= 0 or not learn:
            note = f"{changed} labels changed since the baseline was trained" if changed else ""
            return fresh, note, True
    if not learn:
        return None, "no baseline was trained: mask-audit baseline DATASET", True
    try:
        done = cross_validate(dataset, teacher, training or Training(), **hooks)
    except (DatasetError, MissingExtraError) as error:
        if isinstance(error, DatasetError) and error.code != "baseline-not-possible":
            raise
        return None, f"no forest was trained: {error.message}", True
    problems += done.problems
    return done.samples, "", done.complete


def _from_forest(row: BaselineSample) -> Iterable[Reason]:
    for doubt in row.doubts:
        yield Reason(
            Witness.FOREST,
            doubt.kind.value,
            doubt.weight,
            doubt.message,
            doubt.class_id,
            doubt.bbox,
        )


# -- buckets -------------------------------------------------------------------------------------


def _from_buckets(
    failures: DatasetFailures, teacher: str, others: Sequence[str]
) -> Iterable[tuple[str, Reason]]:
    """Labels that a prediction contradicts far more than it contradicts the others."""
    for name in others:
        try:
            rows = failures.comparison(teacher, name).samples
        except KeyError:
            continue
        scores = {row.sample: row.mean_iou for row in rows}
        known = np.array([score for score in scores.values() if math.isfinite(score)])
        if known.size < 5:
            continue
        middle = float(np.median(known))
        spread = max(_TO_SIGMA * float(np.median(np.abs(known - middle))), 0.03)
        for row in rows:
            away = (middle - row.mean_iou) / spread if math.isfinite(row.mean_iou) else 0.0
            weight = min(2.0, (away - 1.5) / 1.5)
            if weight > 0:
                yield row.sample, _bucket_reason(row, name, middle, weight)
    for suspect in failures.reference_suspects:
        if suspect.reference == teacher:
            yield (
                suspect.sample,
                Reason(
                    Witness.BUCKETS,
                    "reference_suspect",
                    _CONTRADICTED,
                    suspect.statement,
                    suspect.class_id,
                    suspect.bbox,
                ),
            )


def _bucket_reason(row: Any, candidate: str, usual: float, weight: float) -> Reason:
    lead = row.leading_bucket
    top = next((f for f in row.findings if lead is not None and f.bucket == lead), None)
    what = f", mostly {TITLES[lead]}" if lead is not None else ""
    return Reason(
        Witness.BUCKETS,
        "disagreement" if lead is None else lead.value,
        weight,
        f"{candidate} agrees with this label less than with others: mean IoU {row.mean_iou:.2f}, "
        f"usually {usual:.2f}{what}",
        None if top is None else top.class_id,
        None if top is None else top.bbox,
    )


def count_reasons(suspects: Suspects) -> dict[str, int]:
    """How many labels each witness has something against."""
    found = Counter(
        witness
        for label in suspects.labels
        for witness in {reason.witness for reason in label.reasons}
    )
    return {witness.value: found[witness] for witness in suspects.witnesses}
