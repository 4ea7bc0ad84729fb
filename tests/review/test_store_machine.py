"""Random verbs by two reviewers, checked against an obvious model of the store."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import EventKind

SAMPLES = ["a", "b"]
BLANK = (None, (), "")
people = st.sampled_from(["ann", "bob"])
subjects = st.tuples(st.sampled_from(SAMPLES), st.sampled_from([None, "f1"]))


@dataclass
class Decision:
    """A verdict in the model; which one is in force is a question of identity, not of content."""

    subject: tuple
    state: tuple
    before: Decision | None


@dataclass
class Desk:
    """What one reviewer can undo and redo in the model."""

    undoable: list[Decision] = field(default_factory=list)
    redoable: list[Decision] = field(default_factory=list)


class TwoReviewers(RuleBasedStateMachine):
    """Each has a session and a connection of their own, and always sees what the other stored."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.sessions = {}
        for name in ("ann", "bob"):
            store = ReviewStore.open(self.folder / "r.sqlite", dataset_key="d")
            self.sessions[name] = ReviewSession([QueueItem(s) for s in SAMPLES], store, name)
        self.desks = {"ann": Desk(), "bob": Desk()}
        self.in_force: dict[tuple, Decision | None] = {}
        self.n_events = 0

    def teardown(self) -> None:
        for session in self.sessions.values():
            session.store.close()
        shutil.rmtree(self.folder)

    def state(self, subject: tuple) -> tuple:
        decision = self.in_force.get(subject)
        return BLANK if decision is None else decision.state

    def decide(self, who: str, subject: tuple, state: tuple) -> None:
        decision = Decision(subject, state, self.in_force.get(subject))
        self.in_force[subject] = decision
        self.desks[who].undoable.append(decision)
        self.desks[who].redoable.clear()
        self.n_events += 1

    @rule(who=people, subject=subjects, tag=st.sampled_from(["boundary", "fold"]))
    def toggle(self, who: str, subject: tuple, tag: str) -> None:
        self.sessions[who].toggle_tag(tag, sample=subject[0], finding=subject[1])
        status, tags, comment = self.state(subject)
        tags = tuple(t for t in tags if t != tag) if tag in tags else (*tags, tag)
        self.decide(who, subject, (status, tags, comment))

    @rule(who=people, subject=subjects, text=st.sampled_from(["", "x", "y\0"]))
    def comment(self, who: str, subject: tuple, text: str) -> None:
        self.sessions[who].set_comment(text, sample=subject[0], finding=subject[1])
        status, tags, comment = self.state(subject)
        if text != comment:
            self.decide(who, subject, (status, tags, text))

    @rule(who=people, subject=subjects, status=st.sampled_from(["accept", "needs_fix", "unsure"]))
    def judge(self, who: str, subject: tuple, status: str) -> None:
        session = self.sessions[who]
        before = session.store.latest(*subject)
        session.set_status(status, sample=subject[0], finding=subject[1])
        old, tags, comment = self.state(subject)
        if old != status or before.decided_by != who:
            self.decide(who, subject, (status, tags, comment))

    @rule(who=people)
    def undo(self, who: str) -> None:
        desk = self.desks[who]
        assert self.sessions[who].undo() == bool(desk.undoable)
        if desk.undoable:
            self.n_events += 1
            decision = desk.undoable.pop()
            if self.in_force[decision.subject] is decision:
                self.in_force[decision.subject] = decision.before
                desk.redoable.append(decision)

    @rule(who=people)
    def redo(self, who: str) -> None:
        desk = self.desks[who]
        assert self.sessions[who].redo() == bool(desk.redoable)
        if desk.redoable:
            self.n_events += 1
            decision = desk.redoable.pop()
            if self.in_force[decision.subject] is decision.before:
                self.in_force[decision.subject] = decision
                desk.undoable.append(decision)

    @invariant()
    def everybody_sees_what_is_in_force(self) -> None:
        stored = self.sessions["ann"].store.all_latest()
        for session in self.sessions.values():
            session.refresh_from_store()
        for sample in SAMPLES:
            for finding in (None, "f1"):
                expected = self.state((sample, finding))
                seen = [stored.get((sample, finding))]
                seen += [s.verdict(sample, finding) for s in self.sessions.values()]
                for verdict in seen:
                    found = verdict and (verdict.status, verdict.tags, verdict.comment)
                    assert (found or BLANK) == expected

    @invariant()
    def every_verb_added_one_event_and_none_was_lost(self) -> None:
        store = self.sessions["ann"].store
        with store._engine.connect() as connection:
            count = connection.exec_driver_sql("SELECT count(*) FROM mask_audit_events").scalar()
        assert count == self.n_events
        assert all(event.kind != EventKind.OVERTAKEN for event in store.changes_since(0))


TwoReviewers.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestTwoReviewers = TwoReviewers.TestCase
