"""What a reviewer decides about a sample or a finding.

A :class:`Verdict` is the whole decision (status, tags, comment), never a part of it, so that the
latest stored one can be shown without adding up older ones. A :class:`StoredVerdict` is a verdict
as the database holds it: with its number, its time, and whose decision is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ReviewStatus(StrEnum):
    """What should happen with a mask."""

    ACCEPT = "accept"
    NEEDS_FIX = "needs_fix"
    UNSURE = "unsure"


class EventKind(StrEnum):
    """Why a row was appended to the store.

    ``OVERTAKEN`` stands for an undo (or redo) that changed nothing, because somebody else had
    given a later verdict on the same thing: it is written so that the next undo goes further back.
    ``CORRECTION`` says that a corrected mask was written; it changes no verdict.
    """

    VERDICT = "verdict"
    UNDO = "undo"
    REDO = "redo"
    OVERTAKEN = "overtaken"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One reviewer's decision about one sample, or about one finding in it.

    Parameters
    ----------
    sample : str
        Name of the sample.
    reviewer : str
        Who decided; not empty.
    finding : str, optional
        Stable id of the finding; None for a verdict on the sample as a whole.
    status : ReviewStatus, optional
        ``accept``, ``needs_fix`` or ``unsure`` (the plain words are taken too); None while
        undecided.
    tags : tuple of str
        Failure tags in the order in which they were given; duplicates are dropped.
    comment : str
        Free text.
    suggested_tag : str, optional
        The tag the program suggested at that time, whether taken or not.
    picked_by : str, optional
        The order (and filter) that brought the sample up, for example ``"random:8"``. Only
        samples picked at random can support a statement about the whole dataset.
    details : mapping of str to JSON value
        What else was so at that moment, such as ``{"blind": {"seed": 7}}``.
    repeats : int, optional
        Number of the verdict that this one repeats. A repeat stands beside that verdict, not in
        its place: it says how alike one person decides twice.

    Raises
    ------
    ValueError
        If sample or reviewer is empty, or the status is not one of the three.

    Examples
    --------
    >>> Verdict(sample="s1", reviewer="ann", tags=("a", "b", "a")).tags
    ('a', 'b')
    """

    sample: str
    reviewer: str
    finding: str | None = None
    status: ReviewStatus | None = None
    tags: tuple[str, ...] = ()
    comment: str = ""
    suggested_tag: str | None = None
    picked_by: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)
    repeats: int | None = None

    def __post_init__(self) -> None:
        if not self.sample or not self.reviewer:
            raise ValueError("a verdict needs a sample and a reviewer")
        if self.status is not None and type(self.status) is not ReviewStatus:
            object.__setattr__(self, "status", ReviewStatus(self.status))
        if len(self.tags) > 1:
            object.__setattr__(self, "tags", tuple(dict.fromkeys(self.tags)))

    @property
    def key(self) -> tuple[str, str | None]:
        """What the verdict is about: (sample, finding)."""
        return self.sample, self.finding

    @property
    def is_blank(self) -> bool:
        """Whether nothing is decided: no status, no tag, no comment."""
        return self.status is None and not self.tags and not self.comment


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict(Verdict):
    """A verdict as the store holds it; one row of the append-only event table.

    Attributes
    ----------
    id : int
        Number of the event; grows in the order of commits within a dataset.
    kind : EventKind
        Verdict, undo, redo, an overtaken undo, or a correction.
    at : str
        When it was written: UTC, ISO 8601 with microseconds.
    session : str
        The sitting in which it was written; undo stays within one.
    undoes : int or None
        For undo and redo: the event that was taken back.
    restores : int or None
        For undo and redo: the verdict event that is in force again; None if that is no verdict.
    decided_by, decided_at : str or None
        Whose decision is in force and since when: after an undo not the person who pressed undo.
    """

    id: int
    kind: EventKind
    at: str
    session: str
    undoes: int | None = None
    restores: int | None = None
    decided_by: str | None = None
    decided_at: str | None = None

    @property
    def decision_id(self) -> int | None:
        """Number of the verdict event in force after this one; None if that is no verdict."""
        return self.id if self.kind is EventKind.VERDICT else self.restores

    @property
    def is_beside(self) -> bool:
        """Whether it leaves the verdict in force as it is: a repeat, or a correction."""
        return self.repeats is not None or self.kind is EventKind.CORRECTION
