"""A baseline that never saw the sample it predicts, written as a source."""

import json

import numpy as np
import pytest
from PIL import Image

from building import make_dataset, write_png
from napari_mask_audit import Dataset, audit
from napari_mask_audit.baseline import train_baseline
from napari_mask_audit.baseline.training import assign_folds
from napari_mask_audit.errors import DatasetError

pytest.importorskip("sklearn")
CLASSES = 'background = 0\n[classes]\n0 = "ground"\n1 = "cell"\n'
SMALL = {"trees": 8, "pixels_per_sample": 300}


def scene(seed, size=48):
    """A picture and its mask: a bright disc on dark noise."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:size, 0:size]
    y, x = rng.integers(14, size - 14, 2)
    mask = ((rows - y) ** 2 + (columns - x) ** 2 <= 81).astype(np.uint8)
    image = rng.normal(60, 15, mask.shape) + 110 * mask
    return image.clip(0, 255).astype(np.uint8), mask


def build(folder, number=6, toml=CLASSES, value=1):
    masks = {}
    for n in range(number):
        image, masks[f"s{n}"] = scene(n)
        masks[f"s{n}"] = masks[f"s{n}"] * np.uint8(value)
        write_png(folder / "images" / f"s{n}.png", image)
    return make_dataset(folder, {"gt": masks}, toml)


def test_the_baseline_is_a_new_prediction_source_that_is_good(tmp_path):
    result = train_baseline(build(tmp_path), **SMALL)
    assert (result.complete, result.problems, result.folds) == (True, (), 5)
    dataset = Dataset.open(tmp_path)
    assert [(s.name, s.role.value) for s in dataset.sources] == [
        ("gt", "reference"),
        ("model-baseline", "prediction"),
    ]
    assert dataset.problems == ()
    measured = audit(dataset)
    assert measured.problems == ()
    assert measured.comparison("gt", "model-baseline").mean_iou > 0.85


def test_a_wrong_label_leads_the_ranking(tmp_path):
    build(tmp_path, 8)
    write_png(tmp_path / "masks" / "gt" / "s3.png", np.roll(scene(3)[1], 20, axis=0))
    result = train_baseline(tmp_path, **SMALL)
    assert result.samples[0].sample == "s3"
    assert result.samples[0].sure > 3 * result.samples[1].sure
    assert 0 <= result.samples[0].sure <= result.samples[0].disagreement <= 1
    json.dumps(result.to_dict())


def test_no_forest_sees_the_sample_it_predicts(tmp_path):
    # One sample has a class that no other has: out of fold it can never be predicted.
    build(tmp_path, 4, CLASSES + '2 = "rare"\n')
    mask = scene(2)[1]
    write_png(tmp_path / "masks" / "gt" / "s2.png", mask * 2)
    result = train_baseline(tmp_path, **SMALL)
    assert 2 not in np.asarray(Image.open(result.folder / "s2.png"))


def test_groups_stay_together():
    group_of = {"a1": "a", "a2": "a", "b1": "b", "c1": "c", "c2": "c"}
    folds = assign_folds(group_of, 2)
    assert folds["a1"] == folds["a2"]
    assert folds["c1"] == folds["c2"]
    assert set(folds.values()) == {0, 1}


def test_two_runs_write_the_same_masks_and_take_old_ones_away(tmp_path):
    build(tmp_path)
    first = train_baseline(tmp_path, **SMALL)
    before = {p.name: p.read_bytes() for p in first.folder.glob("*.png")}
    (first.folder / "mine.png").write_bytes(b"not a baseline's")
    for kind in ("images", "masks/gt"):
        (tmp_path / kind / "s5.png").unlink()
    train_baseline(tmp_path, **SMALL)
    assert {p.name for p in first.folder.glob("*.png")} == {*before, "mine.png"} - {"s5.png"}
    build(tmp_path)
    again = train_baseline(tmp_path, **SMALL)
    assert {p.name: p.read_bytes() for p in again.folder.glob("s*.png")} == before
    assert again.samples == first.samples


def test_binary_masks_stay_0_and_255_and_ignored_pixels_do_not_count(tmp_path):
    result = train_baseline(build(tmp_path / "binary", 4, None, value=255), **SMALL)
    assert set(np.unique(np.asarray(Image.open(result.folder / "s0.png")))) == {0, 255}
    build(tmp_path / "void", 4, "ignore = [9]\n" + CLASSES)
    path = tmp_path / "void" / "masks" / "gt" / "s0.png"
    mask = np.array(Image.open(path))
    mask[:10] = 9
    write_png(path, mask)
    result = train_baseline(tmp_path / "void", **SMALL)
    assert 9 not in np.asarray(Image.open(result.folder / "s0.png"))


def test_a_sample_that_does_not_fit_is_listed(tmp_path):
    build(tmp_path)
    write_png(tmp_path / "images" / "s1.png", np.zeros((9, 9), np.uint8))
    result = train_baseline(tmp_path, **SMALL)
    assert [(p.code, p.sample) for p in result.problems] == [("shape-mismatch", "s1")]
    assert "s1" not in {row.sample for row in result.samples}


def test_progress_and_stop(tmp_path):
    build(tmp_path, 4)
    seen = []
    train_baseline(tmp_path, progress=lambda *step: seen.append(step[:2]), **SMALL)
    assert seen == [(n, 8) for n in range(1, 9)]
    assert not train_baseline(tmp_path, should_stop=lambda: True, **SMALL).complete


@pytest.mark.parametrize(
    ("toml", "number", "says"),
    [
        (CLASSES, 1, "at least two samples"),
        ('[sources]\ngt = "prediction"\n', 3, "only predictions"),
    ],
)
def test_what_cannot_be_trained_is_explained(tmp_path, toml, number, says):
    with pytest.raises(DatasetError) as caught:
        train_baseline(build(tmp_path, number, toml), **SMALL)
    assert caught.value.code == "baseline-not-possible"
    assert says in caught.value.message


def test_a_folder_with_other_masks_is_not_touched(tmp_path):
    build(tmp_path)
    with pytest.raises(DatasetError) as caught:
        train_baseline(tmp_path, source="gt", **SMALL)
    assert caught.value.code in ("baseline-folder", "baseline-not-possible")
