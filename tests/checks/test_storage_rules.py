"""Rules about how masks and images are stored: floats, places in space, piles, near copies."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
from PIL import Image

from building import make_dataset, square, write_png
from napari_mask_audit.checks import lint
from napari_mask_audit.checks.images import thumbnail


def codes(path, *select):
    return [(f.code, f.sample, f.source) for f in lint(path, select=select).findings]


def textured(seed, side=96):
    """A picture with blobs of every size."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(6, 6)).repeat(side // 6, 0).repeat(side // 6, 1)
    return (127 + 40 * coarse + 6 * rng.normal(size=(side, side))).clip(0, 255).astype(np.uint8)


def nifti(path, ids, affine=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(ids, np.eye(4) if affine is None else affine), path)


def test_whole_ids_in_a_float_file_are_information(tmp_path):
    for name, array in (("whole", square().astype(np.float32)), ("fine", square())):
        (tmp_path / "masks" / "gt").mkdir(parents=True, exist_ok=True)
        np.save(tmp_path / "masks" / "gt" / f"{name}.npy", array)
    (finding,) = lint(tmp_path, select=["MA109"]).findings
    assert (finding.sample, finding.severity.value) == ("whole", "info")
    assert "float32" in finding.message
    np.save(tmp_path / "masks" / "gt" / "more.npy", square().astype(np.float64))
    (finding,) = lint(tmp_path, select=["MA109"]).findings  # one per source, with a count
    assert (finding.sample, finding.source, finding.count) == (None, "gt", 2)
    assert "2 masks, such as that of more," in finding.message


def test_volumes_at_different_places_are_named(tmp_path):
    ids = np.zeros((6, 7, 8), np.uint8)
    ids[2:4, 2:4, 2:4] = 1
    moved, nudged = np.eye(4), np.eye(4)
    moved[0, 3] = 0.6
    nudged[0, 3] = 0.4
    masks = tmp_path / "masks"
    for source, affine in (("gt", None), ("moved", moved), ("nudged", nudged)):
        nifti(masks / source / "scan.nii.gz", ids, affine)
    assert codes(tmp_path, "MA110") == [("MA110", "scan", "moved")]


def test_a_volume_stored_with_a_flip_lies_at_the_same_place(tmp_path):
    ids = np.zeros((6, 7, 8), np.uint8)
    ids[2:4, 2:4, 2:4] = 1
    flipped = np.diag([-1.0, 1, 1, 1])
    flipped[0, 3] = 5
    nifti(tmp_path / "masks" / "gt" / "scan.nii.gz", ids)
    nifti(tmp_path / "masks" / "model" / "scan.nii.gz", ids[::-1], flipped)
    assert codes(tmp_path, "MA110", "MA102") == []


def test_an_image_that_cannot_be_read_does_not_hide_that_masks_differ(tmp_path):
    ids = np.zeros((6, 7, 8), np.uint8)
    ids[2:4, 2:4, 2:4] = 1
    moved = np.eye(4)
    moved[1, 3] = 3
    nifti(tmp_path / "masks" / "gt" / "scan.nii.gz", ids)
    nifti(tmp_path / "masks" / "model" / "scan.nii.gz", ids, moved)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "scan.nii.gz").write_text("no volume")
    found = codes(tmp_path, "MA101", "MA110")
    assert sorted(found) == [("MA101", "scan", None), ("MA110", "scan", "model")]


@pytest.mark.parametrize("axis", [0, -1])
def test_one_mask_per_class_is_a_pile_and_no_wrong_size(tmp_path, axis):
    write_png(tmp_path / "images" / "a.png", textured(0))
    target = tmp_path / "masks" / "gt" / "a.npy"
    target.parent.mkdir(parents=True)
    np.save(target, np.stack([square(96), square(96, left=20), square(96, top=40)], axis=axis))
    (finding,) = lint(tmp_path, select=["MA102", "MA111"]).findings
    assert finding.code == "MA111"
    assert "pile of 3 masks" in finding.message


def volume_file(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, array)


def test_a_pile_is_known_without_an_image_and_a_volume_is_none(tmp_path):
    gt = tmp_path / "masks" / "gt"
    layers = np.stack([square(60), square(60, left=8, top=8, side=6), square(60, top=40)])
    volume_file(gt / "pile.npy", layers)
    volume_file(gt / "one_hot.npy", np.stack([square(60) * k for k in (1, 2)])[:, ::-1])
    disc = np.hypot(*np.mgrid[-30:30, -30:30]) < np.linspace(5, 20, 8)[:, None, None]
    volume_file(gt / "volume.npy", disc.astype(np.uint8))
    volume_file(gt / "nodule.npy", np.pad(disc[:2].astype(np.uint8), ((5, 5), (0, 0), (0, 0))))
    found = lint(tmp_path, select=["MA111", "MA601"]).findings
    assert [(f.code, f.sample) for f in found] == [("MA111", "pile")]
    assert "3 slices hold one id each" in found[0].message


def test_a_pile_beside_a_flat_mask_is_no_wrong_size(tmp_path):
    volume_file(tmp_path / "masks" / "flat" / "a.npy", square(60))
    volume_file(tmp_path / "masks" / "pile" / "a.npy", np.stack([square(60)] * 3))
    (finding,) = lint(tmp_path, select=["MA102", "MA111"]).findings
    assert (finding.code, finding.source) == ("MA111", "pile")
    assert "of the size of the mask of flat" in finding.message


def dataset_of(tmp_path, **images):
    folder = make_dataset(tmp_path, {"gt": dict.fromkeys(images, square(96))})
    (folder / "images").mkdir()
    for name, picture in images.items():
        write_png(folder / "images" / f"{name}.png", picture)
    return folder


def test_the_same_picture_saved_again_is_found_and_other_pictures_are_not(tmp_path):
    base = textured(1)
    Image.fromarray(base).save(tmp_path / "again.jpg", quality=60)
    again = np.asarray(Image.open(tmp_path / "again.jpg"))
    brighter = (base * 0.8 + 30).astype(np.uint8)
    folder = dataset_of(tmp_path / "data", a=base, b=again, c=brighter, d=textured(2))
    assert codes(folder, "MA704") == [("MA704", "b", None), ("MA704", "c", None)]
    assert {f.other for f in lint(folder, select=["MA704"]).findings} == {"a"}


def test_an_exact_copy_is_reported_once_as_such(tmp_path):
    folder = dataset_of(tmp_path, a=textured(1), b=textured(1))
    assert codes(folder, "MA7") == [("MA702", "b", None), ("MA701", "b", "gt")]


def test_a_scene_that_moved_by_a_few_pixels_is_another_picture(tmp_path):
    wide = textured(3, 192)
    folder = dataset_of(tmp_path, a=wide[:96, :96], b=wide[:96, 4:100])
    assert codes(folder, "MA704") == []


def test_plain_small_and_deep_pictures_are_not_compared():
    assert thumbnail(np.full((64, 64), 200, np.uint8)) is None
    assert thumbnail(textured(0)[:20]) is None
    assert thumbnail(np.zeros((40, 64, 64), np.uint8)) is None
    small = thumbnail(textured(0))
    assert small.shape == (1024,)
    assert small.mean() == pytest.approx(0, abs=1e-5)
    assert small.std() == pytest.approx(1, abs=1e-5)


def test_files_of_file_managers_are_no_finding(tmp_path):
    folder = make_dataset(tmp_path, {"gt": {"a": square()}})
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (folder / "masks" / "gt" / name).write_bytes(b"x")
    assert codes(folder, "MA107", "MA101") == []
