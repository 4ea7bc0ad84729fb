"""A table that leaves letters and digits to the keys of the review."""

from __future__ import annotations

from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QTableView


class QuietTable(QTableView):
    """A table that does not jump to the row that begins with what is typed.

    Qt searches its first column, the rank: a digit that is no key of the review would select
    another row than that of the sample on the canvas.
    """

    def keyboardSearch(self, search: str) -> None:
        """Do not search; the queue has a filter for that."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, with the interpreter kept for as long as it takes.

        Painting asks the model a few hundred questions. Called by Qt it would take the
        interpreter for each and give it back, and each time threads beside it could keep it.
        """
        super().paintEvent(event)
