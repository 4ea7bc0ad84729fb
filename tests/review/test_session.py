"""The session: verbs, the queue under the cursor, other reviewers, and a failing store."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from napari_mask_audit.errors import SettingsError, StoreError
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.tags import tags_with

# Worst first: d c b a.
ITEMS = [QueueItem(name, score) for name, score in zip("abcd", (0.8, 0.6, 0.4, 0.2), strict=True)]


def start(
    store: ReviewStore, reviewer: str = "ann", items: list[QueueItem] = ITEMS, **options: object
) -> ReviewSession:
    return ReviewSession(items, store, reviewer, tags_with(["fold"]), **options)


@pytest.fixture
def session(file_store: ReviewStore) -> ReviewSession:
    return start(file_store)


@pytest.fixture
def other(file_store: ReviewStore) -> ReviewSession:
    """Bob's session, on a connection of his own to the same database."""
    with ReviewStore.open(file_store.name, dataset_key="d") as store:
        yield start(store, "bob")


def listen(session: ReviewSession) -> list[tuple[str, object]]:
    """Everything the session signals from now on, in order."""
    heard: list[tuple[str, object]] = []
    session.queue_changed.connect(lambda: heard.append(("queue", None)))
    session.current_changed.connect(lambda sample: heard.append(("current", sample)))
    session.verdict_changed.connect(lambda sample: heard.append(("verdict", sample)))
    session.said.connect(lambda words: heard.append(("said", words)))
    return heard


def test_it_opens_on_the_worst_sample(session: ReviewSession) -> None:
    assert (session.current, session.samples) == ("d", ["d", "c", "b", "a"])
    assert session.progress == (0, 4)
    assert len(session) == 4
    assert session.item_at(1).sample == "c"
    assert session.position("a") == 3
    assert session.position("unknown") is None


def test_a_verdict_is_in_the_store_before_any_signal(session: ReviewSession) -> None:
    seen = []
    session.verdict_changed.connect(lambda name: seen.append(session.store.latest(name)))
    session.current_changed.connect(lambda _name: seen.append(session.store.latest("d")))
    session.set_status("needs_fix", advance=True)
    assert [found.status for found in seen] == ["needs_fix", "needs_fix"]
    assert session.current == "c"
    assert session.progress == (1, 4)


def test_next_and_previous_stop_at_the_ends_and_say_so(session: ReviewSession) -> None:
    heard = listen(session)
    assert not session.previous()
    assert heard == [("said", "this is the first sample in the queue")]
    assert [session.next() for _ in range(4)] == [True, True, True, False]
    assert heard[-1] == ("said", "this is the last sample in the queue")
    assert session.previous()
    assert session.current == "b"


def test_next_unreviewed_starts_from_the_top_again(session: ReviewSession) -> None:
    session.set_status("accept", sample="c")
    assert session.next_unreviewed()
    assert session.current == "b"
    session.go_to("a")
    session.set_status("accept", advance=True)
    assert session.current == "d"
    session.set_status("accept", advance=True)
    assert session.current == "b"
    heard = listen(session)
    session.set_status("accept", advance=True)
    assert session.current == "b"
    assert heard[-1] == ("said", "every other sample is reviewed")


def test_going_over_reviewed_samples_steps_row_by_row(session: ReviewSession) -> None:
    session.set_status("accept", advance=True)
    session.set_status("accept", advance=True)
    session.go_to("d")
    session.set_status("unsure", advance=True)
    assert session.current == "c"


def test_tags_keep_their_order_and_go_off_again(session: ReviewSession) -> None:
    heard = listen(session)
    session.toggle_tag("fold")
    session.toggle_tag("missed_small")
    assert session.verdict("d").tags == ("fold", "missed_small")
    session.toggle_tag("fold")
    assert session.verdict("d").tags == ("missed_small",)
    assert session.progress == (0, 4), "a tag alone does not make a sample reviewed"
    assert [what for what in heard if what[0] == "said"] == [
        ("said", "d: tagged fold"),
        ("said", "d: tagged missed small"),
        ("said", "d: no longer tagged fold"),
    ]
    with pytest.raises(SettingsError):
        session.toggle_tag("a;b")


