"""What one comparison of two masks says: a row per class, and their mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .metrics.band import BandScores
from .metrics.region import RegionScores
from .status import Status

if TYPE_CHECKING:
    import pandas as pd

#: Statuses of classes that occur in neither mask and therefore count in no mean.
UNDEFINED = (Status.BOTH_EMPTY, Status.ALL_IGNORED, Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class ClassScores:
    """Scores of one class: region and boundary.

    Attributes
    ----------
    id : int
        Class id.
    name : str
        Class name.
    region : RegionScores
        Overlap counts and scores.
    band : BandScores
        Boundary IoU.
    """

    id: int
    name: str
    region: RegionScores
    band: BandScores

    @property
    def status(self) -> Status:
        """Whether the class occurs in both masks, one or none."""
        return self.region.status

    @property
    def is_defined(self) -> bool:
        """Whether the class occurs in either mask, and so counts in means."""
        return self.status not in UNDEFINED

    @property
    def iou(self) -> float:
        """Intersection over union."""
        return self.region.iou

    def to_dict(self) -> dict[str, Any]:
        """Flat dictionary; undefined values are None and ``status`` says why."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status.value,
            "iou": or_none(self.region.iou),
            "dice": or_none(self.region.dice),
            "precision": or_none(self.region.precision),
            "recall": or_none(self.region.recall),
            "volume_difference": or_none(self.region.volume_difference),
            "boundary_iou": or_none(self.band.boundary_iou),
            "boundary_iou_is_iou": self.band.swallowed,
            "reference_pixels": self.region.reference_pixels,
            "candidate_pixels": self.region.candidate_pixels,
            "overlap_pixels": self.region.overlap_pixels,
        }


@dataclass(frozen=True)
class PairScores:
    """Scores of one candidate mask against one reference mask.

    Attributes
    ----------
    sample : str or None
        Name of the sample, if it has one.
    classes : tuple of ClassScores
        By class id.
    pixel_accuracy : float
        Share of counted pixels with equal labels; never the headline.
    valid_pixels : int
        Pixels that counted (not ignored).
    """

    sample: str | None
    classes: tuple[ClassScores, ...]
    pixel_accuracy: float
    valid_pixels: int

    @property
    def ious(self) -> list[float]:
        """IoU of each class that occurs in either mask, in the order of ``classes``."""
        return [row.iou for row in self.classes if row.is_defined]

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes that occur in either mask; NaN when none does."""
        return mean_of(self.ious)

    @property
    def status(self) -> Status:
        """``ok``, or why there is no mean."""
        if self.valid_pixels == 0:
            return Status.ALL_IGNORED
        return Status.OK if self.ious else Status.BOTH_EMPTY

    @property
    def worst_class(self) -> ClassScores | None:
        """The defined class with the lowest IoU (the first of equals)."""
        defined = [row for row in self.classes if row.is_defined]
        return min(defined, key=lambda row: row.iou, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "sample": self.sample,
            "mean_iou": or_none(self.mean_iou),
            "status": self.status.value,
            "pixel_accuracy": or_none(self.pixel_accuracy),
            "valid_pixels": self.valid_pixels,
            "classes": [row.to_dict() for row in self.classes],
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per class."""
        import pandas as pd

        return pd.DataFrame([{"sample": self.sample, **row.to_dict()} for row in self.classes])


def mean_of(values: list[float]) -> float:
    """Arithmetic mean; NaN of nothing."""
    return math.fsum(values) / len(values) if values else math.nan


def or_none(value: float) -> float | None:
    """A finite number, or None: JSON has neither NaN nor infinity."""
    return value if math.isfinite(value) else None
