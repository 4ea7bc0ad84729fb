"""The compare dock: scores of any two Labels layers that are open, without a dataset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import napari.layers
import napari.viewer
import numpy as np
from magicgui.widgets import CheckBox, ComboBox, Container, FloatSpinBox, LineEdit, create_widget
from napari.utils.notifications import show_error
from numpy.typing import NDArray
from qtpy.QtCore import QEvent, QSize
from qtpy.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ..errors import AuditError, SettingsError
from ..masks import canonical_labels
from ..scores import PairScores
from ..settings import Settings
from ..two_masks import compare
from .boundary_words import share_text
from .class_table import DICE, HD95, IOU, NAME, NSD, OFFSET, ClassTable
from .compare_overlay import CompareOverlay, pixels_of
from .confusion_list import ConfusionList
from .dock_life import DockLife
from .giving_way import spare_workers
from .legend import Legend
from .modes import ROLE
from .rooms import room_of
from .sample_view import overlay_codes
from .section import Section
from .worker import Job, Jobs

_HINTS = {
    "reference": "The Labels layer that is trusted",
    "candidate": "The Labels layer that is judged",
    "background": "Ids without a row of their own, such as 0; leave empty to count every id",
    "ignore": "Reference pixels with these ids count nowhere, for example: 255, 11",
    "tolerance": "How far a boundary may be off and still count as right (NSD), in units of the "
    "layers' scale: pixels where that is 1",
    "convention": "How boundaries are cut into elements: surfel is weighted by their length, "
    "voxel counts border pixels. The numbers differ a little.",
    "overlay": "Show where the two differ, as a layer of its own",
}


@dataclass(frozen=True, eq=False)
class Compared:
    """The result: scores, the map of where the two differ, and the names of known classes."""

    scores: PairScores
    codes: NDArray[np.uint8]
    names: dict[int, str]


class CompareDock(QScrollArea):
    """Compare two Labels layers.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose layers can be chosen.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._jobs = Jobs(workers=1)
        self._job: Job | None = None
        self._overlay = CompareOverlay(viewer)
        self._is_released = False
        self._life = DockLife(self, self._release)
        self.reference: Any = create_widget(
            annotation=napari.layers.Labels, name="reference", label="reference"
        )
        self.candidate: Any = create_widget(
            annotation=napari.layers.Labels, name="candidate", label="candidate"
        )
        self.background = LineEdit(name="background", value="0")
        self.ignore = LineEdit(name="ignore", value="")
        self.tolerance = FloatSpinBox(name="tolerance", value=1.0, min=0.0, max=1e6, step=0.5)
        self.convention = ComboBox(name="convention", choices=["surfel", "voxel"])
        self.overlay = CheckBox(name="overlay", text="show the disagreement", value=True)
        self.form: Container[Any] = Container(
            widgets=[
                self.reference,
                self.candidate,
                self.background,
                self.ignore,
                self.tolerance,
                self.convention,
                self.overlay,
            ],
            labels=True,
        )
        self.button = QPushButton("Compare")
        self.summary = QLabel("Choose two Labels layers and press Compare.")
        self.table = ClassTable((NAME, IOU, DICE, NSD, HD95, OFFSET))
        self.confusion = ConfusionList()
        self.confused = Section(
            "Confused classes", self.confusion, "Which class is called what, and on how many pixels"
        )
        self._lay_out()
        self.button.clicked.connect(self.compare)
        self.overlay.changed.connect(self._overlay.set_visible)

    def reset_choices(self, _event: Any = None) -> None:
        """Offer the layers there are now; napari calls this when layers come and go."""
        if self._is_released:
            return
        for choice in (self.reference, self.candidate):
            choice.reset_choices()
        others = [layer for layer in self.candidate.choices if layer is not self.reference.value]
        if others and self.candidate.value is self.reference.value:
            self.candidate.value = others[0]

    def compare(self) -> None:
        """Compare the chosen layers beside the main thread."""
        reference, candidate = self.reference.value, self.candidate.value
        if reference is None or candidate is None:
            self._fail(
                SettingsError("bad-setting", "choose two Labels layers; open or add them first.")
            )
            return
        try:
            settings = Settings(
                tolerances=(self.tolerance.value,), convention=self.convention.value
            )
            background, ignore = read_ids(self.background.value), read_ids(self.ignore.value)
        except AuditError as error:
            self._fail(error)
            return
        if self._job is not None:
            self._job.cancel()
        first, second = pixels_of(reference), pixels_of(candidate)
        spacing = tuple(float(s) for s in reference.scale)
        names = self._class_names(reference, candidate)
        self.button.setEnabled(False)
        self.summary.setText("comparing …")

        def work(_job: Job) -> Compared:
            masks = [canonical_labels(np.array(pixels)) for pixels in (first, second)]
            scores = compare(
                masks[0],
                masks[1],
                class_names={i: n for i, n in names.items() if i not in background},
                ignore=[*ignore, *background[1:]],
                background=background[0] if background else None,
                spacing=spacing,
                settings=settings,
                workers=spare_workers(),
            )
            return Compared(scores, overlay_codes(masks[0], masks[1], frozenset(ignore)), names)

        self._job = self._jobs.run(
            work, lambda compared: self._show(compared, reference, settings), self._fail
        )

    def release(self) -> None:
        """Stop the threads."""
        self._life.end()

    def _release(self) -> None:
        self._is_released = True
        self._jobs.close()

    def event(self, event: QEvent) -> bool:
        """Offer the layers there are once it is in a window."""
        if event.type() == QEvent.Type.ParentChange and self.parentWidget() is not None:
            self.reset_choices()
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Narrow, so that the canvas stays the largest thing on a small screen."""
        return QSize(380, 560)

    # -- inside ----------------------------------------------------------------------------------

    def _show(self, compared: Compared, like: Any, settings: Settings) -> None:
        scores = compared.scores
        self.button.setEnabled(True)
        self.table.show_scores(scores)
        count = len(scores.ious)
        classes = f"{count} class{'es' if count != 1 else ''}"
        self.summary.setText(
            f"mean IoU {share_text(scores.mean_iou)} over {classes}, "
            f"{scores.valid_pixels:,} pixels counted; NSD at {settings.tolerances[0]:g}, "
            f"boundaries by {settings.convention}; pixel accuracy "
            f"{share_text(scores.pixel_accuracy)}"
        )
        names = compared.names | {row.id: row.name for row in scores.classes}
        self.confused.set_count(self.confusion.show_matrix(scores.confusion, names))
        self._overlay.show(compared.codes, like)
        self._overlay.set_visible(self.overlay.value)

    def _fail(self, error: AuditError) -> None:
        self.button.setEnabled(True)
        self.summary.setText(f"⚠ {error.message}")
        show_error(str(error))

    def _class_names(self, *layers: Any) -> dict[int, str]:
        """Names of the classes where the layers are those under review."""
        room = room_of(self._viewer)
        if room is None or room.dataset is None:
            return {}
        if not all(ROLE in layer.metadata for layer in layers):
            return {}
        return {info.id: info.name for info in room.dataset.declared_classes.values()}

    def _lay_out(self) -> None:
        for name, hint in _HINTS.items():
            getattr(self, name).tooltip = hint
        self.button.setToolTip("Compare the two layers; napari stays usable meanwhile")
        self.summary.setWordWrap(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(4)
        column.addWidget(self.form.native)
        column.addWidget(self.button)
        column.addWidget(self.summary)
        column.addWidget(self.table, 1)
        column.addWidget(self.confused)
        column.addWidget(Legend())
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumWidth(320)


def read_ids(text: str) -> list[int]:
    """Ids from a field: whole numbers with commas or spaces between.

    Raises
    ------
    SettingsError
        ``bad-setting``.

    Examples
    --------
    >>> read_ids("255, 11 3"), read_ids("")
    ([255, 11, 3], [])
    """
    words = [word for word in re.split(r"[,;\s]+", text.strip()) if word]
    if not all(re.fullmatch(r"-?\d+", word) for word in words):
        raise SettingsError("bad-setting", f"ids are whole numbers such as 0, 255, not {text!r}.")
    return [int(word) for word in words]
