"""A folder becomes a dataset; what does not fit is listed, never guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import napari_mask_audit as ma
from building import make_dataset, square, write_png
from napari_mask_audit.dataset import Role, open_pair
from napari_mask_audit.dataset.encoding import Encoding, infer_encoding
from napari_mask_audit.errors import DatasetError
from napari_mask_audit.failure_thresholds import FailureThresholds


def codes(dataset) -> list[str]:
    return sorted(problem.code for problem in dataset.problems)


def test_roles_come_from_folder_names_and_are_said_aloud(tmp_path):
    make_dataset(tmp_path, {s: {"a": square()} for s in ("gold", "Model_2", "predictions", "bob")})
    dataset = ma.Dataset.open(tmp_path)
    assert [(s.name, s.role) for s in dataset.sources] == [
        ("gold", Role.REFERENCE),
        ("Model_2", Role.PREDICTION),
        ("predictions", Role.PREDICTION),
        ("bob", Role.ANNOTATOR),
    ]
    assert "taken as annotator by name: bob" in dataset.notes


def test_a_single_source_says_that_there_is_nothing_to_compare_it_with(tmp_path):
    alone = ma.Dataset.open(make_dataset(tmp_path, {"gt": {"a": square()}}))
    assert any(note.startswith("only one source, gt: there is nothing") for note in alone.notes)
    two = ma.Dataset.open(make_dataset(tmp_path, {"model": {"a": square()}}))
    assert not any("only one source" in note for note in two.notes)


def test_a_consensus_is_the_reference_only_where_there_is_no_other(tmp_path):
    folder = make_dataset(
        tmp_path, {s: {"a": square()} for s in ("ann", "bob", "consensus-staple")}
    )
    assert ma.Dataset.open(folder).comparisons() == (
        ("consensus-staple", "ann"),
        ("consensus-staple", "bob"),
    )
    make_dataset(folder, {"gt": {"a": square()}})
    assert ma.Dataset.open(folder).source("consensus-staple").role is Role.ANNOTATOR


def test_samples_pair_by_name_never_by_order(tmp_path):
    make_dataset(
        tmp_path,
        {"gt": {"a": square(), "b": square()}, "model": {"b": square(), "c": square()}},
    )
    dataset = ma.Dataset.open(tmp_path)
    assert {s.name: sorted(s.masks) for s in dataset.samples} == {
        "a": ["gt"],
        "b": ["gt", "model"],
        "c": ["model"],
    }
    missing = {p.sample: p.message for p in dataset.problems}
    assert set(missing) == {"a", "c"}
    assert "no mask from model" in missing["a"]
    assert [s.sample for s in ma.audit(dataset).comparisons[0].samples] == ["b"]


def test_names_in_decomposed_unicode_pair_with_composed_ones(tmp_path):
    make_dataset(tmp_path, {"gt": {"caf\u00e9": square()}, "model": {"cafe\u0301": square()}})
    assert codes(ma.Dataset.open(tmp_path)) == []


def test_without_a_reference_every_pair_is_compared(tmp_path):
    make_dataset(tmp_path, {s: {"a": square()} for s in ("ann", "bob", "cy")})
    pairs = ma.Dataset.open(tmp_path).comparisons()
    assert pairs == (("ann", "bob"), ("ann", "cy"), ("bob", "cy"))


def test_a_toml_gives_names_roles_ignore_and_patterns_over_another_root(tmp_path):
    data = tmp_path / "data"
    write_png(data / "case1" / "truth.png", square(value=3))
    write_png(data / "case1" / "net.png", square(value=3, left=6))
    write_png(data / "case1" / "scan.png", square())
    toml = """
name = "Cases"
background = 0
ignore = [9]
spacing = [0.5, 0.25]
unit = "mm"
[classes]
3 = { name = "lesion", color = "#00ff00" }
[sources]
truth = "reference"
net = "prediction"
[files]
root = "../data"
masks = "{sample}/{source}.png"
images = "{sample}/scan.png"
"""
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "dataset.toml").write_text(toml)
    dataset = ma.Dataset.open(tmp_path / "audit")
    assert (dataset.name, dataset.ignore_ids, dataset.background_id) == ("Cases", {9}, 0)
    sample = dataset.sample("case1")
    assert sorted(sample.masks) == ["net", "truth"]
    assert sample.image.name == "scan.png"
    mask = dataset.read_mask(sample, "net")
    assert (mask.spacing, mask.unit) == ((0.5, 0.25), "mm")
    row = ma.audit(dataset).comparisons[0].classes
    assert [(r.pooled.id, r.pooled.name) for r in row] == [(3, "lesion")]
    # 10 × 10 shifted by one column: 90 shared of 110.
    assert row[0].pooled.iou == 90 / 110


def test_everything_wrong_with_a_toml_is_said_at_once(tmp_path):
    toml = """
