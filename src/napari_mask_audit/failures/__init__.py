"""Why a score is low: failure buckets, causes, what repairing each would bring."""

from __future__ import annotations

from .buckets import BucketMap, buckets
from .table import BUCKETS, MAIN_BUCKETS, Bucket, ClassFailures, FailureTable
from .thresholds import FailureThresholds

__all__ = [
    "BUCKETS",
    "MAIN_BUCKETS",
    "Bucket",
    "BucketMap",
    "ClassFailures",
    "FailureTable",
    "FailureThresholds",
    "buckets",
]
