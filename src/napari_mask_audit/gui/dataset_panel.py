"""What the dataset dock shows: the checklist, flaws of the masks, suspicious labels."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from .calm_progress_bar import CalmProgressBar
from .dataset_words import Lines
from .place_list import PlaceList
from .section import Section
from .wrapped_text import WrappedText

_DONE, _OPEN = "✓", "○"
_RANK_HINT = (
    "Sort the queue of the review by how suspicious the labels are: lint, a classifier that never "
    "saw the sample, and other predictions. Takes a minute."
)
_TRAIN_HINT = (
    "Train a small pixel classifier on the labels and write its masks as the new source "
    "model-baseline; asks first"
)


class ChecklistLines(QWidget):
    """The steps of a project, each with its sign and its evidence; of open ones all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[QLabel] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self.hide()

    def show_lines(self, lines: Lines) -> None:
        """Show these, or with none nothing."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.deleteLater()
        self.rows = [self._row(*line) for line in lines]
        for row in self.rows:
            self._column.addWidget(row)
        self.setVisible(bool(lines))

    def _row(self, done: bool, title: str, evidence: str) -> QLabel:
        text = f"{_DONE if done else _OPEN} {title}: {evidence}"
        if done:
            row: QLabel = QElidingLabel(text)
            row.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            row.setTextFormat(Qt.TextFormat.PlainText)
        else:
            row = WrappedText()
            row.say(text)
        row.setToolTip(f"{title}: {'done' if done else 'not done yet'}\n{evidence}")
        return row


class DatasetPanel(QWidget):
    """The inside of the dataset dock; it knows no dataset."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QElidingLabel("No dataset is open")
        self.open = QPushButton("Open…")
        self.check = QPushButton("Check")
        self.cancel = QPushButton("Cancel")
        self.progress = CalmProgressBar()
        self.steps = ChecklistLines()
        self.next_step = WrappedText()
        self.do_next = QPushButton()
        self.summary = WrappedText()
        self.flaws = PlaceList("What lint found, the worst first; click to go there")
        self.fix = QPushButton("Write corrected copies…")
        self.rank = QPushButton("Suspicious labels first")
        self.suspects = PlaceList("Why labels are suspicious, the strongest reasons first")
        self.train = QPushButton("Train a baseline…")
        self.report = QPushButton("Report…")
        self.export = QPushButton("Export tags…")
        self.status = WrappedText()
        self._hint()
        self._lay_out()
        self.set_busy("")

    def set_busy(self, text: str, done: int = 0, total: int = 0) -> None:
        """While something is being done, say what; empty: nothing is."""
        self.progress.setVisible(bool(text))
        self.cancel.setVisible(bool(text))
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        self.progress.setFormat(text)
        for button in (self.check, self.rank, self.train, self.fix, self.do_next):
            button.setEnabled(not text)

    def show_summary(self, text: str, *, fixable: int) -> None:
        """What lint found in all, and how much of it can be corrected."""
        self.summary.say(text)
        self.fix.setVisible(fixable > 0)
        self.fix.setText(f"Write corrected copies… ({fixable})")

    def show_next(self, text: str, button: str | None) -> None:
        """The next step in one sentence, and the button that does it, where there is one."""
        self.next_step.say(f"Next: {text}" if text else "")
        self.do_next.setVisible(button is not None)
        self.do_next.setText(button or "")

    def _hint(self) -> None:
        for widget, hint in (
            (self.open, "Open another dataset folder"),
            (self.check, "Lint all masks, and see how far the project is"),
            (self.cancel, "Stop; nothing is left half done"),
            (self.fix, "Write copies without specks and pinholes to a new folder; asks first"),
            (
                self.rank,
                _RANK_HINT,
            ),
            (
                self.train,
                _TRAIN_HINT,
            ),
            (self.report, "Write the report as one HTML file"),
            (self.export, "Write everyone's verdicts and tags to a CSV or JSON file"),
            (self.title, "The dataset under review"),
            (self.do_next, "Do the next step of the checklist"),
        ):
            widget.setToolTip(hint)

    def _lay_out(self) -> None:
        self.title.setStyleSheet("font-weight: bold;")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        checks = _column(_row(self.check, self.do_next), self.steps, self.next_step)
        flaws = _column(self.summary, self.flaws, self.fix)
        labels = _column(_row(self.rank, self.train), self.suspects)
        self.sections = (
            Section("Checklist", checks, "How far the project is, from evidence on disk"),
            Section("Flaws of the masks", flaws, "What lint found; no score shows these"),
            Section("Suspicious labels", labels, "Which labels to look at first"),
        )
        self.busy_row = _row(self.progress, self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(4)
        column.addWidget(_row(self.title, self.open, first=1))
        column.addWidget(self.busy_row)
        column.addWidget(self.status)
        for section in self.sections:
            column.addWidget(section)
        column.addStretch(1)
        column.addWidget(_row(self.report, self.export))
        self.flaws.hide()
        self.suspects.hide()
        self.show_summary("", fixable=0)
        self.show_next("", None)


def _row(*widgets: QWidget, first: int = 0) -> QWidget:
    inside = QWidget()
    row = QHBoxLayout(inside)
    row.setContentsMargins(0, 0, 0, 0)
    for n, widget in enumerate(widgets):
        row.addWidget(widget, first if n == 0 else 0)
    return inside


def _column(*widgets: QWidget) -> QWidget:
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    for widget in widgets:
        column.addWidget(widget)
    return inside
