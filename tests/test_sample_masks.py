"""The sample dataset says the truth about itself, and the script still draws these files."""

import json
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_mask_audit.samples import sample_masks_path

FOLDER = sample_masks_path()
LIST = json.loads((FOLDER / "defects.json").read_text(encoding="utf-8"))
DEFECTS = {row["id"]: row for row in LIST["defects"]}
SETTINGS = tomllib.loads((FOLDER / "dataset.toml").read_text(encoding="utf-8"))
SOURCES = ("gt", "alice", "bob", "model")
BUILDING, TREE, POLE, CAR, VOID = 1, 3, 4, 5, 255
SCRIPTS = Path(__file__).parents[1] / "scripts"


def mask(source, sample):
    with Image.open(FOLDER / "masks" / source / f"{sample}.png") as picture:
        assert picture.mode == "P"
        return np.array(picture)


def of_kind(*kinds):
    chosen = [key for key, row in DEFECTS.items() if row["kind"] in kinds]
    assert chosen, f"no defect of kind {kinds} is listed"
    return pytest.mark.parametrize("row", [DEFECTS[key] for key in chosen], ids=chosen)


def inside(row, source):
    y0, y1, x0, x1 = row["bbox"]
    return mask(source, row["sample"])[y0:y1, x0:x1]


def test_every_sample_has_its_files_and_only_one_mask_is_missing():
    images = {path.stem for path in (FOLDER / "images").iterdir()}
    assert images == set(LIST["samples"])
    assert len(images) == 12
    missing = {
        (source, sample)
        for source in SOURCES
        for sample in images
        if not (FOLDER / "masks" / source / f"{sample}.png").exists()
    }
    listed = {(r["source"], r["sample"]) for r in LIST["defects"] if r["kind"] == "missing_partner"}
    assert missing == listed == {("bob", "cedar_row")}


def test_the_dataset_stays_below_two_megabytes():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 2_000_000


def test_images_are_rgb_of_the_size_of_their_masks():
    for sample in LIST["samples"]:
        with Image.open(FOLDER / "images" / f"{sample}.png") as picture:
            assert (picture.mode, picture.size) == ("RGB", (320, 240))
        assert mask("gt", sample).shape == (240, 320)


def test_masks_hold_only_declared_ids_and_void_only_in_the_reference():
    declared = {int(class_id) for class_id in SETTINGS["classes"]}
    seen = set()
    for path in (FOLDER / "masks").glob("*/*.png"):
        ids = set(np.unique(mask(path.parent.name, path.stem)).tolist())
        seen |= ids
        assert ids <= declared | {VOID}
        assert VOID not in ids or (path.parent.name, path.stem) == ("gt", "larch_hill")
    assert seen == declared | {VOID}
    assert SETTINGS["ignore"] == [VOID]


def test_masks_have_the_colours_of_the_class_table():
    with Image.open(FOLDER / "masks" / "gt" / "alder_street.png") as picture:
        colours = np.array(picture.getpalette()).reshape(-1, 3)
    for class_id, row in SETTINGS["classes"].items():
        assert row["color"] == "#{:02X}{:02X}{:02X}".format(*colours[int(class_id)])
    assert colours[VOID].tolist() == [255, 255, 255]


