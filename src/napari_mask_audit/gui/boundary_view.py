"""Everything the boundary dock shows of one pair of masks, measured once and then only read.

No Qt here. The distances of all boundary elements are measured in a worker and kept sorted, so
that any tolerance is a bisection: nothing is counted again while the slider moves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..bands import bands_of
from ..boundaries import Convention, DirectedDistances, SurfaceDistances, surface_distances
from ..boundary_stretches import Stretches, worst_stretches
from ..masks import LabelArray, canonical_labels
from ..measuring import ClassRules
from ..metrics.boundary import BoundaryScores, score_surfaces
from ..metrics.sensitivity import size_sensitivity
from ..overlap import PairTable, count_overlap
from ..scores import UNDEFINED
from ..settings import Settings
from ..status import Status

#: The plots reach as far as this share of the boundary lies, within these limits in pixels: what
#: is further off was missed or made up, and no tolerance makes that right.
_SHARE, _LEAST_PX, _MOST_PX = 0.97, 5.0, 20.0


@dataclass(frozen=True, eq=False)
class Subject:
    """Two masks to measure, and what their ids mean.

    Attributes
    ----------
    name : str
        What they are masks of, for the status line.
    reference, candidate : ndarray of int
        Labels of one shape, (y, x) or (z, y, x).
    sources : (str, str)
        Names of the two.
    rules : ClassRules
        What the ids mean.
    spacing : tuple of float
        Pixel size per axis.
    unit : str
        Unit of the spacing.
    settings : Settings
        Tolerance and convention to begin with.
    """

    name: str
    reference: LabelArray
    candidate: LabelArray
    sources: tuple[str, str]
    rules: ClassRules
    spacing: tuple[float, ...]
    unit: str
    settings: Settings

    @property
    def tolerance(self) -> float:
        """The first tolerance of the settings, or one pixel."""
        return float(self.settings.tolerances[0] if self.settings.tolerances else min(self.spacing))


@dataclass(frozen=True, eq=False)
class Spread:
    """Sorted values with the share of boundary up to each of them.

    Attributes
    ----------
    values : ndarray of float64, shape (E,)
        Ascending; inf where there is no counterpart.
    share : ndarray of float64, shape (E + 1,)
        Share of the boundary among the first 0, 1, … E values; ends in exactly 1.
    """

    values: NDArray[np.float64]
    share: NDArray[np.float64]

    @classmethod
    def of(cls, values: Sequence[ArrayLike], weights: Sequence[ArrayLike]) -> Spread:
        """Spread of several arrays together."""
        joined = np.concatenate([np.asarray(part, np.float64) for part in (*values, ())])
        sizes = np.concatenate([np.asarray(part, np.float64) for part in (*weights, ())])
        order = np.argsort(joined, kind="stable")
        sums = np.concatenate(([0.0], np.cumsum(sizes[order])))
        return cls(joined[order], sums / sums[-1] if sums[-1] else sums)

    def within(self, limits: ArrayLike) -> NDArray[np.float64]:
        """Share of the boundary at or below each limit; nan without any boundary."""
        at = np.asarray(limits, np.float64)
        if not self.values.size:
            return np.full(at.shape, math.nan)
        return np.asarray(self.share[np.searchsorted(self.values, at, side="right")])

    def quantile(self, share: float) -> float:
        """Smallest value at or below which that share lies; nan without any boundary."""
        if not self.values.size:
            return math.nan
        at = int(np.searchsorted(self.share[1:], share))
        return float(self.values[min(at, self.values.size - 1)])


@dataclass(frozen=True)
class Row:
    """One class of the table; undefined numbers are nan, and ``status`` says why."""

    id: int
    name: str
    status: Status
    nsd: float
    offset: float
    offset_sd: float
    hd95: float
    assd: float
    one_px_cost: float

    @property
    def is_defined(self) -> bool:
        """Whether the class has a boundary that counts in either mask."""
        return self.status not in UNDEFINED


@dataclass(frozen=True, eq=False)
class BoundaryView:
    """The measured boundaries of one pair of masks.

    Attributes
    ----------
    subject : Subject
        What was measured.
    convention : {"surfel", "voxel"}
        How boundaries are cut into elements.
    reference, candidate : ndarray of int
        Class ids; all objects 1 where ids are objects.
    surfaces : mapping of int to SurfaceDistances
        Elements by class.
    scores : mapping of int to BoundaryScores
        What does not depend on the tolerance.
    one_px_costs : mapping of int to float
        IoU that a shift by one pixel would cost.
    names : mapping of int to str
        Names of the classes.
    """

    subject: Subject
    convention: Convention
    reference: LabelArray
    candidate: LabelArray
    surfaces: Mapping[int, SurfaceDistances]
    scores: Mapping[int, BoundaryScores]
    one_px_costs: Mapping[int, float]
    names: Mapping[int, str]
    curves: Mapping[int | None, Spread]
    offsets: Mapping[int | None, Spread]

    @property
    def pixel(self) -> float:
        """The smallest side of a pixel."""
        return min(self.subject.spacing)

    @cached_property
    def defined(self) -> tuple[int, ...]:
        """Classes with a boundary that counts in either mask."""
        return tuple(i for i, s in self.scores.items() if s.surface_status not in UNDEFINED)

    def nsd(self, class_id: int | None, tolerance: float) -> float:
        """NSD of a class, or of all boundaries together (None); nan where undefined."""
        return float(self.curves[class_id].within(tolerance))

    def rows(self, tolerance: float) -> list[Row]:
        """A row per class, lowest NSD first; undefined ones last."""
        rows = [self._row(class_id, tolerance) for class_id in self.scores]
        return sorted(rows, key=lambda r: (not r.is_defined, r.nsd if r.is_defined else 0, r.id))

    def reach(self, class_id: int | None) -> float:
        """How far plots and slider go: a round number, of 5 to 20 pixels."""
        curve = self.curves[class_id]
        last = curve.quantile(_SHARE)
        # Without a boundary, or with most of it missed, the shortest will do.
        far = last if math.isfinite(last) else 0.0
        return rounded_up(min(max(far, _LEAST_PX * self.pixel), _MOST_PX * self.pixel))

    def histogram(self, class_id: int | None, edges: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the boundary by signed distance; the first and the last bin are open.

        Parameters
        ----------
        class_id : int or None
            A class, or all of them together.
        edges : ndarray of float64, shape (B - 1,)
            Inner edges of the bins, ascending. A distance on an edge counts in the bin nearer to
            zero, so that both sides are treated alike: whole pixels are the commonest distances.

        Returns
        -------
        ndarray of float64, shape (B,)
            Sums to 1; nan where no two outlines can be compared.
        """
        below = self.offsets[class_id].within(
            np.where(edges < 0, np.nextafter(edges, -math.inf), edges)
        )
        if np.isnan(below).any():
            return np.full(len(edges) + 1, math.nan)
        return np.diff(below, prepend=0.0, append=1.0)

    def offset(self, class_id: int | None) -> tuple[float, float]:
        """Mean and standard deviation of the signed distance; nan where undefined or for all."""
        if class_id is None:
            return math.nan, math.nan
        score = self.scores[class_id]
        return score.boundary_offset, score.boundary_offset_sd

    def stretches(self, class_id: int | None, tolerance: float) -> Stretches:
        """The worst stretches of a class, or of all; takes a while, so call it in a worker."""
        ids = self.defined if class_id is None else (class_id,)
        chosen = {i: self.surfaces[i] for i in ids if i in self.defined}
        return worst_stretches(chosen, tolerance, spacing=self.subject.spacing)

    def _row(self, class_id: int, tolerance: float) -> Row:
        score = self.scores[class_id]
        return Row(
            class_id,
            self.names[class_id],
            score.surface_status,
            self.nsd(class_id, tolerance),
            score.boundary_offset,
            score.boundary_offset_sd,
            score.hd95,
            score.assd,
            self.one_px_costs.get(class_id, math.nan),
        )


