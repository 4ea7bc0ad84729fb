"""The bound is exact, and only a fair draw counts."""

from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mask_audit.certificate import (
    certify,
    certify_reviews,
    checks_needed,
    max_bad,
    sitting_ends,
)
from napari_mask_audit.errors import SettingsError
from napari_mask_audit.review.queue import shuffle_key
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import ReviewStatus, Verdict


@pytest.mark.parametrize(("rate", "needed"), [(0.01, 277), (0.02, 143), (0.05, 58), (0.1, 29)])
def test_checks_needed_among_two_thousand(rate, needed):
    assert checks_needed(2000, rate) == needed
    assert certify(2000, needed, 0).below <= rate < certify(2000, needed - 1, 0).below


def test_the_sentence_of_the_plan():
    text = "58 of 2,000 checked, none bad: below 5% with 95% confidence"
    assert certify(2000, 58, 0).sentence == text


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((2000, 57, 0), "57 of 2,000 checked, none bad: below 5.1% with 95% confidence"),
        ((2000, 58, 2), "58 of 2,000 checked, 2 bad: below 11% with 95% confidence"),
        ((12, 12, 1), "all 12 checked, 1 bad: 8.3%, for certain"),
        ((12, 9, 0), "9 of 12 checked, none bad: at most 1 of 12 bad with 95% confidence"),
        ((12, 0, 0), "none of 12 checked at random: nothing is proven yet"),
        ((5, 2, 2), "2 of 5 checked, 2 bad: too few to rule anything out"),
    ],
)
def test_sentences_never_round_a_bound_down(numbers, sentence):
    assert certify(*numbers).sentence == sentence


def test_the_bound_by_listing_every_draw():
    # 6 samples, 3 checked, none bad. With 1 bad: C(5,3)/C(6,3) = 10/20; 2: 4/20; 3: 1/20, which is
    # not below 5 %; 4: no draw without a bad one. So 3 cannot be ruled out.
    assert max_bad(6, 3, 0) == 3
    for bad in range(1, 5):
        draws = list(combinations(range(6), 3))
        clean = sum(all(n >= bad for n in draw) for draw in draws)
        assert clean == comb(6 - bad, 3)


def slow_bound(population, checked, bad):
    """The definition, in whole numbers."""
    possible = range(bad, population - checked + bad + 1)
    kept = [
        all_bad
        for all_bad in possible
        if 20
        * sum(comb(all_bad, n) * comb(population - all_bad, checked - n) for n in range(bad + 1))
        >= comb(population, checked)
    ]
    return max(kept)


@given(st.data())
def test_the_bound_follows_its_definition(data):
    population = data.draw(st.integers(1, 60))
    checked = data.draw(st.integers(0, population))
    bad = data.draw(st.integers(0, checked))
    assert max_bad(population, checked, bad) == slow_bound(population, checked, bad)


@given(st.integers(1, 3000), st.sampled_from([0.01, 0.03, 0.2]), st.integers(0, 3))
def test_needed_checks_are_enough_and_one_fewer_is_not(population, rate, bad):
    needed = checks_needed(population, rate, bad=bad) if bad <= population else None
    if needed is None:
        return
    assert (max_bad(population, needed, bad) + 1) / population <= rate + 1 / population
    assert max_bad(population, needed, bad) < rate * population
    if needed > bad:
        assert max_bad(population, needed - 1, bad) >= rate * population


def test_large_datasets_take_no_time_to_decide():
    assert certify(1_000_000, 5000, 40).max_bad > 8000
    assert checks_needed(100_000, 0.001, bad=50) == 58634


@pytest.mark.parametrize("numbers", [(10, 11, 0), (10, 5, 6), (10, 5, -1)])
def test_contradictory_numbers_are_refused(numbers):
    with pytest.raises(SettingsError, match="expected 0 ≤ bad ≤ checked ≤ samples"):
        certify(*numbers)


# -- from reviews --------------------------------------------------------------------------------

NAMES = [f"s{n:02}" for n in range(40)]


def random_order(seed):
    return sorted(NAMES, key=lambda name: shuffle_key(name, seed))


@pytest.fixture
def store(tmp_path):
    with ReviewStore.open(tmp_path / "review.sqlite", dataset_key=".", session="one") as opened:
        yield opened