def test_the_readme_lists_every_defect_with_its_box_and_size():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for row in LIST["defects"]:
        line = next(line for line in readme.splitlines() if line.startswith(f"| {row['id']} |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        box = row["bbox"]
        where = "–" if box is None else f"{box[0]}:{box[1]}, {box[2]}:{box[3]}"
        assert cells[1:4] == [row["sample"], row["source"], row["kind"]]
        assert cells[5:] == [where, str(row["pixels"]), row["see"]]
        assert f"`{row['kind']}`" in readme.split("The kinds in one line each")[1]


def test_every_bucket_has_at_least_one_planted_example():
    buckets = {row["bucket"] for row in LIST["defects"] if row["source"] == "model"}
    assert buckets - {None} == {
        "boundary", "missed_small", "missed_large", "confusion", "false_region",
        "over_extent", "under_extent", "split", "merge",
    }  # fmt: skip


@pytest.mark.parametrize(
    "row", [r for r in LIST["defects"] if r["bbox"] and r["kind"] != "inside_ignored"],
    ids=[r["id"] for r in LIST["defects"] if r["bbox"] and r["kind"] != "inside_ignored"],
)  # fmt: skip
def test_the_box_holds_the_stated_pixels_as_a_difference(row):
    """From the reference, or from alice (who draws 1 px inside) where the reference is wrong."""
    first, second, share = row["source"], "gt", 1.0
    if row["source"] == "gt":
        second, share = "alice", 0.8
    elif row["source"] == "alice+bob":
        first, second = "alice", "bob"
    differing = np.count_nonzero(inside(row, first) != inside(row, second))
    assert differing >= share * row["pixels"] > 0


@of_kind("missed_small", "missed_large")
def test_what_is_missed_has_no_pixel_in_the_model(row):
    found = np.count_nonzero(inside(row, "gt") == row["class_id"])
    assert np.count_nonzero(inside(row, "model") == row["class_id"]) == 0
    small = max(16, 0.001 * 240 * 320)
    assert (found < small) == (row["kind"] == "missed_small")


@of_kind("class_confusion", "absorbed")
def test_what_is_confused_carries_the_other_class(row):
    right = inside(row, "gt") == row["class_id"]
    assert np.mean(inside(row, "model")[right] == row["other_class_id"]) > 0.9


@of_kind("boundary_over", "over_extended", "boundary_under", "under_extended")
def test_outlines_are_off_by_the_stated_distance(row):
    """The deepest pixel of the wrong band lies as deep as the README says."""
    from scipy.ndimage import distance_transform_edt

    gt = mask("gt", row["sample"]) == row["class_id"]
    larger = row["kind"] in ("boundary_over", "over_extended")
    depth = distance_transform_edt(~gt if larger else gt)
    y0, y1, x0, x1 = row["bbox"]
    model = inside(row, "model") == row["class_id"]
    wrong = model & ~gt[y0:y1, x0:x1] if larger else ~model & gt[y0:y1, x0:x1]
    expected = 1.5 if row["kind"].startswith("boundary") else 8
    assert depth[y0:y1, x0:x1][wrong].max() == pytest.approx(expected, abs=1.3)


@of_kind("split", "merge")
def test_split_and_merge_change_the_number_of_buildings(row):
    from skimage.measure import label

    counts = [int(label(mask(s, row["sample"]) == BUILDING).max()) for s in ("gt", "model")]
    # One terrace became two, two neighbours became one: the totals are equal, the boxes are not.
    assert counts[0] == counts[1] == 5
    expected = (1, 2) if row["kind"] == "split" else (2, 1)
    boxed = [int(label(inside(row, s) == BUILDING).max()) for s in ("gt", "model")]
    assert tuple(boxed) == expected


def test_the_shifted_sample_fits_best_at_the_listed_vector():
    reference, model = mask("gt", "iris_bend"), mask("model", "iris_bend")
    inner = (slice(20, -20), slice(20, -20))
    agreement = {
        (dy, dx): np.mean(np.roll(reference, (dy, dx), (0, 1))[inner] == model[inner])
        for dy in range(-8, 9)
        for dx in range(-8, 9)
    }
    assert max(agreement, key=agreement.get) == (5, -4)


def test_the_swapped_pair_becomes_right_when_swapped_back():
    reference, model = mask("gt", "juniper_park"), mask("model", "juniper_park")
    back = np.array([0, TREE, 2, BUILDING, 4, 5], dtype=np.uint8)[model]
    assert np.mean(reference == model) < 0.85
    assert np.mean(reference == back) > 0.98


@of_kind("wrong_reference")
def test_the_reference_stands_alone_against_the_three_others(row):
    others = [inside(row, source) == row["class_id"] for source in ("alice", "bob", "model")]
    alone = np.logical_and.reduce(others) & (inside(row, "gt") == row["other_class_id"])
    assert alone.sum() > 0.8 * row["pixels"]


def test_the_guess_below_the_cloud_lies_in_void():
    row = next(r for r in LIST["defects"] if r["kind"] == "inside_ignored")
    assert np.all(inside(row, "gt") == VOID)
    void = next(r for r in LIST["defects"] if r["kind"] == "ignored_area")
    assert np.count_nonzero(mask("gt", void["sample"]) == VOID) == void["pixels"]


def test_the_guideline_conflict_is_consistent_in_at_least_three_samples():
    rows = [r for r in LIST["defects"] if r["kind"] == "guideline_conflict"]
    assert len({r["sample"] for r in rows}) >= 3
    for row in rows:
        pairs = Counter(zip(inside(row, "alice").flat, inside(row, "bob").flat, strict=True))
        assert pairs[CAR, TREE] == row["pixels"] > 40
        assert pairs[TREE, CAR] == 0


def test_the_annotators_have_the_habits_the_readme_states():
    """Pixels of each class relative to the reference, in samples without a planted difference."""
    for sample in ("alder_street", "garden_lane", "hill_terrace"):
        counts = {s: np.bincount(mask(s, sample).ravel(), minlength=6) for s in SOURCES}
        for class_id in (BUILDING, TREE):
            assert counts["alice"][class_id] < counts["gt"][class_id] < counts["bob"][class_id]
        assert counts["bob"][POLE] == 0 < counts["alice"][POLE]


@of_kind("specks", "pinhole")
def test_slips_of_the_hand_are_small_islands(row):
    from skimage.measure import label

    box = inside(row, row["source"])
    if row["kind"] == "specks":
        sizes = np.bincount(label(box == row["class_id"], connectivity=2).ravel())[1:]
        assert np.count_nonzero(sizes == 1) == row["pixels"] == 6
    else:
        assert np.count_nonzero(box == row["other_class_id"]) == row["pixels"] == 9


@pytest.mark.skipif(not SCRIPTS.is_dir(), reason="the generator is only in a checkout")
def test_the_script_draws_the_committed_pixels(tmp_path, monkeypatch):
    """Masks and list exactly; pictures up to one step of their 64 grey levels in rare pixels."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import make_sample_masks

    for name in ("dataset.toml", "README.md"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    make_sample_masks.main(tmp_path)
    committed = {p.relative_to(FOLDER) for p in FOLDER.rglob("*.png")}
    assert {p.relative_to(tmp_path) for p in tmp_path.rglob("*.png")} == committed
    assert len(committed) == 12 + 47
    for name in ("defects.json", "README.md"):
        assert (tmp_path / name).read_text("utf-8") == (FOLDER / name).read_text("utf-8")
    for name in sorted(committed):
        with Image.open(tmp_path / name) as new, Image.open(FOLDER / name) as old:
            if name.parts[0] == "masks":
                np.testing.assert_array_equal(np.array(new), np.array(old), err_msg=str(name))
                continue
            change = np.abs(np.array(new, dtype=int) - np.array(old, dtype=int))
        assert change.max() <= 4, name
        assert np.mean(change > 0) < 0.001, name
