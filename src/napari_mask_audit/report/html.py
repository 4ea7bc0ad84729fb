"""One self-contained HTML page: no network, no outside fonts, works from a mail attachment.

The page carries its own content security policy: only the style and the script whose fingerprints
it names may act, so that even a name that looked like markup could do nothing.
"""

from __future__ import annotations

import base64
import hashlib
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from .. import engine
from ..audit import Audit, Progress
from ..comparison import Comparison
from ..dataset import Dataset
from ..errors import AuditError
from ..scores import PairScores
from . import sections, verdicts, wording
from .files import write_whole
from .pictures import PICTURE_LEGEND, SamplePictures, sample_pictures
from .summary import three_sentences, weakest_classes

_MAX_PICTURED = 3


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


@dataclass(frozen=True)
class _Options:
    """What the caller of the report asked for."""

    reviews: verdicts.Reviews | None
    worst: int
    progress: Progress | None
    should_stop: Callable[[], bool] | None


def write_report(
    audit: Audit,
    dataset: Dataset,
    path: str | Path,
    *,
    reviews: verdicts.Reviews | None = None,
    worst: int = 8,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Path:
    """Write the report; see :func:`report_html`.

    Returns
    -------
    pathlib.Path
        The file. It appears whole or not at all.

    Raises
    ------
    DatasetError
        ``cannot-write``.
    """
    text = report_html(
        audit, dataset, reviews=reviews, worst=worst, progress=progress, should_stop=should_stop
    )
    # A file name that is not valid text comes with lone surrogates, which UTF-8 cannot hold.
    return write_whole(path, text.encode("utf-8", "replace"))


def report_html(
    audit: Audit,
    dataset: Dataset,
    *,
    reviews: verdicts.Reviews | None = None,
    worst: int = 8,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> str:
    """The report as one HTML page; the same input gives the same text.

    Parameters
    ----------
    audit : Audit
        What was measured.
    dataset : Dataset
        Where the pictures come from.
    reviews : mapping of (sample, finding) to verdict, optional
        Verdicts in force, such as ``ReviewStore.all_latest()``.
    worst : int
        How many of the worst samples to show in pictures; with more than three comparisons the
        same number of pictures is shared among them.
    progress : callable, optional
        Called with (pictures done, pictures in all, sample).
    should_stop : callable, optional
        Asked after each sample; when true, the page is made with the pictures so far and says so.
    """
    options = _Options(reviews, worst, progress, should_stop)
    chosen = [_shown(c, worst, len(audit.comparisons)) for c in audit.comparisons]
    exhibits = _all_exhibits(audit, dataset, chosen, options)
    views = [
        sections.comparison_view(
            dataset,
            comparison,
            f"c{n}",
            reviews=reviews,
            pictured={e.sample.sample or "": e.anchor for e in exhibits[n]},
        )
        for n, comparison in enumerate(audit.comparisons)
    ]
    given = verdicts.given(reviews)
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            audit=audit,
            facts=sections.facts(audit, dataset),
            dataset=dataset,
            sentences=three_sentences(audit),
            views=views,
            exhibits=exhibits,
            overview=sections.overview_table(audit),
            problems=sections.problem_table(audit, dataset),
            given=given,
            verdict_table=verdicts.verdict_table(given),
            verdict_words=verdicts.verdict_words(given, len(dataset.samples)),
            tag_counts=verdicts.tag_counts(given),
            settings=sections.settings_table(audit),
            digests=sections.digest_table(audit),
            undefined=sections.undefined_table(audit),
            versions=versions(audit),
            unit=dataset.unit or "that of the files, pixels where they give none",
            legend=PICTURE_LEGEND,
            stopped=sum(map(len, exhibits)) < sum(map(len, chosen)),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )


def versions(audit: Audit) -> dict[str, str]:
    """The software behind the numbers."""
    return {
        "napari-mask-audit": audit.version,
        "Python": platform.python_version(),
        "numpy": np.__version__,
    }


def _shown(comparison: Comparison, worst: int, comparisons: int) -> list[PairScores]:
    """The worst samples that differ at all; fewer each when there are many comparisons."""
    share = -(-worst * _MAX_PICTURED // comparisons)
    differing = [s for s in comparison.worst_first() if s.mean_iou < 1]
    return differing[: min(worst, share)]


def _all_exhibits(
    audit: Audit, dataset: Dataset, chosen: list[list[PairScores]], options: _Options
) -> list[list[Exhibit]]:
    """The exhibits of each comparison, worst first; fewer than chosen when stopped."""
    places = [(n, rank) for n, samples in enumerate(chosen) for rank in range(len(samples))]

    def make(place: tuple[int, int]) -> tuple[tuple[int, int], Exhibit]:
        n, rank = place
        sample, comparison = chosen[n][rank], audit.comparisons[n]
        return place, _exhibit(dataset, comparison, sample, f"c{n}-p{rank}", options)

    made: dict[tuple[int, int], Exhibit] = {}
    for place, exhibit in engine.run(make, places, should_stop=options.should_stop):
        made[place] = exhibit
        if options.progress is not None:
            options.progress(len(made), len(places), exhibit.sample.sample or "")
    return [
        [made[n, rank] for rank in range(len(samples)) if (n, rank) in made]
        for n, samples in enumerate(chosen)
    ]


def _exhibit(
    dataset: Dataset, comparison: Comparison, sample: PairScores, anchor: str, options: _Options
) -> Exhibit:
    name, reference, candidate = sample.sample or "", comparison.reference, comparison.candidate
    pictures, failure = None, ""
    try:
        pictures = sample_pictures(dataset, dataset.sample(name), reference, candidate)
    except AuditError as error:
        failure = str(error.message)
    verdict = (options.reviews or {}).get((name, None))
    regions = () if pictures is None else pictures.regions
    return Exhibit(
        anchor=anchor,
        sample=sample,
        pictures=pictures,
        classes=tuple(_class_words(sample)),
        regions=tuple(
            region.words(partial(sections.class_name, dataset), reference, candidate)
            for region in regions
        ),
        verdict=verdicts.status_words(verdict),
        tags=() if verdict is None else tuple(verdict.tags),
        failure=failure,
    )


def _class_words(sample: PairScores) -> Iterator[tuple[str, ...]]:
    for row in weakest_classes(sample):
        why = "" if row.region.overlap_pixels else f" ({wording.STATUS_WORDS[row.status]})"
        why = " (no shared pixel)" if why and row.status == "ok" else why
        yield wording.Name(row.name), f" {wording.score(row.iou, 2)}{why}"


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; img-src data:; style-src {_fingerprint(style)}; "
        f"script-src {_fingerprint(script)}; base-uri 'none'; form-action 'none'"
    )


def _fingerprint(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "rich": wording.rich,
        "score": wording.score,
        "counted": wording.count,
        "as_name": wording.Name,
        "is_name": lambda text: isinstance(text, wording.Name),
        "data_uri": lambda data: "data:image/png;base64," + base64.b64encode(data).decode(),
    }
    environment.filters.update(filters)
    return environment
