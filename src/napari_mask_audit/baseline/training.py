"""A small pixel classifier trained on the dataset's own labels, so that there is a baseline.

Whoever has labels but no model yet gets a prediction to audit. It is cross-validated: no sample
(and no group, such as a patient) is predicted by a forest that saw it. Where such a forest is
sure and the label says otherwise, the label is worth a look.

Features are Gaussian, gradient and Hessian responses at several scales
(``skimage.feature.multiscale_basic_features``) and, for classes, the position; the classifier is
``sklearn.ensemble.RandomForestClassifier``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..dataset import Dataset, Role, Sample
from ..errors import AuditError, DatasetError, MissingExtraError, Problem
from ..masks import fingerprint
from .evidence import Evidence, weigh
from .features import TrainingPixels, draw_pixels, pixel_features, read_sample, widened
from .judging import judge
from .lessons import Lesson, Votes
from .record import BaselineSample

Progress = Callable[[int, int, str], None]
_ROWS_AT_ONCE = 200_000


@dataclass(frozen=True)
class Training:
    """How large the forests are.

    Attributes
    ----------
    folds : int
        At most so many forests, at least 2.
    trees : int
        In each of them.
    pixels_per_sample, pixels : int
        How many pixels of each sample, and of all together, they learn from.
    seed : int
        Two runs with the same seed give the same masks.
    """

    folds: int = 5
    trees: int = 30
    pixels_per_sample: int = 1500
    pixels: int = 150_000
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the forests that never saw a sample say about it.

    Attributes
    ----------
    sample : Sample
        The sample.
    fold : int
        The fold in which it was predicted.
    ids : ndarray of int32
        The predicted mask, in the shape of the label.
    evidence : Evidence
        How it contradicts the label.
    label : str
        Fingerprint of the label.
    votes : ndarray of float32, shape (z, y, x, classes)
        Probability of each class.
    classes : ndarray of integer, shape (classes,)
        Which classes these are: ids, or those of :mod:`~.lessons` where ids are objects.
    """

    sample: Sample
    fold: int
    ids: NDArray[np.int32]
    evidence: Evidence
    label: str
    votes: Votes
    classes: NDArray[Any]


