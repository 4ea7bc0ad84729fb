"""Corrected copies: only what is safe, in the same format, never in place."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from building import make_dataset, square, write_png
from napari_mask_audit import Dataset
from napari_mask_audit.checks import fix, lint
from napari_mask_audit.checks.fixes import merged_dataset
from napari_mask_audit.errors import DatasetError
from napari_mask_audit.readers import read_mask
from napari_mask_audit.samples import sample_masks_path

CLASSES = 'background = 0\n[classes]\n0 = "ground"\n1 = "cell"\n2 = "road"\n'


def flawed(dtype=np.uint8, shape=(80, 80)):
    """A square with a pinhole, and a speck far from it."""
    mask = np.zeros(shape, dtype)
    mask[10:60, 10:60] = 1
    mask[30:32, 30:32] = 0
    mask[72, 70:72] = 1
    return mask


def clean(dtype=np.uint8):
    mask = np.zeros((80, 80), dtype)
    mask[10:60, 10:60] = 1
    return mask


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_sample_town_is_corrected_in_copies_with_its_palette(tmp_path):
    before = fingerprint(sample_masks_path())
    result = fix(sample_masks_path(), tmp_path / "fixed")
    assert fingerprint(sample_masks_path()) == before
    assert [(m.sample, m.source, m.codes, m.pixels) for m in result.fixed] == [
        ("dock_road", "alice", ("MA301",), 6),
        ("elm_court", "bob", ("MA302",), 9),
    ]
    assert result.problems == ()
    for mask in result.fixed:
        assert mask.copy == tmp_path / "fixed" / "masks" / mask.source / f"{mask.sample}.png"
        old, new = Image.open(mask.file), Image.open(mask.copy)
        assert (old.mode, old.getpalette()) == (new.mode, new.getpalette())
    corrected = merged_dataset(Dataset.open(sample_masks_path()), result)
    assert lint(corrected, select=["MA3"]).findings == ()


def write(path: Path, mask: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(path, mask)
    elif path.suffix == ".npz":
        np.savez(path, other=np.arange(3), labels=mask)
    elif path.name.endswith("z.tif"):
        tifffile.imwrite(path, mask, photometric="minisblack", compression="zlib")
    elif path.suffix == ".tif":
        metadata = {"axes": "YX", "unit": "um"}
        tifffile.imwrite(path, mask, imagej=True, resolution=(4, 4), metadata=metadata)
    elif path.suffix == ".gz":
        nibabel = pytest.importorskip("nibabel")
        affine = np.diag([-1.0, 2, 3, 1])
        whole = clean(mask.dtype)
        volume = np.stack([whole, whole, mask, whole, whole], axis=0)
        nibabel.save(nibabel.Nifti1Image(volume.T, affine), path)
    else:
        Image.fromarray(mask).save(path)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("a.png", np.uint8),
        ("a.png", np.uint16),
        ("a.bmp", np.uint8),
        ("a.npy", np.int64),
        ("a.npz", np.int16),
        ("a.tif", np.uint16),
        ("a.z.tif", np.uint8),
        ("a.nii.gz", np.uint8),
    ],
)
def test_every_format_keeps_dtype_and_spacing(tmp_path, name, dtype):
    source = tmp_path / "d" / "masks" / "gt" / name
    write(source, flawed(dtype))
    (tmp_path / "d" / "dataset.toml").write_text(CLASSES)
    (mask,) = fix(tmp_path / "d", tmp_path / "fixed").fixed
    old, new = read_mask(source), read_mask(mask.copy)
    # the volume is turned to the usual orientation; its x axis was stored from right to left
    expected = np.stack([clean()[:, ::-1]] * 5) if name.endswith(".gz") else clean()
    assert np.array_equal(new.labels, expected)
    assert (new.spacing, new.unit) == (old.spacing, old.unit)
    if source.suffix == ".npy":
        assert np.load(mask.copy).dtype == dtype
    if source.suffix == ".tif":
        assert tifffile.imread(mask.copy).dtype == dtype
    if source.suffix == ".npz":
        assert np.load(mask.copy)["other"].tolist() == [0, 1, 2]
    assert list((tmp_path / "fixed").rglob(".*")) == []


def test_what_shows_between_two_regions_is_left_alone(tmp_path):
    mask = np.zeros((80, 80), np.uint8)
    mask[:, :40] = 2
    mask[5:70, 45:75] = 1
    mask[20, 39] = 1  # touches road on one side and ground on the other
    make_dataset(tmp_path / "d", {"gt": {"a": mask}}, CLASSES)
    result = fix(tmp_path / "d", tmp_path / "fixed")
    assert (result.fixed, result.problems) == ((), ())
    assert not (tmp_path / "fixed").exists()


def test_mixed_binary_masks_get_the_usual_value(tmp_path):
    masks = {f"m{n}": square(left=2 + n, value=255) for n in range(3)}
    make_dataset(tmp_path / "d", {"gt": {**masks, "odd": square(value=1)}})
    (mask,) = fix(tmp_path / "d", tmp_path / "fixed").fixed
    assert mask.codes == ("MA203",)
    assert np.array_equal(np.asarray(Image.open(mask.copy)), square(value=255))


def test_declared_colours_become_ids_and_others_stay(tmp_path):
    toml = CLASSES.replace('"ground"', '{ name = "ground", color = "#000000" }').replace(
        '"cell"', '{ name = "cell", color = "#C81E1E" }'
    )
    colour = np.zeros((30, 30, 3), np.uint8)
    colour[5:20, 5:20] = 0xC8, 0x1E, 0x1E
    make_dataset(tmp_path / "d", {"gt": {"a": clean()}}, toml)
    write_png(tmp_path / "d" / "masks" / "gt" / "known.png", colour)
    colour[0, 0] = 1, 2, 3
    write_png(tmp_path / "d" / "masks" / "gt" / "unknown.png", colour)
    result = fix(tmp_path / "d", tmp_path / "fixed")
    (mask,) = result.fixed
    assert mask.sample == "known"
    assert np.count_nonzero(read_mask(mask.copy).labels) == 225
    assert Image.open(mask.copy).convert("RGB").getpixel((6, 6)) == (0xC8, 0x1E, 0x1E)
    (problem,) = result.problems
    assert (problem.code, problem.sample) == ("fix-unsafe", "unknown")
    assert "#010203" in problem.message


def test_accepted_flaws_are_not_corrected(tmp_path):
    from napari_mask_audit.checks import write_accepted

    make_dataset(tmp_path / "d", {"gt": {"a": flawed()}}, CLASSES)
    specks = lint(tmp_path / "d", select=["speck"]).findings
    write_accepted(tmp_path / "d" / "lint-accepted.toml", specks)
    (mask,) = fix(tmp_path / "d", tmp_path / "fixed").fixed
    assert (mask.codes, mask.pixels) == (("MA302",), 4)


def test_only_a_new_folder_is_written_to(tmp_path):
    make_dataset(tmp_path / "d", {"gt": {"a": flawed()}}, CLASSES)
    with pytest.raises(DatasetError) as caught:
        fix(tmp_path / "d", tmp_path / "d")
    assert caught.value.code == "fix-folder"
