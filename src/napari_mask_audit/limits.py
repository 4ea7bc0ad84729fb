"""Limits that an audit has to meet, for machines that say yes or no.

A limit names a score and the least value of it: ``iou=0.8``. Limits are checked against the
dataset-level numbers, never against a single sample, and a score that is undefined does not meet
its limit: nothing was shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .audit import Audit
from .comparison import ClassSummary, Comparison
from .errors import SettingsError
from .scores import mean_of, or_none

#: Scores of one class, all better when higher, from counts summed over samples.
_OF_CLASS: dict[str, Callable[[ClassSummary], float]] = {
    "iou": lambda row: row.pooled.iou,
    "dice": lambda row: row.pooled.region.dice,
    "precision": lambda row: row.pooled.region.precision,
    "recall": lambda row: row.pooled.region.recall,
    "boundary_iou": lambda row: row.pooled.band.boundary_iou,
}
#: Scores that only a whole comparison has.
_OF_COMPARISON: dict[str, Callable[[Comparison], float]] = {
    "sample_mean_iou": lambda c: c.means.sample_mean,
    "worst_decile_iou": lambda c: c.means.worst_decile_mean,
    "pq": lambda c: math.nan if c.instances is None else c.instances.pq,
}
_KNOWN = (*_OF_CLASS, "nsd", "nsd@T", *_OF_COMPARISON)


@dataclass(frozen=True)
class Limit:
    """The least value of a score.

    Attributes
    ----------
    score : str
        ``iou``, ``dice``, ``precision``, ``recall``, ``boundary_iou``, ``nsd`` (at the only
        tolerance), ``nsd@T`` (at tolerance T), ``sample_mean_iou``, ``worst_decile_iou``, ``pq``.
    least : float
        In [0, 1]; a value equal to it is enough.
    class_name : str or None
        Name or id of a class; None: the mean over classes, or the score of all objects.
    """

    score: str
    least: float
    class_name: str | None = None

    def __str__(self) -> str:
        of = "" if self.class_name is None else f" of {self.class_name}"
        return f"{self.score}{of} ≥ {self.least:g}"


@dataclass(frozen=True)
class LimitCheck:
    """A limit and what was found.

    Attributes
    ----------
    reference, candidate : str
        The comparison.
    limit : Limit
    value : float
        NaN where the score is undefined.
    """

    reference: str
    candidate: str
    limit: Limit
    value: float

    @property
    def met(self) -> bool:
        """Whether the value is defined and at least the limit."""
        return self.value >= self.limit.least

    def sentence(self) -> str:
        """What was found, in a line.

        Examples
        --------
        >>> LimitCheck("gt", "model", Limit("iou", 0.8, "road"), 0.75).sentence()
        'model against gt: iou of road is 0.750, below 0.8 by 0.050'
        """
        of = "" if self.limit.class_name is None else f" of {self.limit.class_name}"
        start = f"{self.candidate} against {self.reference}: {self.limit.score}{of} is"
        if math.isnan(self.value):
            return f"{start} undefined, so {self.limit.least:g} is not reached"
        if self.met:
            return f"{start} {self.value:.3f}, at least {self.limit.least:g}"
        gap = self.limit.least - self.value
        return f"{start} {self.value:.3f}, below {self.limit.least:g} by {gap:.3f}"

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary as in the JSON output."""
        return {
            "reference": self.reference,
            "candidate": self.candidate,
            "score": self.limit.score,
            "class": self.limit.class_name,
            "least": self.limit.least,
            "value": or_none(self.value),
            "met": self.met,
        }


def parse_limits(text: str) -> tuple[Limit, ...]:
    """Limits from a line such as ``iou=0.8,nsd=0.9,class=road:0.7``.

    ``class=NAME:VALUE`` is the IoU of one class, ``class=NAME:SCORE:VALUE`` another score of it.
    Names may hold colons, but not commas.

    Raises
    ------
    SettingsError
        ``bad-limit``, with everything that is wrong in one message.

    Examples
    --------
    >>> [str(limit) for limit in parse_limits("iou=0.8, class=road:0.7, class=pole:nsd@2:0.9")]
    ['iou ≥ 0.8', 'iou of road ≥ 0.7', 'nsd@2 of pole ≥ 0.9']
    """
    limits, wrong = [], []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            limits.append(_parse_one(part))
        except ValueError as error:
            wrong.append(f"{part!r}: {error}")
    if not limits and not wrong:
        wrong.append("nothing is named")
    if wrong:
        raise SettingsError(
            "bad-limit",
            f"{'; '.join(wrong)}. Write limits as iou=0.8,nsd=0.9,class=road:0.7; scores are "
            f"{', '.join(_KNOWN)}.",
        )
    return tuple(limits)


