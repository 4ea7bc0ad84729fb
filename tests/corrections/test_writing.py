"""A saved correction is like the mask it corrects in every respect but the corrected pixels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from building import make_dataset, square
from napari_mask_audit import Dataset
from napari_mask_audit.corrections import (
    Draft,
    Work,
    corrected_file,
    drafts_folder,
    find_drafts,
    keep_draft,
    load_draft,
    recover,
    remove_draft,
    save_correction,
)
from napari_mask_audit.corrections import writing as writing_module
from napari_mask_audit.corrections.fingerprints import fingerprint_of
from napari_mask_audit.corrections.recovery import recorded_of
from napari_mask_audit.dataset.corrected import with_correction
from napari_mask_audit.errors import AuditError, DatasetError, MaskError, StoreError
from napari_mask_audit.review.store import ReviewStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReviewStore]:
    with ReviewStore.open(tmp_path / "review.sqlite", dataset_key="d") as opened:
        yield opened


def one_mask(folder: Path, suffix: str, write: Callable[[Path], None]) -> Dataset:
    """A dataset with one reference and the mask under test as the model's."""
    for source in ("gt", "model"):
        path = folder / "masks" / source / f"a{suffix}"
        path.parent.mkdir(parents=True)
        write(path)
    return Dataset.open(folder)


def save(
    dataset: Dataset, store: ReviewStore, labels: np.ndarray, **options: Any
) -> tuple[Path, Any]:
    work = Work("a", "model", labels, "ann", "because")
    folder = drafts_folder(dataset.folder, store.name)
    return save_correction(
        dataset, work, store.record_correction, drafts=folder, dataset_key="d", **options
    )


def edited(dataset: Dataset) -> np.ndarray:
    """The mask with one pixel changed to another of its ids."""
    labels = dataset.read_mask(dataset.sample("a"), "model").labels.copy()
    corner = (0,) * labels.ndim
    labels[corner] = labels.max() if labels[corner] != labels.max() else labels.min()
    return labels


def palette_png(path: Path) -> None:
    picture = Image.fromarray(square(value=3))
    picture.putpalette([0, 0, 0, 200, 10, 10, 10, 200, 10, 10, 10, 200])
    picture.save(path, transparency=0)


def sixteen_bit(path: Path) -> None:
    Image.fromarray(square().astype(np.uint16) * 4000).save(path)


def tiff(path: Path) -> None:
    import tifffile

    stack = np.stack([square(), square(left=6)]).astype(np.uint16)
    tifffile.imwrite(path, stack, imagej=True, metadata={"spacing": 3.0, "unit": "um"},
                     resolution=(2.0, 2.0))  # fmt: skip


def compressed_tiff(path: Path) -> None:
    import tifffile

    tifffile.imwrite(path, square(value=7), compression="zlib")


def two_arrays(path: Path) -> None:
    np.savez(path, labels=square().astype(np.int64), extra=np.arange(3))


PICTURES = [
    ("grey", ".png", lambda path: Image.fromarray(square(value=9)).save(path), "L"),
    ("one bit", ".png", lambda path: Image.fromarray(square().astype(bool)).save(path), "1"),
    ("palette", ".png", palette_png, "P"),
    ("16 bit", ".png", sixteen_bit, "I;16"),
    ("0/255", ".png", lambda path: Image.fromarray(square(value=255)).save(path), "L"),
]


@pytest.mark.parametrize(("suffix", "write", "mode"), [p[1:] for p in PICTURES],
                         ids=[p[0] for p in PICTURES])  # fmt: skip
