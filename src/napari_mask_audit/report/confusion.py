"""The confusion matrix: in the page, and as a table for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..audit import Audit
from ..comparison import Comparison
from ..confusion import ConfusionMatrix
from ..dataset import Dataset
from ..errors import DatasetError
from ..failures.sentences import percent
from ..files import write_whole
from . import wording
from .cells import Cell, Heading, Table, heat_of, name_cell
from .tables import parquet_bytes

if TYPE_CHECKING:
    import pandas as pd

#: A larger matrix cannot be read; the classes with most pixels are shown.
MOST_CLASSES: Final = 24
_COLUMNS: Final = [
    "reference",
    "candidate",
    "reference_id",
    "reference_class",
    "candidate_id",
    "candidate_class",
    "pixels",
    "share",
]


def confusion_frame(audit: Audit) -> pd.DataFrame:
    """One row per comparison, class in the reference and class in the candidate that share pixels.

    ``share`` is that of the pixels that the reference gives the class, above 0 to 1.
    """
    import pandas as pd

    rows = [row for comparison in audit.comparisons for row in _rows(audit, comparison)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _rows(audit: Audit, comparison: Comparison) -> list[dict[str, Any]]:
    names = {info["id"]: info["name"] for info in audit.dataset["classes"]}
    names |= {row.pooled.id: row.pooled.name for row in comparison.classes}
    return [
        {
            "reference": comparison.reference,
            "candidate": comparison.candidate,
            "reference_id": cell.reference_id,
            "reference_class": names.get(cell.reference_id, str(cell.reference_id)),
            "candidate_id": cell.candidate_id,
            "candidate_class": names.get(cell.candidate_id, str(cell.candidate_id)),
            "pixels": cell.pixels,
            "share": cell.share,
        }
        for cell in comparison.confusion.shares()
    ]


def write_confusion(audit: Audit, path: str | Path) -> Path:
    """Write the confusion matrices of an audit, pooled over samples, as rows.

    Parameters
    ----------
    audit : Audit
    path : str or pathlib.Path
        ``.csv`` or ``.parquet``. Columns: ``reference``, ``candidate`` (sources),
        ``reference_id``, ``reference_class``, ``candidate_id``, ``candidate_class``, ``pixels``,
        ``share`` of the reference's pixels of the class.

    Raises
    ------
    DatasetError
        ``unknown-table-format``, ``cannot-write``.
    MissingExtraError
        ``missing-extra`` for Parquet without pyarrow.
    """
    target = Path(path)
    if target.suffix.lower() == ".parquet":
        return write_whole(target, parquet_bytes(confusion_frame(audit)))
    if target.suffix.lower() != ".csv":
        raise DatasetError(
            "unknown-table-format",
            f"cannot write the confusion matrix as {target.suffix or 'a file without an ending'}; "
            "use .csv or .parquet.",
            file=target,
        )
    text = str(confusion_frame(audit).to_csv(index=False, lineterminator="\n"))
    return write_whole(target, text.encode("utf-8", "replace"))


def confusion_table(dataset: Dataset, comparison: Comparison) -> tuple[Table | None, int]:
    """The matrix for the page, and how many classes it leaves out.

    Rows are what the reference says, columns what the candidate says, in percent of the row. None
    with fewer than two classes.
    """
    matrix = comparison.confusion
    if len(matrix.ids) < 2:
        return None, 0
    counts = matrix.counts()
    whole_rows = counts.sum(axis=1).tolist()
    shown = _most_frequent(matrix)
    given = {row.pooled.id: row.pooled.name for row in comparison.classes}
    infos = [dataset.class_info(matrix.ids[n]) for n in shown]
    names = [given.get(info.id, info.name) for info in infos]
    rows = tuple(
        (
            name_cell(name, color=info.color),
            *(_matrix_cell(int(counts[n, m]), whole_rows[n]) for m in shown),
        )
        for n, name, info in zip(shown, names, infos, strict=True)
    )
    headings = (
        Heading("Is … called …"),
        *(Heading(wording.Name(name), "", True) for name in names),
    )
    text = (
        f"Confusion matrix: rows are classes in {comparison.reference}, columns what "
        f"{comparison.candidate} calls them, in percent of the row's pixels"
    )
    return Table(wording.Name(text), headings, rows), len(matrix.ids) - len(shown)


def _most_frequent(matrix: ConfusionMatrix) -> list[int]:
    """Where the classes with most pixels in either mask stand, in the order of the ids."""
    counts = matrix.counts()
    union = counts.sum(axis=0) + counts.sum(axis=1) - np.diagonal(counts)
    return sorted(np.argsort(-union, kind="stable")[:MOST_CLASSES].tolist())


def _matrix_cell(count: int, row: int) -> Cell:
    if row == 0:
        return Cell(wording.DASH)
    share = count / row
    return Cell(
        percent(share) if count else "0",
        share,
        note=wording.whole(count) if count else "",
        heat=heat_of(share),
    )
