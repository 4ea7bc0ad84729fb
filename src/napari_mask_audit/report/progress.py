"""How far the project is: checklist, certificate, lint."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from ..certificate import Certificate
from ..checklist import Checklist
from ..checks import LintResult
from ..checks.finding import LintFinding
from ..dataset import Dataset
from . import wording
from .cells import Cell, Heading, Table, name_cell
from .provenance import without_folder
from .wording import Name

#: Single findings listed at most; a noisy dataset has thousands.
MOST_FINDINGS: Final = 300


@dataclass(frozen=True)
class LintView:
    """What lint found, ready to be shown.

    Attributes
    ----------
    summary : str
        One sentence, without a full stop.
    rules : Table
        One row per rule with findings.
    findings : Table
        The findings themselves, the worst first.
    hidden : int
        Findings not listed.
    """

    summary: str
    rules: Table
    findings: Table
    hidden: int


def lint_view(dataset: Dataset, lint: LintResult) -> LintView:
    """Lint findings by rule, then one by one."""
    by_rule: dict[str, list[LintFinding]] = defaultdict(list)
    for finding in lint.findings:
        by_rule[finding.code].append(finding)
    headings = (
        Heading("Rule"),
        Heading("Severity"),
        Heading("Masks", "Findings of this rule: one per mask and class", True),
        Heading("What it looks for"),
    )
    rows = tuple(
        (
            Cell(code, note=found[0].rule.name.replace("-", " ")),
            Cell(found[0].severity.value),
            Cell(wording.whole(len(found)), float(len(found))),
            Cell(found[0].rule.summary),
        )
        for code, found in sorted(by_rule.items(), key=lambda i: (i[1][0].severity.rank, i[0]))
    )
    return LintView(
        summary=lint.summary,
        rules=Table("Flaws by rule", headings, rows),
        findings=_findings(dataset, lint.findings[:MOST_FINDINGS]),
        hidden=max(0, len(lint.findings) - MOST_FINDINGS),
    )


def _findings(dataset: Dataset, findings: tuple[LintFinding, ...]) -> Table:
    headings = (
        Heading("Rule"),
        Heading("Sample"),
        Heading("Source"),
        Heading("Message"),
    )
    rows = tuple(
        (
            Cell(finding.code, note=finding.severity.value),
            name_cell(finding.sample or wording.DASH),
            name_cell(finding.source or wording.DASH),
            Cell(Name(without_folder(finding.message, dataset))),
        )
        for finding in findings
    )
    return Table("Flaws one by one", headings, rows)


def certificate_words(certificate: Certificate) -> tuple[str, ...]:
    """What the random reviews prove, and what was left out of the count, in sentences."""
    said = [f"{certificate.sentence[:1].upper()}{certificate.sentence[1:]}."]
    if certificate.not_counted:
        number = wording.count(certificate.not_counted, "reviewed sample")
        verb = "was" if certificate.not_counted == 1 else "were"
        said.append(
            f"{number} {verb} not drawn at random and so not counted: samples picked because they "
            "look bad say nothing about the rest."
        )
    if certificate.skipped is not None:
        said.append(f"The random order was broken at {certificate.skipped}, which was skipped.")
    return tuple(said)


def standing(checklist: Checklist) -> str:
    """How many steps are done."""
    return f"{checklist.done} of {len(checklist.items)} steps are done"
