"""The contract of the store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from napari_mask_audit.errors import StoreError
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import EventKind, ReviewStatus, Verdict

AWKWARD = [
    "plain",
    "back\\slash \\u00e9",
    "nul\0",
    "not-utf8-\udce9",
    "🧬 ß '\"; DROP",
    "a\r\nb",
    " ",
]


def verdict(sample: str = "s1", reviewer: str = "ann", **fields: object) -> Verdict:
    return Verdict(sample=sample, reviewer=reviewer, **fields)


def run_together(jobs: list) -> None:
    """Run the jobs in threads that start at once; fail if one fails."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job) -> None:
        try:
            start.wait(10)
            job()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures


def test_a_verdict_is_read_back_by_another_connection_as_it_was_given(open_store) -> None:
    given = verdict(
        finding="f1",
        status="needs_fix",
        tags=("missed_small", "boundary"),
        comment="left edge",
        suggested_tag="boundary",
        picked_by="random:8",
    )
    moment = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    stored = open_store(clock=lambda: moment, session="monday").record(given)
    assert open_store().latest("s1", "f1") == stored
    assert stored.status is ReviewStatus.NEEDS_FIX
    assert stored.tags == ("missed_small", "boundary")
    assert (stored.at, stored.session) == ("2026-03-04T05:06:07.000089+00:00", "monday")
    assert (stored.comment, stored.suggested_tag) == ("left edge", "boundary")
    assert (stored.picked_by, stored.decided_by) == ("random:8", "ann")


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_comes_back_exactly(open_store, text: str) -> None:
    store = open_store(dataset_key=text)
    given = verdict(text, text, finding=text, comment=text, tags=(text,), suggested_tag=text)
    store.record(given)
    found = open_store(dataset_key=text).all_latest()[text, text]
    assert (found.sample, found.finding, found.reviewer) == (text, text, text)
    assert (found.comment, found.tags, found.suggested_tag) == (text, (text,), text)
    assert store.latest(text, text) == found
    assert store.dataset_keys() == [text]


def test_the_latest_verdict_wins_and_findings_are_apart(store: ReviewStore) -> None:
    store.record(verdict(status="accept"))
    store.record(verdict(status="unsure", finding="f1"))
    store.record(verdict(status="needs_fix", reviewer="bob"))
    states = {key: found.status for key, found in store.all_latest().items()}
    assert states == {("s1", None): "needs_fix", ("s1", "f1"): "unsure"}
    assert store.latest("s1").decided_by == "bob"
    assert store.latest("s2") is None
    assert store.latest("s1", "f2") is None


def test_history_has_every_event_of_a_sample_oldest_first(store: ReviewStore) -> None:
    store.record(verdict(status="accept"))
    store.record(verdict("other", status="accept"))
    store.record(verdict(finding="f1", tags=("boundary",)))
    store.undo("ann")
    kinds = [(event.finding, event.kind) for event in store.history("s1")]
    assert kinds == [(None, "verdict"), ("f1", "verdict"), ("f1", "undo")]


def test_undo_restores_each_earlier_state_and_redo_each_later_one(store: ReviewStore) -> None:
    for tags in [("a",), ("a", "b"), ("b",)]:
        store.record(verdict(tags=tags))
    assert [store.undo("ann").tags for _ in range(3)] == [("a", "b"), ("a",), ()]
    assert store.latest("s1").is_blank
    assert store.undo("ann") is None
    assert [store.redo("ann").tags for _ in range(3)] == [("a",), ("a", "b"), ("b",)]
    assert store.redo("ann") is None
    assert store.undo("ann").tags == ("a", "b")
    assert len(store.changes_since(0)) == 3 + 3 + 3 + 1  # every step is an event of its own


def test_a_new_verdict_empties_what_could_be_redone(store: ReviewStore) -> None:
    store.record(verdict(status="accept"))
    store.undo("ann")
    store.record(verdict(status="unsure"))
    assert store.redo("ann") is None
    assert store.latest("s1").status == "unsure"


def test_undo_stays_within_the_reviewer_and_the_sitting(open_store) -> None:
    monday, tuesday = open_store(session="monday"), open_store(session="tuesday")
    monday.record(verdict("s1", status="accept"))
    monday.record(verdict("s2", "bob", status="unsure"))
    assert tuesday.undo("ann") is None
    assert monday.undo("ann").sample == "s1"
    assert monday.undo("ann") is None
    assert monday.latest("s2").status == "unsure"


