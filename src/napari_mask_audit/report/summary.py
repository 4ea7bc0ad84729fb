"""The sentences on top of the report, each with the place of the numbers behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..audit import Audit
from ..comparison import ClassSummary, Comparison
from ..scores import ClassScores, PairScores
from . import wording
from .wording import Name, Sentence, Strong


def three_sentences(audit: Audit) -> tuple[Sentence, Sentence, Sentence]:
    """How good, what is worst, how many problems; each names the section with its numbers."""
    compared = [c for c in audit.comparisons if not math.isnan(c.mean_iou)]
    if not compared:
        return (
            Sentence(("Nothing could be compared, so there is no score.",), "problems"),
            Sentence(("There is no worst class or sample to name.",)),
            _problems(audit),
        )
    if len(compared) == 1:
        return how_good(compared[0]), _worst(compared[0]), _problems(audit)
    return _range(compared), _worst_of_many(audit), _problems(audit)


def weakest_class(comparison: Comparison) -> ClassSummary | None:
    """The class with the lowest pooled IoU, of those that occur; the first of equals."""
    occurring = [row for row in comparison.classes if row.pooled.is_defined]
    return min(occurring, key=lambda row: row.pooled.iou, default=None)


def weakest_sample(comparison: Comparison) -> PairScores | None:
    """The sample with the lowest mean IoU, if any has one."""
    first = comparison.worst_first()[:1]
    return first[0] if first and not math.isnan(first[0].mean_iou) else None


def weakest_classes(sample: PairScores, most: int = 3) -> list[ClassScores]:
    """The classes of a sample that score lowest, worst first; perfect ones left out."""
    rows = [row for row in sample.classes if row.is_defined and row.iou < 1]
    return sorted(rows, key=lambda row: (row.iou, row.id))[:most]


def how_good(comparison: Comparison, anchor: str = "c0-means") -> Sentence:
    """The score of a comparison with its interval and range."""
    scores = [s.mean_iou for s in comparison.samples if not math.isnan(s.mean_iou)]
    parts = [
        Name(comparison.candidate),
        " against ",
        Name(comparison.reference),
        ": mean IoU ",
        Strong(wording.short_score(comparison.mean_iou)),
        _how_sure(comparison),
        " over ",
        wording.count(sum(c.pooled.is_defined for c in comparison.classes), "class", "classes"),
        " and ",
        wording.count(comparison.means.defined_samples, "sample"),
    ]
    if len(scores) > 1:
        low, high = wording.short_score(min(scores)), wording.short_score(max(scores))
        parts.append(f"; single samples range from {low} to {high}")
    return Sentence((*parts, "."), anchor)


def _how_sure(comparison: Comparison) -> str:
    """The interval of the mean; empty with too few samples for one."""
    found = comparison.means.intervals.get("pooled_class_mean")
    if found is None or math.isnan(found.low):
        return ""
    return f" (95\u00a0% interval {wording.score(found.low, 2)} to {wording.score(found.high, 2)})"


def _worst(comparison: Comparison) -> Sentence:
    row, sample = weakest_class(comparison), weakest_sample(comparison)
    assert row is not None
    assert sample is not None
    if comparison.mean_iou == 1:
        return Sentence(("Nothing is worst: the two agree on every pixel that counts.",))
    parts: list[str] = []
    if len(comparison.ious) > 1:
        parts += ["The weakest class is ", Name(row.pooled.name)]
        parts += [
            " (IoU ",
            Strong(wording.short_score(row.pooled.iou)),
            "); the weakest sample is ",
        ]
    else:
        parts.append("The weakest sample is ")
    parts += [Name(sample.sample or ""), " (", Strong(wording.short_score(sample.mean_iou)), ")"]
    parts += _classes_there(sample)
    return Sentence((*parts, "."), "c0-worst")


def _classes_there(sample: PairScores) -> list[str]:
    """Which classes fail in the weakest sample, when there are several to choose from."""
    rows = weakest_classes(sample, 2)
    if len(sample.ious) < 2 or not rows:
        return []
    parts: list[str] = [", there mainly ", Name(rows[0].name)]
    return parts if len(rows) < 2 else [*parts, " and ", Name(rows[1].name)]


def _range(compared: Sequence[Comparison]) -> Sentence:
    """The closest and the farthest of several comparisons."""
    best = max(compared, key=lambda c: c.mean_iou)
    worst = min(compared, key=lambda c: c.mean_iou)
    one_reference = len({c.reference for c in compared}) == 1
    equal = [c for c in compared if c.mean_iou == best.mean_iou]
    parts: list[str] = [f"Of {len(compared)} pairs of sources, "]
    if one_reference:
        reference = Name(compared[0].reference)
        parts = [f"Of {len(compared)} sources compared with ", reference, ", "]
    if len(equal) > 2:
        parts.append(f"{len(equal)} agree best")
    else:
        for n, comparison in enumerate(equal):
            parts += [" as well as "] * bool(n)
            parts += [Name(comparison.candidate)] if one_reference else _pair(comparison)
        parts.append(" agrees best" if one_reference and len(equal) == 1 else " agree best")
    parts += [" (mean IoU ", Strong(wording.short_score(best.mean_iou))]
    parts.append(", not one pixel apart)" if best.mean_iou == 1 else ")")
    if worst.mean_iou < best.mean_iou:
        farthest = [Name(worst.candidate)] if one_reference else _pair(worst)
        parts += [" and ", *farthest, " least (", Strong(wording.short_score(worst.mean_iou)), ")"]
    return Sentence((*parts, "."), "overview")


def _pair(comparison: Comparison) -> list[str]:
    return [Name(comparison.reference), " and ", Name(comparison.candidate)]


def _worst_of_many(audit: Audit) -> Sentence:
    found = [
        (n, c, s) for n, c in enumerate(audit.comparisons) if (s := weakest_sample(c)) is not None
    ]
    index, comparison, sample = min(found, key=lambda entry: entry[2].mean_iou)
    if sample.mean_iou == 1:
        return Sentence(("Nothing is worst: all of them agree on every pixel that counts.",))
    parts: list[str] = ["The lowest score of all is sample ", Name(sample.sample or "")]
    parts += [" between ", *_pair(comparison), " (", Strong(wording.short_score(sample.mean_iou))]
    return Sentence((*parts, ")", *_classes_there(sample), "."), f"c{index}-worst")


def _problems(audit: Audit) -> Sentence:
    unscored = sum(c.means.undefined_samples for c in audit.comparisons)
    more = f" {wording.count(unscored, 'sample')} had nothing to score." if unscored else ""
    if not audit.problems:
        text = ("No problems: every mask could be read, paired and compared.", more)
        return Sentence(tuple(filter(None, text)), "problems")
    number = wording.count(len(audit.problems), "problem")
    verb = "was" if len(audit.problems) == 1 else "were"
    kinds = f" {verb} found in the files ({wording.kinds_of(audit.problems)})."
    return Sentence((Strong(number), kinds, *filter(None, [more])), "problems")
