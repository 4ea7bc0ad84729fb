"""One mask: a checked integer array with its spacing.

Every number in this package starts from a :class:`Mask`. It is checked once, here, so that the
code that counts never has to wonder about dtypes, dimensions or who might write into the array.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import MaskError

LabelArray = NDArray[np.integer[Any]]

#: Dtypes that reach the counting kernels; every mask is brought to the smallest that holds it.
CANONICAL_DTYPES = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.int32))


@dataclass(frozen=True, eq=False)
class Mask:
    """A label mask: integer class or object ids on a 2D or 3D grid.

    Attributes
    ----------
    labels : ndarray of uint8, uint16 or int32, shape (y, x) or (z, y, x)
        The ids. Read-only.
    spacing : tuple of float
        Size of one pixel along each axis, in ``unit``, in array axis order. All > 0.
    unit : str
        ``"px"`` when the physical size is not known.
    path : pathlib.Path or None
        Where it was read from.
    stored_dtype : str
        How the file stores the numbers, such as ``"float64"``; empty where there is no file.
    """

    labels: LabelArray
    spacing: tuple[float, ...]
    unit: str = "px"
    path: Path | None = None
    stored_dtype: str = ""

    @classmethod
    def from_array(
        cls,
        array: ArrayLike,
        *,
        spacing: tuple[float, ...] | None = None,
        unit: str = "px",
        path: Path | None = None,
        stored_dtype: str = "",
    ) -> Mask:
        """Check an array and make a mask of it; the input is not changed or shared for writing.

        Parameters
        ----------
        array : array_like of bool or integer, or of float holding whole numbers
            Shape (y, x) or (z, y, x).
        spacing : tuple of float, optional
            One value per axis; 1 each when not given.
        unit : str
            Unit of ``spacing``.
        path : pathlib.Path, optional
            Named in error messages.
        stored_dtype : str
            How the file stores the numbers.

        Raises
        ------
        MaskError
            ``not-a-mask`` (colour image, wrong dimensions, no pixels), ``float-mask`` (values
            that are not whole numbers), ``id-out-of-range`` (outside −2³¹ … 2³¹−1).

        Examples
        --------
        >>> Mask.from_array([[0, 1], [0, 1]]).labels.dtype
        dtype('uint8')
        """
        labels = canonical_labels(np.asarray(array), path=path)
        grid = (1.0,) * labels.ndim if spacing is None else tuple(float(s) for s in spacing)
        if len(grid) != labels.ndim or not all(np.isfinite(s) and s > 0 for s in grid):
            axes = "(y, x)" if labels.ndim == 2 else "(z, y, x)"
            raise MaskError(
                "bad-spacing",
                f"spacing must be one positive number per axis {axes}, but is {grid}.",
                file=path,
            )
        return cls(labels=labels, spacing=grid, unit=unit, path=path, stored_dtype=stored_dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of pixels along each axis."""
        return self.labels.shape


def canonical_labels(array: NDArray[Any], *, path: Path | None = None) -> LabelArray:
    """Ids as a read-only, C-contiguous array of the smallest canonical dtype.

    Parameters
    ----------
    array : ndarray
        2D or 3D, boolean, integer, or float holding whole numbers.
    path : pathlib.Path, optional
        Named in error messages.

    Returns
    -------
    ndarray of uint8, uint16 or int32
        A view where nothing had to change, otherwise a copy.
    """
    if array.ndim not in (2, 3) or array.size == 0:
        raise MaskError(
            "not-a-mask",
            f"a mask has shape (y, x) or (z, y, x) and at least one pixel, but this has shape "
            f"{array.shape}. If it is a colour image, export the class ids instead.",
            file=path,
        )
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    elif np.issubdtype(array.dtype, np.floating):
        array = _whole_numbers(array, path)
    elif not np.issubdtype(array.dtype, np.integer):
        raise MaskError(
            "not-a-mask",
            f"a mask holds whole numbers, but this holds {array.dtype}.",
            file=path,
        )
    if array.dtype not in CANONICAL_DTYPES:
        array = _smallest_dtype(array, path)
    array = np.ascontiguousarray(array)
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def _whole_numbers(array: NDArray[Any], path: Path | None) -> NDArray[Any]:
    with np.errstate(invalid="ignore"):
        whole = np.rint(array)
    if not np.array_equal(whole, array):
        raise _not_whole(array, path)
    if float(whole.min()) < -(2**31) or float(whole.max()) >= 2**31:
        raise MaskError(
            "id-out-of-range",
            "the mask has ids beyond the 32-bit range; renumber the objects.",
            file=path,
        )
    ids: NDArray[np.int64] = whole.astype(np.int64)
    return ids


def _not_whole(array: NDArray[Any], path: Path | None) -> MaskError:
    """What to say about a mask with fractions, or with values that are no numbers (NaN)."""
    finite = array[np.isfinite(array)]
    if finite.size < array.size and np.array_equal(np.rint(finite), finite):
        return MaskError(
            "float-mask",
            f"{array.size - finite.size:,} pixels hold no number (NaN or infinity). Give them an "
            "id, such as the one of the background or of void.",
            file=path,
        )
    return MaskError(
        "float-mask",
        f"the values are not whole numbers (range {float(finite.min()):g} to "
        f"{float(finite.max()):g}): this looks like a probability map or a resampled mask. "
        "Threshold it or export the class ids.",
        file=path,
    )


def _smallest_dtype(array: NDArray[Any], path: Path | None) -> NDArray[Any]:
    low, high = int(array.min()), int(array.max())
    for dtype in CANONICAL_DTYPES:
        info = np.iinfo(dtype)
        if info.min <= low and high <= info.max:
            return array.astype(dtype)
    raise MaskError(
        "id-out-of-range",
        f"the mask has ids from {low} to {high}, beyond the 32-bit range; renumber the objects.",
        file=path,
    )


def require_same_shape(reference: tuple[int, ...], candidate: tuple[int, ...]) -> None:
    """Refuse two masks that do not cover the same pixels (``shape-mismatch``)."""
    if reference != candidate:
        raise MaskError(
            "shape-mismatch",
            f"the reference has shape {reference} and the candidate {candidate}; both must cover "
            "the same pixels.",
        )


def ids_in(labels: LabelArray) -> frozenset[int]:
    """The distinct ids of a label array.

    Examples
    --------
    >>> sorted(ids_in(np.array([[3, 0], [3, 7]], np.uint8)))
    [0, 3, 7]
    """
    if labels.dtype.kind == "u" and labels.dtype.itemsize <= 2:
        return frozenset(np.flatnonzero(np.bincount(labels.ravel())).tolist())
    return frozenset(np.unique(labels).tolist())


def size_text(shape: tuple[int, ...]) -> str:
    """A shape in words: ``480 × 640``.

    Examples
    --------
    >>> size_text((480, 640))
    '480 × 640'
    """
    return " × ".join(map(str, shape))


def fingerprint(array: NDArray[Any]) -> str:
    """Short digest of shape and values, the same for the same ids in any file format.

    Examples
    --------
    >>> fingerprint(np.zeros((2, 3), np.uint8)) == fingerprint(np.zeros((3, 2), np.uint8))
    False
    """
    digest = hashlib.blake2b(repr(array.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
