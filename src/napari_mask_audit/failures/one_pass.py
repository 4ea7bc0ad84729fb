"""Scores and their explanation from one reading of every mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from .. import engine
from ..audit import Audit, SampleAudit, assemble, measure_masks_of
from ..dataset import Dataset, Sample
from ..dataset.reading import read_masks
from ..errors import Problem
from ..settings import Settings
from .explain import FINDINGS_PER_MASK, DatasetFailures, assemble_failures, explain_masks
from .sample import Pair, SampleFailures


def audit_and_explain(
    dataset: Dataset | str | Path,
    *,
    settings: Settings | None = None,
    comparisons: Sequence[Pair] | None = None,
    limit_per_sample: int | None = FINDINGS_PER_MASK,
    with_causes: bool = True,
    progress: Callable[[int, int, str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> tuple[Audit, DatasetFailures]:
    """Measure a dataset and explain every disagreement, decoding each mask once.

    A sample's masks are dropped when it is done: what stays are tables and findings.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset, or where it is.
    settings : Settings, optional
        Instead of the dataset's own.
    comparisons : sequence of (str, str), optional
        Source names (reference, candidate); by default all of the dataset.
    limit_per_sample : int, optional
        Findings per mask at most, the most rewarding ones; None: all of them.
    with_causes : bool
        Look for causes of whole masks.
    progress : callable, optional
        Called with (samples done, samples in all, name of the last one).
    should_stop : callable, optional
        Asked between samples; when true, both cover the samples done so far.
    workers : int, optional
        Threads.

    Returns
    -------
    audit : Audit
        As from :func:`napari_mask_audit.audit`.
    failures : DatasetFailures
        As from :func:`explain_dataset`.
    """
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    chosen = settings or opened.settings
    pairs = tuple(opened.comparisons() if comparisons is None else comparisons)
    for name in {name for pair in pairs for name in pair}:
        opened.source(name)

    each = engine.share(workers, len(opened.samples))

    def work(sample: Sample) -> tuple[SampleAudit, tuple[SampleFailures, ...], list[Problem]]:
        problems: list[Problem] = []
        masks = read_masks(opened, sample, problems)
        explained = explain_masks(
            opened, sample, masks, settings=chosen, comparisons=pairs, limit=limit_per_sample,
            with_causes=with_causes,
        )  # fmt: skip
        measured = measure_masks_of(
            opened, sample, masks, settings=chosen, comparisons=pairs, problems=problems,
            workers=each,
        )  # fmt: skip
        return measured, explained, problems

    measured: list[SampleAudit] = []
    explained: list[SampleFailures] = []
    unread = list(opened.problems)
    for scores, failures, problems in engine.run(
        work, opened.samples, workers=workers, should_stop=should_stop
    ):
        measured.append(scores)
        explained.extend(failures)
        unread.extend(problems)
        if progress is not None:
            progress(len(measured), len(opened.samples), scores.sample)
    return (
        assemble(opened, measured, settings=chosen, comparisons=pairs),
        assemble_failures(opened, explained, settings=chosen, comparisons=pairs, problems=unread),
    )
