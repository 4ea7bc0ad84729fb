"""Write a mask with other ids but in the same format: palette, dtype, spacing and all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MaskError
from ..readers import read_mask, split_suffix

Ids = NDArray[np.integer[Any]]


def rewrite_mask(source: Path, target: Path, ids: Ids) -> None:
    """Write ``ids`` to ``target`` in the way ``source`` is stored.

    The file appears whole or not at all, and is read back before it appears.

    Parameters
    ----------
    source : pathlib.Path
        The mask that is corrected; only read.
    target : pathlib.Path
        The new file; its folder is made.
    ids : ndarray of integer
        The corrected ids, shaped as :func:`~napari_mask_audit.readers.read_mask` gives them.

    Raises
    ------
    MaskError
        ``fix-failed`` when it cannot be written, or not without changing an id.
    """
    suffix = split_suffix(source.name)[1]
    writer = _WRITERS.get(suffix)
    if writer is None:
        raise MaskError("fix-failed", f"cannot write masks of type {suffix}.", file=source)
    write_whole(target, lambda part: _write_and_check(writer, source, part, ids))


def write_whole(target: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a file beside the target, then put it in place.

    Raises
    ------
    MaskError
        ``fix-failed`` when the disk refuses.
    """
    stem, suffix = split_suffix(target.name)
    part = target.with_name(f".{stem}.{os.getpid()}.part{suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise MaskError(
            "fix-failed", f"it cannot be written ({error.strerror or error}).", file=target
        ) from error


def _write_and_check(
    writer: Callable[[Path, Path, Ids], None], source: Path, part: Path, ids: Ids
) -> None:
    writer(source, part, ids)
    if not np.array_equal(read_mask(part).labels, ids):
        raise MaskError(
            "fix-failed",
            "the corrected ids do not fit the file's format; export it in another one.",
            file=source,
        )


def wide_enough(dtype: np.dtype[Any], ids: Ids) -> np.dtype[Any]:
    """The dtype itself, or where the ids do not fit a whole-number type in which they do.

    Examples
    --------
    >>> wide_enough(np.dtype("u1"), np.array([300])), wide_enough(np.dtype("u1"), np.array([3]))
    (dtype('uint16'), dtype('uint8'))
    """
    if dtype.kind == "f":
        return dtype
    low, high = int(ids.min(initial=0)), int(ids.max(initial=0))
    limits = np.iinfo(dtype) if dtype.kind in "iu" else None
    if high <= 1 and low >= 0 and limits is None:
        return dtype
    if limits is not None and limits.min <= low and high <= limits.max:
        return dtype
    signed = low < 0
    return next(
        wider
        for wider in map(np.dtype, ("i2", "i4", "i8") if signed else ("u1", "u2", "u4"))
        if np.iinfo(wider).min <= low and high <= np.iinfo(wider).max
    )


def _write_picture(source: Path, target: Path, ids: Ids) -> None:
    from PIL import Image

    with Image.open(source) as old:
        keep = {key: old.info[key] for key in ("transparency", "dpi") if key in old.info}
        if ids.max(initial=0) > 255 and target.suffix.lower() == ".png":
            keep.pop("transparency", None)
            new = Image.fromarray(ids.astype(np.uint16 if ids.max() < 2**16 else np.int32))
        elif old.mode == "P":
            new = Image.fromarray(ids.astype(np.uint8))
            new.putpalette(old.getpalette("RGB") or [])
        elif old.mode == "1" and ids.max() <= 1:
            new = Image.fromarray(ids.astype(bool))
        elif old.mode.startswith("I"):
            new = Image.fromarray(ids.astype(np.uint16))
        else:
            keep.pop("transparency", None)
            new = Image.fromarray(ids.astype(np.uint8))
        new.save(target, **keep)


def _write_tiff(source: Path, target: Path, ids: Ids) -> None:
    import tifffile

    with tifffile.TiffFile(source) as old:
        series = old.series[0]
        stored, page = series.asarray(), old.pages[0]
        if stored.size != ids.size:
            raise MaskError("fix-failed", "a colour TIFF cannot be corrected.", file=source)
        new = ids.astype(wide_enough(stored.dtype, ids)).reshape(stored.shape)
        plain = series.dataoffset is not None and new.dtype == stored.dtype
        settings: dict[str, Any] = {"compression": page.compression}
        settings["description"] = page.description or None  # type: ignore[union-attr]
        tags = page.tags  # type: ignore[union-attr]
        if "XResolution" in tags and "YResolution" in tags:
            settings["resolution"] = (tags["XResolution"].value, tags["YResolution"].value)
    if plain:  # one block of numbers: keep the file as it is and change only those
        shutil.copyfile(source, target)
        block = tifffile.memmap(target, mode="r+")
        block[...] = new
        block.flush()
    else:
        tifffile.imwrite(target, new, metadata=None, photometric="minisblack", **settings)


def _write_npy(source: Path, target: Path, ids: Ids) -> None:
    np.save(target, ids.astype(wide_enough(np.load(source, mmap_mode="r").dtype, ids)))


def _write_npz(source: Path, target: Path, ids: Ids) -> None:
    with np.load(source, allow_pickle=False) as old:
        arrays = {name: old[name] for name in old.files}
    known = [n for n in ("labels", "mask", "masks", "arr_0") if n in arrays]
    name = next(iter(arrays)) if len(arrays) == 1 else known[0]
    arrays[name] = ids.astype(wide_enough(arrays[name].dtype, ids))
    np.savez_compressed(target, **arrays)


def _write_nifti(source: Path, target: Path, ids: Ids) -> None:
    """In the orientation of the file: its affine and header stay, and so do untouched voxels."""
    import nibabel
    from nibabel import orientations

    load: Any = nibabel.load  # ships without complete types
    turning: Any = orientations
    old = load(source)
    data = ids.transpose()
    if len(old.shape) >= 3:  # a single slice has no orientation and was not turned
        here = turning.io_orientation(old.affine)
        canonical = turning.axcodes2ornt(("R", "A", "S"))
        data = turning.apply_orientation(data, turning.ornt_transform(canonical, here))
    data = data.astype(wide_enough(old.get_data_dtype(), ids)).reshape(old.shape)
    header = old.header.copy()
    header.set_data_dtype(data.dtype)
    nibabel.save(old.__class__(data, old.affine, header), target)


_WRITERS: dict[str, Callable[[Path, Path, Ids], None]] = {
    ".png": _write_picture,
    ".bmp": _write_picture,
    ".gif": _write_picture,
    ".tif": _write_tiff,
    ".tiff": _write_tiff,
    ".npy": _write_npy,
    ".npz": _write_npz,
    ".nii": _write_nifti,
    ".nii.gz": _write_nifti,
}
