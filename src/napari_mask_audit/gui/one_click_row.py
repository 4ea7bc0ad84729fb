"""The row of one-click corrections in the review dock."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from .correcting_tools import NARROW
from .one_click import OneClick

_MOST_PX = 50


class OneClickRow(QWidget):
    """From whom, what, and how far beyond; and the button that fills a hole or removes a speck."""

    taken = Signal(bool)

    def __init__(self, one_click: OneClick, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._one_click = one_click
        self.donor = QComboBox()
        self.finding = QPushButton("this finding")
        self.everything = QPushButton("whole mask")
        self.grow = QSpinBox()
        self.patch = QPushButton("fill hole")
        self._lay_out()
        self.taken.connect(self._take)
        self.finding.clicked.connect(partial(self.taken.emit, True))
        self.everything.clicked.connect(partial(self.taken.emit, False))
        self.patch.clicked.connect(one_click.apply_patch)
        one_click.changed.connect(self.refresh)

    def release(self) -> None:
        """Disconnect."""
        self._one_click.changed.disconnect(self.refresh)

    def refresh(self) -> None:
        """Draw anew."""
        donors = self._one_click.donors
        if [self.donor.itemData(row) for row in range(self.donor.count())] != [
            donor.key for donor in donors
        ]:
            self.donor.clear()
            for donor in donors:
                self.donor.addItem(donor.words, donor.key)
        self.finding.setEnabled(bool(donors) and self._one_click.has_finding)
        self.everything.setEnabled(bool(donors))
        patch = self._one_click.patch
        self.patch.setEnabled(patch is not None)
        self.patch.setText(
            "remove speck" if patch is not None and not patch.is_hole else "fill hole"
        )

    def take_finding(self) -> None:
        """Take the finding in view from the chosen mask."""
        self.taken.emit(True)

    def _take(self, only_finding: bool) -> None:
        key = self.donor.currentData()
        if key is None:
            return
        if only_finding:
            self._one_click.take_finding(key, self.grow.value())
        else:
            self._one_click.take_everything(key)

    def _lay_out(self) -> None:
        self.donor.setToolTip("Whose mask to take from")
        self.donor.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.donor.setMinimumContentsLength(7)
        self.finding.setToolTip(
            "Give the place of the finding in view what that mask has there; one undo step "
            "(key Alt+T)"
        )
        self.everything.setToolTip("Take that whole mask; one undo step")
        self.grow.setRange(0, _MOST_PX)
        self.grow.setPrefix("+")
        self.grow.setSuffix(" px")
        self.grow.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.grow.setMaximumWidth(64)
        self.grow.setToolTip("Take so many pixels around the finding too")
        self.patch.setToolTip(
            "Where the finding in view is a hole in one class, fill it; where it is a speck, "
            "give it the class around it"
        )
        self.grow.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        for widget in (self.donor, self.finding, self.everything, self.patch):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for button in (self.finding, self.everything, self.patch):
            button.setStyleSheet(NARROW)
        source = QHBoxLayout()
        source.addWidget(QLabel("take from"))
        source.addWidget(self.donor, 1)
        what = QHBoxLayout()
        what.addWidget(self.finding, 1)
        what.addWidget(self.grow)
        what.addWidget(self.everything, 1)
        what.addWidget(self.patch, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for row in (source, what):
            row.setSpacing(3)
            column.addLayout(row)