def decide(store, sample, status=ReviewStatus.ACCEPT, picked_by="random:7", **more):
    verdict = Verdict(sample=sample, reviewer="ann", status=status, picked_by=picked_by, **more)
    store.record(verdict)


def certificate(store):
    return certify_reviews(NAMES, store.changes_since(0))


def test_the_head_of_the_random_order_counts(store):
    for name in random_order(7)[:10]:
        decide(store, name)
    found = certificate(store)
    assert (found.checked, found.bad, found.seed, found.not_counted) == (10, 0, 7, 0)
    assert found.max_bad == max_bad(40, 10, 0)


def test_worst_first_and_filtered_reviews_prove_nothing(store):
    for name in random_order(7)[:10]:
        decide(store, name, picked_by="worst_first")
    for name in random_order(7)[10:20]:
        decide(store, name, picked_by="random:7 where tag:boundary")
    assert (certificate(store).checked, certificate(store).not_counted) == (0, 20)


def test_a_skipped_sample_ends_the_draw_and_is_named(store):
    order = random_order(7)
    for name in order[:4] + order[5:10]:
        decide(store, name)
    found = certificate(store)
    assert (found.checked, found.skipped, found.not_counted) == (4, order[4], 5)


def test_a_sample_reviewed_for_another_reason_fills_its_place(store):
    order = random_order(7)
    decide(store, order[2], picked_by="worst_first")
    for name in (order[0], order[1], order[3]):
        decide(store, name)
    decide(store, order[4], picked_by="name")  # does not lengthen the draw
    assert certificate(store).checked == 4


def test_unsure_counts_as_bad_and_so_does_what_was_repaired_later(tmp_path, store):
    order = random_order(7)
    for name in order[:5]:
        decide(store, name)
    decide(store, order[0], ReviewStatus.UNSURE)
    decide(store, order[1], ReviewStatus.NEEDS_FIX)
    assert certificate(store).bad == 2
    with ReviewStore.open(tmp_path / "review.sqlite", dataset_key=".", session="two") as later:
        decide(later, order[1], ReviewStatus.ACCEPT, picked_by="name")
        assert certificate(later).bad == 2


def test_a_slip_corrected_in_the_same_sitting_is_no_defect(store):
    order = random_order(7)
    decide(store, order[0], ReviewStatus.NEEDS_FIX)
    decide(store, order[0], ReviewStatus.ACCEPT)
    decide(store, order[1], ReviewStatus.NEEDS_FIX)
    store.undo("ann")
    decide(store, order[1], ReviewStatus.ACCEPT)
    assert (certificate(store).checked, certificate(store).bad) == (2, 0)


def test_verdicts_on_findings_are_no_checks_of_a_sample(store):
    decide(store, random_order(7)[0], finding="F1")
    assert certificate(store).checked == 0
    assert sitting_ends(store.changes_since(0)) == {}


def test_samples_that_left_the_dataset_do_not_count(store):
    decide(store, "gone")
    assert certificate(store).not_counted == 0


def test_where_all_are_bad_or_nothing_was_checked_the_sentence_stays_readable():
    assert certify(12, 12, 12).sentence == "all 12 checked, 12 bad: 100%, for certain"
    assert certify(1000, 1000, 999).sentence == "all 1,000 checked, 999 bad: 99.9%, for certain"
    assert certify(1, 1, 1).sentence == "all 1 checked, 1 bad: 100%, for certain"
    assert certify(0, 0, 0).sentence == "none of 0 checked at random: nothing is proven yet"
    assert certify(12, 5, 5).sentence.endswith("too few to rule anything out")


@pytest.mark.parametrize("population", [1, 2, 5, 12, 33, 100, 2000])
def test_the_bound_is_that_of_scipys_hypergeometric_distribution(population):
    hypergeom = pytest.importorskip("scipy.stats").hypergeom
    for checked in sorted({0, 1, population // 3, population // 2, population}):
        for bad in sorted({0, min(1, checked), checked // 2, checked}):
            possible = range(bad, population - (checked - bad) + 1)
            likely = [
                d for d in possible if hypergeom.cdf(bad, population, d, checked) >= 0.05 - 1e-12
            ]
            assert max_bad(population, checked, bad) == max(likely)
