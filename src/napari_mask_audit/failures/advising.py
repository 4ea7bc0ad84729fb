"""Which improvement next: advice that the buckets support, each with the numbers behind it.

The rules are few and plain, so that a reader can follow them: the error whose repair would bring
most comes first, and what kind of improvement suits it is read from sizes, counts and offsets.
"""

from __future__ import annotations

import math

from .advice import Advice, Support
from .outline_advice import outline_advice
from .region_advice import region_advice


def advise(support: Support) -> tuple[Advice, ...]:
    """Improvements that the numbers support, by what they would bring."""
    found = [*outline_advice(support), *region_advice(support)]
    found.sort(key=lambda a: -(a.gain if math.isfinite(a.gain) else 0.0))
    return tuple(found)
