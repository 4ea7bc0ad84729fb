"""What the boundary dock shows of its desk: the form, the curve, the offsets and the lists."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from superqt import QElidingLabel

from .boundary_desk import BoundaryDesk
from .boundary_form import BoundaryForm
from .boundary_legend import boundary_legend
from .boundary_lists import BoundaryTable, StretchList, stretches_title
from .boundary_view import rounded_up
from .boundary_words import offset_words
from .calm_progress_bar import CalmProgressBar
from .curve_plot import CurvePlot
from .legend import Legend
from .offset_histogram import OffsetHistogram
from .wrapped_text import WrappedText


class BoundaryPanel(QWidget):
    """Everything in the boundary dock, drawn anew from the desk.

    Parameters
    ----------
    desk : BoundaryDesk
        What is measured, and the choices.
    """

    def __init__(self, desk: BoundaryDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.title = QElidingLabel()
        self.form = BoundaryForm(desk)
        self.measure_layers = QPushButton("Measure")
        self.busy = CalmProgressBar()
        self.curve = CurvePlot()
        self.band = QPushButton("Human band")
        self.use = QPushButton("Copy for dataset.toml")
        self.words = WrappedText()
        self.offsets = OffsetHistogram()
        self.legend = Legend()
        self.table = BoundaryTable(desk)
        self.stretches_title = QElidingLabel()
        self.stretches = StretchList(desk)
        self.status = WrappedText()
        self._lay_out()
        for signal, slot in (
            (desk.class_changed, self.show_class),
            (desk.tolerance_changed, self._show_tolerance),
            (desk.stretches_changed, self._show_stretches),
            (desk.band_changed, self.show_band),
            (desk.stretch_changed, self._show_legend),
        ):
            signal.connect(slot)
        self.curve.tolerance_asked.connect(self._choose_tolerance)

    def say(self, text: str) -> None:
        """Show a sentence."""
        self.status.say(text)

    def show_subject(self, title: str, hint: str) -> None:
        """Say what is measured, and what there is to say about that."""
        self.busy.setVisible(self.desk.is_measuring)
        self.title.setText(title)
        self.use.setEnabled(self.desk.view is not None)
        self.say(hint)
        self.show_class()

    def show_class(self) -> None:
        """Draw what is about the chosen class."""
        desk = self.desk
        view = desk.view
        self.words.say("" if view is None else offset_words(view, desk.class_id))
        reach = 5.0 if view is None else self._reach()
        self.curve.show_curve(
            None if view is None else view.curves[desk.class_id],
            reach=reach,
            pixel=1.0 if view is None else view.pixel,
            unit="px" if view is None else view.subject.unit,
            band=desk.band,
        )
        self.offsets.show_offsets(view, desk.class_id, reach)
        self.curve.set_tolerance(desk.tolerance)
        self._show_stretches()
        self.show_band()

    def _show_tolerance(self) -> None:
        if self.curve.reach != self._reach():
            self.show_class()
        self.curve.set_tolerance(self.desk.tolerance)
        self._show_stretches()

    def _reach(self) -> float:
        view = self.desk.view
        if view is None:
            return self.curve.reach
        usual, tolerance = view.reach(self.desk.class_id), self.desk.tolerance
        return usual if tolerance <= usual else rounded_up(tolerance * 1.25)

    def _show_stretches(self) -> None:
        self.stretches_title.setText(stretches_title(self.desk.view, self.desk))

    def show_band(self) -> None:
        """Draw the annotators' band, or say how far it is."""
        desk = self.desk
        if desk.band_progress is not None:
            done, total = desk.band_progress
            self.band.setText(f"Cancel ({done} of {total})")
        else:
            self.band.setText("Human band")
        self.curve.band = desk.band
        self.curve.update()
        self._show_legend()
        if desk.no_band:
            self.say(f"no band: {desk.no_band}")
        elif desk.bands and desk.band is None and desk.view is not None:
            self.say("The band is per class: choose a class.")

    def _show_legend(self) -> None:
        desk = self.desk
        self.legend.show_content(
            boundary_legend(has_band=desk.band is not None, has_stretch=desk.stretch is not None)
        )

    def _choose_tolerance(self, tolerance: float) -> None:
        self.desk.set_tolerance(round(tolerance, 6))

    def _lay_out(self) -> None:
        self.title.setToolTip("What is measured: reference ▸ candidate")
        self.title.setElideMode(Qt.TextElideMode.ElideMiddle)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.measure_layers.setToolTip("Measure the two layers; napari stays usable meanwhile")
        self.band.setToolTip(
            "Compare the annotators of all samples, and show in the curve how well they agree: "
            "each against the consensus of the others. It takes as long as an audit; press again "
            "to stop."
        )
        self.use.setToolTip(
            "Copy this tolerance and convention to the clipboard, as lines for dataset.toml. "
            "Nothing is written."
        )
        self.words.setToolTip("Mean signed distance between the outlines, ± its standard deviation")
        self.stretches_title.setToolTip(
            "Connected boundary further off than the tolerance, by length times distance. "
            "Click one, or press S for the next."
        )
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(4)
        keeps = self.busy.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.busy.setSizePolicy(keeps)
        self.busy.setToolTip("Measuring the boundaries of this sample")
        self.busy.hide()
        for button in (self.band, self.use, self.measure_layers):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        buttons = QHBoxLayout()
        buttons.addWidget(self.band, 1)
        buttons.addWidget(self.use, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(3)
        for widget in (self.title, self.form.layers.native, self.measure_layers):
            column.addWidget(widget)
        column.addWidget(self.form.choices.native)
        column.addWidget(self.busy)
        column.addWidget(self.curve)
        column.addLayout(buttons)
        column.addWidget(self.status)
        column.addWidget(self.words)
        column.addWidget(self.offsets)
        column.addWidget(self.legend)
        column.addWidget(self.table, 2)
        column.addWidget(self.stretches_title)
        column.addWidget(self.stretches, 3)
