"""Correcting a mask: a new mask beside the old one, counted as it is drawn.

``windows`` and ``live_counts`` keep the numbers right while somebody paints, by counting only what
was touched; ``repairs`` are corrections in one step; ``writing``, ``drafts`` and ``recovery`` bring
the result to disk without ever losing one. No Qt here: the dock (``gui/correcting.py``) and Python
use the same functions.
"""

from .drafts import Draft, drafts_folder, find_drafts, keep_draft, load_draft, remove_draft
from .live_counts import LiveCounts, LiveScores
from .recovery import Recovered, recover
from .windows import Window, changed_window, grown
from .writing import Work, corrected_file, save_correction

__all__ = [
    "Draft",
    "LiveCounts",
    "LiveScores",
    "Recovered",
    "Window",
    "Work",
    "changed_window",
    "corrected_file",
    "drafts_folder",
    "find_drafts",
    "grown",
    "keep_draft",
    "load_draft",
    "recover",
    "remove_draft",
    "save_correction",
]