def surfaces_of(
    subject: Subject, convention: Convention
) -> tuple[LabelArray, LabelArray, PairTable, dict[int, SurfaceDistances]]:
    """Both masks as classes, their overlap, and the distances between their surfaces.

    Where ids are objects, all of them together are class 1.

    Raises
    ------
    MaskError
        ``shape-mismatch``, ``bad-spacing``.
    """
    rules = _class_rules(subject.rules)
    reference, candidate = (
        _class_ids(_own(mask), subject.rules) for mask in (subject.reference, subject.candidate)
    )
    counted = count_overlap([reference, candidate], ["reference", "candidate"])
    table = counted.pair("reference", "candidate").without(rules.ignore_ids)
    surfaces = surface_distances(
        reference,
        candidate,
        rules.class_ids(table.ids, subject.settings),
        spacing=subject.spacing,
        convention=convention,
        ignore_ids=rules.ignore_ids,
    )
    return reference, candidate, table, surfaces


def measure_boundaries(subject: Subject, convention: Convention) -> BoundaryView:
    """Measure the boundaries of every class of two masks; for a worker.

    Raises
    ------
    MaskError
        ``shape-mismatch``, ``bad-spacing``.
    """
    rules = _class_rules(subject.rules)
    reference, candidate, table, surfaces = surfaces_of(subject, convention)
    ids = list(surfaces)
    scores = score_surfaces(bands_of(table, ids, 1), surfaces, tolerances=(), convention=convention)
    counting = [i for i, score in scores.items() if score.surface_status not in UNDEFINED]
    both = [i for i in counting if scores[i].surface_status is Status.OK]
    return BoundaryView(
        subject=subject,
        convention=convention,
        reference=reference,
        candidate=candidate,
        surfaces=surfaces,
        scores=scores,
        one_px_costs=size_sensitivity(reference, ids, rules.ignore_ids),
        names={i: rules.name_of(i) for i in ids},
        curves=_spreads(surfaces, counting, signed=False),
        offsets=_spreads(surfaces, both, signed=True),
    )


