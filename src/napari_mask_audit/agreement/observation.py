"""Everything that is kept of one sample: the only module of agreement that sees pixels.

The masks of a sample are read once. Their label combinations become a table, the outlines of every
pair become sums, regions of disagreement become a list of boxes; then the pixels are let go. All
agreement numbers of a dataset are read from these observations.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..boundaries import Surfaces, find_surfaces
from ..dataset import Dataset, Sample
from ..dataset.model import Role
from ..dataset.reading import read_masks
from ..errors import Problem
from ..masks import LabelArray, Mask, fingerprint
from ..measuring import band_width
from ..metrics.instance import InstanceScores, instance_scores
from ..object_overlap import ObjectOverlap
from ..overlap import TupleTable, count_overlap
from ..settings import Settings
from .consensus import majority_labels
from .edges import EdgeSums, edge_sums, tolerance_grid
from .expansion import RowMap
from .observed import (
    FOUND_SHARE,
    OTHERS,
    Found,
    HeldOut,
    ObjectHabits,
    Observation,
    Pair,
    Shared,
    shared_pixels,
)
from .regions import SPECK_PX, ErrorRegion, Pieces, Zone, error_regions, roomy, zones
from .votes import MISSING, VoteTable


def observe(
    dataset: Dataset, sample: Sample, settings: Settings
) -> Observation | tuple[Problem, ...]:
    """Read and measure one sample; only the problems when no two masks can be read."""
    problems: list[Problem] = []
    masks = read_masks(dataset, sample, problems)
    if not masks:
        return tuple(problems)
    return _Watcher(dataset, sample, settings, masks).observation(tuple(problems))


def annotators_of(dataset: Dataset) -> tuple[str, ...]:
    """The sources that hold somebody's own opinion.

    A consensus that was written as a new source is made of such opinions and is none itself.
    """
    return tuple(
        source.name
        for source in dataset.with_role(Role.ANNOTATOR)
        if not source.name.startswith("consensus-")
    )


class _Watcher:
    """The masks of one sample while they are in memory."""

    def __init__(
        self, dataset: Dataset, sample: Sample, settings: Settings, masks: dict[str, Mask]
    ) -> None:
        self.dataset, self.sample, self.settings = dataset, sample, settings
        self.objects = dataset.task == "instance"
        self.ignored = dataset.ignore_ids
        self.background = dataset.background_id
        first = next(iter(masks.values()))
        self.spacing = first.spacing
        self.grid = tolerance_grid(self.spacing, settings)
        self.raw = {name: mask.labels for name, mask in masks.items()}
        classes = {name: self._classes(mask.labels) for name, mask in masks.items()}
        self.table = count_overlap(
            list(classes.values()), list(classes), band_width=band_width(first.shape, settings)
        )
        self.box = _box_of_objects(list(classes.values()), self.background)
        self.origin = np.array([cut.start for cut in self.box], np.int64)
        self.masks = {name: np.ascontiguousarray(m[self.box]) for name, m in classes.items()}
        self.rows = RowMap.of(list(self.masks.values()))
        self.pieces: dict[str, Pieces] = {}
        self.surfaces: dict[str, Surfaces] = {}
        self.found: dict[Pair, dict[int, Found]] = {}
        self.plain = TupleTable(
            tuple(self.masks),
            self.rows.labels,
            np.zeros(self.rows.labels.shape, np.bool_),
            self.rows.counts,
        )
        present = {int(i) for i in np.unique(self.table.labels)}
        # objects without a background fill the frame: no class, no outline of one
        countable = not self.objects or self.background is not None
        self.class_ids = sorted(present - dataset.left_out_ids(settings)) if countable else []
        self.annotators = tuple(a for a in annotators_of(dataset) if a in self.masks)
        self.models = self._with_role(Role.PREDICTION)
        self.references = self._with_role(Role.REFERENCE)

    def _with_role(self, role: Role) -> tuple[str, ...]:
        return tuple(s.name for s in self.dataset.with_role(role) if s.name in self.masks)

    def _classes(self, labels: LabelArray) -> LabelArray:
        """Object ids as one class: numbers of objects mean nothing across masks."""
        if not self.objects:
            return labels
        kept = self.ignored if self.background is None else {*self.ignored, self.background}
        one = next(number for number in (1, 2, 3, *range(4, 4 + len(kept))) if number not in kept)
        narrow = all(0 <= number < 256 for number in kept)
        classes = np.full(labels.shape, one, np.uint8 if narrow else np.int32)
        for number in kept:
            classes[labels == number] = number
        return classes

    def observation(self, problems: tuple[Problem, ...]) -> Observation:
        names = list(self.masks)
        held_out = {
            name: self._held_out(name) for name in self.annotators if len(self.annotators) > 1
        }
        for reference in self.references:
            for name in self.annotators:
                pieces = self._pieces(reference)
                self.found[reference, name] = self._found(pieces, self.masks[reference], name)
        return Observation(
            sample=self.sample.name,
            group=self.sample.group,
            spacing=self.spacing,
            grid=self.grid,
            table=self.table,
            digests={name: fingerprint(labels) for name, labels in self.raw.items()},
            has_object={name: self._has_object(name) for name in names},
            times={name: _written(self.sample.masks[name]) for name in names},
            edges={
                (a, b): self._edges(self._surfaces(a), self._surfaces(b), {a, b})
                for a, b in combinations(names, 2)
            },
            instances=self._instances(names) if self.objects else {},
            habits={name: self._habits(name) for name in self.annotators},
            held_out=held_out,
            found=self.found,
            errors=tuple(self._errors()),
            zones=tuple(self._zones()),
            problems=problems,
        )

    def _pieces(self, name: str) -> Pieces:
        if name not in self.pieces:
            self.pieces[name] = Pieces.of(self.masks[name], self.background)
        return self.pieces[name]

    def _has_object(self, name: str) -> bool:
        nothing = set(self.ignored) | ({0} if self.background is None else {self.background})
        column = self.plain.labels[:, self.plain.sources.index(name)]
        return bool((~np.isin(column, list(nothing))).any())

    def _surfaces(self, name: str) -> Surfaces:
        """Found once, whatever number of others a mask is compared with."""
        if name not in self.surfaces:
            self.surfaces[name] = self._surfaces_of(self.masks[name])
        return self.surfaces[name]

    def _surfaces_of(self, labels: LabelArray) -> Surfaces:
        return find_surfaces(labels, self.class_ids, convention=self.settings.convention)

    def _edges(self, first: Surfaces, second: Surfaces, sources: set[str]) -> dict[int, EdgeSums]:
        """Void drawn by a model is a wrong label, not a reason to look away."""
        counts = bool(sources & {*self.annotators, *self.references, ""})
        return edge_sums(
            first,
            second,
            spacing=self.spacing,
            grid=self.grid,
            ignore_ids=self.ignored if counts else frozenset(),
        )

    def _instances(self, names: Sequence[str]) -> dict[Pair, InstanceScores]:
        ignored = min(self.ignored, default=None)
        found = {}
        for a, b in combinations(names, 2):
            rows = RowMap.of([self.raw[a], self.raw[b]])
            overlap = ObjectOverlap.from_tuples(
                rows.labels, rows.counts, background=self.background, ignore=ignored
            )
            found[a, b] = instance_scores(
                overlap, threshold=self.settings.match_threshold, rule=self.settings.match_rule
            )
        return found

    def _habits(self, name: str) -> dict[int, ObjectHabits]:
        from ..metrics.topology import class_topology

        labels = self.masks[name]
        pieces = self._pieces(name).components
        shapes = class_topology(labels, background=self.background)
        found = {}
        for class_id in self.class_ids:
            areas = pieces.area[pieces.label == class_id]
            found[class_id] = ObjectHabits(
                pieces=len(areas),
                specks=int((areas <= SPECK_PX).sum()),
                holes=shapes[class_id].holes if class_id in shapes else 0,
                pixels=int(areas.sum()),
            )
        return found

    def _held_out(self, name: str) -> HeldOut:
        others = tuple(other for other in self.annotators if other != name)
        votes = VoteTable.of(self.plain, others, ignore_ids=self.ignored)
        inner, tied = majority_labels(votes, prefer=self.background)
        ways = [inner]
        if tied.any() and self.background is not None:
            ways.append(majority_labels(votes, avoid=self.background)[0])
        pictures = [self._picture(labels) for labels in ways]
        outlines = [self._surfaces_of(picture) for picture in pictures]
        edges: dict[str, dict[int, EdgeSums]] = {}
        for source in (name, *self.models):
            sums = [self._edges(o, self._surfaces(source), {OTHERS, source}) for o in outlines]
            edges[source] = (
                sums[0]
                if len(sums) == 1
                else {c: sums[0][c].halved() + sums[1][c].halved() for c in sums[0]}
            )
        self.found[OTHERS, name] = self._found(
            Pieces.of(pictures[0], self.background), pictures[0], name
        )
        return HeldOut(name, others, edges, self._pixels_shared(name, others))

    def _pixels_shared(self, name: str, others: tuple[str, ...]) -> dict[str, dict[int, Shared]]:
        """Of the annotator left out and of every model, with the consensus of the others.

        Void drawn by a model is a wrong label; void of an annotator is no label.
        """
        truth, tied = majority_labels(VoteTable.of(self.plain, others, ignore_ids=self.ignored))
        counted = (truth != MISSING) & ~tied
        own = self.plain.labels[:, self.plain.sources.index(name)]
        seen = {name: counted & ~np.isin(own, list(self.ignored))}
        seen |= dict.fromkeys(self.models, counted)
        return {
            source: shared_pixels(self.plain, source, truth, rows, self.class_ids)
            for source, rows in seen.items()
        }

    def _picture(self, labels: NDArray[np.int32]) -> LabelArray:
        """A row-wise labelling as pixels; void where nobody votes."""
        fill = min(self.ignored, default=self.background or 0)
        values = np.where(labels == MISSING, fill, labels)
        small = int(values.min()) >= 0 and int(values.max()) < 256
        return self.rows.expand(values.astype(np.uint8 if small else np.int32))

    def _found(self, pieces: Pieces, truth: LabelArray, name: str) -> dict[int, Found]:
        components = pieces.components
        same = RowMap.of([pieces.picture, truth == self.masks[name]])
        covered = np.zeros(len(components) + 1, np.int64)
        agree = same.labels[:, 1] == 1
        np.add.at(covered, same.labels[agree, 0], same.counts[agree])
        large = components.area > SPECK_PX
        return {
            class_id: Found(
                area=components.area[chosen],
                found=covered[1:][chosen] >= FOUND_SHARE * components.area[chosen],
            )
            for class_id in self.class_ids
            for chosen in [(components.label == class_id) & large]
        }

    def _errors(self) -> list[ErrorRegion]:
        found: list[ErrorRegion] = []
        if self.objects:
            return found
        for reference in self.references:
            for model in self.models:
                found += error_regions(
                    self.sample.name,
                    self.rows,
                    self.plain,
                    reference,
                    model,
                    self._independent(reference),
                    ignore_ids=self.ignored,
                    masks=(self.masks[reference], self.masks[model]),
                    origin=self.origin,
                )
        return found

    def _independent(self, reference: str) -> tuple[str, ...]:
        """Annotators whose mask is not the reference itself."""
        return tuple(
            name
            for name in self.annotators
            if not np.array_equal(self.masks[name], self.masks[reference])
        )

    def _zones(self) -> list[Zone]:
        found: list[Zone] = []
        if self.objects:
            return found
        drew = [name for name in self.annotators if self._has_object(name)]
        inner = {name: roomy(self.masks[name]) for name in drew}
        for first, second in combinations(drew, 2):
            found += zones(
                self.sample.name,
                (first, second),
                (self.masks[first], self.masks[second]),
                (self._pieces(first), self._pieces(second)),
                (inner[first], inner[second]),
                background=self.background,
                ignore_ids=self.ignored,
                origin=self.origin,
            )
        return found


def _box_of_objects(masks: Sequence[LabelArray], background: int | None) -> tuple[slice, ...]:
    """Where anybody drew anything, and one pixel around: outlines need no more."""
    shape = masks[0].shape
    if background is None:
        return tuple(slice(0, n) for n in shape)
    drawn = np.zeros(shape, np.bool_)
    for mask in masks:
        drawn |= mask != background
    box = []
    for axis, size in enumerate(shape):
        others = tuple(a for a in range(len(shape)) if a != axis)
        used = np.flatnonzero(drawn.any(axis=others))
        low, high = (int(used[0]), int(used[-1])) if used.size else (0, 0)
        box.append(slice(max(low - 1, 0), min(high + 2, size)))
    return tuple(box)


def _written(path: Path) -> float:
    try:
        return float(path.stat().st_mtime)
    except OSError:
        return float("nan")
