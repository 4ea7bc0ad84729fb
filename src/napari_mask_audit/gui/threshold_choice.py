"""The thresholds of the failure buckets that hold in one viewer. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psygnal import Signal

from ..dataset import Dataset
from ..failure_thresholds import FailureThresholds
from ..settings import Settings


class ThresholdChoice:
    """Which thresholds hold: the dataset's own, or others that somebody tries out.

    Attributes
    ----------
    changed
        Signal: others hold now.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._dataset: Dataset | None = None
        self.own = self.chosen = FailureThresholds().settled()

    @property
    def is_own(self) -> bool:
        """Whether the dataset's own thresholds hold."""
        return self.chosen == self.own

    @property
    def names(self) -> dict[int, str]:
        """Names of the classes that a tolerance of their own can be given to."""
        if self._dataset is None or self._dataset.task == "instance":
            return {}
        declared = self._dataset.declared_classes
        return {i: info.name for i, info in declared.items() if i != self._dataset.background_id}

    def enter(self, dataset: Dataset) -> None:
        """Another dataset is open: its thresholds hold."""
        self._dataset = dataset
        self.own = self.chosen = dataset.settings.failure_thresholds

    def choose(self, thresholds: FailureThresholds) -> None:
        """Let other thresholds hold."""
        if thresholds != self.chosen:
            self.chosen = thresholds
            self.changed.emit()

    def reset(self) -> None:
        """Let the dataset's own hold again."""
        self.choose(self.own)

    def applied_to(self, dataset: Dataset) -> Dataset:
        """The dataset with these thresholds in its settings."""
        return replace(dataset, settings=dataset.settings.replace(failures=self.chosen))


def unusual_settings(dataset: Dataset) -> Mapping[str, Any]:
    """The settings of a dataset that are not the usual ones, as kept with a verdict."""
    usual = Settings().to_dict()
    chosen = {k: v for k, v in dataset.settings.to_dict().items() if v != usual.get(k)}
    return {"settings": chosen} if chosen else {}
