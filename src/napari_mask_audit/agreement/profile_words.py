"""What stands out about an annotator, in a plain sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..metrics.intervals import Interval
from .drift import Drift
from .observed import Observation

#: A habit stands out at so many times the median annotator's number, and so many more.
_TIMES, _MORE = 1.5, 5
#: Annotators it takes to say what is usual.
_ENOUGH = 3
#: An offset smaller than this, in pixels, is none.
_OFFSET_PX = 0.5


@dataclass(frozen=True)
class Habits:
    """Pieces, specks and holes of every annotator, over the samples that all of them have.

    Attributes
    ----------
    pieces, specks, holes : mapping of str to int
        By annotator.
    """

    pieces: Mapping[str, int]
    specks: Mapping[str, int]
    holes: Mapping[str, int]

    @classmethod
    def of(
        cls, observations: Sequence[Observation], annotators: Sequence[str], class_id: int
    ) -> Habits:
        """Count the habits of one class."""
        totals = {kind: dict.fromkeys(annotators, 0) for kind in ("pieces", "specks", "holes")}
        for o in observations:
            if not set(annotators) <= set(o.habits):
                continue
            for name in annotators:
                habit = o.habits[name].get(class_id)  # absent: the class is not in the sample
                if habit is not None:
                    for kind, numbers in totals.items():
                        numbers[name] += getattr(habit, kind)
        return cls(**totals)

    @property
    def are_comparable(self) -> bool:
        """Whether there is a usual number: three annotators draw the class."""
        return sum(number > 0 for number in self.pieces.values()) >= _ENOUGH

    def pieces_ratio(self, name: str) -> float:
        """Pieces relative to the median annotator's; NaN where that one has none."""
        usual = median(self.pieces)
        return self.pieces[name] / usual if usual else math.nan


def median(numbers: Mapping[str, int]) -> float:
    """The median annotator's number."""
    return float(np.median(list(numbers.values())))


def profile_sentence(
    name: str,
    class_name: str,
    offset: Interval,
    sensitivity: float,
    drops: float,
    changed: Drift,
    habits: Habits,
    rival: str | None = None,
) -> str:
    """Where the outline lies, what is missed, which habits stand out, and what changed.

    With a ``rival``, the only other annotator, the offset is half of what lies between the two.
    """
    said = [_outline(class_name, offset, sensitivity, rival)]
    if math.isfinite(drops):
        said.append(f"misses many {class_name} objects below {drops:.0f} px")
    said += _habits(name, class_name, habits)
    if changed.alarm:
        step = changed.after - changed.before
        said.append(
            f"after {changed.change_after} the outline of {class_name} moved "
            f"{abs(step):.1f} px {_side(step)}"
        )
    said = [words for words in said if words]
    return f"{name} " + "; ".join(said) if said else f"{name}: nothing to say about {class_name}"


def has_bias(offset: Interval) -> bool:
    """Whether an outline is drawn half a pixel off or more, and that is not chance."""
    sure = offset.method not in ("bca", "percentile") or offset.low > 0 or offset.high < 0
    return math.isfinite(offset.value) and abs(offset.value) >= _OFFSET_PX and sure


def _outline(class_name: str, offset: Interval, sensitivity: float, rival: str | None) -> str:
    if not math.isfinite(offset.value):
        return f"never draws {class_name}" if sensitivity == 0 else ""
    if has_bias(offset) and rival is not None:
        return (
            f"draws {2 * abs(offset.value):.1f} px {_side(offset.value)} {rival} on {class_name} "
            "(who of the two is off cannot be known)"
        )
    if has_bias(offset):
        return f"draws {abs(offset.value):.1f} px {_side(offset.value)} on {class_name}"
    near = round(offset.value, 1) or 0.0  # no minus before a zero
    return f"draws {class_name} without a bias that matters ({near:+.1f} px)"


def _habits(name: str, class_name: str, habits: Habits) -> list[str]:
    said: list[str] = []
    if not habits.are_comparable:
        return said
    ratio, usual = habits.pieces_ratio(name), median(habits.pieces)
    if ratio >= _TIMES and habits.pieces[name] - usual >= _MORE:
        said.append(f"draws {class_name} in {ratio:.1f} times as many pieces as is usual")
    elif 0 < ratio <= 1 / _TIMES and usual - habits.pieces[name] >= _MORE:
        said.append(f"draws {class_name} in only {ratio:.1f} times as many pieces as is usual")
    for kind, numbers in (("specks", habits.specks), ("holes", habits.holes)):
        usual = median(numbers)
        if numbers[name] >= _TIMES * usual and numbers[name] - usual >= _MORE:
            said.append(f"leaves {numbers[name]} {kind} in {class_name}, where {usual:g} is usual")
    return said


def _side(offset: float) -> str:
    return "outside" if offset > 0 else "inside"
