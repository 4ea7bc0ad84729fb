"""One profile per annotator and class: what they find, where they put the outline, their habits.

What an annotator finds is judged against the majority of the *other* annotators (leave one out),
because everybody agrees with a consensus that contains their own vote.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..dataset import Dataset
from ..dataset.model import Role
from ..metrics.intervals import Interval, Resampling
from ..scores import or_none
from ..settings import Settings
from .drift import Drift, drift, working_order
from .edges import EdgeSums
from .observation import annotators_of
from .observed import NOTHING_SHARED, OTHERS, Observation, Shared
from .offsets import Sums, bias_interval, pair_sums, sample_biases
from .pair_counts import pair_table
from .pairwise import classes_of, interval_dict
from .profile_words import Habits, profile_sentence
from .recall import recall_drop


@dataclass(frozen=True)
class AnnotatorProfile:
    """One annotator on one class.

    Attributes
    ----------
    name : str
        Source name.
    class_id : int
        The class.
    class_name : str
        Its name.
    against : str
        What the numbers are relative to, in words.
    sensitivity, precision : float
        Share of the others' pixels that this annotator has too, and the reverse; over all samples
        together, ties left out. NaN when there is nothing to share.
    boundary_offset : float
        Signed, in pixels (the smallest spacing): positive outside. See
        :mod:`napari_mask_audit.agreement.offsets`.
    offset_interval : Interval
        From resampling samples; points below ten.
    boundary_offset_sd : float
        How much the outline wavers about the consensus of the others, in pixels.
    pieces_per_object : float
        This annotator's connected pieces, divided by the median annotator's on the same samples.
    specks, holes : int
        Pieces of at most four pixels, and enclosed holes, over all samples.
    found_objects, consensus_objects : int
        Objects of the others' consensus (or of the reference) that this annotator covers by at
        least a quarter, and all of them, specks left out.
    recall_drops_below_px : float
        Object size in pixels below which the annotator misses many more; NaN when there is none.
    drift : Drift
        Of the boundary offset over the order of work.
    samples : int
        Samples with a mask.
    sentence : str
        The habit in words.
    """

    name: str
    class_id: int
    class_name: str
    against: str
    sensitivity: float
    precision: float
    boundary_offset: float
    offset_interval: Interval
    boundary_offset_sd: float
    pieces_per_object: float
    specks: int
    holes: int
    found_objects: int
    consensus_objects: int
    recall_drops_below_px: float
    drift: Drift
    samples: int
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; undefined numbers are None."""
        return {
            "name": self.name,
            "class_id": self.class_id,
            "class_name": self.class_name,
            "against": self.against,
            "sensitivity": or_none(self.sensitivity),
            "precision": or_none(self.precision),
            "boundary_offset": or_none(self.boundary_offset),
            "boundary_offset_interval": interval_dict(self.offset_interval),
            "boundary_offset_sd": or_none(self.boundary_offset_sd),
            "pieces_per_object": or_none(self.pieces_per_object),
            "specks": self.specks,
            "holes": self.holes,
            "found_objects": self.found_objects,
            "consensus_objects": self.consensus_objects,
            "recall_drops_below_px": or_none(self.recall_drops_below_px),
            "drift": self.drift.to_dict(),
            "samples": self.samples,
            "sentence": self.sentence,
        }


def profiles(
    dataset: Dataset, observations: Sequence[Observation], settings: Settings
) -> tuple[tuple[AnnotatorProfile, ...], str]:
    """Profiles of all annotators, or the reason why there are none.

    Returns
    -------
    tuple of AnnotatorProfile
        By annotator and class.
    str
        Empty, or why statistics per person are withheld.
    """
    annotators = list(annotators_of(dataset))
    reason = withheld(dataset, annotators)
    if reason:
        return (), reason
    found = []
    for class_id in classes_of(dataset, observations, settings):
        found += _Class(dataset, observations, settings, annotators, class_id).profiles()
    return tuple(sorted(found, key=lambda p: (p.name, p.class_id))), ""


def withheld(dataset: Dataset, annotators: Sequence[str]) -> str:
    """Why there can be no statistics per person; empty when there can."""
    if not annotators:
        return "no source is an annotator"
    if not dataset.annotators_are_persons:
        return (
            "annotators_are_persons = false: each annotator source is a slot that different people "
            "fill from sample to sample, so statistics per source would describe nobody"
        )
    if dataset.task == "instance" and dataset.background_id is None:
        return (
            "the masks hold region numbers and no background: there is no object that an "
            "annotator could draw too large or miss"
        )
    if len(annotators) < 2 and not dataset.with_role(Role.REFERENCE):
        return "one annotator and no reference: there is nobody to compare with"
    return ""


