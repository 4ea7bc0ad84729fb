"""The current sample: its score, its classes, and where its masks disagree."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from .class_table import ClassTable, number_text
from .room import ReviewRoom


class SamplePanel(QWidget):
    """Score line, classes, and regions of the room's current sample."""

    def __init__(self, room: ReviewRoom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._room = room
        self.name = QElidingLabel()
        self.score = QLabel()
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.classes = ClassTable(2)
        self.regions = QListWidget()
        self.regions_title = QElidingLabel()
        self._lay_out()
        self.regions.itemClicked.connect(self._go_to_region)
        self.regions.itemActivated.connect(self._go_to_region)
        room.view_changed.connect(self.refresh)
        room.pair_changed.connect(self.refresh)
        room.region_changed.connect(self._mark_region)
        self.refresh()

    def release(self) -> None:
        """Disconnect from the room."""
        self._room.view_changed.disconnect(self.refresh)
        self._room.pair_changed.disconnect(self.refresh)
        self._room.region_changed.disconnect(self._mark_region)

    def refresh(self) -> None:
        """Draw anew from the room."""
        room = self._room
        session, dataset = room.session, room.dataset
        if session is None or dataset is None or session.current is None:
            return
        sample = session.current
        self.name.setText(sample)
        scores = room.scores(sample)
        if scores is None:
            self.score.setText("not measured" if session.item(sample).problem else "…")
            self.score.setToolTip(session.item(sample).problem or "this sample is being measured")
        else:
            self.score.setText(f"mean IoU {number_text(scores.mean_iou)}")
            self.score.setToolTip(
                f"Mean IoU over the classes that occur in either mask: {scores.mean_iou:.4f}\n"
                f"{scores.valid_pixels:,} pixels counted, {scores.pixel_accuracy:.1%} of them alike"
            )
        self.classes.show_scores(scores, lambda class_id: dataset.class_info(class_id).color)
        self._show_problems()
        self._show_regions()

    def _show_problems(self) -> None:
        room, session = self._room, self._room.session
        assert session is not None
        assert session.current is not None
        texts = list(room.view.problems) if room.view is not None else []
        problem = session.item(session.current).problem
        if problem and not texts:
            texts.append(problem)
        self.problem.setText("\n".join(f"⚠ {text}" for text in texts))
        self.problem.setVisible(bool(texts))

    def _show_regions(self) -> None:
        view = self._room.view
        self.regions.clear()
        if view is None:
            self.regions_title.setText("regions …")
            return
        shown = len(view.regions)
        more = f", {shown} largest" if view.n_regions > shown else ""
        self.regions_title.setText(f"{view.n_regions:,} regions{more}  (F next)")
        self.regions.addItems(
            [f"{n + 1}  {self._room.region_text(n)}" for n in range(len(view.regions))]
        )
        self._mark_region()

    def _mark_region(self) -> None:
        index = self._room.region_index
        if index is None:
            self.regions.setCurrentRow(-1)
        elif index < self.regions.count():
            self.regions.setCurrentRow(index)

    def _go_to_region(self) -> None:
        self._room.go_to_region(self.regions.currentRow())

    def _lay_out(self) -> None:
        self.name.setToolTip("The current sample")
        self.name.setElideMode(Qt.TextElideMode.ElideMiddle)
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        self.score.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.regions.setToolTip(
            "Connected regions in which reference and candidate differ, reference → candidate, "
            "largest first. Click one, or press F for the next."
        )
        self.regions.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.regions.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.regions.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.regions.setUniformItemSizes(True)
        self.regions.setMinimumHeight(70)
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.name, 1)
        top.addWidget(self.score)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(2)
        right.addWidget(self.regions_title)
        right.addWidget(self.regions, 1)
        both = QHBoxLayout()
        both.setContentsMargins(0, 0, 0, 0)
        both.addWidget(self.classes, 5)
        both.addLayout(right, 7)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.problem)
        column.addLayout(both, 1)