def test_pictures_keep_mode_palette_and_untouched_pixels(
    tmp_path: Path, store: ReviewStore, suffix: str, write: Any, mode: str
) -> None:
    dataset = one_mask(tmp_path, suffix, write)
    labels = edited(dataset)
    path, correction = save(dataset, store, labels)
    assert path == tmp_path / "masks" / "corrected" / f"a{suffix}"
    with Image.open(dataset.sample("a").masks["model"]) as old, Image.open(path) as new:
        assert new.mode == old.mode == mode
        assert new.getpalette() == old.getpalette()
        assert new.info.get("transparency") == old.info.get("transparency")
        before, after = np.asarray(old), np.asarray(new)
    assert np.argwhere(before != after).tolist() == [[0, 0]]
    assert set(np.unique(after)) <= set(np.unique(before))
    assert (correction.pixels, correction.file) == (1, f"masks/corrected/a{suffix}")
    reopened = Dataset.open(tmp_path)
    assert np.array_equal(reopened.read_mask(reopened.sample("a"), "corrected").labels, labels)


ARRAYS = [
    ("stack with spacing", ".tif", tiff),
    ("compressed", ".tif", compressed_tiff),
    ("npy of floats", ".npy", lambda path: np.save(path, square().astype(np.float32))),
    ("npy of booleans", ".npy", lambda path: np.save(path, square().astype(bool))),
    ("npz with more in it", ".npz", two_arrays),
]