class _Class:
    """Profiles of one class."""

    def __init__(
        self,
        dataset: Dataset,
        observations: Sequence[Observation],
        settings: Settings,
        annotators: list[str],
        class_id: int,
    ) -> None:
        self.dataset, self.observations, self.settings = dataset, observations, settings
        self.annotators, self.class_id = annotators, class_id
        references = [source.name for source in dataset.with_role(Role.REFERENCE)]
        self.zero: str | None = None
        self.raters = list(annotators)
        self.against = "the other annotators (bias model over all pairs, median annotator = 0)"
        if len(annotators) < 3 and references:
            self.zero = references[0]
            self.raters.append(self.zero)
            self.against = f"the reference {self.zero}"
        elif len(annotators) == 2:
            self.against = (
                "the other annotator; with two annotators it cannot be known who of them is off, "
                "so each gets half"
            )
        self.sums: Sums = pair_sums(observations, self.raters, class_id)
        self.sample_biases = sample_biases(self.sums, self.raters, len(observations), self.zero)
        self.habits = Habits.of(observations, annotators, class_id)
        self.resampling = Resampling(resamples=settings.resamples, seed=settings.seed)

    def profiles(self) -> list[AnnotatorProfile]:
        """Annotators who drew anything, or were expected to draw the class."""
        rows = [self._profile(name) for name in self.annotators]
        return [r for r in rows if not (math.isnan(r.sensitivity) and math.isnan(r.precision))]

    def _profile(self, name: str) -> AnnotatorProfile:
        mine = [o for o in self.observations if name in o.table.sources]
        shared = self._shared(name, mine)
        interval = bias_interval(
            self.sums, self.raters, name, self.observations, self.resampling, self.zero
        )
        edges = self._against_judges(name, mine)
        objects = [
            found[self.class_id]
            for o in mine
            for found in [o.found.get((self.zero or OTHERS, name), {})]
            if self.class_id in found
        ]
        area = np.concatenate([f.area for f in objects]) if objects else np.zeros(0, np.int64)
        found = np.concatenate([f.found for f in objects]) if objects else np.zeros(0, bool)
        habits = [o.habits[name][self.class_id] for o in mine if self.class_id in o.habits[name]]
        changed = self._drift(name, mine)
        class_name = self.dataset.class_words(self.class_id)
        sd = _pooled_sd(edges, mine)
        drops = recall_drop(area, found)
        return AnnotatorProfile(
            name=name,
            class_id=self.class_id,
            class_name=class_name,
            against=self.against,
            sensitivity=shared.sensitivity,
            precision=shared.precision,
            boundary_offset=interval.value,
            offset_interval=interval,
            boundary_offset_sd=sd,
            pieces_per_object=self.habits.pieces_ratio(name),
            specks=sum(h.specks for h in habits),
            holes=sum(h.holes for h in habits),
            found_objects=int(found.sum()),
            consensus_objects=len(found),
            recall_drops_below_px=drops,
            drift=changed,
            samples=len(mine),
            sentence=profile_sentence(
                name,
                class_name,
                interval,
                shared.sensitivity,
                drops,
                changed,
                self.habits,
                self._rival(name),
            ),
        )

    def _rival(self, name: str) -> str | None:
        """The only other annotator, where nobody else can say who of the two is off."""
        others = [other for other in self.raters if other != name]
        return others[0] if len(others) == 1 and self.zero is None else None

    def _shared(self, name: str, mine: Sequence[Observation]) -> Shared:
        """Pixels shared with the reference, or else the others, over all samples together."""
        total = NOTHING_SHARED
        for o in mine:
            if self.zero is not None:
                total += self._shared_with(self.zero, name, o)
            elif name in o.held_out:
                total += o.held_out[name].pixels[name].get(self.class_id, NOTHING_SHARED)
        return total

    def _shared_with(self, judge: str, name: str, o: Observation) -> Shared:
        if judge not in o.table.sources:
            return NOTHING_SHARED
        table = pair_table(self.dataset, o.table, (judge, name))
        true, own = table.reference == self.class_id, table.candidate == self.class_id
        counts = (int(table.counts[rows].sum()) for rows in (true & own, own, true))
        return Shared(*counts)

    def _against_judges(self, name: str, mine: Sequence[Observation]) -> list[EdgeSums | None]:
        """Boundary sums against the reference, or else the consensus of the others."""
        if self.zero is not None:
            return [o.edges.get((self.zero, name), {}).get(self.class_id) for o in mine]
        return [
            o.held_out[name].edges[name].get(self.class_id) if name in o.held_out else None
            for o in mine
        ]

    def _drift(self, name: str, mine: Sequence[Observation]) -> Drift:
        order, basis = working_order([o.sample for o in mine], [o.times[name] for o in mine])
        values = self.sample_biases[:, self.raters.index(name)].tolist()
        known = dict(zip((o.sample for o in self.observations), values, strict=True))
        names = [mine[i].sample for i in order]
        return drift(names, [known.get(s, math.nan) for s in names], basis, seed=self.settings.seed)


def _pooled_sd(edges: Sequence[EdgeSums | None], mine: Sequence[Observation]) -> float:
    """Spread of the signed distance in pixels, pooled over samples of one pixel size each."""
    total = squared = signed = 0.0
    for sums, o in zip(edges, mine, strict=True):
        if sums is not None:
            pixel = min(o.spacing)
            total += float(sums.near.sum())
            signed += float(sums.signed.sum()) / pixel
            squared += float(sums.squared.sum()) / pixel**2
    if not total:
        return math.nan
    return math.sqrt(max(squared / total - (signed / total) ** 2, 0.0))
