"""The judgement calls behind the failure buckets, in one frozen place.

No theorem says where "boundary" ends and "missed" begins. So the numbers that decide are settings,
they travel with every result, and changing one counts again.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import SettingsError
from ..settings import Settings

#: Smallest default of the small-area threshold, pixels …
SMALL_PIXELS = 16
#: … and as a share of the image.
SMALL_SHARE = 0.001


@dataclass(frozen=True)
class FailureThresholds:
    """Thresholds of the failure buckets.

    Attributes
    ----------
    tolerance : float
        How far a boundary may be off, and how thick a band of wrong pixels along it may be,
        before the error is more than a boundary error; at least 0.
    unit : {"px", "spacing"}
        ``"px"``: ``tolerance`` counts the smallest pixel spacing; ``"spacing"``: it is a
        distance in the unit of the spacing, such as mm.
    small_area : int or None
        A missed region with fewer pixels is small. None means 16 pixels or 0.1 % of the image,
        whichever is more.
    missed_recall : float
        A region is missed (or false) when less than this share of it is found (or right).
    dominance : float
        A missed region is *confused* with the foreground region that covers most of it when
        it makes up at least this share of that region; below, it was absorbed.
    split_part : float or None
        Each part of a split or merged object has at least this share of the whole. None: no
        split and merge buckets.

    Examples
    --------
    >>> print(FailureThresholds().describe())
    tolerance 2 px, small below 16 px or 0.1 % of the image, missed below 10 % recall, \
confused from 25 % of the covering region, split or merged from parts of 10 %
    """

    tolerance: float = 2.0
    unit: Literal["px", "spacing"] = "px"
    small_area: int | None = None
    missed_recall: float = 0.10
    dominance: float = 0.25
    split_part: float | None = 0.10

    def __post_init__(self) -> None:
        wrong = [
            text
            for text, fine in (
                (
                    f"tolerance must be a number >= 0, not {self.tolerance}",
                    math.isfinite(self.tolerance) and self.tolerance >= 0,
                ),
                (
                    f'unit must be "px" or "spacing", not {self.unit!r}',
                    self.unit in ("px", "spacing"),
                ),
                (
                    f"small_area must be at least 0, not {self.small_area}",
                    self.small_area is None or self.small_area >= 0,
                ),
                (
                    f"missed_recall must lie in [0, 1], not {self.missed_recall}",
                    0 <= self.missed_recall <= 1,
                ),
                (f"dominance must lie in [0, 1], not {self.dominance}", 0 <= self.dominance <= 1),
                (
                    f"split_part must lie in (0, 0.5], not {self.split_part}",
                    self.split_part is None or 0 < self.split_part <= 0.5,
                ),
            )
            if not fine
        ]
        if wrong:
            raise SettingsError("bad-threshold", "; ".join(wrong) + ".")

    @classmethod
    def from_settings(cls, settings: Settings) -> FailureThresholds:
        """The thresholds that go with audit settings: the first boundary tolerance, if declared.

        Examples
        --------
        >>> FailureThresholds.from_settings(Settings(tolerances=(1.5, 3.0))).tolerance
        1.5
        """
        if not settings.tolerances:
            return cls()
        return cls(tolerance=settings.tolerances[0], unit="spacing")

    def tolerance_for(self, spacing: Sequence[float]) -> float:
        """The tolerance as a distance in the unit of the spacing.

        Examples
        --------
        >>> FailureThresholds(tolerance=2).tolerance_for((3.0, 0.5))
        1.0
        """
        return self.tolerance * (min(spacing) if self.unit == "px" else 1.0)

    def small_area_for(self, pixels: int) -> float:
        """Below how many pixels a missed region of an image of ``pixels`` pixels is small.

        Examples
        --------
        >>> FailureThresholds().small_area_for(100), FailureThresholds().small_area_for(76800)
        (16.0, 76.8)
        """
        if self.small_area is not None:
            return float(self.small_area)
        return max(float(SMALL_PIXELS), SMALL_SHARE * pixels)

    def replace(self, **changes: Any) -> FailureThresholds:
        """A copy with some values changed."""
        return dataclasses.replace(self, **changes)

    def describe(self) -> str:
        """The thresholds in one line, to be printed wherever a bucket is."""
        unit = "px" if self.unit == "px" else "spacing units"
        small = (
            f"{SMALL_PIXELS} px or {SMALL_SHARE:.1%}".replace("%", " %") + " of the image"
            if self.small_area is None
            else f"{self.small_area} px"
        )
        parts = (
            "no splits and merges"
            if self.split_part is None
            else f"split or merged from parts of {self.split_part * 100:g} %"
        )
        return (
            f"tolerance {self.tolerance:g} {unit}, small below {small}, "
            f"missed below {self.missed_recall * 100:g} % recall, "
            f"confused from {self.dominance * 100:g} % of the covering region, {parts}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return dataclasses.asdict(self)
