"""Why a score is low: failure buckets, causes, what repairing each would bring.

:func:`explain_dataset` and :func:`explain_sample` are the way in; :func:`buckets` is the core.
"""

from __future__ import annotations

from ..failure_thresholds import FailureThresholds
from .advice import Advice, AdviceKind
from .averages import Averages, averages
from .buckets import BucketMap, buckets
from .causes import Cause, CauseKind, causes
from .counterfactuals import (
    Counterfactual,
    Repair,
    class_counterfactuals,
    dataset_counterfactuals,
    sample_counterfactuals,
)
from .explain import DatasetFailures, assemble_failures, explain_masks, measured_samples
from .listing import findings
from .one_pass import audit_and_explain
from .recounting import MeasuredDataset, explain_dataset
from .sample import MeasuredSample, SampleFailures, explain_sample, measure_sample
from .sentences import ERRORS, SUGGESTED_TAGS, TITLES
from .summary import ComparisonFailures
from .suspects import ReferenceSuspect
from .table import BUCKETS, MAIN_BUCKETS, Bucket, ClassFailures, FailureTable, folded

__all__ = [
    "BUCKETS",
    "ERRORS",
    "MAIN_BUCKETS",
    "SUGGESTED_TAGS",
    "TITLES",
    "Advice",
    "AdviceKind",
    "Averages",
    "Bucket",
    "BucketMap",
    "Cause",
    "CauseKind",
    "ClassFailures",
    "ComparisonFailures",
    "Counterfactual",
    "DatasetFailures",
    "FailureTable",
    "FailureThresholds",
    "MeasuredDataset",
    "MeasuredSample",
    "ReferenceSuspect",
    "Repair",
    "SampleFailures",
    "assemble_failures",
    "audit_and_explain",
    "averages",
    "buckets",
    "causes",
    "class_counterfactuals",
    "dataset_counterfactuals",
    "explain_dataset",
    "explain_masks",
    "explain_sample",
    "findings",
    "folded",
    "measure_sample",
    "measured_samples",
    "sample_counterfactuals",
]
