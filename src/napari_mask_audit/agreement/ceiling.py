"""How good can a model get here? As good as one annotator against the others, hardly better.

Model and annotators sit the same exam: for each annotator left out, both are scored against the
consensus of the remaining ones, on the same samples, and compared pairwise. Scoring people against
a consensus that contains them, and a model against one that does not, would flatter the people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset
from ..dataset.model import Role
from ..metrics.intervals import Interval, Resampling, mean_interval, paired_difference_interval
from ..scores import or_none
from ..settings import Settings
from .ceiling_words import ceiling_sentences
from .contests import Contest
from .edges import REACH_PX, EdgeSums
from .observation import annotators_of
from .observed import NOTHING_SHARED, Observation
from .pairwise import classes_of, interval_dict, resampling_groups

FloatArray = NDArray[np.float64]
#: Agreement at which a tolerance counts as reached.
TARGET_NSD = 0.95


@dataclass(frozen=True)
class Curve:
    """NSD over tolerances.

    Attributes
    ----------
    tolerances : tuple of float
        In pixels (the smallest spacing).
    annotators_low, annotators_mean, annotators_high : tuple of float
        Over the annotators left out: each one's NSD against the others, pooled over samples.
    models : tuple of (str, tuple of float)
        Each model's NSD against the same sets, the mean over them.
    """

    tolerances: tuple[float, ...]
    annotators_low: tuple[float, ...]
    annotators_mean: tuple[float, ...]
    annotators_high: tuple[float, ...]
    models: tuple[tuple[str, tuple[float, ...]], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "tolerances_px": list(self.tolerances),
            "annotators_low": [or_none(v) for v in self.annotators_low],
            "annotators_mean": [or_none(v) for v in self.annotators_mean],
            "annotators_high": [or_none(v) for v in self.annotators_high],
            "models": {name: [or_none(v) for v in values] for name, values in self.models},
        }


@dataclass(frozen=True)
class Ceiling:
    """The human ceiling of one class.

    Attributes
    ----------
    class_id : int
        The class.
    class_name : str
        Its name.
    human_iou : Interval
        Mean IoU of an annotator against the consensus of the others.
    model_ious : tuple of (str, Interval)
        Each model against the same sets.
    contests : tuple of Contest
        By model and annotator; empty where annotators are not persons.
    curve : Curve
        NSD over tolerances.
    tolerance_px : float
        Smallest tolerance at which annotators agree to 95 %; NaN when they never do.
    model_enters_px : tuple of (str, float)
        Smallest tolerance at which each model reaches the weakest annotator.
    sentences : tuple of str
        What this means, in words.
    """

    class_id: int
    class_name: str
    human_iou: Interval
    model_ious: tuple[tuple[str, Interval], ...]
    contests: tuple[Contest, ...]
    curve: Curve
    tolerance_px: float
    model_enters_px: tuple[tuple[str, float], ...]
    sentences: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "class_id": self.class_id,
            "class_name": self.class_name,
            "human_iou": or_none(self.human_iou.value),
            "human_iou_interval": interval_dict(self.human_iou),
            "models": [
                {"name": name, "iou": or_none(i.value), "iou_interval": interval_dict(i)}
                for name, i in self.model_ious
            ],
            "contests": [contest.to_dict() for contest in self.contests],
            "curve": self.curve.to_dict(),
            "tolerance_95_px": or_none(self.tolerance_px),
            "model_enters_px": {name: or_none(value) for name, value in self.model_enters_px},
            "sentences": list(self.sentences),
        }


def ceilings(
    dataset: Dataset, observations: Sequence[Observation], settings: Settings
) -> tuple[tuple[Ceiling, ...], str]:
    """The human ceiling of every class, or the reason why there is none."""
    annotators = list(annotators_of(dataset))
    if len(annotators) < 2:
        return (), "a human ceiling needs two annotators, better three"
    if dataset.task == "instance" and dataset.background_id is None:
        return (), "the masks hold region numbers: there is no consensus of unrelated numbers"
    with_consensus = [o for o in observations if len(o.held_out) > 1]
    if not with_consensus:
        return (), "no sample has masks of two annotators"
    found = []
    for class_id in classes_of(dataset, observations, settings):
        ceiling = _Exam(dataset, with_consensus, settings, annotators, class_id).ceiling()
        if ceiling is not None:
            found.append(ceiling)
    return tuple(found), ""


class _Exam:
    """Everybody's scores on one class: rows are samples, columns the annotator left out."""

    def __init__(
        self,
        dataset: Dataset,
        observations: Sequence[Observation],
        settings: Settings,
        annotators: list[str],
        class_id: int,
    ) -> None:
        self.dataset, self.observations = dataset, observations
        self.annotators, self.class_id = annotators, class_id
        self.models = [source.name for source in dataset.with_role(Role.PREDICTION)]
        self.resampling = Resampling(resamples=settings.resamples, seed=settings.seed)
        self.groups = resampling_groups([o.group for o in observations])
        self.human, self.model = self._ious()

    def _ious(self) -> tuple[FloatArray, dict[str, FloatArray]]:
        shape = (len(self.observations), len(self.annotators))
        human = np.full(shape, math.nan)
        model = {name: np.full(shape, math.nan) for name in self.models}
        for row, o in enumerate(self.observations):
            for column, name in enumerate(self.annotators):
                if name not in o.held_out:
                    continue
                shared = o.held_out[name].pixels
                human[row, column] = shared[name].get(self.class_id, NOTHING_SHARED).iou
                for other, table in model.items():
                    if other in shared:
                        table[row, column] = shared[other].get(self.class_id, NOTHING_SHARED).iou
        return human, model

    def ceiling(self) -> Ceiling | None:
        if not np.isfinite(self.human).any():
            return None
        curve = self._curve()
        tolerance = _first_reaching(curve.tolerances, curve.annotators_mean, TARGET_NSD)
        enters = tuple(
            (name, _first_not_below(curve.tolerances, values, curve.annotators_low))
            for name, values in curve.models
        )
        model_ious = tuple(
            (name, self._interval(table))
            for name, table in self.model.items()
            if np.isfinite(table).any()
        )
        persons = self.dataset.annotators_are_persons
        contests = tuple(self._contests()) if persons else ()
        name = self.dataset.class_words(self.class_id)
        human = self._interval(self.human)
        lone = 1 - curve.annotators_mean[curve.tolerances.index(REACH_PX / 2)]
        sentences = ceiling_sentences(
            name, human, model_ious, contests, tolerance, lone, self.annotators
        )
        return Ceiling(
            self.class_id,
            name,
            human,
            model_ious,
            contests,
            curve,
            tolerance,
            enters,
            sentences,
        )

    def _interval(self, table: FloatArray) -> Interval:
        """Mean over the annotators left out, then over samples."""
        known = np.isfinite(table)
        sums, number = np.where(known, table, 0).sum(axis=1), known.sum(axis=1)
        means = np.where(number > 0, sums / np.maximum(number, 1), math.nan)
        return mean_interval(means, groups=self.groups, resampling=self.resampling)

    def _contests(self) -> list[Contest]:
        """Every model against every annotator it shares samples with."""
        found = []
        for name, table in self.model.items():
            both = np.isfinite(table) & np.isfinite(self.human)
            columns = np.flatnonzero(both.any(axis=0)).tolist()
            for column in columns:
                scores = table[:, column], self.human[:, column]
                difference = paired_difference_interval(
                    *scores, groups=self.groups, resampling=self.resampling
                )
                names = name, self.annotators[column]
                found.append(Contest.of(names, scores, difference, self.groups, len(columns)))
        return found

    def _curve(self) -> Curve:
        """Pooled NSD of every annotator and model, at tolerances in pixels."""
        grid = np.arange(0, 32.001, 0.25)
        people = [self._nsd(name, [name], grid) for name in self.annotators]
        known = [values for values in people if np.isfinite(values).all()]
        table = np.array(known) if known else np.full((1, len(grid)), math.nan)
        models = []
        for name in self.models:
            values = self._nsd(name, self.annotators, grid)
            if np.isfinite(values).all():
                models.append((name, tuple(values.tolist())))
        return Curve(
            tuple(grid.tolist()),
            tuple(table.min(axis=0).tolist()),
            tuple(table.mean(axis=0).tolist()),
            tuple(table.max(axis=0).tolist()),
            tuple(models),
        )

    def _nsd(self, source: str, left_out: Sequence[str], grid: FloatArray) -> FloatArray:
        """NSD of a source, pooled over samples and over the annotators left out."""
        within, size = np.zeros(len(grid)), 0.0
        for o in self.observations:
            for name in left_out:
                sums = self._sums(o, name, source)
                if sums is not None:
                    at = np.searchsorted(o.grid, grid * min(o.spacing) + 1e-9, side="right") - 1
                    within += sums.within[:, at].sum(axis=0)
                    size += float(sums.size.sum())
        return within / size if size else np.full(len(grid), math.nan)

    def _sums(self, o: Observation, left_out: str, source: str) -> EdgeSums | None:
        if left_out not in o.held_out:
            return None
        return o.held_out[left_out].edges.get(source, {}).get(self.class_id)


def _first_reaching(tolerances: Sequence[float], values: Sequence[float], target: float) -> float:
    for tolerance, value in zip(tolerances, values, strict=True):
        if value >= target:
            return tolerance
    return math.nan


def _first_not_below(
    tolerances: Sequence[float], values: Sequence[float], band: Sequence[float]
) -> float:
    for tolerance, value, low in zip(tolerances, values, band, strict=True):
        if value >= low:
            return tolerance
    return math.nan
