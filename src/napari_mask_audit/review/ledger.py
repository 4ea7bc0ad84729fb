"""One dataset's events within one transaction of the store.

What is in force, what can be taken back, and how a row is appended: everything that must see the
same state of the database from the first look to the last write. The store opens and commits the
transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, insert, select

from napari_mask_audit.review.rows import DECIDING, repeats_is, select_events, to_verdict
from napari_mask_audit.review.schema import SCHEMA_VERSION, events
from napari_mask_audit.review.undo import undo_and_redo
from napari_mask_audit.review.verdicts import EventKind, StoredVerdict, Verdict


class Subject(NamedTuple):
    """What a decision is about: a sample or a finding, or a repeat beside the verdict on it."""

    sample: str
    finding: str | None = None
    repeats: int | None = None

    @classmethod
    def of(cls, verdict: Verdict) -> Subject:
        """What a verdict is about."""
        return cls(verdict.sample, verdict.finding, verdict.repeats)


def is_decision(dataset_id: int | None) -> ColumnElement[bool]:
    """Events of a dataset that say what is decided, repeats included."""
    kinds = [kind.value for kind in DECIDING]
    return (events.c.dataset_id == dataset_id) & events.c.kind.in_(kinds)


class Ledger:
    """The events of one dataset, as one transaction sees them.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    dataset_id : int or None
        Which dataset; None has no events.
    session : str
        The sitting in which is written.
    now : callable
        The time of an event, as it is stored.
    version : int
        Schema version of the store.
    """

    def __init__(
        self,
        connection: Connection,
        dataset_id: int | None,
        session: str,
        now: Callable[[], str],
        version: int = SCHEMA_VERSION,
    ) -> None:
        self._connection = connection
        self._dataset_id = dataset_id
        self._session = session
        self._now = now
        self._version = version

    def latest(self, subject: Subject, *, before: int | None = None) -> StoredVerdict | None:
        """The decision in force on a subject; that in force before an event, if one is given."""
        query = select_events(self._version).where(
            is_decision(self._dataset_id),
            events.c.sample == subject.sample,
            events.c.finding.is_not_distinct_from(subject.finding),
            repeats_is(subject.repeats, self._version),
        )
        if before is not None:
            query = query.where(events.c.id < before)
        row = self._connection.execute(query.order_by(events.c.id.desc()).limit(1)).first()
        return None if row is None else to_verdict(row)

    def undo(self, reviewer: str) -> StoredVerdict | None:
        """Append what takes back the reviewer's last change of the sitting; None without one."""
        undoable, _ = self._stacks(reviewer)
        if not undoable:
            return None
        event = self._event(undoable[-1])
        earlier = self.latest(Subject.of(event), before=event.id)
        return self._step(EventKind.UNDO, reviewer, event, earlier)

    def redo(self, reviewer: str) -> StoredVerdict | None:
        """Append what brings back the last change taken back; None without one."""
        _, redoable = self._stacks(reviewer)
        if not redoable:
            return None
        event = self._event(redoable[-1])
        return self._step(EventKind.REDO, reviewer, event, self._event(event.undoes))

    def append(
        self,
        kind: EventKind,
        verdict: Verdict,
        *,
        undoes: int | None = None,
        restores: int | None = None,
    ) -> StoredVerdict:
        """Append an event, and read back what the database made of it."""
        result = self._connection.execute(
            insert(events).values(
                dataset_id=self._dataset_id,
                sample=verdict.sample,
                finding=verdict.finding,
                kind=kind.value,
                reviewer=verdict.reviewer,
                session=self._session,
                at=self._now(),
                status=None if verdict.status is None else verdict.status.value,
                tags=json.dumps(verdict.tags),
                comment=verdict.comment,
                suggested_tag=verdict.suggested_tag,
                picked_by=verdict.picked_by,
                undoes=undoes,
                restores=restores,
                details=json.dumps(dict(verdict.details)) if verdict.details else None,
                repeats=verdict.repeats,
            )
        )
        key = result.inserted_primary_key
        assert key is not None
        return self._event(key[0])

    def _event(self, event_id: int | None) -> StoredVerdict:
        query = select_events(self._version).where(events.c.id == event_id)
        return to_verdict(self._connection.execute(query).one())

    def _stacks(self, reviewer: str) -> tuple[list[int], list[int]]:
        query = (
            select(events.c.id, events.c.kind, events.c.undoes)
            .where(
                events.c.dataset_id == self._dataset_id,
                events.c.session == self._session,
                events.c.reviewer == reviewer,
            )
            .order_by(events.c.id)
        )
        rows: Any = self._connection.execute(query)
        return undo_and_redo((row.id, row.kind, row.undoes) for row in rows)

    def _step(
        self,
        kind: EventKind,
        reviewer: str,
        event: StoredVerdict,
        target: StoredVerdict | None,
    ) -> StoredVerdict:
        """Append the undo or redo of an event, unless somebody has decided since.

        What counts is the decision in force, not the last row: after an undo, an earlier
        decision of the reviewer is in force again and can be undone in its turn.
        """
        latest = self.latest(Subject.of(event))
        if latest is not None and latest.decision_id != event.decision_id:
            kind, target = EventKind.OVERTAKEN, latest
        state = Verdict(
            sample=event.sample, finding=event.finding, reviewer=reviewer, repeats=event.repeats
        )
        restores = None
        if target is not None:
            restores = target.decision_id
            state = replace(
                state,
                status=target.status,
                tags=target.tags,
                comment=target.comment,
                suggested_tag=target.suggested_tag,
                picked_by=target.picked_by,
                details=target.details,
            )
        return self.append(kind, state, undoes=event.id, restores=restores)