nmae = "x"
task = "panoptic"
ignore = ["void"]
[classes]
road = 3
1 = { color = "red" }
[sources]
gt = "truth"
[files]
root = "nowhere"
masks = "../{source}/{sample}.png"
[settings]
convention = "pixel"
"""
    (tmp_path / "dataset.toml").write_text(toml)
    with pytest.raises(DatasetError) as caught:
        ma.Dataset.open(tmp_path)
    message = caught.value.message
    for part in (
        "did you mean 'name'",
        "task:",
        "ignore:",
        "not 'road'",
        "1 needs a name",
        "role must be one of",
        "there is no folder",
        "must stay beneath root",
        'convention must be "surfel" or "voxel"',
    ):
        assert part in message, part


def test_failure_thresholds_are_settings_and_classes_go_by_name_or_id(tmp_path):
    toml = """
background = 0
[classes]
4 = "pole"
[settings]
tolerances = [1.5]
[settings.failures]
class_tolerances = { pole = 1, 7 = 2.5 }
small_area = 40
split_part = 0
"""
    make_dataset(tmp_path, {"gt": {"a": square()}, "model": {"a": square()}}, toml)
    found = ma.Dataset.open(tmp_path).settings
    assert found.failures.class_tolerances == ((4, 1), (7, 2.5))
    assert found.failures.split_part is None
    # Without a tolerance of their own the buckets go by the first boundary tolerance.
    decides = found.failure_thresholds
    assert (decides.tolerance, decides.unit, decides.small_area) == (1.5, "spacing", 40)
    assert found.to_dict()["failures"]["class_tolerances"] == {"4": 1, "7": 2.5}
    assert found.replace(tolerances=()).failure_thresholds.tolerance == 2.0


def test_what_the_thresholds_print_for_a_toml_reads_back_as_the_same(tmp_path):
    chosen = FailureThresholds(
        tolerance=3.5, unit="spacing", class_tolerances={4: 1.0}, small_area=12, split_part=None
    )
    make_dataset(tmp_path, {"gt": {"a": square()}}, chosen.to_toml() + "\n")
    assert ma.Dataset.open(tmp_path).settings.failures == chosen


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("tolerance = -1", "tolerance must be a number >= 0"),
        ("tolerence = 1", "unknown failure threshold tolerence; known are tolerance"),
        ('class_tolerances = { "tree" = 1 }', "there is no class 'tree'; write its name or its id"),
        ("class_tolerances = 3", "class_tolerances must be a table"),
        ('small_area = "big"', "wrong type"),
    ],
)
def test_a_wrong_failure_threshold_is_named(tmp_path, line, complaint):
    make_dataset(tmp_path, {"gt": {"a": square()}}, f"[settings.failures]\n{line}\n")
    with pytest.raises(DatasetError) as caught:
        ma.Dataset.open(tmp_path)
    assert caught.value.code == "bad-manifest"
    assert complaint in caught.value.message


def test_links_out_of_the_dataset_are_listed_and_not_followed(tmp_path):
    outside = write_png(tmp_path / "outside" / "a.png", square())
    folder = make_dataset(tmp_path / "data", {"gt": {"a": square()}, "model": {"b": square()}})
    (folder / "masks" / "model" / "a.png").symlink_to(outside)
    (folder / "masks" / "bob").symlink_to(tmp_path / "outside")
    dataset = ma.Dataset.open(folder)
    assert [s.name for s in dataset.sources] == ["gt", "model"]
    assert codes(dataset) == [
        "missing-partner",
        "missing-partner",
        "outside-root",
        "outside-root",
    ]


def test_foreign_files_and_second_masks_are_listed(tmp_path):
    folder = make_dataset(tmp_path, {"gt": {"a": square()}, "model": {"a": square()}})
    (folder / "masks" / "gt" / "notes.txt").write_text("hi")
    (folder / "masks" / "gt" / "a.jpg").write_bytes(b"")
    (folder / "masks" / "gt" / ".DS_Store").write_bytes(b"")
    np.save(folder / "masks" / "model" / "a.npy", square())
    assert codes(ma.Dataset.open(folder)) == ["lossy-mask", "two-masks", "unknown-format"]


@pytest.mark.parametrize("make", ["missing", "empty", "file"])
def test_nothing_to_audit_is_one_clear_error(tmp_path, make):
    path = tmp_path / "x"
    if make == "empty":
        path.mkdir()
    elif make == "file":
        path.write_text("")
    with pytest.raises(DatasetError, match=r"masks/SOURCE/NAME\.png"):
        ma.Dataset.open(path)


@pytest.mark.parametrize(
    ("seen", "declared", "encoding"),
    [
        ({"a": {0, 255}, "b": {0, 255}}, set(), Encoding.BINARY_255),
        ({"a": {0, 255}, "b": {0, 1}}, set(), Encoding.BINARY_255),
        ({"a": {0}, "b": {255}}, set(), Encoding.BINARY_255),
        ({"a": {0, 1}}, set(), Encoding.IDS),
        ({"a": {0, 1, 255}}, set(), Encoding.IDS),
        ({"a": {0, 255}, "b": {0, 2}}, set(), Encoding.IDS),
        ({"a": {0, 255}}, {255}, Encoding.IDS),
    ],
)
def test_0_255_is_binary_only_where_nothing_else_occurs(seen, declared, encoding):
    ids = {source: frozenset(values) for source, values in seen.items()}
    assert infer_encoding(ids, frozenset(declared))[0] is encoding


def test_0_255_against_0_1_compares_as_one_class(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": square(value=255)}, "model": {"a": square(value=1)}})
    dataset = ma.Dataset.open(tmp_path)
    assert dataset.background_id == 0
    comparison = ma.audit(dataset).comparisons[0]
    assert [(c.pooled.id, c.pooled.name, c.pooled.iou) for c in comparison.classes] == [
        (1, "foreground", 1.0)
    ]


def test_a_mask_with_stray_greys_in_a_binary_dataset_is_listed_not_fatal(tmp_path):
    names = [f"s{n:03d}" for n in range(40)]
    masks = {s: {n: square(value=255) for n in names} for s in ("gt", "model")}
    # s001 is not among the masks looked at when opening (every third is)
    masks["model"]["s001"] = square(value=254)
    make_dataset(tmp_path, masks)
    audit = ma.audit(tmp_path)
    assert [(p.code, p.sample) for p in audit.problems] == [("not-binary", "s001")]
    assert len(audit.comparisons[0].samples) == 39


def test_two_folders_and_two_files_can_be_compared_directly(tmp_path):
    write_png(tmp_path / "one" / "x.png", square())
    write_png(tmp_path / "two" / "x.png", square(left=6))
    write_png(tmp_path / "two" / "y.png", square())
    folders = open_pair(tmp_path / "one", tmp_path / "two")
    assert folders.comparisons() == (("one", "two"),)
    assert codes(folders) == ["missing-partner"]
    files = open_pair(tmp_path / "one" / "x.png", tmp_path / "two" / "y.png")
    assert len(files.samples) == 1
    with pytest.raises(DatasetError, match="two files or two folders"):
        open_pair(tmp_path / "one", tmp_path / "two" / "y.png")


def test_binary_true_reads_every_object_id_as_one_class(tmp_path):
    make_dataset(
        tmp_path,
        {"r1": {"a": square(value=5)}, "r2": {"a": square(value=2)}},
        "binary = true\n",
    )
    assert ma.audit(tmp_path).comparisons[0].mean_iou == 1.0


def test_a_group_pattern_names_the_patient_of_each_sample(tmp_path):
    masks = {"gt": {"p1_a": square(), "p1_b": square(), "p2_a": square()}}
    make_dataset(tmp_path, masks, "group_pattern = '^(p\\d+)_'\n")
    assert [s.group for s in ma.Dataset.open(tmp_path).samples] == ["p1", "p1", "p2"]


def test_links_that_lead_in_a_circle_or_nowhere_are_listed(tmp_path):
    folder = make_dataset(tmp_path, {"gt": {"a": square()}})
    for name, target in (("self.png", "self.png"), ("gone.png", "nowhere.png")):
        (folder / "masks" / "gt" / name).symlink_to(target)
    dataset = ma.Dataset.open(folder)
    assert [s.name for s in dataset.samples] == ["a"]
    found = {Path(str(p.file)).name for p in dataset.problems if p.code == "outside-root"}
    assert found == {"self.png", "gone.png"}


def test_the_mask_of_an_odd_size_is_left_out_not_those_that_agree(tmp_path):
    from napari_mask_audit.dataset.reading import read_masks

    sizes = {"ann": 30, "bob": 20, "cat": 20}
    folder = make_dataset(tmp_path, {name: {"a": square(size)} for name, size in sizes.items()})
    dataset = ma.Dataset.open(folder)
    problems = []
    assert list(read_masks(dataset, dataset.samples[0], problems)) == ["bob", "cat"]
    assert [(p.code, "masks/ann" in p.file.replace("\\", "/")) for p in problems] == [
        ("shape-mismatch", True)
    ]
