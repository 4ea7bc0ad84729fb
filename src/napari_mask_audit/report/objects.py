"""Object matching as tables, for datasets whose ids number objects."""

from __future__ import annotations

from ..comparison import Comparison
from ..metrics.instance import InstanceScores
from . import wording
from .cells import Cell, Heading, Table, name_cell

_HEADINGS = (
    ("PQ", "panoptic quality, SQ × RQ: 1 is perfect"),
    ("SQ", "mean IoU of the matched objects"),
    ("RQ", "share of objects that are matched (F1)"),
    ("SEG", "mean Jaccard index over reference objects, 0 for those missed"),
    ("Reference", "objects in the reference"),
    ("Candidate", "objects in the candidate"),
    ("Matched", "pairs above the IoU that a match needs"),
    ("Missed", "reference objects without a match"),
    ("False", "candidate objects without a match"),
    ("Split", "reference objects that the candidate shows in several parts"),
    ("Merged", "candidate objects that hold several reference objects"),
)


def object_table(comparison: Comparison) -> Table | None:
    """All samples together, then each with the lowest PQ first; None where ids are classes."""
    if comparison.instances is None:
        return None
    sign = ">" if comparison.instances.rule == "gt" else "≥"
    rows = [(Cell("all samples"), *_cells(comparison.instances))]
    rows += [
        (name_cell(sample.sample or ""), *_cells(sample.instances))
        for sample in comparison.worst_first()
        if sample.instances is not None
    ]
    return Table(
        f"Objects matched at IoU {sign} {comparison.instances.threshold:g}",
        (Heading("Sample"), *(Heading(text, words, True) for text, words in _HEADINGS)),
        tuple(rows),
    )


def _cells(found: InstanceScores) -> tuple[Cell, ...]:
    scores = (found.pq, found.sq, found.rq, found.seg)
    counts = (
        found.n_reference,
        found.n_candidate,
        found.tp,
        found.fn,
        found.fp,
        found.splits,
        found.merges,
    )
    return (
        *(Cell(wording.score(value), sort=value) for value in scores),
        *(Cell(str(number), sort=float(number)) for number in counts),
    )
