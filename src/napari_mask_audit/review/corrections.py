"""What the store keeps about a corrected mask: which file was made from which, by whom, and why.

The mask itself is a file beside the others; the event is appended once that file is on disk, so
that the history never names a file that was not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from napari_mask_audit.review.verdicts import Verdict

KEY = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A corrected mask that is on disk.

    Parameters
    ----------
    sample : str
        Name of the sample.
    reviewer : str
        Who corrected.
    source : str
        Name of the source whose mask was corrected.
    file : str
        The file written, relative to the dataset folder, with forward slashes.
    before, after : str
        Fingerprints of the mask that was corrected and of the one written.
    pixels : int
        How many pixels (or voxels) differ between the two.
    reason : str
        Why, in the reviewer's words.
    finding : str, optional
        Id of the finding that was corrected; None where it was the sample as a whole.
    extra : mapping of str to JSON value
        Anything else worth keeping, such as ``{"taken_from": "bob"}``.

    Raises
    ------
    ValueError
        If sample, reviewer, source or file is empty, or the number of pixels is negative.
    """

    sample: str
    reviewer: str
    source: str
    file: str
    before: str
    after: str
    pixels: int
    reason: str = ""
    finding: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not (self.sample and self.reviewer and self.source and self.file):
            raise ValueError("a correction needs a sample, a reviewer, a source and a file")
        if self.pixels < 0:
            raise ValueError(f"a correction changes zero or more pixels, not {self.pixels}")

    def as_event(self) -> Verdict:
        """The row that stands for it: nothing is decided, the reason is the comment."""
        kept = asdict(self)
        for name in ("sample", "reviewer", "reason", "finding"):
            del kept[name]
        return Verdict(
            sample=self.sample,
            reviewer=self.reviewer,
            finding=self.finding,
            comment=self.reason,
            details={KEY: kept},
        )

    @classmethod
    def from_event(cls, event: Verdict) -> Correction:
        """The correction that an event of the kind ``correction`` stands for."""
        return cls(
            sample=event.sample,
            reviewer=event.reviewer,
            finding=event.finding,
            reason=event.comment,
            **event.details[KEY],
        )
