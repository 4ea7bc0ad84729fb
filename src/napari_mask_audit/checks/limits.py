"""The numbers that the lint rules compare with, in one frozen place."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from ..errors import SettingsError


@dataclass(frozen=True)
class LintLimits:
    """Thresholds of the lint rules; the defaults keep clean expert masks quiet.

    ``docs/lint.md`` says on which masks they were tried and how often each rule fired.

    Attributes
    ----------
    speck_pixels : int
        Regions up to this size are specks (MA301), if their class is usually much larger.
    stray_distance : int
        A speck has no larger region of its class within this many pixels.
    hole_pixels : int
        Background regions up to this size, enclosed by one label, are pinholes (MA302).
    usual_factor : float
        A speck or hole is this many times smaller than half of its class (by area) is.
    sliver_length : int
        Strips at least this long, in pixels, and at most two wide are slivers (MA303).
    border_gap : int
        Widest gap in pixels between a region and the picture's edge (MA304).
    straight_length : int
        Shortest straight side, in pixels, of a border gap or a straight cut (MA304, MA403).
    teeth_share : float
        Share of outline pixels that stick out alone above which outlines are jagged (MA401).
    outlier_spread : float
        Robust standard deviations of log area beyond which a size is an outlier (MA305).
    outlier_factor : float
        And at least so many times larger or smaller than usual.
    object_pixels : int
        Objects smaller than this are not judged by their shape (MA402, MA403, MA502).
    neck_ratio : float
        Objects merge where the neck is narrower than this share of both parts (MA502).
    slice_pixels : int
        Smallest cross-section on both sides of a skipped slice (MA601).
    """

    speck_pixels: int = 4
    stray_distance: int = 3
    hole_pixels: int = 12
    usual_factor: float = 50.0
    sliver_length: int = 20
    border_gap: int = 2
    straight_length: int = 20
    teeth_share: float = 0.12
    outlier_spread: float = 6.0
    outlier_factor: float = 8.0
    object_pixels: int = 200
    neck_ratio: float = 0.4
    slice_pixels: int = 10

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value > 0):
                raise SettingsError(
                    "bad-setting", f"{field.name} must be a number above 0, not {value!r}."
                )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return dataclasses.asdict(self)
