"""Which objects an annotator misses: the size below which recall drops."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

#: Objects of a class it takes before a size can be named below which recall drops.
_OBJECTS = 12


#: Recall of the small objects this far below that of the large ones is a drop.
_DROP = 0.2


#: How rare such a drop must be by chance; small, because the best of many sizes is tested.
_DROP_CHANCE = 0.001


def recall_drop(area: NDArray[np.int64], found: NDArray[np.bool_]) -> float:
    """Object size below which clearly fewer objects are found; NaN when there is none.

    Parameters
    ----------
    area : ndarray of int64, shape (n,)
        Object sizes in pixels.
    found : ndarray of bool, shape (n,)
        Whether the annotator has each.

    Notes
    -----
    The size that separates found from missed best (largest difference of the two recalls), kept
    when the smaller objects' recall is at least 0.2 lower and Fisher's exact test gives p ≤ 0.001.

    Examples
    --------
    >>> sizes = np.arange(1, 21)
    >>> recall_drop(sizes, sizes > 8)
    9.0
    """
    if len(area) < _OBJECTS or found.all() or not found.any():
        return math.nan
    best, at = 0.0, math.nan
    for size in np.unique(area)[1:]:
        small = area < size
        if min(small.sum(), (~small).sum()) < 3:
            continue
        gap = float(found[~small].mean() - found[small].mean())
        if gap > best:
            best, at = gap, float(size)
    if best < _DROP:
        return math.nan
    small = area < at
    chance = _hypergeometric_tail(
        len(area), int(small.sum()), int(found.sum()), int(found[small].sum())
    )
    return at if chance <= _DROP_CHANCE else math.nan


def _hypergeometric_tail(total: int, drawn: int, marked: int, at_most: int) -> float:
    """Probability of at most so many marked ones among those drawn (Fisher, one side)."""

    def choose(n: int, k: int) -> float:
        return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

    least = max(0, drawn + marked - total)
    return math.fsum(
        math.exp(choose(marked, k) + choose(total - marked, drawn - k) - choose(total, drawn))
        for k in range(least, at_most + 1)
    )
