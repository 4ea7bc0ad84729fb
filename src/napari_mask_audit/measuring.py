"""Two arrays in, scores out: the one place where masks are measured against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .boundaries import boundary_width
from .metrics.band import band_scores
from .metrics.region import pixel_accuracy, region_scores
from .overlap import PairTable
from .scores import ClassScores, PairScores
from .settings import Settings


def band_width(shape: tuple[int, ...], settings: Settings) -> int:
    """Width in pixels of the Boundary IoU band for masks of this shape."""
    if settings.boundary_width_px is not None:
        return settings.boundary_width_px
    return boundary_width(shape, settings.boundary_fraction)


def score_pair(
    table: PairTable,
    *,
    sample: str | None,
    declared_ids: Iterable[int],
    ignore_ids: frozenset[int],
    left_out_ids: frozenset[int],
    name_of: Callable[[int], str],
) -> PairScores:
    """Scores of a candidate against a reference from their counted table.

    Parameters
    ----------
    table : PairTable
        Counts of the two masks, nothing left out yet.
    sample : str or None
        Name of the sample.
    declared_ids : iterable of int
        Classes that get a row even where they do not occur.
    ignore_ids : frozenset of int
        Reference pixels with these ids count nowhere.
    left_out_ids : frozenset of int
        Ids that get no row: ignored ones, and the background.
    name_of : callable
        Class name from class id.
    """
    counted = table.without(ignore_ids)
    class_ids = sorted((set(declared_ids) | counted.ids) - left_out_ids)
    regions = region_scores(counted, class_ids)
    bands = band_scores(counted, class_ids)
    rows = tuple(
        ClassScores(class_id, name_of(class_id), regions[class_id], bands[class_id])
        for class_id in class_ids
    )
    return PairScores(sample, rows, pixel_accuracy(counted), counted.pixels)
