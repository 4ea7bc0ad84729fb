"""What follows the strokes of a correction: overlay and scores at once, buckets and findings next.

While somebody paints, the layer is looked at every few milliseconds. A small window that was
touched is counted there; a large one, and everything that must be explained, in a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from ..corrections.windows import Window
from ..dataset import Dataset
from ..errors import AuditError
from ..masks import LabelArray
from ..scores import PairScores
from .explanation import Explanation, explain_measured, measure_view
from .giving_way import reviewer_acts
from .modes import Mode
from .painting import Coloring
from .sample_view import SampleView
from .single_shot import single_shot
from .worker import Job, Jobs

if TYPE_CHECKING:
    from .room import ReviewRoom

# Painting is looked at so often at most; findings follow when the brush rests.
_LOOK_MS, _REST_MS = 20, 350


class StrokeFollowing:
    """Follows what is painted in the correction of a room.

    Parameters
    ----------
    room : ReviewRoom
        What is open; its correction has the mask and the layer.
    jobs : Jobs
        Where large windows are counted, and buckets and findings found.

    Attributes
    ----------
    scores : PairScores or None
        The scores after the last stroke; None where nothing is corrected or compared.
    saved : ndarray of int or None
        The mask as it is in a file, which strokes are unsaved against.
    is_dirty : bool
        Whether there is unsaved work.
    is_updating : bool
        Whether buckets and findings are those of an earlier stroke.
    painted
        Signal: pixels have changed.
    counted
        Signal: the scores follow the last stroke.
    judged
        Signal: there is unsaved work now, or no longer.
    updating_changed
        Signal: buckets and findings are being found anew, or are up to date.
    layer_gone
        Signal: somebody has deleted the layer that is painted in.
    """

    painted = Signal()
    counted = Signal()
    judged = Signal()
    updating_changed = Signal()
    layer_gone = Signal()

    def __init__(self, room: ReviewRoom, jobs: Jobs) -> None:
        self._room = room
        self._jobs = jobs
        self.scores: PairScores | None = None
        self.saved: LabelArray | None = None
        self.is_dirty = False
        self.is_updating = False
        self._counting: Job | None = None
        self._explaining: Job | None = None
        self._look = single_shot(_LOOK_MS, self.look_now)
        self._rest = single_shot(_REST_MS, self._explain)

    @property
    def is_waiting(self) -> bool:
        """Whether something was touched that is not looked at yet."""
        return self._look.isActive()

    # -- from the correction ---------------------------------------------------------------------

    def begin(self, saved: LabelArray) -> None:
        """A mask is being corrected, in a layer that is there; this is what its file holds."""
        live = self._room.correcting.live
        assert live is not None
        self.saved = saved
        self.scores = live.scores()
        self._judge()
        self._explain()
        self.counted.emit()

    def take_as_saved(self, labels: LabelArray) -> None:
        """These pixels were written to a file."""
        self.saved = labels
        self._judge()

    def end(self) -> None:
        """The correction is over: stop, and forget it."""
        self._look.stop()
        self._rest.stop()
        for job in (self._counting, self._explaining):
            if job is not None:
                job.cancel()
        self._counting = self._explaining = None
        self.scores = self.saved = None
        self.is_dirty = self.is_updating = False

    def explain_soon(self) -> None:
        """Find buckets and findings anew when the brush rests."""
        self._set_updating(True)
        self._rest.start()

    def show_layers(self) -> None:
        """Let all layers show the arrays that change while somebody paints."""
        room, live, layer = self._room, self._room.correcting.live, self._room.correcting.layer
        if live is not None and room.dataset is not None:
            room.seeing.show(room.dataset, live.shown())
            if layer is not None:
                layer.select()

    # -- looking ---------------------------------------------------------------------------------

    def touched(self) -> None:
        """Pixels may have changed: look at them soon."""
        if not self._look.isActive():
            self._look.start()

    def look_now(self) -> None:
        """Bring numbers and overlay up to date with what was painted."""
        self._look.stop()
        live, layer = self._room.correcting.live, self._room.correcting.layer
        if live is None or layer is None:
            return
        if not layer.is_there:
            self.layer_gone.emit()
            return
        reviewer_acts()
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
        self.explain_soon()
        self.painted.emit()

    def _patch(self, window: Window) -> None:
        live, layer = self._room.correcting.live, self._room.correcting.layer
        assert live is not None
        assert layer is not None
        if live.overlay is not None:
            touched, codes = live.overlay_patch(window)
            layer.patch_overlay(touched, codes, live.overlay)

    def _recounted(self, counted: Any) -> None:
        self._counting = None
        correcting = self._room.correcting
        if correcting.live is None or correcting.layer is None:
            return
        correcting.live.take(counted)
        self.show_layers()
        self.scores = correcting.live.scores()
        self.counted.emit()
        self.look_now()

    def _judge(self) -> None:
        """Whether there is unsaved work."""
        live, saved = self._room.correcting.live, self.saved
        dirty = live is not None and saved is not None and not np.array_equal(live.labels, saved)
        if dirty != self.is_dirty:
            self.is_dirty = dirty
            self.judged.emit()

    # -- explaining ------------------------------------------------------------------------------

    def _set_updating(self, updating: bool) -> None:
        if updating != self.is_updating:
            self.is_updating = updating
            self.updating_changed.emit()

    def _explain(self) -> None:
        """Find buckets and findings of the mask as it is now, beside the main thread."""
        room, live = self._room, self._room.correcting.live
        if live is None or room.dataset is None:
            return
        if self._explaining is not None or self._counting is not None:
            self._rest.start()  # one at a time: they cannot be interrupted
            return
        dataset, snapshot = room.dataset, live.snapshot()

        def done(found: Explanation | None) -> None:
            self._explaining = None
            if room.correcting.live is not live:
                return
            room.show_live(snapshot, found)
            if (room.seeing.mode, room.seeing.coloring) != (Mode.OVERLAY, Coloring.WHAT):
                self.show_layers()  # what follows every stroke is the usual overlay only
            if not self._rest.isActive():
                self._set_updating(False)

        def failed(error: AuditError) -> None:
            self._explaining = None
            self._set_updating(False)
            room.fail(error)

        self._set_updating(True)
        self._explaining = self._jobs.run(lambda _job: _explained(dataset, snapshot), done, failed)


def _explained(dataset: Dataset, view: SampleView) -> Explanation | None:
    measured = measure_view(dataset, view)
    return None if measured is None else explain_measured(dataset, measured)
