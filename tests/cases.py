"""Canonical mask pairs of one class (id 1) with the numbers that must come out, derived by hand.

Conventions: ``nsd`` and ``boundary_f`` are at tolerance 1, ``boundary_iou`` at band width 1.

``surfel``: pixel corners weighted by the boundary they stand for. In 2D with square pixels a point
on an edge weighs 1 and the corner of a rectangle √2/2, so a rectangle whose sides have a and b
pixels has the boundary 2·(a−1) + 2·(b−1) + 2·√2. Corner number r lies above pixel row r.
``voxel``: border pixels, each weighing 1; an a × b rectangle has 2·(a−1) + 2·(b−1).

Every boundary score follows from the distances d and weights w of the points of both outlines:
assd = Σwd/Σw over both, masd = mean of the two directed means, hd95 from the directed 95 %
quantiles, boundary_f = harmonic mean of the directed shares. Where all differences lie on one side
the signed offset is ±masd, and its spread √(Σwd²/Σw − assd²); where a mirror or a rotation swaps
the two masks the offset is 0 and the spread √(Σwd²/Σw).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Scores of the regions and of the boundary bands, in every convention the same.
REGION = (
    "iou",
    "dice",
    "precision",
    "recall",
    "volume_difference",
    "boundary_iou",
    "size_sensitivity",
)
#: Scores of the outlines, one value per convention.
OUTLINE = (
    "hd",
    "hd95",
    "assd",
    "masd",
    "nsd",
    "boundary_f",
    "boundary_offset",
    "boundary_offset_sd",
)
#: Counts of each mask, None where it lacks the class.
TOPOLOGY = ("components", "holes", "euler")

Pieces = tuple[int, int, int] | None


@dataclass(frozen=True)
class Case:
    """Two masks and the scores of class 1.

    ``topology`` is (components, holes, Euler number) of the reference and of the candidate.
    """

    name: str
    reference: NDArray[np.uint8]
    candidate: NDArray[np.uint8]
    spacing: tuple[float, ...]
    region: Mapping[str, float]
    surfel: Mapping[str, float]
    voxel: Mapping[str, float]
    topology: tuple[Pieces, Pieces]

    def __post_init__(self) -> None:
        # Whoever writes into a mask fails.
        self.reference.setflags(write=False)
        self.candidate.setflags(write=False)

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """``E1`` … ``E18``."""
        return self.name.split()[0]

    @property
    def expected(self) -> dict[str, float]:
        """Boundary scores by short name, those of the ``voxel`` convention with that prefix."""
        voxel = {f"voxel_{name}": value for name, value in self.voxel.items()}
        return {"biou": self.region["boundary_iou"], **self.surfel, **voxel}


def boxes(shape: tuple[int, ...], *corners: tuple[tuple[int, int], ...]) -> NDArray[np.uint8]:
    """Mask of 1 inside some boxes, each given by (start, stop) per axis."""
    mask = np.zeros(shape, np.uint8)
    for box in corners:
        mask[tuple(slice(*extent) for extent in box)] = 1
    return mask


def _case(
    name: str,
    reference: Any,
    candidate: Any,
    *,
    region: Mapping[str, float],
    surfel: Mapping[str, float],
    voxel: Mapping[str, float] | None = None,
    spacing: tuple[float, ...] = (1, 1),
    topology: tuple[Pieces, Pieces] = ((1, 0, 1), (1, 0, 1)),
) -> Case:
    both = surfel if voxel is None else voxel
    return Case(name, reference, candidate, spacing, region, surfel, both, topology)


def _outline(
    *,
    hd: float,
    hd95: float,
    assd: float,
    nsd: float,
    square: float,
    side: int = 0,
    masd: float | None = None,
    boundary_f: float | None = None,
) -> dict[str, float]:
    """Outline scores of a case; ``square`` is Σwd²/Σw.

    ``side`` is +1 where the candidate is too large, −1 where it is too small, 0 where the masks
    can be swapped by a symmetry; then both directed means and shares are equal.
    """
    masd = assd if masd is None else masd
    return {
        "hd": hd,
        "hd95": hd95,
        "assd": assd,
        "masd": masd,
        "nsd": nsd,
        "boundary_f": nsd if boundary_f is None else boundary_f,
        "boundary_offset": side * masd,
        "boundary_offset_sd": sqrt(square - side**2 * assd**2),
    }


def _harmonic(first: float, second: float) -> float:
    return 2 * first * second / (first + second)


_R2, _R5, _R10, _R17 = sqrt(2), sqrt(5), sqrt(10), sqrt(17)
_SIZE = (32, 32)
_EMPTY = boxes(_SIZE)
_FULL = boxes(_SIZE, ((0, 32), (0, 32)))
_SQUARE = boxes(_SIZE, ((5, 15), (5, 15)))
_LOWER = boxes(_SIZE, ((6, 16), (5, 15)))  # the square, one row further down
_PIXEL = boxes(_SIZE, ((10, 11), (10, 11)))
_EDGE = 36 + 2 * _R2  # boundary of the 10 × 10 square

# Shrunk by a pixel the square keeps 64 of 100, grown by one (without diagonals) it has 140.
_SQUARE_SENSITIVITY = 1 - (64 / 100 + 100 / 140) / 2
_PIXEL_SENSITIVITY = 1 - (0 + 1 / 5) / 2

_UNDEFINED = dict.fromkeys(OUTLINE, nan)
_MISSED = dict.fromkeys(("hd", "hd95", "assd", "masd"), inf) | {
    "nsd": 0,
    "boundary_f": 0,
    "boundary_offset": nan,  # there is no second outline to be inside or outside of
    "boundary_offset_sd": nan,
}
_EQUAL = _outline(hd=0, hd95=0, assd=0, nsd=1, square=0)
_PERFECT = dict.fromkeys(REGION, 1) | {"volume_difference": 0}
_APART = dict.fromkeys(REGION, 0)


def _within_huge() -> tuple[dict[str, float], dict[str, float]]:
    """E15: outline scores of a 3 × 3 square inside a 56 × 56 one.

    The small square is 26 corners (or pixels) from the near sides and 27 from the far ones. Along
    a side, the points that face the small square are `k` away and the others √(k² + t²), with t up
    to 25 on one end and 26 on the other. The corners are 26√2, twice √(26² + 27²), and 27√2 away.
    """
    corners = {26 * _R2: 1, sqrt(26**2 + 27**2): 2, 27 * _R2: 1}
    ends = [*range(1, 26), *range(1, 27)]
    found = []
    # Facing points per side, weight of a corner, and (distance, weight) from the small square,
    # whose outline is nearest to the near sides: 26 for those on its near sides, 27 for the rest.
    for facing, corner, inner in (
        (4, _R2 / 2, ((26, 4 + 3 * _R2 / 2), (27, 4 + _R2 / 2))),
        (3, 1, ((26, 5), (27, 3))),
    ):
        outer = [(d, corner * n) for d, n in corners.items()]
        outer += [(k, 2 * facing) for k in (26, 27)]
        outer += [(sqrt(k**2 + t**2), 2) for k in (26, 27) for t in ends]
        sums = [[sum(w * d**p for d, w in side) for p in (0, 1, 2)] for side in (outer, inner)]
        length, total, squares = (a + b for a, b in zip(*sums, strict=True))
        found.append((sums, total / length, squares / length))
    # Above the quantile, largest first: 27√2, √1405, √1354 (four), 26√2 = √1352; with the small
    # corners of `surfel` that is 10.8 of 222.8, less than 5 %, and the next is √(27² + 24²).
    # As pixels they are 12 of 220, and number 208.05 of 0 … 219 lies among the 26√2.
    return tuple(
        _outline(
            hd=27 * _R2,
            hd95=hd95,
            assd=assd,
            masd=(sums[0][1] / sums[0][0] + sums[1][1] / sums[1][0]) / 2,
            nsd=0,
            square=square,
            side=-1,
        )
        for (sums, assd, square), hd95 in zip(found, (sqrt(27**2 + 24**2), 26 * _R2), strict=True)
    )


_E15_SURFEL, _E15_VOXEL = _within_huge()
# E18: weights of the cube's corners. A point on its lids weighs 1 · 1, on its walls 2 · 1, on an
# upright edge 2 · √2/2, on an edge of a lid √5/2 and at a corner 3/8 (a triangle).
_CUBE = 2 * 36 * 1 + 4 * 36 * 2 + 4 * 6 * _R2 + 8 * 6 * _R5 / 2 + 8 * 3 / 8
_LID = 36 + 4 * 6 * _R5 / 2 + 4 * 3 / 8

CASES = [
    _case(
        "E1 both empty",
        _EMPTY,
        _EMPTY,
        region=dict.fromkeys(REGION, nan),
        surfel=_UNDEFINED,
        topology=(None, None),
    ),
    _case(
        "E2 reference empty",
        _EMPTY,
        _SQUARE,
        region=_APART | {"recall": nan, "volume_difference": nan, "size_sensitivity": nan},
        surfel=_MISSED,
        topology=(None, (1, 0, 1)),
    ),
    _case(
        "E3 candidate empty",
        _SQUARE,
        _EMPTY,
        region=_APART
        | {
            "precision": nan,
            "volume_difference": -1,
            "size_sensitivity": _SQUARE_SENSITIVITY,
        },
        surfel=_MISSED,
        topology=((1, 0, 1), None),
    ),
    _case(
        "E4 identical",
        _SQUARE,
        _SQUARE,
        region=_PERFECT | {"size_sensitivity": _SQUARE_SENSITIVITY},
        surfel=_EQUAL,
    ),
    _case(
        "E5 both full",
        _FULL,
        _FULL,
        # No boundary inside the image could move.
        region=_PERFECT | {"size_sensitivity": 0},
        surfel=_EQUAL,
    ),
    _case(
        "E6 full against full without its rim",
        _FULL,
        boxes(_SIZE, ((1, 31), (1, 31))),
        # 30² of 32² pixels, none too many.
        region={
            "iou": 900 / 1024,
            "dice": 1800 / 1924,
            "precision": 1,
            "recall": 900 / 1024,
            "volume_difference": -124 / 1024,
            "boundary_iou": 0,
            "size_sensitivity": 0,
        },
        # Outer outline 124 + 2√2: 4 · 31 points at 1, and four corners (together 2√2) at √2.
        # Inner outline 116 + 2√2, all at 1.
        surfel=_outline(
            hd=_R2,
            hd95=1,
            assd=(124 + 4 + 116 + 2 * _R2) / (240 + 4 * _R2),
            masd=(128 / (124 + 2 * _R2) + 1) / 2,
            nsd=(124 + 116 + 2 * _R2) / (240 + 4 * _R2),
            boundary_f=_harmonic(124 / (124 + 2 * _R2), 1),
            square=(124 + 4 * _R2 + 116 + 2 * _R2) / (240 + 4 * _R2),
            side=-1,
        ),
        # 120 rim pixels at 1, 4 corners at √2; 116 pixels of the next ring at 1.
        voxel=_outline(
            hd=_R2,
            hd95=1,
            assd=(120 + 4 * _R2 + 116) / 240,
            masd=((120 + 4 * _R2) / 124 + 1) / 2,
            nsd=236 / 240,
            boundary_f=_harmonic(120 / 124, 1),
            square=(120 + 8 + 116) / 240,
            side=-1,
        ),
    ),
    _case(
        "E7 same single pixel",
        _PIXEL,
        _PIXEL,
        region=_PERFECT | {"size_sensitivity": _PIXEL_SENSITIVITY},
        surfel=_EQUAL,
    ),
    _case(
        "E8 single pixels two apart",
        _PIXEL,
        boxes(_SIZE, ((10, 11), (12, 13))),
        region=_APART | {"size_sensitivity": _PIXEL_SENSITIVITY},
        # Each pixel has four corners of equal weight: two at distance 1, two at 2.
        surfel=_outline(hd=2, hd95=2, assd=1.5, nsd=0.5, square=(1 + 4) / 2),
        voxel=_outline(hd=2, hd95=2, assd=2, nsd=0, square=4),
    ),
    _case(
        "E9 square one row down",
        _SQUARE,
        _LOWER,
        # 90 pixels shared. Bands of 36 pixels share 2 · 9 on the left and right side.
        region={
            "iou": 90 / 110,
            "dice": 180 / 200,
            "precision": 0.9,
            "recall": 0.9,
            "volume_difference": 0,
            "boundary_iou": 18 / 54,
            "size_sensitivity": _SQUARE_SENSITIVITY,
        },
        # Away from the other outline: one outer side with its corners (9 + √2) and one inner
        # side without (9), all at distance 1: half of 36 + 2√2.
        surfel=_outline(hd=1, hd95=1, assd=0.5, nsd=1, square=0.5),
        # 10 pixels of the outer row and 8 of the inner one, of 36.
        voxel=_outline(hd=1, hd95=1, assd=0.5, nsd=1, square=0.5),
    ),
    _case(
        "E10 square one row down, tall pixels",
        _SQUARE,
        _LOWER,
        spacing=(3, 1),
        # Pixels are counted, so nothing changes from E9.
        region={
            "iou": 90 / 110,
            "dice": 180 / 200,
            "precision": 0.9,
            "recall": 0.9,
            "volume_difference": 0,
            "boundary_iou": 18 / 54,
            "size_sensitivity": _SQUARE_SENSITIVITY,
        },
        # An outline is 18 · 1 + 18 · 3 + 2√10. Outer side: 9 points of weight 1 and 2 corners of
        # ½√10, at 3. Inner side: 9 points whose nearest is 3 below or closer sideways:
        # 1, 2, 3 five times, 2, 1. Beyond 1: the outer side, and the inner but for its two ends.
        surfel=_outline(
            hd=3,
            hd95=3,
            assd=(27 + 3 * _R10 + 21) / (72 + 2 * _R10),
            nsd=(72 + 2 * _R10 - (9 + _R10) - 7) / (72 + 2 * _R10),
            square=(81 + 9 * _R10 + 55) / (72 + 2 * _R10),
        ),
        # 10 pixels at 3; 8 at 1, 2, 3 four times, 2, 1; of 36.
        voxel=_outline(hd=3, hd95=3, assd=(30 + 18) / 36, nsd=20 / 36, square=(90 + 46) / 36),
    ),
    _case(
        "E11 concentric squares",
        boxes(_SIZE, ((8, 18), (8, 18))),
        boxes(_SIZE, ((6, 20), (6, 20))),
        region={
            "iou": 100 / 196,
            "dice": 200 / 296,
            "precision": 100 / 196,
            "recall": 1,
            "volume_difference": 0.96,
            "boundary_iou": 0,
            "size_sensitivity": _SQUARE_SENSITIVITY,
        },
        # Inner: all at 2. Outer, per side: 11 points that face the inner side at 2, one at each
        # end at √5; and the four corners (together 2√2 of 54.8, more than 5 %) at √8.
        surfel=_outline(
            hd=2 * _R2,
            hd95=2 * _R2,
            assd=(2 * _EDGE + 4 * (22 + 2 * _R5) + 8) / (36 + 52 + 4 * _R2),
            masd=(2 + (4 * (22 + 2 * _R5) + 8) / (52 + 2 * _R2)) / 2,
            nsd=0,
            square=(4 * _EDGE + 4 * (44 + 10) + 16 * _R2) / (36 + 52 + 4 * _R2),
            side=1,
        ),
        # 36 pixels at 2; of 52, per side 10 at 2 and 2 at √5, and 4 corners at √8, which hold
        # number 48.45 of 0 … 51.
        voxel=_outline(
            hd=2 * _R2,
            hd95=2 * _R2,
            assd=(72 + 4 * (20 + 2 * _R5) + 8 * _R2) / 88,
            masd=(2 + (4 * (20 + 2 * _R5) + 8 * _R2) / 52) / 2,
            nsd=0,
            square=(144 + 4 * (40 + 10) + 32) / 88,
            side=1,
        ),
    ),
    _case(
        "E12 touching the image edge",
        boxes(_SIZE, ((0, 10), (5, 15))),
        boxes(_SIZE, ((0, 11), (5, 15))),
        # Bands 36 and 38 share the top row and 9 pixels on either side. The upper side lies at
        # the edge and cannot move: shrunk 9 × 8 pixels, grown 100 + 10 + 10 + 10.
        region={
            "iou": 100 / 110,
            "dice": 200 / 210,
            "precision": 100 / 110,
            "recall": 1,
            "volume_difference": 0.1,
            "boundary_iou": 28 / 46,
            "size_sensitivity": 1 - (72 / 100 + 100 / 130) / 2,
        },
        # 9 points of the reference's lower side, and 9 points and 2 corners of the candidate's.
        surfel=_outline(
            hd=1,
            hd95=1,
            assd=(18 + _R2) / (36 + 38 + 4 * _R2),
            masd=(9 / _EDGE + (9 + _R2) / (38 + 2 * _R2)) / 2,
            nsd=1,
            square=(18 + _R2) / (36 + 38 + 4 * _R2),
            side=1,
        ),
        # 8 pixels of one and 10 of the other lower row, at 1.
        voxel=_outline(
            hd=1,
            hd95=1,
            assd=18 / 74,
            masd=(8 / 36 + 10 / 38) / 2,
            nsd=1,
            square=18 / 74,
            side=1,
        ),
    ),
    _case(
        "E13 one far pixel too many",
        _SQUARE,
        boxes(_SIZE, ((5, 15), (5, 15)), ((24, 25), (24, 25))),
        region={
            "iou": 100 / 101,
            "dice": 200 / 201,
            "precision": 100 / 101,
            "recall": 1,
            "volume_difference": 0.01,
            "boundary_iou": 36 / 37,
            "size_sensitivity": _SQUARE_SENSITIVITY,
        },
        # The far pixel's corners, √2/2 each, are at 9√2, twice √181, and 10√2. The last is 1.7 %
        # of the candidate's outline, the last three are 5.1 %.
        surfel=_outline(
            hd=10 * _R2,
            hd95=sqrt(181),
            assd=_R2 / 2 * (19 * _R2 + 2 * sqrt(181)) / (2 * _EDGE + 2 * _R2),
            masd=_R2 / 2 * (19 * _R2 + 2 * sqrt(181)) / (_EDGE + 2 * _R2) / 2,
            nsd=2 * _EDGE / (2 * _EDGE + 2 * _R2),
            boundary_f=_harmonic(1, _EDGE / (_EDGE + 2 * _R2)),
            square=_R2 / 2 * (162 + 2 * 181 + 200) / (2 * _EDGE + 2 * _R2),
            side=1,
        ),
        # One pixel of 37 is less than 5 %: HD95 does not see it.
        voxel=_outline(
            hd=10 * _R2,
            hd95=0,
            assd=10 * _R2 / 73,
            masd=10 * _R2 / 37 / 2,
            nsd=72 / 73,
            boundary_f=_harmonic(1, 36 / 37),
            square=200 / 73,
            side=1,
        ),
        topology=((1, 0, 1), (2, 0, 2)),
    ),
    _case(
        "E14 hole",
        _SQUARE,
        _SQUARE - boxes(_SIZE, ((9, 11), (9, 11))),
        # The 12 pixels around the hole are band, diagonal ones included.
        region={
            "iou": 0.96,
            "dice": 192 / 196,
            "precision": 1,
            "recall": 0.96,
            "volume_difference": -0.04,
            "boundary_iou": 36 / 48,
            "size_sensitivity": _SQUARE_SENSITIVITY,
        },
        # The outline of the hole: 4 points of weight 1 and 4 corners of √2/2, all 4 from a side.
        surfel=_outline(
            hd=4,
            hd95=4,
            assd=4 * (4 + 2 * _R2) / (2 * _EDGE + 4 + 2 * _R2),
            masd=4 * (4 + 2 * _R2) / (_EDGE + 4 + 2 * _R2) / 2,
            nsd=2 * _EDGE / (2 * _EDGE + 4 + 2 * _R2),
            boundary_f=_harmonic(1, _EDGE / (_EDGE + 4 + 2 * _R2)),
            square=16 * (4 + 2 * _R2) / (2 * _EDGE + 4 + 2 * _R2),
            side=-1,
        ),
        # 8 pixels share a side with the hole, 3 from the outer border.
        voxel=_outline(
            hd=3,
            hd95=3,
            assd=24 / 80,
            masd=24 / 44 / 2,
            nsd=72 / 80,
            boundary_f=_harmonic(1, 36 / 44),
            square=72 / 80,
            side=-1,
        ),
        topology=((1, 0, 1), (1, 1, 0)),
    ),
    _case(
        "E15 tiny inside huge",
        boxes((64, 64), ((4, 60), (4, 60))),
        boxes((64, 64), ((30, 33), (30, 33))),
        # Shrunk 54² pixels, grown 56² + 4 · 56.
        region={
            "iou": 9 / 3136,
            "dice": 18 / 3145,
            "precision": 1,
            "recall": 9 / 3136,
            "volume_difference": -3127 / 3136,
            "boundary_iou": 0,
            "size_sensitivity": 1 - (2916 / 3136 + 3136 / 3360) / 2,
        },
        surfel=_E15_SURFEL,
        voxel=_E15_VOXEL,
    ),
    _case(
        "E16 touching corners",
        boxes(_SIZE, ((8, 12), (8, 12))),
        boxes(_SIZE, ((12, 16), (12, 16))),
        # Shrunk 2 × 2 of 16 pixels, grown 16 + 16.
        region=_APART | {"size_sensitivity": 1 - (4 / 16 + 16 / 32) / 2},
        # The nearest is always the shared corner; with steps a, b from it: corners (0, 0), (0, 4),
        # (4, 0), (4, 4), and the sides (0, 1 … 3) and (4, 1 … 3) twice each. The farthest corner is
        # 4.8 % of the outline; then comes √(4² + 3²). Within 1: the shared corner and two points.
        surfel=_outline(
            hd=4 * _R2,
            hd95=5,
            assd=(_R2 / 2 * (8 + 4 * _R2) + 12 + 2 * (_R17 + 2 * _R5 + 5)) / (12 + 2 * _R2),
            nsd=(_R2 / 2 + 2) / (12 + 2 * _R2),
            square=(_R2 / 2 * 64 + 2 * 14 + 2 * 62) / (12 + 2 * _R2),
        ),
        # Pixels: steps (1, 1), (4, 4), and twice each (1, 2 … 4), (4, 2), (4, 3). Number 10.45 of
        # 0 … 11 lies between 5 and √32.
        voxel=_outline(
            hd=4 * _R2,
            hd95=5 + 0.45 * (4 * _R2 - 5),
            assd=(5 * _R2 + 2 * (_R5 + _R10 + _R17 + 2 * _R5 + 5)) / 12,
            nsd=0,
            square=(2 + 2 * (5 + 10 + 17 + 20 + 25) + 32) / 12,
        ),
    ),
    _case(
        "E17 line one row down",
        boxes(_SIZE, ((10, 11), (5, 25))),
        boxes(_SIZE, ((11, 12), (5, 25))),
        # Shrunk to nothing, grown from 20 to 62 pixels.
        region=_APART | {"size_sensitivity": 1 - (0 + 20 / 62) / 2},
        # One side lies on the other line's side, the other at distance 1.
        surfel=_outline(hd=1, hd95=1, assd=0.5, nsd=1, square=0.5),
        voxel=_outline(hd=1, hd95=1, assd=1, nsd=1, square=1),
    ),
    _case(
        "E18 cube one thick slice on",
        boxes((20, 20, 20), ((5, 12), (5, 12), (5, 12))),
        boxes((20, 20, 20), ((6, 13), (5, 12), (5, 12))),
        spacing=(2, 1, 1),
        # 6 of 7 slices shared. Bands of 343 − 125 = 218 voxels share the walls (24 voxels) of 4
        # slices; of the two where one cube has its lid and the other its wall, again the wall.
        region={
            "iou": 6 / 8,
            "dice": 12 / 14,
            "precision": 6 / 7,
            "recall": 6 / 7,
            "volume_difference": 0,
            "boundary_iou": 144 / (218 + 218 - 144),
            "size_sensitivity": 1 - (125 / 343 + 343 / (343 + 6 * 49)) / 2,
        },
        # Outer lid with its rim: all at 2. Inner lid without its rim: 20 points at 1 from a wall,
        # the 16 others at 2 from a wall or the next lid.
        surfel=_outline(
            hd=2,
            hd95=2,
            assd=(2 * _LID + 20 + 32) / _CUBE,
            nsd=1 - (_LID + 16) / _CUBE,
            square=(4 * _LID + 20 + 64) / _CUBE,
        ),
        # 49 voxels at 2; of 25, 16 at 1 and 9 at 2.
        voxel=_outline(
            hd=2,
            hd95=2,
            assd=(98 + 16 + 18) / 218,
            nsd=160 / 218,
            square=(196 + 16 + 36) / 218,
        ),
    ),
]
