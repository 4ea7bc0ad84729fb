"""The page in a real browser: scripts run, the policy holds, nothing complains."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import napari_mask_audit as ma
from napari_mask_audit.agreement import agree
from napari_mask_audit.checklist import checklist
from napari_mask_audit.checks import lint
from napari_mask_audit.failures import explain_dataset
from napari_mask_audit.report import write_report
from report_pages import Page, town

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs chromium")


def run(page: Path, profile: Path, *options: str) -> tuple[str, list[str]]:
    """Standard output, and what the page said on the console."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    found = subprocess.run(
        [str(BROWSER), *flags, f"--user-data-dir={profile}", *options, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return found.stdout, re.findall(r"CONSOLE.*", found.stderr)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    hostile = ("<img src=x onerror=console.error(1)>", "</script><script>console.error(2)//")
    dataset = ma.Dataset.open(
        town(folder / "data", candidates=("model", "alice", "bob"), classes=hostile)
    )
    audit, flaws = ma.audit(dataset), lint(dataset)
    return write_report(
        audit,
        dataset,
        folder / "report.html",
        failures=explain_dataset(dataset),
        agreement=agree(dataset),
        lint=flaws,
        checklist=checklist(dataset, audit, flaws),
    )


def test_the_scripts_run_without_a_word_on_the_console(report, tmp_path):
    dom, said = run(report, tmp_path, "--dump-dom")
    page = Page(dom)
    assert said == []
    tables = [t for t in page.all("table") if "data-sortable" in t]
    assert tables
    assert "“copy” puts the command" in page.words
    rows = [b for b in page.all("button") if "opens ash in napari" in (b.get("aria-label") or "")]
    assert len(rows) == 3  # one per comparison
    assert rows[0]["data-copy"] == "mask-audit review data --sample ash"
    assert not [i for i in page.all("img") if i.get("onerror")]


def test_the_browser_would_have_complained(report, tmp_path):
    spoilt = tmp_path / "spoilt.html"
    text = report.read_text("utf-8").replace(
        "</main>", "<p onclick='x' style='color:red'></p></main>"
    )
    spoilt.write_text(text, "utf-8")
    assert run(spoilt, tmp_path / "profile", "--dump-dom")[1]


@pytest.mark.parametrize("width", [480, 1024, 1600])
def test_nothing_sticks_out_sideways(report, tmp_path, width):
    probe = tmp_path / "probe.html"
    text = report.read_text("utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    script = "<script>document.title = `wide ${document.documentElement.scrollWidth}`</script>"
    probe.write_text(text.replace("</body>", f"{script}</body>"), "utf-8")
    dom, _ = run(probe, tmp_path / "profile", f"--window-size={width},900", "--dump-dom")
    assert int(re.search(r"<title>wide (\d+)</title>", dom)[1]) <= max(width, 500)
