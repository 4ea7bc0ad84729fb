"""Correcting a mask of the sample in view: on a copy, followed by the numbers, saved as a new file.

The room has one of these. It has no widgets: the panel (``correcting_panel.py``) calls its verbs
and redraws from its signals, and what must be asked is asked through :attr:`Correcting.ask`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal
from qtpy.QtCore import QTimer

from ..corrections import (
    Draft,
    Work,
    keep_draft,
    load_draft,
    remove_draft,
    save_correction,
)
from ..corrections.fingerprints import fingerprint_of
from ..corrections.repairs import Repair
from ..corrections.windows import Window
from ..corrections.writing import existing_corrections
from ..dataset import Dataset
from ..dataset.corrected import CORRECTED, with_correction
from ..errors import AuditError, DatasetError
from ..masks import LabelArray
from ..scores import PairScores
from .correction_layer import CorrectionLayer
from .explanation import Explanation, explain_measured, measure_view
from .layer_content import scale_of
from .live_view import LiveView
from .modes import Mode
from .one_click import OneClick
from .painting import Coloring
from .sample_view import SampleView
from .worker import Job, Jobs

if TYPE_CHECKING:
    from .room import ReviewRoom

# Painting is looked at so often at most; findings and drafts follow when the brush rests.
_LOOK_MS, _REST_MS, _DRAFT_MS = 20, 350, 1200


class Answer(Enum):
    """What a reviewer says when they are about to leave unsaved work."""

    SAVE = "save"
    DISCARD = "discard"
    STAY = "stay"


class Correcting:
    """The correction under way in a room, if there is one.

    Parameters
    ----------
    room : ReviewRoom
        What is open; its layers, findings and session are used.

    Attributes
    ----------
    ask : callable
        Asks before unsaved work is left; set by the dock. Without it, nothing is left unasked:
        the answer is to stay.
    agree : callable
        Asks whether a corrected mask that is there may become an earlier version.
    reason : str
        Why the mask is corrected, as far as written.
    changed
        Signal: a correction began, ended, was saved, has unsaved work or no longer.
    counted
        Signal: the scores follow the last stroke.
    updating_changed
        Signal: buckets and findings are being found anew, or are up to date.
    drafts_changed
        Signal: :attr:`draft` may be another one, or there is none any more.
    """

    changed = Signal()
    counted = Signal()
    updating_changed = Signal()
    drafts_changed = Signal()

    def __init__(self, room: ReviewRoom) -> None:
        self._room = room
        self._jobs = Jobs(workers=3)
        self.one_click = OneClick(room, self._jobs)
        self.ask: Callable[[], Answer] = _stay
        self.agree: Callable[[Path], bool] = _disagree
        self.live: LiveView | None = None
        self.layer: CorrectionLayer | None = None
        self.drafts: dict[str, Draft] = {}
        self.draft_kept_at: str | None = None
        self.reason = ""
        self.is_dirty = False
        self.is_saving = False
        self.is_updating = False
        self.scores: PairScores | None = None
        self._seen = (Mode.OVERLAY, Coloring.WHAT)
        self._saved: LabelArray | None = None
        self._starting: Job | None = None
        self._counting: Job | None = None
        self._explaining: Job | None = None
        self._drafting: Job | None = None
        self._look = _timer(_LOOK_MS, self._look_now)
        self._rest = _timer(_REST_MS, self._explain)
        self._keep = _timer(_DRAFT_MS, self._keep_draft)

    # -- what there is ---------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        """Whether a mask is being corrected."""
        return self.layer is not None

    @property
    def is_starting(self) -> bool:
        """Whether a correction is being prepared."""
        return self._starting is not None

    @property
    def draft(self) -> Draft | None:
        """The unsaved work that is kept of the sample in view."""
        session = self._room.session
        return None if session is None else self.drafts.get(session.current or "")

    @property
    def title(self) -> str:
        """What is being corrected, in words; empty when nothing is."""
        live = self.live
        if live is None:
            return ""
        return f"correcting {live.role} '{live.source}' of {live.sample}"

    @property
    def state(self) -> str:
        """How safe the work is, in a word or two."""
        if self.is_saving:
            return "saving…"
        if self.is_dirty:
            return "not saved"
        return "saved" if self._saved is not self._file_labels else "nothing changed"

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources whose mask of the current sample can be corrected, those in view first."""
        room = self._room
        if room.dataset is None or room.session is None or room.session.current is None:
            return ()
        masks = room.dataset.sample(room.session.current).masks
        pair = room.pair or ()
        shown = [name for name in reversed(pair) if name in masks]
        return (*shown, *(name for name in masks if name not in shown))

    # -- verbs -----------------------------------------------------------------------------------

    def start(self, source: str | None = None, draft: Draft | None = None) -> None:
        """Begin to correct a mask of the sample in view, or go on from a draft.

        Parameters
        ----------
        source : str, optional
            Which mask; the candidate's, or the only one, when not given.
        draft : Draft, optional
            Unsaved work to go on from.
        """
        room, view = self._room, self._room.view
        if self.is_active or self.is_starting:
            room.say("a correction is under way already: save or discard it first")
            return
        if view is None or room.dataset is None:
            room.say("the sample is still being read")
            return
        if room.names.are_hidden:
            room.say(
                "names are hidden: show them to correct, a correction says whose mask it is of"
            )
            return
        if source is None:
            source = self.sources[0] if self.sources else None
        if source is None or source not in self.sources:
            room.say("there is no mask to correct in this sample")
            return
        if view.pair is not None and source not in view.pair:
            if not self._bring_into_view(source):
                room.say(f"{source} is in no comparison, and so cannot be shown")
                return
            self._after_view(lambda: self.start(source, draft))
            return
        if self.draft is not None and draft is None:
            room.say("unsaved work on this sample is kept: go on with it, or throw it away first")
            self.drafts_changed.emit()
            return
        labels = view.candidate if view.pair and source == view.pair[1] else view.reference
        if labels is None:
            room.say(f"the mask of {source} cannot be read, and so not corrected")
            return
        dataset = room.dataset

        def work(_job: Job) -> tuple[LiveView, LabelArray]:
            begun = None if draft is None else load_draft(draft)
            if begun is not None and begun.shape != labels.shape:
                raise DatasetError(
                    "no-draft",
                    "the unsaved correction has another size than the mask has now; throw it "
                    "away, and begin the correction anew.",
                    sample=view.sample,
                )
            return LiveView(dataset, view, source, begun), labels

        self.reason = "" if draft is None else draft.reason
        self._starting = self._jobs.run(work, lambda made: self._begin(*made), self._not_begun)
        self.changed.emit()

    def stop(self) -> None:
        """End the correction; what is not saved is thrown away, the draft too."""
        if self.is_active:
            self._end(keeps_draft=False)
            self._room.show_again()

    def leave(self) -> None:
        """End the correction, after asking where there is unsaved work."""
        if self.may_leave():
            self.stop()

    def may_leave(self) -> bool:
        """Whether the sample may be left: asks where there is unsaved work.

        After *save* or *discard* the correction has ended when this returns.
        """
        if self._starting is not None:
            self._starting.cancel()
            self._starting = None
            self.changed.emit()
        if not self.is_active:
            return True
        self._look_now()
        if self.is_dirty or self.is_saving:
            answer = self.ask()
            if answer is Answer.STAY or (answer is Answer.SAVE and self.is_dirty):
                return False
        self._end(keeps_draft=False)
        return True

    def save(self, then: Callable[[bool], None] | None = None) -> None:
        """Write the corrected mask beside the main thread.

        Parameters
        ----------
        then : callable, optional
            Called once that is over; is told whether it is saved.
        """
        room, live, layer = self._room, self.live, self.layer
        told = then or (lambda _saved: None)
        if live is None or layer is None or room.dataset is None or room.session is None:
            return told(False)
        self._look_now()
        if not self.is_dirty:
            room.say("there is nothing to save")
            return told(True)
        dataset, session = room.dataset, room.session
        existing = existing_corrections(dataset, live.sample)
        if existing and not self.agree(existing[0]):
            room.say("not saved: the corrected mask that is there stays")
            return told(False)
        current = room.findings.current
        labels = live.labels.copy()
        work = Work(
            sample=live.sample,
            source=live.source,
            labels=labels,
            reviewer=session.reviewer,
            reason=self.reason,
            finding=None if current is None else current.id,
        )
        drafts, key = room.drafts_folder, session.store.dataset_key

        def write(_job: Job) -> Path:
            path, _ = save_correction(
                dataset,
                work,
                session.store.record_correction,
                drafts=drafts,
                dataset_key=key,
                replaces_earlier=bool(existing),
            )
            return path

        def done(path: Path) -> None:
            self._saving_is_over()
            self._saved = labels
            self.drafts.pop(live.sample, None)
            self._judge()
            self._end(keeps_draft=False)
            self._take_in(path, live.sample)
            told(True)

        def failed(error: AuditError) -> None:
            self._saving_is_over()
            self._keep_draft()
            room.fail(error)
            told(False)

        self._stop_drafting()
        self.is_saving = True
        layer.set_editable(False)
        self._jobs.run(write, done, failed)
        self.changed.emit()
        return None

    def apply(self, repair: Repair, what: str) -> None:
        """Change pixels of the mask in one undo step, and say so."""
        if self.layer is None or self.is_saving:
            return
        if not repair.pixels:
            self._room.say(f"{what}: nothing to change, the mask is like that already")
            return
        self.layer.apply(repair)
        self._look_now()
        self._room.say(f"{what}: {repair.pixels:,} px changed  (Ctrl+Z undoes)")

    def set_reason(self, text: str) -> None:
        """Why the mask is corrected."""
        if text != self.reason:
            self.reason = text
            if self.is_dirty:
                self._keep.start()

    # -- drafts ----------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Go on from the draft of the sample in view."""
        if self.draft is not None:
            self.start(self.draft.source, self.draft)

    def throw_away(self) -> None:
        """Remove the draft of the sample in view."""
        session = self._room.session
        if session is not None and session.current is not None:
            self._forget_draft(session.current)

    def _forget_draft(self, sample: str) -> None:
        draft = self.drafts.pop(sample, None)
        if draft is not None:
            self._jobs.run(lambda _job: remove_draft(draft), lambda _none: None, self._room.fail)
            self.drafts_changed.emit()

    # -- from the room ---------------------------------------------------------------------------

    def enter(self, drafts: Iterable[Draft]) -> None:
        """Another dataset is open, with this unsaved work from before."""
        self.drafts = {draft.sample: draft for draft in drafts}
        self.drafts_changed.emit()

    def close(self) -> None:
        """Stop everything; unsaved work stays as a draft."""
        if self.is_active:
            self._look_now()
            self._end(keeps_draft=True)
        self._jobs.close()
        self.ask, self.agree = _stay, _disagree

    # -- beginning and ending --------------------------------------------------------------------

    def _bring_into_view(self, source: str) -> bool:
        room = self._room
        assert room.dataset is not None
        pairs = [pair for pair in room.dataset.comparisons() if source in pair]
        mine = [pair for pair in pairs if room.pair is not None and pair[0] == room.pair[0]]
        if not pairs:
            return False
        room.compare((mine or pairs)[0])
        return True

    def _after_view(self, act: Callable[[], None]) -> None:
        """Do something once the next sample view is there."""
        room = self._room

        def arrived() -> None:
            if room.view is not None:
                room.view_changed.disconnect(arrived)
                act()

        if room.view is not None:
            act()
        else:
            room.view_changed.connect(arrived)

    def _begin(self, live: LiveView, file_labels: LabelArray) -> None:
        room = self._room
        self._starting = None
        session = room.session
        if session is None or session.current != live.sample:
            self.changed.emit()
            return
        self.live, self._saved = live, file_labels
        self._seen = (room.seeing.mode, room.seeing.coloring)
        shown = live.shown()
        room.seeing.set_mode(Mode.OVERLAY)
        room.seeing.color_by(Coloring.WHAT)
        self._show_layers()
        self.layer = CorrectionLayer(
            room.viewer,
            live.labels,
            name=f"correcting {live.role}: {live.source}",
            scale=scale_of(shown),
            colormap=room.layers.id_colors.colormap_for(self.palette_ids()),
            touched=self._touched,
        )
        self.scores = live.scores()
        self.one_click.forget()
        self._judge()
        self._explain()
        self.changed.emit()
        self.counted.emit()
        room.say(f"{self.title}: paint with napari's tools; the file stays as it is until you save")

    def _not_begun(self, error: AuditError) -> None:
        self._starting = None
        self._room.fail(error)
        self.changed.emit()

    def _end(self, *, keeps_draft: bool) -> None:
        layer, self.layer = self.layer, None
        for timer in (self._look, self._rest, self._keep):
            timer.stop()
        for job in (self._counting, self._explaining):
            if job is not None:
                job.cancel()
        self._counting = self._explaining = None
        if keeps_draft and self.is_dirty and self.live is not None:
            self._write_draft(self.live.labels.copy())
        elif not keeps_draft:
            self._stop_drafting()
            if self.live is not None:
                self._forget_draft(self.live.sample)
        self.live, self.scores, self._saved = None, None, None
        self.is_dirty = self.is_saving = self.is_updating = False
        self.draft_kept_at, self.reason = None, ""
        self.one_click.forget()
        if layer is not None:
            layer.remove()
        self._room.seeing.set_mode(self._seen[0])
        self._room.seeing.color_by(self._seen[1])
        self.changed.emit()

    def _saving_is_over(self) -> None:
        self.is_saving = False
        if self.layer is not None:
            self.layer.set_editable(True)
            self.layer.select()
        self.changed.emit()

    def _take_in(self, path: Path, sample: str) -> None:
        """The dataset has a corrected mask more."""
        room = self._room
        assert room.dataset is not None
        room.take_in(with_correction(room.dataset, sample, path), sample)
        room.say(f"saved {path.parent.name}/{path.name}; it is the source '{CORRECTED}' now")

    # -- following -------------------------------------------------------------------------------

    @property
    def _file_labels(self) -> LabelArray | None:
        return None if self.live is None else self.live.file_labels

    def palette_ids(self) -> frozenset[int]:
        """The ids to paint with: every class, the background, what is ignored, what is there."""
        dataset, live = self._room.dataset, self.live
        assert dataset is not None
        assert live is not None
        ids = live.shown().ids | set(dataset.declared_classes) | dataset.ignore_ids
        return ids if dataset.background_id is None else ids | {dataset.background_id}

    def _touched(self) -> None:
        if not self._look.isActive():
            self._look.start()

    def _look_now(self) -> None:
        """Bring numbers and overlay up to date with what was painted."""
        self._look.stop()
        live, layer = self.live, self.layer
        if live is None or layer is None:
            return
        if not layer.is_there:
            self._layer_is_gone()
            return
        if self._counting is not None:
            return  # what is painted meanwhile is found afterwards
        window, is_done = live.follow()
        if window is None:
            return
        if is_done:
            self._patch(window)
            self.scores = live.scores()
            self.counted.emit()
        else:
            labels = live.labels.copy()
            self._counting = self._jobs.run(
                lambda _job: live.recounted(labels), self._recounted, self._room.fail
            )
        self._judge()
        self._set_updating(True)
        self._rest.start()
        self._keep.start()

    def _patch(self, window: Window) -> None:
        live, layer = self.live, self.layer
        assert live is not None
        assert layer is not None
        if live.overlay is not None:
            touched, codes = live.overlay_patch(window)
            layer.patch_overlay(touched, codes, live.overlay)

    def _show_layers(self) -> None:
        """Let all layers show the arrays that change while somebody paints."""
        room, live = self._room, self.live
        if live is not None and room.dataset is not None:
            room.seeing.show(room.dataset, live.shown())
            if self.layer is not None:
                self.layer.select()

    def _recounted(self, counted: Any) -> None:
        self._counting = None
        live, layer = self.live, self.layer
        if live is None or layer is None:
            return
        live.take(counted)
        self._show_layers()
        self.scores = live.scores()
        self.counted.emit()
        self._look_now()

    def _judge(self) -> None:
        """Whether there is unsaved work."""
        live = self.live
        saved = self._saved
        dirty = live is not None and saved is not None and not np.array_equal(live.labels, saved)
        if dirty != self.is_dirty:
            self.is_dirty = dirty
            self.changed.emit()

    def _layer_is_gone(self) -> None:
        """Somebody has deleted the layer: its pixels are still here, so put it back."""
        live = self.live
        assert live is not None
        self._room.say("the layer of the correction was deleted; it is back, nothing is lost")
        self.layer = None
        self._begin(live, self._saved if self._saved is not None else live.file_labels)

    def _set_updating(self, updating: bool) -> None:
        if updating != self.is_updating:
            self.is_updating = updating
            self.updating_changed.emit()

    def explain_again(self) -> None:
        """The thresholds of the buckets are others."""
        if self.is_active:
            self._set_updating(True)
            self._rest.start()

    def _explain(self) -> None:
        """Find buckets and findings of the mask as it is now, beside the main thread."""
        room, live = self._room, self.live
        if live is None or room.dataset is None:
            return
        if self._explaining is not None or self._counting is not None:
            self._rest.start()  # one at a time: they cannot be interrupted
            return
        dataset, snapshot = room.dataset, live.snapshot()

        def done(found: Explanation | None) -> None:
            self._explaining = None
            if self.live is not live:
                return
            room.show_live(snapshot, found)
            if (room.seeing.mode, room.seeing.coloring) != (Mode.OVERLAY, Coloring.WHAT):
                self._show_layers()  # what follows every stroke is the usual overlay only
            if not self._rest.isActive():
                self._set_updating(False)

        def failed(error: AuditError) -> None:
            self._explaining = None
            self._set_updating(False)
            room.fail(error)

        self._set_updating(True)
        self._explaining = self._jobs.run(lambda _job: _explained(dataset, snapshot), done, failed)

    # -- drafts being kept -----------------------------------------------------------------------

    def _stop_drafting(self) -> None:
        self._keep.stop()
        job, self._drafting = self._drafting, None
        if job is not None:
            job.cancel()
            if job.future is not None and not job.future.cancelled():
                job.future.exception()  # a file is being written: let it be whole

    def _keep_draft(self) -> None:
        live = self.live
        if live is None or self.is_saving:
            return
        if self._drafting is not None:
            self._keep.start()
            return
        if not self.is_dirty:
            self.draft_kept_at = None
            self._forget_draft(live.sample)
            self.changed.emit()
            return
        labels = live.labels.copy()
        folder, draft = self._room.drafts_folder, self._new_draft()

        def done(kept: Draft) -> None:
            self._drafting = None
            self.drafts[kept.sample] = kept
            self.draft_kept_at = datetime.now().astimezone().strftime("%H:%M:%S")
            self.changed.emit()

        def failed(error: AuditError) -> None:
            self._drafting = None
            self.draft_kept_at = None
            self._room.fail(error)
            self.changed.emit()

        self._drafting = self._jobs.run(
            lambda _job: keep_draft(folder, draft(labels), labels), done, failed
        )

    def _write_draft(self, labels: LabelArray) -> None:
        """Keep a draft before this returns: the program may be about to end."""
        self._stop_drafting()
        try:
            kept = keep_draft(self._room.drafts_folder, self._new_draft()(labels), labels)
            self.drafts[kept.sample] = kept
        except AuditError as error:
            self._room.fail(error)

    def _new_draft(self) -> Callable[[LabelArray], Draft]:
        """Makes the draft of the correction as it is now from its labels, in a worker."""
        live, session = self.live, self._room.session
        assert live is not None
        assert session is not None
        make = partial(
            Draft,
            dataset_key=session.store.dataset_key,
            reviewer=session.reviewer,
            sample=live.sample,
            source=live.source,
            reason=self.reason,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        before = live.file_labels
        return lambda labels: make(before=fingerprint_of(before), after=fingerprint_of(labels))


def _explained(dataset: Dataset, view: SampleView) -> Explanation | None:
    measured = measure_view(dataset, view)
    return None if measured is None else explain_measured(dataset, measured)


def _stay() -> Answer:
    return Answer.STAY


def _disagree(_path: Path) -> bool:
    return False


def _timer(interval_ms: int, act: Callable[[], None]) -> QTimer:
    timer = QTimer()
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(act)
    return timer
