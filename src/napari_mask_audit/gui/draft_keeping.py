"""Keeping unsaved corrections as drafts while somebody paints, and what drafts there are.

Drafts are written beside the main thread, some time after the last stroke; only where work would be
lost otherwise is one written before anything else happens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from ..corrections import Draft, keep_draft, remove_draft
from ..corrections.fingerprints import fingerprint_of
from ..errors import AuditError
from ..masks import LabelArray
from .single_shot import single_shot
from .worker import Job, Jobs

if TYPE_CHECKING:
    from .room import ReviewRoom

# A draft is kept so long after the last stroke.
_DRAFT_MS = 1200


class DraftKeeping:
    """The drafts of the open dataset, and the one of the correction under way.

    Parameters
    ----------
    room : ReviewRoom
        What is open; its correction is what is kept.
    jobs : Jobs
        Where drafts are written.

    Attributes
    ----------
    drafts : dict of str to Draft
        The unsaved work that is kept, by sample.
    kept_at : str or None
        When the correction under way was last kept, as a clock shows it; None where it is not.
    drafts_changed
        Signal: :attr:`draft` may be another one, or there is none any more.
    kept
        Signal: the correction under way was kept, could not be, or need not be any more.
    """

    drafts_changed = Signal()
    kept = Signal()

    def __init__(self, room: ReviewRoom, jobs: Jobs) -> None:
        self._room = room
        self._jobs = jobs
        self.drafts: dict[str, Draft] = {}
        self.kept_at: str | None = None
        self._writing: Job | None = None
        self._pause = single_shot(_DRAFT_MS, self.keep)

    @property
    def draft(self) -> Draft | None:
        """The unsaved work that is kept of the sample in view."""
        session = self._room.session
        return None if session is None else self.drafts.get(session.current or "")

    @property
    def is_writing(self) -> bool:
        """Whether a draft is being written."""
        return self._writing is not None

    # -- what there is ---------------------------------------------------------------------------

    def enter(self, drafts: Iterable[Draft]) -> None:
        """Another dataset is open, with this unsaved work from before."""
        self.drafts = {draft.sample: draft for draft in drafts}
        self.drafts_changed.emit()

    def throw_away(self) -> None:
        """Remove the draft of the sample in view."""
        session = self._room.session
        if session is not None and session.current is not None:
            self._forget(session.current)

    def saved(self, sample: str) -> None:
        """The work on a sample was saved, and its draft removed with that."""
        self.drafts.pop(sample, None)

    def _forget(self, sample: str) -> None:
        draft = self.drafts.pop(sample, None)
        if draft is not None:
            self._jobs.run(lambda _job: remove_draft(draft), lambda _none: None, self._room.fail)
            self.drafts_changed.emit()

    # -- the correction under way ----------------------------------------------------------------

    def keep_soon(self) -> None:
        """Keep a draft when nothing more has happened for a while."""
        self._pause.start()

    def keep(self) -> None:
        """Keep a draft beside the main thread, or remove it where there is no unsaved work."""
        correcting = self._room.correcting
        live = correcting.live
        if live is None or correcting.is_saving:
            return
        if self._writing is not None:
            self._pause.start()
            return
        if not correcting.is_dirty:
            self.kept_at = None
            self._forget(live.sample)
            self.kept.emit()
            return
        labels = live.labels.copy()
        folder, draft = self._room.drafts_folder, self._new_draft()

        def done(kept: Draft) -> None:
            self._writing = None
            self.drafts[kept.sample] = kept
            self.kept_at = datetime.now().astimezone().strftime("%H:%M:%S")
            self.kept.emit()

        def failed(error: AuditError) -> None:
            self._writing = None
            self.kept_at = None
            self._room.fail(error)
            self.kept.emit()

        self._writing = self._jobs.run(
            lambda _job: keep_draft(folder, draft(labels), labels), done, failed
        )

    def stop(self) -> None:
        """Keep no draft any more; one that is being written is whole when this returns."""
        self._pause.stop()
        job, self._writing = self._writing, None
        if job is not None:
            job.cancel()
            future = job.future
            if future is not None and not future.cancelled():
                future.exception()  # a file is being written: let it be whole

    def end(self, *, keeps_draft: bool) -> None:
        """The correction ends: keep what is unsaved, or throw its draft away."""
        self._pause.stop()
        correcting = self._room.correcting
        live = correcting.live
        if keeps_draft and correcting.is_dirty and live is not None:
            self._write_now(live.labels.copy())
        elif not keeps_draft:
            self.stop()
            if live is not None:
                self._forget(live.sample)
        self.kept_at = None

    def _write_now(self, labels: LabelArray) -> None:
        """Keep a draft before this returns: the program may be about to end."""
        self.stop()
        try:
            kept = keep_draft(self._room.drafts_folder, self._new_draft()(labels), labels)
            self.drafts[kept.sample] = kept
        except AuditError as error:
            self._room.fail(error)

    def _new_draft(self) -> Callable[[LabelArray], Draft]:
        """Makes the draft of the correction as it is now from its labels, in a worker."""
        correcting, session = self._room.correcting, self._room.session
        live = correcting.live
        assert live is not None
        assert session is not None
        make = partial(
            Draft,
            dataset_key=session.store.dataset_key,
            reviewer=session.reviewer,
            sample=live.sample,
            source=live.source,
            reason=correcting.reason,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        before = live.file_labels
        return lambda labels: make(before=fingerprint_of(before), after=fingerprint_of(labels))
