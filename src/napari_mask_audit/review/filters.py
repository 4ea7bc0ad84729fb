"""The filter box of the queue: a few words, all of which must match.

A plain word is looked for in the sample's name, worst class, note and problem, and in the tags,
comments, status and reviewer of its verdicts. A word such as ``tag:boundary`` looks in one place
only; ``-word`` wants it absent; ``"two words"`` belong together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.review.queue import QueueTable
from napari_mask_audit.review.verdicts import StoredVerdict

#: The verdicts of one sample, by finding; None stands for the sample as a whole.
SampleVerdicts = Mapping[str | None, StoredVerdict]

_TERM = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"|(\S+))')


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
        if field and field not in _FIELDS:
            field, content = "", f"{field}:{content}"
        if content:
            terms.append(Term(field or None, content, bool(minus)))
    return tuple(terms)


def matching_rows(
    table: QueueTable, verdicts: Mapping[str, SampleVerdicts], terms: Sequence[Term]
) -> NDArray[np.bool_]:
    """Which rows match all terms.

    Parameters
    ----------
    table : QueueTable
        The samples.
    verdicts : mapping of str to mapping
        By sample, the verdicts in force on it and its findings.
    terms : sequence of Term
        From :func:`parse_filter`; none match everything.

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    keep = np.ones(len(table), bool)
    for term in terms:
        found = np.zeros(len(table), bool)
        for row in _rows_in_table(table, term):
            found[row] = True
        look = _VERDICT_FIELDS.get(term.field)
        if look is not None:
            for sample, of_sample in verdicts.items():
                row = table.row_of.get(sample, -1)
                if row >= 0 and any(term.text in word for word in look(of_sample)):
                    found[row] = True
        if term.field == "status" and term.text == "none":
            found = np.array([not _has_status(verdicts.get(i.sample)) for i in table.items], bool)
        keep &= ~found if term.negated else found
    return keep


def _rows_in_table(table: QueueTable, term: Term) -> list[int]:
    text = term.text
    if term.field is None:
        return [row for row, words in enumerate(table.words) if text in words]
    if term.field == "sample":
        return [row for row, item in enumerate(table.items) if text in item.sample.casefold()]
    if term.field == "class":
        return [
            row
            for row, item in enumerate(table.items)
            if item.worst_class is not None and text in item.worst_class.casefold()
        ]
    return []


def _has_status(verdicts: SampleVerdicts | None) -> bool:
    whole = verdicts.get(None) if verdicts else None
    return whole is not None and whole.status is not None


def _tags(verdicts: SampleVerdicts) -> list[str]:
    return [tag.casefold() for verdict in verdicts.values() for tag in verdict.tags]


def _comments(verdicts: SampleVerdicts) -> list[str]:
    return [verdict.comment.casefold() for verdict in verdicts.values()]


def _status(verdicts: SampleVerdicts) -> list[str]:
    """The sample's status, findable as ``needs_fix`` and as ``needs fix``."""
    whole = verdicts.get(None)
    if whole is None or whole.status is None:
        return []
    return [whole.status.value, whole.status.value.replace("_", " ")]


def _reviewers(verdicts: SampleVerdicts) -> list[str]:
    return [(verdict.decided_by or "").casefold() for verdict in verdicts.values()]


def _anything(verdicts: SampleVerdicts) -> list[str]:
    return [
        *_tags(verdicts),
        *(tag.replace("_", " ") for tag in _tags(verdicts)),
        *_comments(verdicts),
        *_status(verdicts),
        *_reviewers(verdicts),
    ]


_VERDICT_FIELDS: dict[str | None, Callable[[SampleVerdicts], list[str]]] = {
    None: _anything,
    "tag": _tags,
    "comment": _comments,
    "status": _status,
    "by": _reviewers,
}
_FIELDS = frozenset({"sample", "class", *(name for name in _VERDICT_FIELDS if name)})
