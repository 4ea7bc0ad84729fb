"""Typical failures, chosen to cover the kinds of error and the classes; and honest successes.

The ten worst places of a dataset are often ten times the same error. A reader learns more from
one good example of each kind, on different classes and samples, and from what went right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..comparison import Comparison
from ..failures import Bucket, ComparisonFailures
from ..failures.advice import WRONG_FILE
from ..findings import Finding
from ..scores import PairScores
from .failure_tables import bucket_title
from .wording import Name, score

Kind = Literal["cause", "finding", "success"]
#: A kind of error that costs less mean IoU than this is not typical of anything.
_WORTH: Final = 0.002
#: A success is at least this good, and on the weakest class of all a bit less will do.
_GOOD: Final = 0.8
_GOOD_WEAKEST: Final = 0.7


@dataclass(frozen=True)
class Piece:
    """One thing to show.

    Attributes
    ----------
    kind : {"cause", "finding", "success"}
        A mask wrong as a whole, one place, or something done well.
    sample : str
        Where.
    title : tuple of str
        Parts of the heading.
    sentence : str
        What is to be seen.
    why : str
        Why it is this kind of error and not the next; empty where there is no question.
    finding : Finding or None
        The place.
    tag : str
        Kind of error, for the chip.
    """

    kind: Kind
    sample: str
    title: tuple[str, ...]
    sentence: str
    why: str = ""
    finding: Finding | None = None
    tag: str = ""


def choose_pieces(
    comparison: Comparison, failures: ComparisonFailures, most: int = 6, *, successes: bool = True
) -> tuple[Piece, ...]:
    """Failures that cover kinds of error, classes and samples, then up to two successes.

    Parameters
    ----------
    comparison : Comparison
        For the successes.
    failures : ComparisonFailures
        Of the same two sources.
    most : int
        Failures at most.
    successes : bool
        Whether to show what went right as well.
    """
    broken = _causes(failures)[: max(0, (most + 1) // 3)]
    whole = {
        s.sample for s in failures.samples if any(cause.kind in WRONG_FILE for cause in s.causes)
    }
    usable = [f for s in failures.samples if s.sample not in whole for f in s.findings]
    chosen = cover(usable, _buckets_by_gain(failures), most - len(broken))
    pieces = [*broken, *(_finding(failures, f) for f in chosen)]
    return (*pieces, *(_successes(comparison) if pieces and successes else ()))


def cover(findings: Iterable[Finding], buckets: Sequence[str], most: int) -> list[Finding]:
    """Findings of every bucket in turn, each on a class and a sample not seen yet if possible.

    Parameters
    ----------
    findings : iterable of Finding
    buckets : sequence of str
        The kinds of error worth showing, the costliest first.
    most : int
        How many at most.
    """
    by_bucket = {
        bucket: sorted(
            (f for f in findings if f.bucket == bucket and f.worth > 0),
            key=lambda f: (-f.worth, -f.pixels, f.sample, f.id),
        )
        for bucket, findings in _grouped(findings, buckets).items()
    }
    chosen: list[Finding] = []
    while len(chosen) < most and any(by_bucket.values()):
        for rows in by_bucket.values():
            fresh = _freshest(rows, chosen)
            if fresh is not None and len(chosen) < most:
                chosen.append(fresh)
                rows.remove(fresh)
    return chosen


def _grouped(findings: Iterable[Finding], buckets: Sequence[str]) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = {bucket: [] for bucket in buckets}
    for finding in findings:
        if finding.bucket in groups:
            groups[finding.bucket].append(finding)
    return groups


def _freshest(rows: Sequence[Finding], chosen: Sequence[Finding]) -> Finding | None:
    """The most rewarding finding that adds a class, then a sample, to those chosen."""
    classes = {f.class_id for f in chosen}
    samples = {f.sample for f in chosen}
    pairs = {(f.bucket, f.class_id) for f in chosen}
    return min(
        rows,
        key=lambda f: (
            (f.bucket, f.class_id) in pairs,
            (f.class_id in classes) + (f.sample in samples),
            -f.worth,
        ),
        default=None,
    )


def _buckets_by_gain(failures: ComparisonFailures) -> list[str]:
    rows = [r for r in failures.counterfactuals if r.repair.class_pair is None]
    worthy = [r.repair.bucket.value for r in rows if r.gain >= _WORTH]
    return worthy or [r.repair.bucket.value for r in rows[:1]]


def _causes(failures: ComparisonFailures) -> list[Piece]:
    """Masks wrong as a whole, the worst of every kind of cause first."""
    found: dict[str, Piece] = {}
    rest: list[Piece] = []
    for sample in sorted(failures.samples, key=lambda s: (s.mean_iou, s.sample)):
        cause = next((c for c in sample.causes if c.kind in WRONG_FILE), None)
        if cause is None:
            continue
        title = ("Whole mask: ", Name(sample.sample))
        piece = Piece("cause", sample.sample, title, cause.statement, tag="whole mask")
        if cause.kind.value in found:
            rest.append(piece)
        else:
            found[cause.kind.value] = piece
    return [*found.values(), *rest]


def _finding(failures: ComparisonFailures, finding: Finding) -> Piece:
    names = failures.names
    bucket = Bucket(finding.bucket)
    title = [f"{bucket_title(bucket).capitalize()}: ", Name(names.get(finding.class_id, ""))]
    if bucket is Bucket.CONFUSION and finding.other_class_id is not None:
        title += [" called ", Name(names.get(finding.other_class_id, ""))]
    return Piece(
        "finding",
        finding.sample,
        (*title, " in ", Name(finding.sample)),
        finding.explanation,
        finding.why_not_next,
        finding,
        bucket_title(bucket),
    )


def _successes(comparison: Comparison) -> list[Piece]:
    """The best sample, and the best rendering of the class that is weakest over all samples."""
    known = [s for s in comparison.samples if not math.isnan(s.mean_iou)]
    found: list[Piece] = []
    best = max(known, key=lambda s: s.mean_iou, default=None)
    if best is not None and best.mean_iou >= _GOOD:
        text = f"The best of all samples: mean IoU {score(best.mean_iou, 2)}."
        found.append(_success(best, text))
    rows = [row for row in comparison.classes if row.pooled.is_defined]
    weakest = min(rows, key=lambda row: row.pooled.iou, default=None)
    if weakest is None or len(rows) < 2:
        return found
    hard = [(s.mean_iou >= _GOOD, _iou(s, weakest.pooled.id), s) for s in known if s is not best]
    _, iou, sample = max(hard, key=lambda row: row[:2], default=(False, 0.0, None))
    if sample is not None and iou >= _GOOD_WEAKEST:
        text = (
            f"The weakest class of all, {weakest.pooled.name}, is done well here: IoU "
            f"{score(iou, 2)} against {score(weakest.pooled.iou, 2)} over all samples."
        )
        found.append(_success(sample, text, weakest.pooled.name))
    return found


def _success(sample: PairScores, text: str, class_name: str = "") -> Piece:
    name = Name(sample.sample or "")
    title = ("Done well: ", Name(class_name), " in ", name) if class_name else ("Done well: ", name)
    return Piece("success", name, title, text)


def _iou(sample: PairScores, class_id: int) -> float:
    """IoU of a class that both masks have; 0 otherwise."""
    for row in sample.classes:
        if row.id == class_id and row.region.overlap_pixels:
            return row.iou
    return 0.0
