"""A button that says which tolerance holds and folds the form of the thresholds out and in."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QToolButton, QWidget

from .threshold_choice import ThresholdChoice
from .threshold_form import ThresholdForm


class ThresholdToggle(QToolButton):
    """Opens the form; marked while thresholds other than the dataset's are tried out.

    Parameters
    ----------
    choice : ThresholdChoice
        Which thresholds hold.
    """

    def __init__(self, choice: ThresholdChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = choice
        self.form = ThresholdForm(choice)
        self.form.hide()
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.toggled.connect(self._fold)
        choice.changed.connect(self.refresh)
        self.refresh()

    def release(self) -> None:
        """Disconnect from the choice."""
        self._choice.changed.disconnect(self.refresh)
        self.form.release()

    def refresh(self) -> None:
        """Say which tolerance holds."""
        held = self._choice.chosen
        unit = " px" if held.unit == "px" else ""
        tried = "" if self._choice.is_own else "*"
        self.setText(f"± {held.tolerance:g}{unit}{tried} {'▾' if self.isChecked() else '▸'}")
        names = self._choice.names
        what = held.describe(lambda i: names.get(i, f"class {i}"))
        state = "" if self._choice.is_own else "\n* tried out here: the dataset has others"
        self.setToolTip(f"Thresholds of the failure buckets (click to change them):\n{what}{state}")

    def _fold(self, is_open: bool) -> None:
        self.form.setVisible(is_open)
        self.form.refresh()
        self.refresh()
