"""Folders as projects lay them out: what is read from names and a few files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from building import square, write_png
from napari_mask_audit.cli.app import app
from napari_mask_audit.dataset import Dataset, propose, write_manifest
from napari_mask_audit.dataset.layouts import best_layout
from napari_mask_audit.errors import DatasetError
from realdata import DATA, needs

# What is written on the left is a file; what must come out, its source and sample.
LAYOUTS = {
    "folder per source": {
        "gt/a.png": ("gt", "a"),
        "gt/b.png": ("gt", "b"),
        "pred/a.png": ("pred", "a"),
        "pred/b.png": ("pred", "b"),
    },
    "folder per source, names with its mark": {
        "manual/a_gt.png": ("manual", "a"),
        "manual/b_gt.png": ("manual", "b"),
        "unet/a_pred.png": ("unet", "a"),
        "unet/b_pred.png": ("unet", "b"),
    },
    "sources at different depths": {
        "gold/a.png": ("gold", "a"),
        "gold/b.png": ("gold", "b"),
        "people/ann/a.png": ("ann", "a"),
        "people/ann/b.png": ("ann", "b"),
        "people/bob/a.png": ("bob", "a"),
        "people/bob/b.png": ("bob", "b"),
    },
    "folder of cities in each source": {
        "gtFine/bonn/bonn_1_labelIds.png": ("gtFine", "bonn_1"),
        "gtFine/ulm/ulm_2_labelIds.png": ("gtFine", "ulm_2"),
        "net/bonn/bonn_1_pred.png": ("net", "bonn_1"),
        "net/ulm/ulm_2_pred.png": ("net", "ulm_2"),
    },
    "folder per sample": {
        "case1/reader1.npy": ("reader1", "case1"),
        "case1/reader2.npy": ("reader2", "case1"),
        "case2/reader1.npy": ("reader1", "case2"),
        "case2/reader2.npy": ("reader2", "case2"),
        "case3/reader1.npy": ("reader1", "case3"),
    },
    "folder per sample, named in its files": {
        "P01/P01_seg.nii.gz": ("seg", "P01"),
        "P01/P01_pred.nii.gz": ("pred", "P01"),
        "P02/P02_seg.nii.gz": ("seg", "P02"),
        "P02/P02_pred.nii.gz": ("pred", "P02"),
    },
    "one folder, sample first": {
        "t2.nii.gz": ("image", "t2"),
        "t2_seg-manual.nii.gz": ("seg-manual", "t2"),
        "t2_seg-net.nii.gz": ("seg-net", "t2"),
        "t1.nii.gz": ("image", "t1"),
        "t1_seg-manual.nii.gz": ("seg-manual", "t1"),
    },
    "one folder, source last": {
        "slide_7_gt.png": ("gt", "slide_7"),
        "slide_7_pred_v2.png": ("pred_v2", "slide_7"),
        "slide_8_gt.png": ("gt", "slide_8"),
        "slide_8_pred_v2.png": ("pred_v2", "slide_8"),
    },
    "one folder, people last": {
        "b_7_ann.png": ("ann", "b_7"),
        "b_7_model.png": ("model", "b_7"),
        "b_8_ann.png": ("ann", "b_8"),
        "b_8_model.png": ("model", "b_8"),
    },
    "one folder, source first": {
        "gt_left_7.png": ("gt", "left_7"),
        "pred_left_7.png": ("pred", "left_7"),
        "gt_left_8.png": ("gt", "left_8"),
        "pred_left_8.png": ("pred", "left_8"),
    },
    "several files per sample in a folder of cities": {
        "left/val/bonn/bonn_1_left.png": ("left", "bonn_1"),
        "left/val/ulm/ulm_2_left.png": ("left", "ulm_2"),
        "gtFine/val/bonn/bonn_1_gtFine_color.png": ("gtFine_color", "bonn_1"),
        "gtFine/val/bonn/bonn_1_gtFine_labelIds.png": ("gtFine_labelIds", "bonn_1"),
        "gtFine/val/ulm/ulm_2_gtFine_color.png": ("gtFine_color", "ulm_2"),
        "gtFine/val/ulm/ulm_2_gtFine_labelIds.png": ("gtFine_labelIds", "ulm_2"),
    },
    "numbered frames in folders": {
        "01/t000.tif": ("01", "000"),
        "01/t001.tif": ("01", "001"),
        "01/t002.tif": ("01", "002"),
        "01_GT/SEG/man_seg000.tif": ("01_GT-SEG", "000"),
        "01_GT/SEG/man_seg001.tif": ("01_GT-SEG", "001"),
        "01_GT/SEG/man_seg002.tif": ("01_GT-SEG", "002"),
        "01_RES/mask000.tif": ("01_RES", "000"),
        "01_RES/mask001.tif": ("01_RES", "001"),
        "01_RES/mask002.tif": ("01_RES", "002"),
    },
    "left and right eyes": {
        "manual/7_left.png": ("manual", "7_left"),
        "manual/7_right.png": ("manual", "7_right"),
        "unet/7_left.png": ("unet", "7_left"),
        "unet/7_right.png": ("unet", "7_right"),
    },
    "numbers in the names": {
        "mask7.tif": ("mask", "7"),
        "pred7x.tif": ("pred_x", "7"),
        "mask8.tif": ("mask", "8"),
        "pred8x.tif": ("pred_x", "8"),
    },
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_file_is_read_as_its_source_and_sample(name: str) -> None:
    expected = LAYOUTS[name]
    layout = best_layout(sorted(expected))
    assert layout is not None
    read = {file: (place.source, place.sample) for file, place in layout.places.items()}
    assert read == expected


@pytest.mark.parametrize(
    "files", [(), ("a.png",), ("gt/a.png", "gt/b.png"), ("x/a.png", "y/b.png")]
)
def test_files_without_partners_are_no_layout(files: tuple[str, ...]) -> None:
    layout = best_layout(files)
    assert layout is None or layout.score() < 0.5


def scene(folder: Path, layout: str, picture: np.ndarray | None = None) -> Path:
    """The files of a layout, each with a square of its own size in it."""
    for number, file in enumerate(sorted(LAYOUTS[layout])):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        array = picture if "image" in file and picture is not None else square(side=4 + number)
        if path.suffix == ".npy":
            np.save(path, array)
        else:
            write_png(path, array)
    return folder


@pytest.mark.parametrize(
    "layout",
    [name for name, files in LAYOUTS.items() if all(f.endswith(("png", "npy")) for f in files)],
)
def test_what_is_written_opens_with_every_mask(tmp_path: Path, layout: str) -> None:
    folder = scene(tmp_path / "masks of ours", layout)
    opened = Dataset.open(write_manifest(propose(folder)))
    read = {
        path.relative_to(opened.root).as_posix(): (source, sample.name)
        for sample in opened.samples
        for source, path in sample.masks.items()
    }
    left_out = dict(propose(folder).left_out)
    assert read == {
        file: place for file, place in LAYOUTS[layout].items() if place[0] not in left_out
    }


def test_pictures_become_images_and_not_masks(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (20, 20)).astype(np.uint8)
    for name in ("a", "b"):
        write_png(tmp_path / "microscope" / f"{name}.png", noise)
        write_png(tmp_path / "cells" / f"{name}.png", square())
        write_png(tmp_path / "model" / f"{name}.png", square(side=9))
    proposal = propose(tmp_path)
    assert proposal.images == ("microscope/{sample}.png",)
    assert [(s.name, s.role.value) for s in proposal.sources] == [
        ("cells", "reference"),
        ("model", "prediction"),
    ]


def test_masks_of_another_size_are_left_out_and_said(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_png(tmp_path / "gt" / f"{name}.png", square())
        write_png(tmp_path / "pred" / f"{name}.png", square(side=8))
        write_png(tmp_path / "raw_gt" / f"{name}.png", square(size=40))
    proposal = propose(tmp_path)
    assert [source.name for source in proposal.sources] == ["gt", "pred"]
    assert "# left out: raw_gt: its masks have another size" in proposal.to_toml()


def test_numbered_pieces_are_objects_and_reused_ids_are_classes(tmp_path: Path) -> None:
    cells = np.kron(np.arange(36, dtype=np.uint8).reshape(6, 6), np.ones((5, 5), np.uint8))
    for kind, array in (("objects", cells), ("classes", cells % 9)):
        for source in ("gt", "pred"):
            for name in ("a", "b"):
                write_png(tmp_path / kind / source / f"{name}.png", array)
    objects, classes = propose(tmp_path / "objects"), propose(tmp_path / "classes")
    assert (objects.task, objects.background) == ("instance", 0)
    assert (classes.task, classes.background) == ("semantic", None)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    folder = scene(tmp_path, "folder per source")
    file = write_manifest(propose(folder))
    before = file.read_text(encoding="utf-8")
    with pytest.raises(DatasetError, match="not written over") as caught:
        write_manifest(propose(folder))
    assert caught.value.code == "manifest-exists"
    assert file.read_text(encoding="utf-8") == before


def test_a_file_elsewhere_points_back_to_the_masks(tmp_path: Path) -> None:
    folder = scene(tmp_path / "locked", "folder per source")
    (tmp_path / "audit").mkdir()
    opened = Dataset.open(write_manifest(propose(folder), tmp_path / "audit"))
    assert opened.root == folder.resolve()
    assert [sample.name for sample in opened.samples] == ["a", "b"]
    assert 'root = "../locked"' in (tmp_path / "audit" / "dataset.toml").read_text()


def test_names_that_toml_must_quote(tmp_path: Path) -> None:
    for source in ("gt", 'mia "v1.2" ü'):
        write_png(tmp_path / source / "a.png", square())
        write_png(tmp_path / source / "b.png", square())
    opened = Dataset.open(write_manifest(propose(tmp_path)))
    assert {source.name for source in opened.sources} == {"gt", 'mia "v1.2" ü'}


def test_pictures_alone_are_no_dataset(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (20, 20)).astype(np.uint8)
    for source in ("one", "two"):
        write_png(tmp_path / source / "a.png", noise)
        write_png(tmp_path / source / "b.png", noise)
    with pytest.raises(DatasetError, match="are pictures, not masks"):
        propose(tmp_path)


def test_files_that_cannot_be_read_are_called_that_and_never_images(tmp_path: Path) -> None:
    for source in ("gt", "model", "other"):
        for name in ("a", "b"):
            write_png(tmp_path / source / f"{name}.png", square())
    for name in ("a", "b"):
        (tmp_path / "other" / f"{name}.png").write_text("no picture")
    proposal = propose(tmp_path)
    assert proposal.images == ()
    assert proposal.left_out == (("other", "the files looked at cannot be read"),)
    for source in ("gt", "model"):
        for name in ("a", "b"):
            (tmp_path / source / f"{name}.png").write_text("no picture")
    with pytest.raises(DatasetError, match=r"can be read, such as \w+/a\.png: "):
        propose(tmp_path)


def test_ids_that_may_be_ratings_are_asked_about(tmp_path: Path) -> None:
    for source, rating in (("ann", 3), ("model", 5)):
        for name in ("a", "b"):
            write_png(tmp_path / source / f"{name}.png", square(value=rating))
    assert "# binary = true" in propose(tmp_path).to_toml()


def proposed(folder: Path) -> dict[str, str]:
    """Roles by source, "out" for what is left out."""
    found = propose(folder)
    roles = {source.name: source.role.value for source in found.sources}
    return roles | dict.fromkeys(dict(found.left_out), "out")


def write_all(folder: Path, *patterns: str, value: int = 1) -> None:
    """Masks of three samples, each with a square of its own."""
    for pattern in patterns:
        for n in range(3):
            write_png(folder / pattern.format(n), square(value=value, left=5 + n))


def test_objects_beside_classes_and_coloured_copies_are_left_out(tmp_path: Path) -> None:
    write_all(
        tmp_path,
        *("SegmentationClass/2007_{:03}.png", "SegmentationObject/2007_{:03}.png"),
        "results/net/2007_{:03}.png",
    )
    assert proposed(tmp_path) == {
        "SegmentationClass": "reference",
        "SegmentationObject": "out",
        "net": "prediction",
    }
    assert "SegmentationObject: numbers objects" in propose(tmp_path).to_toml()


def test_objects_alone_stay(tmp_path: Path) -> None:
    write_all(tmp_path, "SegmentationObject/{}.png", "net/{}.png")
    assert proposed(tmp_path) == {"SegmentationObject": "reference", "net": "prediction"}


@pytest.mark.parametrize("word", ["masks", "instances", "objects", "tracks", "instance_ids"])
def test_what_two_people_drew_is_never_mistaken_for_something_beside_it(
    tmp_path: Path, word: str
) -> None:
    write_all(tmp_path, f"gt_{word}/{{}}.png", f"pred_{word}/{{}}.png")
    assert proposed(tmp_path) == {f"gt_{word}": "reference", f"pred_{word}": "prediction"}


def test_a_field_of_view_is_no_source_and_two_by_hand_are_annotators(tmp_path: Path) -> None:
    people = ("1st_manual/{}_manual1.png", "2nd_manual/{}_manual2.png")
    write_all(tmp_path, *people, "mask/{}_mask.png")
    assert proposed(tmp_path) == {
        "1st_manual": "annotator",
        "2nd_manual": "annotator",
        "mask": "out",
    }


def test_sequences_with_the_same_numbers_are_not_mixed(tmp_path: Path) -> None:
    write_all(
        tmp_path,
        *("01_GT/SEG/man_seg{:03}.png", "01_RES/mask{:03}.png"),
        *("02_GT/SEG/man_seg{:03}.png", "02_RES/mask{:03}.png", "01_GT/TRA/man_track{:03}.png"),
    )
    found = proposed(tmp_path)
    assert {name: role for name, role in found.items() if role != "out"} == {
        "01_GT-SEG": "reference",
        "01_RES": "prediction",
    }
    assert {name for name, role in found.items() if role == "out"} == {
        "01_GT-TRA",
        "02_GT-SEG",
        "02_RES",
    }
    assert propose(tmp_path).task == "instance"


def test_rounds_with_a_number_each_are_no_sequences(tmp_path: Path) -> None:
    write_all(tmp_path, "1_ann/{}.png", "2_ann/{}.png")
    assert proposed(tmp_path) == {"1_ann": "annotator", "2_ann": "annotator"}


def test_masks_in_jpeg_are_left_out_with_the_remedy(tmp_path: Path) -> None:
    write_all(tmp_path, "preds/{}.png", value=255)
    for n in range(3):
        for name in ("images", "masks"):
            path = tmp_path / name / f"{n}.jpg"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(square(value=255)).save(path)
    assert proposed(tmp_path) == {"preds": "prediction", "masks": "out"}
    found = propose(tmp_path)
    assert found.images == ("images/{sample}.jpg",)
    assert "export masks as PNG" in found.to_toml()


def test_a_file_per_object_is_refused_with_the_remedy(tmp_path: Path) -> None:
    for n in range(3):
        write_png(tmp_path / f"s{n}" / "images" / f"s{n}.png", square())
        for k in range(3):
            write_png(tmp_path / f"s{n}" / "masks" / f"{n}{k}f.png", square(left=5 + k))
    with pytest.raises(DatasetError, match="one file per object") as caught:
        propose(tmp_path)
    assert caught.value.code == "mask-per-object"


@pytest.mark.parametrize(
    "text",
    [
        '{"labels": {"background": 0, "liver": 1}}',
        '{"labels": {"0": "background", "1": "liver"}}',
    ],
)
def test_names_of_classes_come_from_the_list_beside_the_masks(tmp_path: Path, text: str) -> None:
    write_all(tmp_path, "labelsTr/case_{:03}.png", "net/case_{:03}.png")
    (tmp_path / "dataset.json").write_text(text)
    opened = Dataset.open(write_manifest(propose(tmp_path)))
    assert opened.background_id == 0
    assert opened.class_info(1).name == "liver"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"labels": 3}', '{"labels": {"a": [1, 2]}}', '{"labels": {"a": "b"}}']
)
def test_another_json_of_that_name_is_passed_over(tmp_path: Path, text: str) -> None:
    write_all(tmp_path, "gt/{}.png", "net/{}.png")
    (tmp_path / "dataset.json").write_text(text)
    assert propose(tmp_path).class_names == ()


def test_the_command_writes_and_says_what_comes_next(tmp_path: Path) -> None:
    folder = scene(tmp_path, "one folder, source last")
    result = CliRunner().invoke(app, ["init", str(folder)])
    assert result.exit_code == 0, result.output
    assert "prediction pred_v2: 2 masks, {sample}_pred_v2.png" in result.output
    assert "2 samples" in result.output
    assert f"mask-audit audit {folder}" in result.output
    assert (folder / "dataset.toml").is_file()


REAL = {
    "camvid_road10": (10, {"gt": "reference", "pred_rf": "prediction"}),
    "chase_db1_4": (4, {"obs1_1stHO": "annotator", "obs2_2ndHO": "annotator"}),
    "lidc_nodules6_3d": (6, {f"radiologist{n}": "annotator" for n in (1, 2, 3, 4)}),
}


@pytest.mark.realdata
@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in REAL])
def test_real_folders(tmp_path: Path, name: str) -> None:
    samples, roles = REAL[name]
    opened = Dataset.open(write_manifest(propose(DATA / name), tmp_path))
    assert len(opened.samples) == samples
    assert {source.name: source.role.value for source in opened.sources} == roles
    assert not opened.problems
