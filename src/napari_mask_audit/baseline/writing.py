"""Train a baseline and write its masks beside the labels, as a source of the dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checklist import BASELINE_SOURCE
from ..checks.rewriting import rewrite_mask
from ..dataset import Dataset, Sample
from ..dataset.encoding import Encoding
from ..errors import Problem
from ..readers import split_suffix
from .record import BaselineSample, prepare_folder, write_record
from .training import (
    Prediction,
    Progress,
    Training,
    check_possible,
    choose_teacher,
    cross_validate,
    require_sklearn,
    usable_samples,
)


@dataclass(frozen=True)
class Baseline:
    """The baseline that was trained and written.

    Attributes
    ----------
    source : str
        Name of the new source.
    folder : pathlib.Path
        Where its masks are.
    reference : str
        The source it learned from.
    folds : int
        How many forests were trained.
    samples : tuple of BaselineSample
        The most suspicious labels first.
    problems : tuple of Problem
        Samples that could not be used, and why.
    complete : bool
        Whether every usable sample was predicted; false after a stop.
    """

    source: str
    folder: Path
    reference: str
    folds: int
    samples: tuple[BaselineSample, ...]
    problems: tuple[Problem, ...] = ()
    complete: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionary as in the JSON output."""
        return {
            "source": self.source,
            "folder": str(self.folder),
            "reference": self.reference,
            "folds": self.folds,
            "complete": self.complete,
            "samples": [sample.to_dict() for sample in self.samples],
            "problems": [problem.to_dict() for problem in self.problems],
        }


def train_baseline(
    dataset: Dataset | str | Path,
    *,
    reference: str | None = None,
    source: str = BASELINE_SOURCE,
    folder: str | Path | None = None,
    folds: int = 5,
    trees: int = 30,
    pixels_per_sample: int = 1500,
    seed: int = 0,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Baseline:
    """Train a pixel classifier on a dataset and write its predictions as a new source.

    Where ids are classes it predicts classes. Where they number objects it predicts nothing,
    inside and rim, and grows objects from the insides.

    Parameters
    ----------
    dataset : Dataset, str or pathlib.Path
        A dataset with images and at least two samples (or groups).
    reference : str, optional
        The source to learn from; the first reference, or else the first annotator.
    source : str
        Name of the new source.
    folder : str or pathlib.Path, optional
        Where to write; ``masks/SOURCE`` beneath the dataset's root. It may hold an earlier
        baseline, which is replaced, but nothing else.
    folds : int
        At most so many forests, at least 2.
    trees, pixels_per_sample : int
        Size of a forest, and how many pixels of each sample it learns from at most; of a large
        dataset it takes fewer.
    seed : int
        Two runs with the same seed write the same masks.
    progress : callable, optional
        Called with (steps done, steps in all, what); a step is one sample read or predicted.
    should_stop : callable, optional
        Asked between steps.

    Returns
    -------
    Baseline
        A sample that cannot be used is listed, not raised.

    Raises
    ------
    DatasetError
        ``baseline-not-possible`` (no images, one group only, one class only),
        ``baseline-folder``, ``no-such-source``.
    MissingExtraError
        ``missing-extra`` without scikit-learn.
    """
    require_sklearn()
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    teacher = choose_teacher(opened, reference, source)
    target = Path(folder) if folder is not None else opened.root / "masks" / source
    training = Training(folds=folds, trees=trees, pixels_per_sample=pixels_per_sample, seed=seed)
    check_possible(opened, usable_samples(opened, teacher), folds)
    prepare_folder(target)
    files: list[str] = []

    def keep(prediction: Prediction) -> None:
        files.append(_write(opened, prediction.sample, teacher, prediction.ids, target))

    done = cross_validate(
        opened, teacher, training, keep=keep, progress=progress, should_stop=should_stop
    )
    made = {"reference": teacher, "folds": done.folds, "trees": trees, "seed": seed}
    found = {
        "files": sorted(files),
        "left_out": sorted(problem.sample for problem in done.problems if problem.sample),
        "samples": [row.to_dict() for row in done.samples],
    }
    write_record(target, {**made, **found})
    return Baseline(source, target, teacher, done.folds, done.samples, done.problems, done.complete)


def _write(
    dataset: Dataset, sample: Sample, teacher: str, ids: NDArray[np.int32], folder: Path
) -> str:
    """Write one predicted mask in the format of the label; the name of its file."""
    path = sample.masks[teacher]
    name = f"{sample.name}{split_suffix(path.name)[1]}"
    if dataset.encoding is Encoding.BINARY_255:
        ids = ids * 255
    rewrite_mask(path, folder / name, ids)
    return name
