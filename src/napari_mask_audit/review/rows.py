"""Reading events: the one query shape, and the verdict made from a row."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, Select, select

from napari_mask_audit.review.schema import events
from napari_mask_audit.review.verdicts import EventKind, ReviewStatus, StoredVerdict

_restored = events.alias("restored")


def select_events() -> Select[Any]:
    """Events, each with the author and time of the verdict it restores, if it does."""
    return select(
        events,
        _restored.c.reviewer.label("restored_by"),
        _restored.c.at.label("restored_at"),
    ).select_from(events.outerjoin(_restored, _restored.c.id == events.c.restores))


def to_verdict(row: Row[Any]) -> StoredVerdict:
    """The verdict a row stands for."""
    kind = EventKind(row.kind)
    decided = kind is EventKind.VERDICT
    return StoredVerdict(
        id=row.id,
        kind=kind,
        sample=row.sample,
        finding=row.finding,
        reviewer=row.reviewer,
        session=row.session,
        at=row.at,
        status=None if row.status is None else ReviewStatus(row.status),
        tags=() if row.tags == "[]" else tuple(json.loads(row.tags)),
        comment=row.comment,
        suggested_tag=row.suggested_tag,
        picked_by=row.picked_by,
        undoes=row.undoes,
        restores=row.restores,
        decided_by=row.reviewer if decided else row.restored_by,
        decided_at=row.at if decided else row.restored_at,
    )
