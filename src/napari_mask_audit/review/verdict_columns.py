"""What verdicts say, as columns beside the queue's table: what a filter looks through."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.review.queue_table import QueueTable
from napari_mask_audit.review.text_column import TextColumn
from napari_mask_audit.review.verdicts import StoredVerdict

#: The verdicts of one sample, by finding; None stands for the sample as a whole.
SampleVerdicts = Mapping[str | None, StoredVerdict]

#: The column that holds all the others.
ANYWHERE = "anywhere"


class VerdictColumns:
    """The words of all verdicts in force, a row per sample of a table.

    Parameters
    ----------
    table : QueueTable
        Its rows; verdicts on samples that it does not have are left out.
    """

    def __init__(self, table: QueueTable) -> None:
        self._table = table
        self._columns = {name: TextColumn() for name in (*_WORDS, ANYWHERE)}
        self.has_status: NDArray[np.bool_] = np.zeros(0, bool)
        self.grow()

    def grow(self) -> None:
        """Add empty rows for the samples that the table has got since."""
        missing = len(self._table) - len(self.has_status)
        if missing > 0:
            self.has_status = np.append(self.has_status, np.zeros(missing, bool))
            for column in self._columns.values():
                column.extend([""] * missing)

    def update(self, sample: str, verdicts: SampleVerdicts) -> None:
        """Take in what is decided about a sample now."""
        row = self._table.row_of.get(sample)
        if row is None:
            return
        whole = verdicts.get(None)
        self.has_status[row] = whole is not None and whole.status is not None
        texts = []
        for name, words in _WORDS.items():
            text = "\n".join(words(verdicts))
            self._columns[name][row] = text
            texts.append(text)
        self._columns[ANYWHERE][row] = "\n".join(texts)

    def containing(self, field: str, text: str) -> NDArray[np.bool_]:
        """Rows in whose verdicts a field contains a text; see :data:`FIELDS`."""
        return self._columns[field].containing(text)


def _tags(verdicts: SampleVerdicts) -> list[str]:
    """Findable as ``missed_small`` and as ``missed small``."""
    names = [tag for verdict in verdicts.values() for tag in verdict.tags]
    return [*names, *(name.replace("_", " ") for name in names if "_" in name)]


def _status(verdicts: SampleVerdicts) -> list[str]:
    """The sample's status, findable as ``needs_fix`` and as ``needs fix``."""
    whole = verdicts.get(None)
    if whole is None or whole.status is None:
        return []
    return [whole.status.value, whole.status.value.replace("_", " ")]


def _comments(verdicts: SampleVerdicts) -> list[str]:
    return [verdict.comment for verdict in verdicts.values() if verdict.comment]


def _reviewers(verdicts: SampleVerdicts) -> list[str]:
    return [verdict.decided_by or "" for verdict in verdicts.values()]


_WORDS: Mapping[str, Callable[[SampleVerdicts], list[str]]] = {
    "tag": _tags,
    "comment": _comments,
    "status": _status,
    "by": _reviewers,
}
#: What a filter can name.
FIELDS = frozenset(_WORDS)
