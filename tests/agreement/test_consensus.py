"""Consensus masks: ties, regions, degenerate inputs, the audit trail."""

from __future__ import annotations

import numpy as np
import pytest

from napari_mask_audit.agreement.consensus import (
    METHODS,
    consensus_of_votes,
    majority_labels,
)
from napari_mask_audit.agreement.consensus_mask import consensus_of_masks as consensus_of
from napari_mask_audit.agreement.expansion import RowMap
from napari_mask_audit.agreement.votes import MISSING, VoteTable
from napari_mask_audit.errors import SettingsError
from napari_mask_audit.kernels import count_tuples


def rows(*values: list[int]) -> list[np.ndarray]:
    return [np.array([value], np.uint8) for value in values]


def discs(size: int, count: int = 5, seed: int = 1) -> list[np.ndarray]:
    """Discs about the middle of a frame; the objects do not depend on its size."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] - size / 2
    return [
        (
            (y - rng.normal(0, 2)) ** 2 + (x - rng.normal(0, 2)) ** 2 < rng.normal(18, 2.5) ** 2
        ).astype(np.uint8)
        for _ in range(count)
    ]


def test_expanding_rows_gives_back_the_masks() -> None:
    rng = np.random.default_rng(0)
    masks = [rng.integers(0, 5, (4, 6, 7)).astype(np.uint8) for _ in range(3)]
    table = RowMap.of(masks)
    labels, counts = count_tuples(masks)
    assert np.array_equal(table.labels, labels)
    assert np.array_equal(table.counts, counts)
    for column, mask in enumerate(masks):
        assert np.array_equal(table.expand(table.labels[:, column]), mask)


def test_majority_counts_votes_and_reports_ties() -> None:
    """Pixel 2 is a tie of 1 and 2; label 1 has six votes in all, label 2 four."""
    found = consensus_of(rows([0, 1, 1, 1], [0, 1, 2, 2], [0, 1, 2, 0], [0, 0, 1, 2]), background=0)
    table = found.consensus
    assert found.labels.tolist() == [[0, 1, 1, 2]]
    assert found.rows.expand(table.tied).tolist() == [[False, False, True, False]]
    assert table.tied_pixels == 1
    assert found.supporters_map().tolist() == [[4, 3, 2, 2]]


def test_ties_take_the_more_common_label_then_the_smaller_id() -> None:
    # label 2 has three votes, label 1 one: the tie of pixel 0 goes to 2
    found = consensus_of(rows([1, 2], [2, 2]))
    assert found.labels.tolist() == [[2, 2]]
    # one vote each: the smaller id
    assert consensus_of(rows([5], [3])).labels.tolist() == [[3]]


def test_preferring_or_avoiding_a_label_decides_only_ties() -> None:
    labels = np.array([[0, 1], [1, 1], [0, 0]], np.int32)
    votes = VoteTable(("a", "b"), labels, np.array([1, 1, 1]))
    assert majority_labels(votes, prefer=0)[0].tolist() == [0, 1, 0]
    assert majority_labels(votes, avoid=0)[0].tolist() == [1, 1, 0]
    assert majority_labels(votes)[1].tolist() == [True, False, False]


@pytest.mark.parametrize("method", METHODS)
def test_the_default_consensus_does_not_depend_on_the_canvas(method: str) -> None:
    areas = {
        int(consensus_of(discs(size), method=method, background=0).labels.sum())
        for size in (60, 90, 200)
    }
    assert len(areas) == 1


def test_full_staple_depends_on_the_canvas_as_others_do() -> None:
    areas = {
        int(consensus_of(discs(size), method="staple", region="full", background=0).labels.sum())
        for size in (60, 200)
    }
    assert len(areas) == 2


def test_union_dilated_sees_only_the_neighbourhood_of_objects() -> None:
    found = [
        consensus_of(discs(size), method="staple", region="union_dilated", background=0, reach_px=4)
        for size in (80, 160)
    ]
    areas = [int(f.labels.sum()) for f in found]
    assert areas[0] == areas[1]
    seen = [f.consensus.to_dict()["raters_quality"] for f in found]
    assert seen[0] == seen[1]


@pytest.mark.parametrize("method", METHODS)
def test_unanimous_masks_are_their_own_consensus(method: str) -> None:
    mask = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    found = consensus_of([mask] * 3, method=method)
    assert np.array_equal(found.labels, mask)
    assert found.entropy_map().max() == 0
    assert any("nothing to estimate" in w for w in found.consensus.warnings) or method == "majority"


def test_two_raters_are_told_that_every_disagreement_is_a_tie() -> None:
    found = consensus_of(rows([0, 1, 1], [0, 0, 1]), method="staple", background=0).consensus
    assert any("fewer than three" in w for w in found.warnings)
    assert found.tied_pixels == 1


def test_void_is_no_vote_and_stays_void_where_nobody_votes() -> None:
    found = consensus_of(rows([1, 255, 255], [1, 1, 255], [0, 1, 255]), ignore_ids=[255])
    assert found.labels.tolist() == [[1, 1, 255]]
    assert found.supporters_map().tolist() == [[2, 2, 0]]


def test_the_audit_trail_says_how_many_decided_each_pixel() -> None:
    """Pixel 0 by three of three, pixels 1 and 2 by two."""
    trail = consensus_of(rows([1, 1, 0], [1, 1, 1], [1, 0, 0]), background=0).consensus.to_dict()
    assert trail["decided_by"] == {"2": 2, "3": 1}
    assert (trail["unanimous_pixels"], trail["tied_pixels"]) == (1, 0)


def test_binary_staple_keeps_class_ids_in_any_order() -> None:
    masks = [m * 7 for m in discs(60)]
    plain = consensus_of(discs(60), method="staple", background=0).labels
    assert np.array_equal(consensus_of(masks, method="staple", background=0).labels, plain * 7)
    turned = [np.where(m == 0, 7, 0).astype(np.uint8) for m in masks]
    found = consensus_of(turned, method="staple", background=7).labels
    assert np.array_equal(found == 0, plain == 1)


def test_a_contrarian_is_distrusted_aloud() -> None:
    good = discs(60, 4)
    found = consensus_of([*good, 1 - good[0]], method="staple", region="full", background=0)
    assert any(w.startswith("rater 5 is taken to be wrong") for w in found.consensus.warnings)
    assert (found.labels != good[0]).mean() < 0.1


def test_inputs_are_not_changed() -> None:
    masks = discs(40)
    copies = [m.copy() for m in masks]
    consensus_of(masks, method="staple")
    assert all(np.array_equal(a, b) for a, b in zip(masks, copies, strict=True))


def test_an_unknown_method_is_refused() -> None:
    votes = VoteTable(("a",), np.array([[1]], np.int32), np.array([1]))
    with pytest.raises(SettingsError, match="unknown-consensus"):
        consensus_of_votes(votes, method="mean")  # type: ignore[arg-type]


def test_no_votes_at_all_give_no_label() -> None:
    votes = VoteTable(("a",), np.array([[MISSING]], np.int32), np.array([4]))
    found = consensus_of_votes(votes)
    assert found.labels.tolist() == [MISSING]
    assert found.to_dict()["undecided_pixels"] == 4