def test_a_correction_is_stored_and_said_and_decides_nothing(session: ReviewSession) -> None:
    heard = listen(session)
    correction = Correction(
        sample="d", reviewer="ann", source="m", file="x/d.png", before="a", after="b", pixels=3
    )
    session.correct(correction)
    assert heard == [("verdict", "d"), ("said", "d: correction saved as x/d.png")]
    assert Correction.from_event(session.history("d")[0]) == correction
    assert (session.verdict("d"), session.progress) == (None, (0, 4))
    assert not session.undo()


def test_a_comment_is_stored_once_and_trimmed(session: ReviewSession) -> None:
    session.set_comment(" left edge\n")
    session.set_comment("left edge", sample="d")
    assert session.verdict("d").comment == "left edge"
    assert len(session.store.changes_since(0)) == 1
    session.set_comment("")
    assert session.verdict("d") is None, "nothing is decided any more"


def test_verdicts_on_findings_are_apart_from_that_on_the_sample(session: ReviewSession) -> None:
    session.set_status("accept", finding="f1")
    session.toggle_tag("boundary", finding="f2")
    assert session.verdict("d") is None
    assert session.verdict("d", "f1").status == "accept"
    assert set(session.verdicts("d")) == {"f1", "f2"}
    assert session.progress == (0, 4)
    session.set_filter("tag:boundary")
    assert session.samples == ["d"]


def test_undo_and_redo_show_the_sample_they_changed(session: ReviewSession) -> None:
    session.set_status("accept", advance=True)
    session.next()
    assert session.undo()
    assert (session.current, session.verdict("d")) == ("d", None)
    assert session.progress == (0, 4)
    session.go_to("a")
    heard = listen(session)
    assert session.redo()
    assert heard == [("current", "d"), ("verdict", "d"), ("said", "d: done again")]
    assert session.is_reviewed("d")
    assert not session.redo()
    assert heard[-1] == ("said", "nothing to redo")


def test_an_unknown_sample_cannot_be_opened(session: ReviewSession) -> None:
    with pytest.raises(KeyError):
        session.go_to("z")
    assert session.current == "d"


def test_an_empty_queue_has_nothing_to_decide_about(file_store: ReviewStore) -> None:
    session = start(file_store, items=[])
    heard = listen(session)
    assert (session.current, session.next(), session.next_unreviewed()) == (None, False, False)
    assert heard == [("said", "the queue is empty")] * 2
    with pytest.raises(KeyError, match="no sample is open"):
        session.set_status("accept")


def test_the_suggested_tag_is_taken_by_one_verb_and_kept_beside_the_verdict(
    file_store: ReviewStore,
) -> None:
    session = start(file_store, items=[QueueItem("a", 0.1, suggested_tag="missed_small")])
    session.accept_suggestion()
    session.accept_suggestion()
    assert session.verdict("a").tags == ("missed_small",)
    assert session.verdict("a").suggested_tag == "missed_small"
    assert len(file_store.changes_since(0)) == 1


def test_a_verdict_knows_how_its_sample_was_picked(session: ReviewSession) -> None:
    session.set_order("random:8")
    session.set_status("accept")
    assert session.verdict(session.current).picked_by == "random:8"
    session.set_filter("-status:accept")
    session.next()
    session.set_status("accept")
    assert session.verdict(session.current).picked_by == "random:8 where -status:accept"


# -- the queue under the cursor ------------------------------------------------------------------


def test_a_new_order_keeps_the_current_sample(session: ReviewSession) -> None:
    session.go_to("c")
    heard = listen(session)
    session.set_order("name")
    assert (session.samples, session.current) == (["a", "b", "c", "d"], "c")
    assert heard == [("queue", None)]
    with pytest.raises(SettingsError):
        session.set_order("by mood")
    assert str(session.order) == "name"


