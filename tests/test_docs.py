"""Docs cannot rot: codes, commands and links are compared with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from napari_mask_audit.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "napari_mask_audit"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("sample_masks/*.md")]
)

# A code is the first text argument of an error or a problem.
_CODE = re.compile(r"(?:Error|Problem|problem|_error)\(\s*\"([a-z0-9]+(?:-[a-z0-9]+)+)\"")
_CODE_ELSEWHERE = re.compile(r"\bcode\s*=\s*\"([a-z0-9]+(?:-[a-z0-9]+)+)\"")
_SINGLE = {"unreadable"}


def codes_in_source() -> set[str]:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(_CODE.findall(text)) | set(_CODE_ELSEWHERE.findall(text))
        found |= {code for code in _SINGLE if f'"{code}"' in text}
    return found


def documented_codes() -> set[str]:
    text = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    return set(re.findall(r"^## `([a-z0-9-]+)`", text, flags=re.M))


def test_every_code_has_a_heading_in_the_messages_page():
    assert len(codes_in_source()) > 20
    assert codes_in_source() - documented_codes() == set()


def test_the_messages_page_has_no_heading_without_code():
    everything = "\n".join(p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py"))
    assert {code for code in documented_codes() if f'"{code}"' not in everything} == set()


def test_every_command_is_in_the_documentation():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for command in app.registered_commands:
        assert f"mask-audit {command.name}" in text, command.name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_python_example_of_the_readme_is_true():
    import napari_mask_audit as ma

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("result = ma.compare"))
    names = {"ma": ma}
    exec(line, names)
    assert "# [0.8, 0.8] 0.8" in text
    assert (names["result"].ious, names["result"].mean_iou) == ([0.8, 0.8], 0.8)
