"""Everything the report says, as one JSON object for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..agreement import Agreement
from ..audit import Audit
from ..checklist import Checklist
from ..checks import LintResult
from ..failures import DatasetFailures
from ..review.consistency import ReviewerConsistency


def audit_json(audit: Audit, failures: DatasetFailures | None = None) -> dict[str, Any]:
    """The audit, each comparison with its buckets, and all findings, as ``audit --json`` prints.

    Parameters
    ----------
    audit : Audit
    failures : DatasetFailures, optional
        Without it the keys ``buckets`` and ``findings`` are absent.
    """
    content = audit.to_dict()
    if failures is None:
        return content
    explained = {(row.reference, row.candidate): row for row in failures.comparisons}
    for comparison in content["comparisons"]:
        row = explained.get((comparison["reference"], comparison["candidate"]))
        comparison["buckets"] = None if row is None else row.to_dict()
    content["findings"] = [finding.to_dict() for finding in failures.findings]
    return content


def report_json(
    audit: Audit,
    *,
    failures: DatasetFailures | None = None,
    agreement: Agreement | None = None,
    checklist: Checklist | None = None,
    lint: LintResult | None = None,
    consistency: Sequence[ReviewerConsistency] = (),
) -> dict[str, Any]:
    """:func:`audit_json`, and each of the other parts under its name where it is given."""
    content = audit_json(audit, failures)
    for name, part in (("agreement", agreement), ("checklist", checklist), ("lint", lint)):
        if part is not None:
            content[name] = part.to_dict()
    if consistency:
        content["consistency"] = [row.to_dict() for row in consistency]
    return content
