"""How suspicious each label is, once the evidence of all samples is known.

One wrong object among fifty is a wrong label, so reasons are weighed one by one and not averaged.
What is usual is learned from the dataset itself, with medians, so that a fifth of wrong labels
does not change it: how well objects are seen, how dented they are, how far outlines lie apart.

A weight of 1 means "worth a look", 2 and more "almost certainly wrong". The suspicion of a label
is the root of the sum of its squared weights: one strong reason counts more than many weak ones.
The numbers were chosen on development data; ``docs/lint.md`` reports what they find on other data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..findings import Box
from .evidence import Evidence
from .places import PlaceKind, SuspectPlace
from .wording import (
    describe_move,
    describe_overall,
    describe_place,
    describe_width,
    describe_worst,
)

_TO_SIGMA = 1.4826
_MOST_REASONS = 20


@dataclass(frozen=True)
class Doubt:
    """One reason to look at a label.

    Attributes
    ----------
    kind : PlaceKind
        What seems to be wrong.
    weight : float
        How much it counts, above 0; 1 is worth a look.
    message : str
        One sentence, without a full stop.
    class_id, other_class_id : int or None
        As in :class:`SuspectPlace`.
    pixels : int or None
        How large the place is.
    bbox : Box or None
        Where; None where it is the whole label.
    """

    kind: PlaceKind
    weight: float
    message: str
    class_id: int | None = None
    other_class_id: int | None = None
    pixels: int | None = None
    bbox: Box | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary; a box is y0, y1, x0, x1 (z0, z1 first in 3D)."""
        return {
            "kind": self.kind.value,
            "weight": round(self.weight, 4),
            "message": self.message,
            "class_id": self.class_id,
            "other_class_id": self.other_class_id,
            "pixels": self.pixels,
            "bbox": None if self.bbox is None else [edge for side in self.bbox for edge in side],
        }

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Doubt:
        """The inverse of :meth:`to_dict`; ``KeyError`` or ``ValueError`` for anything else."""
        flat = row["bbox"]
        box = None if flat is None else tuple(zip(flat[::2], flat[1::2], strict=True))
        return cls(
            PlaceKind(row["kind"]),
            float(row["weight"]),
            str(row["message"]),
            row["class_id"],
            row["other_class_id"],
            row["pixels"],
            box,
        )


def suspicion(doubts: Iterable[Doubt]) -> float:
    """How suspicious a label is, from 0.

    Examples
    --------
    >>> suspicion([Doubt(PlaceKind.EXTRA, 3.0, ""), Doubt(PlaceKind.MISSING, 4.0, "")])
    5.0
    """
    return math.sqrt(sum(doubt.weight**2 for doubt in doubts))


@dataclass(frozen=True)
class _Usual:
    """What is usual in a dataset: middle and spread."""

    middle: float
    spread: float

    @classmethod
    def of(cls, values: Sequence[float] | NDArray[Any], least: float) -> _Usual:
        known = np.asarray(values, np.float64)
        known = known[np.isfinite(known)]
        if known.size == 0:
            return cls(0.0, least)
        middle = float(np.median(known))
        return cls(middle, max(_TO_SIGMA * float(np.median(np.abs(known - middle))), least))

    def away(self, value: float) -> float:
        """How many spreads above the middle; 0 where the value is undefined."""
        return (value - self.middle) / self.spread if math.isfinite(value) else 0.0


def judge(
    evidence: Sequence[Evidence], name_of: Callable[[int], str] = "class {}".format
) -> list[tuple[Doubt, ...]]:
    """The reasons to look at each label, the strongest first, at most twenty.

    Parameters
    ----------
    evidence : sequence of Evidence
        Of all samples.
    name_of : callable
        Name of a class from its id, for the sentences.
    """
    found: list[list[Doubt]] = [list(rows) for rows in _overall(evidence)]
    measured = [(n, e) for n, e in enumerate(evidence) if e.moves is not None]
    if measured:
        usual = _UsualShapes.of([e for _, e in measured])
        for n, row in measured:
            found[n] += _of_objects(row, usual, name_of) if row.ids.size else ()
        for n, rows in zip((n for n, _ in measured), _moves([e for _, e in measured]), strict=True):
            found[n] += rows
    for rows, row in zip(found, evidence, strict=True):
        if not row.ids.size:
            rows += _of_classes(row, name_of)
    return [
        tuple(sorted(rows, key=lambda d: (-d.weight, d.kind, d.bbox or ()))[:_MOST_REASONS])
        for rows in found
    ]


def _overall(evidence: Sequence[Evidence]) -> Iterator[list[Doubt]]:
    """Labels of which far more is seen otherwise, for sure, than of the others."""
    logs = [math.log10(row.sure + 1e-3) for row in evidence]
    usual = _Usual.of(logs, 0.1)
    qualities = [-math.log(max(row.quality, 1e-4)) for row in evidence]
    usual_quality = _Usual.of(qualities, 0.1)
    for row, log, quality in zip(evidence, logs, qualities, strict=True):
        high = usual.away(log)
        weight = min(2.0, (high - 2) / 1.5) if row.ids.size else min(4.0, high - 1)
        worst = min(2.0, usual_quality.away(quality) - 1)
        yield [
            Doubt(kind, amount, message)
            for kind, amount, message in (
                (PlaceKind.OVERALL, weight, describe_overall(row.sure)),
                (PlaceKind.WORST, worst, describe_worst(row.quality)),
            )
            if amount > 0
        ]


