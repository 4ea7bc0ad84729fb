"""Two sessions on one database, file or server: each sees the other, and nothing is wiped out."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, make_url, text

from napari_mask_audit.errors import StoreError
from napari_mask_audit.review import database
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession

ITEMS = [QueueItem(name, score) for name, score in zip("abcd", (0.8, 0.6, 0.4, 0.2), strict=True)]
CORRECTION = Correction(
    sample="d", reviewer="ann", source="m", file="x/d.png", before="a", after="b", pixels=3
)
WRITING: list[Callable[[ReviewSession], object]] = [
    lambda s: s.toggle_tag("boundary"),
    lambda s: s.set_status("unsure", advance=True),
    lambda s: s.set_comment("other"),
    lambda s: s.correct(CORRECTION),
    lambda s: s.undo(),
    lambda s: s.redo(),
]
READING: list[Callable[[ReviewSession], object]] = [
    lambda s: s.history("d"),
    lambda s: s.refresh_from_store(),
]


@pytest.fixture
def people(open_store: Callable) -> tuple[ReviewSession, ReviewSession]:
    return ReviewSession(ITEMS, open_store(), "ann"), ReviewSession(ITEMS, open_store(), "bob")


def test_each_sees_what_the_other_decides(people: tuple[ReviewSession, ReviewSession]) -> None:
    ann, bob = people
    heard = []
    bob.verdict_changed.connect(heard.append)
    bob.said.connect(heard.append)
    ann.set_status("needs_fix")
    ann.correct(CORRECTION)
    assert bob.take_in(bob.store.everything_since(bob.last_event)) == 1
    assert heard == ["d", "ann has just saved a correction of d"]
    assert (bob.verdict("d").status, bob.verdict("d").decided_by) == ("needs_fix", "ann")
    assert bob.progress == (1, 4)
    assert bob.refresh_from_store() == 0, "nothing is told twice"
    assert [event.kind for event in bob.history("d")] == ["verdict", "correction"]


def test_tags_of_both_are_merged_although_neither_saw_the_other(
    people: tuple[ReviewSession, ReviewSession],
) -> None:
    ann, bob = people
    ann.toggle_tag("boundary")
    bob.toggle_tag("missed_small")
    bob.set_comment("left")
    ann.set_status("needs_fix")
    for session in people:
        session.refresh_from_store()
        verdict = session.verdict("d")
        assert (verdict.tags, verdict.comment, verdict.status) == (
            ("boundary", "missed_small"),
            "left",
            "needs_fix",
        )
    ann.toggle_tag("missed_small")
    bob.toggle_tag("missed_small")
    assert ann.store.latest("d").tags == ("boundary",), "both wanted it off"
    bob.refresh_from_store()
    assert bob.undo()
    assert ann.store.latest("d").tags == ("boundary",), "ann's decision stands"


def test_both_put_the_same_tag_on(people: tuple[ReviewSession, ReviewSession]) -> None:
    for session in people:
        session.toggle_tag("boundary")
    assert people[0].store.latest("d").tags == ("boundary",)


def state_of(session: ReviewSession) -> tuple:
    return session.current, dict(session.verdicts("d")), session.samples, session.progress


@pytest.mark.parametrize("verb", WRITING)
def test_a_locked_store_changes_nothing_and_says_so(
    place: str, open_store: Callable, monkeypatch: pytest.MonkeyPatch, verb: Callable
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.2)
    session = ReviewSession(ITEMS, open_store(), "ann")
    session.toggle_tag("fold")
    session.undo()
    session.toggle_tag("glare")
    before = state_of(session)
    engine = create_engine(place if "://" in place else f"sqlite:///{place}")
    with engine.connect() as other:
        if engine.dialect.name == "sqlite":
            other.exec_driver_sql("BEGIN EXCLUSIVE")
        else:
            other.execute(text("LOCK mask_audit_datasets, mask_audit_events"))
        with pytest.raises(StoreError) as caught:
            verb(session)
        assert caught.value.code == "store-locked"
        assert state_of(session) == before
        other.rollback()
    engine.dispose()
    session.set_status("accept")
    assert session.store.latest("d").status == "accept"


@pytest.fixture
def doomed(postgres_url: str) -> tuple[str, Callable[[], None]]:
    """A database of its own on the test server, and what makes it vanish."""
    name = f"doomed_{uuid.uuid4().hex[:12]}"
    server = make_url(postgres_url).difference_update_query(["options"])
    engine = create_engine(server, isolation_level="AUTOCOMMIT")

    def vanish() -> None:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))

    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False), vanish
    vanish()
    engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("verb", [*WRITING, *READING])
def test_a_server_that_is_gone_in_the_middle_changes_nothing_and_is_said(
    doomed: tuple[str, Callable[[], None]], verb: Callable
) -> None:
    from napari_mask_audit.review.store import ReviewStore

    url, vanish = doomed
    with ReviewStore.open(url, dataset_key="d") as store:
        session = ReviewSession(ITEMS, store, "ann")
        session.toggle_tag("fold")
        session.undo()
        session.toggle_tag("glare")
        before = state_of(session)
        vanish()
        for _ in range(2):
            with pytest.raises(StoreError) as caught:
                verb(session)
            assert caught.value.code == "store-unreachable"
        assert state_of(session) == before
        heard = []
        session.said.connect(heard.append)
        session.next()
        session.hide_names()
        session.repeat(0.1)
        assert session.blinding is not None
        assert len([words for words in heard if "is not remembered" in words]) == 1