@pytest.mark.parametrize(("suffix", "write"), [a[1:] for a in ARRAYS], ids=[a[0] for a in ARRAYS])
def test_arrays_keep_dtype_spacing_and_what_else_is_in_the_file(
    tmp_path: Path, store: ReviewStore, suffix: str, write: Any
) -> None:
    import tifffile

    dataset = one_mask(tmp_path, suffix, write)
    path, _ = save(dataset, store, edited(dataset))
    old_path = dataset.sample("a").masks["model"]
    reopened = Dataset.open(tmp_path)
    old, new = (reopened.read_mask(reopened.sample("a"), s) for s in ("model", "corrected"))
    assert np.argwhere(old.labels != new.labels).tolist() == [[0] * old.labels.ndim]
    assert (new.spacing, new.unit) == (old.spacing, old.unit)
    if suffix == ".tif":
        assert tifffile.imread(path).dtype == tifffile.imread(old_path).dtype
        with tifffile.TiffFile(path) as new_file, tifffile.TiffFile(old_path) as old_file:
            assert new_file.pages[0].compression == old_file.pages[0].compression
    elif suffix == ".npy":
        assert np.load(path).dtype == np.load(old_path).dtype
    else:
        with np.load(path) as arrays:
            assert arrays["labels"].dtype == np.int64
            assert arrays["extra"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("axes", ["RAS", "LPS", "PIR"])
def test_volumes_keep_their_place_in_space(
    tmp_path: Path, store: ReviewStore, suffix: str, axes: str
) -> None:
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(4)
    voxels = rng.integers(0, 3, (5, 6, 4)).astype(np.int16)
    turn = nibabel.orientations.inv_ornt_aff(nibabel.orientations.axcodes2ornt(axes), voxels.shape)
    affine = np.diag([0.5, 0.7, 3.0, 1.0]) @ turn
    affine[:3, 3] += [11, -4, 7]

    def write(path: Path) -> None:
        volume = nibabel.Nifti1Image(voxels, affine)
        volume.header.set_xyzt_units("mm")
        nibabel.save(volume, path)

    dataset = one_mask(tmp_path, suffix, write)
    path, _ = save(dataset, store, edited(dataset))
    old, new = nibabel.load(dataset.sample("a").masks["model"]), nibabel.load(path)
    assert np.array_equal(old.affine, new.affine)
    assert new.get_data_dtype() == np.int16
    assert new.header.get_xyzt_units() == old.header.get_xyzt_units()
    assert (np.asarray(old.dataobj) != np.asarray(new.dataobj)).sum() == 1


def test_an_id_that_the_numbers_cannot_hold_gets_wider_numbers_of_the_same_format(
    tmp_path: Path, store: ReviewStore
) -> None:
    dataset = one_mask(tmp_path, ".npy", lambda path: np.save(path, square().astype(bool)))
    labels = edited(dataset)
    labels[3, 3] = 2
    path, _ = save(dataset, store, labels)
    assert path.suffix == ".npy"
    assert np.array_equal(np.load(path), labels)


def test_an_id_that_the_format_cannot_hold_is_refused_and_nothing_is_left(
    tmp_path: Path, store: ReviewStore
) -> None:
    dataset = one_mask(tmp_path, ".bmp", lambda path: Image.fromarray(square()).save(path))
    labels = edited(dataset).astype(np.uint16)
    labels[3, 3] = 300
    with pytest.raises(MaskError, match="do not fit the file's format"):
        save(dataset, store, labels)
    assert not list((tmp_path / "masks" / "corrected").glob("*"))
    assert recorded_of(store, "a") == []


# -- where it goes, and what was there before ---------------------------------------------------


def squares(folder: Path, toml: str | None = None) -> Dataset:
    make_dataset(folder, {"gt": {"a": square()}, "model": {"a": square(left=6)}}, toml)
    return Dataset.open(folder)


def test_the_mask_that_is_corrected_stays_as_it_is(tmp_path: Path, store: ReviewStore) -> None:
    dataset = squares(tmp_path)
    before = (tmp_path / "masks" / "model" / "a.png").read_bytes()
    _, correction = save(dataset, store, edited(dataset))
    assert (tmp_path / "masks" / "model" / "a.png").read_bytes() == before
    (recorded,) = recorded_of(store, "a")
    assert recorded == correction
    assert (recorded.reviewer, recorded.reason, recorded.source) == ("ann", "because", "model")


def test_an_earlier_correction_is_replaced_only_if_agreed_and_kept(
    tmp_path: Path, store: ReviewStore
) -> None:
    dataset = squares(tmp_path)
    path, _ = save(dataset, store, edited(dataset))
    first = path.read_bytes()
    second = np.asarray(square(side=3))
    with pytest.raises(DatasetError, match="is a corrected mask already"):
        save(dataset, store, second)
    assert path.read_bytes() == first
    for n, labels in enumerate((second, square(side=4), square(side=5)), 1):
        kept = path.read_bytes()
        _, correction = save(dataset, store, labels, replaces_earlier=True)
        assert (path.parent / ".earlier" / f"a.{n}.png").read_bytes() == kept
        assert correction.extra["earlier"] == f"masks/corrected/.earlier/a.{n}.png"
    reopened = Dataset.open(tmp_path)
    assert [sample.name for sample in reopened.samples] == ["a"]
    assert reopened.problems == ()


def test_a_correction_of_another_type_of_file_leaves_one_corrected_mask(
    tmp_path: Path, store: ReviewStore
) -> None:
    squares(tmp_path)
    np.save(tmp_path / "masks" / "model" / "a.npy", square(left=6))
    (tmp_path / "masks" / "model" / "a.png").unlink()
    dataset = Dataset.open(tmp_path)
    old, _ = save_correction(
        dataset, Work("a", "gt", square(side=3), "ann"), store.record_correction,
        drafts=tmp_path / "drafts", dataset_key="d",
    )  # fmt: skip
    new, _ = save(dataset, store, square(side=4), replaces_earlier=True)
    assert (old.name, new.name) == ("a.png", "a.npy")
    assert not old.exists()
    assert (old.parent / ".earlier" / "a.1.png").exists()


def test_corrections_are_one_more_source_and_no_truth(tmp_path: Path, store: ReviewStore) -> None:
    dataset = squares(tmp_path)
    path, _ = save(dataset, store, edited(dataset))
    reopened = Dataset.open(tmp_path)
    assert [(s.name, s.role) for s in reopened.sources] == [
        ("gt", "reference"),
        ("model", "prediction"),
        ("corrected", "corrected"),
    ]
    assert reopened.comparisons() == (("gt", "model"), ("gt", "corrected"))
    live = with_correction(dataset, "a", path)
    assert live.sources == reopened.sources
    assert live.samples == reopened.samples


def test_samples_without_a_correction_are_no_problem(tmp_path: Path, store: ReviewStore) -> None:
    masks = {s: {"a": square(), "b": square()} for s in ("gt", "model")}
    make_dataset(tmp_path, masks)
    save(Dataset.open(tmp_path), store, square(side=3))
    assert Dataset.open(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("layout", "toml", "place"),
    [
        ("{source}/{name}.png", None, "corrected/a.png"),
        (
            "{name}/{source}.png",
            '[files]\nmasks = "{sample}/{source}.png"',
            "masks/corrected/a.png",
        ),
        ("{source}/{name}.png", '[files]\nmasks = "{source}/{sample}.png"', "corrected/a.png"),
        (
            "{source}/{name}.png",
            (
                '[sources]\ngt = {role = "reference", masks = "gt/{sample}.png"}\n'
                'model = {role = "prediction", masks = "model/{sample}.png"}'
            ),
            "corrected/a.png",
        ),
    ],
    ids=["flat", "folder per sample", "pattern", "pattern per source"],
)
def test_corrections_are_found_again_in_any_layout(
    tmp_path: Path, store: ReviewStore, layout: str, toml: str | None, place: str
) -> None:
    for source in ("gt", "model"):
        path = tmp_path / layout.format(source=source, name="a")
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(square()).save(path)
    if toml is not None:
        (tmp_path / "dataset.toml").write_text(toml)
    dataset = Dataset.open(tmp_path)
    path, _ = save(dataset, store, square(side=3))
    assert path == tmp_path / place
    reopened = Dataset.open(tmp_path)
    assert {s.name for s in reopened.sources} == {"gt", "model", "corrected"}
    assert [sample.name for sample in reopened.samples] == ["a"]
    assert reopened.sample("a").masks["corrected"] == path
    assert reopened.problems == ()


def test_masks_elsewhere_are_corrected_beside_the_dataset_toml(
    tmp_path: Path, store: ReviewStore
) -> None:
    make_dataset(tmp_path / "there", {"gt": {"a": square()}, "model": {"a": square()}})
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "dataset.toml").write_text('[files]\nroot = "../there"\n')
    dataset = Dataset.open(tmp_path / "here")
    path, _ = save(dataset, store, square(side=3))
    assert path == tmp_path / "here" / "masks" / "corrected" / "a.png"
    assert "corrected" in Dataset.open(tmp_path / "here").sample("a").masks


