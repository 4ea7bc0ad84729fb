"""The top of the review dock: what is open, what is compared, how far the review is."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from .calm_progress_bar import CalmProgressBar
from .open_menu import OpenMenu
from .review_menu import ReviewMenu
from .room import ReviewRoom


class Header(QWidget):
    """Dataset, comparison, progress of review and audit, and what is done with the whole."""

    export_asked = Signal()
    report_asked = Signal()

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self.name = QElidingLabel()
        self.pair = QComboBox()
        self.reviewed = CalmProgressBar()
        self.audited = CalmProgressBar()
        self.cancel = QPushButton("Cancel")
        self.open = QPushButton("Open…")
        self.openings = OpenMenu(self)
        self.open.setMenu(self.openings)
        self.menu = ReviewMenu(room)
        self.export = QPushButton("Export…")
        self.report = QPushButton("Report…")
        self._lay_out()
        self.pair.activated.connect(self._choose_pair)
        self.cancel.clicked.connect(self._stop_or_go_on)
        self.export.clicked.connect(self.export_asked)
        self.report.clicked.connect(self.report_asked)
        room.audit_changed.connect(self._show_audit)
        room.pair_changed.connect(self._show_pair)
        room.sources_changed.connect(self.refresh)
        self._session = room.session

    def release(self) -> None:
        """Disconnect from the room."""
        self._room.audit_changed.disconnect(self._show_audit)
        self._room.pair_changed.disconnect(self._show_pair)
        self._room.sources_changed.disconnect(self.refresh)
        self._watch(None)

    def refresh(self) -> None:
        """Draw anew from the room, after another dataset was opened."""
        room = self._room
        self._watch(room)
        dataset, session = room.dataset, room.session
        if dataset is None or session is None:
            return
        self.name.setToolTip(
            f"{dataset.name}\n{dataset.folder}\nreviewer: {session.reviewer}\n"
            f"verdicts in: {session.store.name}"
        )
        self.pair.clear()
        for reference, candidate in dataset.comparisons():
            self.pair.addItem(f"{reference} ▸ {candidate}", (reference, candidate))
        self.pair.setVisible(self.pair.count() > 0)
        self._show_pair()
        self._show_progress()
        self._show_audit()

    def _watch(self, room: ReviewRoom | None) -> None:
        if self._session is not None:
            self._session.queue_changed.disconnect(self._show_progress, missing_ok=True)
            self._session.verdict_changed.disconnect(self._show_progress, missing_ok=True)
        self._session = None if room is None else room.session
        if self._session is not None:
            self._session.queue_changed.connect(self._show_progress)
            self._session.verdict_changed.connect(self._show_progress)

    def _show_pair(self) -> None:
        """Another dock may have chosen what is compared."""
        for index in range(self.pair.count()):
            if tuple(self.pair.itemData(index)) == self._room.pair:
                self.pair.setCurrentIndex(index)
        hidden = self._room.names.are_hidden
        self.pair.setVisible(self.pair.count() > 0 and not hidden)
        if self._room.dataset is not None:
            self.name.setText(self._room.dataset.name + (" · names hidden" if hidden else ""))

    def _choose_pair(self, _index: int) -> None:
        self._room.compare(tuple(self.pair.currentData()))

    def _stop_or_go_on(self) -> None:
        feed = self._room.feed
        if feed is None:
            return
        if feed.is_running:
            feed.stop()
        else:
            feed.go_on()

    def _show_progress(self, _sample: object = None) -> None:
        session = self._room.session
        if session is None:
            return
        done, total = session.progress
        self.reviewed.setMaximum(max(1, total))
        self.reviewed.setValue(done)
        shown = "" if len(session) == total else f" · {len(session)} shown"
        self.reviewed.setFormat(f"{done} of {total} reviewed{shown}")

    def _show_audit(self) -> None:
        feed = self._room.feed
        if feed is None:
            return
        done, total, word = feed.progress
        self.audited.setMaximum(max(1, total))
        self.audited.setValue(done)
        self.audited.setFormat(f"{done} of {total} {word}")
        self.audited.setVisible(not feed.is_complete)
        self.cancel.setVisible(feed.is_started and not feed.is_complete)
        self.cancel.setText("Cancel" if feed.is_running else "Go on")

    def _lay_out(self) -> None:
        self.name.setElideMode(Qt.TextElideMode.ElideMiddle)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.pair.setToolTip("What is compared: reference ▸ candidate")
        self.pair.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.pair.setMinimumContentsLength(8)
        self.reviewed.setToolTip("Samples with a verdict, of all samples in the dataset")
        self.audited.setToolTip(
            "Samples measured, then explained: their failure buckets, to sort the queue by. "
            "Measured ones can be reviewed meanwhile."
        )
        self.cancel.setToolTip("Stop measuring or explaining, or go on; what is known stays")
        self.open.setToolTip("Open another folder, a dataset from before, or the sample data")
        self.export.setToolTip("Export tags: write everyone's verdicts to a CSV or JSON file")
        self.report.setToolTip("Write a web page about what is measured and decided so far")
        for bar in (self.reviewed, self.audited):
            bar.setMaximumHeight(18)
            bar.setTextVisible(True)
        for button in (self.cancel, self.open, self.export, self.report, self.menu):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rows = (
            (self.name, self.pair, self.menu),
            (self.reviewed, self.open, self.export, self.report),
            (self.audited, self.cancel),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for widgets in rows:
            row = QHBoxLayout()
            row.setSpacing(3)
            for widget in widgets:
                row.addWidget(widget, 0 if isinstance(widget, QAbstractButton) else 1)
            column.addLayout(row)
