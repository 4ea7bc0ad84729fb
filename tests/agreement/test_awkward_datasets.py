"""Annotator sets as they come: incomplete, empty, broken, oddly named. Nothing may crash."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agreement_scenes import BINARY, drawn, ellipses, unsteady
from building import make_dataset
from napari_mask_audit.agreement import Agreement, agree, write_consensus
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.errors import DatasetError
from napari_mask_audit.settings import Settings

QUICK = Settings(resamples=200)
SAMPLES = 12
Masks = dict[str, np.ndarray]
EMPTY = np.zeros((160, 160), np.uint8)


@pytest.fixture(scope="module")
def truth() -> Masks:
    rng = np.random.default_rng(0)
    return {f"s{n:02d}": ellipses(rng) for n in range(SAMPLES)}


def by(truth: Masks, offset: float) -> Masks:
    return {name: drawn(mask, offset) for name, mask in truth.items()}


def noisy(truth: Masks, seed: int) -> Masks:
    rng = np.random.default_rng(seed)
    return {name: unsteady(mask, 1.5, rng) for name, mask in truth.items()}


def found(folder: Path, masks: dict[str, Masks], toml: str = BINARY) -> Agreement:
    result = agree(make_dataset(folder, masks, toml), settings=QUICK)
    json.dumps(result.to_dict(), allow_nan=False)
    return result


def sentences(result: Agreement) -> str:
    return "\n".join(
        [row.sentence for row in (*result.annotators, *result.duplicates, *result.triage)]
        + [line for row in result.ceiling for line in row.sentences]
    )


def test_outlines_that_iou_cannot_tell_apart_are_told_apart_by_their_offset(tmp_path, truth):
    """Too large and too small by 2 px cost nearly the same IoU; the signed offset says which."""
    masks = {"plus": by(truth, 2), "minus": by(truth, -2), "noisy": noisy(truth, 3)}
    result = found(tmp_path, {**masks, "gt": by(truth, 0)})
    offsets = {p.name: p.boundary_offset for p in result.annotators}
    for name, expected in (("plus", 2), ("minus", -2), ("noisy", 0)):
        assert offsets[name] == pytest.approx(expected, abs=0.3)
    with_noisy = [result.pair(name, "noisy", 1).iou for name in ("plus", "minus")]
    assert abs(with_noisy[0] - with_noisy[1]) < 0.07
    pair = result.pair("plus", "minus", 1)
    assert (pair.first, pair.second) == ("minus", "plus")
    assert pair.near_boundary_offset == pytest.approx(4, abs=0.3)
    against = next(r for r in result.against_reference if r.class_id == 1)
    assert (against.role.value, against.sources, against.furthest) == ("annotator", 3, "minus")


def test_of_two_annotators_neither_is_said_to_be_off(tmp_path, truth):
    result = found(tmp_path, {"ann": by(truth, 1), "bob": by(truth, -1)})
    said = sentences(result)
    assert "ann draws 2.3 px outside bob on cell (who of the two is off cannot be known)" in said
    assert any("not who of them is right" in note for note in result.notes)


def test_an_annotator_and_a_model_are_compared_and_nothing_more_is_claimed(tmp_path, truth):
    result = found(tmp_path, {"ann": by(truth, 0), "model": noisy(truth, 1)})
    assert result.pair("ann", "model", 1).iou > 0.7
    assert (result.annotators, result.ceiling, result.triage) == ((), (), ())
    assert "nobody to compare with" in result.withheld
    assert "two annotators" in result.no_ceiling


def test_twelve_annotators_and_a_model_that_is_one_of_them(tmp_path, truth):
    people = {f"annotator_{n:02d}": noisy(truth, n) for n in range(12)}
    result = found(tmp_path, {**people, "model": noisy(truth, 99), "gt": by(truth, 0)})
    assert len(result.pairs) == 2 * 14 * 13 / 2
    assert "model cannot be told apart from any annotator on cell" in sentences(result)
    assert "below 3 px the annotators do not agree with each other on cell" in sentences(result)
    row = next(row for row in result.matrix if row.class_id == 1)
    assert row.lowest_without_one <= row.mean_iou <= row.highest_without_one
    low, high = result.groups[-1].alpha_without_one
    assert low <= result.groups[-1].alpha <= high


def test_biases_need_no_sample_that_all_share_and_no_drift_comes_of_it(tmp_path, truth):
    """ann has the first half, bob the last; only cem, who is steady, has all."""
    ann, bob = list(by(truth, 2).items()), list(by(truth, -2).items())
    result = found(tmp_path, {"ann": dict(ann[:6]), "bob": dict(bob[6:]), "cem": noisy(truth, 5)})
    offsets = {p.name: p.boundary_offset for p in result.annotators}
    assert offsets["ann"] == pytest.approx(1.8, abs=0.3)
    assert offsets["bob"] == pytest.approx(-1.8, abs=0.3)
    assert offsets["cem"] == 0
    assert not any(p.drift.alarm for p in result.annotators)
    with pytest.raises(KeyError):
        result.pair("ann", "bob")


def test_who_draws_nothing_is_said_to_and_is_no_rule_of_the_guideline(tmp_path, truth):
    masks = {"ann": by(truth, 2), "bob": by(truth, 0), "cem": by(truth, -2)}
    result = found(tmp_path, {**masks, "zoe": dict.fromkeys(truth, EMPTY)})
    assert "zoe never draws cell" in sentences(result)
    assert result.conflicts == ()
    row = next(row for row in result.matrix if row.class_id == 1)
    assert row.outlier == "zoe"


def test_empty_masks_everywhere_are_undefined_and_not_perfect(tmp_path, truth):
    result = found(tmp_path, {name: dict.fromkeys(truth, EMPTY) for name in ("a", "b", "c")})
    assert all(np.isnan(p.iou) for p in result.pairs)
    assert result.duplicates == ()
    assert any("no mask shows any object" in note for note in result.notes)


def test_identical_annotators_are_one_opinion(tmp_path, truth):
    result = found(tmp_path, {name: by(truth, 1) for name in ("a", "b", "c")})
    assert [d.kind for d in result.duplicates] == ["copy"] * 3
    assert "the annotators agree on cell to the pixel" in sentences(result)


@pytest.mark.parametrize(
    ("background", "ignored", "objects"), [(0, (), 40_000), (7, (300,), 1), (1, (2, 3), 60_000)]
)
def test_objects_are_one_class_whatever_their_numbers_are(
    tmp_path, truth, background, ignored, objects
):
    def numbered(masks: Masks) -> Masks:
        made = {}
        for name, mask in masks.items():
            ids = np.where(mask > 0, objects, background).astype(np.uint16)
            for row, void in enumerate(ignored):
                ids[row] = void
            made[name] = ids
        return made

    toml = f'task = "instance"\nbackground = {background}\nignore = {list(ignored)}\n'
    masks = {name: numbered(by(truth, o)) for name, o in (("a", 2.0), ("b", -2.0), ("c", 0.0))}
    result = found(tmp_path, masks, toml)
    assert len({p.class_id for p in result.pairs}) == 2  # the mean, and objects
    offsets = {p.name: p.boundary_offset for p in result.annotators}
    assert offsets["a"] == pytest.approx(2, abs=0.3)
    assert "a draws 2.0 px outside on objects" in sentences(result)
    with pytest.raises(DatasetError, match="no vote on such ids"):
        write_consensus(Dataset.open(tmp_path), "majority")


def test_void_and_a_class_that_only_one_uses(tmp_path, truth):
    def with_void(masks: Masks) -> Masks:
        return {name: np.where(np.arange(160)[:, None] < 30, 255, m) for name, m in masks.items()}

    def with_debris(masks: Masks) -> Masks:
        made = {name: mask.copy() for name, mask in masks.items()}
        for mask in made.values():
            mask[70:90, 70:90] = 5
        return made

    result = found(
        tmp_path,
        {"a": with_debris(by(truth, 0)), "b": with_void(by(truth, 0)), "c": by(truth, 0)},
        'background = 0\nignore = [255]\n[classes]\n1 = "cell"\n5 = "debris"\n9 = "never"\n',
    )
    assert result.pair("b", "c", 1).iou == 1
    assert result.pair("a", "c", 5).iou == 0
    assert np.isnan(result.pair("a", "c", 9).iou)
    conflict = next(c for c in result.conflicts if c.second == "c")
    assert (conflict.first, conflict.first_id, conflict.places) == ("a", 5, SAMPLES)


def test_broken_and_differently_sized_masks_are_listed_and_the_rest_is_compared(tmp_path, truth):
    masks = {name: by(truth, o) for name, o in (("a", 1.0), ("b", 0.0), ("c", -1.0))}
    masks["b"]["s02"] = masks["b"]["s02"][:100]
    make_dataset(tmp_path, masks, BINARY)
    (tmp_path / "masks" / "c" / "s04.png").write_bytes(b"this is no picture")
    result = agree(tmp_path, settings=QUICK)
    assert sorted(p.code for p in result.problems) == ["shape-mismatch", "unreadable"]
    assert result.pair("a", "b", 1).samples == SAMPLES - 1
    assert result.pair("a", "c", 1).samples == SAMPLES - 1


def test_one_sample_and_names_with_spaces_brackets_and_other_scripts(tmp_path, truth):
    names = ("Ann Lee", "Žofie [2nd]", "李 雷", "bob.v2")
    masks = {
        n: {"only one": by(truth, o)["s00"]} for n, o in zip(names, (2, -2, 0, 0), strict=True)
    }
    result = found(tmp_path, masks)
    assert {p.name for p in result.annotators} == set(names)
    assert "bob.v2 and 李 雷 are identical on the only sample" in sentences(result)
    assert any(note.startswith("1 sample:") for note in result.notes)
    written = write_consensus(Dataset.open(tmp_path), "staple")
    assert [file.name for file in written.files] == ["only one.png"]


def test_ratings_instead_of_classes_are_noticed(tmp_path, truth):
    masks = {name: by(truth, 0) for name in ("a", "b")}
    masks["b"] = {name: 3 * mask for name, mask in masks["b"].items()}
    result = found(tmp_path, masks, "")
    assert any("set binary = true" in note for note in result.notes)
    assert any("set background = 0" in note for note in result.notes)
