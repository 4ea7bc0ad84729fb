"""The failures of a dataset counted again and again, with thresholds that change.

Measuring takes most of the time and knows no threshold. So measured samples are kept, as many as
fit, and another threshold is decided on them; only samples that did not fit are read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from .. import engine
from ..dataset import Dataset, Sample
from ..dataset.reading import read_masks
from ..errors import Problem
from ..failure_thresholds import FailureThresholds
from ..settings import Settings
from .explain import FINDINGS_PER_MASK, DatasetFailures, assemble_failures, measured_samples
from .sample import MeasuredSample, Pair, SampleFailures

#: Memory that kept samples may take unless told otherwise.
KEPT_BYTES = 1 << 29
Measured = tuple[tuple[MeasuredSample, ...], tuple[Problem, ...]]


class MeasuredDataset:
    """The samples of a dataset, measured once, to be explained with any thresholds.

    Threads may use it at the same time.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset, or where it is.
    settings : Settings, optional
        Instead of the dataset's own.
    comparisons : sequence of (str, str), optional
        Source names (reference, candidate); by default all of the dataset.
    kept_bytes : int
        Memory for measured samples; the rest is read again each time.

    Examples
    --------
    >>> from napari_mask_audit.samples import sample_masks_path
    >>> measured = MeasuredDataset(sample_masks_path(), comparisons=[("gt", "model")])
    >>> for tolerance in (1, 4):
    ...     found = measured.recount(FailureThresholds(tolerance=tolerance), with_causes=False)
    ...     print(tolerance, found.comparisons[0].to_dict()["main"]["boundary"])
    1 6246
    4 10209
    """

    def __init__(
        self,
        dataset: Dataset | str | Path,
        *,
        settings: Settings | None = None,
        comparisons: Sequence[Pair] | None = None,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        self.dataset = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
        self.settings = settings or self.dataset.settings
        self.comparisons = tuple(self.dataset.comparisons() if comparisons is None else comparisons)
        self._room = kept_bytes
        self._kept: OrderedDict[str, Measured] = OrderedDict()
        self._nbytes: dict[str, int] = {}
        self._grown: set[str] = set()
        self._lock = threading.Lock()

    def recount(
        self,
        thresholds: FailureThresholds | None = None,
        *,
        limit_per_sample: int | None = FINDINGS_PER_MASK,
        with_causes: bool = True,
        progress: Callable[[int, int, str], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        workers: int | None = None,
    ) -> DatasetFailures:
        """Explain every disagreement of the dataset with these thresholds.

        Parameters
        ----------
        thresholds : FailureThresholds, optional
            By default those of the settings.
        limit_per_sample : int, optional
            Findings per mask at most, the most rewarding ones; None: all of them.
        with_causes : bool
            Look for causes of whole masks.
        progress : callable, optional
            Called with (samples done, samples in all, name of the last one).
        should_stop : callable, optional
            Asked between samples.
        workers : int, optional
            Threads.

        Returns
        -------
        DatasetFailures
            The same as from :func:`explain_dataset` with these thresholds in its settings.
        """
        settings = self.settings
        if thresholds is not None:
            settings = settings.replace(failures=thresholds)

        def explained(sample: Sample) -> tuple[str, list[SampleFailures], tuple[Problem, ...]]:
            measured, problems = self.measured(sample)
            found = [
                row.explain(
                    settings.failure_thresholds, limit=limit_per_sample, with_causes=with_causes
                )
                for row in measured
            ]
            return sample.name, found, problems

        done: list[SampleFailures] = []
        problems = list(self.dataset.problems)
        samples = self.dataset.samples
        rows = engine.run(explained, samples, workers=workers, should_stop=should_stop)
        for number, (name, found, bad) in enumerate(rows, start=1):
            done.extend(found)
            problems.extend(bad)
            if progress is not None:
                progress(number, len(samples), name)
        done.sort(key=lambda row: row.sample)
        return assemble_failures(
            self.dataset, done, settings=settings, comparisons=self.comparisons, problems=problems
        )

    def measured(self, sample: Sample) -> Measured:
        """The measured comparisons of a sample, and what was wrong with its masks."""
        with self._lock:
            if sample.name in self._kept:
                self._kept.move_to_end(sample.name)
                self._grown.add(sample.name)
                return self._kept[sample.name]
        problems: list[Problem] = []
        masks = read_masks(self.dataset, sample, problems)
        rows = measured_samples(
            self.dataset, sample, masks, settings=self.settings, comparisons=self.comparisons
        )
        found = rows, tuple(problems)
        with self._lock:
            self._kept[sample.name] = found
            self._make_room()
            self._grown.add(sample.name)
        return found

    def _make_room(self) -> None:
        """Let go of samples that no longer fit.

        Only those that were handed out since are measured again, as they grow when they are
        explained: going over all of them for each sample held up every other thread.
        """
        for name in self._grown | {next(reversed(self._kept))}:
            if name in self._kept:
                self._nbytes[name] = sum(row.nbytes for row in self._kept[name][0])
        self._grown.clear()
        total = sum(self._nbytes.values())
        while self._kept and total > self._room:
            name, _ = self._kept.popitem(last=False)
            total -= self._nbytes.pop(name)


def explain_dataset(
    dataset: Dataset | str | Path,
    *,
    settings: Settings | None = None,
    comparisons: Sequence[Pair] | None = None,
    limit_per_sample: int | None = FINDINGS_PER_MASK,
    with_causes: bool = True,
    progress: Callable[[int, int, str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> DatasetFailures:
    """Explain every disagreement of a dataset.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset, or where it is.
    settings : Settings, optional
        Instead of the dataset's own; with the thresholds that decide between buckets.
    comparisons : sequence of (str, str), optional
        Source names (reference, candidate); by default all of the dataset.
    limit_per_sample : int, optional
        Findings per mask at most, the most rewarding ones; None: all of them.
    with_causes : bool
        Look for causes of whole masks.
    progress : callable, optional
        Called with (samples done, samples in all, name of the last one).
    should_stop : callable, optional
        Asked between samples.
    workers : int, optional
        Threads.

    Returns
    -------
    DatasetFailures
        One bad file never stops it: see ``problems``.
    """
    measured = MeasuredDataset(dataset, settings=settings, comparisons=comparisons, kept_bytes=0)
    return measured.recount(
        limit_per_sample=limit_per_sample,
        with_causes=with_causes,
        progress=progress,
        should_stop=should_stop,
        workers=workers,
    )
