"""The datasets opened last, kept in the user's own folder. No Qt here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from ..errors import AuditError
from ..files import write_whole

#: So many are kept.
MOST = 8


@dataclass(frozen=True)
class Recent:
    """A dataset that was open.

    Attributes
    ----------
    path : str
        What was opened: a folder or a ``dataset.toml``.
    name : str
        Name of the dataset.
    store : str or None
        File of the verdicts where another than the usual one was asked for.
    """

    path: str
    name: str
    store: str | None = None


def recent_datasets() -> list[Recent]:
    """Those that are still there, the last one first; none where the list cannot be read."""
    return [entry for entry in _kept() if Path(entry.path).exists()]


def labels(entries: Sequence[Recent]) -> list[str]:
    """What to call them: by name, and where two have the same name also by folder.

    Examples
    --------
    >>> labels([Recent("/a/town", "Town"), Recent("/b/town", "Town"), Recent("/c", "C")])
    ['Town  (/a/town)', 'Town  (/b/town)', 'C']
    """
    names = Counter(entry.name for entry in entries)
    return [f"{e.name}  ({e.path})" if names[e.name] > 1 else e.name for e in entries]


def remember(path: str | Path, name: str, store: str | None) -> None:
    """Put a dataset at the top of the list.

    One whose verdicts go to a database server is not kept: its address may hold a password.
    """
    if store is not None and "://" in store:
        return
    entry = Recent(str(Path(path).absolute()), name, store)
    others = [known for known in _kept() if known.path != entry.path]
    lines = [vars(known) for known in [entry, *others][:MOST]]
    try:
        write_whole(_file(), json.dumps(lines, indent=1).encode())
    except AuditError:
        return  # a home that cannot be written to is no reason not to review


def _kept() -> list[Recent]:
    try:
        found: Any = json.loads(_file().read_text(encoding="utf-8"))
        return [Recent(**entry) for entry in found if isinstance(entry["path"], str)]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _file() -> Path:
    return user_data_path("mask-audit", appauthor=False) / "recent.json"
