"""What ``agree`` prints: the matrix as far as the terminal is wide, then sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..dataset.model import Role
from . import terminal

if TYPE_CHECKING:
    from ..agreement import Agreement, AnnotatorProfile, Conflict, PairAgreement, Triage

#: What can fill the matrix: attribute of a pair, and words.
METRICS = {
    "iou": ("iou", "IoU"),
    "dice": ("dice", "Dice"),
    "nsd": ("nsd", "NSD"),
    "boundary-iou": ("boundary_iou", "Boundary IoU"),
    "offset": ("near_boundary_offset", "boundary offset (+: the column draws outside the row)"),
    "kappa": ("kappa", "Cohen's kappa"),
    "f1": ("instance_f1", "F1 of matched objects"),
}
_NAME_WIDTH = 16
_SHOWN_LINES = 10
_SHOWN_SAMPLES = 5


def show_agreement(
    out: Console, result: Agreement, metric: str | None, class_id: int | None
) -> None:
    """The matrix, then everything that deserves a sentence."""
    ids = sorted({p.class_id for p in result.pairs if p.class_id is not None})
    chosen = ids[0] if class_id is None and len(ids) == 1 else class_id
    _show_headlines(out, result)
    _show_matrix(out, result, metric or _usual_metric(result), chosen)
    for duplicate in result.duplicates:
        out.print(f"  [bold]{duplicate.kind}:[/] {escape(duplicate.sentence)}")
    _show_profiles(out, result)
    _show_lines(out, (s for ceiling in result.ceiling for s in ceiling.sentences))
    if result.no_ceiling:
        out.print(f"  no human ceiling: {escape(result.no_ceiling)}")
    for triage in result.triage:
        _show_triage(out, triage)
    _show_lines(out, _conflict_words(result.conflicts), "rule missing: ")


def _usual_metric(result: Agreement) -> str:
    """IoU; F1 of objects where ids are objects."""
    return "f1" if any(math.isfinite(p.instance_f1) for p in result.pairs) else "iou"


def _show_headlines(out: Console, result: Agreement) -> None:
    for row in result.matrix:
        if row.class_id is None and math.isfinite(row.mean_iou) and row.pairs > 1:
            first, second = row.worst_pair or ("", "")
            out.print(
                f"[bold]{row.sources}:[/] mean IoU {row.mean_iou:.2f} over {row.pairs} pairs, "
                f"lowest {row.lowest_iou:.2f} ({escape(first)} and {escape(second)})"
                + _without_one(row.lowest_without_one, row.highest_without_one)
            )
    for against in result.against_reference:
        if against.class_id is None and against.furthest is not None:
            who = "annotators" if against.role is Role.ANNOTATOR else "models"
            lowest = f"lowest {against.lowest_iou:.2f} " if against.sources > 1 else ""
            out.print(
                f"[bold]{who} against {escape(against.reference)}:[/] mean IoU "
                f"{against.mean_iou:.2f}{',' if lowest else ''} {lowest}"
                f"({escape(against.furthest)})"
            )


def _without_one(low: float, high: float) -> str:
    return f"; {low:.2f} to {high:.2f} with any one left out" if math.isfinite(low) else ""


def _show_matrix(out: Console, result: Agreement, metric: str, class_id: int | None) -> None:
    """Every pair where the terminal is wide enough, else a line per source."""
    key, words = METRICS[metric]
    names = [source["name"] for source in result.dataset["sources"]]
    names = [n for n in names if any(n in (p.first, p.second) for p in result.pairs)]
    if not names:
        return
    of = _lookup(result.pairs, key, class_id)
    title = f"{words}, {_over(key, class_id)}"
    if class_id is not None and len({p.class_id for p in result.pairs}) > 2:
        title += f", of class {class_id}"
    digits = 1 if key == "near_boundary_offset" else 2
    cells = [["·" if a == b else _short(of(a, b), digits) for b in names] for a in names]
    width = max(len(text) for row in cells for text in row)
    width = max(width, len(str(len(names))))
    out.print()
    out.print(f"[bold]{title}[/]")
    if _NAME_WIDTH + (width + 1) * len(names) + 2 <= out.width:
        out.print(_matrix_table(names, cells, width, out.width))
    else:
        out.print(_source_table(names, of, digits, out.width))
        out.print(f"  [dim]{len(names)} sources do not fit side by side: see --json[/]")


def _over(key: str, class_id: int | None) -> str:
    if key == "instance_f1":
        return "over all samples"
    many = "" if class_id is not None or key == "kappa" else "classes and "
    return f"mean over {many}samples"


def _lookup(
    pairs: Sequence[PairAgreement], key: str, class_id: int | None
) -> Callable[[str, str], float]:
    known = {(p.first, p.second): getattr(p, key) for p in pairs if p.class_id == class_id}
    sign = -1 if key == "near_boundary_offset" else 1

    def value(first: str, second: str) -> float:
        if (first, second) in known:
            return float(known[first, second])
        return float(sign * known.get((second, first), math.nan))

    return value


def _short(value: float, digits: int) -> str:
    """A score without its leading zero, or a signed length."""
    if math.isnan(value):
        return "–"
    if digits == 1:
        return f"{round(value, 1) or 0.0:+.1f}"
    text = f"{round(value, 2) or 0.0:.2f}"
    return "1" if text == "1.00" else text.replace("0.", ".", 1)


def _matrix_table(
    names: Sequence[str], cells: Sequence[Sequence[str]], width: int, room: int
) -> Table:
    table = terminal.plain_table("")
    table.title = None
    labels = [f"{row + 1} {name}" for row, name in enumerate(names)]
    space = room - (width + 1) * len(names) - 3
    table.add_column("", no_wrap=True, width=min(space, max(map(len, labels))))
    for number in range(len(names)):
        table.add_column(str(number + 1), justify="right", no_wrap=True, width=width)
    for label, row in zip(labels, cells, strict=True):
        table.add_row(escape(label), *row)
    return table


def _source_table(
    names: Sequence[str], of: Callable[[str, str], float], digits: int, room: int
) -> Table:
    """Per source the mean over its pairs, and the pair with the lowest value."""
    table = terminal.plain_table("")
    table.title = None
    table.add_column("source", overflow="fold", max_width=(room - 20) // 2)
    far = "furthest" if digits == 1 else "lowest"
    for heading in ("mean", far):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("with", overflow="fold")
    for name in names:
        known = {o: of(name, o) for o in names if o != name and math.isfinite(of(name, o))}
        ranks = {o: -abs(value) if digits == 1 else value for o, value in known.items()}
        low = min(ranks, key=ranks.__getitem__, default="")
        mean = math.fsum(known.values()) / len(known) if known else math.nan
        numbers = (_short(value, digits) for value in (mean, known.get(low, math.nan)))
        table.add_row(escape(name), *numbers, escape(low))
    return table


def _show_profiles(out: Console, result: Agreement) -> None:
    """A line for each habit that stands out; one per class for all who have none."""
    from ..agreement.profile_words import has_bias

    if result.withheld:
        out.print(f"  no statements about single annotators: {escape(result.withheld)}")
    plain: dict[str, list[AnnotatorProfile]] = {}
    marked = []
    for row in result.annotators:
        if ";" in row.sentence or has_bias(row.offset_interval) or "never" in row.sentence:
            marked.append(row.sentence)
        elif math.isfinite(row.boundary_offset):
            plain.setdefault(row.class_name, []).append(row)
    _show_lines(out, marked)
    _show_lines(
        out,
        (f"no bias that matters on {name}: {_steady(who)}" for name, who in plain.items()),
    )


def _steady(rows: Sequence[AnnotatorProfile]) -> str:
    """Annotators with their offsets, or how many there are and between which ends they lie."""
    if len(rows) <= _SHOWN_SAMPLES:
        return ", ".join(f"{row.name} ({_short(row.boundary_offset, 1)} px)" for row in rows)
    ends = [_short(end([row.boundary_offset for row in rows]), 1) for end in (min, max)]
    return f"{len(rows)} annotators ({ends[0]} to {ends[1]} px)"


def _show_triage(out: Console, triage: Triage) -> None:
    out.print(f"  {escape(triage.sentence)}")
    if triage.note:
        return
    for first in ("labels", "model"):
        wanted = [escape(name) for name in triage.samples_first(first)]
        if wanted:
            more = (
                "" if len(wanted) <= _SHOWN_SAMPLES else f" and {len(wanted) - _SHOWN_SAMPLES} more"
            )
            out.print(f"    {first} first in {', '.join(wanted[:_SHOWN_SAMPLES])}{more}")


def _conflict_words(conflicts: Sequence[Conflict]) -> list[str]:
    """A sentence per annotator and class pair, the one with most places, and who else is meant."""
    kinds: dict[tuple[str, int, int], list[Conflict]] = {}
    for conflict in conflicts:
        key = (conflict.first, conflict.first_id, conflict.second_id)
        kinds.setdefault(key, []).append(conflict)
    said = []
    for rows in kinds.values():
        others = [row.second for row in rows[1:]]
        place = rows[0].exemplars[0].sample
        also = f" (so also against {', '.join(others)})" if others else ""
        said.append(f"{rows[0].sentence}; for example in {place}{also}")
    return said


def _show_lines(out: Console, lines: Iterable[str], start: str = "") -> None:
    """The first few sentences, each once."""
    known = list(dict.fromkeys(lines))
    for line in known[:_SHOWN_LINES]:
        out.print(f"  [bold]{start}[/]{escape(line)}" if start else f"  {escape(line)}")
    if len(known) > _SHOWN_LINES:
        out.print(f"  … {len(known) - _SHOWN_LINES} more: see --json")
