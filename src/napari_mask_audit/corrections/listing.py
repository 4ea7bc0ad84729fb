"""All corrections of a dataset as a table: what was recorded, and what lies on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..dataset import Dataset
from ..dataset.corrected import CORRECTED
from ..errors import MaskError, SettingsError
from ..files import write_whole
from ..readers import read_mask
from ..review.corrections import Correction
from ..review.plain_csv import csv_text
from ..review.store import ReviewStore
from ..review.verdicts import EventKind
from .fingerprints import fingerprint_of
from .writing import relative_name

COLUMNS = (
    "sample", "state", "source", "file", "pixels", "reviewer", "at", "reason", "finding", "earlier",
)  # fmt: skip


@dataclass(frozen=True)
class CorrectionLine:
    """One correction.

    Attributes
    ----------
    correction : Correction or None
        What was recorded; None for a corrected mask that somebody has put there by hand.
    sample : str
        Name of the sample.
    at : str
        When it was recorded (UTC, ISO 8601); empty where it was not.
    state : str
        ``in force``: the corrected mask is this one. ``replaced``: a later one took its place.
        ``changed since``: the file holds other ids than were saved. ``gone``: there is no file.
        ``not recorded``: the file is there, and nobody has recorded it.
    file : str
        The corrected mask, relative to the dataset's folder where it lies beneath.
    """

    correction: Correction | None
    sample: str
    at: str
    state: str
    file: str

    def to_dict(self) -> dict[str, Any]:
        """A row with the keys of :data:`COLUMNS`; what nobody recorded is None."""
        found = self.correction
        return {
            "sample": self.sample,
            "state": self.state,
            "source": None if found is None else found.source,
            "file": self.file,
            "pixels": None if found is None else found.pixels,
            "reviewer": None if found is None else found.reviewer,
            "at": self.at or None,
            "reason": None if found is None else found.reason,
            "finding": None if found is None else found.finding,
            "earlier": None if found is None else found.extra.get("earlier"),
        }


def correction_lines(dataset: Dataset, store: ReviewStore | None) -> tuple[CorrectionLine, ...]:
    """Every correction of a dataset, by sample, then oldest first.

    Parameters
    ----------
    dataset : Dataset
        Opened anew, so that it knows the corrected masks.
    store : ReviewStore or None
        Where corrections are recorded; None where nobody has reviewed yet.
    """
    events = [] if store is None else store.everything_since(0)
    recorded = [
        (event.at, Correction.from_event(event))
        for event in events
        if event.kind is EventKind.CORRECTION
    ]
    last = {correction.sample: correction for _, correction in recorded}
    lines = [
        CorrectionLine(
            correction, correction.sample, at, _state(dataset, correction, last), correction.file
        )
        for at, correction in recorded
    ]
    lines += [
        CorrectionLine(None, sample.name, "", "not recorded", relative_name(dataset, path))
        for sample in dataset.samples
        if (path := sample.masks.get(CORRECTED)) is not None and sample.name not in last
    ]
    return tuple(sorted(lines, key=lambda line: (line.sample, line.at)))


def export_corrections(lines: Sequence[CorrectionLine], path: str | Path) -> int:
    """Write the table to a ``.csv`` or ``.json`` file; the number of rows.

    Raises
    ------
    SettingsError
        ``export-suffix`` if the name ends otherwise.
    DatasetError
        ``cannot-write``.
    """
    path, rows = Path(path), [line.to_dict() for line in lines]
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".json"}:
        raise SettingsError(
            "export-suffix", f"expected a name ending in .csv or .json, got {path.name!r}"
        )
    if suffix == ".csv":
        text = csv_text(COLUMNS, rows)
    else:
        text = json.dumps({"corrections": rows}, ensure_ascii=False, indent=1) + "\n"
    write_whole(path, text.encode("utf-8", "backslashreplace"))
    return len(rows)


def _state(dataset: Dataset, correction: Correction, last: dict[str, Correction]) -> str:
    if last[correction.sample] is not correction:
        return "replaced"
    path = dataset.folder / correction.file
    if not path.is_file():
        return "gone"
    try:
        labels = dataset.encoding.decode(read_mask(path).labels, path)
    except MaskError:
        return "changed since"
    return "in force" if fingerprint_of(labels) == correction.after else "changed since"
