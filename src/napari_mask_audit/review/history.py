"""What happened to a sample, in words: one line per event, for docks, tables and the command line.

A verdict is stored whole; what a line says is what it changed against the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from napari_mask_audit.review.blinding import blind_mark
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.verdicts import EventKind, StoredVerdict, Verdict


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event on a sample or finding.

    Attributes
    ----------
    event : StoredVerdict
        As it is stored.
    what : str
        What it did, in words.
    is_undone : bool
        Whether its author has taken it back since.
    is_in_force : bool
        Whether it is the decision in force on its sample or finding.
    """

    event: StoredVerdict
    what: str
    is_undone: bool
    is_in_force: bool

    @property
    def about(self) -> str:
        """What it is about: the sample, or which finding."""
        return "sample" if self.event.finding is None else f"finding {self.event.finding}"

    @property
    def marks(self) -> tuple[str, ...]:
        """Under which circumstances: names hidden, judged again, in force, taken back."""
        marks = {
            "names hidden": blind_mark(self.event.details) is not None,
            "judged again": self.event.repeats is not None,
            "taken back": self.is_undone,
            "in force": self.is_in_force,
        }
        return tuple(word for word, holds in marks.items() if holds)

    def time(self, zone: tzinfo | None = None) -> str:
        """When, to the second, in a time zone; the local one by default."""
        moment = datetime.fromisoformat(self.event.at).astimezone(zone)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; the time is in UTC."""
        event = self.event
        return {
            "at": event.at,
            "reviewer": event.reviewer,
            "sample": event.sample,
            "finding": event.finding,
            "kind": event.kind.value,
            "what": self.what,
            "status": None if event.status is None else event.status.value,
            "tags": list(event.tags),
            "comment": event.comment,
            "is_undone": self.is_undone,
            "is_in_force": self.is_in_force,
            "repeats": event.repeats,
            "details": dict(event.details),
        }


def history_lines(
    events: Iterable[StoredVerdict], labels: Mapping[str, str] | None = None
) -> tuple[HistoryLine, ...]:
    """The events of samples in words.

    Parameters
    ----------
    events : iterable of StoredVerdict
        Everything about one sample or several, oldest first (``store.history(sample)``).
    labels : mapping of str to str, optional
        What tags are called, by name.

    Returns
    -------
    tuple of HistoryLine
        In the same order.
    """
    events = list(events)
    undone = _taken_back(events)
    last = {_subject(event): event.decision_id for event in events if _decides(event)}
    states: dict[object, StoredVerdict] = {}
    lines = []
    for event in events:
        what = _words(event, states.get(_subject(event)), labels or {})
        in_force = _decides(event) and event.kind is EventKind.VERDICT
        in_force = in_force and event.repeats is None and last[_subject(event)] == event.id
        lines.append(HistoryLine(event, what, event.id in undone, in_force))
        if _decides(event):
            states[_subject(event)] = event
    return tuple(lines)


def _subject(event: Verdict) -> tuple[object, ...]:
    return event.sample, event.finding, event.repeats


def _decides(event: StoredVerdict) -> bool:
    return event.kind is not EventKind.CORRECTION


def _taken_back(events: Iterable[StoredVerdict]) -> set[int]:
    """Numbers of the verdicts that their authors have taken back and not brought back."""
    root: dict[int, int] = {}  # of an undo or redo: the verdict it is about in the end
    gone: set[int] = set()
    for event in events:
        if event.undoes is None:
            continue
        root[event.id] = root.get(event.undoes, event.undoes)
        (gone.add if event.kind is EventKind.UNDO else gone.discard)(root[event.id])
    return gone


def _words(event: StoredVerdict, before: StoredVerdict | None, labels: Mapping[str, str]) -> str:
    if event.kind is EventKind.CORRECTION:
        correction = Correction.from_event(event)
        why = f": {correction.reason}" if correction.reason else ""
        return f"corrected {correction.source}, {correction.pixels:,} px, as {correction.file}{why}"
    change = _change(event, before, labels)
    if event.kind is EventKind.VERDICT:
        return change
    word = "undone" if event.kind is EventKind.UNDO else "done again"
    return f"{word}: {change}"


def _change(event: Verdict, before: Verdict | None, labels: Mapping[str, str]) -> str:
    """What differs from the state before, in words; agreement where nothing does."""
    parts = []
    if event.status is not (None if before is None else before.status):
        parts.append("open again" if event.status is None else event.status.replace("_", " "))
    had = () if before is None else before.tags
    for word, names in (
        ("tagged", [tag for tag in event.tags if tag not in had]),
        ("no longer tagged", [tag for tag in had if tag not in event.tags]),
    ):
        if names:
            called = (labels.get(name, name.replace("_", " ")) for name in names)
            parts.append(f"{word} {', '.join(called)}")
    if event.comment != ("" if before is None else before.comment):
        parts.append(f"comment “{event.comment}”" if event.comment else "comment removed")
    if parts:
        return "; ".join(parts)
    return "agreed" if event.status is None else f"agreed: {event.status.replace('_', ' ')}"
