"""A small form for the thresholds of the failure buckets; changing one counts again at once."""

from __future__ import annotations

from typing import Any

from magicgui.widgets import ComboBox, FloatSpinBox
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QGridLayout, QLabel, QPushButton, QWidget

from ..failure_thresholds import FailureThresholds
from .threshold_choice import ThresholdChoice

#: How long to wait for the next turn of a spin box before counting.
_PAUSE_MS = 60
#: What a spin box shows below its smallest value.
_AUTO, _NO_SPLITS, _AS_ALL = "auto", "never", "all"
#: The row for the tolerance of a single class.
_OF_CLASS = "of a class"
#: Pixels that a box may be squeezed to.
_NARROW = 60
_HINTS = {
    "boundary ≤": "A band of wrong pixels along an outline is a boundary error up to this "
    "thickness",
    "small <": "A missed region with fewer pixels is small. Auto: 16 px or 0.1 % of the "
    "image, whichever is more",
    "missed <": "A region is missed when less than this share of it is found, and false when "
    "less than this share of it is right",
    "confused ≥": "A missed region is confused with the region in its place when it makes up at "
    "least this share of that region; below, it was lost in it",
    "split ≥": "Each part of a split or merged object has at least this share of the whole. "
    "Never: no splits and no merges",
    _OF_CLASS: "A tolerance of its own for one class: it decides about the wrong pixels of this "
    "class, whatever the other class is",
}


class ThresholdForm(QWidget):
    """Where one kind of error ends and the next begins.

    It changes nothing itself: it calls the choice and is set anew from it.

    Parameters
    ----------
    choice : ThresholdChoice
        Which thresholds hold.
    """

    def __init__(self, choice: ThresholdChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self.tolerance = _number("tolerance", 0, 1000, 0.5)
        self.small_area = _number("small_area", 0, 10_000_000, 4, decimals=0)
        self.missed_recall = _number("missed_recall", 0, 100, 1, decimals=0)
        self.dominance = _number("dominance", 0, 100, 5, decimals=0)
        self.split_part = _number("split_part", 0, 50, 1, decimals=0)
        self.class_: Any = ComboBox(name="class_", choices=[("no class", None)])
        self.class_tolerance = _number("class_tolerance", -0.5, 1000, 0.5)
        self.back = QPushButton("the dataset's own")
        self.copy = QPushButton("copy for dataset.toml")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._choose)
        self._lay_out()
        for box in self._boxes():
            box.changed.connect(self._wait)
        self.class_tolerance.changed.connect(self._wait)
        self.class_.changed.connect(self._show_class)
        self.back.clicked.connect(choice.reset)
        self.copy.clicked.connect(self._copy)
        choice.changed.connect(self.refresh)
        self.refresh()

    def release(self) -> None:
        """Disconnect from the choice."""
        self._pause.stop()
        self._choice.changed.disconnect(self.refresh)

    def refresh(self) -> None:
        """Show the thresholds that hold."""
        held = self._choice.chosen
        unit = "px" if held.unit == "px" else "in the unit of the spacing"
        values = (
            held.tolerance,
            held.small_area or 0,
            held.missed_recall * 100,
            held.dominance * 100,
            (held.split_part or 0) * 100,
        )
        for box, value in zip(self._boxes(), values, strict=True):
            with box.changed.blocked():
                box.value = value
        self.tolerance.native.setToolTip(f"{_HINTS['boundary ≤']} ({unit})")
        choices = [(name, i) for i, name in self._choice.names.items()]
        if [i for _, i in choices] != list(self.class_.choices):
            with self.class_.changed.blocked():
                self.class_.choices = choices or [("no class", None)]
        self.class_.enabled = self.class_tolerance.enabled = bool(choices)
        self._show_class()
        self.back.setEnabled(not self._choice.is_own)

    def _boxes(self) -> tuple[Any, ...]:
        return (
            self.tolerance, self.small_area, self.missed_recall, self.dominance, self.split_part
        )  # fmt: skip

    def _show_class(self, _class_id: object = None) -> None:
        """Show the tolerance of the chosen class."""
        own = dict(self._choice.chosen.class_tolerances)
        with self.class_tolerance.changed.blocked():
            self.class_tolerance.value = own.get(self.class_.value, self.class_tolerance.min)

    def _wait(self, _value: object) -> None:
        self._pause.start()

    def _choose(self) -> None:
        """Let what the form shows hold."""
        held = self._choice.chosen
        own = dict(held.class_tolerances)
        if self.class_.value is not None:
            own.pop(self.class_.value, None)
            if self.class_tolerance.value >= 0:
                own[self.class_.value] = self.class_tolerance.value
        self._choice.choose(
            FailureThresholds(
                tolerance=self.tolerance.value,
                unit=held.unit,
                class_tolerances=tuple(own.items()),
                small_area=int(self.small_area.value) or None,
                missed_recall=round(self.missed_recall.value / 100, 6),
                dominance=round(self.dominance.value / 100, 6),
                split_part=round(self.split_part.value / 100, 6) or None,
            )
        )

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self._choice.chosen.to_toml() + "\n")

    def _lay_out(self) -> None:
        self.small_area.native.setSpecialValueText(_AUTO)
        self.split_part.native.setSpecialValueText(_NO_SPLITS)
        self.class_tolerance.native.setSpecialValueText(_AS_ALL)
        for box in (self.missed_recall, self.dominance, self.split_part):
            box.native.setSuffix("%")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(2)
        for place, (words, box) in enumerate(self._rows()):
            # The class stands where the others have their words.
            label = QLabel(words) if words != _OF_CLASS else self.class_.native
            row, column = divmod(place, 2)
            for widget in (label, box.native):
                widget.setToolTip(_HINTS[words])
                widget.setMinimumWidth(_NARROW)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(box.native, row, 2 * column + 1)
        grid.addWidget(self.back, 3, 0, 1, 2)
        grid.addWidget(self.copy, 3, 2, 1, 2)
        for column in (1, 3):
            grid.setColumnStretch(column, 1)
        self.back.setToolTip("Let the thresholds of dataset.toml hold again")
        self.copy.setToolTip(
            "Copy these thresholds as lines for dataset.toml: there they hold for everybody, in "
            "every audit and report"
        )
        for button in (self.back, self.copy):
            button.setMinimumWidth(_NARROW)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _rows(self) -> tuple[tuple[str, Any], ...]:
        return (
            ("boundary ≤", self.tolerance),
            ("small <", self.small_area),
            ("missed <", self.missed_recall),
            ("confused ≥", self.dominance),
            ("split ≥", self.split_part),
            (_OF_CLASS, self.class_tolerance),
        )


def _number(name: str, least: float, most: float, step: float, *, decimals: int = 1) -> Any:
    box: Any = FloatSpinBox(name=name, min=least, max=most, step=step)
    box.native.setDecimals(decimals)
    return box
