"""Canonical mask pairs of one class (id 1) with the numbers that must come out.

Conventions: distances are ``surfel`` (pixel corners weighted by boundary length), ``nsd`` is at
tolerance 1, ``biou`` at band width 1. In 2D an axis-parallel edge point weighs 1, the corner of a
rectangle √2/2, so an a × b rectangle has the boundary 2·(a-1) + 2·(b-1) + 2·√2. Keys beginning
with ``voxel_`` are for border pixels, unweighted. Where no derivation is given for a distance, the
value was checked against the published implementation of Nikolov et al. and is exact to 4 digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Case:
    """Two masks and the scores of class 1."""

    name: str
    reference: NDArray[np.uint8]
    candidate: NDArray[np.uint8]
    spacing: tuple[float, ...]
    expected: dict[str, float]

    def __str__(self) -> str:
        return self.name


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
    spacing: tuple[float, ...] = (1, 1),
    **expected: float,
) -> Case:
    return Case(name, reference, candidate, spacing, expected)


_SIZE = (32, 32)
_EMPTY = boxes(_SIZE)
_FULL = boxes(_SIZE, ((0, 32), (0, 32)))
_SQUARE = boxes(_SIZE, ((5, 15), (5, 15)))
_LOWER = boxes(_SIZE, ((6, 16), (5, 15)))  # the square, one row further down
_EDGE = 36 + 2 * sqrt(2)  # boundary of the 10 × 10 square
_NOTHING = {"iou": nan, "dice": nan, "hd": nan, "hd95": nan, "assd": nan, "nsd": nan, "biou": nan}
_ONE_EMPTY = {"iou": 0, "dice": 0, "hd": inf, "hd95": inf, "assd": inf, "nsd": 0, "biou": 0}
_EQUAL = {"iou": 1, "dice": 1, "hd": 0, "hd95": 0, "assd": 0, "nsd": 1, "biou": 1}
_EQUAL_VOXEL = {"voxel_hd": 0, "voxel_hd95": 0, "voxel_assd": 0, "voxel_nsd": 1}
_APART = {"iou": 0, "dice": 0, "biou": 0}

CASES = [
    _case("E1 both empty", _EMPTY, _EMPTY, **_NOTHING, voxel_hd=nan, voxel_assd=nan),
    _case("E2 reference empty", _EMPTY, _SQUARE, **_ONE_EMPTY, voxel_hd=inf, voxel_nsd=0),
    _case("E3 candidate empty", _SQUARE, _EMPTY, **_ONE_EMPTY, voxel_hd=inf, voxel_nsd=0),
    _case("E4 identical", _SQUARE, _SQUARE, **_EQUAL, **_EQUAL_VOXEL),
    _case("E5 both full", _FULL, _FULL, **_EQUAL, **_EQUAL_VOXEL),
    _case(
        "E6 full against full without its rim",
        _FULL,
        boxes(_SIZE, ((1, 31), (1, 31))),
        iou=900 / 1024,
        dice=1800 / 1924,
        hd=sqrt(2),  # from the image corner to the corner of the smaller square
        hd95=1,
        # Outer: 4·29 points at 1 that face the inner edge, 8 more next to them at 1, 4 corners
        # (√2/2 each) at √2; inner: all at 1. Lengths 124 + 2√2 and 116 + 2√2.
        assd=(124 + 4 + 116 + 2 * sqrt(2)) / (240 + 4 * sqrt(2)),
        nsd=(124 + 116 + 2 * sqrt(2)) / (240 + 4 * sqrt(2)),
        biou=0,
        voxel_hd=sqrt(2),
        voxel_hd95=1,
        # 120 rim pixels at 1, 4 corners at √2; 116 pixels of the next ring at 1.
        voxel_assd=(120 + 4 * sqrt(2) + 116) / 240,
        voxel_nsd=236 / 240,
    ),
    _case(
        "E7 same single pixel",
        boxes(_SIZE, ((10, 11), (10, 11))),
        boxes(_SIZE, ((10, 11), (10, 11))),
        **_EQUAL,
        **_EQUAL_VOXEL,
    ),
    _case(
        "E8 single pixels two apart",
        boxes(_SIZE, ((10, 11), (10, 11))),
        boxes(_SIZE, ((10, 11), (12, 13))),
        **_APART,
        # Each pixel has four corners of equal weight: two at distance 1, two at 2.
        hd=2,
        hd95=2,
        assd=1.5,
        nsd=0.5,
        voxel_hd=2,
        voxel_hd95=2,
        voxel_assd=2,
        voxel_nsd=0,
    ),
    _case(
        "E9 square one row down",
        _SQUARE,
        _LOWER,
        iou=90 / 110,
        dice=0.9,
        hd=1,
        hd95=1,
        # Away from the other outline: one outer side with its corners (9 + √2) and one inner
        # side without (9), all at distance 1: half of 36 + 2√2.
        assd=0.5,
        nsd=1,
        # Bands of 36 pixels share 2 · 9 on the left and right side.
        biou=18 / 54,
        voxel_hd=1,
    ),
    _case(
        "E10 square one row down, tall pixels",
        _SQUARE,
        _LOWER,
        (3, 1),
        iou=90 / 110,
        dice=0.9,
        hd=3,
        hd95=3,
        # Outer side: 9 points of weight 1 and 2 corners of ½√10, at 3. Inner side: 9 points whose
        # nearest is 3 below or closer sideways: 1, 2, 3·5, 2, 1. Length 18·1 + 18·3 + 2√10.
        assd=(27 + 3 * sqrt(10) + 21) / (72 + 2 * sqrt(10)),
        # Beyond 1: the outer side, and all of the inner side but its two ends.
        nsd=(72 + 2 * sqrt(10) - (9 + sqrt(10)) - 7) / (72 + 2 * sqrt(10)),
        biou=18 / 54,
        voxel_hd=3,
        voxel_assd=1.3333,
        voxel_nsd=0.5556,
    ),
    _case(
        "E11 concentric squares",
        boxes(_SIZE, ((8, 18), (8, 18))),
        boxes(_SIZE, ((6, 20), (6, 20))),
        iou=100 / 196,
        dice=200 / 296,
        hd=2 * sqrt(2),
        hd95=2 * sqrt(2),
        # Inner: all at 2. Outer, per side: 11 points that face the inner side at 2, one at each
        # end at √5, and the four corners of √2/2 at √8.
        assd=(2 * _EDGE + 4 * (22 + 2 * sqrt(5)) + 8) / (36 + 52 + 4 * sqrt(2)),
        nsd=0,
        biou=0,
        voxel_hd95=sqrt(8),
    ),
    _case(
        "E12 touching the image edge",
        boxes(_SIZE, ((0, 10), (5, 15))),
        boxes(_SIZE, ((0, 11), (5, 15))),
        iou=100 / 110,
        dice=200 / 210,
        hd=1,
        hd95=1,
        # The 9 points of the upper lower edge, and 9 points and 2 corners of the lower one, at 1.
        assd=(18 + sqrt(2)) / (36 + 38 + 4 * sqrt(2)),
        nsd=1,
        # Bands 36 and 38 share the top row and 9 pixels on either side.
        biou=28 / 46,
        voxel_assd=18 / 74,  # 8 of one and 10 of the other lower row, at 1
    ),
    _case(
        "E13 one far pixel too many",
        _SQUARE,
        boxes(_SIZE, ((5, 15), (5, 15)), ((24, 25), (24, 25))),
        iou=100 / 101,
        dice=200 / 201,
        hd=10 * sqrt(2),
        hd95=sqrt(10**2 + 9**2),  # the far pixel is 2√2 of 41.7: more than 5 % of the surface
        # Its corners, √2/2 each, at 9√2, √181 twice, and 10√2.
        assd=sqrt(0.5) * (19 * sqrt(2) + 2 * sqrt(181)) / (2 * _EDGE + 2 * sqrt(2)),
        nsd=2 * _EDGE / (2 * _EDGE + 2 * sqrt(2)),
        biou=36 / 37,
        voxel_hd=10 * sqrt(2),
        voxel_hd95=0,
        voxel_nsd=72 / 73,
    ),
    _case(
        "E14 hole",
        _SQUARE,
        _SQUARE - boxes(_SIZE, ((9, 11), (9, 11))),
        iou=0.96,
        dice=192 / 196,
        hd=4,
        hd95=4,
        # The outline of the hole: 4 points of weight 1 and 4 corners of √2/2, all 4 from a side.
        assd=4 * (4 + 2 * sqrt(2)) / (2 * _EDGE + 4 + 2 * sqrt(2)),
        nsd=2 * _EDGE / (2 * _EDGE + 4 + 2 * sqrt(2)),
        biou=36 / 48,  # the 12 pixels around the hole are band, corners included
        voxel_hd=3,
        voxel_assd=0.3,  # 8 pixels share a side with the hole; 24 / (36 + 36 + 8)
        voxel_nsd=0.9,
    ),
    _case(
        "E15 tiny inside huge",
        boxes((64, 64), ((4, 60), (4, 60))),
        boxes((64, 64), ((30, 33), (30, 33))),
        iou=9 / 3136,
        dice=18 / 3145,
        hd=27 * sqrt(2),
        hd95=36.1248,
        assd=30.0012,
        nsd=0,
        biou=0,
        voxel_hd=27 * sqrt(2),
        voxel_hd95=36.7696,
        voxel_assd=30.1432,
    ),
    _case(
        "E16 touching corners",
        boxes(_SIZE, ((8, 12), (8, 12))),
        boxes(_SIZE, ((12, 16), (12, 16))),
        **_APART,
        hd=4 * sqrt(2),
        hd95=5,
        assd=3.2942,
        # Within 1 of the shared corner: the corner itself and its two neighbours.
        nsd=(sqrt(0.5) + 2) / (12 + 2 * sqrt(2)),
        voxel_nsd=0,
        voxel_hd=4 * sqrt(2),
    ),
    _case(
        "E17 line one row down",
        boxes(_SIZE, ((10, 11), (5, 25))),
        boxes(_SIZE, ((11, 12), (5, 25))),
        **_APART,
        hd=1,
        hd95=1,
        assd=0.5,  # one side lies on the other line's side, the other at distance 1
        nsd=1,
        voxel_hd=1,
        voxel_assd=1,
        voxel_nsd=1,
    ),
    _case(
        "E18 cube one thick slice on",
        boxes((20, 20, 20), ((5, 12), (5, 12), (5, 12))),
        boxes((20, 20, 20), ((6, 13), (5, 12), (5, 12))),
        (2, 1, 1),
        iou=0.75,
        dice=12 / 14,
        hd=2,
        hd95=2,
        assd=0.4009,
        nsd=0.8217,
        # Bands of 343 − 125 = 218 voxels. They share 24 wall voxels in each of the 6 slices that
        # both cubes have (where one has its lid, the other still has its wall).
        biou=144 / (2 * 218 - 144),
        voxel_hd=2,
        voxel_assd=0.6055,
        voxel_nsd=0.7339,
    ),
]
