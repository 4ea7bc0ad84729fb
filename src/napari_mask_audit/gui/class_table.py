"""A small table of scores per class, of one sample or of two layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from qtpy.QtWidgets import QWidget

from ..scores import ClassScores, PairScores
from ..status import Status
from .boundary_words import distance_text, share_text, signed_text
from .legend import swatch_icon
from .score_table import ScoreTable


class Column(NamedTuple):
    """What a column says of a class."""

    title: str
    hint: str
    text: Callable[[ClassScores], str]


_WHY = {
    Status.BOTH_EMPTY: "the class occurs in neither mask, so there is no score",
    Status.REFERENCE_EMPTY: "the class occurs only in the candidate",
    Status.CANDIDATE_EMPTY: "the class occurs only in the reference: it was missed",
    Status.ALL_IGNORED: "every pixel is ignored, so there is no score",
    Status.NOT_APPLICABLE: "the score does not apply",
}


def _nsd(row: ClassScores) -> float:
    return row.boundary.nsd[0][1] if row.boundary.nsd else math.nan


NAME = Column("class", "Name of the class", lambda row: row.name)
IOU = Column(
    "IoU",
    "Intersection over union, 0 (worst) to 1; – where undefined",
    lambda row: share_text(row.iou),
)
DICE = Column("Dice", "Dice coefficient, 0 (worst) to 1", lambda row: share_text(row.region.dice))
BOUNDARY_IOU = Column(
    "Boundary IoU",
    "IoU of the bands along the boundaries, 0 (worst) to 1",
    lambda row: share_text(row.boundary.boundary_iou),
)
NSD = Column(
    "NSD",
    "Normalised surface distance: share of both boundaries within the tolerance, 0 (worst) to 1",
    lambda row: share_text(_nsd(row)),
)
HD95 = Column(
    "HD95",
    "How far off the boundary is, leaving out the worst 5 %; ∞ where a mask lacks the class",
    lambda row: distance_text(row.boundary.hd95),
)
OFFSET = Column(
    "offset",
    "Where the candidate is drawn on average: + outside the reference, − inside",
    lambda row: signed_text(row.boundary.boundary_offset),
)


class ClassTable(ScoreTable):
    """Scores per class, lowest IoU first; undefined ones last.

    Parameters
    ----------
    columns : sequence of Column
        What is said of each class, from the left; the name first.
    """

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(
            [(column.title, column.hint) for column in columns],
            "Scores per class, lowest IoU first; hover over a row for more",
            parent=parent,
        )
        self._columns = tuple(columns)
        self.setMinimumHeight(70)

    def show_scores(
        self,
        scores: PairScores | None,
        color_of: Callable[[int], str] | None = None,
        *,
        names_hidden: bool = False,
    ) -> None:
        """Show other scores, or none; if names are hidden, without what tells the masks apart."""
        rows = [] if scores is None else worst_first(scores.classes)
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self.fill_row(
                number,
                [column.text(row) for column in self._columns],
                "" if names_hidden else _hint(row),
                icon=None if color_of is None else swatch_icon(color_of(row.id)),
            )


def worst_first(rows: Sequence[ClassScores]) -> list[ClassScores]:
    """Classes by IoU, lowest first; undefined ones last."""
    return sorted(rows, key=lambda row: (not row.is_defined, row.iou if row.is_defined else 0.0))


def _hint(row: ClassScores) -> str:
    why = _WHY.get(row.status)
    counts = (
        f"reference {row.region.reference_pixels:,} px, candidate "
        f"{row.region.candidate_pixels:,} px, both {row.region.overlap_pixels:,} px"
    )
    region, boundary = row.region, row.boundary
    overlap = (
        f"IoU {share_text(row.iou)}, Dice {share_text(region.dice)}, precision "
        f"{share_text(region.precision)}, recall {share_text(region.recall)}; one pixel off all "
        f"around would cost {share_text(row.size_sensitivity)} IoU"
    )
    distances = (
        f"HD {distance_text(boundary.hd)}, HD95 {distance_text(boundary.hd95)}, ASSD "
        f"{distance_text(boundary.assd)}, MASD {distance_text(boundary.masd)}, offset "
        f"{signed_text(boundary.boundary_offset)}, boundary F {share_text(boundary.boundary_f)}"
    )
    narrow = "the band covers the whole object: Boundary IoU says no more than IoU here"
    lines = [
        f"{row.name} (id {row.id})",
        counts,
        why,
        overlap if row.is_defined else None,
        distances if row.is_defined and boundary.nsd else None,
        narrow if boundary.band_swallows else None,
    ]
    return "\n".join(line for line in lines if line)
