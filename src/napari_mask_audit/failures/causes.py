"""Causes that explain a whole sample at once, with the numbers that say so.

A mask that lies five pixels too low fills several buckets; one sentence about the shift is worth
more than thirty findings. A cause is named only when undoing it (or measuring it) bears it out,
and every cause carries its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..boundaries import DirectedDistances, surface_distances
from ..masks import LabelArray
from .buckets import BucketMap
from .encodings import binary_copy, graded_map, renumbered_ids, shifted_ids, swapped_classes
from .orientation import best_turn
from .registration import Realigned, best_scale, best_shift
from .table import FailureTable

#: A systematic offset is at least this many pixels …
OFFSET_PX = 0.5
#: … and makes up at least this share of the mean distance between the boundaries.
OFFSET_SHARE = 0.6
#: The median is at least this share of the mean: a few leaks can make a mean, but no median.
HABIT_SHARE = 1 / 3
#: Undoing a shift or a scale must remove this share of 1 − IoU.
REMOVED = 0.5
#: Boundaries shorter than this many elements say nothing about a habit.
_ELEMENTS = 16
#: Nothing is searched for in samples that are this good.
_GOOD_ENOUGH = 0.98


class CauseKind(StrEnum):
    """What can be wrong with a mask as a whole."""

    OVER_SEGMENTED = "over_segmented"
    UNDER_SEGMENTED = "under_segmented"
    MISREGISTERED = "misregistered"
    SHIFTED_IDS = "shifted_ids"
    RENUMBERED_IDS = "renumbered_ids"
    SWAPPED_CLASSES = "swapped_classes"
    TURNED = "turned"
    OTHER_SCALE = "other_scale"
    BINARY_COPY = "binary_copy"
    GRADED_MAP = "graded_map"


@dataclass(frozen=True)
class Cause:
    """One cause found in one sample.

    Attributes
    ----------
    kind : CauseKind
    class_ids : tuple of int
        Classes concerned; empty when it is the mask as a whole.
    statement : str
        One sentence with numbers.
    evidence : mapping of str to number or list of numbers
        The numbers.
    """

    kind: CauseKind
    class_ids: tuple[int, ...]
    statement: str
    evidence: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "kind": self.kind.value,
            "class_ids": list(self.class_ids),
            "statement": self.statement,
            "evidence": dict(self.evidence),
        }


def causes(
    reference: LabelArray,
    candidate: LabelArray,
    found: BucketMap,
    *,
    left_out_ids: Collection[int] = (),
    declared_ids: Collection[int] = (),
    name_of: Callable[[int], str] = str,
    unit: str | None = None,
) -> tuple[Cause, ...]:
    """Causes that concern the candidate mask as a whole.

    Parameters
    ----------
    reference, candidate : ndarray of int, shape (y, x) or (z, y, x), the same for both
    found : BucketMap
        Their buckets.
    left_out_ids : collection of int
        Classes that count in no mean, such as the background.
    declared_ids : collection of int
        Classes of the class table, if there is one: these ids are known although the reference
        of this sample may lack them.
    name_of : callable
        Class name from class id.
    unit : str, optional
        Unit of the spacing.

    Returns
    -------
    tuple of Cause
        Wrong ids first, then wrong place, then systematic offsets. A mask with wrong ids or in
        the wrong place gets no verdict about its outlines: those follow from the first.
    """
    left_out = frozenset(left_out_ids)
    uncounted = left_out | set(found.pair.ignore_ids)
    named = _not_class_ids(found.table, found.pair.background, frozenset(declared_ids))
    if not named:
        named = _renamed_classes(found.table, uncounted, name_of)
    if not named:
        named = _placement_causes(reference, candidate, found, left_out)
    if not named:
        named = _offset_causes(reference, candidate, found, left_out, name_of, unit or "px")
    return tuple(named)


def _not_class_ids(
    table: FailureTable, background: int | None, declared: frozenset[int]
) -> list[Cause]:
    graded = graded_map(table, background, declared)
    if graded is not None:
        return [
            Cause(
                CauseKind.GRADED_MAP, (),
                f"looks like a probability or grey-value map, not a mask: {graded['unknown_ids']} "
                f"ids that the reference does not know on "
                f"{graded['unknown_share'] * 100:.0f} % of the pixels; threshold it or export "
                "the class ids.",
                graded,
            )
        ]  # fmt: skip
    copy = binary_copy(table, background, declared)
    if copy is not None:
        return [
            Cause(
                CauseKind.BINARY_COPY, (copy["candidate_id"],),
                f"holds one foreground id, {copy['candidate_id']}, that the reference does not "
                f"know: a thresholded map saved as picture; as foreground of any class it has "
                f"IoU {copy['iou_as_foreground']:.2f}.",
                copy,
            )
        ]  # fmt: skip
    return []


def _renamed_classes(
    table: FailureTable, left_out: frozenset[int], name_of: Callable[[int], str]
) -> list[Cause]:
    shift = shifted_ids(table, left_out)
    if shift is not None:
        pairs = ", ".join(f"{a} → {b}" for a, b in shift["pairs"])
        return [
            Cause(
                CauseKind.SHIFTED_IDS, tuple(a for a, _ in shift["pairs"]),
                f"class ids are shifted by {shift['shift']:+d} ({pairs}): the shift explains "
                f"{shift['explained_share'] * 100:.0f} % of the pixels that are foreground in "
                f"both; undoing it lifts the mean IoU from {shift['mean_iou']:.2f} to "
                f"{shift['mean_iou_without']:.2f}.",
                shift,
            )
        ]  # fmt: skip
    other = renumbered_ids(table, left_out)
    if other is not None:
        pairs = ", ".join(f"{a} → {b}" for a, b in other["pairs"])
        how = (
            f"multiplied by {other['factor']}" if other["factor"] else "others than the reference's"
        )
        return [
            Cause(
                CauseKind.RENUMBERED_IDS, tuple(a for a, _ in other["pairs"]),
                f"class ids are {how} ({pairs}): giving them back lifts the mean IoU from "
                f"{other['mean_iou']:.2f} to {other['mean_iou_without']:.2f}.",
                other,
            )
        ]  # fmt: skip
    return [
        Cause(
            CauseKind.SWAPPED_CLASSES, (swap["first"], swap["second"]),
            f"{name_of(swap['first'])} and {name_of(swap['second'])} are swapped: "
            f"{swap['first_as_second'] * 100:.0f} % and {swap['second_as_first'] * 100:.0f} % of "
            f"their pixels carry the other id; undoing it lifts the mean IoU from "
            f"{swap['mean_iou']:.2f} to {swap['mean_iou_without']:.2f}.",
            swap,
        )
        for swap in swapped_classes(table, left_out)
    ]  # fmt: skip


def _placement_causes(
    reference: LabelArray,
    candidate: LabelArray,
    found: BucketMap,
    left_out: frozenset[int],
) -> list[Cause]:
    mean = found.table.mean_iou(left_out)
    if not mean < _GOOD_ENOUGH:
        return []
    options = (left_out, found.pair.background, found.pair.ignore_ids)
    shift = best_shift(reference, candidate, *options)
    scale = None if _removes(shift) else best_scale(reference, candidate, *options)
    if shift is not None and _removes(shift):
        vector = ", ".join(
            f"{axis} {step:+d}"
            for axis, step in zip("zyx"[-len(shift.vector) :], shift.vector, strict=True)
        )
        return [
            Cause(
                CauseKind.MISREGISTERED, (),
                f"the whole mask is shifted by {vector} px: moving it back removes "
                f"{shift.removed * 100:.0f} % of 1 − mean IoU "
                f"({shift.before:.2f} to {shift.after:.2f} where both overlap).",
                shift.evidence(),
            )
        ]  # fmt: skip
    if scale is not None and _removes(scale):
        return [
            Cause(
                CauseKind.OTHER_SCALE, (),
                "the whole mask is drawn at another scale, × "
                + " × ".join(f"{s:.2f}" for s in scale.scale)
                + f": undoing it removes {scale.removed * 100:.0f} % of 1 − mean IoU "
                f"({scale.before:.2f} to {scale.after:.2f}).",
                scale.evidence(),
            )
        ]  # fmt: skip
    turn = best_turn(reference, candidate, left_out, found.pair.ignore_ids)
    if turn is not None and turn.removed >= REMOVED:
        return [
            Cause(
                CauseKind.TURNED, (),
                f"the whole mask is {turn.words}: turning it back removes "
                f"{turn.removed * 100:.0f} % of 1 − mean IoU "
                f"({turn.before:.2f} to {turn.after:.2f}).",
                turn.evidence(),
            )
        ]  # fmt: skip
    return []


def _removes(found: Realigned | None) -> bool:
    return found is not None and found.removed >= REMOVED


def _offset_causes(
    reference: LabelArray,
    candidate: LabelArray,
    found: BucketMap,
    left_out: frozenset[int],
    name_of: Callable[[int], str],
    unit: str,
) -> list[Cause]:
    """Classes whose boundary lies systematically outside or inside the reference's.

    Missed, false and confused regions are put right first: a dropped object is no habit of
    drawing too small.
    """
    if found.bucket.size == 0:
        return []
    cleaned = np.where(found.region_level(), reference, candidate)
    ids = [i for i in found.table.ids if i not in left_out and i not in found.pair.ignore_ids]
    pixel = min(found.pair.spacing)
    where = surface_distances(
        reference, cleaned, ids, spacing=found.pair.spacing, ignore_ids=found.pair.ignore_ids
    )
    named = []
    for class_id, pair in where.items():
        if min(pair.reference.distances.size, pair.candidate.distances.size) < _ELEMENTS:
            continue
        offset, masd = _offset_and_masd(pair.reference, pair.candidate)
        # A mean can come from one leak; a habit shows on at least half of the outline.
        habit = _median_offset(pair.reference, pair.candidate)
        least = OFFSET_PX * pixel
        if not (abs(offset) >= max(least, OFFSET_SHARE * masd) and habit * offset > 0):
            continue
        if abs(habit) < max(least, HABIT_SHARE * abs(offset)):
            continue
        kind = CauseKind.OVER_SEGMENTED if offset > 0 else CauseKind.UNDER_SEGMENTED
        side = "outside" if offset > 0 else "inside"
        named.append(
            Cause(
                kind, (class_id,),
                f"{name_of(class_id)} is drawn {abs(offset):.1f} {unit} {side} the reference on "
                f"average ({abs(habit):.1f} in the median), {abs(offset) / masd * 100:.0f} % of "
                "the mean distance between the outlines.",
                {
                    "class_id": class_id,
                    "offset": offset,
                    "median_offset": habit,
                    "masd": masd,
                    "share": offset / masd,
                },
            )
        )  # fmt: skip
    return sorted(named, key=lambda cause: -abs(cause.evidence["offset"]))


def _offset_and_masd(own: DirectedDistances, other: DirectedDistances) -> tuple[float, float]:
    signed, plain = [], []
    for side in (own, other):
        weights: NDArray[np.float64] = side.weights / side.weights.sum()
        signed.append(float(weights @ (side.distances * side.signs)))
        plain.append(float(weights @ side.distances))
    return sum(signed) / 2, sum(plain) / 2


def _median_offset(own: DirectedDistances, other: DirectedDistances) -> float:
    """Signed distance that half of the outline (of both masks) exceeds."""
    signed = np.concatenate([side.distances * side.signs for side in (own, other)])
    weights = np.concatenate([side.weights / side.weights.sum() for side in (own, other)])
    order = np.argsort(signed, kind="stable")
    half = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    return float(signed[order[min(int(half), order.size - 1)]])
