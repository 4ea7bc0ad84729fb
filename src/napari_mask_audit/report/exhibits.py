"""The samples shown in pictures: which ones, and what is said about each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from .. import engine
from ..audit import Audit, Progress
from ..comparison import Comparison
from ..dataset import Dataset
from ..errors import AuditError
from ..scores import PairScores
from ..status import Status
from . import verdicts, wording
from .pictures import SamplePictures, sample_pictures
from .sections import class_name
from .summary import weakest_classes

# Beyond this many comparisons, the pictures of this many are shared among all of them.
_FULLY_PICTURED = 3


@dataclass(frozen=True)
class Exhibit:
    """One of the worst samples: its score, its pictures and what differs, in words.

    Attributes
    ----------
    anchor : str
        Id on the page.
    sample : PairScores
        Its scores.
    pictures : SamplePictures or None
        None when they could not be made.
    classes, regions : tuple of tuple of str
        Weakest classes and largest disagreements, as parts of sentences.
    verdict : str
        What a reviewer decided, in words.
    tags : tuple of str
        Tags given by a reviewer.
    failure : str
        Why there are no pictures.
    """

    anchor: str
    sample: PairScores
    pictures: SamplePictures | None
    classes: tuple[tuple[str, ...], ...] = ()
    regions: tuple[tuple[str, ...], ...] = ()
    verdict: str = ""
    tags: tuple[str, ...] = ()
    failure: str = ""

    @property
    def boxes(self) -> tuple[tuple[int, tuple[int, int, int, int]], ...]:
        """Number and (y0, x0, y1, x1) of the regions in the picture, in mask pixels.

        In 3D only regions that reach the slice shown.
        """
        if self.pictures is None:
            return ()
        return tuple(
            (n, box)
            for n, region in enumerate(self.pictures.regions, start=1)
            if (box := self.pictures.box_of(region)) is not None
        )


def choose(audit: Audit, worst: int) -> list[list[PairScores]]:
    """The worst samples of each comparison, as far as they differ at all.

    With many comparisons each gets fewer, so that ten annotators do not make a page ten times as
    long.
    """
    if not audit.comparisons:
        return []
    share = -(-worst * _FULLY_PICTURED // len(audit.comparisons))
    return [
        [sample for sample in c.worst_first() if sample.mean_iou < 1][: min(worst, share)]
        for c in audit.comparisons
    ]


def make_exhibits(
    audit: Audit,
    dataset: Dataset,
    chosen: list[list[PairScores]],
    *,
    reviews: verdicts.Reviews | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[list[Exhibit]]:
    """The exhibits of each comparison, worst first; fewer than chosen when stopped."""
    places = [(n, rank) for n, samples in enumerate(chosen) for rank in range(len(samples))]

    def make(place: tuple[int, int]) -> tuple[tuple[int, int], Exhibit]:
        n, rank = place
        sample, comparison = chosen[n][rank], audit.comparisons[n]
        verdict = (reviews or {}).get((sample.sample or "", None))
        return place, _exhibit(dataset, comparison, sample, f"c{n}-p{rank}", verdict)

    made: dict[tuple[int, int], Exhibit] = {}
    for place, exhibit in engine.run(make, places, should_stop=should_stop):
        made[place] = exhibit
        if progress is not None:
            progress(len(made), len(places), exhibit.sample.sample or "")
    return [
        [made[n, rank] for rank in range(len(samples)) if (n, rank) in made]
        for n, samples in enumerate(chosen)
    ]


def _exhibit(
    dataset: Dataset,
    comparison: Comparison,
    sample: PairScores,
    anchor: str,
    verdict: verdicts.VerdictLike | None,
) -> Exhibit:
    name, reference, candidate = sample.sample or "", comparison.reference, comparison.candidate
    pictures, failure = None, ""
    try:
        pictures = sample_pictures(dataset, dataset.sample(name), reference, candidate)
    except AuditError as error:
        failure = str(error.message)
    regions = () if pictures is None else pictures.regions
    return Exhibit(
        anchor=anchor,
        sample=sample,
        pictures=pictures,
        classes=tuple(_class_words(sample)),
        regions=tuple(
            region.words(partial(class_name, dataset), reference, candidate) for region in regions
        ),
        verdict=verdicts.status_words(verdict),
        tags=() if verdict is None else tuple(verdict.tags),
        failure=failure,
    )


def _class_words(sample: PairScores) -> Iterator[tuple[str, ...]]:
    for row in weakest_classes(sample):
        why = ""
        if row.region.overlap_pixels == 0:
            one_sided = row.status is not Status.OK
            why = f" ({wording.STATUS_WORDS[row.status] if one_sided else 'no shared pixel'})"
        yield wording.Name(row.name), f" {wording.score(row.iou, 2)}{why}"
