"""What the surface kernels return, and the geometry both backends share.

Surface elements come in two conventions. ``surfel``: the corners of the pixel grid around which
not all pixels agree, each with the length (2D) or area (3D) of the piece of boundary it stands
for, as in Nikolov et al. (2021, doi:10.2196/26151). ``voxel``: the pixels of the object that have
a face neighbour outside it, all of weight 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray

Convention = Literal["surfel", "voxel"]

#: Mark in tables of class positions: not asked for.
UNWANTED = -1


@dataclass(frozen=True, eq=False)
class Surfaces:
    """Surface elements of one mask, of all classes: found once, measured against many others.

    Elements are sorted by class and then by lattice position; those of class number c are the
    entries ``starts[c]:starts[c + 1]``.

    Attributes
    ----------
    labels : ndarray of int, shape (y, x) or (z, y, x)
        The mask itself, which tells inside from outside and where pixels do not count.
    convention : {"surfel", "voxel"}
    class_ids : ndarray of int64, shape (C,)
        Ascending, distinct.
    starts : ndarray of int64, shape (C + 1,)
    positions : ndarray of int64, shape (E,)
        Flat index into the lattice: pixels for ``voxel``; for ``surfel`` pixel corners, a lattice
        one longer than the image along each axis.
    codes : ndarray of uint8, shape (E,)
        Which of the pixels around a corner belong to the class; zeros for ``voxel``.
    """

    labels: LabelArray
    convention: Convention
    class_ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    positions: NDArray[np.int64]
    codes: NDArray[np.uint8]
    _near: dict[frozenset[int], NDArray[np.bool_] | None] = field(default_factory=dict, repr=False)

    @property
    def lattice(self) -> tuple[int, ...]:
        """Shape of the grid on which the elements lie."""
        return lattice_shape(self.labels.shape, self.convention)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Elements of each class, shape (C,)."""
        return np.diff(self.starts)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Class number of every element, shape (E,)."""
        return np.repeat(np.arange(self.class_ids.size), self.counts)

    def without(self, dropped: NDArray[np.bool_]) -> Surfaces:
        """The same without the elements on the given lattice points."""
        keep = ~dropped.reshape(-1)[self.positions]
        before = np.concatenate(([0], np.cumsum(keep)))
        return replace(
            self,
            starts=before[self.starts],
            positions=self.positions[keep],
            codes=self.codes[keep],
        )

    def near_labels(self, ids: frozenset[int]) -> NDArray[np.bool_] | None:
        """Lattice points next to a pixel with one of some ids; None where no pixel has one.

        Next to a corner are the pixels around it; next to a pixel are itself and its face
        neighbours. Looked for once per mask and set of ids.
        """
        if ids not in self._near:
            marked = np.zeros(self.labels.shape, np.bool_)
            for label in ids:
                marked |= self.labels == label
            spread = _corners_around if self.convention == "surfel" else _pixels_around
            self._near[ids] = spread(marked) if marked.any() else None
        return self._near[ids]


def _corners_around(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Corners of the marked pixels."""
    near = np.zeros(tuple(n + 1 for n in marked.shape), np.bool_)
    for corner in np.ndindex(*(2,) * marked.ndim):
        part = tuple(slice(c, c + n) for c, n in zip(corner, marked.shape, strict=True))
        near[part] |= marked
    return near


