"""The filter box of the queue: a few words, all of which must match.

A plain word is looked for in the sample's name, worst class, note and problem, and in the tags,
comments, status and reviewer of its verdicts. A word such as ``tag:boundary`` looks in one place
only; ``-word`` wants it absent; ``"two words"`` belong together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.review.queue_table import QueueTable
from napari_mask_audit.review.verdict_columns import ANYWHERE, FIELDS, VerdictColumns

_TERM = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"|(\S+))')
_TABLE_FIELDS = frozenset({"sample", "class"})


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter."""

    field: str | None
    text: str
    negated: bool


def parse_filter(text: str) -> tuple[Term, ...]:
    """The terms of a filter.

    Fields are ``sample``, ``class``, ``tag``, ``status``, ``comment`` and ``by`` (reviewer); an
    unknown one is part of the word. ``status:none`` finds samples without a status.

    Examples
    --------
    >>> [(term.field, term.text) for term in parse_filter('tag:Boundary "left edge"')]
    [('tag', 'boundary'), (None, 'left edge')]
    """
    terms = []
    for minus, field, quoted, word in _TERM.findall(text.casefold()):
        content = quoted or word
        if field and field not in FIELDS | _TABLE_FIELDS:
            field, content = "", f"{field}:{content}"
        if content:
            terms.append(Term(field or None, content, bool(minus)))
    return tuple(terms)


def matching_rows(
    table: QueueTable, verdicts: VerdictColumns, terms: Sequence[Term]
) -> NDArray[np.bool_]:
    """Which rows match all terms.

    Parameters
    ----------
    table : QueueTable
        The samples.
    verdicts : VerdictColumns
        What is decided about them.
    terms : sequence of Term
        From :func:`parse_filter`; none match everything.

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    keep = np.ones(len(table), bool)
    for term in terms:
        found = _rows_with(table, verdicts, term)
        keep &= ~found if term.negated else found
    return keep


def _rows_with(table: QueueTable, verdicts: VerdictColumns, term: Term) -> NDArray[np.bool_]:
    if term.field is None:
        in_verdicts = verdicts.containing(ANYWHERE, term.text)
        return table.containing(None, term.text) | in_verdicts
    if term.field in _TABLE_FIELDS:
        return table.containing(term.field, term.text)
    if term.field == "status" and term.text == "none":
        return ~verdicts.has_status
    return verdicts.containing(term.field, term.text)
