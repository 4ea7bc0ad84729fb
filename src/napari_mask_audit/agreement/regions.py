"""Regions worth a look: where a model leaves its reference, and where two annotators part.

Every region gets a box, a point inside, and the counts on which it is judged. Judgement itself is
per vote pattern (:func:`judge`), so a region is only a sum over its pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import boundary_bands
from ..kernels.components import (
    Components,
    Regions,
    label_components,
    label_components_of_pairs,
)
from ..masks import LabelArray
from ..overlap import TupleTable
from .expansion import RowMap
from .votes import VoteTable

#: Share of the annotators who must say the same before they count as agreeing.
AGREEING_SHARE = 0.75
#: Annotators it takes to put a reference in doubt: one alone is just another opinion.
MINIMUM_AGAINST = 2
#: Pieces up to this many pixels are specks.
SPECK_PX = 4
#: Share of an object that must have another class for the other annotator to be a conflict.
WHOLE_SHARE = 0.8
#: A region that is no whole object must be wider than twice this, in pixels, to be no sliver.
_ROOM_PX = 3


class Blame(StrEnum):
    """Whose problem a difference between model and reference is."""

    MODEL_ERROR = "model_error"
    LABEL_UNSTABLE = "label_unstable"
    SUSPECT_REFERENCE = "suspect_reference"
    UNJUDGED = "unjudged"


BLAMES = tuple(Blame)


@dataclass(frozen=True)
class Place:
    """Where something is.

    Attributes
    ----------
    sample : str
        Sample name.
    start, stop : tuple of int
        Bounding box, half open, (y, x) or (z, y, x).
    point : tuple of int
        A pixel inside.
    pixels : int
        Its size.
    """

    sample: str
    start: tuple[int, ...]
    stop: tuple[int, ...]
    point: tuple[int, ...]
    pixels: int

    @classmethod
    def of(
        cls, sample: str, regions: Regions, index: int, origin: NDArray[np.int64] | int = 0
    ) -> Place:
        """The place of one connected region of a cutout that starts at ``origin``."""
        return cls(
            sample,
            tuple((regions.start[index] + origin).tolist()),
            tuple((regions.stop[index] + origin).tolist()),
            tuple((regions.inside[index] + origin).tolist()),
            int(regions.area[index]),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "sample": self.sample,
            "start": list(self.start),
            "stop": list(self.stop),
            "point": list(self.point),
            "pixels": self.pixels,
        }


@dataclass(frozen=True)
class ErrorRegion:
    """A connected region in which a model has one class and the reference another.

    Attributes
    ----------
    place : Place
        Where.
    reference, model : str
        The two sources.
    reference_id, model_id : int
        What each of them says.
    blame : Blame
        Of most of its pixels; ``label_unstable`` when no kind has more than half.
    pixels_by_blame : tuple of int
        In the order of :data:`BLAMES`.
    """

    place: Place
    reference: str
    model: str
    reference_id: int
    model_id: int
    blame: Blame
    pixels_by_blame: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            **self.place.to_dict(),
            "reference": self.reference,
            "model": self.model,
            "reference_id": self.reference_id,
            "model_id": self.model_id,
            "blame": self.blame.value,
            **{f"{b.value}_pixels": n for b, n in zip(BLAMES, self.pixels_by_blame, strict=True)},
        }


@dataclass(frozen=True)
class Zone:
    """A connected region that one annotator gives one class, the other another.

    Attributes
    ----------
    place : Place
        Where.
    first, second : str
        The annotators.
    first_id, second_id : int
        What each of them says.
    """

    place: Place
    first: str
    second: str
    first_id: int
    second_id: int


def judge(
    table: TupleTable,
    reference: str,
    model: str,
    annotators: Sequence[str],
    *,
    ignore_ids: Iterable[int] = (),
) -> NDArray[np.int8]:
    """Whose problem each row of a table is.

    Parameters
    ----------
    table : TupleTable
        Of one sample.
    reference, model : str
        Two of its sources.
    annotators : sequence of str
        Independent opinions: not the reference, and nobody whose mask is a copy of it.
    ignore_ids : iterable of int
        Reference labels that do not count, and labels that are no opinion.

    Returns
    -------
    ndarray of int8, shape (U,)
        Position in :data:`BLAMES`; −1 where model and reference agree, or nothing counts.

    Notes
    -----
    ``model_error``: at least three quarters of the annotators say what the reference says.
    ``suspect_reference``: at least three quarters of them, and at least two, say one and the same
    other thing: the reference stands alone. Otherwise ``label_unstable``: a single annotator who
    sides with the model is not enough to call a label wrong. ``unjudged``: no annotator here.
    """
    votes = VoteTable.of(table, annotators, ignore_ids=ignore_ids)
    said = votes.present
    own = table.labels[:, table.sources.index(reference)]
    other = table.labels[:, table.sources.index(model)]
    needed = np.ceil(AGREEING_SHARE * said - 1e-9)
    with_reference = (votes.labels == own[:, None]).sum(axis=1)
    tally = votes.tally()
    tally[votes.ids == own[:, None]] = 0
    strongest = tally.max(axis=1, initial=0)
    found = np.full(len(own), BLAMES.index(Blame.LABEL_UNSTABLE), np.int8)
    alone = (strongest >= needed) & (strongest >= MINIMUM_AGAINST)
    found[alone] = BLAMES.index(Blame.SUSPECT_REFERENCE)
    found[with_reference >= needed] = BLAMES.index(Blame.MODEL_ERROR)
    found[said == 0] = BLAMES.index(Blame.UNJUDGED)
    found[(own == other) | np.isin(own, np.fromiter(ignore_ids, np.int64))] = -1
    return found


def error_regions(
    sample: str,
    rows: RowMap,
    table: TupleTable,
    reference: str,
    model: str,
    annotators: Sequence[str],
    *,
    masks: tuple[LabelArray, LabelArray],
    ignore_ids: frozenset[int] = frozenset(),
    origin: NDArray[np.int64] | int = 0,
) -> list[ErrorRegion]:
    """Regions where a model differs from a reference, each with whose problem it is.

    Parameters
    ----------
    sample : str
        Name of the sample.
    rows : RowMap
        Pixels of ``table``, row for row.
    table : TupleTable
        Label combinations of the sample.
    reference, model, annotators, ignore_ids
        As in :func:`judge`.
    masks : pair of ndarray
        Reference and model.
    origin : ndarray of int64, optional
        Where the masks begin, if they are cut out of larger ones.
    """
    blame = rows.expand(judge(table, reference, model, annotators, ignore_ids=ignore_ids))
    regions = label_components_of_pairs(*masks, where=blame >= 0)
    if not len(regions):
        return []
    sums = RowMap.of([regions.image(), blame])
    counts = np.zeros((len(regions) + 1, len(BLAMES)), np.int64)
    wrong = sums.labels[:, 0] > 0
    np.add.at(counts, (sums.labels[wrong, 0], sums.labels[wrong, 1]), sums.counts[wrong])
    return [
        ErrorRegion(
            Place.of(sample, regions, index, origin),
            reference,
            model,
            int(regions.reference_id[index]),
            int(regions.candidate_id[index]),
            _mostly(counts[index + 1]),
            tuple(counts[index + 1].tolist()),
        )
        for index in range(len(regions))
    ]


def _mostly(counts: NDArray[np.int64]) -> Blame:
    best = int(counts.argmax())
    return BLAMES[best] if 2 * counts[best] > counts.sum() else Blame.LABEL_UNSTABLE


@dataclass(frozen=True, eq=False)
class Pieces:
    """Connected objects of one mask.

    Attributes
    ----------
    components : Components
        All of them, without the background.
    picture : ndarray of int32, shape of the mask
        Their numbers, from 1; 0 on the background.
    """

    components: Components
    picture: NDArray[np.int32]

    @classmethod
    def of(cls, mask: LabelArray, background: int | None) -> Pieces:
        """The objects of a mask."""
        components = label_components(mask, background=background)
        return cls(components, components.image())

    def sizes_at(self, points: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pixels of the objects at some points, shape (n, ndim); 0 on the background."""
        sizes = np.concatenate([[0], self.components.area])
        found: NDArray[np.int64] = sizes[self.picture[tuple(points.T)]]
        return found


