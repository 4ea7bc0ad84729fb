"""Which improvement next: advice that the buckets support, each with the numbers behind it.

The rules are few and plain, so that a reader can follow them: the error whose repair would bring
most comes first, and what kind of improvement suits it is read from sizes, counts and offsets.
There is no advice without a number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..scores import or_none
from .averages import Averages
from .causes import Cause, CauseKind
from .counterfactuals import Counterfactual
from .inventory import Inventory, median
from .sentences import percent
from .table import Bucket

#: A repair must bring at least this much mean IoU to be worth advice.
WORTH = 0.005
#: A habit of drawing must show in at least this share of the samples.
HABIT_SHARE = 0.5
#: Missed regions are "small" for resolution when their median is below this share of the found.
RELATIVELY_SMALL = 0.5
#: Regions with a median below this many pixels are mostly boundary.
THIN_PX = 256
#: A class in fewer samples than this needs more data before anything else can be said.
FEW_SAMPLES = 5
#: Confusion is mutual when the rarer direction has at least this share of the other.
MUTUAL = 0.5

#: Causes that are a matter of the file, not of where lines are drawn.
WRONG_FILE = {
    CauseKind.MISREGISTERED: "lie in the wrong place",
    CauseKind.OTHER_SCALE: "are drawn at another scale",
    CauseKind.SHIFTED_IDS: "have class ids shifted by a constant",
    CauseKind.SWAPPED_CLASSES: "have two classes swapped",
    CauseKind.BINARY_COPY: "hold a thresholded map instead of class ids",
    CauseKind.GRADED_MAP: "hold grey values instead of class ids",
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
    name_of: Callable[[int], str]
    by_person: bool = False

    def gain(self, bucket: Bucket) -> float:
        """What repairing a bucket brings; 0 where there is nothing in it."""
        for row in self.counterfactuals:
            if row.repair.bucket is bucket and row.repair.class_pair is None:
                return row.gain if math.isfinite(row.gain) else 0.0
        return 0.0

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


def advise(support: Support) -> tuple[Advice, ...]:
    """Improvements that the numbers support, by what they would bring."""
    habits = _habits(support)
    found = [
        *habits,
        *_boundary(support, {class_id for habit in habits for class_id in habit.class_ids}),
        *_missed(support),
        *_confused(support),
        *_false(support),
        *_scarce(support),
    ]
    found.sort(key=lambda a: -(a.gain if math.isfinite(a.gain) else 0.0))
    return tuple(found)


def wrong_files(causes: Mapping[str, Sequence[Cause]]) -> tuple[Advice, ...]:
    """Advice on samples whose mask is wrong as a file: fixing them costs no training.

    Parameters
    ----------
    causes : mapping of str to sequence of Cause
        By sample, all samples.
    """
    found = []
    n = len(causes)
    for kind, words in WRONG_FILE.items():
        hit = {
            sample: next((c for c in row if c.kind is kind), None) for sample, row in causes.items()
        }
        samples = [sample for sample, cause in hit.items() if cause is not None]
        if not samples:
            continue
        gains = [
            cause.evidence["mean_iou_without"] - cause.evidence["mean_iou"]
            for cause in hit.values()
            if cause is not None and "mean_iou_without" in cause.evidence
        ]
        gain = math.fsum(gains) / n if gains else math.nan
        shown = ", ".join(samples[:3]) + (", …" if len(samples) > 3 else "")
        text = f"fix the export first: {len(samples)} of {n} masks {words} ({shown})"
        text += f"; that lifts the mean over samples by {gain:.3f}." if gains else "."
        evidence = {"kind": kind.value, "masks": len(samples), "of": n, "samples": samples}
        found.append(Advice(AdviceKind.LABEL_FIX, (), text, gain, evidence))
    return tuple(found)


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
        buckets = (Bucket.BOUNDARY, Bucket.OVER_EXTENT, Bucket.UNDER_EXTENT)
        gain = _mean_gain(support, class_id, buckets)
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


def _mean_gain(support: Support, class_id: int, buckets: Sequence[Bucket]) -> float:
    """What repairing buckets of one class alone adds to the mean over classes."""
    rows = support.by_class.get(class_id, ())
    total = math.fsum(r.gain for r in rows if r.repair.bucket in buckets and r.gain == r.gain)
    return total / max(1, sum(row.iou == row.iou for row in support.averages.balance))


def _boundary(support: Support, habitual: set[int]) -> list[Advice]:
    gain = support.gain(Bucket.BOUNDARY)
    lead = support.leading_class(Bucket.BOUNDARY)
    if gain < WORTH or lead is None or lead[0] in habitual:
        return []
    class_id, class_gain = lead
    size = median(support.inventory.get(class_id, Inventory()).found)
    name = support.name_of(class_id)
    if support.by_person:
        kind, what = AdviceKind.BOUNDARY_GUIDELINE, f"agree where the outline of {name} runs"
    elif size < THIN_PX:
        kind = AdviceKind.INPUT_RESOLUTION
        what = f"give {name} more pixels (larger input, smaller crops)"
    else:
        kind, what = AdviceKind.LOSS, f"sharpen the outline of {name} (boundary-aware loss)"
    regions = f", whose regions have a median of {size:.0f} px" if size == size else ""
    return [
        Advice(
            kind,
            (class_id,),
            f"{what}: boundary errors weigh most on it{regions}; without them its IoU gains "
            f"{class_gain:.3f}, the mean IoU {gain:.3f}.",
            gain,
            {"gain": gain, "class_gain": class_gain, "median_region_px": or_none(size)},
        )
    ]


def _missed(support: Support) -> list[Advice]:
    missed = (Bucket.MISSED_SMALL, Bucket.MISSED_LARGE)
    gain = sum(support.gain(bucket) for bucket in missed)
    lead = support.leading_class(*missed)
    if gain < WORTH or lead is None:
        return []
    class_id, class_gain = lead
    rows = support.inventory.get(class_id, Inventory())
    lost, kept = median(rows.missed), median(rows.found)
    share = next((r.pixel_share for r in support.averages.balance if r.id == class_id), math.nan)
    kind, what = _against_missing(
        support, support.name_of(class_id), lost < RELATIVELY_SMALL * kept
    )
    against = f" against {kept:.0f} px of those found" if kept == kept else ""
    return [
        Advice(
            kind,
            (class_id,),
            f"{what}: {len(rows.missed)} of its {rows.regions} regions are missed "
            f"({percent(len(rows.missed) / max(1, rows.regions))}), with a median of {lost:.0f} px"
            f"{against}, and it is {percent(share)} of the pixels; finding them would add "
            f"{class_gain:.3f} to its IoU; all missed regions together cost the mean IoU "
            f"{gain:.3f}.",
            gain,
            {
                "missed_regions": len(rows.missed),
                "regions": rows.regions,
                "median_missed_px": or_none(lost),
                "median_found_px": or_none(kept),
                "pixel_share": or_none(share),
                "class_gain": class_gain,
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
    lead = support.leading_class(Bucket.FALSE_REGION)
    if gain < WORTH or lead is None:
        return []
    class_id, class_gain = lead
    false = support.inventory.get(class_id, Inventory()).false
    name = support.name_of(class_id)
    if support.by_person:
        kind, what = AdviceKind.CLASS_GUIDELINE, f"write down what is not {name}"
    else:
        kind = AdviceKind.NEGATIVES
        what = f"add samples of what looks like {name} but is not, or drop its small regions"
    count = f"{len(false)} region{'s' if len(false) != 1 else ''} of it"
    return [
        Advice(
            kind,
            (class_id,),
            f"{what}: {count} (median {median(false):.0f} px) should not be there; without false "
            f"regions its IoU gains {class_gain:.3f}, the mean IoU {gain:.3f}.",
            gain,
            {
                "false_regions": len(false),
                "median_false_px": or_none(median(false)),
                "class_gain": class_gain,
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
