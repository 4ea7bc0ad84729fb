"""Is it the model or the labels? Every difference between a model and its reference, sorted.

A difference where the annotators agree with the reference is the model's. Where they disagree among
themselves, no model can be right: the label is unstable. Where they agree with each other against
the reference, the reference is suspect. One annotator siding with the model proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..dataset import Dataset
from ..dataset.model import Role
from .observation import annotators_of
from .observed import Observation
from .regions import BLAMES, Blame, ErrorRegion, judge

Counts = Mapping[Blame, int]


@dataclass(frozen=True)
class TriageRow:
    """Pixels of one kind of difference, for a class or a sample.

    Attributes
    ----------
    key : int or str
        Class id or sample name.
    pixels : mapping of Blame to int
        Wrong pixels by whose problem they are. For a class: pixels that either of the two gives
        to it, so that a pixel counts for both classes it involves.
    """

    key: int | str
    pixels: Counts

    @property
    def first(self) -> str:
        """``"labels"``, ``"model"`` or ``"nothing"``: what to fix first."""
        labels = self.pixels[Blame.LABEL_UNSTABLE] + self.pixels[Blame.SUSPECT_REFERENCE]
        if not labels and not self.pixels[Blame.MODEL_ERROR]:
            return "nothing"
        return "labels" if labels > self.pixels[Blame.MODEL_ERROR] else "model"

    def to_dict(self, name: str) -> dict[str, Any]:
        """Plain dictionary with the key under ``name``."""
        return {
            name: self.key,
            **{blame.value: self.pixels[blame] for blame in BLAMES},
            "fix_first": self.first,
        }


@dataclass(frozen=True)
class Triage:
    """The differences of one model and one reference.

    Attributes
    ----------
    reference, model : str
        The two sources.
    annotators : tuple of str
        Whose opinions were asked.
    pixels : mapping of Blame to int
        All wrong pixels.
    classes, samples : tuple of TriageRow
        By class id and by sample.
    regions : tuple of ErrorRegion
        All connected differences.
    note : str
        Why nothing could be judged; empty when it could.
    """

    reference: str
    model: str
    annotators: tuple[str, ...]
    pixels: Counts
    classes: tuple[TriageRow, ...]
    samples: tuple[TriageRow, ...]
    regions: tuple[ErrorRegion, ...] = field(repr=False)
    note: str = ""

    def queue(self, first: str = "labels") -> tuple[ErrorRegion, ...]:
        """The regions in the order in which to look at them.

        Parameters
        ----------
        first : {"labels", "model"}
            ``"labels"``: suspect references, then unstable labels, then the model's errors;
            ``"model"``: the reverse. Larger regions first within each.
        """
        order = (Blame.SUSPECT_REFERENCE, Blame.LABEL_UNSTABLE, Blame.MODEL_ERROR, Blame.UNJUDGED)
        if first == "model":
            order = (Blame.MODEL_ERROR, Blame.LABEL_UNSTABLE, *order[:1], Blame.UNJUDGED)
        return tuple(
            sorted(
                self.regions,
                key=lambda r: (
                    order.index(r.blame),
                    -r.place.pixels,
                    r.place.sample,
                    r.place.start,
                ),
            )
        )

    def samples_first(self, first: str) -> tuple[str, ...]:
        """The samples of which the labels, or the model, are to be fixed first; worst first."""
        kinds = {row.key: row.first for row in self.samples}
        names = dict.fromkeys(region.place.sample for region in self.queue(first))
        return tuple(name for name in names if kinds[name] == first)

    @property
    def sentence(self) -> str:
        """What to do first, in words."""
        total = sum(self.pixels.values())
        if self.note or not total:
            return self.note or f"{self.model} and {self.reference} do not differ"
        share = {blame: 100 * number / total for blame, number in self.pixels.items()}
        row = TriageRow("all", self.pixels)
        return (
            f"fix the {row.first} first: of the pixels where {self.model} differs from "
            f"{self.reference}, {share[Blame.MODEL_ERROR]:.0f} % are the model's, "
            f"{share[Blame.LABEL_UNSTABLE]:.0f} % lie where annotators disagree, and on "
            f"{share[Blame.SUSPECT_REFERENCE]:.0f} % the reference stands alone"
        )

    def to_dict(self, *, limit: int = 500) -> dict[str, Any]:
        """Plain dictionary with at most so many regions, labels first."""
        return {
            "reference": self.reference,
            "model": self.model,
            "annotators": list(self.annotators),
            **{blame.value: self.pixels[blame] for blame in BLAMES},
            "classes": [row.to_dict("class_id") for row in self.classes],
            "samples": [row.to_dict("sample") for row in self.samples],
            "regions": [region.to_dict() for region in self.queue()[:limit]],
            "regions_in_all": len(self.regions),
            "sentence": self.sentence,
            "note": self.note,
        }


def triages(
    dataset: Dataset,
    observations: Sequence[Observation],
    copies: Mapping[str, frozenset[str]],
) -> tuple[Triage, ...]:
    """Triage of every model against every reference.

    Parameters
    ----------
    dataset : Dataset
        Where the observations come from.
    observations : sequence of Observation
        One per sample.
    copies : mapping of str to frozenset of str
        For each reference the annotators whose masks are copies of it; they have no opinion of
        their own.
    """
    if dataset.task == "instance":
        return ()
    everybody = list(annotators_of(dataset))
    found = []
    for reference in (source.name for source in dataset.with_role(Role.REFERENCE)):
        annotators = tuple(a for a in everybody if a not in copies.get(reference, frozenset()))
        for model in (source.name for source in dataset.with_role(Role.PREDICTION)):
            shared = [o for o in observations if {reference, model} <= set(o.table.sources)]
            if shared:
                found.append(_triage(dataset, shared, reference, model, annotators))
    return tuple(found)


def _triage(
    dataset: Dataset,
    observations: Sequence[Observation],
    reference: str,
    model: str,
    annotators: tuple[str, ...],
) -> Triage:
    classes: dict[int, np.ndarray] = {}
    samples = []
    total = np.zeros(len(BLAMES), np.int64)
    for o in observations:
        there = tuple(a for a in annotators if o.digests.get(a) != o.digests[reference])
        blame = judge(o.table, reference, model, there, ignore_ids=dataset.ignore_ids)
        wrong = blame >= 0
        counts = np.bincount(blame[wrong], o.table.counts[wrong], minlength=len(BLAMES))
        samples.append(TriageRow(o.sample, _named(counts)))
        total += counts.astype(np.int64)
        ids = o.table.labels[wrong][:, [o.table.sources.index(n) for n in (reference, model)]]
        for class_id in np.unique(ids).tolist():
            rows = (ids == class_id).any(axis=1)
            sums = np.bincount(
                blame[wrong][rows], o.table.counts[wrong][rows], minlength=len(BLAMES)
            )
            classes[class_id] = classes.get(class_id, 0) + sums
    hidden = dataset.left_out_ids()
    regions = tuple(
        r for o in observations for r in o.errors if (r.reference, r.model) == (reference, model)
    )
    opinions = "" if annotators else "no annotator but the reference itself: nothing can be judged"
    return Triage(
        reference,
        model,
        annotators,
        _named(total),
        tuple(TriageRow(c, _named(classes[c])) for c in sorted(classes) if c not in hidden),
        tuple(samples),
        regions,
        opinions,
    )


def _named(counts: Any) -> dict[Blame, int]:
    return {blame: int(number) for blame, number in zip(BLAMES, counts, strict=True)}
