"""Boundary bands of every class of a mask pair, counted in pixels.

The pixels are visited by the kernels, once for all classes; the counts are all that Boundary IoU
needs, also pooled over samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .errors import SettingsError
from .masks import LabelArray, require_same_shape
from .overlap import ClassSizes, PairTable, count_overlap


def boundary_width(shape: Sequence[int], fraction: float = 0.02) -> int:
    """Width in pixels of the Boundary IoU band for an image of this shape.

    ``max(1, round(fraction · diagonal))``, a half rounding to the even number, as in the
    reference implementation of Cheng et al. (2021, doi:10.1109/CVPR46437.2021.01508).

    Parameters
    ----------
    shape : sequence of int
        (y, x) or (z, y, x). In 3D the diagonal of a slice is used: the number of slices says
        nothing about how precisely a boundary was drawn.
    fraction : float
        Share of the diagonal; 0.02 in the paper, 0.008 for LVIS.

    Examples
    --------
    >>> boundary_width((480, 640)), boundary_width((20, 20))
    (16, 1)
    """
    if not fraction > 0:
        raise SettingsError(
            "bad-boundary-width", f"the boundary fraction must be > 0, but is {fraction}."
        )
    height, width = shape[-2:]
    return max(1, round(fraction * float(np.hypot(height, width))))


@dataclass(frozen=True)
class ClassBand:
    """Pixel counts of one class that Boundary IoU needs; they add over tiles and samples.

    Attributes
    ----------
    reference, candidate : int
        Valid pixels of the class in either mask.
    reference_band, candidate_band : int
        Those in the class's own inner boundary band.
    intersection : int
        Those in both bands.
    """

    reference: int = 0
    candidate: int = 0
    reference_band: int = 0
    candidate_band: int = 0
    intersection: int = 0

    @property
    def boundary_iou(self) -> float:
        """Boundary IoU in [0, 1], 1 is perfect; nan where neither mask has the class."""
        union = self.reference_band + self.candidate_band - self.intersection
        return self.intersection / union if union else float("nan")

    @property
    def band_swallows_object(self) -> bool:
        """Whether the band covers all of the class in the reference or in the candidate.

        Then Boundary IoU no longer looks at the boundary: where both are covered it equals IoU.
        """
        return bool(
            (self.reference and self.reference == self.reference_band)
            or (self.candidate and self.candidate == self.candidate_band)
        )

    def __add__(self, other: ClassBand) -> ClassBand:
        return ClassBand(
            self.reference + other.reference,
            self.candidate + other.candidate,
            self.reference_band + other.reference_band,
            self.candidate_band + other.candidate_band,
            self.intersection + other.intersection,
        )


@dataclass(frozen=True)
class BandCounts:
    """Boundary band counts of every class that occurs in a mask pair.

    Attributes
    ----------
    width : int
        Band width in pixels.
    classes : dict of int to ClassBand
        Classes that occur on valid pixels, ascending.
    valid : int
        Pixels that count, i.e. whose reference label is not ignored.
    """

    width: int
    classes: dict[int, ClassBand]
    valid: int

    def __getitem__(self, class_id: int) -> ClassBand:
        """Counts of one class; all zero where it does not occur."""
        return self.classes.get(class_id, ClassBand())


def count_boundary_bands(
    reference: LabelArray,
    candidate: LabelArray,
    width: int,
    *,
    ignore_ids: Iterable[int] = (),
) -> BandCounts:
    """Pixels of every class inside the boundary bands of reference, candidate and both.

    Parameters
    ----------
    reference, candidate : ndarray of int, same shape, (y, x) or (z, y, x)
    width : int
        Band width in pixels, at least 1.
    ignore_ids : iterable of int
        Reference labels whose pixels do not count. The bands themselves are those of the whole
        masks, so an ignored area adds or removes no boundary.

    Raises
    ------
    MaskError
        ``shape-mismatch``.
    SettingsError
        ``bad-boundary-width``.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.zeros((6, 6), int); a[1:4, 1:4] = 1
    >>> b = np.zeros((6, 6), int); b[1:4, 1:5] = 1
    >>> count_boundary_bands(a, b, 1)[1].boundary_iou  # 7 of 8 + 10 - 7 pixels
    0.6363636363636364
    """
    require_same_shape(reference.shape, candidate.shape)
    if width < 1:
        raise SettingsError(
            "bad-boundary-width", f"the boundary width must be at least 1 pixel, but is {width}."
        )
    table = count_overlap([reference, candidate], ["reference", "candidate"], band_width=width)
    valid = table.pair("reference", "candidate").without(ignore_ids)
    return bands_of(valid, valid.sizes, width)


def bands_of(table: PairTable, class_ids: Iterable[int], width: int) -> BandCounts:
    """Boundary band counts of some classes, from a table that was counted with bands.

    Parameters
    ----------
    table : PairTable
        With ignored pixels already left out.
    class_ids : iterable of int
        Classes wanted, whether they occur or not.
    width : int
        Band width that the table was counted with.
    """
    classes = {}
    for class_id in class_ids:
        sizes = table.sizes.get(class_id, ClassSizes())
        classes[class_id] = ClassBand(
            reference=sizes.reference,
            candidate=sizes.candidate,
            reference_band=sizes.reference_band,
            candidate_band=sizes.candidate_band,
            intersection=sizes.band_overlap,
        )
    return BandCounts(width, classes, table.pixels)
