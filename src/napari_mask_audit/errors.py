"""Everything that can go wrong, sorted by what the user has to do about it.

Each error carries a short ``code``; ``docs/messages.md`` has a heading for every code, and a test
checks that both lists agree. A message says what was expected, what came, where, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


class AuditError(Exception):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    code : str
        Short stable name such as ``"shape-mismatch"``; a heading in ``docs/messages.md``.
    message : str
        What was expected, what came, and what to do, in words a user reads.
    file : pathlib.Path, optional
        The file the message is about.
    sample : str, optional
        The sample the message is about.
    """

    def __init__(
        self, code: str, message: str, *, file: Path | None = None, sample: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.file = file
        self.sample = sample

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file is not None else ""
        return f"{where}{self.message} [{self.code}]"


class MaskError(AuditError):
    """A mask file (or array) cannot be used: fix or replace that mask."""


class DatasetError(AuditError):
    """The dataset folder or its ``dataset.toml`` needs a change."""


class SettingsError(AuditError):
    """A setting has a value that makes no sense."""


class StoreError(AuditError):
    """The review database cannot be read or written."""


class MissingExtraError(AuditError):
    """An optional package is needed for this; the message says which line installs it."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a dataset, listed instead of raised.

    Attributes
    ----------
    code : str
        Short stable name, a heading in ``docs/messages.md``.
    message : str
        What was found and what to do.
    sample : str or None
        The sample concerned, if it is one.
    file : str or None
        The file concerned, if it is one.
    """

    code: str
    message: str
    sample: str | None = None
    file: str | None = None

    @classmethod
    def from_error(cls, error: AuditError, *, sample: str | None = None) -> Problem:
        """Turn an error into a list entry so that a batch can go on."""
        return cls(
            code=error.code,
            message=error.message,
            sample=error.sample or sample,
            file=None if error.file is None else str(error.file),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary with the keys ``code``, ``sample``, ``file``, ``message``."""
        return {
            "code": self.code,
            "sample": self.sample,
            "file": self.file,
            "message": self.message,
        }
