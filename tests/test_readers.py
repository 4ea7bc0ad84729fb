"""Files are read as ids, and broken ones become one clear error."""

from __future__ import annotations

import gzip
import pickle
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from building import write_png
from napari_mask_audit.errors import MaskError
from napari_mask_audit.readers import read_image, read_mask, split_suffix
from realdata import DATA, needs

IDS = np.array([[0, 1, 2], [3, 2, 1]], np.uint8)


def grey_png(path, depth: int, rows: list[list[int]]):
    """A grey PNG of 1, 2 or 4 bits written by hand, because Pillow cannot write them."""
    lines = b""
    for row in rows:
        bits = "".join(format(value, f"0{depth}b") for value in row)
        bits += "0" * (-len(bits) % 8)
        lines += b"\0" + bytes(int(bits[n : n + 8], 2) for n in range(0, len(bits), 8))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), depth, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
    return path


def test_palette_png_gives_indices_not_colours(tmp_path):
    picture = Image.new("P", (3, 2))
    picture.putpalette([200, 10, 10, 10, 200, 10, 10, 10, 200, 9, 9, 9] + [0] * 756)
    picture.putdata(IDS.ravel().tolist())
    picture.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as saved:
        assert saved.mode == "P"
    assert read_mask(tmp_path / "a.png").labels.tolist() == IDS.tolist()


@pytest.mark.parametrize(("depth", "high"), [(1, 1), (2, 3), (4, 15)])
def test_low_bit_grey_png_keeps_its_ids_instead_of_stretching_them(tmp_path, depth, high):
    path = grey_png(tmp_path / "a.png", depth, [[0, 1, high], [high, 0, 1]])
    assert read_mask(path).labels.tolist() == [[0, 1, high], [high, 0, 1]]


def test_sixteen_bit_ids_survive(tmp_path):
    array = np.array([[0, 40000]], np.uint16)
    assert read_mask(write_png(tmp_path / "a.png", array)).labels.tolist() == [[0, 40000]]


def test_grey_saved_as_rgb_is_read_but_a_colour_picture_is_refused(tmp_path):
    grey = np.repeat(IDS[..., None], 3, axis=2)
    assert read_mask(write_png(tmp_path / "grey.png", grey)).labels.tolist() == IDS.tolist()
    colour = grey.copy()
    colour[0, 0] = (200, 0, 0)
    with pytest.raises(MaskError, match="colour picture") as caught:
        read_mask(write_png(tmp_path / "colour.png", colour))
    assert caught.value.code == "colour-mask"


@pytest.mark.parametrize("suffix", [".tif", ".tiff", ".npy", ".npz"])
def test_arrays_survive_every_lossless_format(tmp_path, suffix):
    stack = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
    path = tmp_path / f"a{suffix}"
    if suffix.startswith(".tif"):
        tifffile.imwrite(path, stack, photometric="minisblack")
    elif suffix == ".npy":
        np.save(path, stack)
    else:
        np.savez_compressed(path, labels=stack)
    assert read_mask(path).labels.tolist() == stack.tolist()


def test_npz_with_several_unnamed_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", first=IDS, second=IDS)
    with pytest.raises(MaskError, match="holds 2 arrays"):
        read_mask(tmp_path / "a.npz")


def test_ome_tiff_spacing_is_read_in_array_order(tmp_path):
    metadata = {
        "axes": "ZYX",
        "PhysicalSizeX": 0.2,
        "PhysicalSizeY": 0.3,
        "PhysicalSizeZ": 1.5,
        "PhysicalSizeXUnit": "µm",
    }
    stack = np.zeros((2, 3, 4), np.uint8)
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, metadata=metadata, photometric="minisblack")
    mask = read_mask(tmp_path / "a.ome.tif")
    assert (mask.spacing, mask.unit) == ((1.5, 0.3, 0.2), "um")


def test_nifti_axes_become_z_y_x_whatever_the_stored_flip(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    volume = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)  # (x, y, z)
    affine = np.diag([0.5, 0.7, 3.0, 1.0])
    flipped = affine.copy()
    flipped[0, 0], flipped[0, 3] = -0.5, 0.5 * 1
    nibabel.save(nibabel.Nifti1Image(volume, affine), tmp_path / "a.nii.gz")
    nibabel.save(nibabel.Nifti1Image(volume[::-1], flipped), tmp_path / "b.nii")
    first, second = read_mask(tmp_path / "a.nii.gz"), read_mask(tmp_path / "b.nii")
    assert first.shape == (4, 3, 2)
    assert first.spacing == pytest.approx((3.0, 0.7, 0.5))
    assert first.labels.tolist() == volume.transpose().tolist() == second.labels.tolist()


def test_a_single_nifti_slice_is_a_2d_mask(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    slice_ = np.array([[1, 0, 2]], np.uint8)  # (x, y)
    nibabel.save(nibabel.Nifti1Image(slice_, np.eye(4)), tmp_path / "a.nii")
    assert read_mask(tmp_path / "a.nii").labels.tolist() == [[1], [0], [2]]


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy", ".npz", ".nii", ".nii.gz", ".bmp"])
@pytest.mark.parametrize("content", [b"", b"just some text, not a picture at all\n" * 20])
def test_empty_and_foreign_files_are_named_in_the_error(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(MaskError) as caught:
        read_mask(path)
    assert caught.value.code == "unreadable"
    assert caught.value.file == path


def test_truncated_png_and_gzip_are_unreadable_not_half_read(tmp_path):
    whole = write_png(tmp_path / "a.png", np.tile(IDS, (200, 200))).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "cut.nii.gz").write_bytes(gzip.compress(b"x" * 4000)[:60])
    for name in ("cut.png", "cut.nii.gz"):
        with pytest.raises(MaskError, match="cannot be decoded"):
            read_mask(tmp_path / name)


def test_pickled_objects_are_never_loaded(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was executed",))

    np.save(tmp_path / "a.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Bomb()))
    for name in ("a.npy", "b.npy"):
        with pytest.raises(MaskError, match="cannot be decoded"):
            read_mask(tmp_path / name)


def test_jpeg_masks_and_unknown_endings_are_refused_with_the_remedy(tmp_path):
    Image.fromarray(IDS).save(tmp_path / "a.jpg")
    with pytest.raises(MaskError, match="export the masks as PNG or TIFF"):
        read_mask(tmp_path / "a.jpg")
    assert read_image(tmp_path / "a.jpg").shape == (2, 3)
    (tmp_path / "a.xyz").write_bytes(b"1")
    with pytest.raises(MaskError, match=r"cannot read masks of type \.xyz"):
        read_mask(tmp_path / "a.xyz")


def test_images_come_as_grey_or_rgb(tmp_path):
    rgba = np.zeros((4, 5, 4), np.uint8)
    assert read_image(write_png(tmp_path / "a.png", rgba)).shape == (4, 5, 3)
    assert read_image(write_png(tmp_path / "b.png", rgba[..., 0])).shape == (4, 5)


def test_double_endings_are_one_ending():
    assert split_suffix("x.nii.gz") == ("x", ".nii.gz")
    assert split_suffix(".nii.gz") == (".nii", ".gz")


@needs("format_fixtures")
@pytest.mark.realdata
def test_real_voc_palette_masks_hold_class_ids_and_void():
    folder = DATA / "format_fixtures" / "original" / "labelme_voc"
    files = sorted(folder.rglob("SegmentationClass/*.png")) or sorted(folder.rglob("*Class*/*.png"))
    assert files
    for file in files:
        assert read_mask(file).labels.max() <= 255
