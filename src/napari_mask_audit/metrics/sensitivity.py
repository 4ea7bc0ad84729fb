"""How much a class's IoU depends on its shape alone, so that 0.6 on a pole is not 0.6 on a road."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .. import kernels
from ..masks import LabelArray

__all__ = ["size_sensitivity"]


def size_sensitivity(
    labels: LabelArray, class_ids: Iterable[int], ignore_ids: Iterable[int] = ()
) -> dict[int, float]:
    """IoU that a boundary shift of one pixel alone would cost each class, given its shape.

    One minus the mean of two IoUs: of the class with itself eroded, and dilated, by one pixel
    (face neighbours). Small or thin classes score high: for them a low IoU may be nothing but
    a boundary drawn a pixel off. Image edges and ignored pixels are no boundary that could move.

    Parameters
    ----------
    labels : ndarray of int, shape (y, x) or (z, y, x)
        Usually the reference.
    class_ids : iterable of int
    ignore_ids : iterable of int
        Labels whose pixels do not count.

    Returns
    -------
    dict of int to float
        In [0, 1): 0 for a class that fills the image, 0.9 for a single pixel in 2D; nan for a
        class that does not occur.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.zeros((20, 20), int); a[5:15, 5:15] = 1
    >>> round(size_sensitivity(a, [1])[1], 6)  # 1 - (64/100 + 100/140) / 2
    0.322857
    """
    ignored = np.unique(np.fromiter(ignore_ids, np.int64))
    present, sizes = kernels.count_rims(labels, ignored)
    known = dict(zip(present.tolist(), sizes.tolist(), strict=True))
    costs = {}
    for class_id in class_ids:
        area, lost, won = known.get(class_id, (0, 0, 0))
        kept = (1 - lost / area + area / (area + won)) / 2 if area else float("nan")
        costs[class_id] = 1 - kept
    return costs
