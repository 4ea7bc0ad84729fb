"""The samples to review and the orders they can be walked in.

The rows are columns of numbers and text, so that 100,000 of them sort and filter without a pause.
A row is an index into the table and never changes; an order is an array of rows.

Orders
------
``worst_first``
    Samples with a problem first: a file that could not be measured needs a person before any
    number about it means anything. Then by score, lowest first. Samples whose score is undefined
    come last: undefined is not zero, and where both masks are empty there is nothing to see.
``best_first``
    Highest score first; undefined scores and problems last.
``name``
    By name, numbers in it by value (``s2`` before ``s10``).
``unreviewed_first``
    Samples without a status first, each part as ``worst_first``.
``random``
    A fixed shuffle by seed. A sample's place depends only on the seed and its name, so that
    samples which arrive later do not reshuffle the others, and the first n are a fair draw.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.errors import SettingsError

Rows = NDArray[np.intp]


class OrderKind(StrEnum):
    """The ways a queue can be sorted."""

    WORST_FIRST = "worst_first"
    BEST_FIRST = "best_first"
    NAME = "name"
    UNREVIEWED_FIRST = "unreviewed_first"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort the queue.

    Parameters
    ----------
    kind : OrderKind
        How to sort.
    by : str, optional
        Name of the score to sort by, one of :attr:`QueueItem.scores`; the sample's own otherwise.
    seed : int
        Which shuffle, for ``random``.

    Examples
    --------
    >>> str(Order(OrderKind.RANDOM, seed=8)), str(Order(OrderKind.WORST_FIRST, by="class:pole"))
    ('random:8', 'worst_first:class:pole')
    >>> Order.parse("worst_first:class:pole").by
    'class:pole'
    """

    kind: OrderKind = OrderKind.WORST_FIRST
    by: str | None = None
    seed: int = 0

    @classmethod
    def parse(cls, text: str) -> Order:
        """An order from its text form, ``KIND``, ``KIND:SCORE`` or ``random:SEED``.

        Raises
        ------
        SettingsError
            ``queue-order`` if there is no such order.
        """
        name, _, detail = text.partition(":")
        try:
            kind = OrderKind(name)
            if kind is OrderKind.RANDOM:
                return cls(kind, seed=int(detail or 0))
        except ValueError as error:
            raise SettingsError(
                "queue-order",
                f"expected one of {', '.join(OrderKind)} or random:SEED, got {text!r}",
            ) from error
        return cls(kind, by=detail or None)

    def __str__(self) -> str:
        if self.kind is OrderKind.RANDOM:
            return f"{self.kind.value}:{self.seed}"
        return f"{self.kind.value}:{self.by}" if self.by else self.kind.value


@dataclass(frozen=True, slots=True)
class QueueItem:
    """What the queue shows and sorts about one sample.

    Parameters
    ----------
    sample : str
        Its name, unique in the queue.
    score : float
        Usually the mean IoU, 0 (worst) to 1; NaN where it is undefined.
    worst_class : str, optional
        Name of the class with the lowest score.
    worst_class_score : float
        That score; NaN where it is undefined.
    note : str
        A few words for the reviewer.
    problem : str, optional
        Why the sample could not be measured; None if it could.
    suggested_tag : str, optional
        The failure tag that the audit suggests.
    scores : mapping of str to float
        Further scores to sort by, such as ``{"class:pole": 0.31}``.
    """

    sample: str
    score: float = math.nan
    worst_class: str | None = None
    worst_class_score: float = math.nan
    note: str = ""
    problem: str | None = None
    suggested_tag: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)


def natural_key(name: str) -> str:
    """A key that sorts the numbers in names by value, and letters without regard to case.

    Examples
    --------
    >>> sorted(["s10", "S2", "s1"], key=natural_key)
    ['s1', 'S2', 's10']
    """
    return re.sub(r"\d+", lambda digits: digits[0].zfill(20), name.casefold())


