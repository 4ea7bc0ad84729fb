"""One mask or one image from one file, whatever its format.

Masks are read as ids and never as colours; nothing is unpickled; whatever a file holds, reading
it ends in an array or in a :class:`~napari_mask_audit.errors.MaskError` that names the file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from ..errors import MaskError
from ..masks import Mask
from . import nifti, numpy_files, pillow_files, tiff
from .nifti import Grid
from .raw import RawMask, reading

__all__ = [
    "IMAGE_SUFFIXES",
    "MASK_SUFFIXES",
    "Grid",
    "places_grid",
    "read_grid",
    "read_image",
    "read_mask",
    "split_suffix",
]


class _Format(NamedTuple):
    mask: Callable[[Path], RawMask] | None
    image: Callable[[Path], NDArray[Any]]


_FORMATS: dict[str, _Format] = {
    ".png": _Format(pillow_files.read_mask, pillow_files.read_image),
    ".bmp": _Format(pillow_files.read_mask, pillow_files.read_image),
    ".gif": _Format(pillow_files.read_mask, pillow_files.read_image),
    ".tif": _Format(tiff.read_mask, tiff.read_image),
    ".tiff": _Format(tiff.read_mask, tiff.read_image),
    ".npy": _Format(numpy_files.read_mask, numpy_files.read_image),
    ".npz": _Format(numpy_files.read_mask, numpy_files.read_image),
    ".nii": _Format(nifti.read_mask, nifti.read_image),
    ".nii.gz": _Format(nifti.read_mask, nifti.read_image),
    ".jpg": _Format(None, pillow_files.read_image),
    ".jpeg": _Format(None, pillow_files.read_image),
    ".webp": _Format(None, pillow_files.read_image),
}

#: File endings read as masks. JPEG is missing on purpose: its compression changes ids.
MASK_SUFFIXES = tuple(suffix for suffix, form in _FORMATS.items() if form.mask is not None)
#: File endings read as images.
IMAGE_SUFFIXES = tuple(_FORMATS)


def split_suffix(name: str) -> tuple[str, str]:
    """Stem and lower-case ending of a file name, ``.nii.gz`` counted as one ending.

    Examples
    --------
    >>> split_suffix("scan.01.NII.GZ")
    ('scan.01', '.nii.gz')
    >>> split_suffix("frame_7.png")
    ('frame_7', '.png')
    """
    lowered = name.lower()
    for suffix in sorted(_FORMATS, key=len, reverse=True):
        if lowered.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], suffix
    path = Path(name)
    return path.stem, path.suffix.lower()


def read_mask(path: Path) -> Mask:
    """Read one mask.

    Parameters
    ----------
    path : pathlib.Path
        PNG (1, 2, 4, 8 or 16 bit, grey or palette: the *indices* are the ids), TIFF (2D or a 3D
        stack), NPY, NPZ with one array, or NIfTI (needs the ``nifti`` extra).

    Returns
    -------
    Mask
        With the file's spacing where the format stores one, otherwise 1 px.

    Raises
    ------
    MaskError
        ``unreadable``, ``unknown-format``, ``lossy-mask``, ``colour-mask``, ``float-mask``,
        ``not-a-mask``, ``id-out-of-range``.
    """
    suffix = split_suffix(path.name)[1]
    form = _FORMATS.get(suffix)
    if form is None:
        raise MaskError(
            "unknown-format",
            f"cannot read masks of type {suffix or 'without an ending'}; use "
            f"{', '.join(MASK_SUFFIXES)}.",
            file=path,
        )
    if form.mask is None:
        raise MaskError(
            "lossy-mask",
            f"{suffix} compression changes class ids; export the masks as PNG or TIFF.",
            file=path,
        )
    with reading(path):
        raw = form.mask(path)
    return Mask.from_array(
        raw.labels,
        spacing=raw.spacing,
        unit=raw.unit,
        path=path,
        stored_dtype=str(raw.labels.dtype),
    )


def read_image(path: Path) -> NDArray[Any]:
    """Read one image for display: (y, x), (y, x, 3), (z, y, x) or (z, y, x, 3).

    Raises
    ------
    MaskError
        ``unreadable`` or ``unknown-format``.
    """
    suffix = split_suffix(path.name)[1]
    form = _FORMATS.get(suffix)
    if form is None:
        raise MaskError(
            "unknown-format",
            f"cannot read images of type {suffix or 'without an ending'}.",
            file=path,
        )
    with reading(path):
        return form.image(path)


def places_grid(path: Path) -> bool:
    """Whether files of this type say where their voxels lie in space."""
    return split_suffix(path.name)[1] in (".nii", ".nii.gz")


def read_grid(path: Path) -> Grid:
    """Where the voxels of a file lie in space, from its header alone.

    Raises
    ------
    MaskError
        ``unreadable``.
    """
    with reading(path):
        return nifti.read_grid(path)
