"""Correcting a mask of the sample in view: on a copy, followed by the numbers, saved as a new file.

The room has one of these. It has no widgets: the panel (``correcting_panel.py``) calls its verbs
and redraws from its signals, and what must be asked is asked through :attr:`Correcting.ask`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from ..corrections import Draft, Work, load_draft
from ..corrections.repairs import Repair
from ..dataset.corrected import CORRECTED, with_correction
from ..errors import AuditError, DatasetError
from ..masks import LabelArray
from ..scores import PairScores
from .correctable import after_view, bring_into_view, correctable_sources
from .correction_layer import CorrectionLayer
from .correction_saving import CorrectionSaving
from .draft_keeping import DraftKeeping
from .layer_content import scale_of
from .live_view import LiveView
from .modes import Mode
from .one_click import OneClick
from .painting import Coloring
from .stroke_following import StrokeFollowing
from .worker import Job, Jobs

if TYPE_CHECKING:
    from .room import ReviewRoom


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
    live : LiveView or None
        The masks of the sample, one of them being corrected.
    layer : CorrectionLayer or None
        Where it is painted; None where nothing is corrected.
    strokes : StrokeFollowing
        What follows the painting, and whether there is unsaved work.
    keeping : DraftKeeping
        The drafts of unsaved work.
    saving : CorrectionSaving
        Writes the file.
    one_click : OneClick
        Corrections that need no painting.
    reason : str
        Why the mask is corrected, as far as written.
    changed
        Signal: a correction began, ended, was saved or kept, has unsaved work or no longer.
    """

    changed = Signal()

    def __init__(self, room: ReviewRoom) -> None:
        self._room = room
        self._jobs = Jobs(workers=3)
        self.one_click = OneClick(room, self._jobs)
        self.strokes = StrokeFollowing(room, self._jobs)
        self.keeping = DraftKeeping(room, self._jobs)
        self.saving = CorrectionSaving(room, self._jobs)
        self.ask: Callable[[], Answer] = _stay
        self.live: LiveView | None = None
        self.layer: CorrectionLayer | None = None
        self.reason = ""
        self._seen = (Mode.OVERLAY, Coloring.WHAT)
        self._starting: Job | None = None
        self.strokes.judged.connect(self._tell)
        self.strokes.painted.connect(self.keeping.keep_soon)
        self.strokes.layer_gone.connect(self._put_layer_back)
        self.keeping.kept.connect(self._tell)

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
    def is_dirty(self) -> bool:
        """Whether there is unsaved work."""
        return self.strokes.is_dirty

    @property
    def is_saving(self) -> bool:
        """Whether the corrected mask is being written."""
        return self.saving.is_saving

    @property
    def scores(self) -> PairScores | None:
        """The scores after the last stroke."""
        return self.strokes.scores

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
        file_labels = None if self.live is None else self.live.file_labels
        return "saved" if self.strokes.saved is not file_labels else "nothing changed"

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources whose mask of the current sample can be corrected, those in view first."""
        return correctable_sources(self._room)

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
            if not bring_into_view(room, source):
                room.say(f"{source} is in no comparison, and so cannot be shown")
                return
            after_view(room, lambda: self.start(source, draft))
            return
        kept = self.keeping.draft
        if kept is not None and draft is None and kept.source != source:
            room.say(f"unsaved work on the mask of {kept.source} is kept: go on with it (E) first")
            self.keeping.drafts_changed.emit()
            return
        draft = draft or kept
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
        self.strokes.look_now()
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
        room, live = self._room, self.live
        told = then or (lambda _saved: None)
        if live is None or self.layer is None or room.dataset is None or room.session is None:
            return told(False)
        self.strokes.look_now()
        if not self.is_dirty:
            room.say("there is nothing to save")
            return told(True)
        current = room.findings.current
        work = Work(
            sample=live.sample,
            source=live.source,
            labels=live.labels.copy(),
            reviewer=room.session.reviewer,
            reason=self.reason,
            finding=None if current is None else current.id,
        )

        def over(result: Path | AuditError) -> None:
            is_left = self.live is not live
            self.changed.emit()
            if isinstance(result, AuditError):
                self.keeping.keep()
                room.fail(result)
            else:
                self._take_in(result, work, is_left=is_left)
            told(not isinstance(result, AuditError))

        if not self.saving.save(work, over):
            return told(False)
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
        self.strokes.look_now()
        self._room.say(f"{what}: {repair.pixels:,} px changed  (Ctrl+Z undoes)")

    def set_reason(self, text: str) -> None:
        """Why the mask is corrected."""
        if text != self.reason:
            self.reason = text
            if self.is_dirty:
                self.keeping.keep_soon()

    def go_on(self) -> None:
        """Go on from the draft of the sample in view."""
        draft = self.keeping.draft
        if draft is not None:
            self.start(draft.source, draft)

    # -- from the room ---------------------------------------------------------------------------

    def enter(self, drafts: Iterable[Draft]) -> None:
        """Another dataset is open, with this unsaved work from before."""
        self.keeping.enter(drafts)

    def explain_again(self) -> None:
        """The thresholds of the buckets are others."""
        if self.is_active:
            self.strokes.explain_soon()

    def close(self) -> None:
        """Stop everything; unsaved work stays as a draft."""
        if self.is_active:
            self.strokes.look_now()
            self._end(keeps_draft=True)
        self._jobs.close()
        self.ask = _stay
        self.saving.close()

    # -- beginning and ending --------------------------------------------------------------------

    def _begin(self, live: LiveView, saved: LabelArray) -> None:
        """Show the layer to paint in; ``saved`` is what the mask's file holds."""
        room = self._room
        self._starting = None
        session = room.session
        if session is None or session.current != live.sample:
            self.changed.emit()
            return
        self.live = live
        self._seen = (room.seeing.mode, room.seeing.coloring)
        shown = live.shown()
        room.seeing.set_mode(Mode.OVERLAY)
        room.seeing.color_by(Coloring.WHAT)
        self.strokes.show_layers()
        self.layer = CorrectionLayer(
            room.viewer,
            live.labels,
            name=f"correcting {live.role}: {live.source}",
            scale=scale_of(shown),
            colormap=room.layers.id_colors.colormap_for(live.palette_ids()),
            selected=live.first_id(),
            touched=self.strokes.touched,
        )
        self.one_click.forget()
        self.strokes.begin(saved)
        self.changed.emit()
        room.say(f"{self.title}: paint with napari's tools; the file stays as it is until you save")

    def _not_begun(self, error: AuditError) -> None:
        self._starting = None
        self._room.fail(error)
        self.changed.emit()

    def _put_layer_back(self) -> None:
        """Somebody has deleted the layer: its pixels are still here, so put it back."""
        live, saved = self.live, self.strokes.saved
        assert live is not None
        self._room.say("the layer of the correction was deleted; it is back, nothing is lost")
        self.layer = None
        self._begin(live, saved if saved is not None else live.file_labels)

    def _end(self, *, keeps_draft: bool) -> None:
        layer, self.layer = self.layer, None
        self.keeping.end(keeps_draft=keeps_draft)
        self.live, self.reason = None, ""
        self.strokes.end()
        self.saving.end()
        self.one_click.forget()
        if layer is not None:
            layer.remove()
        self._room.seeing.set_mode(self._seen[0])
        self._room.seeing.color_by(self._seen[1])
        self.changed.emit()

    def _take_in(self, path: Path, work: Work, *, is_left: bool) -> None:
        """It is saved: end it unless it was left meanwhile; there is a corrected mask more."""
        room = self._room
        assert room.dataset is not None
        self.keeping.saved(work.sample)
        if not is_left:
            self.strokes.take_as_saved(work.labels)
            self._end(keeps_draft=False)
        room.take_in(with_correction(room.dataset, work.sample, path), work.sample)
        room.say(
            f"saved {path.parent.name}/{path.name}; the mask of {work.source} stays as it was: "
            f"choose “▸ {CORRECTED}” at the top to see the new one"
        )
        if self.is_active:  # begun meanwhile: the sample is being shown anew, as its files have it
            after_view(room, self._show_again)

    def _show_again(self) -> None:
        self.strokes.show_layers()
        self.explain_again()

    def _tell(self) -> None:
        self.changed.emit()


def _stay() -> Answer:
    return Answer.STAY
