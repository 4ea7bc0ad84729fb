"""Copies: two sources that say the same on every sample.

Two annotators with identical masks are one opinion counted twice; a reference that is one
annotator's work cannot be used to judge that annotator (or a model trained on it) fairly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ..dataset import Dataset
from ..dataset.model import Role
from .observed import Observation

#: A copy on at least this share of the samples is reported, and at least so many samples.
_SHARE, _SAMPLES = 0.5, 3


@dataclass(frozen=True)
class Duplicate:
    """Two sources with identical masks.

    Attributes
    ----------
    first, second : str
        The sources.
    kind : str
        ``"leak"`` when a reference equals something it is meant to judge, ``"copy"`` otherwise.
    identical : int
        Samples with identical masks …
    samples : int
        … of those both have in which either shows an object. Empty masks prove nothing.
    """

    first: str
    second: str
    kind: str
    identical: int
    samples: int

    @property
    def complete(self) -> bool:
        """Whether every sample is identical."""
        return self.identical == self.samples

    @property
    def sentence(self) -> str:
        """In words."""
        many = f"{self.identical} of {self.samples} samples"
        if self.complete:
            many = "the only sample" if self.samples == 1 else f"all {self.samples} samples"
        said = f"{self.first} and {self.second} are identical on {many}"
        if self.kind == "leak":
            return f"{said}: {self.second} cannot be judged against {self.first} there"
        return f"{said}: count them as one opinion"

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "first": self.first,
            "second": self.second,
            "kind": self.kind,
            "identical": self.identical,
            "samples": self.samples,
            "complete": self.complete,
            "sentence": self.sentence,
        }


def duplicates(dataset: Dataset, observations: Sequence[Observation]) -> tuple[Duplicate, ...]:
    """Pairs of sources that are identical on every sample, or on many."""
    found = []
    for first, second in combinations(dataset.sources, 2):
        shared = [
            o
            for o in observations
            if {first.name, second.name} <= set(o.digests)
            and (o.has_object[first.name] or o.has_object[second.name])
        ]
        identical = sum(o.digests[first.name] == o.digests[second.name] for o in shared)
        enough = identical >= _SAMPLES and identical >= _SHARE * len(shared)
        if shared and (identical == len(shared) or enough):
            leak = Role.REFERENCE in (first.role, second.role) and first.role is not second.role
            kind = "leak" if leak else "copy"
            found.append(Duplicate(first.name, second.name, kind, identical, len(shared)))
    return tuple(sorted(found, key=lambda d: (not d.complete, d.first, d.second)))
