"""NIfTI volumes through nibabel (the ``nifti`` extra), with their spacing.

nibabel gives (x, y, z); everything here is (z, y, x). Volumes are turned to the closest canonical
orientation first, so that two masks of one scan stored with different flips still lie on top of
each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError
from .raw import RawMask


def read_mask(path: Path) -> RawMask:
    """Ids and spacing of a NIfTI volume."""
    volume = _open(path)
    labels = _array(volume)
    zooms = tuple(float(z) for z in volume.header.get_zooms()[: labels.ndim])
    return RawMask(labels, zooms[::-1], _unit(volume))


def read_image(path: Path) -> NDArray[Any]:
    """Pixels for display, (z, y, x)."""
    return _array(_open(path))


@dataclass(frozen=True, eq=False)
class Grid:
    """Where a volume lies in space.

    Attributes
    ----------
    corners : ndarray of float64, shape (8, 3)
        Centres of the outermost voxels, in ``unit``.
    voxel : tuple of float
        Edge lengths of a voxel.
    unit : str
        Unit of both.
    """

    corners: NDArray[np.float64]
    voxel: tuple[float, ...]
    unit: str


def read_grid(path: Path) -> Grid:
    """Where a volume lies in space; only the header is read."""
    volume = _open(path)
    shape = (*volume.shape[:3], 1, 1)[:3]
    corners = np.indices((2, 2, 2)).reshape(3, -1) * (np.asarray(shape) - 1)[:, None]
    affine = np.asarray(volume.affine, np.float64)
    placed: NDArray[np.float64] = (affine[:3, :3] @ corners + affine[:3, 3:]).T
    voxel = np.linalg.norm(affine[:3, :3], axis=0)
    return Grid(placed, tuple(voxel.tolist()), _unit(volume))


def _open(path: Path) -> Any:
    try:
        import nibabel
    except ImportError as error:
        raise MissingExtraError(
            "missing-extra",
            "reading NIfTI needs nibabel: pip install 'napari-mask-audit[nifti]'.",
            file=path,
        ) from error
    from nibabel.filebasedimages import ImageFileError
    from nibabel.orientations import OrientationError
    from nibabel.spatialimages import HeaderDataError

    try:
        volume: Any = nibabel.load(path)
        if len(volume.shape) < 3:  # a single slice has no orientation to turn
            return volume
        to_canonical: Any = nibabel.as_closest_canonical
        return to_canonical(volume)
    except (ImageFileError, HeaderDataError, OrientationError) as error:
        raise ValueError(f"not a NIfTI volume: {error}") from error


def _unit(volume: Any) -> str:
    unit = str(volume.header.get_xyzt_units()[0])
    return "mm" if unit == "unknown" else unit


def _array(volume: Any) -> NDArray[Any]:
    array = np.asanyarray(volume.dataobj)
    while array.ndim > 3 and array.shape[-1] == 1:
        array = array[..., 0]
    turned: NDArray[Any] = array.transpose()
    return turned
