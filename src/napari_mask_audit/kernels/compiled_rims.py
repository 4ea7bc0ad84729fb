"""What labels lose and gain when their boundaries move, with numba: as in ``vectorised``.

Only pixels next to another label are looked at; a bit plane says which these are. Importing this
module imports numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import LabelArray
from . import vectorised
from .compiled import as_volume, count_tuples
from .compiled_jit import compiled, lowest_bit
from .compiled_planes import add_sides_of_changes
from .surfaces import class_lookup

_ONE = np.uint64(1)
#: Labels further apart than this have no table of all ids between them.
_LOOKUP_IDS = 1 << 20


def count_rims(
    labels: LabelArray, ignore_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rims of all labels; see :func:`napari_mask_audit.kernels.count_rims`."""
    ids, counts = count_tuples([labels])
    if ids[-1, 0] - ids[0, 0] >= _LOOKUP_IDS:
        return vectorised.count_rims(labels, ignore_ids)
    counted = ~np.isin(ids[:, 0], ignore_ids)
    present = ids[counted, 0].astype(np.int64)
    sizes = np.zeros((present.size, 3), np.int64)
    sizes[:, 0] = counts[counted]
    volume = as_volume(labels)
    plane = np.zeros((*volume.shape[:2], -(-volume.shape[2] // 64)), np.uint64)
    add_sides_of_changes(volume, plane)
    low = int(ids[0, 0])
    lookup = class_lookup(present, low, int(ids[-1, 0])).astype(np.int32)
    _add_rims(volume, plane, lookup, low, sizes)
    return present, sizes


@compiled
def _add_rims(labels: Any, plane: Any, lookup: Any, low: int, sizes: Any) -> None:
    """Count the pixels of the plane for their own label and once for each label next to them."""
    depth, height, width = labels.shape
    counted_at = np.full(len(sizes), -1, np.int64)  # the last pixel won by each label
    for z in range(depth):
        for y in range(height):
            for w in range(plane.shape[2]):
                bits = plane[z, y, w]
                while bits:
                    x = 64 * w + lowest_bit(bits)
                    bits &= bits - _ONE
                    own = lookup[np.int64(labels[z, y, x]) - low]
                    if own < 0:
                        continue
                    at_rim = False
                    pixel = (z * height + y) * width + x
                    for side in range(6):
                        step = 1 if side & 1 else -1
                        k = z + (step if side >= 4 else 0)
                        j = y + (step if side == 2 or side == 3 else 0)
                        i = x + (step if side < 2 else 0)
                        if not (0 <= k < depth and 0 <= j < height and 0 <= i < width):
                            continue
                        other = lookup[np.int64(labels[k, j, i]) - low]
                        if other < 0 or other == own:
                            continue
                        at_rim = True
                        if counted_at[other] != pixel:
                            counted_at[other] = pixel
                            sizes[other, 2] += 1
                    if at_rim:
                        sizes[own, 1] += 1