def _of_classes(row: Evidence, name_of: Callable[[int], str]) -> Iterator[Doubt]:
    enough = 0.004 * row.pixels
    for place in row.places:
        weight = max(0.0, (place.chance - 0.7) / 0.1) * min(1.0, place.pixels / enough)
        if weight > 0:
            yield _doubt(place, weight, name_of)


def _doubt(place: SuspectPlace, weight: float, name_of: Callable[[int], str]) -> Doubt:
    return Doubt(
        place.kind,
        weight,
        describe_place(place, name_of),
        place.class_id,
        place.other_class_id,
        place.pixels,
        place.bbox,
    )


# -- objects -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _UsualShapes:
    """What is usual about the objects of a dataset."""

    dent: _Usual
    wide: _Usual
    shift: float
    chance: float

    @classmethod
    def of(cls, rows: Sequence[Evidence]) -> _UsualShapes:
        moves = [row.moves for row in rows if row.moves is not None]
        far = np.concatenate([np.hypot(*m.shift_px.T) for m in moves])
        return cls(
            _Usual.of(np.concatenate([m.dent for m in moves]), 0.02),
            _Usual.of(np.concatenate([m.wide_px for m in moves]), 0.4),
            max(_Usual.of(far, 0.0).middle, 0.4),
            _Usual.of(np.concatenate([m.chance for m in moves]), 0.0).middle,
        )


def _of_objects(
    row: Evidence, usual: _UsualShapes, name_of: Callable[[int], str]
) -> Iterator[Doubt]:
    moves = row.moves
    assert moves is not None
    own = float(np.median(moves.chance)) if moves.chance.size else usual.chance
    seen = max((own + usual.chance) / 2, 0.3)
    for place in row.places:
        weight = 0.0
        if place.kind is PlaceKind.MISSING:
            weight = _ramp(place.chance / seen, 0.8, 0.1, 3)
        elif place.kind is PlaceKind.EXTRA:
            weight = _ramp(place.chance, 0.7, 0.12, 2)
        elif place.kind is PlaceKind.SPLIT:
            dented = usual.dent.away(place.dent)
            weight = _ramp(place.chance, 0.35, 0.2, 2) * _ramp(-dented, -3.5, 2, 1)
        if weight > 0:
            yield _doubt(place, weight, name_of)
    parted = {place.class_id for place in row.places if place.kind is PlaceKind.MERGED}
    for n, number in enumerate(moves.number.tolist()):
        box = moves.boxes[n][1:] if row.flat else moves.boxes[n]
        shape = (int(row.ids[number - 1]), None, int(moves.area[n]), box)
        # a dent is enough for itself, and half a dent where the forest sees two insides
        start = 1.5 if shape[0] in parted else 4
        dented = _ramp(usual.dent.away(float(moves.dent[n])), start, 1.5, 2)
        if dented > 0:
            place = SuspectPlace(PlaceKind.MERGED, *shape, 1.0)
            yield _doubt(place, dented, name_of)
        wide = usual.wide.away(float(moves.wide_px[n]))
        far = float(np.hypot(*moves.shift_px[n])) / usual.shift
        moved = max(_ramp(abs(wide), 5, 3, 1), _ramp(far, 6, 3, 1) if math.isfinite(far) else 0.0)
        if moved > 0:
            yield _doubt(SuspectPlace(PlaceKind.OUTLINE, *shape, 1.0), moved, name_of)


def _ramp(value: float, start: float, step: float, top: float) -> float:
    """0 up to ``start``, then 1 per ``step``, at most ``top``."""
    return min(max((value - start) / step, 0.0), top)


def _moves(rows: Sequence[Evidence]) -> Iterator[list[Doubt]]:
    """Labels that as a whole lie beside what is seen, or are too wide or narrow everywhere."""
    widths, shifts = [], []
    for row in rows:
        moves = row.moves
        assert moves is not None
        widths.append(float(np.median(moves.wide_px)) if moves.number.size else math.nan)
        known = moves.shift_px[np.isfinite(moves.shift_px).all(axis=1)]
        shifts.append(np.median(known, axis=0) if len(known) else np.zeros(2))
    wide = _Usual.of(widths, 0.25)
    far = _Usual.of([float(np.hypot(*shift)) for shift in shifts], 0.25)
    for width, shift in zip(widths, shifts, strict=True):
        found = []
        weight = min(4.0, abs(wide.away(width)) - 2.5)
        if weight > 0:
            found.append(Doubt(PlaceKind.WIDTH, weight, describe_width(width - wide.middle)))
        weight = min(4.0, (far.away(float(np.hypot(*shift))) - 4) / 1.5)
        if weight > 0:
            y, x = (float(v) for v in shift)
            found.append(Doubt(PlaceKind.SHIFTED, weight, describe_move(y, x)))
        yield found