class QueueTable:
    """The items as columns; rows are only ever added or replaced.

    What a sort or a filter needs is worked out when it is first asked for, and again after items
    were added: add them in batches, not one by one.
    """

    def __init__(self, items: Iterable[QueueItem] = ()) -> None:
        self.items: list[QueueItem] = []
        self.row_of: dict[str, int] = {}
        self._words: list[str] | None = None
        self._natural_keys: list[tuple[str, str]] = []
        self._columns: dict[tuple[str, object], NDArray[Any]] = {}
        self.add(items)

    def __len__(self) -> int:
        return len(self.items)

    def add(self, items: Iterable[QueueItem]) -> None:
        """Append new samples; replace those whose name is known."""
        for item in items:
            row = self.row_of.setdefault(item.sample, len(self.items))
            if row == len(self.items):
                self.items.append(item)
            else:
                self.items[row] = item
        self._columns.clear()
        self._words = None

    @property
    def words(self) -> list[str]:
        """What a filter looks through in each row, in lower case."""
        if self._words is None:
            self._words = [_words(item) for item in self.items]
        return self._words

    def scores(self, by: str | None = None) -> NDArray[np.float64]:
        """One score of every row; NaN where it is undefined or was not measured.

        Parameters
        ----------
        by : str, optional
            One of :attr:`QueueItem.scores`; the sample's own score otherwise.
        """
        return self._column("score", by, lambda: self._scores(by))

    def sorted_rows(self, order: Order, reviewed: NDArray[np.bool_]) -> Rows:
        """All rows in the given order; ties go by name.

        Parameters
        ----------
        order : Order
            How to sort.
        reviewed : ndarray of bool, shape (rows,)
            Which samples have a status; used by ``unreviewed_first`` only.
        """
        if order.kind is OrderKind.NAME:
            return self._column("rows", "by name", self._rows_by_name)
        names = self._column("rank", "of name", self._name_rank)
        if order.kind is OrderKind.RANDOM:
            seed = order.seed
            return np.lexsort((names, self._column("shuffle", seed, lambda: self._shuffle(seed))))
        scores = self.scores(order.by)
        problems = self._column("problem", None, self._problems)
        if order.kind is OrderKind.BEST_FIRST:
            return np.lexsort((names, -scores, problems))
        keys = (names, scores, ~problems)  # the last key counts most; NaN sorts last
        if order.kind is OrderKind.UNREVIEWED_FIRST:
            return np.lexsort((*keys, reviewed))
        return np.lexsort(keys)

    def _column(self, kind: str, which: object, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """A column, worked out once for the present items."""
        if (kind, which) not in self._columns:
            self._columns[kind, which] = make()
        return self._columns[kind, which]

    def _scores(self, by: str | None) -> NDArray[np.float64]:
        if by is None:
            values = (item.score for item in self.items)
        else:
            values = (item.scores.get(by, math.nan) for item in self.items)
        return np.fromiter(values, np.float64, len(self.items))

    def _problems(self) -> NDArray[np.bool_]:
        return np.fromiter((item.problem is not None for item in self.items), bool, len(self))

    def _shuffle(self, seed: int) -> NDArray[np.uint64]:
        draws = (shuffle_key(item.sample, seed) for item in self.items)
        return np.fromiter(draws, np.uint64, len(self.items))

    def _name_rank(self) -> Rows:
        """Place of each row by plain name: enough to break ties, and four times as fast."""
        names = [item.sample for item in self.items]
        rank = np.empty(len(names), np.intp)
        rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
        return rank

    def _rows_by_name(self) -> Rows:
        known = len(self._natural_keys)
        names = (item.sample for item in self.items[known:])
        self._natural_keys.extend((natural_key(name), name) for name in names)
        return np.array(sorted(range(len(self)), key=self._natural_keys.__getitem__), np.intp)


def shuffle_key(sample: str, seed: int) -> int:
    """A uniform 64-bit number that depends on nothing but the name and the seed."""
    text = f"{seed}\0{sample}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def _words(item: QueueItem) -> str:
    parts = (item.sample, item.worst_class, item.note, item.problem)
    return "\n".join(part for part in parts if part).casefold()
