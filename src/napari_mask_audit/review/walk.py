"""The rows of the queue as the reviewer sees them: sorted, filtered, with one of them current."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from napari_mask_audit.review.decisions import Decisions
from napari_mask_audit.review.filters import matching_rows, parse_filter
from napari_mask_audit.review.queue import Order, QueueItem
from napari_mask_audit.review.queue_table import QueueTable, Rows
from napari_mask_audit.review.verdict_columns import VerdictColumns


class Walk:
    """A queue in some order, through some filter; positions are counted from 0.

    Parameters
    ----------
    items : iterable of QueueItem
        The samples known so far.
    decisions : Decisions
        Tells which samples are reviewed and what a filter finds in their verdicts.
    """

    def __init__(self, items: Iterable[QueueItem], decisions: Decisions) -> None:
        self._table = QueueTable(items)
        self._decisions = decisions
        self._verdicts = VerdictColumns(self._table)
        decisions.touched.update(decisions.by_sample)
        self._rows: Rows = np.zeros(0, np.intp)
        self.order = Order()
        self.filter_text = ""
        self.sort()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, sample: object) -> bool:
        """Whether there is such a sample, shown by the filter or not."""
        return sample in self._table.row_of

    @property
    def samples(self) -> list[str]:
        """The names of the samples shown, in order."""
        items = self._table.items
        return [items[row].sample for row in self._rows.tolist()]

    @property
    def n_samples(self) -> int:
        """How many samples there are, shown or not."""
        return len(self._table)

    @property
    def n_reviewed(self) -> int:
        """How many of them have a status."""
        self._take_in_verdicts()
        unseen = self._decisions.repeating  # judged again: still reviewed, whatever it looks like
        hidden = sum(
            name in self._decisions.reviewed and not self._looks_reviewed(name)
            for name in unseen
            if name in self
        )
        return int(np.count_nonzero(self._verdicts.has_status)) + hidden

    def item_at(self, position: int) -> QueueItem:
        """The item at a position."""
        return self._table.items[int(self._rows[position])]

    def item(self, sample: str) -> QueueItem:
        """The item of a sample; KeyError if there is none."""
        return self._table.items[self._table.row_of[sample]]

    def position(self, sample: str | None) -> int | None:
        """The position of a sample; None if the filter hides it or there is none."""
        row = -1 if sample is None else self._table.row_of.get(sample, -1)
        found = np.flatnonzero(self._rows == row)
        return int(found[0]) if found.size else None

    def add(self, items: Iterable[QueueItem], current: str | None) -> None:
        """Add or replace items and sort anew; the current sample keeps its position."""
        pinned = self.position(current)
        known = len(self._table)
        self._table.add(items)
        if len(self._table) > known:
            self._verdicts.grow()
            new = (item.sample for item in self._table.items[known:])
            self._decisions.touched.update(s for s in new if s in self._decisions.by_sample)
        self.sort()
        if pinned is not None and current is not None:
            row = self._table.row_of[current]
            others = self._rows[self._rows != row]
            self._rows = np.insert(others, min(pinned, len(others)), row)

    def add_scores(self, by: str, scores: Mapping[str, float]) -> None:
        """Give the samples a further score to sort by."""
        self._table.add_scores(by, scores)

    def score(self, sample: str, by: str | None) -> float:
        """One score of a sample; NaN where there is none."""
        return self._table.score(self.item(sample), by)

    def bring(self, sample: str, after: str | None) -> None:
        """Put a sample's row right below another one; only until the queue is sorted anew."""
        row = self._table.row_of[sample]
        others = self._rows[self._rows != row]
        above = -1 if after is None else self._table.row_of.get(after, -1)
        found = np.flatnonzero(others == above)
        self._rows = np.insert(others, int(found[0]) + 1 if found.size else len(others), row)

    def sort(self) -> None:
        """Sort and filter anew, by what is decided at this moment."""
        self._take_in_verdicts()
        rows = self._table.sorted_rows(self.order, self._verdicts.has_status)
        terms = parse_filter(self.filter_text)
        if terms:
            rows = rows[matching_rows(self._table, self._verdicts, terms)[rows]]
        self._rows = rows

    def prepare(self, *orders: Order) -> None:
        """Make what these orders and all filters need; may run in a thread beside the others."""
        for order in orders:
            self._table.prepare(order)
        self._table.prepare_filters()

    def next_unreviewed(self, sample: str | None) -> str | None:
        """The next sample shown that has no status, other than this one; from the top again."""
        here = self.position(sample)
        here = -1 if here is None else here
        self._take_in_verdicts()
        unreviewed = np.flatnonzero(~self._verdicts.has_status[self._rows])
        others = unreviewed[unreviewed != here]
        if not others.size:
            return None
        later = others[others > here]
        return self.item_at(int(later[0] if later.size else others[0])).sample

    def _looks_reviewed(self, sample: str) -> bool:
        return bool(self._verdicts.has_status[self._table.row_of[sample]])

    def _take_in_verdicts(self) -> None:
        """Bring the columns of verdicts up to date."""
        touched, self._decisions.touched = self._decisions.touched, set()
        for sample in touched:
            self._verdicts.update(sample, self._decisions.shown_of(sample))
