"""Rules missing in the guideline: classes that two annotators each use consistently but oppositely.

Noise goes both ways: sometimes A says car where B says tree, sometimes the reverse. When it always
goes one way, over many places and several samples, both follow a rule, only not the same one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..dataset import Dataset
from .observation import annotators_of
from .observed import Observation
from .regions import Place, Zone

#: Places it takes, the samples they must lie in, and the share that must go the same way.
PLACES, SAMPLES, ONE_WAY = 3, 2, 0.8
_EXEMPLARS = 6


@dataclass(frozen=True)
class Conflict:
    """One class pair that two annotators use differently.

    Attributes
    ----------
    first, second : str
        The annotators.
    first_id, second_id : int
        What each of them says at these places.
    places : int
        Connected places where they do.
    opposite_places : int
        Places where it is the other way round.
    samples : int
        Samples with such a place.
    pixels : int
        Their size.
    exemplars : tuple of Place
        The largest ones, from different samples first.
    sentence : str
        In words.
    """

    first: str
    second: str
    first_id: int
    second_id: int
    places: int
    opposite_places: int
    samples: int
    pixels: int
    exemplars: tuple[Place, ...]
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "first": self.first,
            "second": self.second,
            "first_id": self.first_id,
            "second_id": self.second_id,
            "places": self.places,
            "opposite_places": self.opposite_places,
            "samples": self.samples,
            "pixels": self.pixels,
            "exemplars": [place.to_dict() for place in self.exemplars],
            "sentence": self.sentence,
        }


def conflicts(dataset: Dataset, observations: Sequence[Observation]) -> tuple[Conflict, ...]:
    """Conflicts between all pairs of annotators, the ones with most places first.

    Empty where annotators are not persons: slots filled by different people cannot be consistent.
    """
    if not dataset.annotators_are_persons or len(annotators_of(dataset)) < 2:
        return ()
    by_kind: dict[tuple[str, str, int, int], list[Zone]] = defaultdict(list)
    for observation in observations:
        for zone in observation.zones:
            by_kind[zone.first, zone.second, zone.first_id, zone.second_id].append(zone)
    found = []
    for (first, second, first_id, second_id), zones in by_kind.items():
        opposite = len(by_kind.get((first, second, second_id, first_id), ()))
        samples = {zone.place.sample for zone in zones}
        one_way = len(zones) / (len(zones) + opposite)
        if len(zones) >= PLACES and len(samples) >= SAMPLES and one_way >= ONE_WAY:
            found.append(_conflict(dataset, zones, opposite, len(samples)))
    return tuple(sorted(found, key=lambda c: (-c.places, c.first, c.second, c.first_id)))


def _conflict(dataset: Dataset, zones: Sequence[Zone], opposite: int, samples: int) -> Conflict:
    zone = zones[0]
    names = [
        "background" if i == dataset.background_id else dataset.class_words(i)
        for i in (zone.first_id, zone.second_id)
    ]
    ordered = sorted(zones, key=lambda z: (-z.place.pixels, z.place.sample, z.place.start))
    largest: dict[str, Zone] = {}
    for candidate in ordered:
        largest.setdefault(candidate.place.sample, candidate)
    fresh = list(largest.values())
    exemplars = [*fresh, *(z for z in ordered if z not in fresh)][:_EXEMPLARS]
    return Conflict(
        first=zone.first,
        second=zone.second,
        first_id=zone.first_id,
        second_id=zone.second_id,
        places=len(zones),
        opposite_places=opposite,
        samples=samples,
        pixels=sum(z.place.pixels for z in zones),
        exemplars=tuple(z.place for z in exemplars),
        sentence=(
            f"{zone.first} says {names[0]} where {zone.second} says {names[1]}, at {len(zones)} "
            f"places in {samples} samples and the other way round at {opposite}: a rule is missing "
            "in the guideline"
        ),
    )
