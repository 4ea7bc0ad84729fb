"""Samples that come back: which, when, and that the first verdict is neither shown nor lost."""

from __future__ import annotations

import pytest

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.review.consistency import intra_reviewer_consistency
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.repeats import RepeatPlan
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore

NAMES = [f"s{n:03d}" for n in range(60)]


def start(store: ReviewStore, reviewer: str = "ann", **options: object) -> ReviewSession:
    items = [QueueItem(name, number) for number, name in enumerate(NAMES)]
    return ReviewSession(items, store, reviewer, **options)


def review(session: ReviewSession, steps: int, status: str = "accept") -> list[str]:
    """Decide and move on; the samples that were on the screen, in order."""
    seen = []
    for _ in range(steps):
        seen.append(session.current)
        session.set_status(status, advance=True)
    return seen


def test_a_share_outside_zero_to_one_is_refused(file_store: ReviewStore) -> None:
    for share in (-0.1, 1.1):
        with pytest.raises(SettingsError, match="between 0 and 1"):
            start(file_store).repeat(share)


def test_the_plan_chooses_the_share_whatever_was_decided() -> None:
    names = [f"n{n}" for n in range(4000)]
    chosen = sum(RepeatPlan(0.1, seed=5).chooses(name) for name in names)
    assert 325 <= chosen <= 475  # 400 ± four standard deviations
    assert not any(RepeatPlan(0.0).chooses(name) for name in names)
    assert all(RepeatPlan(1.0).chooses(name) for name in names)


def test_without_a_share_nothing_comes_back(file_store: ReviewStore) -> None:
    assert review(start(file_store), 60) == NAMES


def test_each_chosen_sample_comes_back_once_after_others(file_store: ReviewStore) -> None:
    session = start(file_store)
    session.repeat(0.3, seed=5)
    chosen = [name for name in NAMES if session.repeat_plan.chooses(name)]
    assert 8 <= len(chosen) <= 30
    seen = review(session, len(NAMES) + len(chosen))
    assert sorted(seen) == sorted([*NAMES, *chosen])
    gaps = {n: len(seen) - 1 - seen[::-1].index(n) - seen.index(n) for n in chosen}
    early = [name for name in chosen if seen.index(name) < 30]
    assert early
    assert all(gaps[name] > 5 for name in early)
    heard = []
    session.said.connect(heard.append)
    assert not session.next_unreviewed()
    assert heard == ["every other sample is reviewed"]


@pytest.fixture
def back(file_store: ReviewStore) -> ReviewSession:
    """A session in which the sample on the screen has come back: needs a fix, with a tag."""
    session = start(file_store)
    session.repeat(1.0, seed=5)
    while True:
        first = session.current
        session.toggle_tag("boundary")
        session.set_comment("left")
        session.set_status("needs_fix", advance=True)
        if session.current in file_store_reviewed(file_store):
            assert first != session.current
            return session


def file_store_reviewed(store: ReviewStore) -> set[str]:
    return {sample for sample, _ in store.all_latest()}


def test_a_sample_that_came_back_looks_undecided(back: ReviewSession) -> None:
    sample = back.current
    done = back.progress
    assert back.store.latest(sample).status == "needs_fix"
    assert back.verdict(sample) is None
    assert back.verdicts(sample) == {}
    assert not back.is_reviewed(sample)
    assert back.history(sample) == []
    assert back.progress == done, "the count would tell"
    position = back.position(sample)
    assert not back.is_reviewed(back.item_at(position + 1).sample)
    assert back.is_reviewed(back.item_at(position - 1).sample)
    back.set_filter("tag:boundary")
    assert back.position(sample) is None
    back.set_filter("status:none")
    assert back.position(sample) is not None


def test_the_second_verdict_stands_beside_the_first(back: ReviewSession) -> None:
    sample, store = back.current, back.store
    first = store.latest(sample)
    back.toggle_tag("missed_small")
    back.toggle_tag("fold", finding="f1")
    assert back.verdict(sample).tags == ("missed_small",)
    back.set_status("accept")
    assert (back.verdict(sample).status, back.verdict(sample).repeats) == ("accept", first.id)
    assert store.latest(sample) == first
    assert store.latest(sample, "f1") is None
    back.next()
    assert back.verdict(sample).tags == ("boundary",), "the first is shown again"
    assert back.verdict(sample).status == "needs_fix"
    (row,) = intra_reviewer_consistency(store.everything_since(0))
    assert (row.is_hidden, row.repeats, row.same_status, row.same_tags) == (True, 1, 0, 0)
    assert row.changed == (sample,)
    assert back.consistency() == (row,)


def test_undo_takes_the_second_verdict_back_and_hides_the_first_again(
    back: ReviewSession,
) -> None:
    sample, store = back.current, back.store
    back.set_status("accept", advance=True)
    assert back.current != sample
    assert back.undo()
    assert (back.current, back.verdict(sample)) == (sample, None)
    assert store.latest(sample).status == "needs_fix"
    assert intra_reviewer_consistency(store.everything_since(0)) == ()
    assert back.redo()
    assert back.verdict(sample).status == "accept"


def test_a_sample_skipped_unjudged_stays_open(back: ReviewSession) -> None:
    sample = back.current
    back.next()
    assert not back.is_reviewed(sample)
    again = start(back.store)
    assert again.repeat_plan == back.repeat_plan
    assert again.is_reviewed(sample), "it comes back as if it had not yet"


def test_repeats_survive_closing_and_are_not_asked_for_twice(back: ReviewSession) -> None:
    sample = back.current
    back.set_status("accept", advance=True)
    again = start(back.store)
    assert again.verdict(sample).status == "needs_fix"
    rest = 60 - len(back._decisions.reviewed) + 60 - 1
    seen = review(again, rest)
    assert sample not in seen
    assert not again.next_unreviewed()


def test_somebody_elses_verdicts_do_not_come_back(file_store: ReviewStore) -> None:
    review(start(file_store, "bob"), 30)
    session = start(file_store)
    session.repeat(1.0, seed=5)
    session.next_unreviewed()
    seen = review(session, 60)
    assert sorted(set(seen)) == NAMES[30:]
    assert not session.next_unreviewed()


def test_others_do_not_see_a_repeat(back: ReviewSession) -> None:
    sample = back.current
    with ReviewStore.open(back.store.name, dataset_key="d") as store:
        bob = start(store, "bob")
        back.set_status("accept")
        heard = []
        bob.verdict_changed.connect(heard.append)
        assert bob.refresh_from_store() == 0
        assert heard == []
        assert bob.verdict(sample).status == "needs_fix"
