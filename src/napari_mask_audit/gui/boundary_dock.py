"""The boundary dock: how consistently boundaries are drawn, for the sample under review.

With a dataset open it follows the review of its viewer; without one it measures two Labels layers
that are chosen in the form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import napari.viewer
from napari.utils.notifications import show_error
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QApplication,
    QFrame,
    QScrollArea,
)

from ..agreement.observation import annotators_of
from ..dataset import Dataset
from ..errors import AuditError, SettingsError
from ..measuring import ClassRules
from ..settings import Settings
from .boundary_desk import BoundaryDesk
from .boundary_panel import BoundaryPanel
from .boundary_subject import settings_lines, subject_of
from .boundary_view import Subject
from .compare_dock import read_ids
from .compare_overlay import pixels_of
from .dock_life import DockLife
from .keys import Key, Keys
from .rooms import enter_room, leave_room
from .sample_view import SampleView
from .stretch_canvas import StretchCanvas
from .stretch_outlines import outline_stretch, window_of


class BoundaryDock(QScrollArea):
    """Boundaries of the sample under review, or of two Labels layers.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose sample or layers are measured.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._life = DockLife(self, self._release)
        self.room = enter_room(viewer, self)
        self.desk = BoundaryDesk()
        self._canvas = StretchCanvas(viewer)
        self._seen: SampleView | None = None
        self._dataset: Dataset | None = None
        self._has_drawn = False
        self._first_tolerance = self.desk.tolerance
        self.panel = BoundaryPanel(self.desk)
        self.keys = Keys(self)
        self._lay_out()
        self._connect()
        self.keys.set_keys(
            [
                Key("S", "next worst stretch of boundary", self.next_stretch),
                Key("Shift+S", "previous stretch", lambda: self.next_stretch(-1)),
            ]
        )
        self._opened()

    # -- verbs -----------------------------------------------------------------------------------

    def next_stretch(self, step: int = 1) -> None:
        """Go to the next (or another) of the worst stretches."""
        if not self.desk.next_stretch(step):
            self._say("there is no stretch of boundary to go to")

    def measure_chosen_layers(self) -> None:
        """Measure the two layers of the form."""
        form = self.panel.form
        reference, candidate = form.reference.value, form.candidate.value
        try:
            if reference is None or candidate is None:
                raise SettingsError(
                    "bad-setting", "choose two Labels layers; open or add them first."
                )
            background = read_ids(form.background.value)
            ignored = frozenset([*read_ids(form.ignore.value), *background[1:]])
            # A new view each time: what is painted since is another pair. The worker copies it.
            masks = [pixels_of(layer)[...] for layer in (reference, candidate)]
        except AuditError as error:
            self._fail(error)
            return
        rules = ClassRules(ignore_ids=ignored, background_id=background[0] if background else None)
        spacing = tuple(float(step) for step in reference.scale)
        self._canvas.follow(reference)
        self._measure(
            Subject(
                reference.name,
                masks[0],
                masks[1],
                (reference.name, candidate.name),
                rules,
                spacing,
                "px" if set(spacing) == {1.0} else "units",
                Settings(),
            )
        )

    def find_band(self) -> None:
        """Compare the annotators for the band in the curve, or stop that."""
        if self.desk.band_progress is not None:
            self.desk.stop_band()
        elif self._dataset is not None:
            self.desk.find_band(self._dataset)

    def copy_settings(self) -> None:
        """Put tolerance and convention on the clipboard, as lines for ``dataset.toml``."""
        QApplication.clipboard().setText(settings_lines(self._settings()))
        self._say(
            f"copied for dataset.toml: tolerance {self.desk.tolerance:g}, "
            f"{self.desk.convention}. Paste it there and open the dataset again; "
            "nothing was written."
        )

    def reset_choices(self, _event: Any = None) -> None:
        """Offer the layers there are now; napari calls this when layers come and go."""
        if self._dataset is None:
            self.panel.form.reset_layers()

    # -- from the room ---------------------------------------------------------------------------

    def _opened(self) -> None:
        """Another dataset is open, or none."""
        self._dataset = dataset = self.room.dataset
        self._seen = None
        self.panel.form.layers.visible = dataset is None
        self.panel.measure_layers.setVisible(dataset is None)
        self.panel.use.setVisible(dataset is not None)
        self.desk.keep_band_of(dataset)
        if dataset is None:
            self.panel.form.reset_layers()
            self.panel.table.color_of = None
            self.desk.measure(None)
        else:
            self.panel.table.color_of = self.room.looks.color
            self.desk.set_convention(dataset.settings.convention)
            self._first_tolerance = self.desk.tolerance
        people = () if dataset is None else annotators_of(dataset)
        self.panel.band.setVisible(len(people) > 1)
        self.panel.show_band()
        self._follow()

    def _follow(self) -> None:
        """Measure what the review shows."""
        view, dataset = self.room.view, self.room.dataset
        if dataset is not self._dataset or dataset is None:
            return
        if view is None:
            self._seen = None
            self.desk.measure(None)
        elif view is not self._seen:
            self._seen = view
            self._measure(subject_of(view, dataset))

    def _measure(self, subject: Subject | None) -> None:
        """Measure a pair; the tolerance stays, unless it is still the one to begin with."""
        if subject is not None:
            if self.desk.tolerance == self._first_tolerance:
                self.desk.set_tolerance(subject.tolerance)
            self._first_tolerance = subject.tolerance
        self.desk.measure(subject)

    # -- from the desk ---------------------------------------------------------------------------

    def _measured(self) -> None:
        desk = self.desk
        subject = desk.subject
        if subject is None:
            title = "no masks to measure" if self._seen is not None else "boundaries"
        else:
            reference, candidate = subject.sources
            of = f"{subject.name}: " if self._dataset is not None else ""
            title = f"{of}{reference} ▸ {candidate}"
        self.panel.show_subject(title, self._hint())

    def _hint(self) -> str:
        if self.desk.is_measuring:
            return "measuring the boundaries …"
        if self.desk.subject is None and self._dataset is None:
            return (
                "Choose two Labels layers and press Measure, or open a dataset in the review dock."
            )
        if self.desk.subject is None and self._seen is not None:
            return "This sample has no two masks of one size to compare."
        return ""

    def _show_stretch(self) -> None:
        desk = self.desk
        canvas: Any = self._canvas if self._dataset is None else self.room.layers
        if desk.view is None or desk.stretch is None:
            if self._has_drawn:
                canvas.clear_outlines()
            self._has_drawn = False
            return
        canvas.focus(window_of(desk.view, desk.stretch), desk.stretch.inside)
        canvas.show_outlines(outline_stretch(desk.view, desk.stretch))
        self._has_drawn = True

    def _say(self, text: str) -> None:
        self.panel.say(text)

    def _fail(self, error: AuditError) -> None:
        self.panel.busy.setVisible(False)
        self._say(f"⚠ {error.message}")
        show_error(str(error))

    # -- coming and going ------------------------------------------------------------------------

    def release(self) -> None:
        """Stop the threads and let go of viewer and room."""
        self._life.end()

    def _release(self) -> None:
        for signal, slot in self._room_slots():
            signal.disconnect(slot)
        self.keys.release()
        self.desk.close()
        self._canvas.release()
        leave_room(self._viewer, self)

    def _room_slots(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        room = self.room
        return (
            (room.opened, self._opened),
            (room.view_changed, self._follow),
            (room.pair_changed, self._follow),
            (room.preferring.changed, self.panel.table.refresh),
        )

    def _connect(self) -> None:
        for signal, slot in self._room_slots():
            signal.connect(slot)
        desk = self.desk
        for signal, slot in (
            (desk.measured, self._measured),
            (desk.stretch_changed, self._show_stretch),
            (desk.failed, self._fail),
        ):
            signal.connect(slot)
        self.panel.measure_layers.clicked.connect(self.measure_chosen_layers)
        self.panel.band.clicked.connect(self.find_band)
        self.panel.use.clicked.connect(self.copy_settings)

    def _settings(self) -> Settings:
        """The dataset's settings with the tolerance chosen here first."""
        given = Settings() if self._dataset is None else self._dataset.settings
        others = [t for t in given.tolerances[1:] if t != self.desk.tolerance]
        return replace(
            given,
            tolerances=(self.desk.tolerance, *others),
            convention=self.desk.convention,
        )

    def _lay_out(self) -> None:
        self.setWidget(self.panel)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(340)

    def sizeHint(self) -> QSize:
        """Narrow, so that the canvas stays the largest thing on a small screen."""
        return QSize(380, 640)
