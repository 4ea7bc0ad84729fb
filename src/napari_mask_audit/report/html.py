"""One self-contained HTML page: no network, no outside fonts, works from a mail attachment.

The page carries its own content security policy: only the style and the script whose fingerprints
it names may act, so that even a name that looked like markup could do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ..audit import Audit, Progress
from ..dataset import Dataset
from ..files import write_whole
from . import provenance, sections, verdicts, wording
from .exhibits import choose, make_exhibits
from .pictures import PICTURE_LEGEND
from .summary import three_sentences

# Style attributes would need a weaker policy, and an SVG in each of two thousand rows is slow.
_BAR_LENGTHS = "".join(f".b{n}{{--share:{n}%}}\n" for n in range(101))


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
    chosen = choose(audit, worst)
    exhibits = make_exhibits(
        audit, dataset, chosen, reviews=reviews, progress=progress, should_stop=should_stop
    )
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
    style, script = _asset("report.css") + _BAR_LENGTHS, _asset("report.js")
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
            notes=provenance.notes(audit, dataset),
            problems=provenance.problem_table(audit, dataset),
            given=given,
            verdict_table=verdicts.verdict_table(given),
            verdict_words=verdicts.verdict_words(given, len(dataset.samples)),
            tag_counts=verdicts.tag_counts(given),
            settings=provenance.settings_table(audit),
            digests=provenance.digest_table(audit),
            undefined=provenance.undefined_table(audit),
            versions=provenance.versions(audit),
            unit=dataset.unit or "that of the files, pixels where they give none",
            legend=PICTURE_LEGEND,
            stopped=sum(map(len, exhibits)) < sum(map(len, chosen)),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )


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
