"""How many regions of each class were found, missed or invented, and how large they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from .buckets import BucketMap

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Inventory:
    """Regions of one class.

    Attributes
    ----------
    found : tuple of int
        Pixels of each reference region that was at least partly found.
    missed : tuple of int
        Pixels of each that was missed or confused as a whole.
    false : tuple of int
        Pixels of each candidate region that is false or confused as a whole.
    """

    found: Sizes = ()
    missed: Sizes = ()
    false: Sizes = ()

    @property
    def regions(self) -> int:
        """Regions in the reference."""
        return len(self.found) + len(self.missed)

    def __add__(self, other: Inventory) -> Inventory:
        return Inventory(
            self.found + other.found, self.missed + other.missed, self.false + other.false
        )


def inventory(found: BucketMap, left_out: Collection[int] = ()) -> dict[int, Inventory]:
    """Regions by class; ignored classes and ``left_out`` have none."""
    regions = found.regions
    ids = set(regions.reference.label.tolist()) | set(regions.candidate.label.tolist())
    rows = {}
    for class_id in sorted(ids - set(left_out) - set(found.pair.ignore_ids)):
        own = (regions.reference.label == class_id) & (regions.reference_size > 0)
        other = (regions.candidate.label == class_id) & (regions.candidate_size > 0)
        rows[class_id] = Inventory(
            tuple(regions.reference_size[own & (found.reference_codes == 0)].tolist()),
            tuple(regions.reference_size[own & (found.reference_codes > 0)].tolist()),
            tuple(regions.candidate_size[other & (found.candidate_codes > 0)].tolist()),
        )
    return rows


def pooled(rows: Iterable[Mapping[int, Inventory]]) -> dict[int, Inventory]:
    """Inventories of many samples together."""
    lists: dict[int, tuple[list[int], list[int], list[int]]] = {}
    for row in rows:
        for class_id, item in row.items():
            found, missed, false = lists.setdefault(class_id, ([], [], []))
            found.extend(item.found)
            missed.extend(item.missed)
            false.extend(item.false)
    return {
        class_id: Inventory(tuple(found), tuple(missed), tuple(false))
        for class_id, (found, missed, false) in sorted(lists.items())
    }


def median(sizes: Sizes) -> float:
    """Median size; NaN of nothing."""
    return float(np.median(sizes)) if sizes else float("nan")
