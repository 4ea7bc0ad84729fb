"""The failure buckets of a sample, as the queue, the sample line and the suggestion show them.

No Qt here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..failures import BUCKETS, SUGGESTED_TAGS, Bucket, SampleFailures

#: Word and colour of each bucket (Okabe and Ito; neither is ever shown without the other).
BUCKET_LOOKS = {
    Bucket.BOUNDARY: ("boundary", "#56B4E9"),
    Bucket.MISSED_SMALL: ("missed small", "#D55E00"),
    Bucket.CONFUSION: ("confusion", "#CC79A7"),
    Bucket.MISSED_LARGE: ("missed large", "#E69F00"),
    Bucket.FALSE_REGION: ("false region", "#F0E442"),
    Bucket.OVER_EXTENT: ("over-extent", "#009E73"),
    Bucket.UNDER_EXTENT: ("under-extent", "#0072B2"),
    Bucket.SPLIT: ("split", "#BBBBBB"),
    Bucket.MERGE: ("merge", "#4D4D4D"),
}


@dataclass(frozen=True)
class FailureSummary:
    """What the queue and the sample line show of a sample's failures.

    Attributes
    ----------
    sample : str
        Its name.
    losses : mapping of Bucket to float
        Mean over the classes of the share of their union lost to each bucket; together they are
        1 − mean IoU.
    leading : Bucket or None
        The bucket whose repair brings most; None when nothing is wrong.
    reason : str
        Why this bucket leads, in one sentence with numbers; empty without one.
    """

    sample: str
    losses: Mapping[Bucket, float]
    leading: Bucket | None
    reason: str

    @property
    def suggested_tag(self) -> str | None:
        """The failure tag of the leading bucket."""
        return None if self.leading is None else SUGGESTED_TAGS[self.leading]

    @property
    def scores(self) -> dict[str, float]:
        """Scores to sort the queue by: what is left of 1 when only this bucket is counted."""
        return {f"bucket:{bucket.value}": 1.0 - loss for bucket, loss in self.losses.items()}


def summary_of(failures: SampleFailures) -> FailureSummary:
    """The buckets of a sample, and the one to begin with."""
    rows = [row for row in failures.classes if row.union]
    losses = {
        bucket: sum(row.shares[bucket] for row in rows) / len(rows) if rows else 0.0
        for bucket in BUCKETS
    }
    leading = failures.leading_bucket
    reason = ""
    for row in failures.counterfactuals:
        if row.repair.class_pair is None and row.repair.bucket is leading:
            reason = f"mean IoU {row.before:.2f} → {row.after:.2f} without"
    return FailureSummary(failures.sample, losses, leading, reason)
