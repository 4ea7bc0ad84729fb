"""One sitting of one reviewer: which sample is current, in which order, decided how.

The session knows no Qt. A view calls a verb; the verb writes to the store; only then does the
session change and say so by a signal; every view redraws from the session. If the store fails,
the error propagates and nothing has changed.

Words
-----
A sample is *reviewed* once it has a status. A tag or a comment alone does not make it so.

The queue is a snapshot: a verdict changes what a row shows, not where it is. It is sorted anew
when the order or the filter changes and when samples arrive; arriving samples leave the current
one on its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from psygnal import Signal

from napari_mask_audit.errors import StoreError
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.decisions import Decisions
from napari_mask_audit.review.place import Place
from napari_mask_audit.review.queue import Order, QueueItem
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.tags import DEFAULT_TAGS, Tag
from napari_mask_audit.review.verdicts import EventKind, ReviewStatus, StoredVerdict, Verdict
from napari_mask_audit.review.walk import Walk


class Progress(NamedTuple):
    """How far the review is: samples with a status, of all samples."""

    n_reviewed: int
    n_total: int


class ReviewSession:
    """The state of a review and the verbs that change it.

    Parameters
    ----------
    items : iterable of QueueItem
        The samples known so far; more may arrive by :meth:`add_items`.
    store : ReviewStore
        Where verdicts go; closed by whoever opened it.
    reviewer : str
        Who decides.
    tags : sequence of Tag
        The tags on the digit keys.
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

    Notes
    -----
    The verbs that decide something take ``sample`` and ``finding``; without them they mean the
    current sample as a whole. A view that commits a comment when its field loses the focus should
    name the sample, for by then another one may be current.
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
        tags: Sequence[Tag] = DEFAULT_TAGS,
        *,
        resume: bool = True,
    ) -> None:
        self.store = store
        self.reviewer = reviewer
        self.tags = tuple(tags)
        self.current: str | None = None
        self._decisions = Decisions(store, reviewer)
        self._walk = Walk(items, self._decisions)
        self._waiting_for: str | None = None
        self._place_failed = False
        if resume:
            place = Place.load(store, reviewer)
            self._walk.order, self._walk.filter_text = place.order, place.filter_text
            self._waiting_for = place.sample
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
        """How many samples have a status, of how many; whatever the filter shows."""
        return Progress(self._walk.n_reviewed, self._walk.n_samples)

    def item_at(self, position: int) -> QueueItem:
        """The item in a row of the queue, counted from 0."""
        return self._walk.item_at(position)

    def item(self, sample: str) -> QueueItem:
        """The item of a sample, shown by the filter or not; KeyError if there is none."""
        return self._walk.item(sample)

    def position(self, sample: str | None) -> int | None:
        """The row of a sample in the queue; None if the filter hides it or there is none."""
        return self._walk.position(sample)

    def verdict(self, sample: str, finding: str | None = None) -> StoredVerdict | None:
        """The verdict in force; None if there is none or it was taken back."""
        return self._decisions.verdict(sample, finding)

    def verdicts(self, sample: str) -> Mapping[str | None, StoredVerdict]:
        """All verdicts in force on a sample, by finding; None stands for the whole sample."""
        return self._decisions.verdicts(sample)

    def is_reviewed(self, sample: str) -> bool:
        """Whether the sample has a status."""
        return sample in self._decisions.reviewed

    # -- moving ----------------------------------------------------------------------------------

    def go_to(self, sample: str) -> None:
        """Make a sample current, shown by the filter or not; KeyError if there is none."""
        if sample not in self._walk:
            raise KeyError(sample)
        self._waiting_for = None
        if sample != self.current:
            self.current = sample
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

    # -- deciding --------------------------------------------------------------------------------

    def toggle_tag(
        self, name: str, *, sample: str | None = None, finding: str | None = None
    ) -> None:
        """Put a tag on, or take it off.

        What the reviewer saw counts: if somebody else has put the same tag on in between, it
        stays on.
        """
        sample = self._subject(sample)
        seen = self.verdict(sample, finding)
        wanted = seen is None or name not in seen.tags

        def change(state: Verdict) -> Verdict:
            others = tuple(tag for tag in state.tags if tag != name)
            if wanted:
                return state if name in state.tags else replace(state, tags=(*others, name))
            return replace(state, tags=others)

        word = "tagged" if wanted else "no longer tagged"
        self._change(sample, finding, change, f"{word} {self._label(name)}")

    def set_status(
        self,
        status: ReviewStatus | str | None,
        *,
        advance: bool = False,
        sample: str | None = None,
        finding: str | None = None,
    ) -> None:
        """Accept, mark for fixing, leave unsure, or (None) leave open again.

        Parameters
        ----------
        status : ReviewStatus or str, optional
            ``accept``, ``needs_fix`` or ``unsure``.
        advance : bool
            Then move on: to the next sample without a status if this one had none, else one row
            down, as when going over reviewed samples once more.
        sample, finding : str, optional
            What it is about; the current sample by default.
        """
        status = None if status is None else ReviewStatus(status)
        sample = self._subject(sample)
        was_reviewed = self.is_reviewed(sample)
        word = "open again" if status is None else status.value.replace("_", " ")
        self._change(
            sample,
            finding,
            lambda state: replace(state, status=status),
            word,
            affirm=status is not None,
        )
        if not advance:
            return
        if was_reviewed or finding is not None:
            self.next()
        else:
            self.next_unreviewed()

    def set_comment(
        self, text: str, *, sample: str | None = None, finding: str | None = None
    ) -> None:
        """Store a comment; the same text again stores nothing."""
        text = text.strip()
        sample = self._subject(sample)
        seen = self.verdict(sample, finding)
        if text == ("" if seen is None else seen.comment):
            return  # merely leaving the field must not undo what somebody else has written since
        self._change(sample, finding, lambda state: replace(state, comment=text), "comment stored")

    def accept_suggestion(self) -> None:
        """Put the suggested tag on the current sample, if there is one."""
        sample = self._subject(None)
        suggested = self.item(sample).suggested_tag
        if suggested is None:
            self.said.emit(f"{sample}: no tag is suggested")
            return
        seen = self.verdict(sample)
        if seen is None or suggested not in seen.tags:
            self.toggle_tag(suggested, sample=sample)

    def correct(self, correction: Correction) -> StoredVerdict:
        """Keep that a corrected mask is on disk: call it once the file is written.

        The verdict on the sample stays as it is, and undo leaves the correction alone.

        Parameters
        ----------
        correction : Correction
            Which file was made from which, by whom and why.

        Returns
        -------
        StoredVerdict
            The event, as the history shows it.
        """
        event = self.store.record_correction(correction)
        self.verdict_changed.emit(correction.sample)
        self.said.emit(f"{correction.sample}: correction saved as {correction.file}")
        return event

    def history(self, sample: str) -> list[StoredVerdict]:
        """Everything that was ever done about a sample, by anybody, oldest first."""
        return self.store.history(sample)

    def undo(self) -> bool:
        """Take back the last change of this sitting and show its sample."""
        return self._step(self.store.undo, "undone", "nothing to undo in this sitting")

    def redo(self) -> bool:
        """Bring back the last change taken back and show its sample."""
        return self._step(self.store.redo, "done again", "nothing to redo")

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

    def refresh_from_store(self) -> int:
        """Take in what other reviewers have decided since; the number of samples changed.

        The queue is not sorted anew. Cheap when nothing happened: call it every few seconds.
        """
        changed = self._decisions.refresh()
        for sample in changed:
            self.verdict_changed.emit(sample)
        if self.current in changed:
            self.said.emit(f"{changed[self.current]} has just decided about {self.current}")
        return len(changed)

    def keep_place(self) -> None:
        """Remember sample, order and filter for the next sitting; every move does so anyway."""
        place = Place(self._waiting_for or self.current, self.order, self.filter_text)
        try:
            place.keep(self.store, self.reviewer)
        except StoreError as error:
            # Looking on is possible without a store; say it once, not at every step.
            if not self._place_failed:
                self.said.emit(f"your place in the queue is not remembered: {error.message}")
            self._place_failed = True

    # -- inside ----------------------------------------------------------------------------------

    def _change(
        self,
        sample: str,
        finding: str | None,
        change: Callable[[Verdict], Verdict],
        word: str,
        *,
        affirm: bool = False,
    ) -> None:
        """Change the verdict in force in the store, then show it and say so."""
        whole = finding is None and sample in self._walk
        where = f" where {self.filter_text}" if self.filter_text else ""
        self._decisions.change(
            sample,
            finding,
            change,
            affirm=affirm,
            suggested_tag=self.item(sample).suggested_tag if whole else None,
            picked_by=f"{self.order}{where}",
        )
        self._waiting_for = None  # who decides here is not to be taken elsewhere
        self.verdict_changed.emit(sample)
        self.said.emit(f"{sample}: {word}")

    def _step(self, step: Callable[[str], StoredVerdict | None], word: str, nothing: str) -> bool:
        event = step(self.reviewer)
        if event is None:
            self.said.emit(nothing)
            return False
        message = f"{event.sample}: {word}"
        if event.kind is EventKind.OVERTAKEN:
            self.refresh_from_store()
            message = f"{event.sample}: not {word}, {event.decided_by} has decided since"
        else:
            self._decisions.take_in(event)
        if event.sample in self._walk:
            self.go_to(event.sample)
        self.verdict_changed.emit(event.sample)
        self.said.emit(message)
        return True

    def _subject(self, sample: str | None) -> str:
        sample = self.current if sample is None else sample
        if sample is None:
            raise KeyError("no sample is open: open one before deciding about it")
        return sample

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

    def _label(self, name: str) -> str:
        """The tag's label; SettingsError if a tag of this name cannot be."""
        for tag in self.tags:
            if tag.name == name:
                return tag.label
        return Tag(name, name).label
