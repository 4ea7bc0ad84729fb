"""What a lint rule says about one mask: a code, a place and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..findings import Box, finding_id
from .rules import RULES, Rule, Severity

#: How many single places a finding lists; its count tells how many there are.
MAX_PLACES = 50


@dataclass(frozen=True)
class LintFinding:
    """One flaw of one mask (or image): all its places of one rule and class together.

    Attributes
    ----------
    code : str
        The rule.
    message : str
        What was found and what to do, in words.
    sample, source : str or None
        Which mask; None where it is about something else.
    file : pathlib.Path or None
        The file.
    class_id : int or None
        The class (or object id) concerned.
    count : int
        How many places.
    places : tuple of Box
        Boxes of the single places, the largest first, at most 50.
    bbox : Box or None
        The box round all places: first index and one past the last along each axis, (z, y, x).
    other : str or None
        What else is concerned: the source or sample of a pair.
    """

    code: str
    message: str
    sample: str | None = None
    source: str | None = None
    file: Path | None = None
    class_id: int | None = None
    count: int = 1
    places: tuple[Box, ...] = ()
    bbox: Box | None = None
    other: str | None = None

    @property
    def rule(self) -> Rule:
        """The rule that found it."""
        return RULES[self.code]

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.rule.severity

    @property
    def id(self) -> str:
        """A name that stays the same when lint runs again on the same flaw."""
        classes = (self.class_id,)
        return finding_id(
            self.sample or "", self.source or "", self.other or "", self.code, classes, ()
        )

    @property
    def key(self) -> tuple[str, str, str, int | None, str]:
        """What an accepted finding is recognised by, beside its count."""
        return self.code, self.sample or "", self.source or "", self.class_id, self.other or ""

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; a box is y0, y1, x0, x1 (z0, z1 first in 3D)."""
        return {
            "id": self.id,
            "code": self.code,
            "name": self.rule.name,
            "severity": self.severity.value,
            "sample": self.sample,
            "source": self.source,
            "file": None if self.file is None else str(self.file),
            "class_id": self.class_id,
            "other": self.other,
            "count": self.count,
            "bbox": None if self.bbox is None else _flat(self.bbox),
            "places": [_flat(box) for box in self.places],
            "message": self.message,
            "fixable": self.rule.fixable,
            "doc": self.rule.doc,
        }


def _flat(box: Box) -> list[int]:
    return [edge for side in box for edge in side]
