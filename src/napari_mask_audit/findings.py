"""Whatever deserves a human look: one finding, with a place, a size, a name and a sentence.

A finding is the unit that review walks over and that verdicts are given to, so its identity must
survive a second run. The id is made from what the finding is about (sample, sources, rule,
classes, place), never from numbers that change when a mask elsewhere in the picture changes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Box = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Finding:
    """One place in one sample where two masks disagree, explained.

    Attributes
    ----------
    id : str
        Stable name; see :func:`finding_id`.
    sample : str
        Name of the sample.
    reference, candidate : str
        Sources that were compared.
    bucket : str
        The rule that found it: a failure bucket such as ``"missed_small"``.
    class_id : int
        The class that is wrong there.
    other_class_id : int or None
        The class it is wrong against, where there is one.
    pixels : int
        Wrong pixels.
    bbox : tuple of (int, int)
        First index and one past the last along each axis, (z, y, x) order.
    point : tuple of int
        A wrong pixel to point at.
    worth : float
        What repairing it adds to the mean IoU of the sample, −1 to 1; usually above 0.
    explanation : str
        What is wrong, in one sentence.
    why_not_next : str
        Why it is not in the neighbouring bucket, with the numbers that decided.
    suggested_tag : str
        The failure tag that fits.
    """

    id: str
    sample: str
    reference: str
    candidate: str
    bucket: str
    class_id: int
    other_class_id: int | None
    pixels: int
    bbox: Box
    point: tuple[int, ...]
    worth: float
    explanation: str
    why_not_next: str
    suggested_tag: str

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary as in the JSON output; ``bbox`` is y0, y1, x0, x1 (z0, z1 first in 3D).

        Examples
        --------
        >>> box = ((4, 6), (0, 3))
        >>> found = Finding(
        ...     "F0", "a", "gt", "model", "boundary", 1, 0, 5, box, (4, 1), 0.1, "", "", "boundary"
        ... )
        >>> found.to_dict()["bbox"]
        [4, 6, 0, 3]
        """
        return {
            "id": self.id,
            "sample": self.sample,
            "reference": self.reference,
            "candidate": self.candidate,
            "bucket": self.bucket,
            "class_id": self.class_id,
            "other_class_id": self.other_class_id,
            "pixels": self.pixels,
            "bbox": [edge for side in self.bbox for edge in side],
            "point": list(self.point),
            "worth": self.worth if math.isfinite(self.worth) else None,
            "explanation": self.explanation,
            "why_not_next": self.why_not_next,
            "suggested_tag": self.suggested_tag,
        }


def finding_id(
    sample: str,
    reference: str,
    candidate: str,
    rule: str,
    class_ids: Sequence[int | None],
    place: Sequence[int],
) -> str:
    """Name of a finding that stays the same when the audit runs again.

    Parameters
    ----------
    sample : str
        Name of the sample.
    reference, candidate : str
        Names of the sources.
    rule : str
        Failure bucket or rule code.
    class_ids : sequence of int or None
        The classes concerned.
    place : sequence of int
        Where it is anchored: pixel coordinates, in a fixed order.

    Returns
    -------
    str
        ``F`` and twelve hexadecimal digits; two findings of a dataset of a million share one with
        a probability of about 0.002.

    Examples
    --------
    >>> finding_id("a", "gt", "model", "boundary", (1, 0), (3, 4))
    'Faeec46fc233b'
    """
    parts = [sample, reference, candidate, rule, list(class_ids), [int(p) for p in place]]
    text = json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return "F" + hashlib.blake2b(text, digest_size=6).hexdigest()


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by worth, then size, highest first; equal ones by sample, place and id."""
    return sorted(findings, key=lambda f: (-f.worth, -f.pixels, f.sample, f.point, f.id))
