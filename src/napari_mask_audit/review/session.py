"""One sitting of one reviewer: which sample is current, in which order, decided how.

The session knows no Qt. A view calls a verb; the verb writes to the store; only then does the
session change and say so by a signal; every view redraws from the session. If the store fails,
the error propagates and nothing has changed.

Words
-----
A sample is *reviewed* once it has a status. A tag or a comment alone does not make it so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from psygnal import Signal

from napari_mask_audit.review.conditions import Conditions
from napari_mask_audit.review.consistency import ReviewerConsistency, intra_reviewer_consistency
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.sitting import Progress
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.tags import DEFAULT_TAGS, Tag
from napari_mask_audit.review.verdicts import EventKind, ReviewStatus, StoredVerdict, Verdict

__all__ = ["Progress", "ReviewSession"]


class ReviewSession(Conditions):
    """The state of a review and the verbs that change it.

    Moving in the queue is told in :class:`Sitting`, hidden names and samples that come back in
    :class:`Conditions`.

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
    tags_changed
        Signal: there are other tags.

    Notes
    -----
    The verbs that decide something take ``sample`` and ``finding``; without them they mean the
    current sample as a whole. A view that commits a comment when its field loses the focus should
    name the sample, for by then another one may be current.
    """

    tags_changed = Signal()

    def __init__(
        self,
        items: Iterable[QueueItem],
        store: ReviewStore,
        reviewer: str,
        tags: Sequence[Tag] = DEFAULT_TAGS,
        *,
        resume: bool = True,
    ) -> None:
        super().__init__(items, store, reviewer, resume=resume)
        self.tags = tuple(tags)

    # -- what is decided -------------------------------------------------------------------------

    def verdict(self, sample: str, finding: str | None = None) -> StoredVerdict | None:
        """The verdict in force; None if there is none, it was taken back, or it is hidden."""
        return self._decisions.verdict(sample, finding)

    def verdicts(self, sample: str) -> Mapping[str | None, StoredVerdict]:
        """All verdicts in force on a sample, by finding; None stands for the whole sample."""
        return self._decisions.verdicts(sample)

    def is_reviewed(self, sample: str) -> bool:
        """Whether the sample has a status, as far as the reviewer may know."""
        return self._decisions.looks_reviewed(sample)

    def history(self, sample: str) -> list[StoredVerdict]:
        """Everything that was ever done about a sample, by anybody, oldest first.

        Of a sample that came back, only what was decided since: the rest would tell.
        """
        events = self.store.history(sample)
        repeats = self._decisions.repeating.get(sample)
        return events if repeats is None else [e for e in events if e.repeats == repeats]

    def consistency(self) -> tuple[ReviewerConsistency, ...]:
        """How alike the reviewer has decided about samples they judged twice; reads all events."""
        rows = intra_reviewer_consistency(self.store.everything_since(0))
        return tuple(row for row in rows if row.reviewer == self.reviewer)

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

    def undo(self) -> bool:
        """Take back the last change of this sitting and show its sample."""
        return self._step(self.store.undo, "undone", "nothing to undo in this sitting")

    def redo(self) -> bool:
        """Bring back the last change taken back and show its sample."""
        return self._step(self.store.redo, "done again", "nothing to redo")

    def set_tags(self, tags: Sequence[Tag]) -> None:
        """Use other tags from now on; verdicts keep those they have."""
        self.tags = tuple(tags)
        self.tags_changed.emit()

    # -- others ----------------------------------------------------------------------------------

    @property
    def last_event(self) -> int:
        """Number of the last event of the store that is taken in here."""
        return self._decisions.last_event

    def refresh_from_store(self) -> int:
        """Ask the store what others have decided since, and take it in; the number of samples."""
        return self.take_in(self.store.everything_since(self.last_event))

    def take_in(self, events: Iterable[StoredVerdict]) -> int:
        """Take in what was stored since :attr:`last_event`; the number of samples changed.

        The queue is not sorted anew.
        """
        changed = {event.sample: event for event in self._decisions.absorb(events)}
        for sample in changed:
            self.verdict_changed.emit(sample)
        event = changed.get(self.current or "")
        if event is not None and event.sample not in self._decisions.repeating:
            is_correction = event.kind is EventKind.CORRECTION
            word = "saved a correction of" if is_correction else "decided about"
            self.said.emit(f"{event.reviewer} has just {word} {event.sample}")
        return len(changed)

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
        is_suggested = finding is None and sample in self._walk and self._blinding is None
        where = f" where {self.filter_text}" if self.filter_text else ""
        self._decisions.change(
            sample,
            finding,
            change,
            affirm=affirm,
            suggested_tag=self.item(sample).suggested_tag if is_suggested else None,
            picked_by=f"{self.order}{where}",
            details=self._kept_beside(sample),
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
            if event.repeats is not None:
                self._decisions.begin_repeat(event.sample, event.repeats)
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

    def _label(self, name: str) -> str:
        """The tag's label; SettingsError if a tag of this name cannot be."""
        for tag in self.tags:
            if tag.name == name:
                return tag.label
        return Tag(name, name).label
