"""Rules over several masks, and rules about files."""

import numpy as np
import pytest
from PIL import Image

from building import make_dataset, square, write_png
from napari_mask_audit.checks import lint

CLASSES = 'background = 0\n[classes]\n0 = "ground"\n1 = "cell"\n'


def codes(result):
    return sorted((f.code, f.source, f.sample) for f in result.findings)


def texture(seed, size=20):
    return np.random.default_rng(seed).integers(0, 255, (size, size), np.uint8)


def test_a_missing_partner_and_a_missing_image(tmp_path):
    one, two = square(), square(left=7)
    make_dataset(tmp_path, {"gt": {"a": one, "b": two}, "model": {"a": two}})
    write_png(tmp_path / "images" / "a.png", texture(0))
    assert codes(lint(tmp_path)) == [("MA106", "model", "b"), ("MA108", None, "b")]


def test_size_is_compared_with_the_image(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": np.pad(square(), ((0, 0), (0, 4)))}})
    write_png(tmp_path / "images" / "a.png", texture(0, 24)[:, :20])
    (finding,) = lint(tmp_path).findings
    assert finding.code == "MA102"
    assert "the mask is 20 × 24 but the image is 24 × 20 px" in finding.message
    assert "exchanged" in finding.message


def test_without_image_sizes_are_compared_with_the_first_mask(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": square()}, "model": {"a": square(24)}})
    assert codes(lint(tmp_path, select=["MA102"])) == [("MA102", "model", "a")]


def test_a_colour_image_of_the_same_size_fits(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": square()}})
    write_png(tmp_path / "images" / "a.png", np.zeros((20, 20, 3), np.uint8))
    assert codes(lint(tmp_path)) == []


def test_lossy_files_are_left_out_and_reported(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": square()}})
    Image.fromarray(square() * 255).save(tmp_path / "masks" / "gt" / "b.jpg")
    assert [f.code for f in lint(tmp_path).findings] == ["MA105"]


def test_the_rarer_of_1_and_255_is_the_odd_one(tmp_path):
    masks = {f"m{n}": square(left=2 + n, value=255) for n in range(3)}
    make_dataset(tmp_path, {"gt": {**masks, "odd": square(value=1)}})
    (finding,) = lint(tmp_path).findings
    assert (finding.code, finding.sample, finding.class_id) == ("MA203", "odd", 1)
    assert "the object is 1 in this mask and 255 in most others" in finding.message


def test_an_empty_mask_is_quiet_where_every_source_agrees(tmp_path):
    empty = np.zeros((20, 20), np.uint8)
    masks = {"gt": {"a": empty, "b": empty}, "model": {"a": empty, "b": square()}}
    make_dataset(tmp_path, masks, CLASSES)
    assert codes(lint(tmp_path)) == [("MA204", "gt", "b")]


def test_duplicates_of_masks_images_and_sources(tmp_path):
    first = {name: square(left=left) for name, left in (("a", 2), ("b", 4), ("c", 4))}
    make_dataset(tmp_path, {"alice": first, "bob": first}, CLASSES)
    for name, seed in (("a", 1), ("b", 2), ("c", 1)):
        write_png(tmp_path / "images" / f"{name}.png", texture(seed))
    result = lint(tmp_path)
    assert codes(result) == [
        ("MA701", "alice", "c"),
        ("MA701", "bob", "c"),
        ("MA702", None, "c"),
        ("MA703", "bob", None),
    ]
    assert {f.other for f in result.findings} == {"a", "b", "alice"}


def test_one_different_mask_is_enough_to_be_no_copy(tmp_path):
    first = {name: square(left=left) for name, left in (("a", 2), ("b", 4), ("c", 6))}
    make_dataset(tmp_path, {"alice": first, "bob": {**first, "c": square(left=7)}}, CLASSES)
    assert codes(lint(tmp_path)) == []


@pytest.mark.parametrize("side", [1, 18])
def test_an_object_far_from_the_usual_size(tmp_path, side):
    mask = np.zeros((200, 200), np.uint16)
    for n in range(25):
        y, x = 10 + 36 * (n // 5), 10 + 36 * (n % 5)
        mask[y : y + 5 + n % 2, x : x + 6] = n + 1
    toml = 'background = 0\ntask = "instance"\n'
    make_dataset(tmp_path / "usual", {"gt": {"a": mask}}, toml)
    assert codes(lint(tmp_path / "usual")) == []
    mask[mask == 25] = 0
    mask[154 : 154 + side, 154 : 154 + side] = 25
    make_dataset(tmp_path / "odd", {"gt": {"a": mask}}, toml)
    (finding,) = lint(tmp_path / "odd", select=["area-outlier"]).findings
    assert finding.bbox == ((154, 154 + side), (154, 154 + side))
