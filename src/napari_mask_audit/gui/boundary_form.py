"""The form of the boundary dock: which layers, which class, which tolerance and convention."""

from __future__ import annotations

from typing import Any

import napari.layers
from magicgui.widgets import ComboBox, Container, FloatSlider, FloatSpinBox, LineEdit, create_widget

from ..boundaries import Convention
from .boundary_desk import BoundaryDesk

_ALL = -1
_HINTS = {
    "reference": "The Labels layer that is trusted",
    "candidate": "The Labels layer that is judged",
    "background": "Ids without a row of their own, such as 0; leave empty to measure every id",
    "ignore": "Reference pixels with these ids count nowhere, for example: 255, 11",
    "class_": "Whose boundary the curve, the offsets and the stretches are about. All classes "
    "together count every boundary once for each class beside it.",
    "convention": "How boundaries are cut into elements: surfel is weighted by their length, "
    "voxel counts border pixels. The numbers differ a little.",
    "tolerance": "How far a boundary may be off and still count as right",
    "slider": "How far a boundary may be off and still count as right; beyond the end of the "
    "slider, type it beside",
}


class BoundaryForm:
    """The form, a magicgui container in two parts.

    It changes nothing itself: it calls the desk and is set anew from it.

    Parameters
    ----------
    desk : BoundaryDesk
        What the choices are for.
    """

    def __init__(self, desk: BoundaryDesk) -> None:
        self._desk = desk
        labels = napari.layers.Labels
        self.reference: Any = create_widget(annotation=labels, name="reference")
        self.candidate: Any = create_widget(annotation=labels, name="candidate")
        self.background = LineEdit(name="background", value="0")
        self.ignore = LineEdit(name="ignore", value="")
        self.class_ = ComboBox(name="class_", choices=[("all classes", _ALL)])
        self.convention = ComboBox(name="convention", choices=["surfel", "voxel"])
        self.slider = FloatSlider(
            name="slider", label="tolerance", min=0, max=5, step=0.01, value=1, readout=False
        )
        self.tolerance = FloatSpinBox(name="tolerance", min=0, max=1e6, step=0.5, value=1)
        # Two layers are chosen only where no dataset says what is compared.
        self.layers: Container[Any] = Container(
            widgets=[self.reference, self.candidate, self.background, self.ignore], labels=True
        )
        row: Container[Any] = Container(
            widgets=[self.slider, self.tolerance],
            layout="horizontal",
            labels=False,
            label="tolerance",
        )
        below: Container[Any] = Container(
            widgets=[self.class_, self.convention], layout="horizontal", labels=False, label="class"
        )
        self.choices: Container[Any] = Container(widgets=[row, below], labels=True)
        for container in (self.layers, row, below, self.choices):
            container.margins = (0, 0, 0, 0)
        for name, hint in _HINTS.items():
            getattr(self, name).tooltip = hint
        self.slider.native.setToolTip(_HINTS["slider"])
        self.tolerance.native.setMaximumWidth(110)
        self.convention.native.setMaximumWidth(90)
        self.class_.changed.connect(self._choose_class)
        self.convention.changed.connect(self._choose_convention)
        self.slider.changed.connect(self._slide)
        self.tolerance.changed.connect(desk.set_tolerance)
        desk.measured.connect(self.show_classes)
        desk.class_changed.connect(self.show_class)
        desk.tolerance_changed.connect(self.show_tolerance)
        desk.convention_changed.connect(self.show_convention)
        self.show_tolerance()

    def reset_layers(self) -> None:
        """Offer the layers there are now."""
        for choice in (self.reference, self.candidate):
            choice.reset_choices()
        others = [layer for layer in self.candidate.choices if layer is not self.reference.value]
        if others and self.candidate.value is self.reference.value:
            self.candidate.value = others[0]

    def show_classes(self) -> None:
        """Offer the classes of the pair, and let the slider reach as far as its boundaries do."""
        view = self._desk.view
        if view is None:
            return
        names = [(view.names[i], i) for i in view.scores]
        choices = [("all classes", _ALL), *names]
        if list(self.class_.choices) != [value for _, value in choices]:
            with self.class_.changed.blocked():
                self.class_.choices = choices
        self.show_class()
        unit = view.subject.unit
        self.tolerance.native.setSuffix(f" {unit}")
        self.tolerance.step = view.pixel / 2

    def show_class(self) -> None:
        """Show which class is chosen."""
        value = _ALL if self._desk.class_id is None else self._desk.class_id
        if value in self.class_.choices and self.class_.value != value:
            with self.class_.changed.blocked():
                self.class_.value = value
        self._stretch_slider()

    def show_tolerance(self) -> None:
        """Show which tolerance is chosen, on the slider as well."""
        tolerance = self._desk.tolerance
        self._stretch_slider()
        if self.tolerance.value != tolerance:
            with self.tolerance.changed.blocked():
                self.tolerance.value = tolerance
        with self.slider.changed.blocked():
            self.slider.value = min(tolerance, self.slider.max)

    def show_convention(self) -> None:
        """Show which convention is chosen."""
        with self.convention.changed.blocked():
            self.convention.value = self._desk.convention

    def _stretch_slider(self) -> None:
        view = self._desk.view
        if view is None:
            return
        reach = view.reach(self._desk.class_id)
        if self.slider.max != reach:
            with self.slider.changed.blocked():
                self.slider.value = min(self._desk.tolerance, reach, self.slider.max)
                self.slider.max = reach
                self.slider.step = reach / 100
                self.slider.value = min(self._desk.tolerance, reach)

    def _slide(self, value: float) -> None:
        self._desk.set_tolerance(round(value, 6))

    def _choose_class(self, value: int | None) -> None:
        if value is not None:
            self._desk.set_class(None if value == _ALL else value)

    def _choose_convention(self, value: Convention) -> None:
        self._desk.set_convention(value)
