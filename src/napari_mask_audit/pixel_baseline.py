"""A small pixel classifier trained on the dataset's own labels, so that there is a baseline.

Whoever has labels but no model yet gets a prediction to audit. It is cross-validated: no sample
(and no group, such as a patient) is predicted by a forest that saw it. Where such a forest is
sure and the label says otherwise, the label is worth a look.

Features are Gaussian, gradient and Hessian responses at several scales
(``skimage.feature.multiscale_basic_features``) and the position; the classifier is
``sklearn.ensemble.RandomForestClassifier``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .checklist import BASELINE_SOURCE
from .checks.rewriting import rewrite_mask
from .dataset import Dataset, Role, Sample
from .dataset.encoding import Encoding
from .errors import AuditError, DatasetError, MissingExtraError, Problem
from .pixel_features import TrainingPixels, draw_pixels, pixel_features, read_sample
from .readers import split_suffix

Progress = Callable[[int, int, str], None]
_MARKER = ".mask-audit-baseline.json"
_ROWS_AT_ONCE = 200_000
# A forest that gives another class at least this probability is taken to be sure.
_SURE = 0.8


@dataclass(frozen=True)
class BaselineSample:
    """How the out-of-fold prediction of one sample differs from its label.

    Attributes
    ----------
    sample : str
        Name of the sample.
    fold : int
        The fold in which it was predicted.
    disagreement : float
        Share of its counted pixels that are predicted differently, 0 to 1.
    sure : float
        Share that is predicted differently with a probability of at least 0.8: the suspicion
        that the label, not the forest, is wrong.
    """

    sample: str
    fold: int
    disagreement: float
    sure: float

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionary."""
        return {
            "sample": self.sample,
            "fold": self.fold,
            "disagreement": self.disagreement,
            "sure": self.sure,
        }


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
        Size of a forest, and how many pixels of each sample it learns from.
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
        ``baseline-not-possible`` (objects instead of classes, no images, one group only, one
        class only), ``baseline-folder``, ``no-such-source``.
    MissingExtraError
        ``missing-extra`` without scikit-learn.
    """
    _require_sklearn()
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    teacher = _teacher(opened, reference, source)
    target = Path(folder) if folder is not None else opened.root / "masks" / source
    usable = [s for s in opened.samples if s.image is not None and teacher in s.masks]
    group_of = _groups(usable)
    count = _check_possible(opened, usable, group_of, folds)
    _prepare_folder(target)
    fold_of = _assign_folds(group_of, count)
    steps = _Steps(2 * len(usable), progress, should_stop)
    problems: list[Problem] = []
    drawn = _draw_all(opened, usable, teacher, pixels_per_sample, seed, steps, problems)
    rows: list[BaselineSample] = []
    for fold in range(count):
        mine = [s for s in usable if s.name in drawn and fold_of[s.name] == fold]
        others = [drawn[name] for name in sorted(drawn) if fold_of[name] != fold]
        if not mine or steps.stopped():
            continue
        forest = _fit(others, trees, seed + fold)
        for sample in mine:
            if steps.stopped():
                break
            try:
                rows.append(_predict(opened, sample, teacher, forest, fold, target))
            except AuditError as error:
                problems.append(Problem.from_error(error, sample=sample.name))
            steps.done(sample.name)
    files = sorted(_file_name(opened.sample(row.sample), teacher) for row in rows)
    made = {"reference": teacher, "folds": count, "trees": trees, "seed": seed, "files": files}
    _write_marker(target, made)
    ranked = sorted(rows, key=lambda row: (-row.sure, -row.disagreement, row.sample))
    return Baseline(
        source, target, teacher, count, tuple(ranked), tuple(problems), not steps.was_stopped
    )


class _Steps:
    """Counts steps, reports them, and asks whether to stop."""

    def __init__(
        self, total: int, progress: Progress | None, should_stop: Callable[[], bool] | None
    ) -> None:
        self._total, self._progress, self._should_stop = total, progress, should_stop
        self._count = 0
        self.was_stopped = False

    def done(self, what: str) -> None:
        self._count += 1
        if self._progress is not None:
            self._progress(self._count, self._total, what)

    def stopped(self) -> bool:
        if self._should_stop is not None and self._should_stop():
            self.was_stopped = True
        return self.was_stopped


def _require_sklearn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "missing-extra",
            "training a baseline needs scikit-learn: pip install 'napari-mask-audit[baseline]'.",
        ) from error


def _teacher(dataset: Dataset, reference: str | None, source: str) -> str:
    if reference is not None:
        return dataset.source(reference).name
    for role in (Role.REFERENCE, Role.ANNOTATOR):
        for candidate in dataset.with_role(role):
            if candidate.name != source:
                return candidate.name
    raise DatasetError(
        "baseline-not-possible",
        "the dataset has only predictions; a baseline learns from a reference or an annotator.",
    )


def _groups(samples: Sequence[Sample]) -> dict[str, str]:
    return {sample.name: sample.group or sample.name for sample in samples}


def _check_possible(
    dataset: Dataset, usable: Sequence[Sample], group_of: dict[str, str], folds: int
) -> int:
    """How many folds there will be."""
    if dataset.task == "instance":
        why = "ids are objects here, and a pixel classifier learns classes"
    elif not usable:
        why = "no sample has both an image and a label"
    elif len(set(group_of.values())) < 2:
        why = "cross-validation needs at least two samples (or groups) with image and label"
    elif folds < 2:
        why = f"folds must be at least 2, not {folds}"
    else:
        return min(folds, len(set(group_of.values())))
    raise DatasetError("baseline-not-possible", f"{why}.", file=dataset.folder)


def _assign_folds(group_of: dict[str, str], folds: int) -> dict[str, int]:
    """The fold of each sample: groups dealt out in turn, the largest first."""
    sizes: dict[str, int] = {}
    for group in group_of.values():
        sizes[group] = sizes.get(group, 0) + 1
    ordered = sorted(sizes, key=lambda group: (-sizes[group], group))
    fold_of_group = {group: n % folds for n, group in enumerate(ordered)}
    return {name: fold_of_group[group] for name, group in group_of.items()}


def _draw_all(
    dataset: Dataset,
    samples: Sequence[Sample],
    teacher: str,
    pixels: int,
    seed: int,
    steps: _Steps,
    problems: list[Problem],
) -> dict[str, TrainingPixels]:
    drawn: dict[str, TrainingPixels] = {}
    for number, sample in enumerate(samples):
        if steps.stopped():
            break
        try:
            image, labels = read_sample(dataset, sample, teacher)
        except AuditError as error:
            problems.append(Problem.from_error(error, sample=sample.name))
        else:
            rng = np.random.default_rng([seed, number])
            drawn[sample.name] = draw_pixels(image, labels, dataset.ignore_ids, pixels, rng)
        steps.done(sample.name)
    found = {int(label) for rows in drawn.values() for label in np.unique(rows.labels)}
    if not steps.was_stopped and len(found) < 2:
        raise DatasetError(
            "baseline-not-possible", "the labels hold fewer than two classes.", file=dataset.folder
        )
    return drawn


def _fit(drawn: Sequence[TrainingPixels], trees: int, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        n_estimators=trees, min_samples_leaf=3, max_samples=0.5, random_state=seed, n_jobs=-1
    )
    features = np.concatenate([rows.features for rows in drawn])
    return forest.fit(features, np.concatenate([rows.labels for rows in drawn]))


def _predict(
    dataset: Dataset, sample: Sample, teacher: str, forest: Any, fold: int, folder: Path
) -> BaselineSample:
    """Predict one sample out of fold, write it, and compare it with its label."""
    image, labels = read_sample(dataset, sample, teacher)
    classes = np.asarray(forest.classes_)
    predicted = np.empty(labels.shape, np.int32)
    chance = np.empty(labels.shape, np.float32)
    for z, rows in enumerate(pixel_features(image)):
        parts = [
            forest.predict_proba(rows[start : start + _ROWS_AT_ONCE])
            for start in range(0, len(rows), _ROWS_AT_ONCE)
        ]
        votes = np.concatenate(parts)
        predicted[z] = classes[votes.argmax(axis=1)].reshape(labels.shape[1:])
        chance[z] = votes.max(axis=1).reshape(labels.shape[1:])
    counted = ~np.isin(labels, sorted(dataset.ignore_ids))
    wrong = counted & (predicted != labels)
    pixels = max(1, int(np.count_nonzero(counted)))
    path = sample.masks[teacher]
    ids = predicted.reshape(dataset.read_mask(sample, teacher).shape)
    if dataset.encoding is Encoding.BINARY_255:
        ids = ids * 255
    rewrite_mask(path, folder / _file_name(sample, teacher), ids)
    return BaselineSample(
        sample.name,
        fold,
        int(np.count_nonzero(wrong)) / pixels,
        int(np.count_nonzero(wrong & (chance >= _SURE))) / pixels,
    )


def _file_name(sample: Sample, teacher: str) -> str:
    """Name of a predicted mask: the sample's, in the format of the label it learned from."""
    return f"{sample.name}{split_suffix(sample.masks[teacher].name)[1]}"


def _prepare_folder(folder: Path) -> None:
    """Make the folder, or take the masks of an earlier baseline, and only those, out of it."""
    marker = folder / _MARKER
    try:
        if folder.is_dir() and any(folder.iterdir()):
            if not marker.is_file():
                raise DatasetError(
                    "baseline-folder",
                    "this folder holds masks that no baseline wrote; name another source.",
                    file=folder,
                )
            for name in json.loads(marker.read_text(encoding="utf-8") or "{}").get("files", ()):
                (folder / name).unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        marker.touch()
    except (OSError, ValueError) as error:
        raise DatasetError(
            "baseline-folder", f"it cannot be used ({error}).", file=folder
        ) from error


def _write_marker(folder: Path, made: dict[str, Any]) -> None:
    """Note beside the masks what wrote them; hidden, so that no reader takes it for a mask."""
    text = json.dumps({"made_by": "napari-mask-audit", **made}, indent=1, ensure_ascii=False)
    (folder / _MARKER).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
