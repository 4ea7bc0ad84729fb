"""Which failure tag is suggested for what verdicts are on, and putting it on. No Qt here."""

from __future__ import annotations

from typing import NamedTuple

from ..review.session import ReviewSession
from .failure_summary import FailureSummary
from .findings_walk import FindingsWalk


class Suggested(NamedTuple):
    """A tag, why it is suggested, and the finding it is for (None: the sample)."""

    tag: str
    reason: str
    finding: str | None


def suggested(walk: FindingsWalk, summary: FailureSummary | None) -> Suggested | None:
    """The tag of the finding that verdicts are on, or of the sample's leading bucket."""
    if walk.subject is not None and walk.current is not None:
        return Suggested(walk.current.suggested_tag, "the bucket of this finding", walk.subject)
    if walk.on_finding or summary is None or summary.suggested_tag is None:
        return None
    return Suggested(summary.suggested_tag, summary.reason, None)


def is_on(session: ReviewSession, suggestion: Suggested) -> bool:
    """Whether the suggested tag has been put on already."""
    if session.current is None:
        return False
    verdict = session.verdict(session.current, suggestion.finding)
    return verdict is not None and suggestion.tag in verdict.tags


def accept(session: ReviewSession, suggestion: Suggested) -> None:
    """Put the suggested tag on, unless it is on."""
    current = session.current
    if current is None or is_on(session, suggestion):
        return
    if suggestion.finding is None and session.item(current).suggested_tag == suggestion.tag:
        session.accept_suggestion()
    else:  # on a finding, or before the row of the sample has heard of it
        session.toggle_tag(suggestion.tag, finding=suggestion.finding)
