"""Looking around pixels with numba: the same as in ``vectorised``, one pixel after the other.

Importing this module imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled_jit import compiled


def first_hits(
    labels: NDArray[np.int32],
    wanted: NDArray[np.int32],
    position: NDArray[np.int64],
    jumps: NDArray[np.int64],
    known: NDArray[np.int32],
    first: int,
) -> NDArray[np.int32]:
    """First jumps that hit; see :func:`napari_mask_audit.kernels.first_hits`."""
    found = np.array(known, np.int32)
    _look(
        np.ascontiguousarray(labels, np.int32),
        np.ascontiguousarray(wanted, np.int32),
        np.ascontiguousarray(position, np.int64),
        np.ascontiguousarray(jumps, np.int64),
        first,
        found,
    )
    return found


@compiled
def _look(labels: Any, wanted: Any, position: Any, jumps: Any, first: int, found: Any) -> None:
    for pixel in range(found.size):
        if found[pixel] < first:
            continue
        at, label = position[pixel], wanted[pixel]
        number = first
        while number < jumps.size and labels[at + jumps[number]] != label:
            number += 1
        found[pixel] = number
