"""What a piece of advice is, and what it can draw on. There is no advice without a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from ..scores import or_none
from .averages import Averages
from .causes import Cause, CauseKind
from .counterfactuals import Counterfactual
from .inventory import Inventory
from .table import Bucket, FailureTable

#: A repair must bring at least this much mean IoU to be worth advice.
WORTH = 0.005
#: Causes that are a matter of the file, not of where lines are drawn: of one mask, and of several.
WRONG_FILE = {
    CauseKind.MISREGISTERED: ("lies in the wrong place", "lie in the wrong place"),
    CauseKind.TURNED: ("is turned or mirrored", "are turned or mirrored"),
    CauseKind.OTHER_SCALE: ("is drawn at another scale", "are drawn at another scale"),
    CauseKind.SHIFTED_IDS: (
        "has class ids shifted by a constant",
        "have class ids shifted by a constant",
    ),
    CauseKind.RENUMBERED_IDS: ("has other ids for its classes", "have other ids for their classes"),
    CauseKind.SWAPPED_CLASSES: ("has two classes swapped", "have two classes swapped"),
    CauseKind.BINARY_COPY: (
        "holds a thresholded map instead of class ids",
        "hold a thresholded map instead of class ids",
    ),
    CauseKind.GRADED_MAP: (
        "holds grey values instead of class ids",
        "hold grey values instead of class ids",
    ),
}


class AdviceKind(StrEnum):
    """What kind of improvement is meant."""

    LABEL_FIX = "label_fix"
    BOUNDARY_GUIDELINE = "boundary_guideline"
    CLASS_GUIDELINE = "class_guideline"
    MORE_DATA = "more_data"
    INPUT_RESOLUTION = "input_resolution"
    LOSS = "loss"
    NEGATIVES = "negatives"


@dataclass(frozen=True)
class Advice:
    """One improvement and why.

    Attributes
    ----------
    kind : AdviceKind
    class_ids : tuple of int
        Classes concerned.
    text : str
        One sentence: what to do, because of which numbers.
    gain : float
        What the mean IoU would gain at most; NaN where that is not known.
    evidence : dict
        The numbers in the sentence.
    """

    kind: AdviceKind
    class_ids: tuple[int, ...]
    text: str
    gain: float
    evidence: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "kind": self.kind.value,
            "class_ids": list(self.class_ids),
            "text": self.text,
            "gain": or_none(self.gain),
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True)
class Support:
    """What advice can draw on: everything known about one comparison.

    Attributes
    ----------
    counterfactuals : sequence of Counterfactual
        Of the dataset.
    by_class : mapping of int to sequence of Counterfactual
        Of each class.
    causes : mapping of str to sequence of Cause
        By sample.
    averages : Averages
    inventory : mapping of int to Inventory
        Regions of each class, all samples together.
    confused : mapping of (int, int) to int
        Pixels of the first class labelled as the second, in the confusion bucket.
    table : FailureTable
        Wrong pixels of all samples.
    left_out : frozenset of int
        Classes that count in no mean.
    name_of : callable
        Class name from class id.
    by_person : bool
        Whether the candidate is an annotator: then advice is about the guideline, not training.
    """

    counterfactuals: Sequence[Counterfactual]
    by_class: Mapping[int, Sequence[Counterfactual]]
    causes: Mapping[str, Sequence[Cause]]
    averages: Averages
    inventory: Mapping[int, Inventory]
    confused: Mapping[tuple[int, int], int]
    table: FailureTable
    left_out: frozenset[int]
    name_of: Callable[[int], str]
    by_person: bool = False

    def gain(self, bucket: Bucket) -> float:
        """What repairing a bucket brings; 0 where there is nothing in it."""
        for row in self.counterfactuals:
            if row.repair.bucket is bucket and row.repair.class_pair is None:
                return row.gain if math.isfinite(row.gain) else 0.0
        return 0.0

    @property
    def is_of_one_class(self) -> bool:
        """Whether there is only one class to speak about."""
        return len(self.by_class) == 1

    def share_of_mean(self, class_id: int, *buckets: Bucket) -> float:
        """What repairing buckets of one class alone adds to the mean over classes."""
        rows = self.by_class.get(class_id, ())
        total = math.fsum(r.gain for r in rows if r.repair.bucket in buckets and r.gain == r.gain)
        return total / max(1, sum(row.iou == row.iou for row in self.averages.balance))

    def most_blamed(self, *buckets: Bucket, by_candidate: bool = False) -> tuple[int, float] | None:
        """The class whose own errors in the buckets cost the mean most, and what its IoU gains.

        Parameters
        ----------
        *buckets : Bucket
            Which errors.
        by_candidate : bool
            Whose errors they are: the class that the candidate invents, or the one that it lacks.
            The class on the other side loses by them too, and is not to blame.

        Returns
        -------
        (int, float) or None
            NaN for the gain of a class that occurs by mistake only.
        """
        table = self.table
        side = table.candidate if by_candidate else table.reference
        among = np.isin(table.bucket, [bucket.code for bucket in buckets])
        gains: dict[int, tuple[float, float]] = {}
        for class_id in self.by_class:
            rows = among & (side == class_id)
            if not rows.any():
                continue
            repaired = table.repaired(rows)
            gains[class_id] = (
                repaired.mean_iou(self.left_out) - table.mean_iou(self.left_out),
                repaired.iou(class_id) - table.iou(class_id),
            )
        best = max(gains, key=lambda i: gains[i], default=None)
        return None if best is None or not gains[best][0] > 0 else (best, gains[best][1])

    def leading_class(self, *buckets: Bucket) -> tuple[int, float] | None:
        """The class whose IoU gains most from repairing the buckets, and how much."""
        gains = {
            class_id: sum(
                row.gain for row in rows if row.repair.bucket in buckets and row.gain == row.gain
            )
            for class_id, rows in self.by_class.items()
        }
        best = max(gains, key=lambda i: gains[i], default=None)
        return None if best is None or gains[best] <= 0 else (best, gains[best])
