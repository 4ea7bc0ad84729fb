"""A small pixel classifier learned from the dataset's own labels: a prediction to begin with.

No sample is predicted by a forest that saw it, so that where forest and label contradict each
other the label may be the one that is wrong.
"""

from .judging import Doubt, suspicion
from .places import PlaceKind
from .record import BaselineSample, read_record
from .training import CrossValidation, Training, cross_validate
from .writing import Baseline, train_baseline

__all__ = [
    "Baseline",
    "BaselineSample",
    "CrossValidation",
    "Doubt",
    "PlaceKind",
    "Training",
    "cross_validate",
    "read_record",
    "suspicion",
    "train_baseline",
]