def test_undo_leaves_somebody_elses_later_verdict_and_goes_further_back_next(open_store) -> None:
    ann, bob = open_store(), open_store()
    ann.record(verdict("s0", status="accept"))
    ann.record(verdict("s1", status="accept"))
    theirs = bob.record(verdict("s1", "bob", status="needs_fix"))
    overtaken = ann.undo("ann")
    assert overtaken.kind is EventKind.OVERTAKEN
    assert (overtaken.status, overtaken.decided_by) == ("needs_fix", "bob")
    assert ann.latest("s1") == theirs
    assert ann.undo("ann").sample == "s0"
    assert ann.undo("ann") is None
    assert ann.redo("ann").sample == "s0"
    assert ann.redo("ann") is None, "an overtaken undo changed nothing to bring back"


def test_redo_leaves_somebody_elses_later_verdict(open_store) -> None:
    ann, bob = open_store(), open_store()
    ann.record(verdict(status="accept"))
    ann.undo("ann")
    theirs = bob.record(verdict(reviewer="bob", status="needs_fix"))
    assert ann.redo("ann").kind is EventKind.OVERTAKEN
    assert bob.latest("s1") == theirs
    assert ann.redo("ann") is None


def test_after_an_undo_the_decision_is_again_that_of_its_author(open_store) -> None:
    ann, bob = open_store(), open_store()
    theirs = bob.record(verdict(reviewer="bob", status="needs_fix"))
    ann.record(verdict(status="accept"))
    undone = ann.undo("ann")
    assert (undone.reviewer, undone.decided_by, undone.decided_at) == ("ann", "bob", theirs.at)
    assert undone.restores == theirs.id
    bob.undo("bob")
    assert ann.latest("s1").is_blank, "bob's own verdict is in force again and his to take back"


def test_changes_since_gives_what_others_stored_after_a_number(open_store) -> None:
    ann, bob = open_store(), open_store()
    first = ann.record(verdict("s1", status="accept"))
    assert bob.changes_since(0) == [first]
    second = ann.record(verdict("s2", tags=("a",)))
    assert bob.changes_since(first.id) == [second]
    assert bob.changes_since(second.id) == []


def test_a_repeat_stands_beside_the_verdict_it_repeats(open_store) -> None:
    store = open_store()
    first = store.record(verdict(status="accept"))
    repeat = store.record(verdict(status="unsure", repeats=first.id, details={"blind": True}))
    assert store.latest("s1") == first
    assert store.all_latest() == {("s1", None): first}
    assert open_store().latest("s1", repeats=first.id) == repeat
    assert store.changes_since(0) == [first]
    assert store.everything_since(0) == [first, repeat] == store.history("s1")
    undone = store.undo("ann")
    assert (undone.repeats, undone.is_blank) == (first.id, True)
    assert store.latest("s1") == first
    assert store.redo("ann").details == {"blind": True}
    amended = store.amend(
        "s1", None, lambda state: replace(verdict(), repeats=state.repeats), repeats=first.id
    )
    assert (amended.repeats, store.latest("s1")) == (first.id, first)


def test_a_correction_is_kept_and_decides_nothing(open_store) -> None:
    correction = Correction(
        sample="s1",
        reviewer="ann",
        source="model",
        file="masks/corrected/s1.png",
        before="sha256:a",
        after="sha256:b",
        pixels=12,
        reason="the left\0 edge 🧬",
        finding="f1",
        extra={"taken_from": "bob"},
    )
    store = open_store(session="monday")
    first = store.record(verdict(status="accept"))
    event = store.record_correction(correction)
    assert (event.kind, event.session, event.decided_by) == ("correction", "monday", "ann")
    assert Correction.from_event(open_store().history("s1")[-1]) == correction
    assert open_store().everything_since(first.id) == [event]
    assert store.changes_since(0) == [first]
    assert store.latest("s1", "f1") is None
    assert store.undo("ann").is_blank, "undo takes back the verdict before it"
    assert store.undo("ann") is None


@pytest.mark.parametrize("field", ["sample", "reviewer", "source", "file", "pixels"])
def test_a_correction_of_nothing_cannot_be_made(field: str) -> None:
    given = {"sample": "s", "reviewer": "r", "source": "m", "file": "f", "pixels": 1}
    with pytest.raises(ValueError, match="a correction"):
        Correction(**given | {field: -1 if field == "pixels" else ""}, before="a", after="b")


def test_datasets_in_one_database_do_not_see_each_other(open_store) -> None:
    town, cells = open_store("town"), open_store("cells")
    town.record(verdict(status="accept"))
    town.remember("ann", "here", 1)
    assert cells.latest("s1") is None
    assert cells.all_latest() == {}
    assert cells.history("s1") == []
    assert cells.changes_since(0) == []
    assert cells.undo("ann") is None
    assert cells.recall("ann", "here") is None
    assert cells.dataset_keys() == ["town"]