def test_a_filter_that_hides_the_current_sample_leaves_it_open(session: ReviewSession) -> None:
    session.set_filter("sample:b")
    assert (session.samples, session.current) == (["b"], "d")
    assert session.position("d") is None
    assert session.next()
    assert session.current == "b"
    session.set_filter("nothing has this")
    heard = listen(session)
    assert not session.next()
    assert heard == [("said", "no sample matches the filter")]


def test_a_verdict_moves_no_row(session: ReviewSession) -> None:
    session.set_order("unreviewed_first")
    session.set_filter("status:none")
    session.set_status("accept", advance=True)
    assert session.samples == ["d", "c", "b", "a"]
    assert session.current == "c"
    session.set_filter("status:none")
    assert session.samples == ["c", "b", "a"]


def test_samples_that_arrive_leave_the_current_one_on_its_row(session: ReviewSession) -> None:
    session.go_to("c")
    heard = listen(session)
    session.add_items([QueueItem("e", 0.1), QueueItem("f", 0.9), QueueItem("g", 0.0)])
    assert session.samples == ["g", "c", "e", "d", "b", "a", "f"]
    assert (session.current, session.position("c")) == ("c", 1)
    assert heard == [("queue", None)]
    session.add_items([QueueItem("c", 0.95)])
    assert session.position("c") == 1, "its own new score does not move it either"
    session.set_order("worst_first")
    assert session.samples[-1] == "c"


def test_the_first_sample_to_arrive_becomes_current(file_store: ReviewStore) -> None:
    session = start(file_store, items=[])
    heard = listen(session)
    session.add_items([])
    assert heard == []
    session.add_items([QueueItem("b"), QueueItem("a")])
    assert session.current == "a"
    assert heard == [("queue", None), ("current", "a")]


def test_progress_counts_only_samples_that_are_there(file_store: ReviewStore) -> None:
    start(file_store).set_status("accept", sample="a")
    assert start(file_store, items=ITEMS[1:]).progress == (0, 3)
    assert start(file_store).progress == (1, 4)


# -- another sitting, another reviewer -----------------------------------------------------------


def test_reopening_returns_to_exactly_where_one_was(file_store: ReviewStore) -> None:
    session = start(file_store)
    session.set_order("random:8")
    session.set_filter("-sample:a")
    session.go_to("b")
    again = start(file_store)
    assert (again.current, str(again.order), again.filter_text) == ("b", "random:8", "-sample:a")
    assert again.samples == session.samples
    assert start(file_store, "bob").current == "d", "bob has a place of his own"
    assert start(file_store, resume=False).current == "d"


def test_a_remembered_sample_is_opened_when_it_arrives_unless_one_has_moved_on(
    file_store: ReviewStore,
) -> None:
    start(file_store).go_to("b")
    late = start(file_store, items=ITEMS[2:])
    assert late.current == "d"
    late.set_order("name")
    assert start(file_store, items=ITEMS).current == "b", "still remembered"
    heard = listen(late)
    late.add_items(ITEMS)
    assert late.current == "b"
    assert heard == [("queue", None), ("current", "b")]
    for act in ("next", "accept"):
        start(file_store).go_to("b")
        busy = start(file_store, items=ITEMS[2:])
        busy.next() if act == "next" else busy.set_status("accept")
        before = busy.current
        busy.add_items(ITEMS)
        assert busy.current == before


def test_a_place_that_cannot_be_understood_is_the_beginning(file_store: ReviewStore) -> None:
    for kept in ([1], {"order": "by mood", "sample": 3}, {"sample": "gone"}):
        file_store.remember("ann", "review", kept)
        assert start(file_store).current == "d"


def test_reviewers_see_each_others_verdicts(session: ReviewSession, other: ReviewSession) -> None:
    other.set_status("unsure", sample="d")
    other.toggle_tag("fold", sample="c")
    assert session.verdict("d") is None
    heard = listen(session)
    assert session.refresh_from_store() == 2
    assert heard == [
        ("verdict", "d"),
        ("verdict", "c"),
        ("said", "bob has just decided about d"),
    ]
    assert session.verdict("d").decided_by == "bob"
    assert session.progress == (1, 4)
    assert session.refresh_from_store() == 0


