"""Surfaces of every class of a mask, and the distances between those of two.

The surfaces of a mask are found once, all classes together, and can then be measured against those
of any number of others. The kernels do it; here their tables are cut into classes and given names.
What is kept (element sizes and distances) is enough for every distance score in
:mod:`napari_mask_audit.metrics.boundary`, also pooled over samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .errors import MaskError, SettingsError
from .kernels.surfaces import Convention, ElementTable, Surfaces, element_sizes
from .masks import LabelArray, require_same_shape
from .side_by_side import both

__all__ = [
    "Convention",
    "DirectedDistances",
    "SurfaceDistances",
    "Surfaces",
    "distances_between",
    "find_surfaces",
    "surface_distances",
    "useful_threads",
]

#: Pixels from which a second thread saves more than it takes to start.
_WORTH_A_THREAD = 1 << 17


@dataclass(frozen=True, eq=False)
class DirectedDistances:
    """Distances from every surface element of one mask to the surface of the other, one class.

    Attributes
    ----------
    distances : ndarray of float64, shape (E,)
        In units of the spacing. Empty where this mask has no surface; inf where the other has
        none.
    sides : ndarray of int8, shape (E,)
        +1 where the element lies inside the other mask's object, −1 outside, 0 on its surface.
    outward : int
        Sign of the side on which the candidate reaches further out than the reference.
    codes : ndarray of uint8, shape (E,)
        Which of the pixels around a corner belong to the class; zeros in the ``voxel`` convention.
    code_sizes : ndarray of float64
        Length (2D) or area (3D) of boundary that an element with each code stands for.
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
    sides: NDArray[np.int8]
    outward: int
    codes: NDArray[np.uint8]
    code_sizes: NDArray[np.float64]
    found: int
    lattice_index: NDArray[np.int64]
    lattice: tuple[int, ...]
    origin: float

    @classmethod
    def nothing(cls) -> DirectedDistances:
        """Without any element, as where nothing was measured."""
        bits, place = np.zeros(0, np.uint8), np.zeros(0, np.int64)
        return cls(np.zeros(0), np.zeros(0, np.int8), 1, bits, np.ones(1), 0, place, (), 0.0)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Element sizes (length in 2D, area in 3D), shape (E,); ones for ``voxel``."""
        return self.code_sizes[self.codes]

    @cached_property
    def signs(self) -> NDArray[np.int8]:
        """What ``distances`` is multiplied by in the signed offset, shape (E,).

        +1 where the candidate reaches further out than the reference, −1 where it falls short, 0
        where they coincide.
        """
        return self.sides * np.int8(self.outward)

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
    workers: int = 1,
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
    workers : int
        Threads that may work; at most two do, and one where masks are small.

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
    require_same_shape(reference.shape, candidate.shape)
    ids = list(class_ids)
    first, second = both(
        lambda: find_surfaces(reference, ids, convention=convention),
        lambda: find_surfaces(candidate, ids, convention=convention),
        workers=useful_threads(reference, workers),
    )
    return distances_between(first, second, spacing=spacing, ignore_ids=ignore_ids, workers=workers)


def useful_threads(labels: LabelArray, workers: int) -> int:
    """How many of some threads are worth starting for the surfaces of a mask of this size."""
    return workers if labels.size >= _WORTH_A_THREAD else 1


def find_surfaces(
    labels: LabelArray, class_ids: Iterable[int], *, convention: Convention = "surfel"
) -> Surfaces:
    """Surface elements of one mask, to be measured against any number of others.

    A mask that takes part in many comparisons is visited once this way, however many there are.

    Parameters
    ----------
    labels : ndarray of int, shape (y, x) or (z, y, x)
        Kept, not copied, in what is returned.
    class_ids : iterable of int
        Classes whose surfaces are wanted.
    convention : {"surfel", "voxel"}
        See :func:`surface_distances`.

    Raises
    ------
    SettingsError
        ``bad-convention``.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.zeros((5, 9), int); a[1:4, 1:4] = 1
    >>> find_surfaces(a, [1]).counts, find_surfaces(a, [1], convention="voxel").counts
    (array([12]), array([8]))
    """
    if convention not in ("surfel", "voxel"):
        raise SettingsError(
            "bad-convention", f'the distance convention is "surfel" or "voxel", not {convention!r}.'
        )
    ids = np.unique(np.fromiter(class_ids, np.int64))
    return kernels.find_surfaces(labels, ids, convention)


def distances_between(
    reference: Surfaces,
    candidate: Surfaces,
    *,
    spacing: Sequence[float],
    ignore_ids: Iterable[int] = (),
    workers: int = 1,
) -> dict[int, SurfaceDistances]:
    """Exact distances between the surfaces of two masks; see :func:`surface_distances`.

    Parameters
    ----------
    reference, candidate : Surfaces
        From :func:`find_surfaces`, with the same classes and convention.
    spacing, ignore_ids, workers
        As in :func:`surface_distances`.

    Raises
    ------
    MaskError
        ``shape-mismatch``, ``bad-spacing``.
    ValueError
        The surfaces are of different classes or conventions.

    Examples
    --------
    >>> import numpy as np
    >>> first, *others = (
    ...     find_surfaces(np.pad(np.ones((3, n), int), ((1, 1), (1, 6 - n))), [1])
    ...     for n in (3, 4, 5)
    ... )
    >>> pairs = [distances_between(first, other, spacing=(1, 1))[1] for other in others]
    >>> [float(pair.candidate.distances.max()) for pair in pairs]
    [1.0, 2.0]
    """
    require_same_shape(reference.labels.shape, candidate.labels.shape)
    grid = _grid(spacing, reference.labels.ndim)
    if reference.convention != candidate.convention or not np.array_equal(
        reference.class_ids, candidate.class_ids
    ):
        raise ValueError("find the surfaces of both masks with the same classes and convention")
    tables = kernels.measure_surfaces(
        reference,
        candidate,
        frozenset(ignore_ids),
        grid,
        workers=useful_threads(reference.labels, workers),
    )
    surfel = reference.convention == "surfel"
    sizes = element_sizes(grid) if surfel else np.ones(1)
    origin = -0.5 if surfel else 0.0
    cut = [
        [
            _directed(table, number, outward, sizes, reference.lattice, origin)
            for number in range(reference.class_ids.size)
        ]
        # Inside the other object means short of it for the candidate, beyond it for the reference.
        for table, outward in zip(tables, (1, -1), strict=True)
    ]
    return {
        class_id: SurfaceDistances(own, other)
        for class_id, own, other in zip(reference.class_ids.tolist(), *cut, strict=True)
    }


def _grid(spacing: Sequence[float], ndim: int) -> tuple[float, ...]:
    grid = tuple(float(s) for s in spacing)
    if len(grid) != ndim or not all(np.isfinite(s) and s > 0 for s in grid):
        raise MaskError(
            "bad-spacing",
            f"spacing must be one positive number for each of {ndim} axes, but is {grid}.",
        )
    return grid


def _directed(
    table: ElementTable,
    number: int,
    outward: int,
    sizes: NDArray[np.float64],
    lattice: tuple[int, ...],
    origin: float,
) -> DirectedDistances:
    part = slice(int(table.starts[number]), int(table.starts[number + 1]))
    return DirectedDistances(
        distances=table.distances[part],
        sides=table.sides[part],
        outward=outward,
        codes=table.codes[part],
        code_sizes=sizes,
        found=int(table.found[number]),
        lattice_index=table.positions[part],
        lattice=lattice,
        origin=origin,
    )
