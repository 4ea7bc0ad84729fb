"""NIfTI volumes through nibabel (the ``nifti`` extra), with their spacing.

nibabel gives (x, y, z); everything here is (z, y, x). Volumes are turned to the closest canonical
orientation first, so that two masks of one scan stored with different flips still lie on top of
each other.
"""

from __future__ import annotations

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
    unit = volume.header.get_xyzt_units()[0]
    return RawMask(labels, zooms[::-1], "mm" if unit in ("unknown", "mm") else unit)


def read_image(path: Path) -> NDArray[Any]:
    """Pixels for display, (z, y, x)."""
    return _array(_open(path))


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


def _array(volume: Any) -> NDArray[Any]:
    array = np.asanyarray(volume.dataobj)
    while array.ndim > 3 and array.shape[-1] == 1:
        array = array[..., 0]
    turned: NDArray[Any] = array.transpose()
    return turned
