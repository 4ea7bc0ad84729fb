"""Lint for masks: coded rules with severity, place and explanation, and safe corrections.

>>> from napari_mask_audit.samples import sample_masks_path
>>> from napari_mask_audit.checks import lint
>>> [f.count for f in lint(sample_masks_path(), select=["speck"]).findings if f.source == "alice"]
[6]
"""

from .accepted import ACCEPTED_NAME, Accepted, read_accepted, write_accepted
from .finding import LintFinding
from .fixes import FixedMask, FixResult, fix
from .limits import LintLimits
from .lint import LintResult, lint
from .rules import RULES, Rule, Severity, choose_rules

__all__ = [
    "ACCEPTED_NAME",
    "RULES",
    "Accepted",
    "FixResult",
    "FixedMask",
    "LintFinding",
    "LintLimits",
    "LintResult",
    "Rule",
    "Severity",
    "choose_rules",
    "fix",
    "lint",
    "read_accepted",
    "write_accepted",
]
