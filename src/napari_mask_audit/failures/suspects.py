"""Places where every candidate contradicts the reference in the same way.

When a model and two annotators independently see a house that the reference lacks, the reference
is the first to be looked at. No candidate's own buckets can tell; their findings together can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..findings import Box, Finding
from .table import Bucket

#: Errors about whole regions; outlines differ in the same way for many reasons.
_BUCKETS = frozenset(
    {Bucket.MISSED_SMALL, Bucket.MISSED_LARGE, Bucket.FALSE_REGION, Bucket.CONFUSION}
)
#: Boxes that share at least this much of their union are the same place.
_SAME_PLACE = 0.5


@dataclass(frozen=True)
class ReferenceSuspect:
    """One place where the reference stands alone.

    Attributes
    ----------
    sample, reference : str
        Names.
    candidates : tuple of str
        All sources that contradict it, in the same way.
    class_id, other_class_id : int, int or None
        As in the findings.
    bbox : tuple of (int, int)
        Of the largest of the findings.
    pixels : int
        Of the largest of the findings.
    findings : tuple of str
        Their ids.
    statement : str
        One sentence.
    """

    sample: str
    reference: str
    candidates: tuple[str, ...]
    class_id: int
    other_class_id: int | None
    bbox: Box
    pixels: int
    findings: tuple[str, ...]
    statement: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "sample": self.sample,
            "reference": self.reference,
            "candidates": list(self.candidates),
            "class_id": self.class_id,
            "other_class_id": self.other_class_id,
            "bbox": [edge for side in self.bbox for edge in side],
            "pixels": self.pixels,
            "findings": list(self.findings),
            "statement": self.statement,
        }


def reference_suspects(
    findings: Iterable[Finding], candidates: Mapping[tuple[str, str], frozenset[str]]
) -> tuple[ReferenceSuspect, ...]:
    """Places where all candidates (two at least) contradict the reference in the same way.

    Parameters
    ----------
    findings : iterable of Finding
        Of all comparisons.
    candidates : mapping of (str, str) to frozenset of str
        By (sample, reference): the candidates compared there.

    Returns
    -------
    tuple of ReferenceSuspect
        Largest first.
    """
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for row in findings:
        if row.bucket in _BUCKETS and len(candidates.get((row.sample, row.reference), ())) > 1:
            key = (row.sample, row.reference, row.bucket, row.class_id, row.other_class_id)
            groups.setdefault(key, []).append(row)
    found = []
    for key, rows in groups.items():
        everybody = candidates[key[0], key[1]]
        first = min(everybody)
        for row in (row for row in rows if row.candidate == first):
            same = [row]
            for other in sorted(everybody - {first}):
                near = [r for r in rows if r.candidate == other and _overlap(row, r) >= _SAME_PLACE]
                same += [max(near, key=lambda r: _overlap(row, r))] if near else []
            if len(same) == len(everybody):
                found.append(_suspect(same))
    return tuple(sorted(found, key=lambda s: (-s.pixels, s.sample, s.bbox)))


def _overlap(first: Finding, second: Finding) -> float:
    """Intersection over union of two boxes."""
    shared = own = other = 1
    for (a, b), (c, d) in zip(first.bbox, second.bbox, strict=True):
        shared *= max(0, min(b, d) - max(a, c))
        own *= b - a
        other *= d - c
    return shared / (own + other - shared)


def _suspect(rows: list[Finding]) -> ReferenceSuspect:
    largest = max(rows, key=lambda row: row.pixels)
    names = tuple(sorted(row.candidate for row in rows))
    return ReferenceSuspect(
        largest.sample,
        largest.reference,
        names,
        largest.class_id,
        largest.other_class_id,
        largest.bbox,
        largest.pixels,
        tuple(row.id for row in rows),
        f"check {largest.reference} in {largest.sample}: all {len(names)} candidates "
        f"({', '.join(names)}) contradict it in the same way: {largest.explanation}",
    )
