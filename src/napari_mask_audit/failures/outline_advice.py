"""Advice on where outlines run: habits of drawing, boundary errors, areas beyond the tolerance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection

from ..scores import or_none
from .advice import WORTH, Advice, AdviceKind, Support
from .causes import CauseKind
from .inventory import Inventory, median
from .table import Bucket

#: A habit of drawing must show in at least this share of the samples.
HABIT_SHARE = 0.5
#: Regions with a median below this many pixels are mostly boundary.
THIN_PX = 256
#: From this IoU on, boundary errors may be all that two people differ by as well.
AS_GOOD_AS_PEOPLE = 0.9
#: A class is drawn to one side when that side costs at least this many times the other.
ONE_SIDED = 2.0
_OUTLINES = (Bucket.BOUNDARY, Bucket.OVER_EXTENT, Bucket.UNDER_EXTENT)


def outline_advice(support: Support) -> list[Advice]:
    """What the outlines ask for; a class with a habit gets no second advice on its outline."""
    habits = _habits(support)
    habitual = {class_id for habit in habits for class_id in habit.class_ids}
    return [*habits, *_boundary(support, habitual), *_extent(support, habitual)]


def _habits(support: Support) -> list[Advice]:
    """Classes drawn systematically too large or too small in most samples."""
    n = len(support.causes)
    counts: Counter[tuple[CauseKind, int]] = Counter()
    offsets: dict[tuple[CauseKind, int], list[float]] = {}
    for causes in support.causes.values():
        for cause in causes:
            if cause.kind in (CauseKind.OVER_SEGMENTED, CauseKind.UNDER_SEGMENTED):
                key = cause.kind, cause.class_ids[0]
                counts[key] += 1
                offsets.setdefault(key, []).append(cause.evidence["offset"])
    found = []
    for (kind, class_id), count in sorted(counts.items(), key=lambda item: -item[1]):
        row = next((r for r in support.averages.balance if r.id == class_id), None)
        present = row.samples if row is not None else n
        if count < 2 or count < HABIT_SHARE * present:
            continue
        offset = math.fsum(offsets[kind, class_id]) / count
        side = "outside" if kind is CauseKind.OVER_SEGMENTED else "inside"
        gain = support.share_of_mean(class_id, *_OUTLINES)
        found.append(
            Advice(
                AdviceKind.BOUNDARY_GUIDELINE,
                (class_id,),
                f"agree where the boundary of {support.name_of(class_id)} is drawn: it lies "
                f"{abs(offset):.1f} px {side} the reference in {count} of the {present} samples "
                f"that have it; boundary and extent errors of this class cost the mean IoU "
                f"{gain:.3f}.",
                gain,
                {"offset": offset, "samples": count, "of": present, "gain": gain},
            )
        )
    return found


def _boundary(support: Support, habitual: Collection[int]) -> list[Advice]:
    gain = support.gain(Bucket.BOUNDARY)
    lead = support.leading_class(Bucket.BOUNDARY)
    if gain < WORTH or lead is None or lead[0] in habitual:
        return []
    class_id, class_gain = lead
    size = median(support.inventory.get(class_id, Inventory()).found)
    name = support.name_of(class_id)
    iou = next((row.iou for row in support.averages.balance if row.id == class_id), math.nan)
    if support.by_person:
        kind, what = AdviceKind.BOUNDARY_GUIDELINE, f"agree where the outline of {name} runs"
    elif iou >= AS_GOOD_AS_PEOPLE:
        kind = AdviceKind.BOUNDARY_GUIDELINE
        what = (
            f"measure how closely two people agree on the outline of {name} before training on "
            f"(its IoU is {iou:.2f}, and people often agree no better)"
        )
    elif size < THIN_PX:
        kind = AdviceKind.INPUT_RESOLUTION
        what = f"give {name} more pixels (larger input, smaller crops)"
    else:
        kind, what = AdviceKind.LOSS, f"sharpen the outline of {name} (boundary-aware loss)"
    weigh = "" if support.is_of_one_class else "boundary errors weigh most on it, and "
    regions = f"its regions have a median of {size:.0f} px; " if size == size else ""
    return [
        Advice(
            kind,
            (class_id,),
            f"{what}: {weigh}{regions}without boundary errors its IoU gains {class_gain:.3f}"
            f"{_and_the_mean(support, gain)}.",
            gain,
            {"gain": gain, "class_gain": class_gain, "median_region_px": or_none(size)},
        )
    ]


def _extent(support: Support, habitual: Collection[int]) -> list[Advice]:
    """Areas thicker than the tolerance that were drawn too far out or not far enough."""
    sides = (Bucket.OVER_EXTENT, Bucket.UNDER_EXTENT)
    gain = sum(support.gain(bucket) for bucket in sides)
    lead = support.leading_class(*sides)
    if gain < WORTH or lead is None or lead[0] in habitual:
        return []
    class_id, class_gain = lead
    name = support.name_of(class_id)
    over, under = (
        math.fsum(r.gain for r in support.by_class[class_id] if r.repair.bucket is side)
        for side in sides
    )
    if support.by_person:
        kind = AdviceKind.BOUNDARY_GUIDELINE
        what = f"show in the guideline, with pictures, how far {name} reaches"
    elif over >= ONE_SIDED * under:
        kind = AdviceKind.LOSS
        what = f"raise the decision threshold of {name}, or weigh it less in the loss"
    elif under >= ONE_SIDED * over:
        kind = AdviceKind.LOSS
        what = f"lower the decision threshold of {name}, or weigh it more in the loss"
    else:
        kind = AdviceKind.MORE_DATA
        what = f"look at the largest areas that {name} lacks or has too much, and add such samples"
    return [
        Advice(
            kind,
            (class_id,),
            f"{what}: without areas drawn too far out its IoU gains {over:.3f}, without those not "
            f"drawn far enough {under:.3f}{_and_the_mean(support, gain)}.",
            gain,
            {"over": over, "under": under, "class_gain": class_gain, "gain": gain},
        )
    ]


def _and_the_mean(support: Support, gain: float) -> str:
    return "" if support.is_of_one_class else f"; over all classes the mean IoU gains {gain:.3f}"
