"""Findings that somebody has looked at and accepted, in a file beside the dataset.

The file is TOML, so that it can be read, reviewed and given reasons in by hand. An entry keeps a
finding quiet while it does not grow: six accepted specks are quiet, a seventh is not.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from ..files import write_whole
from .finding import LintFinding

#: Name of the file in the dataset's folder that is read when no other is named.
ACCEPTED_NAME = "lint-accepted.toml"
_KEYS = {"code", "sample", "source", "class_id", "other", "count", "reason"}


@dataclass(frozen=True)
class Accepted:
    """One accepted finding.

    Attributes
    ----------
    code, sample, source, class_id, other
        As in :class:`LintFinding`; empty text where the finding has None.
    count : int
        Up to how many places are accepted.
    reason : str
        Why, for the next reader.
    """

    code: str
    sample: str = ""
    source: str = ""
    class_id: int | None = None
    other: str = ""
    count: int = 1
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, str, int | None, str]:
        """What it is about; the same as :attr:`LintFinding.key`."""
        return self.code, self.sample, self.source, self.class_id, self.other

    def covers(self, finding: LintFinding) -> bool:
        """Whether it keeps a finding quiet."""
        return self.key == finding.key and finding.count <= self.count

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary without the empty entries."""
        row = {"code": self.code, "sample": self.sample, "source": self.source}
        full: dict[str, Any] = {**row, "class_id": self.class_id, "other": self.other}
        kept = {key: value for key, value in full.items() if value not in ("", None)}
        return {**kept, "count": self.count, **({"reason": self.reason} if self.reason else {})}


def read_accepted(path: str | Path) -> tuple[Accepted, ...]:
    """Read a file of accepted findings.

    Raises
    ------
    DatasetError
        ``bad-accepted``, naming the first entry that makes no sense.
    """
    file = Path(path)
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DatasetError("bad-accepted", f"it cannot be read ({error}).", file=file) from error
    entries = table.get("accepted", [])
    if set(table) - {"accepted"} or not isinstance(entries, list):
        raise DatasetError(
            "bad-accepted", "expected [[accepted]] entries and nothing else.", file=file
        )
    return tuple(_entry(number, entry, file) for number, entry in enumerate(entries, 1))


def _entry(number: int, entry: Any, file: Path) -> Accepted:
    types: Mapping[str, type] = dict.fromkeys(_KEYS, str) | {"class_id": int, "count": int}
    if (
        not isinstance(entry, dict)
        or "code" not in entry
        or set(entry) - _KEYS
        or any(not isinstance(value, types[key]) for key, value in entry.items())
    ):
        raise DatasetError(
            "bad-accepted",
            f"entry {number} needs a code, and may have {', '.join(sorted(_KEYS - {'code'}))}.",
            file=file,
        )
    return Accepted(**entry)


def write_accepted(
    path: str | Path, findings: Iterable[LintFinding], *, reason: str = "", keep: bool = True
) -> int:
    """Accept findings: write them to a file, whole or not at all; the number of entries.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; beside a dataset it is called ``lint-accepted.toml``.
    findings : iterable of LintFinding
        What to accept.
    reason : str
        Noted with each new entry.
    keep : bool
        Keep what the file already accepts; otherwise it is replaced.

    Raises
    ------
    DatasetError
        ``bad-accepted`` when the old file cannot be read, ``cannot-write`` when the new one cannot
        be written.
    """
    file = Path(path)
    entries = {a.key: a for a in read_accepted(file)} if keep and file.exists() else {}
    for finding in findings:
        code, sample, source, class_id, other = finding.key
        old = entries.get(finding.key)
        count = max(finding.count, old.count if old else 0)
        why = old.reason if old and old.reason else reason
        entries[finding.key] = Accepted(code, sample, source, class_id, other, count, why)
    ordered = sorted(entries.values(), key=lambda a: (a.sample, a.source, a.code, a.class_id or 0))
    text = (
        "# Lint findings that were looked at and accepted; delete an entry to hear of it again.\n"
    )
    for accepted in ordered:
        lines = [f"{key} = {_toml(value)}" for key, value in accepted.to_dict().items()]
        text += "\n[[accepted]]\n" + "\n".join(lines) + "\n"
    write_whole(file, text.encode("utf-8", "backslashreplace"))
    return len(ordered)


def _toml(value: str | int) -> str:
    """A TOML value: JSON's strings are TOML's, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
