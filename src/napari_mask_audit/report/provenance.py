"""Where the numbers come from: problems, settings, inputs, undefined values, as tables."""

from __future__ import annotations

import os
import platform
from collections import Counter

import numpy as np

from ..audit import Audit
from ..dataset import Dataset
from ..status import Status
from . import wording
from .cells import Cell, Heading, Table, name_cell
from .wording import Name


def problem_table(audit: Audit, dataset: Dataset) -> Table:
    """One row per problem; files relative to the dataset's root."""
    headings = (Heading("What"), Heading("Sample"), Heading("File"), Heading("Message"))
    rows = tuple(
        (
            Cell(problem.code),
            name_cell(problem.sample or wording.DASH),
            name_cell(without_folder(problem.file or wording.DASH, dataset)),
            Cell(Name(without_folder(problem.message, dataset))),
        )
        for problem in audit.problems
    )
    return Table("Problems", headings, rows)


def without_folder(text: str, dataset: Dataset) -> str:
    """A path or message with files relative to the dataset.

    A page that is handed on need not tell where the data lies on this machine.

    Examples
    --------
    >>> from pathlib import Path
    >>> dataset = Dataset("d", Path("/home/ann/d"), Path("/home/ann/d"), (), ())
    >>> without_folder(f"cannot read {dataset.root / 'a.png'}", dataset)
    'cannot read a.png'
    """
    for folder in (dataset.root, dataset.folder):
        text = text.replace(f"{folder}{os.sep}", "")
    return text


def notes(audit: Audit, dataset: Dataset) -> list[str]:
    """What was taken as given."""
    return [without_folder(note, dataset) for note in audit.notes]


def settings_table(audit: Audit) -> Table:
    """Every setting behind the numbers."""
    rows = tuple(
        (Cell(name.replace("_", " ")), Cell(Name(_value(value))))
        for name, value in audit.settings.to_dict().items()
        if name != "failures"
    )
    thresholds = audit.settings.failure_thresholds.describe()
    rows += ((Cell("failures"), Cell(Name(thresholds))),)
    return Table("Settings", (Heading("Setting"), Heading("Value")), rows)


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "one pixel (nobody chose it)"
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def digest_table(audit: Audit) -> Table:
    """Fingerprint of every mask that was measured."""
    rows = tuple(
        (name_cell(sample), name_cell(source), Cell(digest))
        for sample, digests in audit.digests.items()
        for source, digest in digests.items()
    )
    headings = (Heading("Sample"), Heading("Source"), Heading("Fingerprint of the ids"))
    return Table("Masks measured", headings, rows)


def undefined_table(audit: Audit) -> Table:
    """How many class scores are undefined or one-sided, per comparison, and why."""
    states = [status for status in Status if status is not Status.OK]
    counts = [
        Counter(row.status for sample in c.samples for row in sample.classes)
        for c in audit.comparisons
    ]
    states = [status for status in states if any(count[status] for count in counts)]
    headings = (
        Heading("Comparison"),
        Heading("Class scores", "One per sample and class", True),
        *(Heading(wording.STATUS_WORDS[s].capitalize(), "", True) for s in states),
    )
    rows = tuple(
        (
            Cell(Name(f"{c.candidate} against {c.reference}")),
            *(
                Cell(wording.whole(n), float(n))
                for n in (count.total(), *(count[s] for s in states))
            ),
        )
        for c, count in zip(audit.comparisons, counts, strict=True)
    )
    return Table("Class scores by what occurs", headings, rows)


def versions(audit: Audit) -> dict[str, str]:
    """The software behind the numbers."""
    return {
        "napari-mask-audit": audit.version,
        "Python": platform.python_version(),
        "numpy": np.__version__,
    }