def test_reviewers_on_one_sample_keep_each_others_tags(
    session: ReviewSession, other: ReviewSession
) -> None:
    other.toggle_tag("fold")
    session.toggle_tag("boundary")  # without having seen bob's
    session.set_status("needs_fix")
    assert session.verdict("d").tags == ("fold", "boundary")
    assert session.refresh_from_store() == 0, "bob's tag came with ann's own change: no news"
    other.toggle_tag("boundary")  # which bob does not see yet: he means it to be on
    assert other.verdict("d").tags == ("fold", "boundary")
    assert other.verdict("d").status == "needs_fix"


def test_ones_own_changes_are_no_news(session: ReviewSession) -> None:
    session.set_status("accept")
    heard = listen(session)
    assert session.refresh_from_store() == 0
    assert heard == []


def test_a_second_reviewer_who_agrees_is_recorded_once(
    session: ReviewSession, other: ReviewSession
) -> None:
    session.set_status("accept", sample="d")
    other.set_status("accept", sample="d")
    other.set_status("accept", sample="d")
    deciders = [event.decided_by for event in session.store.history("d")]
    assert deciders == ["ann", "bob"]


def test_undo_of_what_somebody_has_changed_since_says_so(
    session: ReviewSession, other: ReviewSession
) -> None:
    session.set_status("accept", sample="d")
    other.set_status("unsure", sample="d")
    heard = listen(session)
    assert session.undo()
    assert session.verdict("d").status == "unsure"
    assert heard[-1] == ("said", "d: not undone, bob has decided since")


# -- a failing store -----------------------------------------------------------------------------

VERBS: list[Callable[[ReviewSession], object]] = [
    lambda session: session.set_status("accept", advance=True),
    lambda session: session.toggle_tag("boundary"),
    lambda session: session.set_comment("x"),
    lambda session: session.undo(),
    lambda session: session.redo(),
    lambda session: session.refresh_from_store(),
]


@pytest.mark.parametrize("verb", VERBS)
def test_when_the_store_fails_nothing_changes_and_the_error_is_the_callers(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch, verb: Callable
) -> None:
    session.set_status("needs_fix", sample="d")
    session.set_status("needs_fix", sample="c")
    session.undo()
    session.go_to("d")

    def fail(*_args: object, **_options: object) -> None:
        raise StoreError("store-disk-full", "the disk is full")

    for name in ("amend", "undo", "redo", "everything_since", "remember"):
        monkeypatch.setattr(session.store, name, fail)
    heard = listen(session)
    state = (session.current, session.verdicts("d"), session.samples, session.progress)
    with pytest.raises(StoreError, match="the disk is full"):
        verb(session)
    assert heard == []
    assert state == (session.current, session.verdicts("d"), session.samples, session.progress)


def test_looking_on_is_possible_when_the_place_cannot_be_kept(
    session: ReviewSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise StoreError("store-disk-full", "the disk is full")

    monkeypatch.setattr(session.store, "remember", fail)
    heard = listen(session)
    assert session.next()
    assert session.next()
    said = [words for kind, words in heard if kind == "said"]
    assert said == ["your place in the queue is not remembered: the disk is full"], "said once"


def test_an_order_by_further_scores_survives_reopening(file_store: ReviewStore) -> None:
    session = start(file_store)
    scores = {"a": 0.1, "b": 0.3, "c": float("nan")}
    session.add_scores("gt and ali", scores)
    session.set_order("worst_first:gt and ali")
    assert session.samples == ["a", "b", "c", "d"]
    assert session.score("b", "gt and ali") == 0.3
    session.keep_scores("gt and ali", scores)
    session.go_to("b")
    again = start(file_store)
    assert again.restore_scores()
    assert (again.samples, again.current) == (["a", "b", "c", "d"], "b")
    session.set_order("worst_first:other")
    assert not start(file_store).restore_scores()
    session.set_order("worst_first:class:pole")
    assert start(file_store).restore_scores()
