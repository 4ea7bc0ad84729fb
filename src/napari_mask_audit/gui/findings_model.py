"""The findings of a sample as a Qt table: rows of the walk, formatted, never decided here."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QAbstractTableModel, Qt
from qtpy.QtGui import QColor

from ..failures import Bucket
from ..findings import Finding
from ..review.session import ReviewSession
from ..review.verdicts import StoredVerdict
from .failure_summary import BUCKET_LOOKS
from .findings_walk import FindingsWalk
from .legend import swatch_icon
from .queue_model import NOWHERE, STATUS_SIGNS, Index, tags_text

HEADERS = ("finding", "class", "px", "worth", "")
BUCKET, CLASSES, PIXELS, WORTH, VERDICT = range(len(HEADERS))
_HINTS = (
    "The failure bucket it is in",
    "The class that is wrong / the class in its place",
    "Wrong pixels",
    "What repairing it would add to the sample's mean IoU, 0 to 1",
    "Your verdict on this finding: ✓ accepted, ✗ needs a fix, ? unsure, # tagged or commented",
)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_ALIGNMENT = {PIXELS: _RIGHT, WORTH: _RIGHT, VERDICT: _MIDDLE}


class FindingsModel(QAbstractTableModel):
    """Rows of a walk along findings, with the verdicts on them."""

    def __init__(self, walk: FindingsWalk, parent: Any = None) -> None:
        super().__init__(parent)
        self._walk = walk
        self._session: ReviewSession | None = None
        self._rows: tuple[Finding, ...] = ()

    def set_session(self, session: ReviewSession | None) -> None:
        """Show the verdicts of another session, or none."""
        self._session = session
        self.reset()

    def reset(self) -> None:
        """Show other findings."""
        if self._walk.findings is self._rows:
            return
        self.beginResetModel()
        self._rows = self._walk.findings
        self.endResetModel()

    def redraw_verdicts(self) -> None:
        """Show other verdicts on the same findings."""
        if self._rows:
            last = len(self._rows) - 1
            self.dataChanged.emit(self.index(0, VERDICT), self.index(last, VERDICT))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Number of findings."""
        return 0 if parent.isValid() else len(self._rows)

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
        return _HINTS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        finding, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(finding, column)
        if role == Qt.ItemDataRole.DecorationRole and column == BUCKET:
            return swatch_icon(BUCKET_LOOKS[Bucket(finding.bucket)][1])
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._hint(finding)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENT.get(column)
        if role == Qt.ItemDataRole.ForegroundRole and column == VERDICT:
            verdict = self._verdict(finding)
            if verdict is not None and verdict.status is not None:
                return QColor(STATUS_SIGNS[verdict.status][1])
        return None

    def _text(self, finding: Finding, column: int) -> str:
        if column == BUCKET:
            return BUCKET_LOOKS[Bucket(finding.bucket)][0]
        if column == CLASSES:
            return self._walk.class_text(finding)
        if column == PIXELS:
            return f"{finding.pixels:,}"
        if column == WORTH:
            return worth_text(finding.worth)
        return mark_of(self._verdict(finding))

    def _hint(self, finding: Finding) -> str:
        verdict = self._verdict(finding)
        lines = [self._walk.spoken(t) for t in (finding.explanation, finding.why_not_next)]
        if verdict is not None:
            word = "" if verdict.status is None else verdict.status.value.replace("_", " ")
            tags = "" if self._session is None else tags_text(self._session, verdict)
            lines += [word, tags, verdict.comment]
        return "\n".join(line for line in lines if line)

    def _verdict(self, finding: Finding) -> StoredVerdict | None:
        if self._session is None:
            return None
        return self._session.verdict(finding.sample, finding.id)


def worth_text(worth: float) -> str:
    """What a repair adds to the mean IoU, for a narrow column.

    Examples
    --------
    >>> worth_text(0.0838), worth_text(0.00004), worth_text(-0.0021)
    ('+.084', '+.000', '−.002')
    """
    return f"{'−' if worth < 0 else '+'}{abs(worth):.3f}".replace("0.", ".", 1)


def mark_of(verdict: StoredVerdict | None) -> str:
    """A sign for a verdict: that of its status, or ``#`` for tags and comments alone."""
    if verdict is None:
        return ""
    if verdict.status is not None:
        return STATUS_SIGNS[verdict.status][0]
    return "#" if verdict.tags or verdict.comment else ""
