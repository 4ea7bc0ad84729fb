"""The review queue as a Qt table: rows of the session, formatted, never decided here."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from qtpy.QtGui import QColor, QFont

from ..review.queue import QueueItem
from ..review.session import ReviewSession
from ..review.verdicts import ReviewStatus, StoredVerdict
from .items import WAITING

HEADERS = ("#", "sample", "score", "worst class", "tags", "")
RANK, SAMPLE, SCORE, WORST, TAGS, STATUS = range(len(HEADERS))
_HINTS = (
    "Place in the queue",
    "Name of the sample",
    "{score}, 0 (worst) to 1; – where undefined",
    "The class with the lowest IoU, and that IoU",
    "Failure tags given by reviewers",
    "✓ accepted, ✗ needs a fix, ? unsure",
)
_SCORE_HINTS = {
    "mean IoU": "Mean IoU over the classes that occur in either mask",
    "PQ": "Panoptic quality (PQ): objects found and false, and how well the found ones fit",
}
#: A shape for every status, so that colour is not needed to tell them apart.
STATUS_SIGNS = {
    ReviewStatus.ACCEPT: ("✓", "#009E73"),
    ReviewStatus.NEEDS_FIX: ("✗", "#D55E00"),
    ReviewStatus.UNSURE: ("?", "#3C8DBC"),
}

Index: TypeAlias = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class QueueModel(QAbstractTableModel):
    """Rows of a review session; empty without one."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._session: ReviewSession | None = None
        self._score_name = "mean IoU"
        self._n_rows = 0
        #: From a text about sources to what may be shown of it.
        self.spoken: Callable[[str], str] = str

    def set_session(self, session: ReviewSession | None, score_name: str = "mean IoU") -> None:
        """Show another session, or none.

        Parameters
        ----------
        session : ReviewSession or None
            Whose queue it is.
        score_name : str
            What the scores are.
        """
        self._score_name = score_name
        if self._session is not None:
            self._session.queue_changed.disconnect(self._reset)
            self._session.verdict_changed.disconnect(self._redraw)
            self._session.current_changed.disconnect(self._redraw_all)
        self._session = session
        if session is not None:
            session.queue_changed.connect(self._reset)
            session.verdict_changed.connect(self._redraw)
            session.current_changed.connect(self._redraw_all)
        self._reset()

    def sample_at(self, row: int) -> str:
        """The sample shown in a row."""
        assert self._session is not None
        return self._session.item_at(row).sample

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of samples in the queue, as filtered."""
        return 0 if parent.isValid() else self._n_rows

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names and explanations of the columns."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(HEADERS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _HINTS[section].format(score=_SCORE_HINTS[self._score_name])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        session = self._session
        if session is None or not index.isValid() or index.row() >= self._n_rows:
            return None
        column = index.column()
        item = session.item_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(session, item, index.row(), column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.spoken(_hint(session, item, column, self._score_name))
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (RANK, SCORE, STATUS):
            sides = {RANK: Qt.AlignmentFlag.AlignRight, SCORE: Qt.AlignmentFlag.AlignRight}
            side = sides.get(column, Qt.AlignmentFlag.AlignHCenter)
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and item.sample == session.current:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and column == STATUS:
            verdict = session.verdict(item.sample)
            if verdict is not None and verdict.status is not None:
                return QColor(STATUS_SIGNS[verdict.status][1])
        return None

    def _text(self, session: ReviewSession, item: QueueItem, row: int, column: int) -> str:
        if column == RANK:
            return str(row + 1)
        if column == SAMPLE:
            return item.sample
        if column == SCORE:
            return score_text(item)
        if column == WORST:
            return worst_text(item)
        verdict = session.verdict(item.sample)
        if column == TAGS:
            return tags_text(session, verdict)
        return "" if verdict is None or verdict.status is None else STATUS_SIGNS[verdict.status][0]

    def _reset(self) -> None:
        self.beginResetModel()
        self._n_rows = 0 if self._session is None else len(self._session)
        self.endResetModel()

    def _redraw(self, sample: str) -> None:
        position = None if self._session is None else self._session.position(sample)
        if position is not None:
            self.dataChanged.emit(self.index(position, 0), self.index(position, STATUS))

    def _redraw_all(self, _sample: object = None) -> None:
        """The current row is bold; which one was before is not known here."""
        if self._n_rows:
            self.dataChanged.emit(self.index(0, 0), self.index(self._n_rows - 1, STATUS))


def score_text(item: QueueItem) -> str:
    """A score for a narrow column.

    Examples
    --------
    >>> score_text(QueueItem("s", score=0.4149)), score_text(QueueItem("s"))
    ('0.41', '–')
    """
    if item.problem is not None:
        return "!"
    if item.note == WAITING:
        return "…"
    return "–" if math.isnan(item.score) else f"{item.score:.2f}"


def worst_text(item: QueueItem) -> str:
    """The worst class with its score."""
    if item.worst_class is None:
        return ""
    return f"{item.worst_class} {item.worst_class_score:.2f}"


def tags_text(session: ReviewSession, verdict: StoredVerdict | None) -> str:
    """The tags of a verdict as the reviewer reads them."""
    if verdict is None:
        return ""
    labels = {tag.name: tag.label for tag in session.tags}
    return ", ".join(labels.get(name, name) for name in verdict.tags)


def _hint(session: ReviewSession, item: QueueItem, column: int, score_name: str) -> str:
    verdict = session.verdict(item.sample)
    if column == SCORE:
        if item.problem is not None:
            return item.problem
        if item.note == WAITING:
            return "not measured yet"
        if math.isnan(item.score):
            return "no class occurs in either mask, so there is no score"
        lines = [f"{score_name} {item.score:.4f}"]
        by = session.order.by
        if by is not None and not math.isnan(session.score(item.sample, by)):
            lines.append(f"sorted by {by}: {session.score(item.sample, by):.4f}")
        return "\n".join(lines)
    if column == STATUS and verdict is not None and verdict.status is not None:
        word = verdict.status.value.replace("_", " ")
        return f"{word}, by {verdict.decided_by or verdict.reviewer}"
    lines = [item.sample, item.problem or item.note, worst_text(item), tags_text(session, verdict)]
    if verdict is not None and verdict.comment:
        lines.append(f"“{verdict.comment}”")
    return "\n".join(line for line in lines if line)
