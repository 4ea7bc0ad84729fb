"""The folder of a baseline: its masks, and a hidden file that says what they are.

The file holds what the forests found suspicious about each label, with a fingerprint of the label,
so that a label which was corrected since is not accused of its old mistakes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..dataset import Dataset
from ..errors import AuditError, DatasetError
from ..files import write_whole
from ..masks import fingerprint
from .judging import Doubt, suspicion

MARKER = ".mask-audit-baseline.json"


@dataclass(frozen=True)
class BaselineSample:
    """How the out-of-fold prediction of one sample differs from its label.

    Attributes
    ----------
    sample : str
        Name of the sample.
    fold : int
        The fold in which it was predicted.
    disagreement : float
        Share of its counted pixels that are predicted differently, 0 to 1.
    sure : float
        Share that is predicted differently with a probability of at least 0.8: the suspicion
        that the label, not the forest, is wrong.
    doubts : tuple of Doubt
        Reasons to look at the label, the strongest first.
    label : str
        Fingerprint of the label that was judged.
    """

    sample: str
    fold: int
    disagreement: float
    sure: float
    doubts: tuple[Doubt, ...] = ()
    label: str = ""

    @property
    def suspicion(self) -> float:
        """How suspicious the label is, from 0; see :func:`~.judging.suspicion`."""
        return suspicion(self.doubts)

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "sample": self.sample,
            "fold": self.fold,
            "disagreement": self.disagreement,
            "sure": self.sure,
            "suspicion": round(self.suspicion, 4),
            "label": self.label,
            "doubts": [doubt.to_dict() for doubt in self.doubts],
        }

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> BaselineSample:
        """The inverse of :meth:`to_dict`."""
        return cls(
            str(row["sample"]),
            int(row["fold"]),
            float(row["disagreement"]),
            float(row["sure"]),
            tuple(Doubt.from_dict(doubt) for doubt in row["doubts"]),
            str(row["label"]),
        )


@dataclass(frozen=True)
class Record:
    """What an earlier baseline left.

    Attributes
    ----------
    reference : str
        The source that it learned from.
    samples : tuple of BaselineSample
        What it found.
    left_out : frozenset of str
        Samples that it could not use.
    """

    reference: str
    samples: tuple[BaselineSample, ...]
    left_out: frozenset[str]


def label_print(dataset: Dataset, sample: str, source: str) -> str:
    """Fingerprint of a label as the dataset reads it; empty where it cannot be read."""
    try:
        return fingerprint(dataset.read_mask(dataset.sample(sample), source).labels)
    except AuditError:
        return ""


def read_record(folder: Path) -> Record | None:
    """What an earlier baseline found; None where none was written, or by another version."""
    content = _content(folder)
    try:
        if not content:
            return None
        rows = tuple(BaselineSample.from_dict(row) for row in content["samples"])
        return Record(str(content["reference"]), rows, frozenset(content["left_out"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def prepare_folder(folder: Path) -> None:
    """Make the folder, or take the masks of an earlier baseline, and only those, out of it.

    Raises
    ------
    DatasetError
        ``baseline-folder``.
    """
    try:
        if folder.is_dir() and any(folder.iterdir()):
            content = _content(folder)
            if content is None:
                raise DatasetError(
                    "baseline-folder",
                    "this folder holds masks that no baseline wrote; name another source.",
                    file=folder,
                )
            for name in content.get("files", ()):
                if Path(name).name == name:
                    (folder / name).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).touch()
    except OSError as error:
        raise DatasetError(
            "baseline-folder", f"it cannot be used ({error}).", file=folder
        ) from error


def write_record(folder: Path, made: dict[str, Any]) -> None:
    """Note beside the masks what wrote them; hidden, so that no reader takes it for a mask."""
    text = json.dumps({"made_by": "napari-mask-audit", **made}, indent=1)
    write_whole(folder / MARKER, f"{text}\n".encode())


def _content(folder: Path) -> dict[str, Any] | None:
    """What the hidden file says; empty where a run was broken off, None where there is none."""
    try:
        text = (folder / MARKER).read_text(encoding="utf-8")
        content = json.loads(text or "{}")
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
