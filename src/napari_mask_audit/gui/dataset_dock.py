"""The dataset dock: how far a project is, flaws of its masks, labels to look at first.

Everything it does runs beside the main thread, can be cancelled, and asks before it writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import napari.viewer
from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QFileDialog, QFrame, QMessageBox, QScrollArea

from ..baseline import Baseline, train_baseline
from ..checklist import BASELINE_SOURCE
from ..checks import FixResult, fix
from ..dataset import Dataset
from ..errors import AuditError
from ..review.queue import Order, OrderKind
from ..suspects import Suspects, find_suspects
from .asking_files import ask_export, ask_folder, ask_report
from .dataset_panel import DatasetPanel
from .dataset_words import (
    Checked,
    Spot,
    check,
    checklist_lines,
    first_open,
    lint_spots,
    middle_of,
    queue_scores,
    suspect_spots,
    without_command,
)
from .dock_life import DockLife
from .outlines import neighbourhood
from .rooms import enter_room, leave_room
from .sample_view import Region
from .worker import Job, Jobs

#: What the queue calls its order by suspicion.
SUSPICION = "suspicious labels"
_SAY_EVERY_S = 0.1
_NO_DATASET = "No dataset is open: open a folder first."
_HIDDEN = "Names are hidden: lint and suspicions would give them away (⋯ in the review dock)."


class DatasetDock(QScrollArea):
    """Check the dataset under review.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose dataset it is.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._is_released = False
        self.room = enter_room(viewer, self)
        self.checked: Checked | None = None
        self.suspects: Suspects | None = None
        self._dataset: Dataset | None = None
        self._wanted: Spot | None = None
        self._jobs = Jobs(workers=1)
        self._job: Job | None = None
        self.panel = DatasetPanel()
        self.setWidget(self.panel)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(320)
        self._connect()
        self._life = DockLife(self, self.release)
        self._opened()

    def sizeHint(self) -> QSize:
        """Narrow, so that the canvas stays the largest thing on a small screen."""
        return QSize(380, 560)

    # -- verbs -----------------------------------------------------------------------------------

    def check(self) -> None:
        """Lint all masks and fill in the checklist."""
        dataset, room = self.room.dataset, self.room
        if dataset is None:
            self._fail_text(_NO_DATASET)
            return
        running = room.audit
        measured = running if running is not None and running.is_complete else None
        session = room.session
        reviews = None if session is None else session.store

        def work(hooks: dict[str, Any]) -> Checked:
            result = None if measured is None else measured.result()
            return check(dataset, result, reviews, **hooks)

        self._run("checking", work, self._checked)

    def find_suspects(self) -> None:
        """Rank the labels, and sort the queue of the review by it."""
        dataset = self.room.dataset
        if dataset is None:
            self._fail_text(_NO_DATASET)
            return
        linted = None if self.checked is None else self.checked.linted
        self._run(
            "looking for suspicious labels",
            lambda hooks: find_suspects(dataset, linted=linted, **hooks),
            self._found,
        )

    def ask_baseline(self) -> None:
        """Say what will be written, and train if the user agrees."""
        dataset = self.room.dataset
        if dataset is None:
            self._fail_text(_NO_DATASET)
            return
        folder = dataset.root / "masks" / BASELINE_SOURCE
        text = (
            f"A small pixel classifier will be trained on the labels of {dataset.name}. No sample "
            f"is predicted by a forest that saw it. Its masks will be the new source\n\n"
            f"{BASELINE_SOURCE}\n\nin the folder\n\n{folder}\n\nNo other mask is changed. It takes "
            "about half a second per sample and more for large ones."
        )
        if not self._is_busy() and self.confirm("Train a baseline", text):
            self._run("training", lambda hooks: train_baseline(dataset, **hooks), self._trained)

    def ask_fix(self) -> None:
        """Ask where to, and write corrected copies there."""
        dataset = self.room.dataset
        if dataset is None or self._is_busy():
            return
        parent = QFileDialog.getExistingDirectory(self, "A folder for the corrected copies")
        if parent:
            self.fix_into(Path(parent))

    def fix_into(self, parent: Path) -> None:
        """Write corrected copies to a new folder in ``parent``, if the user agrees."""
        dataset = self.room.dataset
        assert dataset is not None
        folder = parent / f"{dataset.name}-corrected"
        text = (
            "Copies of the masks without specks and pinholes (and other flaws whose correction "
            f"needs no judgement) will be written to the new folder\n\n{folder}\n\n"
            "The masks themselves stay as they are."
        )
        if self.confirm("Write corrected copies", text):
            self._run("correcting", lambda hooks: fix(dataset, folder, **hooks), self._fixed)

    def do_next(self) -> None:
        """Do the next step of the checklist."""
        key = None if self.checked is None else first_open(self.checked.state)
        if key == "baseline":
            self.ask_baseline()
        elif key in ("quality", "buckets") and self.room.session is not None:
            kind = OrderKind.RANDOM if key == "quality" else OrderKind.WORST_FIRST
            session = self.room.session
            self.room.attempt(lambda: session.set_order(Order(kind)))
            self._say(f"the queue is now in the order: {kind.value.replace('_', ' ')}")

    def walk_to(self, spot: Spot) -> None:
        """Go to the sample of a line, and to the place in it."""
        session = self.room.session
        if session is None or spot.sample is None:
            return
        self._wanted = spot
        self.room.attempt(lambda: session.go_to(str(spot.sample)))
        self._arrive()
        self._say(spot.words)

    def cancel(self) -> None:
        """Stop what is being done."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._say("Cancelled.")
        self.panel.set_busy("")

    def confirm(self, title: str, text: str) -> bool:
        """Ask before something is written."""
        yes, no = QMessageBox.StandardButton.Save, QMessageBox.StandardButton.Cancel
        return QMessageBox.question(self, title, text, yes | no, no) == yes

    # -- from the worker -------------------------------------------------------------------------

    def _run(
        self,
        what: str,
        work: Callable[[dict[str, Any]], Any],
        done: Callable[[Any], None],
    ) -> None:
        """Do something beside the main thread, with its progress in the bar."""
        if self._is_busy():
            return
        jobs, panel = self._jobs, self.panel
        panel.set_busy(f"{what} …")

        def start(job: Job) -> Any:
            said = 0.0

            def progress(count: int, total: int, _name: str) -> None:
                nonlocal said
                if time.monotonic() - said >= _SAY_EVERY_S:
                    said = time.monotonic()
                    text = f"{what}: {count} of {total}"
                    jobs.deliver(job, lambda _: panel.set_busy(text, count, total), None)

            return work({"progress": progress, "should_stop": lambda: job.stopped})

        def finished(result: Any) -> None:
            self._job = None
            panel.set_busy("")
            done(result)

        self._job = jobs.run(start, finished, self._gave_up)

    def _checked(self, checked: Checked) -> None:
        self.checked = checked
        panel, state = self.panel, checked.state
        panel.steps.show_lines(checklist_lines(state))
        button = {
            "baseline": "Train it…",
            "quality": "Random order",
            "buckets": "Worst first",
        }.get(first_open(state) or "")
        if checked.linted.at_least("warning") and first_open(state) == "quality":
            button = None  # the flaws come first, and those are listed below
        panel.show_next(without_command(state.next_step), button)
        fixable = sum(finding.rule.fixable for finding in checked.linted.findings)
        panel.show_summary(checked.linted.summary, fixable=fixable)
        panel.flaws.show_stops(lint_spots(checked.linted))
        panel.sections[1].set_count(len(checked.linted.findings))
        self._say("")

    def _found(self, suspects: Suspects) -> None:
        self.suspects = suspects
        self.room.rank(SUSPICION, queue_scores(suspects))
        self.panel.suspects.show_stops(suspect_spots(suspects))
        number = len(suspects.suspicious)
        self.panel.sections[2].set_count(number)
        heard = ", ".join(witness.value for witness in suspects.witnesses)
        notes = "".join(f" {note}." for note in suspects.notes)
        self._say(
            f"{number} of {len(suspects.labels)} labels of {suspects.reference} are worth a look; "
            f"the queue has them first (heard: {heard}).{notes}"
        )

    def _trained(self, baseline: Baseline) -> None:
        dataset = self.room.dataset
        text = f"{len(baseline.samples)} masks of the new source {baseline.source} are written"
        show_info(text)
        if dataset is not None:
            self.room.open(dataset.folder)  # only then it is compared
        self._say(f"{text}; the dataset is opened again. Check it to see the next step.")

    def _fixed(self, result: FixResult) -> None:
        text = f"{len(result.fixed)} corrected copies written to {result.folder}"
        if result.problems:
            text += f"; {len(result.problems)} could not be: {result.problems[0].message}"
        show_info(text)
        self._say(text)

    def _gave_up(self, error: AuditError) -> None:
        self._job = None
        self.panel.set_busy("")
        self._fail_text(str(error))

    # -- from the room ---------------------------------------------------------------------------

    def _opened(self) -> None:
        """Another dataset: nothing of the last one may stay."""
        dataset, panel = self.room.dataset, self.panel
        self._names_changed()
        if dataset is self._dataset and dataset is not None:
            return
        self.cancel()
        self._dataset, self.checked, self.suspects, self._wanted = dataset, None, None, None
        panel.steps.show_lines(())
        panel.show_next("", None)
        panel.show_summary("", fixable=0)
        panel.flaws.show_stops(())
        panel.suspects.show_stops(())
        for section in panel.sections:
            section.set_count(None)
        for button in (panel.check, panel.rank, panel.train, panel.report, panel.export):
            button.setEnabled(dataset is not None)
        if dataset is None:
            panel.title.setText("No dataset is open")
            self._say("Open a folder of masks, or drop one on the window.")
            return
        sources = ", ".join(source.name for source in dataset.sources)
        panel.title.setText(f"{dataset.name}: {len(dataset.samples)} samples")
        panel.title.setToolTip(f"{dataset.folder}\nsources: {sources}")
        self._say("Check: lint all masks and see the next step.")

    def _names_changed(self) -> None:
        """Whoever judges blind must not read here whose mask has which flaw."""
        hidden = self.room.names.are_hidden
        for section in self.panel.sections:
            section.setVisible(not hidden)
        if hidden:
            self._say(_HIDDEN)

    def _arrive(self) -> None:
        """Move to the wanted place once its sample is on the canvas."""
        spot, view = self._wanted, self.room.view
        if spot is None or view is None or view.sample != spot.sample:
            return
        self._wanted = None
        if spot.box is None or len(spot.box) != len(view.shape):
            return
        middle = middle_of(spot.box)
        region = Region(0, 0, 1, tuple(slice(*side) for side in spot.box), middle)
        self.room.layers.focus(neighbourhood(region, view.shape), middle)

    # -- inside ----------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self.panel.status.say(text)

    def _fail_text(self, text: str) -> None:
        self._say(f"⚠ {text}")
        show_error(text)

    def _is_busy(self) -> bool:
        return self._job is not None and self._job.running

    # Methods, as PySide holds on to any other callable, and to the window it knows.

    def _ask_folder(self) -> None:
        ask_folder(self.room, self)

    def _ask_report(self) -> None:
        ask_report(self.room, self)

    def _ask_export(self) -> None:
        ask_export(self.room, self)

    def _connect(self) -> None:
        panel = self.panel
        panel.open.clicked.connect(self._ask_folder)
        panel.check.clicked.connect(self.check)
        panel.cancel.clicked.connect(self.cancel)
        panel.rank.clicked.connect(self.find_suspects)
        panel.train.clicked.connect(self.ask_baseline)
        panel.fix.clicked.connect(self.ask_fix)
        panel.do_next.clicked.connect(self.do_next)
        panel.report.clicked.connect(self._ask_report)
        panel.export.clicked.connect(self._ask_export)
        panel.flaws.wanted.connect(self.walk_to)
        panel.suspects.wanted.connect(self.walk_to)
        for signal, slot in self._slots():
            signal.connect(slot)

    def _slots(self) -> tuple[tuple[Any, Callable[..., None]], ...]:
        room = self.room
        return (
            (room.opened, self._opened),
            (room.view_changed, self._arrive),
            (room.pair_changed, self._names_changed),
        )

    def release(self) -> None:
        """Stop the threads; called when the dock goes away."""
        if self._is_released:
            return
        self._is_released = True
        for signal, slot in self._slots():
            signal.disconnect(slot)
        self._jobs.close()
        leave_room(self._viewer, self)
