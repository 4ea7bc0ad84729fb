"""An audit of a folder: pooled and averaged scores, statuses, problems that do not stop it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import napari_mask_audit as ma
from building import make_dataset, square, write_png
from napari_mask_audit.audit import audit_samples
from napari_mask_audit.comparison import worst_mean
from napari_mask_audit.errors import DatasetError, MaskError


def test_pooled_and_sample_means_are_different_named_numbers(tmp_path):
    # a: 100 of 100 shared. b: a 2 × 2 square missed completely, 4 invented elsewhere.
    make_dataset(
        tmp_path,
        {
            "gt": {"a": square(), "b": square(side=2)},
            "model": {"a": square(), "b": square(side=2, top=15)},
        },
        "background = 0\n",
    )
    comparison = ma.audit(tmp_path).comparisons[0]
    assert comparison.mean_iou == 100 / 108
    means = comparison.means
    assert (means.sample_mean, means.class_sample_mean, means.worst_decile_mean) == (0.5, 0.5, 0)
    assert [s.sample for s in comparison.worst_first()] == ["b", "a"]


def test_a_class_missing_from_a_sample_is_undefined_there_not_zero(tmp_path):
    empty = np.zeros((20, 20), np.uint8)
    make_dataset(
        tmp_path,
        {"gt": {"a": square(), "b": empty}, "model": {"a": square(), "b": empty}},
        'background = 0\n[classes]\n1 = "cell"\n',
    )
    comparison = ma.audit(tmp_path).comparisons[0]
    assert comparison.classes[0].sample_mean_iou == 1.0
    assert comparison.classes[0].undefined_samples == 1
    assert comparison.means.undefined_samples == 1
    row = comparison.to_dict()["samples"][1]["classes"][0]
    assert (row["iou"], row["status"]) == (None, "both_empty")


def test_one_bad_file_of_each_kind_is_listed_and_the_rest_is_measured(tmp_path):
    good = {n: square() for n in ("a", "b", "c", "d")}
    folder = make_dataset(tmp_path, {"gt": good, "model": good, "bob": good})
    (folder / "masks" / "model" / "a.png").write_text("not a picture")
    write_png(folder / "masks" / "model" / "b.png", square(size=24))
    np.save(folder / "masks" / "model" / "e.npy", np.array([[0.5, 0.1]]))
    (folder / "masks" / "gt" / "c.png").unlink()
    audit = ma.audit(folder)
    listed = sorted((p.code, p.sample) for p in audit.problems)
    assert listed == [
        ("float-mask", "e"),
        ("missing-partner", "c"),
        ("missing-partner", "e"),
        ("shape-mismatch", "b"),
        ("unreadable", "a"),
    ]
    assert all(p.file for p in audit.problems)
    assert [s.sample for s in audit.comparison("gt", "model").samples] == ["d"]
    assert [s.sample for s in audit.comparison("gt", "bob").samples] == ["a", "b", "d"]
    with pytest.raises(KeyError):
        audit.comparison("bob", "gt")


def test_ids_that_the_toml_does_not_name_are_listed_and_still_counted(tmp_path):
    make_dataset(
        tmp_path,
        {"gt": {"a": square()}, "model": {"a": square(value=4)}},
        '[classes]\n0 = "ground"\n1 = "cell"\n',
    )
    audit = ma.audit(tmp_path)
    assert [(p.code, "does not name: 4" in p.message) for p in audit.problems] == [
        ("unknown-class", True)
    ]
    assert [c.pooled.id for c in audit.comparisons[0].classes] == [0, 1, 4]


def test_json_has_no_nan_and_reads_back(tmp_path):
    empty = np.zeros((20, 20), np.uint8)
    make_dataset(
        tmp_path, {"gt": {"a": empty}, "model": {"a": square()}}, 'background=0\n[classes]\n2="x"\n'
    )
    text = json.dumps(ma.audit(tmp_path).to_dict(), allow_nan=False)
    rows = json.loads(text)["comparisons"][0]["classes"]
    assert [(r["id"], r["iou"], r["status"]) for r in rows] == [
        (1, 0.0, "reference_empty"),
        (2, None, "both_empty"),
    ]


def test_two_runs_give_the_same_json_whatever_the_number_of_threads(tmp_path):
    rng = np.random.default_rng(1)
    names = [f"s{n}" for n in range(12)]
    masks = {s: {n: rng.integers(0, 4, (30, 40)).astype(np.uint8) for n in names} for s in "ab"}
    make_dataset(tmp_path, masks)
    one, four = (json.dumps(ma.audit(tmp_path, workers=w).to_dict()) for w in (1, 4))
    assert one == four


def test_stopping_early_says_how_far_it_came(tmp_path):
    names = [f"s{n:02d}" for n in range(30)]
    make_dataset(tmp_path, {s: {n: square() for n in names} for s in ("gt", "model")})
    seen: list[int] = []
    audit = ma.audit(
        tmp_path,
        workers=1,
        progress=lambda done, total, name: seen.append(done),
        should_stop=lambda: len(seen) >= 2,
    )
    measured = len(audit.comparisons[0].samples)
    assert 2 <= measured < 30
    assert f"stopped early: {measured} of 30 samples measured" in audit.notes


def test_asking_for_a_source_that_is_not_there_names_those_that_are(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": square()}, "model": {"a": square()}})
    with pytest.raises(DatasetError, match="it has gt, model"):
        ma.audit(tmp_path, comparisons=[("gt", "modle")])


def test_samples_arrive_one_by_one_with_table_and_digest(tmp_path):
    same = square()
    make_dataset(tmp_path, {"gt": {"a": same}, "ann": {"a": same}, "bob": {"a": square(left=6)}})
    (only,) = audit_samples(ma.Dataset.open(tmp_path))
    assert only.table.sources == ("gt", "ann", "bob")
    assert only.digests["gt"] == only.digests["ann"] != only.digests["bob"]


def test_frames_have_one_row_per_sample_and_class(tmp_path):
    make_dataset(tmp_path, {s: {"a": square(), "b": square()} for s in ("gt", "m1", "m2")})
    frame = ma.audit(tmp_path).to_frame()
    assert len(frame) == 2 * 2 * 2
    assert set(frame["candidate"]) == {"m1", "m2"}


def test_frames_say_how_distances_were_measured(tmp_path):
    make_dataset(tmp_path, {s: {"a": square()} for s in ("gt", "m1")})
    frame = ma.audit(tmp_path, settings=ma.Settings(convention="voxel")).to_frame()
    assert set(frame["convention"]) == {"voxel"}
    assert set(frame["unit"]) == {"px"}


def test_compare_never_resizes(tmp_path):
    with pytest.raises(MaskError, match="20 × 20 but the candidate is 24 × 24") as caught:
        ma.compare(square(), square(size=24))
    assert caught.value.code == "shape-mismatch"


def test_3d_masks_are_compared_like_2d_ones():
    reference = np.zeros((4, 10, 10), np.uint8)
    reference[1:3, 2:7, 2:7] = 1
    candidate = np.roll(reference, 1, axis=0)
    assert ma.compare(reference, candidate, background=0).ious == [25 / 75]


def test_the_worst_share_is_at_least_one_sample():
    assert worst_mean([0.5, 0.1], 0.1) == 0.1
    assert worst_mean([n / 100 for n in range(30)], 0.1) == pytest.approx(0.01)
    assert math.isnan(worst_mean([], 0.1))


def test_many_pairs_without_a_common_sample_are_one_note(tmp_path):
    make_dataset(tmp_path, {source: {f"of_{source}": square()} for source in "abcd"})
    (note,) = [note for note in ma.audit(tmp_path).notes if "no readable sample" in note]
    assert note == (
        "not compared, because they share no readable sample: a and b; a and c; a and d; and 3 "
        "more pairs"
    )
