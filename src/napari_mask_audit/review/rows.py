"""Reading events: the one query shape, and the verdict made from a row."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, null, select

from napari_mask_audit.review.schema import ADDED_COLUMNS, SCHEMA_VERSION, events
from napari_mask_audit.review.verdicts import EventKind, ReviewStatus, StoredVerdict

_KINDS = {kind.value: kind for kind in EventKind}
_STATUSES: dict[str | None, ReviewStatus | None] = {
    None: None,
    **{status.value: status for status in ReviewStatus},
}

_restored = events.alias("restored")


#: Kinds of events that say what is decided.
DECIDING = (EventKind.VERDICT, EventKind.UNDO, EventKind.REDO)


def select_events(version: int = SCHEMA_VERSION) -> Select[Any]:
    """Events, each with the author and time of the verdict it restores, if it does.

    Parameters
    ----------
    version : int
        Of the store: what it has no column for is read as NULL.
    """
    columns = events.c
    return select(
        columns.id,
        columns.sample,
        columns.finding,
        columns.kind,
        columns.reviewer,
        columns.session,
        columns.at,
        columns.status,
        columns.tags,
        columns.comment,
        columns.suggested_tag,
        columns.picked_by,
        columns.undoes,
        columns.restores,
        *(_column(name, version) for name in ADDED_COLUMNS),
        _restored.c.reviewer,
        _restored.c.at,
    ).select_from(events.outerjoin(_restored, _restored.c.id == columns.restores))


def repeats_is(number: int | None, version: int) -> ColumnElement[bool]:
    """Events on the decision in force (None), or on the one beside it that repeats a verdict."""
    return _column("repeats", version).is_not_distinct_from(number)


def _column(name: str, version: int) -> ColumnElement[Any]:
    return events.c[name] if version >= ADDED_COLUMNS[name] else null().label(name)


def to_verdict(row: Row[Any]) -> StoredVerdict:
    """The verdict a row of :func:`select_events` stands for."""
    # Unpacked in one go: looking eighteen names up in a row takes longer than all the rest.
    (
        number,
        sample,
        finding,
        kind,
        reviewer,
        session,
        at,
        status,
        tags,
        comment,
        suggested_tag,
        picked_by,
        undoes,
        restores,
        details,
        repeats,
        restored_by,
        restored_at,
    ) = tuple(row)
    decided = kind in (EventKind.VERDICT, EventKind.CORRECTION)
    return StoredVerdict(
        id=number,
        kind=_KINDS[kind],
        sample=sample,
        finding=finding,
        reviewer=reviewer,
        session=session,
        at=at,
        status=_STATUSES[status],
        tags=_tags(tags),
        comment=comment,
        suggested_tag=suggested_tag,
        picked_by=picked_by,
        details=json.loads(details) if details else {},
        repeats=repeats,
        undoes=undoes,
        restores=restores,
        decided_by=reviewer if decided else restored_by,
        decided_at=at if decided else restored_at,
    )


@lru_cache(maxsize=4096)
def _tags(text: str) -> tuple[str, ...]:
    """The tags of a row; the same few combinations come again and again."""
    return tuple(json.loads(text))
