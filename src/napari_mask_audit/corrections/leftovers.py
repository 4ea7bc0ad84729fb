"""Half-written files that a killed program left behind, and their removal.

Whatever is written appears under a hidden name first. A program that is killed in between leaves
that file; nothing reads it, and the work in it is in a draft or in the file it was to replace.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from ..dataset import Dataset
from ..dataset.corrected import EARLIER, corrected_folder

#: A hidden file is left alone so long after it was last written: somebody may be saving just now.
RESTING_S = 300.0
_MASK = re.compile(r"\..+\.\d+\.(new|part)(\..+)?")
_DRAFT = re.compile(r"\..+\.draft\.npz\.\w+")


def remove_leftovers(dataset: Dataset, drafts: Path) -> int:
    """Remove what interrupted saves of corrections and drafts have left; how many files.

    Only files that these saves name so are touched, and none that was written within the last
    five minutes; what cannot be removed stays.
    """
    folder = corrected_folder(dataset)
    removed = 0
    for place, pattern in ((folder, _MASK), (folder / EARLIER, _MASK), (drafts, _DRAFT)):
        for path in _resting(place, pattern):
            try:
                path.unlink()
            except OSError:
                continue  # it is in nobody's way
            removed += 1
    return removed


def _resting(folder: Path, pattern: re.Pattern[str]) -> Iterator[Path]:
    try:
        found = [path for path in folder.iterdir() if pattern.fullmatch(path.name)]
    except OSError:
        return
    for path in found:
        try:
            status = path.lstat()
        except OSError:
            continue
        if path.is_file() and not path.is_symlink() and time.time() - status.st_mtime > RESTING_S:
            yield path
