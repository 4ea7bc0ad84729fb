"""What changed between two audits, and which of it is more than noise.

Scores of the same samples are compared sample by sample, so that what makes a sample hard for both
cancels. A dataset-level change counts as better or worse when the 95 % interval of its difference,
from resampling samples, excludes zero; below ten samples nothing is claimed. A single sample cannot
be resampled: its change is a fact about that image, listed when it is large enough to look at, with
a word where a boundary moved by one pixel could have made it.
"""

from .changes import Change, ClassChange, Difference, SampleChange, Verdict
from .comparing import difference

__all__ = ["Change", "ClassChange", "Difference", "SampleChange", "Verdict", "difference"]