def _parse_one(part: str) -> Limit:
    name, equals, value = (piece.strip() for piece in part.partition("="))
    if not equals:
        raise ValueError("there is no =")
    if name != "class":
        return Limit(_known(name, _is_score), _least(value))
    who, colon, value = value.rpartition(":")
    if not colon or not who:
        raise ValueError("a class is written class=NAME:VALUE")
    head, colon, tail = who.rpartition(":")
    if colon and head and _is_class_score(tail):
        return Limit(tail, _least(value), head)
    return Limit("iou", _least(value), who)


def _least(text: str) -> float:
    try:
        least = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
    if not 0 <= least <= 1:
        raise ValueError("the least value lies between 0 and 1")
    return least


def _known(name: str, accepted: Callable[[str], bool]) -> str:
    if not accepted(name):
        raise ValueError(f"there is no score {name!r}")
    return name


def _is_class_score(name: str) -> bool:
    return name in _OF_CLASS or name == "nsd" or _tolerance(name) is not None


def _is_score(name: str) -> bool:
    return name in _OF_COMPARISON or _is_class_score(name)


def _tolerance(name: str) -> float | None:
    head, at, tail = name.partition("@")
    if head != "nsd" or not at:
        return None
    try:
        return float(tail)
    except ValueError:
        return None


def check_limits(audit: Audit, limits: Sequence[Limit]) -> tuple[LimitCheck, ...]:
    """Every limit against every comparison of an audit.

    Returns
    -------
    tuple of LimitCheck
        By comparison, then in the order of the limits.

    Raises
    ------
    SettingsError
        ``bad-limit`` for a class that no comparison has, a tolerance that was not measured,
        ``pq`` where ids are classes, or when nothing was compared.
    """
    if not audit.comparisons:
        raise SettingsError("bad-limit", "nothing was compared, so no limit can be checked.")
    return tuple(
        LimitCheck(c.reference, c.candidate, limit, _value(c, limit))
        for c in audit.comparisons
        for limit in limits
    )


def _value(comparison: Comparison, limit: Limit) -> float:
    if limit.score == "pq" and comparison.instances is None:
        raise SettingsError(
            "bad-limit", 'pq needs objects, but here ids are classes (task = "instance" says so).'
        )
    if limit.score in _OF_COMPARISON:
        return _OF_COMPARISON[limit.score](comparison)
    if limit.class_name is not None:
        return _class_score(_find_class(comparison, limit.class_name), limit.score)
    rows = [row for row in comparison.classes if row.pooled.is_defined]
    values = [_class_score(row, limit.score) for row in rows]
    return mean_of([value for value in values if not math.isnan(value)])


def _find_class(comparison: Comparison, name: str) -> ClassSummary:
    for row in comparison.classes:
        if name in (row.pooled.name, str(row.pooled.id)):
            return row
    known = ", ".join(row.pooled.name for row in comparison.classes)
    raise SettingsError("bad-limit", f"there is no class {name!r}; there are {known}.")


def _class_score(row: ClassSummary, score: str) -> float:
    if score in _OF_CLASS:
        return _OF_CLASS[score](row)
    curve, wanted = row.pooled.nsd, _tolerance(score)
    if wanted is None and len(curve) == 1:
        return curve[0][1]
    for tolerance, value in curve:
        if wanted is not None and math.isclose(tolerance, wanted):
            return value
    measured = ", ".join(f"{tolerance:g}" for tolerance, _ in curve)
    raise SettingsError(
        "bad-limit",
        f"{score} was not measured; the tolerances are {measured}: write nsd@T with one of them, "
        "or give --tolerance.",
    )
