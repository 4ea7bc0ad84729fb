"""Which class is called what, as a list of the largest confusions of one comparison."""

from __future__ import annotations

from collections.abc import Mapping

from qtpy.QtWidgets import QWidget

from ..confusion import ConfusionMatrix
from .score_table import ROW_HEIGHT, ScoreTable

_MOST, _SHOWN_ROWS = 50, 6
_HEADINGS = (
    ("reference says", "The class in the reference"),
    ("candidate says", "What the candidate says on the same pixels"),
    ("pixels", "How many pixels"),
    ("share", "Of the pixels that the reference gives this class"),
)


class ConfusionList(ScoreTable):
    """Pairs of different classes on the same pixels, most pixels first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        hint = "The confusion matrix without its diagonal, largest cells first; background included"
        super().__init__(_HEADINGS, hint, names=2, parent=parent)
        self.setMinimumHeight(_SHOWN_ROWS * ROW_HEIGHT)

    def show_matrix(self, matrix: ConfusionMatrix, names: Mapping[int, str]) -> int:
        """Show a matrix; how many kinds of confusion it has."""
        kinds = matrix.most_confused()
        self.setRowCount(min(len(kinds), _MOST))
        for row, cell in enumerate(kinds[:_MOST]):
            own = names.get(cell.reference_id, str(cell.reference_id))
            other = names.get(cell.candidate_id, str(cell.candidate_id))
            self.fill_row(
                row,
                (own, other, f"{cell.pixels:,}", f"{cell.share:.1%}"),
                f"{own} (id {cell.reference_id}) in the reference, {other} (id "
                f"{cell.candidate_id}) in the candidate: {cell.pixels:,} px, {cell.share:.1%} "
                f"of {own}",
            )
        return len(kinds)
