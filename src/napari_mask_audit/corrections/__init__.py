"""Correcting a mask: a new mask beside the old one, counted as it is drawn.

``windows`` and ``live_counts`` keep the numbers right while somebody paints, by counting only what
was touched; ``repairs`` are corrections in one step; ``writing``, ``drafts`` and ``recovery`` bring
the result to disk without ever losing one. No Qt here: the dock (``gui/correcting.py``) and Python
use the same functions.
"""

from .donors import MAJORITY, donor_mask
from .drafts import Draft, drafts_folder, find_drafts, keep_draft, load_draft, remove_draft
from .leftovers import remove_leftovers
from .listing import CorrectionLine, correction_lines, export_corrections
from .live_counts import LiveCounts, LiveScores
from .mask_correction import MaskCorrection
from .recovery import Recovered, recover
from .windows import Window, changed_window, grown
from .writing import Work, corrected_file, save_correction

__all__ = [
    "MAJORITY",
    "CorrectionLine",
    "Draft",
    "LiveCounts",
    "LiveScores",
    "MaskCorrection",
    "Recovered",
    "Window",
    "Work",
    "changed_window",
    "corrected_file",
    "correction_lines",
    "donor_mask",
    "drafts_folder",
    "export_corrections",
    "find_drafts",
    "grown",
    "keep_draft",
    "load_draft",
    "recover",
    "remove_draft",
    "remove_leftovers",
    "save_correction",
]
