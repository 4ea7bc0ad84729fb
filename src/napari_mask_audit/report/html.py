"""One self-contained HTML page: no network, no outside fonts, works from a mail attachment.

The page carries its own content security policy: only the style and the script whose fingerprints
it names may act, so that even a name that looked like markup could do nothing.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ..agreement import Agreement
from ..audit import Audit, Progress
from ..checklist import Checklist
from ..checks import LintResult
from ..dataset import Dataset
from ..failures import ComparisonFailures, DatasetFailures
from ..files import write_whole
from ..review.consistency import ReviewerConsistency
from ..scores import PairScores
from . import provenance, sections, verdicts, wording
from .commands import review_command
from .exhibits import Exhibit, Showpiece, choose, make_exhibits, make_showpieces, shared
from .glance import cards
from .people import AgreementView, agreement_view, worth_showing
from .pictures import PICTURE_LEGEND
from .portfolio import Piece, choose_pieces
from .progress import certificate_words, lint_view
from .summary import three_sentences

# Style attributes would need a weaker policy, and an SVG in each of two thousand rows is slow.
_BAR_LENGTHS = "".join(f".b{n}{{--share:{n}%}}\n" for n in range(101)) + "".join(
    f".h{n}{{--heat:{n}%}}\n" for n in range(0, 101, 5)
)


def write_report(
    audit: Audit,
    dataset: Dataset,
    path: str | Path,
    *,
    reviews: verdicts.Reviews | None = None,
    failures: DatasetFailures | None = None,
    agreement: Agreement | None = None,
    checklist: Checklist | None = None,
    lint: LintResult | None = None,
    consistency: Sequence[ReviewerConsistency] = (),
    worst: int = 8,
    typical: int = 6,
    paper: bool = False,
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
        audit,
        dataset,
        reviews=reviews,
        failures=failures,
        agreement=agreement,
        checklist=checklist,
        lint=lint,
        consistency=consistency,
        worst=worst,
        typical=typical,
        paper=paper,
        progress=progress,
        should_stop=should_stop,
    )
    # A file name that is not valid text comes with lone surrogates, which UTF-8 cannot hold.
    return write_whole(path, text.encode("utf-8", "replace"))


def report_html(
    audit: Audit,
    dataset: Dataset,
    *,
    reviews: verdicts.Reviews | None = None,
    failures: DatasetFailures | None = None,
    agreement: Agreement | None = None,
    checklist: Checklist | None = None,
    lint: LintResult | None = None,
    consistency: Sequence[ReviewerConsistency] = (),
    worst: int = 8,
    typical: int = 6,
    paper: bool = False,
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
    failures : DatasetFailures, optional
        Why the scores are low; adds buckets, gains, advice and typical failures.
    agreement : Agreement, optional
        How annotators agree; shown when there is one to compare with another or a reference.
    checklist : Checklist, optional
        How far the project is, and the review certificate.
    lint : LintResult, optional
        Flaws of the masks themselves.
    consistency : sequence of ReviewerConsistency
        Reviewers against themselves, from ``review.consistency``.
    worst : int
        How many of the worst samples to show in pictures; with more than three comparisons the
        same number of pictures is shared among them.
    typical : int
        How many typical failures to show per comparison; shared in the same way.
    paper : bool
        Lay the page out as it prints, with every section open and nothing to click.
    progress : callable, optional
        Called with (pictures done, pictures in all, sample).
    should_stop : callable, optional
        Asked after each sample; when true, the page is made with the pictures so far and says so.
    """
    plan = _plan(audit, failures, worst, typical)
    shown = _draw(audit, dataset, plan, reviews, progress, should_stop)
    views = [
        sections.comparison_view(
            dataset,
            comparison,
            f"c{n}",
            reviews=reviews,
            pictured={e.sample.sample or "": e.anchor for e in shown.exhibits[n]},
            failures=plan.failures[n],
        )
        for n, comparison in enumerate(audit.comparisons)
    ]
    given = verdicts.given(reviews)
    style, script = _asset("report.css") + _BAR_LENGTHS, _asset("report.js")
    if paper:
        style, script = style.replace("@media print", "@media all"), ""
    page = (
        _environment()
        .get_template("report.html")
        .render(
            audit=audit,
            facts=sections.facts(audit, dataset),
            dataset=dataset,
            cards=cards(audit, failures, checklist, agreement),
            problem_sentence=three_sentences(audit)[2],
            views=views,
            exhibits=shown.exhibits,
            showpieces=shown.showpieces,
            overview=sections.overview_table(audit),
            agreement=_agreement(dataset, agreement, failures),
            checklist=checklist,
            certificate=() if checklist is None else certificate_words(checklist.certificate),
            lint=None if lint is None else lint_view(dataset, lint),
            command_text=review_command(dataset),
            notes=provenance.notes(audit, dataset),
            problems=provenance.problem_table(audit, dataset),
            given=given,
            verdict_table=verdicts.verdict_table(given),
            verdict_words=verdicts.verdict_words(given, len(dataset.samples)),
            tag_counts=verdicts.tag_counts(given),
            reviewer_tags=verdicts.tags_by_reviewer(given),
            consistency=verdicts.consistency_table(consistency),
            settings=provenance.settings_table(audit),
            digests=provenance.digest_table(audit),
            undefined=provenance.undefined_table(audit),
            versions=provenance.versions(audit),
            unit=dataset.unit or "that of the files, pixels where they give none",
            legend=PICTURE_LEGEND,
            stopped=shown.number < plan.number,
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )
    return _unfolded(page) if paper else page


def _unfolded(page: str) -> str:
    """The page with every section open; names in it are escaped and hold no tags."""
    return re.sub(r"<details\b(?![^>]*\bopen\b)", "<details open", page)


@dataclass(frozen=True)
class _Plan:
    """What to draw, by comparison."""

    exhibits: list[list[PairScores]]
    pieces: list[tuple[Piece, ...]]
    failures: list[ComparisonFailures | None]

    @property
    def number(self) -> int:
        return sum(map(len, self.exhibits)) + sum(map(len, self.pieces))


@dataclass(frozen=True)
class _Shown:
    """What was drawn, by comparison."""

    exhibits: list[list[Exhibit]]
    showpieces: list[list[Showpiece]]

    @property
    def number(self) -> int:
        return sum(map(len, self.exhibits)) + sum(map(len, self.showpieces))


def _plan(audit: Audit, failures: DatasetFailures | None, worst: int, typical: int) -> _Plan:
    rows = {(r.reference, r.candidate): r for r in (failures.comparisons if failures else ())}
    found = [rows.get((c.reference, c.candidate)) for c in audit.comparisons]
    most = shared(typical, len(audit.comparisons))
    pieces = [
        () if row is None else choose_pieces(comparison, row, most, successes=most == typical)
        for comparison, row in zip(audit.comparisons, found, strict=True)
    ]
    return _Plan(choose(audit, worst), pieces, found)


def _draw(
    audit: Audit,
    dataset: Dataset,
    plan: _Plan,
    reviews: verdicts.Reviews | None,
    progress: Progress | None,
    should_stop: Callable[[], bool] | None,
) -> _Shown:
    """All pictures of the page."""
    done = itertools.count(1)

    def step(sample: str) -> None:
        if progress is not None:
            progress(next(done), plan.number, sample)

    showpieces = [
        make_showpieces(
            dataset, comparison, plan.pieces[n], f"c{n}", progress=step, should_stop=should_stop
        )
        for n, comparison in enumerate(audit.comparisons)
    ]
    exhibits = make_exhibits(
        audit, dataset, plan.exhibits, reviews=reviews, progress=step, should_stop=should_stop
    )
    return _Shown(exhibits, showpieces)


def _agreement(
    dataset: Dataset, agreement: Agreement | None, failures: DatasetFailures | None
) -> AgreementView | None:
    if agreement is None or not worth_showing(dataset, agreement):
        return None
    suspects = [row.statement for row in failures.reference_suspects] if failures else []
    return agreement_view(dataset, agreement, partial(sections.class_name, dataset), suspects)


def _policy(style: str, script: str) -> str:
    allowed = _fingerprint(script) if script else "'none'"
    return (
        f"default-src 'none'; img-src data:; style-src {_fingerprint(style)}; "
        f"script-src {allowed}; base-uri 'none'; form-action 'none'"
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
