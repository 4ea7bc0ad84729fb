"""Orders and filters of the queue."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.review.filters import matching_rows, parse_filter
from napari_mask_audit.review.queue import Order, OrderKind, QueueItem
from napari_mask_audit.review.queue_table import QueueTable
from napari_mask_audit.review.text_column import TextColumn
from napari_mask_audit.review.verdict_columns import VerdictColumns
from napari_mask_audit.review.verdicts import EventKind, StoredVerdict

ITEMS = [
    QueueItem("s10", 0.5, worst_class="Pole"),
    QueueItem("s2", 0.5, scores={"class:pole": 0.3}),
    QueueItem("low", 0.1, note="tiny", scores={"class:pole": 0.9}),
    QueueItem("high", 0.9),
    QueueItem("empty"),
    QueueItem("broken", problem="cannot be read"),
]


def names(table: QueueTable, order: str, reviewed: set[str] = frozenset()) -> list[str]:
    mask = np.array([item.sample in reviewed for item in table.items], bool)
    return [table.items[row].sample for row in table.sorted_rows(Order.parse(order), mask)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        # a problem needs a person first, ties go by name, an undefined score has nothing to see
        ("worst_first", "broken low s10 s2 high empty"),
        ("best_first", "high s10 s2 low empty broken"),
        ("name", "broken empty high low s2 s10"),
        ("unreviewed_first", "s10 s2 high empty broken low"),
        ("worst_first:class:pole", "broken s2 low empty high s10"),
    ],
)
def test_each_order(order: str, expected: str) -> None:
    assert names(QueueTable(ITEMS), order, {"low", "broken"}) == expected.split()


def test_a_shuffle_is_fixed_by_its_seed_and_not_by_when_samples_came() -> None:
    items = [QueueItem(f"s{n}") for n in range(200)]
    whole = names(QueueTable(items), "random:8")
    late = QueueTable(items[100:])
    before = names(late, "random:8")
    late.add(items[:100])
    assert names(late, "random:8") == whole
    assert before == [name for name in whole if int(name[1:]) >= 100]
    assert names(late, "random:9") != whole
    assert whole != names(late, "name")


def test_every_sample_is_as_likely_to_be_drawn_first() -> None:
    table = QueueTable([QueueItem(name) for name in "abcd"])
    first = [names(table, f"random:{seed}")[0] for seed in range(400)]
    assert all(70 <= first.count(name) <= 130 for name in "abcd")  # 100 ± 3.5 standard deviations


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=3), st.none() | st.floats(0, 1)), max_size=30),
    st.sampled_from([str(kind) for kind in OrderKind]),
)
def test_an_order_has_every_sample_once(rows: list, order: str) -> None:
    table = QueueTable(QueueItem(name, math.nan if s is None else s) for name, s in rows)
    found = names(table, order)
    assert sorted(found) == sorted({name for name, _ in rows})
    if order == "worst_first":
        scores = [table.items[table.row_of[name]].score for name in found]
        defined = [score for score in scores if not math.isnan(score)]
        assert scores[: len(defined)] == sorted(defined)


def test_an_item_that_comes_again_replaces_the_old_one() -> None:
    table = QueueTable(ITEMS)
    assert names(table, "worst_first")[-1] == "empty"
    table.add([QueueItem("empty", 0.0, note="now measured")])
    assert len(table) == len(ITEMS)
    assert names(table, "worst_first")[:2] == ["broken", "empty"]
    assert table.containing(None, "NOW measured")[table.row_of["empty"]]


@given(st.lists(st.text(max_size=6), max_size=6), st.text(max_size=3), st.text(max_size=6))
def test_a_column_finds_what_each_of_its_texts_contains(
    texts: list[str], word: str, other: str
) -> None:
    column = TextColumn(texts)
    column.extend([other])
    column.containing(word)
    column[0] = other
    texts = [other, *texts[1:], other] if texts else [other]
    expected = [word.casefold() in text.casefold() for text in texts]
    assert column.containing(word).tolist() == expected


_scores = st.one_of(st.just(math.nan), st.sampled_from([0.0, 0.25, 0.5]))
_items = st.builds(
    QueueItem,
    st.sampled_from([f"s{n}" for n in range(8)]),
    _scores,
    worst_class=st.sampled_from([None, "Pole", "road"]),
    note=st.sampled_from(["", "tiny"]),
    problem=st.sampled_from([None, "cannot be read"]),
    scores=st.dictionaries(st.just("class:pole"), _scores),
)


@given(st.lists(st.lists(_items, max_size=5), max_size=4))
def test_a_table_that_grew_is_one_made_at_once(batches: list[list[QueueItem]]) -> None:
    orders = [*OrderKind, "worst_first:class:pole", "random:3"]
    words = [(None, "i"), ("class", "pole"), ("sample", "s1")]
    grown = QueueTable()
    for batch in batches:
        grown.add(batch)
        for order in orders:
            names(grown, order)
        for field, word in words:
            grown.containing(field, word)
    whole = QueueTable(grown.items)
    for order in orders:
        assert names(grown, order) == names(whole, order)
    for field, word in words:
        assert np.array_equal(grown.containing(field, word), whole.containing(field, word))


@pytest.mark.parametrize("text", ["", "worst", "random:x", "name first"])
def test_an_unknown_order_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(SettingsError, match="expected one of worst_first, best_first") as caught:
        Order.parse(text)
    assert caught.value.code == "queue-order"


@pytest.mark.parametrize("text", ["worst_first", "name", "random:8", "best_first:pair:ali|bob"])
def test_an_order_is_read_back_from_its_text(text: str) -> None:
    assert str(Order.parse(text)) == text


def stored(sample: str, finding: str | None = None, **fields: object) -> StoredVerdict:
    return StoredVerdict(
        id=1, kind=EventKind.VERDICT, at="", session="", sample=sample, finding=finding,
        reviewer="ann", decided_by="ann", **fields,
    )  # fmt: skip


VERDICTS = {
    "s2": {None: stored("s2", status="needs_fix", tags=("missed_small",), comment="Left edge")},
    "low": {"f1": stored("low", "f1", tags=("boundary",)), None: stored("low", status="accept")},
    "gone": {None: stored("gone", status="accept")},
}


def columns(table: QueueTable) -> VerdictColumns:
    found = VerdictColumns(table)
    for sample, verdicts in VERDICTS.items():
        found.update(sample, verdicts)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "s10 s2 low high empty broken"),
        ("S1", "s10"),
        ("pole", "s10"),
        ("class:pole", "s10"),
        ("sample:pole", ""),
        ("tiny", "low"),
        ("read", "broken"),
        ("tag:boundary", "low"),
        ("boundary", "low"),
        ("missed small", "s2"),
        ('"missed small"', "s2"),
        ("status:needs_fix", "s2"),
        ('"needs fix"', "s2"),
        ("status:accept", "low"),
        ("status:none", "s10 high empty broken"),
        ("-status:none", "s2 low"),
        ("comment:left", "s2"),
        ("comment:s2", ""),
        ("by:ann", "s2 low"),
        ("by:ann -tag:boundary", "s2"),
        ("tag:missed pole", ""),
        ("tag:boundary tiny", "low"),
        ("what:s2", ""),
        ("tag:", ""),
    ],
)
def test_a_filter_finds(text: str, expected: str) -> None:
    table = QueueTable(ITEMS)
    found = matching_rows(table, columns(table), parse_filter(text))
    assert [item.sample for item, keep in zip(table.items, found, strict=True) if keep] == (
        expected.split()
    )


@given(st.text(max_size=20))
def test_any_filter_text_is_taken(text: str) -> None:
    table = QueueTable(ITEMS)
    assert matching_rows(table, columns(table), parse_filter(text)).shape == (len(ITEMS),)


def test_a_further_score_counts_more_than_a_problem_and_samples_without_it_come_last() -> None:
    items = [QueueItem("bad", problem="no mask"), QueueItem("plain"), QueueItem("also bad")]
    table = QueueTable(items)
    table.add_scores("pair", {"plain": 0.4, "also bad": 0.2})
    assert names(table, "worst_first:pair", set()) == ["also bad", "plain", "bad"]
    assert names(table, "worst_first", set())[0] == "bad"