def _pixels_around(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The marked pixels and their face neighbours."""
    near = marked.copy()
    for axis in range(marked.ndim):
        along = np.moveaxis(near, axis, 0), np.moveaxis(marked, axis, 0)
        along[0][1:] |= along[1][:-1]
        along[0][:-1] |= along[1][1:]
    return near


@dataclass(frozen=True, eq=False)
class ElementTable:
    """Surface elements of one mask, of all classes, with their distance to another mask.

    Elements are sorted as in :class:`Surfaces`.

    Attributes
    ----------
    starts : ndarray of int64, shape (C + 1,)
    found : ndarray of int64, shape (C,)
        Elements of each class before those next to ignored pixels were dropped.
    positions : ndarray of int64, shape (E,)
    codes : ndarray of uint8, shape (E,)
    distances : ndarray of float64, shape (E,)
        To the nearest element of the same class in the other mask; inf where it has none.
    sides : ndarray of int8, shape (E,)
        +1 where the element lies inside the other mask's object, −1 outside, 0 on its surface.
    """

    starts: NDArray[np.int64]
    found: NDArray[np.int64]
    positions: NDArray[np.int64]
    codes: NDArray[np.uint8]
    distances: NDArray[np.float64]
    sides: NDArray[np.int8]


def lattice_shape(shape: tuple[int, ...], convention: Convention) -> tuple[int, ...]:
    """Shape of the grid on which the surface elements of an image lie."""
    return tuple(n + 1 for n in shape) if convention == "surfel" else tuple(shape)


def element_sizes(spacing: tuple[float, ...]) -> NDArray[np.float64]:
    """Length (2D) or area (3D) of the boundary piece of every corner code.

    Parameters
    ----------
    spacing : tuple of float
        Pixel size per axis, (y, x) or (z, y, x).

    Returns
    -------
    ndarray of float64, shape (16,) or (256,)
        In units of ``spacing`` (squared in 3D). 0 for the codes without a boundary.

    Notes
    -----
    In 3D a code and its complement describe the same boundary, but marching cubes may join the
    ambiguous faces differently; the smaller area is taken, so both sides agree.

    Examples
    --------
    >>> element_sizes((1.0, 2.0))[[0b0000, 0b0011, 0b0101]]  # nothing, a row, a column
    array([0., 2., 1.])
    """
    if len(spacing) == 2:
        return _edge_lengths(*spacing)
    from .area_table import PIECES

    sz, sy, sx = spacing
    faces = np.array([sy * sx, sz * sx, sz * sy])
    areas = np.array(
        [
            sum(times * float(np.linalg.norm(faces * normal)) / 8 for times, *normal in pieces)
            for pieces in PIECES
        ]
    )
    smaller: NDArray[np.float64] = np.minimum(areas, areas[::-1])
    return smaller


def _edge_lengths(sy: float, sx: float) -> NDArray[np.float64]:
    half_diagonal = 0.5 * float(np.sqrt(sy**2 + sx**2))
    lengths = np.full(16, half_diagonal)  # one or three of the four pixels
    lengths[[0b0000, 0b1111]] = 0.0
    lengths[[0b0011, 0b1100]] = sx
    lengths[[0b0101, 0b1010]] = sy
    lengths[[0b0110, 0b1001]] = 2 * half_diagonal
    return lengths


def class_lookup(class_ids: NDArray[np.int64], low: int, high: int) -> NDArray[Any]:
    """Position in ``class_ids`` of every label from `low` to `high`, or the mark."""
    dtype = np.int16 if class_ids.size < 1 << 15 else np.int32
    lookup = np.full(high - low + 1, UNWANTED, dtype)
    asked = np.flatnonzero((class_ids >= low) & (class_ids <= high))
    lookup[class_ids[asked] - low] = asked
    return lookup


def padding_label(dtype: np.dtype[Any], class_ids: NDArray[np.int64]) -> tuple[int, np.dtype[Any]]:
    """A label that nobody asked for, to surround a mask with, and the dtype that holds it.

    The smallest such label is usually the background, next to which nothing needs a look.
    """
    taken = set(class_ids.tolist())
    label = next(number for number in range(len(taken) + 1) if number not in taken)
    return label, np.promote_types(dtype, np.min_scalar_type(label))


def sides_of(
    surfaces: Surfaces, other: Surfaces, distances: NDArray[np.float64]
) -> NDArray[np.int8]:
    """On which side of the other mask's surface every element lies, given its distance to it.

    Away from the surface all pixels around a lattice point agree whether they belong to the
    class, so one of them is asked. Beyond the edge of the image there is nothing, and a class
    that reaches the edge has a surface there: for a point on the edge any pixel next to it does.
    """
    apart = np.flatnonzero(distances != 0)
    sides = np.zeros(distances.size, np.int8)
    at = np.unravel_index(surfaces.positions[apart], surfaces.lattice)
    pixels = np.ravel_multi_index(at, other.labels.shape, mode="clip")
    of_class = np.diff(np.searchsorted(apart, surfaces.starts))
    inside = other.labels.reshape(-1)[pixels] == np.repeat(surfaces.class_ids, of_class)
    sides[apart] = np.where(inside, 1, -1)
    return sides


def row_offsets(
    shape: tuple[int, ...], spacing: tuple[float, ...], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nearest rows of a lattice, by distance, as steps along all axes but the last.

    Parameters
    ----------
    shape : tuple of int
        Lattice.
    spacing : tuple of float
        Lattice steps.
    count : int
        At most this many rows.

    Returns
    -------
    steps : ndarray of int64, shape (R, 2)
        (dz, dy); dz is 0 in 2D. The first is (0, 0).
    squared : ndarray of float64, shape (R,)
        Squared distance of each row, ascending. Complete: no row that was left out is nearer
        than the last one listed.
    """
    depth, height = (1, *shape)[-3:-1]
    sz, sy = (1.0, *spacing)[-3:-1]
    # Rows within `reach` of the query, where a disc of that radius holds about `count` rows.
    reach = count * sy / 2 if depth == 1 else float(np.sqrt(count * sz * sy / np.pi)) + sz + sy
    nz = 0 if depth == 1 else min(depth - 1, int(reach / sz))
    ny = min(height - 1, int(reach / sy))
    dz, dy = np.mgrid[-nz : nz + 1, -ny : ny + 1].reshape(2, -1)
    squared = (dz * sz) ** 2 + (dy * sy) ** 2
    inside = np.flatnonzero(squared <= reach**2)
    order = inside[np.argsort(squared[inside], kind="stable")][:count]
    return np.column_stack((dz, dy))[order].astype(np.int64), squared[order]
