"""The rows of the queue as columns of numbers and text: 100,000 sort and filter without a pause.

A row is an index into the table and never changes; an order is an array of rows. Columns are made
when they are first asked for, and kept up to date when items are replaced, as an audit does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.review.queue import (
    Order,
    OrderKind,
    QueueItem,
    natural_key,
    shuffle_keys,
)
from napari_mask_audit.review.text_column import TextColumn

Rows = NDArray[np.intp]


class QueueTable:
    """The items as columns; rows are only ever added or replaced.

    Adding samples costs one pass over all of them when they are next sorted: add them in batches,
    not one by one.
    """

    def __init__(self, items: Iterable[QueueItem] = ()) -> None:
        self.items: list[QueueItem] = []
        self.row_of: dict[str, int] = {}
        self._by_name: dict[object, NDArray[Any]] = {}  # depend on nothing but the names
        self._scores: dict[str | None, NDArray[np.float64]] = {}
        self._further: dict[str, Mapping[str, float]] = {}
        self._has_problem: NDArray[np.bool_] | None = None
        self._texts: dict[str | None, TextColumn] = {}
        self.add(items)

    def __len__(self) -> int:
        return len(self.items)

    def add(self, items: Iterable[QueueItem]) -> None:
        """Append new samples; replace those whose name is known."""
        known, replaced = len(self.items), []
        for item in items:
            row = self.row_of.setdefault(item.sample, len(self.items))
            if row == len(self.items):
                self.items.append(item)
                continue
            self.items[row] = item
            if row < known:
                replaced.append(row)
        if len(self.items) > known:
            self._by_name.clear()
            self._scores.clear()
            self._texts.clear()
            self._has_problem = None
        else:
            self._bring_up_to_date(replaced)

    def add_scores(self, by: str, scores: Mapping[str, float]) -> None:
        """Give the samples a further score; those that it does not name have none."""
        self._further[by] = scores
        self._scores.pop(by, None)

    def score(self, item: QueueItem, by: str | None) -> float:
        """One score of an item; NaN where it is undefined or was not measured."""
        if by is None:
            return item.score
        if by in self._further:
            return self._further[by].get(item.sample, math.nan)
        return item.scores.get(by, math.nan)

    def prepare(self, order: Order) -> None:
        """Make what sorting in an order needs; may run in a thread beside the others."""
        self.sorted_rows(order, np.zeros(len(self), bool))

    def prepare_filters(self) -> None:
        """Make what filters need; may run in a thread beside the others."""
        for field in _TEXTS:
            self.containing(field, "-")

    def scores(self, by: str | None = None) -> NDArray[np.float64]:
        """One score of every row; NaN where it is undefined or was not measured.

        Parameters
        ----------
        by : str, optional
            One of :attr:`QueueItem.scores`, or of those added; the sample's own score otherwise.
        """
        if by not in self._scores:
            values = (self.score(item, by) for item in self.items)
            self._scores[by] = np.fromiter(values, np.float64, len(self))
        return self._scores[by]

    def containing(self, field: str | None, text: str) -> NDArray[np.bool_]:
        """Which rows contain a text, in their ``sample``, their worst ``class``, or anywhere."""
        if field not in self._texts:
            self._texts[field] = TextColumn(_TEXTS[field](item) for item in self.items)
        return self._texts[field].containing(text)

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
            return self._of_names("natural", self._rows_by_name)
        names = self._of_names("rank", self._name_rank)
        if order.kind is OrderKind.RANDOM:
            return self._of_names(order.seed, lambda: self._shuffled(order.seed, names))
        scores = self.scores(order.by)
        if self._has_problem is None:
            self._has_problem = np.fromiter((i.problem is not None for i in self.items), bool)
        # a further score is about something else than what went wrong with a sample
        problems = self._has_problem & (order.by not in self._further)
        if order.kind is OrderKind.BEST_FIRST:
            return np.lexsort((names, -scores, problems))
        keys = (names, scores, ~problems)  # the last key counts most; NaN sorts last
        if order.kind is OrderKind.UNREVIEWED_FIRST:
            return np.lexsort((*keys, reviewed))
        return np.lexsort(keys)

    def _bring_up_to_date(self, rows: list[int]) -> None:
        """Correct the columns where items were replaced."""
        for row in rows:
            item = self.items[row]
            for by, scores in self._scores.items():
                scores[row] = self.score(item, by)
            for field, column in self._texts.items():
                column[row] = _TEXTS[field](item)
            if self._has_problem is not None:
                self._has_problem[row] = item.problem is not None

    def _of_names(self, which: object, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        if which not in self._by_name:
            self._by_name[which] = make()
        return self._by_name[which]

    def _shuffled(self, seed: int, names: Rows) -> Rows:
        draws = np.fromiter(shuffle_keys(self.row_of, seed), np.uint64, len(self))
        return np.lexsort((names, draws))

    def _name_rank(self) -> Rows:
        """Place of each row by plain name: enough to break ties, and four times as fast."""
        names = [item.sample for item in self.items]
        rank = np.empty(len(names), np.intp)
        rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
        return rank

    def _rows_by_name(self) -> Rows:
        keys = [(natural_key(item.sample), item.sample) for item in self.items]
        return np.array(sorted(range(len(self)), key=keys.__getitem__), np.intp)


def _anything(item: QueueItem) -> str:
    parts = (item.sample, item.worst_class, item.note, item.problem)
    return "\n".join(part for part in parts if part)


_TEXTS: dict[str | None, Callable[[QueueItem], str]] = {
    None: _anything,
    "sample": lambda item: item.sample,
    "class": lambda item: item.worst_class or "",
}
