"""The verdicts in force as one reviewer's session knows them, and how it changes them.

Every change is made by the store on what is in force *there* at that moment, so that two
reviewers on one sample never wipe out each other's tags; only afterwards is the copy here
brought up to date.

A sample that came back to be judged again looks as if nobody had decided about it: what is asked
and changed then is the repeat, which stands beside the verdict in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from napari_mask_audit.review.repeats import RepeatPlan, Returning
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import EventKind, StoredVerdict, Verdict

Finding = str | None
ByFinding = dict[Finding, StoredVerdict]


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
        self.by_sample: dict[str, ByFinding] = {}
        #: Samples that have a status.
        self.reviewed: set[str] = set()
        #: The reviewer's verdicts on samples that came back, by sample and finding.
        self.repeats: dict[str, ByFinding] = {}
        #: Samples being judged again, each with the number of the verdict that is repeated.
        self.repeating: dict[str, int] = {}
        #: Samples whose status is the reviewer's own, with the number of that verdict.
        self.own: dict[str, int] = {}
        #: Samples of which something else is to be shown; emptied by whoever shows them.
        self.touched: set[str] = set()
        #: Which of them come back to be judged again.
        self.returning = Returning(RepeatPlan())
        #: Number of the last event that is known.
        self.last_event = 0
        for event in (*store.all_latest().values(), *store.repeats_by(reviewer)):
            self.take_in(event)
            self.last_event = max(self.last_event, event.id)

    # -- what is decided -------------------------------------------------------------------------

    def verdict(self, sample: str, finding: Finding = None) -> StoredVerdict | None:
        """The verdict in force; None if there is none or it was taken back."""
        verdict = self.shown_of(sample).get(finding)
        return None if verdict is None or verdict.is_blank else verdict

    def verdicts(self, sample: str) -> Mapping[Finding, StoredVerdict]:
        """The verdicts in force on a sample, by finding; None stands for the whole sample."""
        known = self.shown_of(sample)
        return {finding: verdict for finding, verdict in known.items() if not verdict.is_blank}

    def shown_of(self, sample: str) -> Mapping[Finding, StoredVerdict]:
        """What there is on a sample, by finding, as the reviewer may see it; blank ones too."""
        number = self.repeating.get(sample)
        if number is None:
            return self.by_sample.get(sample, {})
        known = self.repeats.get(sample, {})
        return {finding: event for finding, event in known.items() if event.repeats == number}

    def looks_reviewed(self, sample: str) -> bool:
        """Whether the sample has a status that the reviewer may see."""
        if sample not in self.repeating:
            return sample in self.reviewed
        verdict = self.shown_of(sample).get(None)
        return verdict is not None and verdict.status is not None

    def is_repeated(self, sample: str) -> bool:
        """Whether the reviewer has given the sample a status again."""
        verdict = self.repeats.get(sample, {}).get(None)
        return verdict is not None and verdict.status is not None

    def plan_repeats(self, plan: RepeatPlan) -> None:
        """Choose anew which samples come back."""
        self.returning = Returning(plan)
        if plan.share:
            for sample, number in self.own.items():
                self.returning.note(sample, number)

    # -- changing it -----------------------------------------------------------------------------

    def begin_repeat(self, sample: str, number: int) -> None:
        """From now on the sample is judged again, beside the verdict of that number."""
        self.repeating[sample] = number
        self.touched.add(sample)

    def end_repeat(self, sample: str) -> bool:
        """Show the first verdict again, if the sample was judged again; whether it was."""
        if sample not in self.repeating or not self.is_repeated(sample):
            return False
        del self.repeating[sample]
        self.touched.add(sample)
        return True

    def take_in(self, event: StoredVerdict) -> bool:
        """Bring the copy up to date with an event; False if it changes nothing here."""
        if event.kind is EventKind.CORRECTION:
            return False
        if event.repeats is not None:
            if event.reviewer != self.reviewer:
                return False
            self.touched.add(event.sample)
            return _newer(self.repeats.setdefault(event.sample, {}), event)
        if not _newer(self.by_sample.setdefault(event.sample, {}), event):
            return False
        self.touched.add(event.sample)
        if event.finding is None:
            self._note_status(event)
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
        details: Mapping[str, Any] | None = None,
    ) -> StoredVerdict | None:
        """Change the verdict in force in the store, then here.

        Parameters
        ----------
        sample, finding : str
            What it is about.
        change : callable
            From the state in force (as this reviewer's own) to the state wanted.
        affirm : bool
            Store it even if it changes nothing, where the decision in force is somebody else's:
            a second reviewer agrees.
        suggested_tag, picked_by, details : optional
            Stored beside it; see :class:`Verdict`.

        Returns
        -------
        StoredVerdict or None
            What is in force now; None if there is still nothing.
        """
        repeats = self.repeating.get(sample)

        def on_latest(latest: StoredVerdict | None) -> Verdict | None:
            before = self._as_mine(latest, sample, finding)
            after = change(before)
            others = latest is not None and latest.decided_by not in {None, self.reviewer}
            if after == before and not (affirm and others):
                return None
            return replace(
                after,
                suggested_tag=suggested_tag,
                picked_by=picked_by,
                details=details or {},
                repeats=repeats,
            )

        stored = self.store.amend(sample, finding, on_latest, repeats=repeats)
        if stored is not None:
            self.take_in(stored)
        return stored

    def absorb(self, events: Iterable[StoredVerdict]) -> list[StoredVerdict]:
        """Take in what was stored since; those events of other sittings that changed something."""
        changed = []
        for event in events:
            is_news = self.take_in(event) or event.kind is EventKind.CORRECTION
            if is_news and event.repeats is None and event.session != self.store.session:
                changed.append(event)
            self.last_event = max(self.last_event, event.id)
        return changed

    # -- inside ----------------------------------------------------------------------------------

    def _note_status(self, event: StoredVerdict) -> None:
        sample, number = event.sample, event.decision_id
        (self.reviewed.discard if event.status is None else self.reviewed.add)(sample)
        if event.status is None or event.decided_by != self.reviewer or number is None:
            self.own.pop(sample, None)
        else:
            self.own[sample] = number
        self.returning.note(sample, self.own.get(sample))

    def _as_mine(self, latest: StoredVerdict | None, sample: str, finding: Finding) -> Verdict:
        """The state in force, as the start of this reviewer's next verdict."""
        blank = Verdict(sample=sample, finding=finding, reviewer=self.reviewer)
        if latest is None:
            return blank
        return replace(blank, status=latest.status, tags=latest.tags, comment=latest.comment)


def _newer(of_sample: ByFinding, event: StoredVerdict) -> bool:
    """Keep an event on a sample unless a later one is known; whether it was kept."""
    known = of_sample.get(event.finding)
    if known is not None and known.id >= event.id:
        return False
    of_sample[event.finding] = event
    return True
