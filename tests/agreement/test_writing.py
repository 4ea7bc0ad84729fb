"""A consensus on disk: a new source, in the format of the others, never over anything."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agreement_scenes import BINARY, write_annotators
from building import make_dataset
from napari_mask_audit.agreement import agree, write_consensus
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.errors import DatasetError, SettingsError
from napari_mask_audit.settings import Settings


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_majority_lands_in_a_folder_of_its_own(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 0.0, "cem": 3.0}, samples=2)
    before = snapshot(tmp_path)
    written = write_consensus(Dataset.open(tmp_path), "majority")
    assert written.folder == tmp_path / "masks" / "consensus-majority"
    for name in ("s00", "s01"):
        made = np.asarray(Image.open(written.folder / f"{name}.png"))
        assert np.array_equal(made, np.asarray(Image.open(tmp_path / f"masks/ann/{name}.png")))
    after = snapshot(tmp_path)
    assert {k: after[k] for k in before} == before
    trail = json.loads((written.folder / "consensus.json").read_text())
    assert trail["samples"]["s00"]["raters"] == ["ann", "ben", "cem"]


def test_a_second_run_takes_a_new_name(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 0.0, "cem": 1.0}, samples=1)
    names = [write_consensus(Dataset.open(tmp_path), "staple").source for _ in range(3)]
    assert names == ["consensus-staple", "consensus-staple-2", "consensus-staple-3"]


def test_a_taken_name_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 0.0, "cem": 1.0}, samples=1)
    before = snapshot(tmp_path)
    with pytest.raises(DatasetError, match="nothing is ever written over") as caught:
        write_consensus(Dataset.open(tmp_path), "majority", name="ann")
    assert caught.value.code == "name-taken"
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", ["../gt", "a/b", "..", ""])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 0.0, "cem": 1.0}, samples=1)
    before = snapshot(tmp_path)
    if name:
        with pytest.raises(DatasetError, match="cannot be the name of a folder"):
            write_consensus(Dataset.open(tmp_path), "majority", name=name)
        assert snapshot(tmp_path) == before


def test_palette_and_ids_are_kept(tmp_path: Path) -> None:
    toml = 'background = 0\n[classes]\n3 = "tree"\n'
    mask = np.zeros((12, 12), np.uint8)
    mask[3:9, 3:9] = 3
    for source in ("ann", "ben", "cem"):
        path = tmp_path / "masks" / source / "s.png"
        path.parent.mkdir(parents=True)
        picture = Image.fromarray(mask)
        picture = picture.convert("L")
        picture.putpalette([0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 158, 115])
        picture.save(path)
    (tmp_path / "dataset.toml").write_text(toml)
    written = write_consensus(Dataset.open(tmp_path), "staple")
    with Image.open(written.files[0]) as made:
        assert made.mode == "P"
        assert (made.getpalette() or [])[9:12] == [0, 158, 115]
        assert np.array_equal(np.asarray(made), mask)


def test_binary_files_stay_0_and_255(tmp_path: Path) -> None:
    mask = np.zeros((12, 12), np.uint8)
    mask[3:9, 3:9] = 255
    make_dataset(tmp_path, {name: {"s": mask} for name in ("ann", "ben", "cem")}, "binary = true\n")
    written = write_consensus(Dataset.open(tmp_path), "majority")
    assert np.unique(np.asarray(Image.open(written.files[0]))).tolist() == [0, 255]


def test_wide_ids_keep_16_bits(tmp_path: Path) -> None:
    mask = np.zeros((12, 12), np.uint16)
    mask[3:9, 3:9] = 1000
    make_dataset(
        tmp_path, {name: {"s": mask} for name in ("ann", "ben", "cem")}, "background = 0\n"
    )
    written = write_consensus(Dataset.open(tmp_path), "majority")
    assert np.array_equal(np.asarray(Image.open(written.files[0])), mask)


def test_volumes_keep_their_grid(tmp_path: Path) -> None:
    nibabel = pytest.importorskip("nibabel")
    volume = np.zeros((7, 6, 5), np.uint8)
    volume[2:5, 2:4, 1:4] = 1
    affine = np.diag([-0.7, 0.7, 2.5, 1.0])
    for source in ("ann", "ben", "cem"):
        path = tmp_path / "masks" / source / "s.nii.gz"
        path.parent.mkdir(parents=True)
        nibabel.save(nibabel.Nifti1Image(volume, affine), path)
    (tmp_path / "dataset.toml").write_text(BINARY)
    dataset = Dataset.open(tmp_path)
    written = write_consensus(dataset, "majority")
    opened = Dataset.open(tmp_path)
    sample = opened.samples[0]
    made, own = (opened.read_mask(sample, name) for name in (written.source, "ann"))
    assert np.array_equal(made.labels, own.labels)
    assert made.spacing == pytest.approx(own.spacing)


def test_a_written_consensus_is_no_annotator(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 1.0, "cem": 0.0}, samples=2)
    write_consensus(Dataset.open(tmp_path), "majority")
    found = agree(tmp_path, settings=Settings(resamples=200))
    assert {p.name for p in found.annotators} == {"ann", "ben", "cem"}
    assert found.groups[0].raters == ("ann", "ben", "cem")


def test_object_ids_have_no_consensus(tmp_path: Path) -> None:
    toml = 'task = "instance"\nbackground = 0\n'
    write_annotators(tmp_path, {"ann": 0.0, "ben": 1.0}, samples=1, toml=toml)
    with pytest.raises(DatasetError, match="object 3 of one annotator") as caught:
        write_consensus(Dataset.open(tmp_path), "majority")
    assert caught.value.code == "no-consensus"


def test_a_wrong_method_writes_nothing(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 1.0}, samples=1)
    before = snapshot(tmp_path)
    with pytest.raises(SettingsError, match="the method must be one of majority"):
        write_consensus(Dataset.open(tmp_path), "mean")  # type: ignore[arg-type]
    assert snapshot(tmp_path) == before


def test_one_bad_sample_does_not_stop_the_others(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 1.0, "cem": 0.0}, samples=2)
    (tmp_path / "masks" / "ben" / "s00.png").write_bytes(b"no picture")
    written = write_consensus(Dataset.open(tmp_path), "majority")
    assert [file.stem for file in written.files] == ["s01"]
    assert [(p.code, p.sample) for p in written.problems] == [("unreadable", "s00")]


def test_how_many_decided_each_pixel_is_written_beside_the_masks_and_over_nothing(
    tmp_path: Path,
) -> None:
    write_annotators(tmp_path / "data", {"ann": 0.0, "ben": 0.0, "cem": 3.0}, samples=1)
    dataset, maps = Dataset.open(tmp_path / "data"), tmp_path / "maps"
    written = write_consensus(dataset, "majority", maps=maps)
    masks = [np.asarray(Image.open(dataset.samples[0].masks[n])) for n in ("ann", "ben", "cem")]
    made = np.asarray(Image.open(written.files[0]))
    found = Image.open(maps / "s00.png")
    assert found.mode == "L"
    assert np.array_equal(np.asarray(found), sum((mask == made).astype(np.uint8) for mask in masks))
    again = write_consensus(dataset, "majority", maps=maps)
    assert [p.code for p in again.problems] == ["name-taken"]
    assert again.files == ()
