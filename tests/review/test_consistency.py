"""A reviewer against themselves: repeats counted by hand."""

from __future__ import annotations

import math

import pytest

from napari_mask_audit.review.consistency import exact_interval, intra_reviewer_consistency
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import Verdict


@pytest.fixture
def sitting(tmp_path):
    """Give verdicts in one sitting; returns every event so far."""

    def give(*verdicts, reviewer="ann", undo=0, redo=0):
        with ReviewStore.open(tmp_path / "v.sqlite", dataset_key="d") as store:
            for sample, status, *tags in verdicts:
                store.record(
                    Verdict(sample=sample, reviewer=reviewer, status=status, tags=tuple(tags))
                )
            for _ in range(undo):
                store.undo(reviewer)
            for _ in range(redo):
                store.redo(reviewer)
            return store.changes_since(0)

    return give


def test_repeats_are_pairs_of_sittings_and_not_second_thoughts_within_one(sitting):
    sitting(("a", "accept"), ("a", "unsure"), ("b", "accept", "x"), ("c", "accept"))
    events = sitting(("a", "unsure"), ("b", "needs_fix", "x", "y"))
    (ann,) = intra_reviewer_consistency(events)
    assert (ann.repeats, ann.same_status, ann.changed) == (2, 1, ("b",))
    assert ann.tag_overlap == 0.5
    assert math.isnan(ann.kappa)
    assert ann.to_dict()["kappa"] is None


def test_two_people_on_one_sample_are_no_repeat(sitting):
    sitting(("a", "accept"))
    assert intra_reviewer_consistency(sitting(("a", "needs_fix"), reviewer="bob")) == ()


def test_a_verdict_taken_back_does_not_count_and_one_restored_does(sitting):
    sitting(("a", "accept"))
    assert intra_reviewer_consistency(sitting(("a", "needs_fix"), undo=1)) == ()
    (ann,) = intra_reviewer_consistency(sitting(("a", "needs_fix"), undo=1, redo=1))
    assert (ann.repeats, ann.same_status) == (1, 0)


def test_kappa_is_cohens(sitting):
    sitting(*((f"s{n}", "accept" if n < 6 else "needs_fix") for n in range(12)))
    events = sitting(*((f"s{n}", "accept" if n < 8 else "needs_fix") for n in range(12)))
    (ann,) = intra_reviewer_consistency(events)
    # 10 of 12 agree; by chance (6 · 8 + 6 · 4) / 144 = 1/2
    assert ann.kappa == pytest.approx((10 / 12 - 1 / 2) / (1 - 1 / 2))


def test_hidden_repeats_are_counted_apart_from_later_sittings(tmp_path):
    with ReviewStore.open(tmp_path / "v.sqlite", dataset_key="d") as store:
        tags = [("a",), (), ("a", "b"), ("a",)]
        first = [
            store.record(Verdict(sample=f"s{n}", reviewer="ann", status="accept", tags=tags[n]))
            for n in range(4)
        ]
        for before, status, again in (
            (first[0], "accept", ("a",)),
            (first[1], "accept", ("a",)),
            (first[2], "unsure", ("b", "a")),
            (first[3], None, ("a",)),  # a tag alone is no second verdict
        ):
            store.record(
                Verdict(
                    sample=before.sample,
                    reviewer="ann",
                    status=status,
                    tags=again,
                    repeats=before.id,
                )
            )
        (ann,) = intra_reviewer_consistency(store.everything_since(0))
    assert (ann.is_hidden, ann.repeats, ann.same_status, ann.same_tags) == (True, 3, 2, 2)
    assert ann.tag_overlap == pytest.approx((1 + 0 + 1) / 3)
    assert ann.changed == ("s2",)
    # 2 of 3, by the beta quantiles of Clopper and Pearson: B(0.025; 2, 2), B(0.975; 3, 1).
    assert ann.status_interval == pytest.approx((0.0943, 0.9916), abs=1e-4)
    assert ann.status_interval[1] == pytest.approx(0.975 ** (1 / 3))


def test_the_exact_interval_covers_at_least_as_promised():
    for total in (1, 7, 30):
        assert exact_interval(0, total)[0] == 0
        assert exact_interval(total, total)[1] == 1
        for truth in (0.05, 0.5, 0.93):
            covered = sum(
                math.comb(total, k) * truth**k * (1 - truth) ** (total - k)
                for k in range(total + 1)
                if exact_interval(k, total)[0] <= truth <= exact_interval(k, total)[1]
            )
            assert covered >= 0.95
