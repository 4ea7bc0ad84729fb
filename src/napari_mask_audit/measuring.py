"""Masks in, scores out: the one place where masks are measured against each other.

The masks of a sample are counted once, together. What belongs to one mask (its surfaces, its
shape's sensitivity, its topology) is found once per mask; only distances are measured per pair.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .bands import bands_of, boundary_width
from .boundaries import Surfaces, distances_between, find_surfaces, useful_threads
from .confusion import ConfusionMatrix
from .kernels import count_tuples
from .masks import LabelArray, Mask
from .metrics.boundary import score_surfaces
from .metrics.instance import InstanceScores, instance_scores
from .metrics.region import pixel_accuracy, region_scores
from .metrics.sensitivity import size_sensitivity
from .metrics.topology import Topology, class_topology
from .object_overlap import ObjectOverlap
from .overlap import TupleTable, count_overlap
from .scores import ClassScores, PairScores
from .settings import Settings
from .side_by_side import both

# What ignored pixels carry in the class map of objects.
_IGNORED_OBJECTS = 255


@dataclass(frozen=True)
class ClassRules:
    """What the ids mean.

    Attributes
    ----------
    names : mapping of int to str
        Declared classes; they get a row even where they do not occur.
    ignore_ids : frozenset of int
        Reference pixels with these ids count nowhere.
    background_id : int or None
        Id that is no class and no object.
    default_names : mapping of int to str
        Names of classes nobody declared.
    instances : bool
        Whether ids are objects: then all objects together are one class, and objects are matched.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    ignore_ids: frozenset[int] = frozenset()
    background_id: int | None = None
    default_names: Mapping[int, str] = field(default_factory=dict)
    instances: bool = False

    def name_of(self, class_id: int) -> str:
        """Name of a class, its id where it has none."""
        return self.names.get(class_id) or self.default_names.get(class_id, str(class_id))

    def class_ids(self, present: Collection[int], settings: Settings) -> list[int]:
        """Classes that get a row: declared or present, and not left out."""
        left_out = set(self.ignore_ids)
        if self.background_id is not None and not settings.include_background:
            left_out.add(self.background_id)
        return sorted({*self.names, *present} - left_out)

    @property
    def of_class_map(self) -> ClassRules:
        """The rules for what :func:`class_map` makes: for objects, one class of all of them."""
        if not self.instances:
            return self
        ignored = frozenset({_IGNORED_OBJECTS}) if self.ignore_ids else frozenset()
        return ClassRules({1: "objects"}, ignored, background_id=0)


def class_map(labels: LabelArray, rules: ClassRules) -> LabelArray:
    """Class ids of a mask: the labels themselves, or for objects 1 wherever there is one."""
    if not rules.instances:
        return labels
    background = 0 if rules.background_id is None else rules.background_id
    objects: LabelArray = (labels != background).astype(np.uint8)
    for ignored in rules.ignore_ids:
        objects[labels == ignored] = _IGNORED_OBJECTS
    return objects


def score_objects(
    labels: NDArray[np.int32], counts: NDArray[np.int64], rules: ClassRules, settings: Settings
) -> InstanceScores:
    """Object matching from counted label pairs (reference id, candidate id)."""
    keep = ~np.isin(labels[:, 0], list(rules.ignore_ids))
    background = 0 if rules.background_id is None else rules.background_id
    return instance_scores(
        ObjectOverlap.from_tuples(labels[keep], counts[keep], background=background),
        threshold=settings.match_threshold,
        rule=settings.match_rule,
    )


def band_width(shape: tuple[int, ...], settings: Settings) -> int:
    """Width in pixels of the Boundary IoU band for masks of this shape."""
    if settings.boundary_width_px is not None:
        return settings.boundary_width_px
    return boundary_width(shape, settings.boundary_fraction)


def tolerances_of(spacing: tuple[float, ...], settings: Settings) -> tuple[float, ...]:
    """The tolerances asked for, or one pixel (the smallest spacing) when nobody chose any."""
    return settings.tolerances or (min(spacing),)