@dataclass(frozen=True)
class CrossValidation:
    """Everything that one round of training found out.

    Attributes
    ----------
    teacher : str
        The source that was learned from.
    folds : int
        How many forests were trained.
    samples : tuple of BaselineSample
        The most suspicious labels first.
    problems : tuple of Problem
        Samples that could not be used, and why.
    complete : bool
        Whether every usable sample was predicted; false after a stop.
    """

    teacher: str
    folds: int
    samples: tuple[BaselineSample, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True


def cross_validate(
    dataset: Dataset,
    teacher: str,
    training: Training,
    *,
    keep: Callable[[Prediction], object] | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> CrossValidation:
    """Predict every sample by a forest that did not see it.

    Parameters
    ----------
    dataset : Dataset
        With images and at least two samples (or groups).
    teacher : str
        The source to learn from.
    training : Training
        How large the forests are.
    keep : callable, optional
        Gets each prediction, which is then forgotten; an ``AuditError`` is listed as a problem.
    progress : callable, optional
        Called with (steps done, steps in all, what); a step is one sample read or predicted.
    should_stop : callable, optional
        Asked between steps.

    Raises
    ------
    DatasetError
        ``baseline-not-possible`` (no images, one group only, one class only).
    MissingExtraError
        ``missing-extra`` without scikit-learn.
    """
    require_sklearn()
    usable = usable_samples(dataset, teacher)
    count = check_possible(dataset, usable, training.folds)
    group_of = _groups(usable)
    fold_of = assign_folds(group_of, count)
    lesson = Lesson.of(dataset)
    steps = _Steps(2 * len(usable), progress, should_stop)
    problems: list[Problem] = []
    drawn = _draw_all(dataset, usable, teacher, lesson, training, steps, problems)
    found: list[tuple[str, int, str, Evidence]] = []
    for fold in range(count):
        mine = [s for s in usable if s.name in drawn and fold_of[s.name] == fold]
        others = [drawn[name] for name in sorted(drawn) if fold_of[name] != fold]
        if not mine or not others or steps.stopped():
            continue
        forest = _fit(others, training.trees, training.seed + fold, lesson)
        for sample in mine:
            if steps.stopped():
                break
            try:
                prediction = _predict(dataset, sample, teacher, lesson, forest, fold)
                if keep is not None:
                    keep(prediction)
                found.append((sample.name, fold, prediction.label, prediction.evidence))
            except AuditError as error:
                problems.append(Problem.from_error(error, sample=sample.name))
            steps.done(sample.name)
    return CrossValidation(
        teacher, count, _judged(dataset, found), tuple(problems), not steps.was_stopped
    )


def _judged(
    dataset: Dataset, found: Sequence[tuple[str, int, str, Evidence]]
) -> tuple[BaselineSample, ...]:
    """The samples, the most suspicious labels first."""
    doubts = judge([evidence for *_, evidence in found], lambda label: _called(dataset, label))
    rows = [
        BaselineSample(name, fold, evidence.disagreement, evidence.sure, reasons, label)
        for (name, fold, label, evidence), reasons in zip(found, doubts, strict=True)
    ]
    order = sorted(rows, key=lambda r: (-r.suspicion, -r.sure, -r.disagreement, r.sample))
    return tuple(order)


def _called(dataset: Dataset, label: int) -> str:
    """What a class is called in a sentence."""
    name = dataset.class_info(label).name
    return f"class {label}" if name == str(label) else name


def usable_samples(dataset: Dataset, teacher: str) -> list[Sample]:
    """Samples with an image and a label to learn from."""
    return [s for s in dataset.samples if s.image is not None and teacher in s.masks]


def choose_teacher(dataset: Dataset, reference: str | None, besides: str) -> str:
    """The source to learn from: the one asked for, the first reference, or the first annotator.

    Raises
    ------
    DatasetError
        ``no-such-source``; ``baseline-not-possible`` where there are only predictions.
    """
    if reference is not None:
        return dataset.source(reference).name
    for role in (Role.REFERENCE, Role.ANNOTATOR):
        for candidate in dataset.with_role(role):
            if candidate.name != besides:
                return candidate.name
    raise DatasetError(
        "baseline-not-possible",
        "the dataset has only predictions; a baseline learns from a reference or an annotator.",
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


def require_sklearn() -> None:
    """Say how to install scikit-learn where it is not."""
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "missing-extra",
            "training a baseline needs scikit-learn: pip install 'napari-mask-audit[baseline]'.",
        ) from error


def _groups(samples: Sequence[Sample]) -> dict[str, str]:
    return {sample.name: sample.group or sample.name for sample in samples}


def check_possible(dataset: Dataset, usable: Sequence[Sample], folds: int) -> int:
    """How many folds there will be.

    Raises
    ------
    DatasetError
        ``baseline-not-possible``.
    """
    groups = set(_groups(usable).values())
    if not usable:
        why = "no sample has both an image and a label"
    elif len(groups) < 2:
        why = "cross-validation needs at least two samples (or groups) with image and label"
    elif folds < 2:
        why = f"folds must be at least 2, not {folds}"
    else:
        return min(folds, len(groups))
    raise DatasetError("baseline-not-possible", f"{why}.", file=dataset.folder)


def assign_folds(group_of: dict[str, str], folds: int) -> dict[str, int]:
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
    lesson: Lesson,
    training: Training,
    steps: _Steps,
    problems: list[Problem],
) -> dict[str, TrainingPixels]:
    pixels = min(training.pixels_per_sample, max(50, training.pixels // len(samples)))
    drawn: dict[str, TrainingPixels] = {}
    for number, sample in enumerate(samples):
        if steps.stopped():
            break
        try:
            image, labels = read_sample(dataset, sample, teacher)
        except AuditError as error:
            problems.append(Problem.from_error(error, sample=sample.name))
        else:
            rng = np.random.default_rng([training.seed, number])
            taught = lesson.classes(labels)
            place = not lesson.objects
            drawn[sample.name] = draw_pixels(
                image, taught, lesson.skipped, pixels, rng, with_place=place
            )
        steps.done(sample.name)
    found = {int(label) for rows in drawn.values() for label in np.unique(rows.labels)}
    if not steps.was_stopped and len(found) < 2:
        raise DatasetError(
            "baseline-not-possible", "the labels hold fewer than two classes.", file=dataset.folder
        )
    channels = max((rows.channels for rows in drawn.values()), default=1)
    return {name: _with_channels(rows, channels, lesson) for name, rows in drawn.items()}


def _with_channels(rows: TrainingPixels, channels: int, lesson: Lesson) -> TrainingPixels:
    """Grey pictures among colour ones count as colour pictures without colour."""
    wide = widened(rows.features, rows.channels, channels, with_place=not lesson.objects)
    return TrainingPixels(wide, rows.labels, channels)


def _fit(drawn: Sequence[TrainingPixels], trees: int, seed: int, lesson: Lesson) -> _Forest:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        n_estimators=trees, min_samples_leaf=3, max_samples=0.5, random_state=seed, n_jobs=-1
    )
    features = np.concatenate([rows.features for rows in drawn])
    fitted = forest.fit(features, np.concatenate([rows.labels for rows in drawn]))
    return _Forest(fitted, drawn[0].channels, with_place=not lesson.objects)


@dataclass(frozen=True)
class _Forest:
    """A fitted forest, and what its rows look like."""

    fitted: Any
    channels: int
    with_place: bool

    @property
    def classes(self) -> NDArray[Any]:
        return np.asarray(self.fitted.classes_)

    def votes(self, image: NDArray[np.float32]) -> Votes:
        """Probability of each class, shape (z, y, x, classes)."""
        planes = []
        for rows in pixel_features(image, self.channels, with_place=self.with_place):
            parts = [
                self.fitted.predict_proba(rows[start : start + _ROWS_AT_ONCE])
                for start in range(0, len(rows), _ROWS_AT_ONCE)
            ]
            planes.append(np.concatenate(parts).astype(np.float32))
        return np.stack(planes).reshape(*image.shape[:3], -1)


def _predict(
    dataset: Dataset, sample: Sample, teacher: str, lesson: Lesson, forest: _Forest, fold: int
) -> Prediction:
    """Predict one sample out of fold, and compare it with its label."""
    image, labels = read_sample(dataset, sample, teacher)
    votes = forest.votes(image)
    stored = dataset.read_mask(sample, teacher).labels
    evidence = weigh(labels, votes, forest.classes, lesson, flat=stored.ndim == 2)
    ids = lesson.ids(votes, forest.classes).reshape(stored.shape)
    return Prediction(sample, fold, ids, evidence, fingerprint(stored), votes, forest.classes)
