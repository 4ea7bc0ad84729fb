"""What the agreement dock shows: the matrix above, what follows from it below."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..agreement import METHODS, Agreement
from .agreement_matrix import MatrixModel, MatrixTable
from .agreement_view import Metric, classes_in, matrix_of, metrics_of
from .agreement_words import (
    ClassName,
    cards_of,
    ceiling_text,
    conflict_stops,
    summary_text,
)
from .calm_progress_bar import CalmProgressBar
from .pair_legend import PairLegend
from .place_list import PlaceList
from .profile_cards import ProfileCards
from .section import Section
from .shade_scale import ShadeScale
from .shades import VOTES
from .triage_box import TriageBox

_COMPARE_HINT = (
    "Read every mask once and compare every source with every other; napari stays usable meanwhile"
)
_KINDS = (("entropy", "entropy"), ("against", "votes against"))
_METHOD_WORDS = {"majority": "majority", "staple": "STAPLE", "dawid-skene": "Dawid–Skene"}
_METHOD_HINTS = {
    "majority": "The label most annotators gave; the one to compare the others with",
    "staple": "Weighs annotators by how often they are right; needs three or more",
    "dawid-skene": "As STAPLE, with the share of each label estimated too",
}


class AgreementPanel(QWidget):
    """All widgets of the dock; it knows results, and neither room nor threads."""

    pair_chosen = Signal(str, str)
    stop_chosen = Signal(object)
    order_chosen = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._agreement: Agreement | None = None
        self._class_name: ClassName = str
        self.compare = QPushButton("Compare everyone")
        self.cancel = QPushButton("Cancel")
        self.progress = CalmProgressBar()
        self.status = _words()
        self.class_choice, self.metric_choice = _choice(), _choice()
        self.model = MatrixModel(self)
        self.table = MatrixTable(self.model)
        self.scale = ShadeScale("What the colours of the matrix stand for")
        self.legend = PairLegend()
        self.votes = QCheckBox("show votes")
        self.vote_kind = _choice()
        self.vote_scale = ShadeScale("What the colours of the votes layer stand for")
        self.method = _choice()
        self.write = QPushButton("Write consensus…")
        self.copies, self.ceiling, self.notes = _words(), _words(), _words()
        self.cards = ProfileCards()
        self.triage = QWidget()
        self.triage_boxes: list[TriageBox] = []
        self.conflicts = _words()
        self.places = PlaceList("Places where a rule is missing; click one to go there")
        self._lay_out()
        self._connect()
        self.show_agreement(None, str)

    @property
    def class_id(self) -> int | None:
        """The chosen class; None for the mean over classes."""
        chosen: int | None = self.class_choice.currentData()
        return chosen

    @property
    def chosen_metric(self) -> Metric | None:
        """The chosen metric (``metric`` is a method of every Qt widget)."""
        chosen: Metric | None = self.metric_choice.currentData()
        return chosen

    # -- showing ---------------------------------------------------------------------------------

    def show_agreement(self, agreement: Agreement | None, class_name: ClassName) -> None:
        """Show another result, or none."""
        self._agreement, self._class_name = agreement, class_name
        for part in (self._results, self._more):
            part.setVisible(agreement is not None)
        self.class_choice.clear()
        self.metric_choice.clear()
        if agreement is None:
            self.model.set_matrix(None)
            return
        ids = classes_in(agreement)
        if len(ids) != 1:
            self.class_choice.addItem("all classes", None)
        for class_id in ids:
            self.class_choice.addItem(class_name(class_id), class_id)
        for metric in metrics_of(agreement):
            self.metric_choice.addItem(metric.words, metric)
            self.metric_choice.setItemData(
                self.metric_choice.count() - 1, metric.hint, Qt.ItemDataRole.ToolTipRole
            )
        self.status.setText(summary_text(agreement))
        self._draw_matrix()
        self._draw_sentences(agreement)
        self._draw_triage(agreement)

    def set_busy(self, text: str, done: int = 0, total: int = 0) -> None:
        """While something is being done, say what; empty: nothing is."""
        self.progress.setVisible(bool(text))
        self.cancel.setVisible(bool(text))
        self.compare.setEnabled(not text)
        self.write.setEnabled(not text)
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        self.progress.setFormat(text)
        self.progress.setToolTip(text or "How far comparing, or writing the consensus, is")

    def show_vote_ends(self, low: str, high: str) -> None:
        """What the colours of the votes mean."""
        self.vote_scale.show_ends(low, high, VOTES)
        self.vote_scale.setVisible(bool(low))

    def _clear_vote_ends(self, on: bool) -> None:
        if not on:
            self.show_vote_ends("", "")

    def _draw_matrix(self, _index: int = 0) -> None:
        agreement, metric = self._agreement, self.chosen_metric
        if agreement is None or metric is None:
            return
        matrix = matrix_of(agreement, metric, self.class_id)
        self.model.set_matrix(matrix)
        self.metric_choice.setToolTip(metric.hint)
        ends = [
            f"{end:+.1f}".replace("-", "−") if metric.is_signed else f"{end:.1f}"
            for end in (matrix.low, matrix.high)
        ]
        if metric.is_signed:
            ends = [f"{ends[0]} inside", f"outside {ends[1]}"]
        self.scale.show_ends(ends[0], ends[1], matrix.ramp)
        self.cards.show_cards(cards_of(agreement, self.class_id), agreement.withheld)
        self._sections["annotators"].set_count(len(self.cards.cards) or None)
        self.ceiling.setText(ceiling_text(agreement, self.class_id))

    def _draw_sentences(self, agreement: Agreement) -> None:
        copies = [copy.sentence for copy in agreement.duplicates]
        self.copies.setText(_lines(copies) or "No two sources are copies of each other.")
        self._sections["copies"].set_count(len(copies) or None)
        rules = [conflict.sentence for conflict in agreement.conflicts]
        self.conflicts.setText(_lines(rules) or _no_conflicts(agreement))
        self._sections["conflicts"].set_count(len(rules) or None)
        self.places.show_stops(conflict_stops(agreement, self._class_name))
        problems = [
            f"{problem.sample}: {problem.message}" if problem.sample else problem.message
            for problem in agreement.problems
        ]
        self.notes.setText(_lines([*agreement.notes, *problems]) or "Nothing to add.")

    def _draw_triage(self, agreement: Agreement) -> None:
        layout = self.triage.layout()
        assert layout is not None
        for old in self.triage_boxes:
            layout.removeWidget(old)
            old.deleteLater()
        self.triage_boxes = [TriageBox(t, self._class_name) for t in agreement.triage]
        for box in self.triage_boxes:
            box.order_chosen.connect(self.order_chosen)
            box.stop_chosen.connect(self.stop_chosen)
            layout.addWidget(box)
        self._no_triage.setVisible(not self.triage_boxes)

    # -- making ----------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.class_choice.activated.connect(self._draw_matrix)
        self.metric_choice.activated.connect(self._draw_matrix)
        self.table.chosen.connect(self.pair_chosen)
        self.places.wanted.connect(self.stop_chosen)
        self.votes.toggled.connect(self._clear_vote_ends)

    def _lay_out(self) -> None:
        self._set_hints()
        for key, words in _KINDS:
            self.vote_kind.addItem(words, key)
        for method in METHODS:
            self.method.addItem(_METHOD_WORDS.get(method, method), method)
            row = self.method.count() - 1
            hint = _METHOD_HINTS.get(method)
            self.method.setItemData(row, hint, Qt.ItemDataRole.ToolTipRole)
        triage = QVBoxLayout(self.triage)
        triage.setContentsMargins(0, 0, 0, 0)
        self._no_triage = _words("Needs a reference, a model, and annotators to ask.")
        triage.addWidget(self._no_triage)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(4)
        column.addLayout(_row(self.compare, (self.progress, 1), self.cancel))
        column.addWidget(self.status)
        self._results = QWidget()
        results = _column(
            self._results, _row((self.class_choice, 1), (self.metric_choice, 1)), self.table
        )
        results.addWidget(self.scale)
        results.addWidget(self.legend)
        column.addWidget(self._results)
        column.addLayout(_row(self.votes, (self.vote_kind, 1)))
        column.addWidget(self.vote_scale)
        column.addLayout(_row((self.method, 1), self.write))
        self._more = QWidget()
        more = _column(self._more)
        self._sections = self._make_sections()
        for section in self._sections.values():
            more.addWidget(section)
        column.addWidget(self._more)
        column.addStretch(1)
        self.show_vote_ends("", "")
        self.set_busy("")

    def _make_sections(self) -> dict[str, Section]:
        rules = QWidget()
        _column(rules, self.conflicts, self.places)
        return {
            "copies": Section(
                "Copies and leaks", self.copies, "Sources with the same masks: one opinion, not two"
            ),
            "triage": Section(
                "Model or labels?",
                self.triage,
                "Whether what differs is the model's fault or the labels'",
            ),
            "annotators": Section(
                "Annotators", self.cards, "What each does differently; the numbers on hover"
            ),
            "ceiling": Section(
                "Human ceiling", self.ceiling, "How good a model can get with these annotators"
            ),
            "conflicts": Section(
                "Guideline conflicts", rules, "Classes two annotators use oppositely, both steadily"
            ),
            "notes": Section(
                "What these data cannot say", self.notes, "Limits, and files that were left out"
            ),
        }

    def _set_hints(self) -> None:
        self.compare.setToolTip(_COMPARE_HINT)
        self.cancel.setToolTip("Stop; nothing is shown of what was done so far")
        self.metric_choice.setToolTip("What the matrix shows of each pair")
        self.progress.setToolTip("How far comparing, or writing the consensus, is")
        self.class_choice.setToolTip("Which class the matrix and the cards are about")
        self.table.setToolTip("Click a cell: queue by that pair, and outline both")
        self.votes.setToolTip(
            "Lay a map over the sample: where the annotators' labels are apart, pixel by pixel"
        )
        self.vote_kind.setToolTip(
            "entropy: how undecided the votes are, in bits\n"
            "votes against: how many are against the most common label"
        )
        self.method.setToolTip("How the annotators' votes become one mask")
        self.write.setToolTip("Write the consensus as a new source; nothing is ever written over")


def _no_conflicts(agreement: Agreement) -> str:
    if agreement.withheld:
        return f"Withheld: {agreement.withheld}."
    return "No two annotators use two classes steadily and oppositely."


def _lines(sentences: Sequence[str]) -> str:
    return "\n".join(f"• {sentence}" for sentence in sentences)


def _words(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _choice() -> QComboBox:
    choice = QComboBox()
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(6)
    return choice


def _row(*widgets: QWidget | tuple[QWidget, int]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        if isinstance(widget, tuple):
            row.addWidget(widget[0], widget[1])
        else:
            row.addWidget(widget)
    return row


def _column(parent: QWidget, *parts: QWidget | QHBoxLayout) -> QVBoxLayout:
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    return column
