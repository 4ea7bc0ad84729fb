"""From what was measured on a sample to its row in the review queue.

No Qt here. A pair is (reference, candidate), source names.
"""

from __future__ import annotations

import math

from ..audit import SampleAudit
from ..dataset import Dataset, Sample
from ..errors import Problem
from ..review.queue import QueueItem
from .failure_summary import FailureSummary

Pair = tuple[str, str]

#: Note of a sample that the audit has not reached; the queue shows it instead of a score.
WAITING = "not measured yet"


def waiting_item(dataset: Dataset, sample: Sample, pair: Pair | None) -> QueueItem:
    """The row of a sample that is not measured yet; it can be opened all the same."""
    problem = missing_text(sample, pair)
    return QueueItem(sample.name, note="" if problem else WAITING, problem=problem)


def measured_item(
    dataset: Dataset,
    measured: SampleAudit,
    pair: Pair | None,
    summary: FailureSummary | None = None,
) -> QueueItem:
    """The row of a measured sample: the score of the chosen pair, or why there is none.

    Parameters
    ----------
    dataset : Dataset
        The dataset of the sample.
    measured : SampleAudit
        What the audit found.
    pair : (str, str) or None
        The comparison whose scores count; None when the dataset has only one source.
    summary : FailureSummary, optional
        Its failure buckets, once they are known.
    """
    if pair is None or pair not in measured.pairs:
        return QueueItem(measured.sample, problem=_why_not(dataset, measured, pair))
    scores = measured.pairs[pair]
    worst = scores.worst_class
    return QueueItem(
        measured.sample,
        score=scores.score,
        worst_class=None if worst is None else worst.name,
        worst_class_score=math.nan if worst is None else worst.iou,
        note="; ".join(problem.message for problem in measured.problems),
        suggested_tag=None if summary is None else summary.suggested_tag,
        scores={
            **{f"class:{row.name}": row.iou for row in scores.classes if row.is_defined},
            **({} if summary is None else summary.scores),
        },
    )


def score_name(dataset: Dataset) -> str:
    """What the score of a sample is: mean IoU, or PQ where ids are objects."""
    return "PQ" if dataset.task == "instance" else "mean IoU"


def missing_text(sample: Sample, pair: Pair | None) -> str | None:
    """What a sample lacks for the comparison, or None."""
    missing = [name for name in pair or () if name not in sample.masks]
    if not missing:
        return None
    return f"no mask from {' and '.join(missing)}: names must match exactly"


def _why_not(dataset: Dataset, measured: SampleAudit, pair: Pair | None) -> str:
    missing = missing_text(dataset.sample(measured.sample), pair)
    if missing:
        return missing
    if measured.problems:
        return "; ".join(_spoken(problem) for problem in measured.problems)
    return "only one source: there is nothing to compare it with" if pair is None else "unmeasured"


def _spoken(problem: Problem) -> str:
    return f"{problem.message} [{problem.code}]"
