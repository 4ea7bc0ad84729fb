"""Where two masks draw their boundaries differently, as one small map of codes.

The report's pictures and the layer in the viewer show the same map with the same colours and the
same words, so both come from here. The colours are from the Okabe–Ito palette and stay apart for
colour-blind readers; light grey for agreement differs from both in lightness as well.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .errors import MaskError
from .kernels import boundary_bands
from .masks import LabelArray

NOTHING: Final = 0
REFERENCE_ONLY: Final = 1
CANDIDATE_ONLY: Final = 2
BOTH: Final = 3


@dataclass(frozen=True)
class LegendEntry:
    """Meaning of one code of :func:`disagreement_map`.

    Attributes
    ----------
    code : int
        Value in the map.
    name : str
        Stable key, ``snake_case``.
    words : str
        What the legend says.
    color : str
        ``#RRGGBB``.
    """

    code: int
    name: str
    words: str
    color: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green, blue, 0 to 255.

        Examples
        --------
        >>> LegendEntry(1, "a", "a", "#0072B2").rgb
        (0, 114, 178)
        """
        red, green, blue = bytes.fromhex(self.color[1:])
        return red, green, blue


#: One entry per code above 0, in the order of the codes.
OVERLAY_LEGEND: Final = (
    LegendEntry(REFERENCE_ONLY, "reference_only", "boundary only in the reference", "#0072B2"),
    LegendEntry(CANDIDATE_ONLY, "candidate_only", "boundary only in the candidate", "#E69F00"),
    LegendEntry(BOTH, "both", "boundary in both", "#FFFFFF"),
)


def disagreement_map(
    reference: LabelArray,
    candidate: LabelArray,
    *,
    width: int = 1,
    ignore_ids: Collection[int] = (),
) -> NDArray[np.uint8]:
    """Boundary pixels of two masks, coded by which of the masks has a boundary there.

    A pixel is on a boundary when a pixel with another label lies within ``width`` chessboard
    steps of it (beyond the image edge counts as another label); this is the inner boundary band
    of Boundary IoU, for all labels at once.

    Parameters
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x), the same for both
        Label maps.
    width : int
        Width of the boundary in pixels, at least 1.
    ignore_ids : collection of int
        Pixels with one of these ids in the reference are left out (0).

    Returns
    -------
    ndarray of uint8, same shape
        0 nothing, 1 boundary only in the reference, 2 only in the candidate, 3 in both.

    Raises
    ------
    MaskError
        ``shape-mismatch``.

    Examples
    --------
    >>> reference = np.zeros((5, 7), np.uint8)
    >>> candidate = reference.copy()
    >>> reference[:, 3:], candidate[:, 4:] = 1, 1
    >>> disagreement_map(reference, candidate)
    array([[3, 3, 3, 3, 3, 3, 3],
           [3, 0, 1, 3, 2, 0, 3],
           [3, 0, 1, 3, 2, 0, 3],
           [3, 0, 1, 3, 2, 0, 3],
           [3, 3, 3, 3, 3, 3, 3]], dtype=uint8)
    """
    if reference.shape != candidate.shape:
        raise MaskError(
            "shape-mismatch",
            f"the reference has shape {reference.shape}, the candidate {candidate.shape}; masks "
            "are never resized. Export both at the size of the image.",
        )
    bands = [boundary_bands(labels, width) for labels in (reference, candidate)]
    codes: NDArray[np.uint8] = bands[0] + bands[1] * np.uint8(CANDIDATE_ONLY)
    for ignored in ignore_ids:
        codes *= reference != ignored
    return codes
