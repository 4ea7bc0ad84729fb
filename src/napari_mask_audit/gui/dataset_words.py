"""What the dataset dock lists: places that lint found, and labels that look wrong. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..audit import Audit, audit
from ..checklist import Checklist, checklist
from ..checks import LintFinding, LintResult, lint
from ..dataset import Dataset
from ..findings import Box
from ..review.store import ReviewStore
from ..suspects import Suspects

_SHOWN = 200
_REASONS = 3


@dataclass(frozen=True)
class Spot:
    """One line of a list, and where it leads.

    Attributes
    ----------
    words, hint : str
        The line, and what its tooltip says.
    sample : str or None
        The sample to go to; None where it is about something else.
    box : Box or None
        The place in it; None where it is all of it.
    """

    words: str
    hint: str
    sample: str | None
    box: Box | None = None


@dataclass(frozen=True)
class Checked:
    """A lint result, and what it means for the checklist."""

    linted: LintResult
    state: Checklist


def check(
    dataset: Dataset, measured: Audit | None, store: ReviewStore | None, **hooks: Any
) -> Checked:
    """Lint a dataset and fill in its checklist.

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    measured : Audit, optional
        Its audit, if there is one already.
    store : ReviewStore, optional
        The reviews.
    **hooks
        ``progress`` and ``should_stop``, as for :func:`~napari_mask_audit.checks.lint`.
    """
    linted = lint(dataset, **hooks)
    audited = measured or audit(dataset, **hooks)
    events = [] if store is None else store.changes_since(0)
    return Checked(linted, checklist(dataset, audited, linted, events))


def lint_spots(result: LintResult) -> list[Spot]:
    """A line for each finding, the worst first; at most 200."""
    return [_lint_spot(finding) for finding in result.findings[:_SHOWN]]


def _lint_spot(finding: LintFinding) -> Spot:
    where = " ".join(word for word in (finding.sample, finding.source) if word)
    return Spot(
        f"{finding.code} {where or 'dataset'}: {finding.message}",
        f"{finding.severity.value}: {finding.rule.name} ({finding.code})\n{finding.message}",
        finding.sample,
        finding.places[0] if finding.places else finding.bbox,
    )


def suspect_spots(suspects: Suspects) -> list[Spot]:
    """A line for each of the first reasons against each suspicious label."""
    spots: list[Spot] = []
    for label in suspects.suspicious:
        for reason in label.reasons[:_REASONS]:
            words = f"{label.sample}: {reason.message}"
            hint = (
                f"{words}\n{reason.witness.value}, weight {reason.weight:.1f} (2 and more: surely)"
            )
            spots.append(Spot(words, hint, label.sample, reason.bbox))
    return spots[:_SHOWN]


def queue_scores(suspects: Suspects) -> dict[str, float]:
    """Scores by which the most suspicious label comes first: the lower, the earlier."""
    return {label.sample: -label.suspicion for label in suspects.labels}


def checklist_lines(state: Checklist) -> list[tuple[bool, str, str]]:
    """Whether it is done, its title, and the evidence, item by item."""
    return [(item.done, item.title, item.evidence) for item in state.items]


def first_open(state: Checklist) -> str | None:
    """Key of the first item that is not done."""
    return next((item.key for item in state.items if not item.done), None)


def without_command(text: str) -> str:
    """A sentence of the checklist without what to type: here are buttons.

    Examples
    --------
    >>> without_command("Lint all masks: mask-audit lint DATASET.")
    'Lint all masks.'
    """
    words, command, _ = text.partition(": mask-audit ")
    return f"{words}." if command else text


def middle_of(box: Box) -> tuple[int, ...]:
    """The middle of a box.

    Examples
    --------
    >>> middle_of(((0, 4), (10, 11)))
    (2, 10)
    """
    return tuple((low + high) // 2 for low, high in box)


#: Lines of a checklist: done, title, evidence.
Lines = Sequence[tuple[bool, str, str]]
