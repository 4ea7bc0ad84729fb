"""Where a forest that never saw a sample contradicts its label, and in which way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels.components import label_components
from ..masks import LabelArray
from .lessons import INSIDE, NOTHING, Lesson, Votes, chance_of, rim_of
from .object_places import numbered, object_places
from .outlines import RegionMoves, region_moves
from .places import MIN_CHANCE, MIN_PIXELS, PlaceKind, SuspectPlace, box_of

#: A forest that gives another class at least this probability is taken to be sure.
SURE = 0.8
_MOST_PLACES = 50
_TEMPERATURE = 0.1


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything an out-of-fold prediction says about one label.

    Attributes
    ----------
    disagreement, sure : float
        Share of the counted pixels that are predicted differently, and with certainty.
    quality : float
        Softmin over the counted pixels of the probability that the label is right, 0 to 1: about
        that of the least probable ones.
    places : tuple of SuspectPlace
        Candidates; which of them count is decided when all samples are known.
    moves : RegionMoves or None
        How the outlines of each object lie, or of each region of the only class there is.
    ids : ndarray of integer
        Ids of the objects that ``moves`` numbers from 1; empty where ids are classes.
    pixels : int
        Size of the mask.
    flat : bool
        Whether the mask is 2D.
    """

    disagreement: float
    sure: float
    quality: float
    places: tuple[SuspectPlace, ...]
    moves: RegionMoves | None
    ids: NDArray[Any]
    pixels: int
    flat: bool


def weigh(
    labels: LabelArray, votes: Votes, classes: NDArray[Any], lesson: Lesson, flat: bool
) -> Evidence:
    """Compare a label with out-of-fold votes.

    Parameters
    ----------
    labels : ndarray of integer, shape (z, y, x)
        The label.
    votes : ndarray of float32, shape (z, y, x, classes)
        Probabilities.
    classes : ndarray of integer, shape (classes,)
        Which classes these are.
    lesson : Lesson
        What was learned.
    flat : bool
        Whether the mask is 2D: boxes then have two sides.
    """
    taught = lesson.classes(labels)
    counted = ~np.isin(taught, sorted(lesson.skipped))
    seen = classes[votes.argmax(axis=-1)]
    top = votes.max(axis=-1)
    quality = _softmin(_chance_of_label(taught, votes, classes)[counted])
    moves: RegionMoves | None = None
    ids: NDArray[Any] = np.zeros(0, np.int64)
    if lesson.objects:  # a rim is part of its object
        taught, seen = np.minimum(taught, INSIDE), np.minimum(seen, INSIDE)
        body = 1 - chance_of(votes, classes, NOTHING)
        top = np.maximum(body, 1 - body)
        places = list(object_places(labels, votes, classes, lesson, body))
        moves = region_moves(numbered(labels, lesson), body)
        present = np.unique(labels)
        ids = present[~lesson.is_nothing(present)]
    else:
        places = list(_class_places(labels, seen, top, counted, lesson))
        if lesson.background is not None and len(classes) == 2:
            drawn = label_components((~lesson.is_nothing(labels)).astype(np.int32), background=0)
            moves = region_moves(drawn.image(), 1 - chance_of(votes, classes, lesson.background))
    wrong = counted & (seen != taught)
    pixels = max(1, int(np.count_nonzero(counted)))
    found = sorted(places, key=lambda p: (-p.pixels * p.chance, p.bbox))[:_MOST_PLACES]
    if flat:
        found = [replace(place, bbox=place.bbox[1:]) for place in found]
    return Evidence(
        int(np.count_nonzero(wrong)) / pixels,
        int(np.count_nonzero(wrong & (top >= SURE))) / pixels,
        quality,
        tuple(found),
        moves,
        ids,
        labels.size,
        flat,
    )


def _chance_of_label(taught: LabelArray, votes: Votes, classes: NDArray[Any]) -> Votes:
    """The probability that forests give to what the label says, shape (z, y, x)."""
    index = np.searchsorted(classes, taught).clip(0, len(classes) - 1)
    chance = np.take_along_axis(votes, index[..., None], -1)[..., 0]
    return np.where(classes[index] == taught, chance, np.float32(0))


def _softmin(chance: Votes) -> float:
    """The mean of probabilities, with far more weight on the low ones (temperature 0.1).

    Examples
    --------
    >>> round(_softmin(np.array([1.0, 1.0, 0.0])), 4)
    0.0001
    """
    if chance.size == 0:
        return 1.0
    weight = np.exp((1 - chance.astype(np.float64)) / _TEMPERATURE)
    return float((chance * weight).sum() / weight.sum())


# -- classes -------------------------------------------------------------------------------------


def _class_places(
    labels: LabelArray, seen: LabelArray, top: Votes, counted: NDArray[np.bool_], lesson: Lesson
) -> Iterator[SuspectPlace]:
    """Regions in which one class is labelled and another one is seen."""
    differs = counted & (seen != labels) & (top >= MIN_CHANCE) & ~rim_of(labels)
    ids, index = np.unique(np.stack([labels, seen]), return_inverse=True)
    first, second = index.reshape(2, *labels.shape)
    code = np.where(differs, first * ids.size + second + 1, 0).astype(np.int32)
    regions = label_components(code, connectivity="face", background=0)
    number = regions.image()
    chance = np.bincount(number.ravel(), top.ravel(), len(regions) + 1)[1:] / regions.area
    for n in np.flatnonzero(regions.area >= MIN_PIXELS).tolist():
        own, other = divmod(int(regions.label[n]) - 1, ids.size)
        label, instead = int(ids[own]), int(ids[other])
        kind = PlaceKind.CONFUSED
        if label == lesson.background:
            kind = PlaceKind.MISSING
        elif instead == lesson.background:
            kind = PlaceKind.EXTRA
        yield SuspectPlace(
            kind, label, instead, int(regions.area[n]), box_of(regions.box(n)), float(chance[n])
        )
