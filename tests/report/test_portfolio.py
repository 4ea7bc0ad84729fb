"""Typical failures: chosen to cover kinds of error, classes and samples; honest successes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import napari_mask_audit as ma
from building import make_dataset
from napari_mask_audit.failures import explain_dataset
from napari_mask_audit.findings import Finding
from napari_mask_audit.report.pictures import sample_pictures
from napari_mask_audit.report.portfolio import choose_pieces, cover

ONE = Finding(
    "F0", "a", "gt", "model", "boundary", 1, 0, 5, ((4, 6), (0, 3)), (4, 1), 0.1, "", "", "boundary"
)
BUCKETS = ("confusion", "missed_small", "boundary")


def found(bucket: str, class_id: int, sample: str, worth: float) -> Finding:
    return replace(
        ONE, id=f"{bucket}{class_id}{sample}{worth}", bucket=bucket, class_id=class_id,
        sample=sample, worth=worth,
    )  # fmt: skip


def test_kinds_take_turns_although_one_kind_is_always_worse():
    rows = [found("confusion", 1, "a", 0.9 - n / 100) for n in range(20)]
    rows += [found("missed_small", 1, "a", 0.01), found("boundary", 1, "a", 0.001)]
    chosen = [f.bucket for f in cover(rows, BUCKETS, 4)]
    assert chosen == ["confusion", "missed_small", "boundary", "confusion"]


def test_a_second_class_and_sample_is_preferred_to_a_worse_place():
    rows = [
        found("confusion", 1, "a", 0.9),
        found("confusion", 1, "b", 0.8),
        found("confusion", 2, "b", 0.1),
    ]
    assert [f.worth for f in cover(rows, ("confusion",), 2)] == [0.9, 0.1]


def test_another_kind_is_shown_on_another_class_and_sample():
    rows = [
        found("confusion", 1, "a", 0.9),
        found("boundary", 1, "a", 0.8),
        found("boundary", 2, "b", 0.1),
    ]
    assert [f.worth for f in cover(rows, BUCKETS, 2)] == [0.9, 0.1]


def test_kinds_that_cost_nothing_are_not_shown():
    assert cover([found("split", 1, "a", 0.5)], BUCKETS, 3) == []
    assert cover([found("boundary", 1, "a", -0.5)], BUCKETS, 3) == []


@given(
    st.lists(
        st.builds(
            found,
            st.sampled_from((*BUCKETS, "merge")),
            st.integers(1, 3),
            st.sampled_from("abc"),
            st.floats(0.001, 1),
        ),
        max_size=30,
        unique_by=lambda f: f.id,
    ),
    st.integers(0, 8),
)
def test_a_choice_holds_no_finding_twice_and_every_kind_that_fits(rows, most):
    chosen = cover(rows, BUCKETS, most)
    ids = [f.id for f in chosen]
    possible = [f for f in rows if f.bucket in BUCKETS]
    assert len(ids) == len(set(ids)) == min(most, len(possible))
    kinds = {f.bucket for f in possible}
    assert len({f.bucket for f in chosen}) == min(most, len(kinds))


def scene(tree: int = 2) -> np.ndarray:
    mask = np.zeros((60, 80), np.uint8)
    mask[5:25, 5:30] = 1
    mask[35:55, 40:70] = tree
    mask[5:8, 60:63] = 3
    return mask


def test_pieces_name_the_errors_that_were_planted_and_what_went_right(tmp_path):
    reference = {name: scene() for name in "abcd"}
    confused, missed = scene(tree=1), scene()
    missed[5:8, 60:63] = 0
    candidate = {"a": scene(), "b": confused, "c": missed, "d": scene()}
    toml = 'background = 0\n[classes]\n1 = "house"\n2 = "tree"\n3 = "pole"\n'
    make_dataset(tmp_path, {"gt": reference, "model": candidate}, toml)
    dataset = ma.Dataset.open(tmp_path)
    comparison = ma.audit(dataset).comparisons[0]
    failures = explain_dataset(dataset).comparisons[0]
    pieces = choose_pieces(comparison, failures, 6)
    failed = {(p.tag, p.sample) for p in pieces if p.kind != "success"}
    assert failed == {("class confusion", "b"), ("missed small", "c")}
    assert all(p.sentence and p.why for p in pieces if p.kind == "finding")
    assert {p.sample for p in pieces if p.kind == "success"} <= {"a", "d"}
    assert not [
        p for p in choose_pieces(comparison, failures, 6, successes=False) if p.kind == "success"
    ]


def test_a_mask_wrong_as_a_whole_is_one_failure_and_not_thirty(tmp_path):
    rng = np.random.default_rng(5)
    masks: dict[str, dict[str, np.ndarray]] = {"gt": {}, "model": {}}
    for name in "abc":
        mask = np.zeros((120, 160), np.uint8)
        for _ in range(8):
            y, x = rng.integers(10, 90), rng.integers(10, 130)
            mask[y : y + 16, x : x + 14] = rng.integers(1, 3)
        masks["gt"][name] = mask
        masks["model"][name] = np.roll(mask, (6, 5), axis=(0, 1)) if name == "b" else mask
    toml = 'background = 0\n[classes]\n1 = "house"\n2 = "tree"\n'
    dataset = ma.Dataset.open(make_dataset(tmp_path, masks, toml))
    failures = explain_dataset(dataset).comparisons[0]
    pieces = choose_pieces(ma.audit(dataset).comparisons[0], failures, 6)
    wrong = [p for p in pieces if p.kind != "success"]
    assert [(p.kind, p.sample) for p in wrong] == [("cause", "b")]
    assert "shifted" in wrong[0].sentence


def test_a_close_up_holds_the_whole_place_and_its_surroundings(tmp_path):
    big = np.zeros((400, 600), np.uint8)
    big[100:300, 100:500] = 1
    other = big.copy()
    other[150:160, 300:310] = 0
    dataset = ma.Dataset.open(
        make_dataset(tmp_path, {"gt": {"a": big}, "model": {"a": other}}, "background = 0\n")
    )
    box = ((150, 160), (300, 310))
    shown = sample_pictures(dataset, dataset.sample("a"), "gt", "model", around=box)
    assert shown.is_close_up
    assert (shown.full_height, shown.full_width) == (72, 96)
    y0, x0, y1, x1 = shown.box_of((150, 300), (160, 310))
    assert (y1 - y0, x1 - x0) == (10, 10)
    assert y0 > 20
    assert x0 > 20


def test_a_close_up_in_3d_shows_a_slice_of_the_place(tmp_path):
    volume = np.zeros((9, 30, 30), np.uint8)
    volume[1:8, 5:25, 5:25] = 1
    other = volume.copy()
    other[2, :, :] = 0
    other[6, 5:9, 5:9] = 0
    for source, array in (("gt", volume), ("model", other)):
        (tmp_path / "masks" / source).mkdir(parents=True)
        np.save(tmp_path / "masks" / source / "a.npy", array)
    dataset = ma.Dataset.open(tmp_path)
    box = ((5, 8), (5, 9), (5, 9))
    shown = sample_pictures(dataset, dataset.sample("a"), "gt", "model", around=box)
    assert shown.slice_index == 6
