"""Why a score is not perfect, on the terminal: what is lost to what, what next, where to look."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from ..comparison import Comparison
from ..failures import (
    ERRORS,
    MAIN_BUCKETS,
    ComparisonFailures,
    Counterfactual,
    DatasetFailures,
    Repair,
)
from .terminal import number, signed

_SHOWN_REPAIRS = 5
_MAIN_REPAIRS = tuple(Repair(bucket) for bucket in MAIN_BUCKETS)
_SHOWN_ADVICE = 3
_SHOWN_FINDINGS = 5


def show_failures(out: Console, failures: DatasetFailures, comparison: Comparison) -> None:
    """What the missing IoU is made of, what to improve next, where to look first."""
    pair = (comparison.reference, comparison.candidate)
    explained = next(
        (row for row in failures.comparisons if (row.reference, row.candidate) == pair), None
    )
    if explained is None:
        return
    for alarm in explained.averages.alarms:
        out.print(f"  [yellow]careful:[/] {escape(alarm)}")
    if not explained.table.wrong_pixels:
        out.print("  no pixel is wrong: there is nothing to explain")
        return
    _show_repairs(out, explained)
    for advice in explained.advice[:_SHOWN_ADVICE]:
        out.print(f"  [bold]next:[/] {escape(advice.text)}")
    found = [f for f in failures.findings if (f.reference, f.candidate) == pair]
    for finding in found[:_SHOWN_FINDINGS]:
        out.print(f"  {escape(finding.sample)}: {escape(finding.explanation)}")
    if len(found) > _SHOWN_FINDINGS:
        out.print(f"  … {len(found)} findings in all: see --json, or review them")


def _show_repairs(out: Console, explained: ComparisonFailures) -> None:
    """The mean IoU without each kind of error that moves it, and the gain's interval.

    The three main kinds are always there.
    """
    moving = [r for r in explained.counterfactuals if number(r.after) != number(r.before)]
    rows = [
        row
        for row in explained.counterfactuals
        if row in moving[:_SHOWN_REPAIRS] or row.repair in _MAIN_REPAIRS
    ]
    absent = [r for r in _MAIN_REPAIRS if r not in [row.repair for row in rows]]
    words = [
        repair_text(repair, explained.names) for repair in (*(r.repair for r in rows), *absent)
    ]
    width = max(map(len, words))
    out.print(f"  mean IoU {number(explained.averages.pooled_class_mean)}; it would be")
    for text, row in zip(words, rows, strict=False):
        gain = f"[dim]{signed(row.gain)}  {_range_text(row)}[/]"
        out.print(f"    {number(row.after)} without {escape(text):{width}}  {gain}")
    if absent:
        out.print(f"    [dim]no pixel in {escape(', '.join(words[len(rows) :]))}[/]")
    out.print(f"  [dim]{escape(explained.thresholds_text)}[/]")


def repair_text(repair: Repair, names: Mapping[int, str]) -> str:
    """What is imagined away, as in "without …".

    Examples
    --------
    >>> from napari_mask_audit.failures import Bucket
    >>> repair_text(Repair(Bucket.CONFUSION, (1, 2)), {1: "road", 2: "pavement"})
    'confusion of road and pavement'
    """
    if repair.class_pair is None:
        return ERRORS[repair.bucket]
    first, second = (names.get(i, f"class {i}") for i in repair.class_pair)
    return f"confusion of {first} and {second}"


def _range_text(row: Counterfactual) -> str:
    """The interval of the gain; of few samples the least and the most that one of them gains."""
    found = row.interval
    if found is None:
        return ""
    if found.low == found.low:
        return f"95 %: {found.low:+.2f} to {found.high:+.2f}"
    points = [p for p in found.points if p == p]
    if len(points) < 2:
        return ""
    return f"{len(points)} samples: {min(points):+.2f} to {max(points):+.2f}"