# -- when something goes wrong ------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_said_and_the_work_is_kept(
    tmp_path: Path, store: ReviewStore
) -> None:
    dataset = squares(tmp_path)
    (tmp_path / "masks").chmod(0o500)
    try:
        with pytest.raises(AuditError, match="Permission denied"):
            save(dataset, store, edited(dataset))
    finally:
        (tmp_path / "masks").chmod(0o700)
    kept = find_drafts(
        drafts_folder(dataset.folder, store.name), dataset_key="d", reviewer="ann", sample="a"
    )
    assert np.array_equal(load_draft(kept[0]), edited(dataset))


def test_a_full_disk_is_said_and_the_work_is_kept(
    tmp_path: Path, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = squares(tmp_path)

    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing_module, "_sync", full)
    with pytest.raises(DatasetError, match=r"No space left on device.*the work is kept"):
        save(dataset, store, edited(dataset))
    assert not list((tmp_path / "masks" / "corrected").iterdir())
    assert find_drafts(tmp_path / "review.drafts", dataset_key="d", reviewer="ann")


def test_a_file_that_could_not_be_recorded_is_recorded_on_reopening(
    tmp_path: Path, store: ReviewStore
) -> None:
    dataset = squares(tmp_path)
    labels = edited(dataset)

    def fails(_correction: object) -> None:
        raise StoreError("store-busy", "locked")

    drafts = drafts_folder(dataset.folder, store.name)
    with pytest.raises(StoreError):
        save_correction(
            dataset, Work("a", "model", labels, "ann", "why"), fails, drafts=drafts,
            dataset_key="d",
        )  # fmt: skip
    reopened = Dataset.open(tmp_path)
    found = recover(reopened, store, drafts=drafts, dataset_key="d", reviewer="ann")
    assert [c.reason for c in found.recorded] == ["why"]
    assert "recorded now" in found.sentences[0]
    (recorded,) = recorded_of(store, "a")
    assert (recorded.pixels, recorded.after) == (1, fingerprint_of(labels))
    again = recover(reopened, store, drafts=drafts, dataset_key="d", reviewer="ann")
    assert again.sentences == ()


