"""Where two outlines part: the stretches of boundary that lie further off than a tolerance.

NSD says how much boundary is off, not where. Here the elements behind it are put together into
stretches a person can look at, the worst first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .boundaries import DirectedDistances, SurfaceDistances
from .errors import SettingsError
from .kernels.links import join_linked

__all__ = ["Stretch", "Stretches", "worst_stretches"]

#: Stretches that are described one by one; all are counted.
MOST = 50


@dataclass(frozen=True, eq=False)
class Stretch:
    """A connected run of boundary, of one or both outlines, beyond the tolerance.

    Attributes
    ----------
    class_id : int
        Whose boundary it is.
    is_outside : bool
        The candidate reaches further out than the reference here; otherwise it falls short.
    reference_length, candidate_length : float
        Length (2D), area (3D) or number of border pixels (``voxel``) on each outline; 0 where
        only the other one has it, as for something missed or made up.
    largest, mean : float
        Distance to the other outline, in units of the spacing; inf where there is none.
    box : tuple of slice
        Pixels around it.
    worst : tuple of float
        Place of the element furthest off, in pixel coordinates.
    reference_elements, candidate_elements : ndarray of int64
        Its elements, as indices into the distances of either outline.
    """

    class_id: int
    is_outside: bool
    reference_length: float
    candidate_length: float
    largest: float
    mean: float
    box: tuple[slice, ...]
    worst: tuple[float, ...]
    reference_elements: NDArray[np.int64]
    candidate_elements: NDArray[np.int64]

    @property
    def length(self) -> float:
        """The longer of the two outlines."""
        return max(self.reference_length, self.candidate_length)

    @property
    def size(self) -> float:
        """What stretches are ordered by: length of both outlines times the mean distance."""
        return (self.reference_length + self.candidate_length) * self.mean

    @property
    def inside(self) -> tuple[int, ...]:
        """A pixel of :attr:`box` next to the worst element."""
        return tuple(
            min(max(int(np.floor(at + 0.5)), part.start), part.stop - 1)
            for at, part in zip(self.worst, self.box, strict=True)
        )

    @property
    def centre(self) -> tuple[float, ...]:
        """Middle of the box, in pixel coordinates."""
        return tuple((part.start + part.stop - 1) / 2 for part in self.box)


@dataclass(frozen=True, eq=False)
class Stretches:
    """The worst stretches, and how many there are in all."""

    worst: tuple[Stretch, ...]
    found: int


def worst_stretches(
    surfaces: Mapping[int, SurfaceDistances],
    tolerance: float,
    *,
    spacing: Sequence[float],
    most: int = MOST,
) -> Stretches:
    """The stretches of boundary beyond a tolerance, largest first.

    Elements belong together when they touch on the lattice (also at a corner) and lie to the same
    side. A run on the reference and a run on the candidate are one stretch when the nearest
    counterpart of one is on the other, so that the two edges of a sliver are listed once.

    Parameters
    ----------
    surfaces : mapping of int to SurfaceDistances
        By class; see :func:`~napari_mask_audit.boundaries.surface_distances`.
    tolerance : float
        In units of the spacing, ≥ 0; elements exactly at it are still fine, as in NSD.
    spacing : sequence of float
        Pixel size per axis, as given for the distances.
    most : int
        How many are described.

    Returns
    -------
    Stretches
        By length times mean distance. What one mask lacks as a whole has an infinite distance
        and comes first, longest first. Empty where nothing is beyond the tolerance.

    Raises
    ------
    SettingsError
        ``bad-tolerance``.

    Examples
    --------
    >>> from napari_mask_audit.boundaries import surface_distances
    >>> a = np.zeros((5, 9), int); a[1:4, 1:4] = 1
    >>> b = np.zeros((5, 9), int); b[1:4, 1:6] = 1  # two columns more on the right
    >>> both = surface_distances(a, b, [1], spacing=(1, 1))
    >>> found = worst_stretches(both, 1, spacing=(1, 1))
    >>> found.found, found.worst[0].is_outside, found.worst[0].largest, found.worst[0].box
    (1, True, 2.0, (slice(0, 5, None), slice(5, 7, None)))
    """
    if not (np.isfinite(tolerance) and tolerance >= 0):
        raise SettingsError(
            "bad-tolerance",
            f"the boundary tolerance must be a number >= 0 in units of the spacing, but is "
            f"{tolerance}.",
        )
    groups = [
        _Beyond.of(class_id, pair, tolerance, tuple(spacing)) for class_id, pair in surfaces.items()
    ]
    found = sum(group.sums.shape[1] for group in groups)
    ranked = sorted(
        (key for group in groups for key in group.keys(most)), key=lambda key: (-key[0], -key[1])
    )
    return Stretches(tuple(group.stretch(n) for _, _, group, n in ranked[:most]), found)


@dataclass(frozen=True, eq=False)
class _Beyond:
    """The elements of one class beyond the tolerance, and the stretch each belongs to.

    ``sums`` has a column per stretch: length on the reference, on the candidate, distance times
    length.
    """

    class_id: int
    pair: SurfaceDistances
    elements: tuple[NDArray[np.intp], NDArray[np.intp]]
    group: tuple[NDArray[Any], NDArray[Any]]
    sums: NDArray[np.float64]

    @classmethod
    def of(
        cls, class_id: int, pair: SurfaceDistances, tolerance: float, spacing: tuple[float, ...]
    ) -> _Beyond:
        sides = (pair.reference, pair.candidate)
        elements = [np.flatnonzero(side.distances > tolerance) for side in sides]
        runs = [_runs(side, at) for side, at in zip(sides, elements, strict=True)]
        runs[1] = runs[1] + (int(runs[0].max()) + 1 if runs[0].size else 0)
        group = _join(sides, elements, runs, spacing)
        count = 1 + max((int(part.max()) for part in group if part.size), default=-1)
        sums = np.zeros((3, count))
        for row, (side, at, of) in enumerate(zip(sides, elements, group, strict=True)):
            weights = side.weights[at]
            sums[row] = np.bincount(of, weights, count)
            sums[2] += np.bincount(of, weights * side.distances[at], count)
        return cls(class_id, pair, (elements[0], elements[1]), group, sums)

    def keys(self, most: int) -> list[tuple[float, float, _Beyond, int]]:
        """Size, length, and number of the largest stretches."""
        lengths = self.sums[:2].max(axis=0)
        order = np.lexsort((-lengths, -self.sums[2]))[:most].tolist()
        return [(float(self.sums[2, n]), float(lengths[n]), self, n) for n in order]

    def stretch(self, number: int) -> Stretch:
        """One of them, described."""
        own, other = (at[of == number] for at, of in zip(self.elements, self.group, strict=True))
        sides = self.pair.reference, self.pair.candidate
        distances = np.concatenate([sides[0].distances[own], sides[1].distances[other]])
        places = np.concatenate([sides[0].positions(own), sides[1].positions(other)])
        signs = np.concatenate([sides[0].signs[own], sides[1].signs[other]])
        lengths = self.sums[:2, number]
        return Stretch(
            class_id=self.class_id,
            is_outside=bool(signs[0] > 0),
            reference_length=float(lengths[0]),
            candidate_length=float(lengths[1]),
            largest=float(distances.max()),
            mean=float(self.sums[2, number] / lengths.sum()),
            box=_box(places, sides[0] if own.size else sides[1]),
            worst=tuple(places[_furthest(distances, places)].tolist()),
            reference_elements=own,
            candidate_elements=other,
        )


def _furthest(distances: NDArray[np.float64], places: NDArray[np.float64]) -> int:
    """The element furthest off; of several, the one nearest to the middle of them."""
    last = np.flatnonzero(distances == distances.max())
    away = np.square(places[last] - places[last].mean(axis=0)).sum(axis=1)
    return int(last[np.argmin(away)])


def _box(places: NDArray[np.float64], side: DirectedDistances) -> tuple[slice, ...]:
    shape = np.array(side.lattice) - (1 if side.origin else 0)
    start = np.floor(places.min(axis=0)).astype(int).clip(0)
    stop = np.minimum(np.ceil(places.max(axis=0)).astype(int) + 1, shape)
    return tuple(slice(a, b) for a, b in zip(start.tolist(), stop.tolist(), strict=True))


def _runs(side: DirectedDistances, elements: NDArray[np.intp]) -> NDArray[Any]:
    """Number of the connected run of each element; neighbours at a corner count, other sides not.

    Elements come sorted by their flat lattice index, so a neighbour is found by bisection and no
    image is ever made.
    """
    flat, signs = side.lattice_index[elements], side.signs[elements]
    at = np.column_stack(np.unravel_index(flat, side.lattice))
    pairs = []
    ndim = len(side.lattice)
    for step in product((-1, 0, 1), repeat=ndim):
        if step <= (0,) * ndim:
            continue  # the other way round is the same pair
        moved = at + step
        inside = np.flatnonzero(((moved >= 0) & (moved < side.lattice)).all(axis=1))
        wanted = np.ravel_multi_index(tuple(moved[inside].T), side.lattice)
        there = np.searchsorted(flat, wanted).clip(max=max(flat.size - 1, 0))
        hit = (flat[there] == wanted) & (signs[there] == signs[inside]) if flat.size else []
        pairs.append(np.column_stack((inside[hit], there[hit])) if flat.size else moved[:, :2])
    return _components(flat.size, pairs)


def _join(
    sides: Sequence[DirectedDistances],
    elements: Sequence[NDArray[np.intp]],
    runs: Sequence[NDArray[Any]],
    spacing: tuple[float, ...],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Number of the stretch of each element: runs joined where one is the other's nearest."""
    from scipy.spatial import cKDTree

    count = 1 + max((int(part.max()) for part in runs if part.size), default=-1)
    pairs = []
    if all(part.size for part in elements):
        places = [side.positions(at) * spacing for side, at in zip(sides, elements, strict=True)]
        for a, b in ((0, 1), (1, 0)):
            away, nearest = cKDTree(places[b]).query(places[a])
            here = sides[a].distances[elements[a]]
            same = sides[a].signs[elements[a]] == sides[b].signs[elements[b]][nearest]
            # Equal but for rounding: no element within the tolerance is nearer.
            hit = same & (away <= here * (1 + 1e-9) + 1e-9)
            pairs.append(np.column_stack((runs[a][hit], runs[b][nearest[hit]])))
    joined = _components(count, pairs)
    return joined[runs[0]], joined[runs[1]]


def _components(count: int, pairs: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """Number of the connected component of each of ``count`` nodes."""
    listed = list(pairs)
    links = np.concatenate(listed) if listed else np.zeros((0, 2), np.intp)
    group, _ = join_linked(links[:, 0], links[:, 1], count)
    return group.astype(np.intp)
