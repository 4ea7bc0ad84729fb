"""The cards on top of the page: how good, how sure, what is wrong, what to do next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..agreement import Agreement
from ..audit import Audit
from ..checklist import Checklist
from ..comparison import Comparison
from ..dataset import Role
from ..failures import (
    Advice,
    AdviceKind,
    Bucket,
    ComparisonFailures,
    Counterfactual,
    DatasetFailures,
)
from . import wording
from .failure_tables import PLURALS
from .progress import standing
from .summary import how_good, three_sentences, weakest_class, weakest_sample
from .wording import Name, Sentence, Strong


@dataclass(frozen=True)
class Card:
    """A question and its answer.

    Attributes
    ----------
    question : str
        What a manager asks.
    sentence : Sentence
        The answer, with the place of the numbers behind it.
    """

    question: str
    sentence: Sentence


def cards(
    audit: Audit,
    failures: DatasetFailures | None = None,
    checklist: Checklist | None = None,
    agreement: Agreement | None = None,
) -> tuple[Card, ...]:
    """Three or four answers; what was not looked into is not mentioned."""
    first, second, third = three_sentences(audit)
    index = leading(audit)
    found = None if index is None or failures is None else _of(failures, audit.comparisons[index])
    if index is None or found is None:
        questions = ("How good?", "What is weakest?", "Anything wrong with the files?")
        made = [Card(q, s) for q, s in zip(questions, (first, second, third), strict=True)]
        return (*made, *_project(checklist))
    comparison = audit.comparisons[index]
    several = len(audit.comparisons) > 1
    good = first
    if several and _is_prediction(audit, comparison):
        good = how_good(comparison, f"c{index}-means")
    made = [
        Card("How good, how sure?", _with_people(good, agreement)),
        Card("What is wrong?", _wrong(comparison, found, index, several)),
    ]
    if found.advice:
        made.append(Card("What next?", _next(found, index)))
    made += _project(checklist)
    if len(made) < 4:
        made.append(Card("Anything wrong with the files?", third))
    return tuple(made)


def leading(audit: Audit) -> int | None:
    """Which comparison the page is about: the best prediction, else the worst of all pairs."""
    known = [n for n, c in enumerate(audit.comparisons) if not math.isnan(c.mean_iou)]
    if not known:
        return None
    predicted = [n for n in known if _is_prediction(audit, audit.comparisons[n])]
    if predicted:
        return max(predicted, key=lambda n: audit.comparisons[n].mean_iou)
    return min(known, key=lambda n: audit.comparisons[n].mean_iou)


def _is_prediction(audit: Audit, comparison: Comparison) -> bool:
    roles = {row["name"]: row["role"] for row in audit.dataset.get("sources", ())}
    return bool(roles.get(comparison.candidate) == Role.PREDICTION.value)


def _of(failures: DatasetFailures, comparison: Comparison) -> ComparisonFailures | None:
    pair = comparison.reference, comparison.candidate
    return next((r for r in failures.comparisons if (r.reference, r.candidate) == pair), None)


def _with_people(sentence: Sentence, agreement: Agreement | None) -> Sentence:
    """The same sentence with how well annotators agree, which is what one could hope for."""
    rows = agreement.matrix if agreement is not None else ()
    row = next((m for m in rows if m.class_id is None and m.sources == "annotators"), None)
    if row is None or math.isnan(row.mean_iou):
        return sentence
    more = (" Annotators among themselves reach ", Strong(wording.short_score(row.mean_iou)), ".")
    return Sentence((*sentence.parts, *more), sentence.anchor)


def _wrong(
    comparison: Comparison, failures: ComparisonFailures, index: int, several: bool
) -> Sentence:
    rows = [r for r in failures.counterfactuals if r.repair.class_pair is None]
    if not rows or not rows[0].gain > 0:
        return Sentence(("Nothing: the two agree on every pixel that counts.",))
    worst = rows[0]
    parts = ["Most is lost to ", Strong(PLURALS[worst.repair.bucket]), *_mainly(failures, worst)]
    if several:
        parts += [" (", Name(comparison.candidate), ")"]
    parts += [
        ": without it " if worst.repair.bucket is Bucket.CONFUSION else ": without them ",
        "the mean IoU would be ",
        Strong(wording.short_score(worst.after)),
        f" instead of {wording.short_score(worst.before)}",
        _sure(worst),
        ".",
    ]
    row, sample = weakest_class(comparison), weakest_sample(comparison)
    if row is not None and len(comparison.ious) > 1:
        parts += [" The weakest class is ", Name(row.pooled.name)]
        parts += [f" (IoU {wording.short_score(row.pooled.iou)})"]
        if sample is not None:
            parts += [", the weakest sample ", Name(sample.sample or "")]
            parts += [f" ({wording.short_score(sample.mean_iou)})"]
        parts.append(".")
    return Sentence(tuple(parts), f"c{index}-gain")


def _sure(row: Counterfactual) -> str:
    found = row.interval
    if found is None or math.isnan(found.low):
        return ""
    low, high = wording.score(found.low, 2), wording.score(found.high, 2)
    return f" (gain {low} to {high}, 95\u00a0% interval)"


def _mainly(failures: ComparisonFailures, worst: Counterfactual) -> list[str]:
    """The class, or the pair of classes, that suffers most."""
    names: Mapping[int, str] = failures.names
    if worst.repair.bucket is Bucket.CONFUSION:
        pairs = [r for r in failures.counterfactuals if r.repair.class_pair is not None]
        if not pairs or pairs[0].repair.class_pair is None:
            return []
        first, second = pairs[0].repair.class_pair
        return [", mainly of ", Name(names[first]), " and ", Name(names[second])]
    gains = {
        class_id: sum(r.gain for r in rows if r.repair.bucket is worst.repair.bucket)
        for class_id, rows in failures.class_counterfactuals.items()
    }
    class_id = max(gains, key=lambda i: gains[i], default=None)
    if class_id is None or len(gains) < 2:
        return []
    return [", mainly of ", Name(names.get(class_id, str(class_id)))]


def _next(failures: ComparisonFailures, index: int) -> Sentence:
    advice = failures.advice[0]
    text = _headline(advice, failures.names)
    parts: list[str] = [Name(f"{text[:1].upper()}{text[1:]}")]
    if math.isfinite(advice.gain) and advice.kind is not AdviceKind.LABEL_FIX:
        parts += [": at most ", Strong(f"+{wording.score(advice.gain, 2)}"), " mean IoU."]
    return Sentence(tuple(parts), f"c{index}-advice")


def _headline(advice: Advice, names: Mapping[int, str]) -> str:
    """What to do, without the numbers, which stand further down."""
    if advice.kind is AdviceKind.LABEL_FIX or not math.isfinite(advice.gain):
        return advice.text
    if any(":" in name for name in names.values()):
        return advice.text
    return advice.text.partition(": ")[0]


def _project(checklist: Checklist | None) -> tuple[Card, ...]:
    if checklist is None:
        return ()
    parts = (f"{standing(checklist)}. Next: ", Name(checklist.next_step))
    return (Card("Where does the project stand?", Sentence(parts, "checklist")),)
