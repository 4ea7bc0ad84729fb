"""Boundary scores of every class: how far, how often and to which side two outlines differ.

All of them are read off two tables: pixel counts inside the boundary bands, and the distances of
the surface elements. An undefined score is nan and a failure is not: where both masks lack a class
there is nothing to measure; where one of them lacks it the distances are inf and the overlaps 0,
so that a missed object is never dropped from a mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..bands import BandCounts, ClassBand, count_boundary_bands
from ..boundaries import Convention, DirectedDistances, SurfaceDistances, surface_distances
from ..errors import SettingsError
from ..masks import Mask
from ..side_by_side import both
from ..status import Status
from .surface_sums import SurfaceSums, add_up, pixel_quantile, squared_offsets, surface_quantile

__all__ = ["BoundaryScores", "boundary_scores", "hd95_pooled", "score_surfaces"]

#: Elements from which a second thread saves more than it takes to start.
_WORTH_A_THREAD = 1 << 17
_NAN, _INF = float("nan"), float("inf")
#: Of the reference's and of the candidate's surface of one class.
_Both = tuple[SurfaceSums, SurfaceSums]


@dataclass(frozen=True)
class BoundaryScores:
    """Boundary scores of one class of one mask pair; distances in units of the spacing.

    Attributes
    ----------
    class_id : int
    status : Status
        From the valid pixels of the class in both masks.
    surface_status : Status
        Like ``status``, but ``not_applicable`` where a mask has the class and all of its surface
        touches ignored pixels; then the distances are nan.
    band : ClassBand
        Pixel counts behind ``boundary_iou``; they add over samples.
    boundary_iou : float
        IoU of the inner boundary bands (Cheng et al. 2021, doi:10.1109/CVPR46437.2021.01508).
        In [0, 1], 1 is perfect; 0 where one mask lacks the class.
    band_swallows : bool
        The band covers a whole object, so ``boundary_iou`` is no longer about the boundary.
    hd : float
        Hausdorff distance, the largest distance from one surface to the other. ≥ 0, 0 is best;
        inf where one mask lacks the class.
    hd95 : float
        Larger of the two directed 95 % quantiles: of the surface (``surfel``), or of the border
        pixels with linear interpolation (``voxel``).
    assd : float
        Mean distance over the elements of both surfaces together.
    masd : float
        Mean of the two directed mean distances.
    nsd : tuple of (float, float)
        (tolerance, normalised surface distance): share of both surfaces that lies within the
        tolerance of the other (Nikolov et al. 2021, doi:10.2196/26151). In [0, 1], 1 is best.
    boundary_f : float
        Harmonic mean of the two directed shares at the first tolerance; nan without tolerances.
    boundary_offset : float
        Mean signed distance: > 0 where the candidate is drawn too large, < 0 too small. Mean of
        the two directed offsets, |offset| ≤ masd; nan where one mask lacks the class.
    boundary_offset_sd : float
        Standard deviation of the signed distances over both surfaces.
    reference_offset, candidate_offset : float
        Mean signed distance over the elements of one surface.
    reference_surface, candidate_surface : float
        Surface length or area (border pixels for ``voxel``); they add over samples.
    reference_within, candidate_within : tuple of (float, float)
        (tolerance, surface within it); with the surfaces they pool ``nsd`` over samples.
    kept : float
        Share of the surface elements that do not touch ignored pixels.
    """

    class_id: int
    status: Status
    surface_status: Status
    band: ClassBand
    boundary_iou: float
    band_swallows: bool
    hd: float
    hd95: float
    assd: float
    masd: float
    nsd: tuple[tuple[float, float], ...]
    boundary_f: float
    boundary_offset: float
    boundary_offset_sd: float
    reference_offset: float
    candidate_offset: float
    reference_surface: float
    candidate_surface: float
    reference_within: tuple[tuple[float, float], ...]
    candidate_within: tuple[tuple[float, float], ...]
    kept: float


def boundary_scores(
    reference: Mask,
    candidate: Mask,
    class_ids: Iterable[int],
    *,
    tolerances: Sequence[float],
    convention: Convention = "surfel",
    width: int,
    ignore_ids: Iterable[int] = (),
    workers: int = 1,
) -> dict[int, BoundaryScores]:
    """Boundary scores of the given classes of a mask pair.

    Parameters
    ----------
    reference, candidate : Mask
        Same shape; the reference's spacing counts.
    class_ids : iterable of int
    tolerances : sequence of float
        For NSD and the boundary F score, in units of the spacing, each ≥ 0.
    convention : {"surfel", "voxel"}
        How surfaces are made of elements; see
        :func:`~napari_mask_audit.boundaries.surface_distances`.
    width : int
        Band width of Boundary IoU in pixels; see
        :func:`~napari_mask_audit.bands.boundary_width`.
    ignore_ids : iterable of int
        Reference labels whose pixels do not count.
    workers : int
        Threads that may work; at most two do, and one where masks are small.

    Returns
    -------
    dict of int to BoundaryScores
        Ascending class ids.

    Raises
    ------
    MaskError
        ``shape-mismatch``.
    SettingsError
        ``bad-tolerance``, ``bad-boundary-width``, ``bad-convention``.

    Examples
    --------
    >>> a = Mask.from_array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
    >>> b = Mask.from_array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
    >>> scores = boundary_scores(a, b, [1], tolerances=[0, 1], width=1)[1]
    >>> scores.boundary_iou, scores.hd, scores.nsd[1]
    (0.5, 1.0, (1, 1.0))
    """
    ids, ignored = list(class_ids), list(ignore_ids)
    bands = count_boundary_bands(reference.labels, candidate.labels, width, ignore_ids=ignored)
    surfaces = surface_distances(
        reference.labels,
        candidate.labels,
        ids,
        spacing=reference.spacing,
        convention=convention,
        ignore_ids=ignored,
        workers=workers,
    )
    return score_surfaces(
        bands, surfaces, tolerances=tolerances, convention=convention, workers=workers
    )


def score_surfaces(
    bands: BandCounts,
    surfaces: dict[int, SurfaceDistances],
    *,
    tolerances: Sequence[float],
    convention: Convention = "surfel",
    workers: int = 1,
) -> dict[int, BoundaryScores]:
    """Boundary scores from tables that were made before; see :func:`boundary_scores`."""
    if not all(np.isfinite(t) and t >= 0 for t in tolerances):
        raise SettingsError(
            "bad-tolerance",
            f"boundary tolerances must be numbers >= 0 in units of the spacing, but are "
            f"{list(tolerances)}.",
        )
    pairs = list(surfaces.values())
    elements = sum(side.distances.size for pair in pairs for side in _sides(pair))
    threads = workers if elements >= _WORTH_A_THREAD else 1
    own, other = both(
        lambda: add_up([pair.reference for pair in pairs], tolerances, convention),
        lambda: add_up([pair.candidate for pair in pairs], tolerances, convention),
        workers=threads,
    )
    sums = list(zip(own, other, strict=True))
    spreads = _offset_spreads(pairs, sums, threads)
    return {
        class_id: _score(
            class_id, bands[class_id], bands.valid, pair, both_sums, spread, tuple(tolerances)
        )
        for (class_id, pair), both_sums, spread in zip(surfaces.items(), sums, spreads, strict=True)
    }


def _sides(pair: SurfaceDistances) -> tuple[DirectedDistances, DirectedDistances]:
    return pair.reference, pair.candidate


def _score(
    class_id: int,
    band: ClassBand,
    valid: int,
    pair: SurfaceDistances,
    sums: _Both,
    spread: float,
    tolerances: tuple[float, ...],
) -> BoundaryScores:
    status = Status.of(band.reference, band.candidate, valid)
    surface_status = status
    if status is Status.OK and not _measurable(pair):
        surface_status = Status.NOT_APPLICABLE
    own, other = sums
    return BoundaryScores(
        class_id=class_id,
        status=status,
        surface_status=surface_status,
        band=band,
        boundary_iou=band.boundary_iou,
        band_swallows=band.band_swallows_object,
        **_distance_scores(own, other, spread, surface_status),
        **_tolerance_scores(own, other, surface_status, tolerances),
        reference_surface=own.size,
        candidate_surface=other.size,
        reference_within=tuple(zip(tolerances, own.within, strict=True)),
        candidate_within=tuple(zip(tolerances, other.within, strict=True)),
        kept=pair.kept,
    )


_DISTANCES = ("hd", "hd95", "assd", "masd")
_OFFSETS = ("boundary_offset", "boundary_offset_sd", "reference_offset", "candidate_offset")


def _measurable(pair: SurfaceDistances) -> bool:
    """Whether both masks have a surface."""
    return all(side.distances.size for side in _sides(pair))


def _offset_spreads(
    pairs: Sequence[SurfaceDistances], sums: Sequence[_Both], workers: int
) -> list[float]:
    """Standard deviation of the signed distances over both surfaces, nan where one is missing."""
    there = [n for n, pair in enumerate(pairs) if _measurable(pair)]
    sizes = [sum(side.size for side in sums[n]) for n in there]
    means = [sum(s.signed for s in sums[n]) / size for n, size in zip(there, sizes, strict=True)]
    squares = both(
        lambda: squared_offsets([pairs[n].reference for n in there], means),
        lambda: squared_offsets([pairs[n].candidate for n in there], means),
        workers=workers,
    )
    spreads = [_NAN] * len(pairs)
    for n, size, own, other in zip(there, sizes, *squares, strict=True):
        spreads[n] = float(np.sqrt((own + other) / size))
    return spreads


def _distance_scores(
    own: SurfaceSums, other: SurfaceSums, spread: float, status: Status
) -> dict[str, Any]:
    """Scores that are distances: inf where one mask lacks the class, nan where both do."""
    if status is not Status.OK:
        one_empty = status in (Status.REFERENCE_EMPTY, Status.CANDIDATE_EMPTY)
        return dict.fromkeys(_DISTANCES, _INF if one_empty else _NAN) | dict.fromkeys(
            _OFFSETS, _NAN
        )
    offsets = own.signed / own.size, other.signed / other.size
    return {
        "hd": max(own.largest, other.largest),
        "hd95": max(own.quantile, other.quantile),
        "assd": (own.total + other.total) / (own.size + other.size),
        "masd": (own.total / own.size + other.total / other.size) / 2,
        "boundary_offset": sum(offsets) / 2,
        "boundary_offset_sd": spread,
        "reference_offset": offsets[0],
        "candidate_offset": offsets[1],
    }


def _tolerance_scores(
    own: SurfaceSums, other: SurfaceSums, status: Status, tolerances: tuple[float, ...]
) -> dict[str, Any]:
    """Shares of the surfaces: 0 where one mask lacks the class, nan where both do."""
    if status is Status.OK:
        size = own.size + other.size
        nsd = [(a + b) / size for a, b in zip(own.within, other.within, strict=True)]
        shares = [side.within[0] / side.size for side in (own, other) if tolerances]
        f_score = 2 * shares[0] * shares[1] / sum(shares) if any(shares) else 0.0
    else:
        one_empty = status in (Status.REFERENCE_EMPTY, Status.CANDIDATE_EMPTY)
        f_score = 0.0 if one_empty else _NAN
        nsd = [f_score] * len(tolerances)
    return {
        "nsd": tuple(zip(tolerances, nsd, strict=True)),
        "boundary_f": f_score if tolerances else _NAN,
    }


def hd95_pooled(pair: SurfaceDistances, *, convention: Convention = "voxel") -> float:
    """95 % quantile over the elements of both surfaces together, as some tools define HD95.

    It can be smaller or larger than ``BoundaryScores.hd95`` and hides a far object when the other
    surface is long; use it only to compare with numbers computed that way (e.g. by MedPy).

    Returns
    -------
    float
        In units of the spacing; nan where neither mask has a surface, inf where one has none.
    """
    sides = _sides(pair)
    if not all(side.distances.size for side in sides):
        return _INF if any(side.distances.size for side in sides) else _NAN
    distances = np.concatenate([side.distances for side in sides])
    if convention == "voxel":
        return pixel_quantile(distances)
    return surface_quantile(distances, np.concatenate([side.weights for side in sides]))