def _spreads(
    surfaces: Mapping[int, SurfaceDistances], ids: Sequence[int], *, signed: bool
) -> dict[int | None, Spread]:
    """Spread by class, empty where the class is not among ``ids``; None stands for all of them."""

    def of(chosen: Sequence[int]) -> Spread:
        sides = [side for i in chosen for side in (surfaces[i].reference, surfaces[i].candidate)]
        return Spread.of([_values(side, signed) for side in sides], [s.weights for s in sides])

    found: dict[int | None, Spread] = {i: of([i] if i in ids else []) for i in surfaces}
    found[None] = of(ids)
    return found


def _values(side: DirectedDistances, signed: bool) -> NDArray[np.float64]:
    return side.distances * side.signs if signed else side.distances


def _class_rules(rules: ClassRules) -> ClassRules:
    if not rules.instances:
        return rules
    ignored = frozenset({255}) if rules.ignore_ids else frozenset()
    return ClassRules({1: "objects"}, ignored, background_id=0)


def _own(labels: LabelArray) -> LabelArray:
    """Labels nobody else can change: masks are read-only, a layer that is painted on is copied."""
    if isinstance(labels, np.ndarray) and not labels.flags.writeable:
        return labels
    return canonical_labels(np.array(labels))


def _class_ids(labels: LabelArray, rules: ClassRules) -> LabelArray:
    """Class ids of the pixels; numbers of objects mean nothing across masks, so they become 1."""
    if not rules.instances:
        return labels
    classes: LabelArray = (labels != (rules.background_id or 0)).astype(np.uint8)
    classes[np.isin(labels, list(rules.ignore_ids))] = 255
    return classes


def rounded_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7.5, 10 … times a power of ten.

    Examples
    --------
    >>> rounded_up(4.2), rounded_up(5), rounded_up(0.11), rounded_up(31)
    (5.0, 5.0, 0.15, 50.0)
    """
    power = 10.0 ** math.floor(math.log10(value))
    step = next(s for s in (1, 1.5, 2, 3, 5, 7.5, 10) if s * power >= value * (1 - 1e-9))
    return round(step * power, 12)