class MaskSet:
    """The masks of one sample, all of one shape, measured together.

    Parameters
    ----------
    masks : mapping of str to Mask
        By source. The spacing of the first one counts.
    rules : ClassRules
        What the ids mean.
    settings : Settings
        Conventions behind the numbers.
    workers : int
        Threads that may work on the surfaces of large masks.
    """

    def __init__(
        self,
        masks: Mapping[str, Mask],
        rules: ClassRules,
        settings: Settings,
        *,
        workers: int = 1,
    ) -> None:
        self.masks = masks
        self.workers = workers
        self.rules = rules
        self.settings = settings
        first = next(iter(masks.values()))
        self.spacing = first.spacing
        self.width = band_width(first.shape, settings)
        self._classes = {name: class_map(mask.labels, rules) for name, mask in masks.items()}
        self._surfaces: dict[str, Surfaces] = {}
        self._sensitivity: dict[str, dict[int, float]] = {}
        self._topology: dict[str, dict[int, Topology]] = {}

    @cached_property
    def table(self) -> TupleTable:
        """Class combinations over all masks, with their boundary bands."""
        return count_overlap(
            list(self._classes.values()), list(self._classes), band_width=self.width
        )

    def score(self, reference: str, candidate: str, *, sample: str | None = None) -> PairScores:
        """Scores of one source against another."""
        rules = self.rules.of_class_map
        counted = self.table.pair(reference, candidate).without(rules.ignore_ids)
        class_ids = rules.class_ids(counted.ids, self.settings)
        regions = region_scores(counted, class_ids)
        threads = useful_threads(self._classes[reference], self.workers)
        surfaces = distances_between(
            *both(
                lambda: self._surfaces_of(reference),
                lambda: self._surfaces_of(candidate),
                workers=threads,
            ),
            spacing=self.spacing,
            ignore_ids=rules.ignore_ids,
            workers=threads,
        )
        boundaries = score_surfaces(
            bands_of(counted, class_ids, self.width),
            {class_id: surfaces[class_id] for class_id in class_ids},
            tolerances=tolerances_of(self.spacing, self.settings),
            convention=self.settings.convention,
            workers=threads,
        )
        sensitivity = self._sensitivity_of(reference)
        topologies = both(
            lambda: self._topology_of(reference),
            lambda: self._topology_of(candidate),
            workers=threads,
        )
        rows = tuple(
            ClassScores(
                id=class_id,
                name=rules.name_of(class_id),
                region=regions[class_id],
                boundary=boundaries[class_id],
                size_sensitivity=sensitivity.get(class_id, float("nan")),
                reference_topology=topologies[0].get(class_id),
                candidate_topology=topologies[1].get(class_id),
            )
            for class_id in class_ids
        )
        return PairScores(
            sample=sample,
            classes=rows,
            pixel_accuracy=pixel_accuracy(counted),
            valid_pixels=counted.pixels,
            confusion=ConfusionMatrix.from_table(counted),
            instances=self._instances(reference, candidate),
        )

    def _instances(self, reference: str, candidate: str) -> InstanceScores | None:
        if not self.rules.instances:
            return None
        labels, counts = count_tuples([self.masks[reference].labels, self.masks[candidate].labels])
        return score_objects(labels, counts, self.rules, self.settings)

    def _surfaces_of(self, source: str) -> Surfaces:
        """Surfaces of the classes that have a row in any of the comparisons."""
        if source not in self._surfaces:
            self._surfaces[source] = find_surfaces(
                self._classes[source], self._measured_ids, convention=self.settings.convention
            )
        return self._surfaces[source]

    @cached_property
    def _measured_ids(self) -> list[int]:
        present = {int(class_id) for class_id in np.unique(self.table.labels)}
        return self.rules.of_class_map.class_ids(present, self.settings)

    def _sensitivity_of(self, source: str) -> dict[int, float]:
        if source not in self._sensitivity:
            labels = self._classes[source]
            present = self.table.labels[:, self.table.sources.index(source)]
            self._sensitivity[source] = size_sensitivity(
                labels, np.unique(present).tolist(), self.rules.of_class_map.ignore_ids
            )
        return self._sensitivity[source]

    def _topology_of(self, source: str) -> dict[int, Topology]:
        if source not in self._topology:
            self._topology[source] = class_topology(
                self._classes[source], background=self.rules.of_class_map.background_id
            )
        return self._topology[source]


def measure_masks(
    masks: Mapping[str, Mask],
    pairs: Sequence[tuple[str, str]],
    rules: ClassRules,
    settings: Settings,
    *,
    sample: str | None = None,
    workers: int = 1,
) -> tuple[TupleTable, dict[tuple[str, str], PairScores]]:
    """Table and pair scores of the masks of one sample; pairs without both masks are left out.

    `workers` threads may work on it, where the masks are large.
    """
    measured = MaskSet(masks, rules, settings, workers=workers)
    table = measured.table
    scores = {
        (reference, candidate): measured.score(reference, candidate, sample=sample)
        for reference, candidate in pairs
        if reference in masks and candidate in masks
    }
    return table, scores
