"""The report of the sample dataset is what it was; README.md says how to accept a change."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Any

import pytest

import napari_mask_audit as ma
from napari_mask_audit.agreement import agree
from napari_mask_audit.checklist import checklist
from napari_mask_audit.checks import lint
from napari_mask_audit.failures import explain_dataset
from napari_mask_audit.report import provenance, report_html, tables
from napari_mask_audit.samples import sample_masks_path

HERE = Path(__file__).parent


def scrubbed(text: str, version: str) -> str:
    text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "data:picture", text)
    return text.replace(f"napari-mask-audit {version}", "napari-mask-audit VERSION")


def further_parts(dataset: ma.Dataset, audit: ma.Audit) -> dict[str, Any]:
    """What `mask-audit report` shows beside the scores, nobody having reviewed yet."""
    flaws, failures = lint(dataset), explain_dataset(dataset)
    state = checklist(dataset, audit, flaws, advice=failures.comparisons[0].advice[0].text)
    return {
        "failures": failures,
        "agreement": agree(dataset),
        "lint": flaws,
        "checklist": state,
    }


@pytest.mark.parametrize("name", ["report.html", "summary.md"])
def test_the_report_of_the_sample_dataset_is_the_golden_one(name, monkeypatch):
    dataset = ma.Dataset.open(sample_masks_path())
    audit = ma.audit(dataset)
    monkeypatch.setattr(provenance, "versions", lambda audit: {"napari-mask-audit": audit.version})
    if name == "report.html":
        text = report_html(audit, dataset, **further_parts(dataset, audit))
    else:
        text = tables.summary_markdown(audit)
    found = scrubbed(text, audit.version)
    golden = HERE / name
    if os.environ.get("MASK_AUDIT_ACCEPT_GOLDEN"):
        golden.write_text(found, encoding="utf-8", newline="\n")
    expected = golden.read_text(encoding="utf-8")
    difference = difflib.unified_diff(
        expected.splitlines(), found.splitlines(), "golden", "now", lineterm="", n=0
    )
    assert found == expected, "\n".join(list(difference)[:60])
