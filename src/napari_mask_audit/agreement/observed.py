"""What is kept of one sample once its pixels are let go; every agreement number is read from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import Problem
from ..metrics.instance import InstanceScores
from ..overlap import TupleTable
from .edges import EdgeSums
from .regions import ErrorRegion, Zone

#: Share of an object an annotator must cover to have found it: less is missed, not drawn small.
FOUND_SHARE = 0.25


#: Name under which the consensus of the others is kept.
OTHERS = ""


#: Source pairs as keys.
Pair = tuple[str, str]


@dataclass(frozen=True, eq=False)
class ObjectHabits:
    """Connected pieces of one class in one mask.

    Attributes
    ----------
    pieces : int
        Connected pieces, corners touching.
    specks : int
        Those of at most :data:`SPECK_PX` pixels.
    holes : int
        Pieces of something else that the class surrounds completely.
    pixels : int
        All pixels of the class.
    """

    pieces: int
    specks: int
    holes: int
    pixels: int


@dataclass(frozen=True, eq=False)
class Found:
    """Objects of a truth (a reference, a consensus), and whether an annotator has them.

    Attributes
    ----------
    area : ndarray of int64, shape (n,)
        Pixels of each object; specks are left out.
    found : ndarray of bool, shape (n,)
        Whether the annotator covers at least a quarter of it with the same class.
    """

    area: NDArray[np.int64]
    found: NDArray[np.bool_]


@dataclass(frozen=True)
class Shared:
    """Pixels of one class that a source shares with a consensus; counts add.

    Attributes
    ----------
    both, own, true : int
        Pixels that both give to the class, that the source does, and that the consensus does.
        Ties of the consensus, and pixels where one of the two says nothing, are left out.
    """

    both: int
    own: int
    true: int

    def __add__(self, other: Shared) -> Shared:
        return Shared(self.both + other.both, self.own + other.own, self.true + other.true)

    @property
    def iou(self) -> float:
        """IoU; NaN where neither has the class."""
        union = self.own + self.true - self.both
        return self.both / union if union else math.nan

    @property
    def sensitivity(self) -> float:
        """Share of the consensus's pixels; NaN where it has none."""
        return self.both / self.true if self.true else math.nan

    @property
    def precision(self) -> float:
        """Share of the source's own pixels; NaN where it has none."""
        return self.both / self.own if self.own else math.nan


#: Of a class that does not occur.
NOTHING_SHARED = Shared(0, 0, 0)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One annotator set against the consensus of the others, and the models against the same.

    Attributes
    ----------
    annotator : str
        Who is left out.
    others : tuple of str
        Who votes.
    edges : mapping of str to mapping of int to EdgeSums
        By source (the annotator, and every prediction) and class; the consensus comes first, so
        positive offsets mean "draws outside the consensus". Ties count half either way.
    pixels : mapping of str to mapping of int to Shared
        Pixels shared with the consensus, by source and class.
    """

    annotator: str
    others: tuple[str, ...]
    edges: Mapping[str, Mapping[int, EdgeSums]]
    pixels: Mapping[str, Mapping[int, Shared]]


@dataclass(frozen=True, eq=False)
class Observation:
    """What is kept of one sample.

    Attributes
    ----------
    sample : str
        Its name.
    group : str or None
        Patient, scene or slide.
    spacing : tuple of float
        Pixel size per axis.
    grid : ndarray of float64
        Tolerances of the curves.
    table : TupleTable
        Over all readable masks.
    digests : mapping of str to str
        Fingerprint of the ids of each mask.
    has_object : mapping of str to bool
        Whether a mask holds anything but background and void.
    times : mapping of str to float
        When each mask file was last written, seconds.
    edges : mapping of (str, str) to mapping of int to EdgeSums
        By pair of sources and class.
    instances : mapping of (str, str) to InstanceScores
        By pair, for datasets of objects.
    habits : mapping of str to mapping of int to ObjectHabits
        By annotator and class.
    held_out : mapping of str to HeldOut
        By annotator.
    found : mapping of (str, str) to mapping of int to Found
        By truth (a reference, or :data:`OTHERS`) and annotator, then by class.
    errors : tuple of ErrorRegion
        Regions where a model differs from a reference.
    zones : tuple of Zone
        Regions where two annotators use different classes.
    problems : tuple of Problem
        Masks that could not be used.
    """

    sample: str
    group: str | None
    spacing: tuple[float, ...]
    grid: NDArray[np.float64]
    table: TupleTable
    digests: Mapping[str, str]
    has_object: Mapping[str, bool]
    times: Mapping[str, float]
    edges: Mapping[Pair, Mapping[int, EdgeSums]]
    instances: Mapping[Pair, InstanceScores]
    habits: Mapping[str, Mapping[int, ObjectHabits]]
    held_out: Mapping[str, HeldOut]
    found: Mapping[Pair, Mapping[int, Found]]
    errors: tuple[ErrorRegion, ...]
    zones: tuple[Zone, ...]
    problems: tuple[Problem, ...]


def shared_pixels(
    table: TupleTable,
    source: str,
    truth: NDArray[np.int32],
    counted: NDArray[np.bool_],
    class_ids: Sequence[int],
) -> dict[int, Shared]:
    """Pixels of every class that a source shares with a consensus.

    Parameters
    ----------
    table : TupleTable
        U rows.
    source : str
        One of its sources.
    truth : ndarray of int32, shape (U,)
        The consensus of each row.
    counted : ndarray of bool, shape (U,)
        Rows that count.
    class_ids : sequence of int
        Classes to count.
    """
    own = table.labels[counted, table.sources.index(source)]
    true, pixels = truth[counted], table.counts[counted]
    equal = own == true
    return {
        class_id: Shared(
            int(pixels[equal & (own == class_id)].sum()),
            int(pixels[own == class_id].sum()),
            int(pixels[true == class_id].sum()),
        )
        for class_id in class_ids
    }
