"""The verdicts as a table for other programs: CSV and JSON.

JSON has every text exactly as it was given; for CSV see ``plain_csv.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.files import write_whole
from napari_mask_audit.review.blinding import blind_mark
from napari_mask_audit.review.consistency import intra_reviewer_consistency
from napari_mask_audit.review.history import history_lines
from napari_mask_audit.review.plain_csv import csv_text
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import StoredVerdict

COLUMNS = ("sample", "finding", "status", "tags", "comment", "reviewer", "at", "blind")


def tag_rows(store: ReviewStore) -> list[dict[str, Any]]:
    """One row per sample or finding that has a verdict, sorted by sample, then finding.

    Returns
    -------
    list of dict
        With the keys of :data:`COLUMNS`. ``finding`` and ``status`` may be None, ``tags`` is a
        list, ``reviewer`` and ``at`` say whose decision is in force and since when (UTC).
        ``blind`` is None, or says what was called A and B while names were hidden.
    """
    verdicts = (verdict for verdict in store.all_latest().values() if not verdict.is_blank)
    return [_row(v) for v in sorted(verdicts, key=lambda v: (v.sample, v.finding or ""))]


def export_tags(store: ReviewStore, path: str | Path) -> int:
    """Write the verdicts in force to a ``.csv`` or ``.json`` file; the number of rows.

    The file appears whole or not at all. In CSV the tags are joined by ``;`` and None is an empty
    cell; the text is UTF-8. JSON has besides how consistent each reviewer was, and everything
    that ever happened, under ``consistency`` and ``history``.

    Raises
    ------
    SettingsError
        ``export-suffix`` if the name ends otherwise.
    DatasetError
        ``cannot-write`` if the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in {".csv", ".json"}:
        raise SettingsError(
            "export-suffix", f"expected a name ending in .csv or .json, got {path.name!r}"
        )
    rows = tag_rows(store)
    text = _csv(rows) if suffix == ".csv" else _json(rows, store)
    # A file name that is not UTF-8 has lone surrogates; \udcXX is also how JSON spells them.
    write_whole(path, text.encode("utf-8", "backslashreplace"))
    return len(rows)


def _row(verdict: StoredVerdict) -> dict[str, Any]:
    return {
        "sample": verdict.sample,
        "finding": verdict.finding,
        "status": None if verdict.status is None else verdict.status.value,
        "tags": list(verdict.tags),
        "comment": verdict.comment,
        "reviewer": verdict.decided_by or verdict.reviewer,
        "at": verdict.decided_at or verdict.at,
        "blind": blind_mark(verdict.details),
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    def flat(row: dict[str, Any]) -> dict[str, Any]:
        blind = " ".join(f"{word}={value}" for word, value in (row["blind"] or {}).items())
        return {**row, "tags": ";".join(row["tags"]), "blind": blind}

    return csv_text(COLUMNS, map(flat, rows))


def _json(rows: list[dict[str, Any]], store: ReviewStore) -> str:
    events = store.everything_since(0)
    content = {
        "dataset": store.dataset_key,
        "verdicts": rows,
        "consistency": [row.to_dict() for row in intra_reviewer_consistency(events)],
        "history": [line.to_dict() for line in history_lines(events)],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