def test_amend_gets_the_latest_state_and_none_leaves_it(store: ReviewStore) -> None:
    assert store.amend("s1", None, lambda state: None) is None
    store.amend("s1", None, lambda state: verdict(tags=("a",)))
    amended = store.amend("s1", None, lambda state: verdict(tags=(*state.tags, "b")))
    assert amended.tags == ("a", "b")
    assert store.amend("s1", None, lambda state: None) == amended


def test_a_change_that_fails_half_way_stores_nothing(store: ReviewStore) -> None:
    def fail(_state: object) -> Verdict:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.amend("s1", None, fail)
    assert store.changes_since(0) == []
    assert store.record(verdict(status="accept")).status == "accept"


def test_amendments_from_many_connections_at_once_are_all_kept(open_store) -> None:
    stores = [open_store() for _ in range(4)]

    def amend_often(number: int) -> None:
        for turn in range(10):
            tag = f"{number}-{turn}"
            stores[number].amend(
                "s1",
                None,
                lambda state, tag=tag: verdict(tags=(*(state.tags if state else ()), tag)),
            )

    run_together([lambda n=n: amend_often(n) for n in range(4)])
    assert len(stores[0].latest("s1").tags) == 40


def test_a_poller_misses_no_event_while_others_write(open_store) -> None:
    stores = [open_store() for _ in range(4)]
    seen: list[int] = []

    def write(number: int) -> None:
        for turn in range(15):
            stores[number].record(verdict(f"{number}-{turn}", status="accept"))

    def poll() -> None:
        last = 0
        while len(seen) < 45:
            for event in stores[3].changes_since(last):
                seen.append(event.id)
                last = event.id

    run_together([*(lambda n=n: write(n) for n in range(3)), poll])
    assert seen == [event.id for event in stores[0].changes_since(0)]


def test_several_programs_may_create_the_store_at_once(place: str) -> None:
    def open_and_record(number: int) -> None:
        with ReviewStore.open(place, dataset_key="d") as store:
            store.record(verdict(f"s{number}", status="accept"))

    run_together([lambda n=n: open_and_record(n) for n in range(6)])
    with ReviewStore.open(place, dataset_key="d") as store:
        assert len(store.all_latest()) == 6


def test_places_are_kept_per_reviewer_and_overwritten(open_store) -> None:
    store = open_store()
    assert store.recall("ann", "here") is None
    store.remember("ann", "here", {"sample": "s\udce9", "row": 1})
    store.remember("ann", "here", {"sample": "s\udce9", "row": 2})
    store.remember("bob", "here", [3])
    assert open_store().recall("ann", "here") == {"sample": "s\udce9", "row": 2}
    assert store.recall("bob", "here") == [3]


def test_nothing_that_is_stored_is_ever_changed(store: ReviewStore) -> None:
    before: list = []
    steps = [
        lambda: store.record(verdict(status="accept")),
        lambda: store.undo("ann"),
        lambda: store.redo("ann"),
        lambda: store.amend("s1", None, lambda state: replace(verdict(), tags=("a",))),
        lambda: store.undo("ann"),
        lambda: store.remember("ann", "here", 1),
    ]
    for step in steps:
        step()
        after = store.changes_since(0)
        assert after[: len(before)] == before
        before = after
    assert len(before) == 5


def test_a_read_only_store_reads_and_writes_nothing(open_store) -> None:
    stored = open_store().record(verdict(status="accept"))
    reader = open_store(read_only=True)
    assert reader.latest("s1") == stored
    for write in (lambda: reader.record(verdict()), lambda: reader.remember("ann", "here", 1)):
        with pytest.raises(StoreError, match="was opened for reading only") as caught:
            write()
        assert caught.value.code == "store-read-only"
    assert open_store("unheard of", read_only=True).all_latest() == {}
    assert open_store("unheard of", read_only=True).dataset_keys() == ["d"]


def test_reading_where_there_is_no_store_says_so(open_store) -> None:
    with pytest.raises(StoreError, match="there is no review store here yet") as caught:
        open_store(read_only=True)
    assert caught.value.code == "store-missing"


@pytest.mark.parametrize(
    "fields", [{"sample": ""}, {"reviewer": ""}, {"status": "perfect"}, {"status": ""}]
)
def test_a_verdict_without_subject_author_or_known_status_cannot_be_made(fields: dict) -> None:
    with pytest.raises(ValueError, match=r"a verdict needs a sample|not a valid ReviewStatus"):
        verdict(**fields)
