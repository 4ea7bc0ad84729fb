"""The agreement dock: who agrees with whom, where, and is it the model or the labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import napari.viewer
from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QFrame,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ..agreement import Agreement, Triage, WrittenConsensus, agree, write_consensus
from ..agreement.writing import planned_folder
from ..dataset import Dataset
from ..errors import AuditError
from .agreement_layers import PAIR, VOTES, AgreementLayers
from .agreement_maps import SampleMap, pair_map, vote_map, voters
from .agreement_panel import AgreementPanel
from .agreement_words import Stop, pair_scores, pair_words, triage_ranks
from .asking_files import ask_folder
from .dock_life import DockLife
from .items import Pair
from .long_work import LongWork
from .map_runner import MapRunner
from .modes import Mode
from .outlines import neighbourhood
from .pair_legend import pair_content
from .rooms import enter_room, leave_room
from .sample_view import Region
from .worker import Jobs

_START = "Open a dataset with masks of several annotators, here or in the review dock."
_READY = "Compares all sources pair by pair, and says what that means."


_HIDDEN = (
    "The names of sources are hidden in the review, and everything here would tell them. "
    "Show the names again (review dock, ⋯) to compare everyone."
)


class AgreementDock(QScrollArea):
    """Compare all sources of the dataset under review.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose review it joins.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._is_released = False
        self.room = enter_room(viewer, self)
        self.agreement: Agreement | None = None
        self._dataset: Dataset | None = None
        self._pair: Pair | None = None
        self._wanted: Stop | None = None
        self._jobs = Jobs(workers=2)
        self._layers = AgreementLayers(viewer)
        self._maps = MapRunner(self.room, self._jobs, self._no_map)
        self.open = QPushButton("Open a folder…")
        self.hidden = QLabel(_HIDDEN)
        self.panel = AgreementPanel()
        self._work = LongWork(self._jobs, self.panel, self._gave_up)
        self._lay_out()
        self._connect()
        self._life = DockLife(self, self.release)
        self._opened()

    # -- verbs -----------------------------------------------------------------------------------

    def compare_everyone(self) -> None:
        """Compare all sources beside the main thread."""
        dataset = self.room.dataset
        if dataset is None:
            self._fail_text("No dataset is open: open a folder first.")
            return
        if not self._work.is_running:
            self._work.start(
                "comparing",
                len(dataset.samples),
                lambda progress, stop: agree(dataset, progress=progress, should_stop=stop),
                self._agreed,
            )

    def cancel(self) -> None:
        """Stop comparing or writing."""
        if self._work.cancel():
            self._say("Cancelled.")

    def choose_pair(self, first: str, second: str) -> None:
        """Queue by the disagreement of a pair, and outline both on the current sample."""
        agreement = self.agreement
        if agreement is None:
            return
        class_id = self.panel.class_id
        scores = pair_scores(agreement, (first, second), class_id)
        self.show_pair((first, second))
        if not scores:
            self._say(f"{first} and {second}: no sample to queue by")
            return
        words = None if class_id is None else self.room.looks.name(class_id)
        self.room.rank(pair_words(first, second, words), scores)
        self._say(f"queue: {pair_words(first, second, words)}, lowest IoU first")

    def choose_order(self, triage: Triage, first: str) -> None:
        """Queue the labels' faults first, or the model's, and show model and reference."""
        self.show_pair((triage.reference, triage.model))
        self.room.rank(f"{first} first ({triage.model})", triage_ranks(triage, first))
        self._say(f"queue: {first} first")

    def show_pair(self, pair: Pair | None) -> None:
        """Outline two masks: as the review's comparison where it is one, else in a layer."""
        room = self.room
        known = () if room.dataset is None else room.dataset.comparisons()
        compared = next((p for p in known if pair is not None and set(p) == set(pair)), None)
        self._pair = pair if compared is None else None
        self.panel.table.mark(pair)
        if compared is None:
            self._refresh_pair()
            return
        self._stop_pair()
        room.compare(compared)
        if room.layers.mode is not Mode.OVERLAY:
            room.seeing.set_mode(Mode.OVERLAY)

    def walk_to(self, stop: Stop) -> None:
        """Go to a place, and show the masks that differ there."""
        session = self.room.session
        if session is None:
            return
        self._wanted = stop
        self.show_pair(stop.pair)
        self.room.attempt(lambda: session.go_to(stop.place.sample))
        self._arrive()
        self._say(stop.words)

    def show_votes(self, on: bool = True) -> None:
        """Lay the votes over the sample, or take them off."""
        if on:
            self._refresh_votes()
        else:
            self._maps.forget(VOTES)
            self._layers.remove(VOTES)

    def ask_consensus(self) -> None:
        """Say where the consensus will be, and write it if the user agrees."""
        dataset = self.room.dataset
        if dataset is None:
            self._fail_text("No dataset is open: open a folder first.")
            return
        method = self.panel.method.currentData()
        folder = planned_folder(dataset, method)
        text = (
            f"The consensus ({self.panel.method.currentText()}) of all annotators, "
            f"{len(dataset.samples)} samples, will be written as the new source\n\n"
            f"{folder.name}\n\nin the new folder\n\n{folder}\n\n"
            "No file that exists is changed or written over."
        )
        if not self._work.is_running and self.confirm(text):
            self.write_consensus(method)

    def write_consensus(self, method: Any) -> None:
        """Write a consensus as a new source, beside the main thread."""
        dataset = self.room.dataset
        assert dataset is not None
        self._work.start(
            "writing",
            len(dataset.samples),
            lambda progress, stop: write_consensus(
                dataset, method, progress=progress, should_stop=stop
            ),
            self._wrote,
        )

    def confirm(self, text: str) -> bool:
        """Ask before something is written."""
        yes, no = QMessageBox.StandardButton.Save, QMessageBox.StandardButton.Cancel
        return QMessageBox.question(self, "Write the consensus", text, yes | no, no) == yes

    # -- from the worker -------------------------------------------------------------------------

    def _agreed(self, agreement: Agreement) -> None:
        self.agreement = agreement
        self.panel.show_agreement(agreement, self.room.looks.name)

    def _wrote(self, written: WrittenConsensus) -> None:
        text = (
            f"{len(written.files)} masks of the new source {written.source} are in "
            f"{written.folder}. Open the dataset again to compare it."
        )
        if written.problems:
            text += f" {len(written.problems)} samples have none: {written.problems[0].message}"
        self._say(text)
        show_info(text)

    def _gave_up(self, error: AuditError) -> None:
        self._fail_text(str(error))

    # -- maps over the current sample ------------------------------------------------------------

    def _refresh_pair(self) -> None:
        pair = self._pair
        self.panel.legend.show_pair(pair)
        if pair is None:
            self._stop_pair()
            return
        self._layers.hide_review()
        self.room.seeing.canvas_legend.show_instead(pair_content(pair))
        self._maps.run(
            PAIR, pair, lambda data, sample: pair_map(data, sample, pair), self._layers.show_pair
        )

    def _stop_pair(self) -> None:
        """Show again what the review compares."""
        self._pair = None
        self._maps.forget(PAIR)
        self.panel.legend.show_pair(None)
        self.room.seeing.canvas_legend.show_instead(None)
        if self._layers.has(PAIR):
            self._layers.remove(PAIR)
            self.room.layers.set_mode(self.room.layers.mode)

    def _refresh_votes(self, _index: int = 0) -> None:
        if self.panel.votes.isChecked():
            kind = self.panel.vote_kind.currentData()
            self._maps.run(
                VOTES, kind, lambda data, sample: vote_map(data, sample, kind), self._show_votes
            )

    def _show_votes(self, found: SampleMap) -> None:
        self._layers.show_votes(found)
        self.panel.show_vote_ends(*found.ends)

    def _no_map(self, role: str, error: AuditError) -> None:
        """Somebody has no mask of this sample: no reason for a popup at every such sample."""
        self._layers.hide(role)
        self._say(f"⚠ {error.message}")

    # -- from the room to the widgets ------------------------------------------------------------

    def _opened(self) -> None:
        """Another dataset: nothing of the last one may stay."""
        room, panel = self.room, self.panel
        self._pair_changed()
        self.open.setVisible(room.dataset is None)
        if room.dataset is self._dataset and room.dataset is not None:
            return
        self._dataset, self.agreement = room.dataset, None
        self.cancel()
        for role in (PAIR, VOTES):
            self._maps.forget(role)
        self._pair = self._wanted = None
        self._layers.release()
        panel.legend.show_pair(None)
        panel.table.mark(None)
        panel.show_agreement(None, str)
        panel.votes.setChecked(False)
        self._enable(room.dataset)
        panel.status.setText(_START if room.dataset is None else _READY)

    def _enable(self, dataset: Dataset | None) -> None:
        panel = self.panel
        panel.compare.setEnabled(dataset is not None)
        has_votes = dataset is not None and dataset.task != "instance" and len(voters(dataset)) > 1
        for widget in (panel.votes, panel.vote_kind, panel.method, panel.write):
            widget.setEnabled(has_votes)

    def _view_changed(self) -> None:
        """Another sample is on the canvas, or on its way."""
        if self.room.view is None:
            for role in (PAIR, VOTES):
                self._maps.forget(role)
                self._layers.hide(role)
            return
        if self._pair is not None:
            self._refresh_pair()
        self._refresh_votes()
        self._arrive()

    def _pair_changed(self) -> None:
        """Other sources are compared, or their names are hidden now: then nothing here may tell."""
        self._review_shows()
        hidden = self.room.names.are_hidden
        if hidden:
            self.panel.votes.setChecked(False)
        self.hidden.setVisible(hidden)
        self.panel.setVisible(not hidden)

    def _review_shows(self) -> None:
        """The user chose in the review what to see: that counts."""
        if self._pair is not None:
            self._stop_pair()

    def _arrive(self) -> None:
        """Move to the wanted place once its sample is on the canvas."""
        stop, view = self._wanted, self.room.view
        if stop is None or view is None or view.sample != stop.place.sample:
            return
        self._wanted = None
        place = stop.place
        box = tuple(slice(a, b) for a, b in zip(place.start, place.stop, strict=True))
        region = Region(0, 0, place.pixels, box, place.point)
        if len(view.shape) == len(box):
            self.room.layers.focus(neighbourhood(region, view.shape), place.point)

    def _ask_folder(self) -> None:
        ask_folder(self.room, self)

    def _say(self, text: str) -> None:
        self.panel.status.setText(text)

    def _room_failed(self, error: AuditError) -> None:
        self._say(f"⚠ {error.message}")

    def _fail_text(self, text: str) -> None:
        self._say(f"⚠ {text}")
        show_error(text)

    # -- coming and going ------------------------------------------------------------------------

    def release(self) -> None:
        """Stop the threads, take the layers out, and leave the room."""
        if self._is_released:
            return
        self._is_released = True
        for signal, slot in self._room_slots():
            signal.disconnect(slot)
        self._jobs.close()
        self._life.end()
        self._stop_pair()
        self._layers.release()
        leave_room(self._viewer, self)

    def sizeHint(self) -> QSize:
        """Narrow, so that the canvas stays the largest thing on a small screen."""
        return QSize(380, 600)

    # -- making ----------------------------------------------------------------------------------

    def _room_slots(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        room = self.room
        return (
            (room.opened, self._opened),
            (room.view_changed, self._view_changed),
            (room.pair_changed, self._pair_changed),
            (room.seeing.chosen, self._review_shows),
            (room.failed, self._room_failed),
        )

    def _connect(self) -> None:
        for signal, slot in self._room_slots():
            signal.connect(slot)
        panel = self.panel
        self.open.clicked.connect(self._ask_folder)
        panel.compare.clicked.connect(self.compare_everyone)
        panel.cancel.clicked.connect(self.cancel)
        panel.pair_chosen.connect(self.choose_pair)
        panel.stop_chosen.connect(self.walk_to)
        panel.order_chosen.connect(self.choose_order)
        panel.legend.ended.connect(self._stop_pair)
        panel.votes.toggled.connect(self.show_votes)
        panel.vote_kind.activated.connect(self._refresh_votes)
        panel.write.clicked.connect(self.ask_consensus)

    def _lay_out(self) -> None:
        self.open.setToolTip("Open a dataset folder; all docks of this window show it")
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.open)
        self.hidden.setWordWrap(True)
        self.hidden.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.hidden.hide()
        column.addWidget(self.hidden)
        column.addWidget(self.panel, 1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(340)
