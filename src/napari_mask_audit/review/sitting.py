"""Where a reviewer is in the queue: the current sample, the order, the filter, and moving on.

What is decided about the samples is the business of ``session.py``, which builds on this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from psygnal import Signal

from napari_mask_audit.errors import AuditError, StoreError
from napari_mask_audit.review.blinding import Blinding
from napari_mask_audit.review.decisions import Decisions
from napari_mask_audit.review.place import Place
from napari_mask_audit.review.queue import Order, QueueItem
from napari_mask_audit.review.repeats import RepeatPlan
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.walk import Walk

#: Beginnings of the names of scores that an audit gives; others are given by :meth:`add_scores`.
MEASURED = ("class:", "bucket:")
_SCORES = "scores"


class Progress(NamedTuple):
    """How far the review is: samples with a status, of all samples."""

    n_reviewed: int
    n_total: int


class Sitting:
    """The queue of one reviewer and where they are in it.

    The queue is a snapshot: a verdict changes what a row shows, not where it is. It is sorted anew
    when the order or the filter changes and when samples arrive; arriving samples leave the
    current one on its row.

    Parameters
    ----------
    items : iterable of QueueItem
        The samples known so far; more may arrive by :meth:`add_items`.
    store : ReviewStore
        Where the place is kept; closed by whoever opened it.
    reviewer : str
        Whose place it is.
    resume : bool
        Go back to the sample, order and filter of the reviewer's last sitting.

    Attributes
    ----------
    queue_changed
        Signal: the rows or their order changed.
    current_changed : str or None
        Signal: another sample is current.
    verdict_changed : str
        Signal: the verdict on a sample, or on one of its findings, changed.
    said : str
        Signal: a sentence for the status line.
    """

    queue_changed = Signal()
    current_changed = Signal(object)
    verdict_changed = Signal(str)
    said = Signal(str)

    def __init__(
        self,
        items: Iterable[QueueItem],
        store: ReviewStore,
        reviewer: str,
        *,
        resume: bool = True,
    ) -> None:
        self.store = store
        self.reviewer = reviewer
        self.current: str | None = None
        self._decisions = Decisions(store, reviewer)
        self._walk = Walk(items, self._decisions)
        self._place_failed = False
        #: Writes a place to the store; a window may do so beside its main thread.
        self.write_place: Callable[[Place], None] = self.write_at_once
        #: Asked before another sample becomes current; False keeps the current one.
        self.may_leave: Callable[[], bool] = _always
        place = Place.load(store, reviewer) if resume else Place()
        self._blinding: Blinding | None = place.blinding
        self._plan: RepeatPlan = place.repeats
        self._decisions.plan_repeats(self._plan)
        self._waiting_for: str | None = place.sample
        if (place.order, place.filter_text) != (self._walk.order, self._walk.filter_text):
            self._walk.order, self._walk.filter_text = place.order, place.filter_text
            self._walk.sort()
        self._settle()

    # -- what there is ---------------------------------------------------------------------------

    def __len__(self) -> int:
        """Number of rows in the queue, as filtered."""
        return len(self._walk)

    @property
    def samples(self) -> list[str]:
        """The names in the queue, in its order and as filtered."""
        return self._walk.samples

    @property
    def order(self) -> Order:
        """How the queue is sorted; changed by :meth:`set_order`."""
        return self._walk.order

    @property
    def filter_text(self) -> str:
        """What the queue is filtered by; changed by :meth:`set_filter`."""
        return self._walk.filter_text

    @property
    def progress(self) -> Progress:
        """How far the review is: samples with a status, of all; whatever the filter shows."""
        return Progress(self._walk.n_reviewed, self._walk.n_samples)

    def item_at(self, position: int) -> QueueItem:
        """The item in a row of the queue, counted from 0."""
        return self._walk.item_at(position)

    def item(self, sample: str) -> QueueItem:
        """The item of a sample, shown by the filter or not; KeyError if there is none."""
        return self._walk.item(sample)

    def score(self, sample: str, by: str | None = None) -> float:
        """One score of a sample; NaN where it is undefined or not measured; KeyError as above."""
        return self._walk.score(sample, by)

    def position(self, sample: str | None) -> int | None:
        """The row of a sample in the queue; None if the filter hides it or there is none."""
        return self._walk.position(sample)

    # -- moving ----------------------------------------------------------------------------------

    def go_to(self, sample: str) -> None:
        """Make a sample current, shown by the filter or not; KeyError if there is none."""
        if sample not in self._walk:
            raise KeyError(sample)
        self._waiting_for = None
        if sample != self.current and self.may_leave():
            before, self.current = self.current, sample
            self._left(before)
            self.keep_place()
            self.current_changed.emit(sample)

    def next(self) -> bool:
        """Go one row down; False (and a word) at the end of the queue."""
        here = self.position(self.current)
        return self._go_to_position(0 if here is None else here + 1, "the last")

    def previous(self) -> bool:
        """Go one row up; False (and a word) at the top of the queue."""
        here = self.position(self.current)
        return self._go_to_position(0 if here is None else here - 1, "the first")

    def next_unreviewed(self) -> bool:
        """Go to the next sample without a status, from the top again after the end."""
        sample = self._walk.next_unreviewed(self.current)
        if sample is None:
            self.said.emit(self._nothing_left())
            return False
        self.go_to(sample)
        return True

    # -- the queue -------------------------------------------------------------------------------

    def set_order(self, order: Order | str) -> None:
        """Sort the queue anew; the current sample stays current.

        Raises
        ------
        SettingsError
            ``queue-order`` if there is no such order.
        """
        self._walk.order = order if isinstance(order, Order) else Order.parse(order)
        self._sorted_anew()

    def set_filter(self, text: str) -> None:
        """Show only the samples that match; the current one stays current even if hidden.

        See :mod:`napari_mask_audit.review.filters` for what can be written.
        """
        self._walk.filter_text = text
        self._sorted_anew()

    def add_scores(self, by: str, scores: Mapping[str, float]) -> None:
        """Give samples a further score to sort by; those it does not name have none."""
        self._walk.add_scores(by, scores)

    def keep_scores(self, by: str, scores: Mapping[str, float]) -> None:
        """Remember the scores given to :meth:`add_scores` for the next sitting; a thread may."""
        self.store.remember(self.reviewer, _SCORES, {"by": by, "scores": dict(scores)})

    def restore_scores(self) -> bool:
        """Sort by the scores that were kept, if the order needs them; whether it can be had."""
        by = self.order.by
        if by is None or by.startswith(MEASURED):
            return True
        kept = self.store.recall(self.reviewer, _SCORES)
        if not isinstance(kept, dict) or kept.get("by") != by:
            return False
        self.add_scores(by, kept["scores"])
        self._sorted_anew()
        return True

    def prepare(self, *orders: Order) -> None:
        """Make what these orders and all filters need; may run in a thread beside the others."""
        self._walk.prepare(*orders)

    def add_items(self, items: Iterable[QueueItem]) -> None:
        """Add samples, or replace those that are known, as the audit goes on.

        The current sample keeps its row. Costs one pass over the queue: add in batches.
        """
        items = list(items)
        if not items:
            return
        before = self.current
        self._walk.add(items, before)
        self._settle()
        self.queue_changed.emit()
        if self.current != before:
            self.current_changed.emit(self.current)

    def keep_place(self) -> None:
        """Remember sample, order and filter for the next sitting; every move does so anyway."""
        sample = self._waiting_for or self.current
        self.write_place(Place(sample, self.order, self.filter_text, self._blinding, self._plan))

    def write_at_once(self, place: Place) -> None:
        """Write a place to the store before this returns; if that fails it is said."""
        try:
            place.keep(self.store, self.reviewer)
        except StoreError as error:
            self.say_place_is_lost(error)

    def say_place_is_lost(self, error: AuditError) -> None:
        """Say that a place was not written: once, for looking on is possible without a store."""
        if not self._place_failed:
            self.said.emit(f"your place in the queue is not remembered: {error.message}")
        self._place_failed = True

    # -- inside ----------------------------------------------------------------------------------

    def _left(self, sample: str | None) -> None:
        """The reviewer has gone on from a sample."""

    def _sorted_anew(self) -> None:
        self._walk.sort()
        self._settle()
        self.queue_changed.emit()
        self.keep_place()

    def _settle(self) -> None:
        """Choose a current sample at the start, or the remembered one once it has arrived."""
        if self._waiting_for in self._walk:
            self.current, self._waiting_for = self._waiting_for, None
        elif self.current is None and len(self._walk):
            self.current = self.item_at(0).sample

    def _go_to_position(self, position: int, end: str) -> bool:
        if 0 <= position < len(self):
            self.go_to(self.item_at(position).sample)
            return True
        self.said.emit(f"this is {end} sample in the queue" if len(self) else self._nothing_left())
        return False

    def _nothing_left(self) -> str:
        if not len(self):
            return "no sample matches the filter" if self.filter_text else "the queue is empty"
        shown = " that matches the filter" if self.filter_text else ""
        return f"every other sample{shown} is reviewed"


def _always() -> bool:
    return True