def roomy(mask: LabelArray) -> NDArray[np.bool_]:
    """Pixels with one label all around, as far as a zone must have room."""
    return ~boundary_bands(mask, _ROOM_PX)


def zones(
    sample: str,
    annotators: tuple[str, str],
    masks: tuple[LabelArray, LabelArray],
    pieces: tuple[Pieces, Pieces],
    inner: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    *,
    background: int | None,
    ignore_ids: frozenset[int] = frozenset(),
    origin: NDArray[np.int64] | int = 0,
) -> list[Zone]:
    """Regions in which two annotators use different classes for the same thing.

    Parts along outlines are left out. A region must be most of an object of either of the two (and
    no speck); or, where neither says background, it must have room for a square of 7 pixels.
    `inner` are the pixels of either mask around which there is room for it: :func:`roomy`.
    """
    counts = masks[0] != masks[1]
    for mask in masks:
        if ignore_ids:
            counts &= ~np.isin(mask, list(ignore_ids))
    regions = label_components_of_pairs(*masks, where=counts)
    if not len(regions):
        return []
    wanted = (
        regions.reached(counts & inner[0] & inner[1])
        & (regions.reference_id != background)
        & (regions.candidate_id != background)
    )
    for own in pieces:
        drawn = own.sizes_at(regions.inside)
        wanted |= (regions.area >= WHOLE_SHARE * drawn) & (drawn > SPECK_PX)
    return [
        Zone(
            Place.of(sample, regions, index, origin),
            *annotators,
            int(regions.reference_id[index]),
            int(regions.candidate_id[index]),
        )
        for index in np.flatnonzero(wanted).tolist()
    ]
