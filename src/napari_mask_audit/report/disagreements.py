"""The largest places where two masks of a sample differ, with a box and in words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..kernels.components import label_components_of_pairs
from ..masks import LabelArray
from .wording import Name, whole


@dataclass(frozen=True)
class Disagreement:
    """A connected region that the reference calls one thing and the candidate another.

    Attributes
    ----------
    reference_id, candidate_id : int
        The two ids.
    pixels : int
        Its size.
    start, stop : tuple of int
        Bounding box, ``stop`` exclusive, in array axis order.
    """

    reference_id: int
    candidate_id: int
    pixels: int
    start: tuple[int, ...]
    stop: tuple[int, ...]

    def words(
        self, name_of: Callable[[int], str], reference: str, candidate: str
    ) -> tuple[str, ...]:
        """Parts of a sentence: what, how large, where (first and last pixel, from 0)."""
        axes = "zyx"[-len(self.start) :]
        where = ", ".join(
            f"{axis} {low}–{high - 1}" if high - low > 1 else f"{axis} {low}"
            for axis, low, high in reversed(list(zip(axes, self.start, self.stop, strict=True)))
        )
        unit = "px" if len(self.start) == 2 else "voxels"
        return (
            Name(name_of(self.reference_id)),
            " in ",
            Name(reference),
            ", ",
            Name(name_of(self.candidate_id)),
            " in ",
            Name(candidate),
            f": {whole(self.pixels)} {unit} at {where}",
        )


def counted_pixels(reference: LabelArray, ignore_ids: Collection[int]) -> NDArray[np.bool_]:
    """Where the reference is not ignored."""
    return ~np.isin(reference, list(ignore_ids))


def largest_disagreements(
    reference: LabelArray,
    candidate: LabelArray,
    *,
    ignore_ids: Collection[int] = (),
    most: int = 4,
) -> tuple[Disagreement, ...]:
    """The largest connected regions of one and the same disagreement, largest first.

    Parameters
    ----------
    reference, candidate : ndarray of int, same shape, (y, x) or (z, y, x)
    ignore_ids : collection of int
        Reference ids that are left out.
    most : int
        How many at most.

    Examples
    --------
    >>> reference = np.array([[1, 1, 1, 0, 0]], np.uint8)
    >>> candidate = np.array([[1, 0, 0, 0, 1]], np.uint8)
    >>> [(d.pixels, d.start, d.stop) for d in largest_disagreements(reference, candidate)]
    [(2, (0, 1), (1, 3)), (1, (0, 4), (1, 5))]
    """
    where = counted_pixels(reference, ignore_ids)
    found = label_components_of_pairs(reference, candidate, where)
    order = np.lexsort((np.arange(len(found)), -found.area))[:most]
    return tuple(
        Disagreement(
            int(found.reference_id[n]),
            int(found.candidate_id[n]),
            int(found.area[n]),
            tuple(found.start[n].tolist()),
            tuple(found.stop[n].tolist()),
        )
        for n in order.tolist()
    )
