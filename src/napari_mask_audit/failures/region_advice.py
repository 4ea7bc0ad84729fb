"""Advice on regions and classes: missed, confused, false, and those that hardly occur."""

from __future__ import annotations

import math

from ..scores import or_none
from .advice import WORTH, Advice, AdviceKind, Support
from .inventory import Inventory, median
from .sentences import percent
from .table import Bucket

#: Missed and false regions are "small" when their median is below this share of the found.
RELATIVELY_SMALL = 0.5
#: A class in fewer samples than this needs more data before anything else can be said.
FEW_SAMPLES = 5
#: Confusion is mutual when the rarer direction has at least this share of the other.
MUTUAL = 0.5


def region_advice(support: Support) -> list[Advice]:
    """What missed, confused, false regions and rare classes ask for."""
    return [*_missed(support), *_confused(support), *_false(support), *_scarce(support)]


def _missed(support: Support) -> list[Advice]:
    missed = (Bucket.MISSED_SMALL, Bucket.MISSED_LARGE)
    gain = sum(support.gain(bucket) for bucket in missed)
    lead = support.most_blamed(*missed)
    if gain < WORTH or lead is None:
        return []
    class_id, class_gain = lead
    rows = support.inventory.get(class_id, Inventory())
    lost, kept = median(rows.missed), median(rows.found)
    share = next((r.pixel_share for r in support.averages.balance if r.id == class_id), math.nan)
    kind, what = _against_missing(
        support, support.name_of(class_id), lost < RELATIVELY_SMALL * kept
    )
    common = f", and it is {percent(share)} of the pixels" if share < 0.995 else ""
    against = f" against {kept:.0f} px of those found" if kept == kept else ""
    return [
        Advice(
            kind,
            (class_id,),
            f"{what}: {len(rows.missed)} of its {rows.regions} regions are missed "
            f"({percent(len(rows.missed) / max(1, rows.regions))}), with a median of {lost:.0f} px"
            f"{against}{common}; finding them would add "
            f"{class_gain:.3f} to its IoU"
            + (
                "."
                if support.is_of_one_class
                else f"; all missed regions together cost the mean IoU {gain:.3f}."
            ),
            gain,
            {
                "missed_regions": len(rows.missed),
                "regions": rows.regions,
                "median_missed_px": or_none(lost),
                "median_found_px": or_none(kept),
                "pixel_share": or_none(share),
                "class_gain": or_none(class_gain),
                "gain": gain,
            },
        )
    ]


def _against_missing(support: Support, name: str, small: bool) -> tuple[AdviceKind, str]:
    if support.by_person:
        return AdviceKind.CLASS_GUIDELINE, f"write down that (and from what size) {name} is drawn"
    if small:
        return AdviceKind.INPUT_RESOLUTION, f"raise the input resolution or crop around {name}"
    return AdviceKind.LOSS, f"weigh {name} more in the loss and add samples with it"


def _confused(support: Support) -> list[Advice]:
    found = []
    for row in support.counterfactuals:
        pair = row.repair.class_pair
        if pair is None or not row.gain >= WORTH:
            continue
        there, back = support.confused.get(pair, 0), support.confused.get(pair[::-1], 0)
        if back > there:
            pair, there, back = (pair[1], pair[0]), back, there
        first, second = (support.name_of(i) for i in pair)
        if support.by_person or back >= MUTUAL * there:
            kind = AdviceKind.CLASS_GUIDELINE
            what = f"write down how to tell {first} from {second}, then check the labels"
        else:
            kind = AdviceKind.MORE_DATA
            what = f"add samples of {first} that look like {second}"
        found.append(
            Advice(
                kind,
                tuple(pair),
                f"{what}: {there} px of {first} are labelled {second} and {back} px the other way "
                f"round; without this confusion the mean IoU gains {row.gain:.3f}.",
                row.gain,
                {"there_px": there, "back_px": back, "gain": row.gain},
            )
        )
    return found


def _false(support: Support) -> list[Advice]:
    gain = support.gain(Bucket.FALSE_REGION)
    lead = support.most_blamed(Bucket.FALSE_REGION, by_candidate=True)
    if gain < WORTH or lead is None:
        return []
    class_id, class_gain = lead
    rows = support.inventory.get(class_id, Inventory())
    false = rows.false
    name = support.name_of(class_id)
    if support.by_person:
        kind, what = AdviceKind.CLASS_GUIDELINE, f"write down what is not {name}"
    else:
        kind = AdviceKind.NEGATIVES
        what = f"add samples of what looks like {name} but is not"
        if median(false) < RELATIVELY_SMALL * median(rows.found):
            what += ", or drop its small regions"
    count = f"{len(false)} region{'s' if len(false) != 1 else ''} of it"
    return [
        Advice(
            kind,
            (class_id,),
            f"{what}: {count} (median {median(false):.0f} px) should not be there; without them "
            + (
                f"its IoU gains {class_gain:.3f}"
                if class_gain == class_gain
                else f"there is no {name} at all, which is right"
            )
            + (
                "."
                if support.is_of_one_class
                else f"; all false regions together cost the mean IoU {gain:.3f}."
            ),
            gain,
            {
                "false_regions": len(false),
                "median_false_px": or_none(median(false)),
                "class_gain": or_none(class_gain),
                "gain": gain,
            },
        )
    ]


def _scarce(support: Support) -> list[Advice]:
    """Classes in so few samples that their score rests on a handful of pictures."""
    if support.by_person:
        return []
    mean = support.averages.pooled_class_mean
    n = len(support.causes)
    found = []
    for row in support.averages.balance:
        if not (0 < row.samples < min(FEW_SAMPLES, n)) or not row.iou < mean:
            continue
        count = sum(r.iou == r.iou for r in support.averages.balance)
        gain = (mean - row.iou) / max(1, count)
        found.append(
            Advice(
                AdviceKind.MORE_DATA,
                (row.id,),
                f"collect more {support.name_of(row.id)}: it occurs in {row.samples} of {n} "
                f"samples ({row.regions} regions) and has IoU {row.iou:.2f} against a mean of "
                f"{mean:.2f}; lifting it to the mean would add {gain:.3f}.",
                gain,
                {"samples": row.samples, "of": n, "regions": row.regions, "iou": row.iou},
            )
        )
    return found
