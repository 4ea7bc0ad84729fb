"""The samples shown in pictures: which ones, and what is said about each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from .. import engine
from ..audit import Audit
from ..comparison import Comparison
from ..dataset import Dataset
from ..errors import AuditError
from ..findings import Box
from ..scores import PairScores
from ..status import Status
from . import verdicts, wording
from .commands import review_command
from .pictures import SamplePictures, sample_pictures
from .portfolio import Piece
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
    command : str
        What opens it in napari.
    """

    anchor: str
    sample: PairScores
    pictures: SamplePictures | None
    classes: tuple[tuple[str, ...], ...] = ()
    regions: tuple[tuple[str, ...], ...] = ()
    verdict: str = ""
    tags: tuple[str, ...] = ()
    failure: str = ""
    command: str = ""

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
            if (box := self.pictures.box_of(region.start, region.stop)) is not None
        )


@dataclass(frozen=True)
class Showpiece:
    """A chosen failure or success with its pictures.

    Attributes
    ----------
    anchor : str
        Id on the page.
    piece : Piece
        What it is about.
    mean_iou : float
        Of its sample.
    pictures : SamplePictures or None
        The pictures; None when they could not be made.
    failure : str
        Why there are none.
    command : str
        What opens it in napari.
    """

    anchor: str
    piece: Piece
    mean_iou: float
    pictures: SamplePictures | None
    failure: str
    command: str

    @property
    def boxes(self) -> tuple[tuple[str, tuple[int, int, int, int]], ...]:
        """The place in the picture, without a number."""
        finding = self.piece.finding
        if self.pictures is None or finding is None:
            return ()
        start, stop = tuple(low for low, _ in finding.bbox), tuple(up for _, up in finding.bbox)
        box = self.pictures.box_of(start, stop)
        return () if box is None else (("", box),)


def make_showpieces(
    dataset: Dataset,
    comparison: Comparison,
    pieces: Sequence[Piece],
    anchor: str,
    *,
    progress: Callable[[str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Showpiece]:
    """The pictures of chosen pieces, in their order; fewer than chosen when stopped."""
    scores = {sample.sample: sample.mean_iou for sample in comparison.samples}

    def make(numbered: tuple[int, Piece]) -> tuple[int, Showpiece]:
        n, piece = numbered
        box = None if piece.finding is None else piece.finding.bbox
        pictures, failure = _pictures(dataset, comparison, piece.sample, box)
        mean_iou = scores.get(piece.sample, math.nan)
        command = review_command(dataset, piece.sample)
        return n, Showpiece(f"{anchor}-f{n}", piece, mean_iou, pictures, failure, command)

    made = {}
    for n, showpiece in engine.run(make, list(enumerate(pieces)), should_stop=should_stop):
        made[n] = showpiece
        if progress is not None:
            progress(showpiece.piece.sample)
    return [made[n] for n in sorted(made)]


def _pictures(
    dataset: Dataset, comparison: Comparison, sample: str, around: Box | None = None
) -> tuple[SamplePictures | None, str]:
    """The pictures of a sample, or why there are none."""
    sources = comparison.reference, comparison.candidate
    try:
        return sample_pictures(dataset, dataset.sample(sample), *sources, around=around), ""
    except AuditError as error:
        return None, str(error.message)


def choose(audit: Audit, worst: int) -> list[list[PairScores]]:
    """The worst samples of each comparison, as far as they differ at all.

    With many comparisons each gets fewer, so that ten annotators do not make a page ten times as
    long.
    """
    if not audit.comparisons:
        return []
    most = shared(worst, len(audit.comparisons))
    return [
        [sample for sample in c.worst_first() if sample.mean_iou < 1][:most]
        for c in audit.comparisons
    ]


def shared(most: int, comparisons: int) -> int:
    """How many pictures each comparison gets, so that all together are not too many.

    Examples
    --------
    >>> shared(8, 1), shared(8, 3), shared(8, 10)
    (8, 8, 3)
    """
    return min(most, -(-most * _FULLY_PICTURED // max(1, comparisons)))


def make_exhibits(
    audit: Audit,
    dataset: Dataset,
    chosen: list[list[PairScores]],
    *,
    reviews: verdicts.Reviews | None = None,
    progress: Callable[[str], None] | None = None,
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
            progress(exhibit.sample.sample or "")
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
    pictures, failure = _pictures(dataset, comparison, name)
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
        command=review_command(dataset, name),
    )


def _class_words(sample: PairScores) -> Iterator[tuple[str, ...]]:
    for row in weakest_classes(sample):
        why = ""
        if row.region.overlap_pixels == 0:
            one_sided = row.status is not Status.OK
            why = f" ({wording.STATUS_WORDS[row.status] if one_sided else 'no shared pixel'})"
        yield wording.Name(row.name), f" {wording.score(row.iou, 2)}{why}"
