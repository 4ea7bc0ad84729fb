"""The sample on the canvas: read ahead, shown, and explained, with its neighbours in the queue."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from ..dataset import Dataset
from ..errors import AuditError
from .colormaps import warm_up
from .explaining import Explainer
from .giving_way import reviewer_acts
from .layers_ahead import LayersAhead
from .names import ViewKey
from .sample_view import SampleView, load_sample_view
from .worker import ViewLoader

if TYPE_CHECKING:
    from .room import ReviewRoom


class CanvasSample:
    """Which sample is to be seen, and what is known about it.

    Parameters
    ----------
    room : ReviewRoom
        Whose current sample it is.

    Attributes
    ----------
    view : SampleView or None
        What is on the canvas; None while it is being read.
    """

    def __init__(self, room: ReviewRoom) -> None:
        self.view: SampleView | None = None
        self._room = room
        self._fits = False
        self._ahead = LayersAhead(room.layers, lambda: not room.correcting.is_active)
        self.loader = ViewLoader(self._load, self._show, self._not_loaded, self._explain)
        self._explainer = Explainer(room.fail)
        self._explainer.explained.connect(self._explained)

    def show_current(self) -> None:
        """Show the current sample, and read those beside it in the queue."""
        room, session = self._room, self._room.session
        if session is None or session.current is None:
            return
        # Where a finding of the last sample was is nowhere in particular in this one.
        self._fits = self._fits or room.findings.is_close
        self.view = None
        room.findings.clear()
        here = session.position(session.current)
        near = [] if here is None else [p for p in (here + 1, here - 1) if 0 <= p < len(session)]
        near = near if room.preferences.prefetch else []
        then = [room.names.key(session.item_at(p).sample, room.pair) for p in near]
        wanted = room.names.key(session.current, room.pair)
        self._explainer.drop_all_but([wanted, *then])
        self.loader.want(wanted, then)
        if self.view is None:
            room.view_changed.emit()

    def recount(self, dataset: Dataset) -> None:
        """Other thresholds hold: explain the sample on the canvas again."""
        room, session = self._room, self._room.session
        if session is not None and session.current is not None:
            key = room.names.key(session.current, room.pair)
            view = None if room.correcting.is_active else self.view
            self._explainer.recount(dataset, key, view)

    def drop(self, sample: str) -> None:
        """Forget what is known of one sample: a mask of it has changed."""
        for kept in (self.loader, self._explainer):
            kept.drop(lambda key: key[0] == sample)

    def forget(self) -> None:
        """Drop everything that is kept or being made."""
        self._ahead.stop()
        self.loader.forget()
        self._explainer.forget()

    def close(self) -> None:
        """Stop the threads."""
        self.loader.close()
        self._explainer.close()

    # -- from the threads ------------------------------------------------------------------------

    def _load(self, key: Hashable) -> SampleView:
        dataset = self._room.dataset
        assert dataset is not None
        assert isinstance(key, ViewKey)
        view = load_sample_view(dataset, dataset.sample(key.sample), key.pair)
        if key.is_hidden:
            view = self._room.names.disguised(view)
        for mask in (view.overlay, view.reference, view.candidate):
            if mask is not None:
                warm_up(mask.dtype.name)
        return view

    def _show(self, key: Hashable, view: SampleView) -> None:
        reviewer_acts()  # they look at it now
        room = self._room
        self.view = view
        assert room.dataset is not None
        room.seeing.show(room.dataset, view)
        if self._fits:
            room.layers.fit()
            self._fits = False
        room.findings.show(view, self._explainer.get(key))
        room.view_changed.emit()
        self._explain(key, view)
        self._start_feed()

    def _not_loaded(self, error: AuditError) -> None:
        self._room.fail(error)
        self._start_feed()

    def _start_feed(self) -> None:
        """Begin to measure once the first sample shows: seeing something comes first."""
        if self._room.feed is not None:
            self._ahead.begin(self._room.feed.start)

    def _explain(self, key: Hashable, view: SampleView) -> None:
        """Look for the findings of a sample that was read, wanted now or presumably soon."""
        if self._room.dataset is not None:
            self._explainer.explain(self._room.dataset, key, view)

    def _explained(self, key: Hashable) -> None:
        room, session = self._room, self._room.session
        explanation = self._explainer.get(key)
        if session is None or room.feed is None or explanation is None:
            return
        assert isinstance(key, ViewKey)
        if not key.is_hidden:  # drawn the other way round, its buckets would be those of no row
            room.feed.note(explanation.summary)
        wanted = None if session.current is None else room.names.key(session.current, room.pair)
        if self.view is not None and key == wanted and not room.correcting.is_active:
            room.findings.show(self.view, explanation)
