"""The place in the queue is written beside the main thread, and is there when the store closes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from napari_mask_audit.errors import StoreError
from napari_mask_audit.gui.place_keeping import PlaceKeeping
from napari_mask_audit.review.place import Place
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore


@pytest.fixture
def places(qtbot: QtBot, session: ReviewSession) -> Iterator[PlaceKeeping]:
    kept = PlaceKeeping(session)
    yield kept
    kept.stop()


def kept_sample(session: ReviewSession) -> str | None:
    return Place.load(session.store, "ann").sample


def watched(session: ReviewSession, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What is written from now on: which sample, and whether by the main thread."""
    written: list[tuple[str, bool]] = []
    remember = session.store.remember

    def noted(reviewer: str, name: str, value: dict[str, str]) -> None:
        written.append((value["sample"], threading.current_thread() is threading.main_thread()))
        remember(reviewer, name, value)

    monkeypatch.setattr(session.store, "remember", noted)
    return written


def test_a_step_is_written_by_a_thread(
    qtbot: QtBot,
    session: ReviewSession,
    places: PlaceKeeping,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = watched(session, monkeypatch)
    session.go_to("b")
    qtbot.waitUntil(lambda: places.is_done)
    assert written == [("b", False)]
    assert kept_sample(session) == "b"


def test_of_many_quick_steps_the_first_and_the_last_are_written(
    qtbot: QtBot,
    session: ReviewSession,
    places: PlaceKeeping,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = watched(session, monkeypatch)
    for sample in "abcd":
        session.go_to(sample)
    assert not places.is_done
    qtbot.waitUntil(lambda: places.is_done)
    assert written == [("a", False), ("d", False)]


def test_what_is_not_written_yet_is_written_before_the_store_closes(
    session: ReviewSession, places: PlaceKeeping
) -> None:
    for sample in "ba":
        session.go_to(sample)
    places.stop()
    assert kept_sample(session) == "a"


def test_a_place_that_cannot_be_written_is_said_once_and_steps_go_on(
    qtbot: QtBot,
    session: ReviewSession,
    places: PlaceKeeping,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_args: object) -> None:
        raise StoreError("store-disk-full", "the disk is full")

    said: list[str] = []
    session.said.connect(said.append)
    with monkeypatch.context() as patched:
        patched.setattr(session.store, "remember", fail)
        for sample in "ab":
            session.go_to(sample)
            qtbot.waitUntil(lambda: places.is_done)
    assert said == ["your place in the queue is not remembered: the disk is full"]
    session.go_to("c")
    qtbot.waitUntil(lambda: places.is_done)
    assert kept_sample(session) == "c"


def test_a_store_in_memory_has_one_connection_and_is_written_at_once(
    qtbot: QtBot, session: ReviewSession
) -> None:
    with ReviewStore.open("sqlite://", dataset_key="d") as store:
        assert store.is_in_memory
        assert not session.store.is_in_memory
        fleeting = ReviewSession([session.item("a"), session.item("b")], store, "ann")
        places = PlaceKeeping(fleeting)
        fleeting.go_to("a")
        assert places.is_done
        assert kept_sample(fleeting) == "a"
        places.stop()
