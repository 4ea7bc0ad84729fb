"""What is measured of a mask pair before any threshold: regions, wrong pixels, distances.

Measuring looks at the pixels, deciding (:mod:`.buckets`) does not. So another threshold is counted
again from what is kept here: only a tolerance larger than any before makes wrong pixels look
further, and only other parts of split objects make them look for what lies between.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import MaskError
from ..masks import LabelArray
from .proximity import Ball, ball_for, look_around
from .strips import STRIP_PIXELS, Differences, find_differences
from .topology import mark_topology
from .wrong_runs import WrongRuns


@dataclass(frozen=True, eq=False)
class MeasuredPair:
    """Two masks, their regions and their wrong pixels; no threshold has been used.

    Attributes
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x)
        The masks.
    spacing : tuple of float
        Pixel size per axis.
    background : int or None
        The id that is nobody's object.
    ignore_ids : tuple of int
        Reference ids that do not count.
    differences : Differences
        Regions and wrong pixels.
    strip_pixels : int
        Pixels worked on at a time.
    """

    reference: LabelArray
    candidate: LabelArray
    spacing: tuple[float, ...]
    background: int | None
    ignore_ids: tuple[int, ...]
    differences: Differences
    strip_pixels: int = STRIP_PIXELS
    # What deciding asked for last: the smallest part of a split, the ball, the wrong pixels.
    _asked: list[tuple[float | None, Ball, WrongRuns]] = field(default_factory=list, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the masks."""
        return self.reference.shape

    @property
    def nbytes(self) -> int:
        """Memory it holds, masks included."""
        runs = [self.differences.wrong, *(found for *_, found in self._asked)]
        return self.reference.nbytes + self.candidate.nbytes + sum(r.nbytes for r in runs)

    def wrong(self, tolerance: float, split_part: float | None) -> tuple[WrongRuns, Ball]:
        """The wrong pixels with all that deciding wants to know of them.

        Parameters
        ----------
        tolerance : float
            They look around as far as this asks for.
        split_part : float or None
            Smallest share that a part of a split object has.
        """
        ball = ball_for(tolerance, self.spacing)
        masks, strip_pixels = (self.reference, self.candidate), self.strip_pixels
        if self._asked and self._asked[0][0] == split_part:
            _, known, runs = self._asked[0]
            if len(known) >= len(ball):
                return runs, known
            seen = len(known)
        else:
            runs, seen = self.differences.wrong, 0
            if split_part is not None:
                runs = mark_topology(
                    *masks, self.differences, background=self.background, spacing=self.spacing,
                    split_part=split_part, strip_pixels=strip_pixels,
                )  # fmt: skip
        runs = look_around(*masks, runs, ball, seen=seen, strip_pixels=strip_pixels)
        self._asked[:] = [(split_part, ball, runs)]
        return runs, ball


def measure_pair(
    reference: LabelArray,
    candidate: LabelArray,
    *,
    background: int | None = None,
    ignore_ids: Collection[int] = (),
    spacing: Sequence[float] | None = None,
    strip_pixels: int = STRIP_PIXELS,
) -> MeasuredPair:
    """Find the regions and the wrong pixels of two masks.

    Parameters
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x), the same for both
        Class ids; memory-mapped arrays are read strip by strip.
    background : int, optional
        The id that is nobody's object. Without one every class is treated alike.
    ignore_ids : collection of int
        Pixels with one of these ids in the reference do not count.
    spacing : sequence of float, optional
        Pixel size per axis; 1 by default.
    strip_pixels : int
        Pixels worked on at a time. It bounds the memory and does not change the result.

    Raises
    ------
    MaskError
        ``shape-mismatch``, ``bad-spacing``.
    """
    grid = _checked_spacing(reference, candidate, spacing)
    ignored = tuple(sorted(ignore_ids))
    found = find_differences(reference, candidate, ignored, strip_pixels)
    return MeasuredPair(
        reference, candidate, grid, background, ignored, found, strip_pixels=strip_pixels
    )


def _checked_spacing(
    reference: LabelArray, candidate: LabelArray, spacing: Sequence[float] | None
) -> tuple[float, ...]:
    if reference.shape != candidate.shape:
        raise MaskError(
            "shape-mismatch",
            f"the reference has shape {reference.shape} and the candidate {candidate.shape}; "
            "both must cover the same pixels.",
        )
    grid = (1.0,) * reference.ndim if spacing is None else tuple(float(s) for s in spacing)
    if len(grid) != reference.ndim or not all(np.isfinite(s) and s > 0 for s in grid):
        raise MaskError(
            "bad-spacing",
            f"spacing must be one positive number for each of {reference.ndim} axes, "
            f"but is {grid}.",
        )
    return grid