def test_saving_again_records_a_file_that_is_there_already(
    tmp_path: Path, store: ReviewStore
) -> None:
    dataset = squares(tmp_path)
    path, _ = save(dataset, store, edited(dataset))
    save(dataset, store, edited(dataset))
    assert not (path.parent / ".earlier").exists()
    assert len(recorded_of(store, "a")) == 2


def test_masks_put_there_by_hand_are_listed(tmp_path: Path, store: ReviewStore) -> None:
    make_dataset(tmp_path, {s: {"a": square()} for s in ("gt", "model", "corrected")})
    dataset = Dataset.open(tmp_path)
    found = recover(dataset, store, drafts=tmp_path / "none", dataset_key="d", reviewer="ann")
    assert found.unrecorded == ("a",)


# -- drafts -------------------------------------------------------------------------------------


def a_draft(**changes: str) -> Draft:
    values = {"dataset_key": "d", "reviewer": "ann", "sample": "a", "source": "model"}
    return Draft(**{**values, **changes}, before="x", at="2026-01-01T10:00:00+00:00")


def test_a_draft_is_one_per_dataset_reviewer_and_sample(tmp_path: Path) -> None:
    for key, who, sample in (("d", "ann", "a"), ("d", "bob", "a"), ("e", "ann", "a")):
        keep_draft(tmp_path, a_draft(dataset_key=key, reviewer=who, sample=sample), square())
    keep_draft(tmp_path, a_draft(reason="later"), square(side=3))
    (found,) = find_drafts(tmp_path, dataset_key="d", reviewer="ann")
    assert found.reason == "later"
    assert np.array_equal(load_draft(found), square(side=3))
    assert load_draft(found).flags.writeable
    remove_draft(found)
    remove_draft(found)
    assert find_drafts(tmp_path, dataset_key="d", reviewer="ann") == []
    assert len(find_drafts(tmp_path, dataset_key="d", reviewer="bob")) == 1


@pytest.mark.parametrize("name", ["städte/../a b", "x" * 300, ".hidden", "a\udce9"])
def test_drafts_of_awkward_names(tmp_path: Path, name: str) -> None:
    keep_draft(tmp_path / "drafts", a_draft(sample=name), square())
    (found,) = find_drafts(tmp_path / "drafts", dataset_key="d", reviewer="ann", sample=name)
    assert found.sample == name
    assert found.path is not None
    assert found.path.parent == tmp_path / "drafts"


def test_a_damaged_draft_is_left_out_and_says_why_when_opened(tmp_path: Path) -> None:
    kept = keep_draft(tmp_path, a_draft(), square())
    assert kept.path is not None
    kept.path.write_bytes(b"PK\x03\x04 half")
    assert find_drafts(tmp_path, dataset_key="d", reviewer="ann") == []
    with pytest.raises(DatasetError, match="begin the correction anew"):
        load_draft(kept)


def test_drafts_lie_next_to_the_store(tmp_path: Path) -> None:
    where = drafts_folder(tmp_path, str(tmp_path / ".mask-audit" / "review.sqlite"))
    assert where == tmp_path / ".mask-audit" / "review.drafts"
    of_server = drafts_folder(tmp_path, "postgresql://ann@db/reviews")
    assert of_server == where


def test_the_place_of_a_correction_is_known_before_it_is_saved(tmp_path: Path) -> None:
    dataset = squares(tmp_path)
    assert corrected_file(dataset, "a", "gt") == tmp_path / "masks" / "corrected" / "a.png"
