"""What one comparison of two masks says: a row per class, and their mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .bands import ClassBand
from .confusion import ConfusionMatrix
from .metrics.boundary import BoundaryScores
from .metrics.instance import InstanceScores
from .metrics.region import RegionScores
from .metrics.topology import Topology
from .status import Status

if TYPE_CHECKING:
    import pandas as pd

#: Statuses of classes that occur in neither mask and therefore count in no mean.
UNDEFINED = (Status.BOTH_EMPTY, Status.ALL_IGNORED, Status.NOT_APPLICABLE)

#: Scores that are shares of pixels, by their name in every output.
REGION_METRICS = ("iou", "dice", "precision", "recall", "volume_difference")
#: Scores of the boundary, by their name in every output; distances in units of the spacing.
BOUNDARY_METRICS = (
    "boundary_iou",
    "hd",
    "hd95",
    "assd",
    "masd",
    "boundary_f",
    "boundary_offset",
    "boundary_offset_sd",
)

#: Which part of the scores of a class holds a score.
_PARTS = dict.fromkeys(REGION_METRICS, "region") | dict.fromkeys(BOUNDARY_METRICS, "boundary")


@dataclass(frozen=True)
class ClassScores:
    """Scores of one class: region, boundary, topology.

    Attributes
    ----------
    id : int
        Class id.
    name : str
        Class name.
    region : RegionScores
        Overlap counts and scores.
    boundary : BoundaryScores
        Boundary IoU, distances, NSD, signed offset.
    size_sensitivity : float
        IoU that a boundary shift of one pixel alone would cost, given the reference's shape;
        NaN where the reference lacks the class.
    reference_topology, candidate_topology : Topology or None
        Pieces and holes; None where that mask lacks the class.
    """

    id: int
    name: str
    region: RegionScores
    boundary: BoundaryScores
    size_sensitivity: float
    reference_topology: Topology | None = None
    candidate_topology: Topology | None = None

    @property
    def band(self) -> ClassBand:
        """Counts behind Boundary IoU."""
        return self.boundary.band

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

    def value(self, metric: str) -> float:
        """A score by its name in the JSON output, such as ``"hd95"``; NaN or inf included."""
        return self.values((metric,))[0]

    def values(self, metrics: Iterable[str]) -> list[float]:
        """Several scores by their names in the JSON output; NaN or inf included."""
        holders = {"region": self.region, "boundary": self.boundary}
        return [float(getattr(holders.get(_PARTS.get(m, ""), self), m)) for m in metrics]

    def to_dict(self) -> dict[str, Any]:
        """Flat dictionary; undefined and infinite values are None, and ``status`` says why."""
        names = (*REGION_METRICS, *BOUNDARY_METRICS)
        values = dict(zip(names, self.values(names), strict=True))
        infinite = sorted(name for name, value in values.items() if math.isinf(value))
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status.value,
            **{name: or_none(value) for name, value in values.items()},
            **nsd_entries(self.boundary.nsd),
            "boundary_status": self.boundary.surface_status.value,
            "boundary_iou_saturated": self.band.band_swallows_object,
            "boundary_kept": or_none(self.boundary.kept),
            "infinite": infinite,
            "size_sensitivity": or_none(self.size_sensitivity),
            "reference_pixels": self.region.reference_pixels,
            "candidate_pixels": self.region.candidate_pixels,
            "overlap_pixels": self.region.overlap_pixels,
            "reference_topology": topology_entry(self.reference_topology),
            "candidate_topology": topology_entry(self.candidate_topology),
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
    confusion : ConfusionMatrix
        Pixels by class in either mask; where ids are objects, of background and objects.
    instances : InstanceScores or None
        Object matching, where ids are objects.
    """

    sample: str | None
    classes: tuple[ClassScores, ...]
    pixel_accuracy: float
    valid_pixels: int
    confusion: ConfusionMatrix
    instances: InstanceScores | None = None

    @property
    def ious(self) -> list[float]:
        """IoU of each class that occurs in either mask, in the order of ``classes``."""
        return [row.iou for row in self.classes if row.is_defined]

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes that occur in either mask; NaN when none does."""
        return mean_of(self.ious)

    @property
    def score(self) -> float:
        """What samples are ordered by: mean IoU, or PQ where ids are objects."""
        return self.mean_iou if self.instances is None else self.instances.pq

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
            "confusion": self.confusion.to_dict(),
            "classes": [row.to_dict() for row in self.classes],
            **instance_entry(self.instances),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row per class."""
        import pandas as pd

        return pd.DataFrame(
            [{"sample": self.sample, **flat(row.to_dict())} for row in self.classes]
        )


def mean_of(values: list[float]) -> float:
    """Arithmetic mean; NaN of nothing."""
    return math.fsum(values) / len(values) if values else math.nan


def or_none(value: float) -> float | None:
    """A finite number, or None: JSON has neither NaN nor infinity."""
    return value if math.isfinite(value) else None


def nsd_entries(curve: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """``nsd`` at the only tolerance, or the whole ``nsd_curve`` when there are several."""
    pairs = [[tolerance, or_none(value)] for tolerance, value in curve]
    if len(pairs) == 1:
        return {"nsd": pairs[0][1]}
    return {"nsd_curve": pairs}


def topology_entry(topology: Topology | None) -> dict[str, int] | None:
    """Pieces and holes of a class as a plain dictionary."""
    if topology is None:
        return None
    return {
        "components": topology.components,
        "holes": topology.holes,
        "tunnels": topology.tunnels,
        "euler": topology.euler,
    }


def instance_entry(scores: InstanceScores | None) -> dict[str, Any]:
    """Object scores under ``instances``; nothing where ids are classes."""
    if scores is None:
        return {}
    row = {
        key: or_none(value) if isinstance(value, float) else value
        for key, value in scores.to_dict().items()
    }
    return {"instances": row}


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row of :meth:`ClassScores.to_dict` with one plain value per column, for tables."""
    result: dict[str, Any] = {}
    for key, value in row.items():
        if key == "infinite":
            continue
        if key == "nsd_curve":
            result |= {f"nsd_{tolerance:g}": share for tolerance, share in value}
        elif key.endswith("_topology"):
            side = key.removesuffix("_topology")
            result |= {f"{side}_{name}": count for name, count in (value or {}).items()}
        else:
            result[key] = math.inf if key in row["infinite"] else value
    return result
