"""Words and number formats of the report, so that every page says a thing in the same way.

A sentence is kept in parts until it is shown: a name from the dataset is never pasted into a
template, so it cannot become markup, and a name written from right to left cannot turn around
the words next to it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from ..errors import Problem
from ..status import Status

DASH = "–"

#: Why a value is missing, as a reader would say it.
STATUS_WORDS = {
    Status.OK: "in both",
    Status.BOTH_EMPTY: "in neither mask",
    Status.REFERENCE_EMPTY: "only in the candidate",
    Status.CANDIDATE_EMPTY: "only in the reference",
    Status.ALL_IGNORED: "every pixel is ignored",
    Status.NOT_APPLICABLE: "not applicable",
}

VERDICT_WORDS = {"accept": "accepted", "needs_fix": "needs fix", "unsure": "unsure"}


class Name(str):
    """A name that came from the dataset or from a reviewer."""

    __slots__ = ()


class Strong(str):
    """A part of a sentence that carries its point."""

    __slots__ = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence in parts, and where on the page the numbers behind it are.

    Attributes
    ----------
    parts : tuple of str
        Plain text, :class:`Name` and :class:`Strong`.
    anchor : str
        Id of the section with the numbers; empty if there is none.
    """

    parts: tuple[str, ...]
    anchor: str = ""

    def __str__(self) -> str:
        return "".join(self.parts)


def rich(parts: Iterable[str]) -> Markup:
    """Parts of a sentence as HTML, escaped; names isolated from the direction around them.

    Examples
    --------
    >>> print(rich(["class ", Name("<b>"), " is ", Strong("0.5")]))
    class <bdi>&lt;b&gt;</bdi> is <strong>0.5</strong>
    """
    tags = {Name: Markup("<bdi>{}</bdi>"), Strong: Markup("<strong>{}</strong>")}
    return Markup("").join(
        tags[type(part)].format(str(part)) if type(part) in tags else escape(part) for part in parts
    )


def score(value: float | None, digits: int = 3) -> str:
    """A score with a fixed number of digits; a dash when undefined.

    Examples
    --------
    >>> score(0.81249), score(None), score(float("inf"))
    ('0.812', '–', '∞')
    """
    if value is None or math.isnan(value):
        return DASH
    return "∞" if math.isinf(value) else f"{value:.{digits}f}"


def short_score(value: float | None) -> str:
    """A score for a sentence: two digits, but never rounded up to a perfect 1.

    Examples
    --------
    >>> short_score(0.8149), short_score(0.998), short_score(1.0)
    ('0.81', '0.99', '1.00')
    """
    if value is not None and 0.99 < value < 1:
        return "0.99"
    return score(value, 2)


def signed_percent(value: float | None) -> str:
    """A relative difference with its sign.

    Examples
    --------
    >>> signed_percent(-0.034), signed_percent(0.0), signed_percent(None)
    ('−3.4 %', '0.0 %', '–')
    """
    if value is None or math.isnan(value):
        return DASH
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{abs(100 * value):.1f} %"


def signed(value: float | None) -> str:
    """A distance with its sign, two digits.

    Examples
    --------
    >>> signed(1.5), signed(-0.25), signed(float("nan"))
    ('+1.50', '−0.25', '–')
    """
    text = score(value, 2)
    if text == DASH:
        return text
    return text.replace("-", "−") if text.startswith("-") or not value else f"+{text}"


def whole(value: float | None) -> str:
    """A count with thin spaces between thousands.

    Examples
    --------
    >>> whole(1234567)
    '1\u202f234\u202f567'
    """
    return DASH if value is None else f"{value:,.0f}".replace(",", "\u202f")


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Examples
    --------
    >>> count(1, "sample"), count(3, "class", "classes")
    ('1 sample', '3 classes')
    """
    return f"{whole(number)} {one if number == 1 else many or one + 's'}"


def kinds_of(problems: Iterable[Problem]) -> str:
    """How many problems of which kind, most frequent first.

    Examples
    --------
    >>> kinds_of([*[Problem("missing-partner", "…")] * 2, Problem("x", "…")])
    'missing partner: 2, x: 1'
    """
    kinds = Counter(problem.code for problem in problems)
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{code.replace('-', ' ')}: {number}" for code, number in ordered)
