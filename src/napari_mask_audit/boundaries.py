"""Boundary bands and surface distances of every class of a mask pair.

The pixels are visited by the kernels, once for all classes; here their tables are cut into
classes and given names. What is kept (pixel counts, element sizes and distances) is enough for
every boundary score in :mod:`napari_mask_audit.metrics.boundary`, also pooled over samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .errors import MaskError, SettingsError
from .kernels.surfaces import Convention, ElementTable, element_sizes, lattice_shape
from .masks import LabelArray

__all__ = [
    "BandCounts",
    "ClassBand",
    "Convention",
    "DirectedDistances",
    "SurfaceDistances",
    "boundary_width",
    "count_boundary_bands",
    "surface_distances",
]


def boundary_width(shape: Sequence[int], fraction: float = 0.02) -> int:
    """Width in pixels of the Boundary IoU band for an image of this shape.

    ``max(1, round(fraction · diagonal))``, a half rounding to the even number, as in the
    reference implementation of Cheng et al. (2021, doi:10.1109/CVPR46437.2021.01508).

    Parameters
    ----------
    shape : sequence of int
        (y, x) or (z, y, x). In 3D the diagonal of a slice is used: the number of slices says
        nothing about how precisely a boundary was drawn.
    fraction : float
        Share of the diagonal; 0.02 in the paper, 0.008 for LVIS.

    Examples
    --------
    >>> boundary_width((480, 640)), boundary_width((20, 20))
    (16, 1)
    """
    if not fraction > 0:
        raise SettingsError(
            "bad-boundary-width", f"the boundary fraction must be > 0, but is {fraction}."
        )
    height, width = shape[-2:]
    return max(1, round(fraction * float(np.hypot(height, width))))


@dataclass(frozen=True)
class ClassBand:
    """Pixel counts of one class that Boundary IoU needs; they add over tiles and samples.

    Attributes
    ----------
    reference, candidate : int
        Valid pixels of the class in either mask.
    reference_band, candidate_band : int
        Those in the class's own inner boundary band.
    intersection : int
        Those in both bands.
    """

    reference: int = 0
    candidate: int = 0
    reference_band: int = 0
    candidate_band: int = 0
    intersection: int = 0

    @property
    def boundary_iou(self) -> float:
        """Boundary IoU in [0, 1], 1 is perfect; nan where neither mask has the class."""
        union = self.reference_band + self.candidate_band - self.intersection
        return self.intersection / union if union else float("nan")

    @property
    def band_swallows_object(self) -> bool:
        """Whether the band covers all of the class in the reference or in the candidate.

        Then Boundary IoU no longer looks at the boundary: where both are covered it equals IoU.
        """
        return bool(
            (self.reference and self.reference == self.reference_band)
            or (self.candidate and self.candidate == self.candidate_band)
        )

    def __add__(self, other: ClassBand) -> ClassBand:
        return ClassBand(
            self.reference + other.reference,
            self.candidate + other.candidate,
            self.reference_band + other.reference_band,
            self.candidate_band + other.candidate_band,
            self.intersection + other.intersection,
        )


@dataclass(frozen=True)
class BandCounts:
    """Boundary band counts of every class that occurs in a mask pair.

    Attributes
    ----------
    width : int
        Band width in pixels.
    classes : dict of int to ClassBand
        Classes that occur on valid pixels, ascending.
    valid : int
        Pixels that count, i.e. whose reference label is not ignored.
    """

    width: int
    classes: dict[int, ClassBand]
    valid: int

    def __getitem__(self, class_id: int) -> ClassBand:
        """Counts of one class; all zero where it does not occur."""
        return self.classes.get(class_id, ClassBand())


def count_boundary_bands(
    reference: LabelArray,
    candidate: LabelArray,
    width: int,
    *,
    ignore_ids: Iterable[int] = (),
) -> BandCounts:
    """Pixels of every class inside the boundary bands of reference, candidate and both.

    Parameters
    ----------
    reference, candidate : ndarray of int, same shape, (y, x) or (z, y, x)
    width : int
        Band width in pixels, at least 1.
    ignore_ids : iterable of int
        Reference labels whose pixels do not count. The bands themselves are those of the whole
        masks, so an ignored area adds or removes no boundary.

    Raises
    ------
    MaskError
        ``shape-mismatch``.
    SettingsError
        ``bad-boundary-width``.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.zeros((6, 6), int); a[1:4, 1:4] = 1
    >>> b = np.zeros((6, 6), int); b[1:4, 1:5] = 1
    >>> count_boundary_bands(a, b, 1)[1].boundary_iou  # 7 of 8 + 10 - 7 pixels
    0.6363636363636364
    """
    _require_same_shape(reference, candidate)
    if width < 1:
        raise SettingsError(
            "bad-boundary-width", f"the boundary width must be at least 1 pixel, but is {width}."
        )
    pairs, counts = kernels.count_bands(reference, candidate, width)
    valid = ~np.isin(pairs[:, 0], list(ignore_ids))
    pairs, counts = pairs[valid], counts[valid]
    classes = {}
    for class_id in np.unique(pairs).tolist():
        in_reference, in_candidate = (pairs == class_id).T
        own, other = counts[in_reference].sum(axis=0), counts[in_candidate].sum(axis=0)
        shared = counts[in_reference & in_candidate].sum(axis=0)
        classes[class_id] = ClassBand(
            reference=int(own[0]),
            candidate=int(other[0]),
            reference_band=int(own[1]),
            candidate_band=int(other[2]),
            intersection=int(shared[3]),
        )
    return BandCounts(width, classes, int(counts[:, 0].sum()))


@dataclass(frozen=True, eq=False)
class DirectedDistances:
    """Distances from every surface element of one mask to the surface of the other, one class.

    Attributes
    ----------
    distances : ndarray of float64, shape (E,)
        In units of the spacing. Empty where this mask has no surface; inf where the other has
        none.
    weights : ndarray of float64, shape (E,)
        Element sizes (length in 2D, area in 3D); ones in the ``voxel`` convention.
    signs : ndarray of int8, shape (E,)
        What ``distances`` is multiplied by in the signed offset: +1 where the candidate reaches
        further out than the reference, −1 where it falls short, 0 where they coincide.
    found : int
        Elements before those next to ignored pixels were dropped.
    lattice_index : ndarray of int64, shape (E,)
        Flat index of each element in ``lattice``; see :meth:`positions`.
    lattice : tuple of int
        The image shape, one longer along each axis in the ``surfel`` convention.
    origin : float
        Pixel coordinate of the first lattice point along every axis.
    """

    distances: NDArray[np.float64]
    weights: NDArray[np.float64]
    signs: NDArray[np.int8]
    found: int
    lattice_index: NDArray[np.int64]
    lattice: tuple[int, ...]
    origin: float

    @cached_property
    def size(self) -> float:
        """Total length or area of the surface (number of elements for ``voxel``)."""
        return float(self.weights.sum())

    @property
    def kept(self) -> float:
        """Share of the elements left after those next to ignored pixels were dropped, or nan."""
        return self.distances.size / self.found if self.found else float("nan")

    def positions(
        self, select: NDArray[np.intp] | NDArray[np.bool_] | slice = slice(None)
    ) -> NDArray[np.float64]:
        """Place of each element, or of the selected ones, in pixel coordinates.

        Pixel centres have whole coordinates; ``surfel`` elements lie on pixel corners, at halves.

        Returns
        -------
        ndarray of float64, shape (E, ndim)
            (y, x) or (z, y, x).
        """
        at = np.unravel_index(self.lattice_index[select], self.lattice)
        corners: NDArray[np.float64] = np.column_stack(at).astype(np.float64) + self.origin
        return corners


@dataclass(frozen=True, eq=False)
class SurfaceDistances:
    """Both directions of the surface distances of one class.

    Attributes
    ----------
    reference : DirectedDistances
        From the elements of the reference to the candidate's surface.
    candidate : DirectedDistances
        From the elements of the candidate to the reference's surface.
    """

    reference: DirectedDistances
    candidate: DirectedDistances

    @property
    def kept(self) -> float:
        """Share of the elements of both masks that do not touch ignored pixels, or nan."""
        found = self.reference.found + self.candidate.found
        left = self.reference.distances.size + self.candidate.distances.size
        return left / found if found else float("nan")


def surface_distances(
    reference: LabelArray,
    candidate: LabelArray,
    class_ids: Iterable[int],
    *,
    spacing: Sequence[float],
    convention: Convention = "surfel",
    ignore_ids: Iterable[int] = (),
) -> dict[int, SurfaceDistances]:
    """Exact distances between the surfaces of two masks, for all classes in one pass.

    Parameters
    ----------
    reference, candidate : ndarray of int, same shape, (y, x) or (z, y, x)
    class_ids : iterable of int
        Classes to measure.
    spacing : sequence of float
        Pixel size per axis; distances come out in this unit.
    convention : {"surfel", "voxel"}
        ``surfel``: pixel corners on the boundary, weighted by the length or area of boundary
        they stand for (Nikolov et al. 2021, doi:10.2196/26151). ``voxel``: border pixels of the
        object (4- or 6-connected), unweighted. The image edge is a boundary in both.
    ignore_ids : iterable of int
        Reference labels whose pixels do not count. Surfaces are those of the whole masks; then
        the elements that touch an ignored pixel are dropped, on both sides, so that the edge of
        an ignored area is nobody's boundary.

    Returns
    -------
    dict of int to SurfaceDistances
        One entry per class id, ascending.

    Raises
    ------
    MaskError
        ``shape-mismatch``, ``bad-spacing``.
    SettingsError
        ``bad-convention``.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.zeros((5, 9), int); a[1:4, 1:4] = 1
    >>> b = np.zeros((5, 9), int); b[1:4, 1:6] = 1
    >>> both = surface_distances(a, b, [1], spacing=(1, 1))[1]
    >>> float(both.reference.distances.max()), float(both.candidate.distances.max())
    (1.0, 2.0)
    """
    _require_same_shape(reference, candidate)
    if convention not in ("surfel", "voxel"):
        raise SettingsError(
            "bad-convention", f'the distance convention is "surfel" or "voxel", not {convention!r}.'
        )
    grid = tuple(float(s) for s in spacing)
    if len(grid) != reference.ndim or not all(np.isfinite(s) and s > 0 for s in grid):
        raise MaskError(
            "bad-spacing",
            f"spacing must be one positive number for each of {reference.ndim} axes, "
            f"but is {grid}.",
        )
    ids = np.unique(np.fromiter(class_ids, np.int64))
    ignored = np.unique(np.fromiter(ignore_ids, np.int64))
    tables = kernels.measure_surfaces(reference, candidate, ids, ignored, grid, convention)
    lattice = lattice_shape(reference.shape, convention)
    sizes = element_sizes(grid) if convention == "surfel" else np.ones(1)
    origin = -0.5 if convention == "surfel" else 0.0
    cut = [
        [_directed(table, number, way, sizes, lattice, origin) for number in range(ids.size)]
        # Inside the other object means short of it for the candidate, beyond it for the reference.
        for table, way in zip(tables, (1, -1), strict=True)
    ]
    return {
        class_id: SurfaceDistances(own, other)
        for class_id, own, other in zip(ids.tolist(), *cut, strict=True)
    }


def _directed(
    table: ElementTable,
    number: int,
    way: int,
    sizes: NDArray[np.float64],
    lattice: tuple[int, ...],
    origin: float,
) -> DirectedDistances:
    part = slice(int(table.starts[number]), int(table.starts[number + 1]))
    return DirectedDistances(
        distances=table.distances[part],
        weights=sizes[table.codes[part]],
        signs=table.sides[part] * np.int8(way),
        found=int(table.found[number]),
        lattice_index=table.positions[part],
        lattice=lattice,
        origin=origin,
    )


def _require_same_shape(reference: LabelArray, candidate: LabelArray) -> None:
    if reference.shape != candidate.shape:
        raise MaskError(
            "shape-mismatch",
            f"the reference has shape {reference.shape} and the candidate {candidate.shape}; "
            "both must cover the same pixels.",
        )
