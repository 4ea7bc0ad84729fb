"""The verdicts in force as one reviewer's session knows them, and how it changes them.

Every change is made by the store on what is in force *there* at that moment, so that two
reviewers on one sample never wipe out each other's tags; only afterwards is the copy here
brought up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import StoredVerdict, Verdict

Finding = str | None


class Decisions:
    """All verdicts in force on a dataset, kept in step with the store.

    Parameters
    ----------
    store : ReviewStore
        Where they are kept.
    reviewer : str
        Who decides here.
    """

    def __init__(self, store: ReviewStore, reviewer: str) -> None:
        self.store = store
        self.reviewer = reviewer
        #: By sample, then by finding; blank verdicts (taken back) included.
        self.by_sample: dict[str, dict[Finding, StoredVerdict]] = {}
        #: Samples that have a status.
        self.reviewed: set[str] = set()
        self._last_event = 0
        for verdict in store.all_latest().values():
            self.take_in(verdict)
            self._last_event = max(self._last_event, verdict.id)

    def verdict(self, sample: str, finding: Finding = None) -> StoredVerdict | None:
        """The verdict in force; None if there is none or it was taken back."""
        verdict = self.by_sample.get(sample, {}).get(finding)
        return None if verdict is None or verdict.is_blank else verdict

    def verdicts(self, sample: str) -> Mapping[Finding, StoredVerdict]:
        """The verdicts in force on a sample, by finding; None stands for the whole sample."""
        known = self.by_sample.get(sample, {})
        return {finding: verdict for finding, verdict in known.items() if not verdict.is_blank}

    def take_in(self, event: StoredVerdict) -> bool:
        """Bring the copy up to date with an event; False if a later one is known already."""
        of_sample = self.by_sample.setdefault(event.sample, {})
        known = of_sample.get(event.finding)
        if known is not None and known.id >= event.id:
            return False
        of_sample[event.finding] = event
        if event.finding is None:
            (self.reviewed.discard if event.status is None else self.reviewed.add)(event.sample)
        return True

    def change(
        self,
        sample: str,
        finding: Finding,
        change: Callable[[Verdict], Verdict],
        *,
        affirm: bool = False,
        suggested_tag: str | None = None,
        picked_by: str | None = None,
    ) -> StoredVerdict | None:
        """Change the verdict in force in the store, then here.

        Parameters
        ----------
        sample, finding : str
            What it is about.
        change : callable
            Makes the new state from the one in force.
        affirm : bool
            Store it even if it changes nothing, where the decision in force is somebody else's:
            a second reviewer agrees.
        suggested_tag, picked_by : str, optional
            Stored beside it; see :class:`Verdict`.

        Returns
        -------
        StoredVerdict or None
            What is in force now; None if there is still nothing.
        """

        def on_latest(latest: StoredVerdict | None) -> Verdict | None:
            before = self._as_mine(latest, sample, finding)
            after = change(before)
            others = latest is not None and latest.decided_by not in {None, self.reviewer}
            if after == before and not (affirm and others):
                return None
            return replace(after, suggested_tag=suggested_tag, picked_by=picked_by)

        stored = self.store.amend(sample, finding, on_latest)
        if stored is not None:
            self.take_in(stored)
        return stored

    def refresh(self) -> dict[str, str]:
        """Take in what was stored since; the samples others changed, and who did so last."""
        changed: dict[str, str] = {}
        for event in self.store.changes_since(self._last_event):
            if self.take_in(event) and event.session != self.store.session:
                changed[event.sample] = event.reviewer
            self._last_event = event.id
        return changed

    def _as_mine(self, latest: StoredVerdict | None, sample: str, finding: Finding) -> Verdict:
        """The state in force, as the start of this reviewer's next verdict."""
        blank = Verdict(sample=sample, finding=finding, reviewer=self.reviewer)
        if latest is None:
            return blank
        return replace(blank, status=latest.status, tags=latest.tags, comment=latest.comment)
