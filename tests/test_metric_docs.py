"""The metric pages cannot rot: their tables and pictures are what the code gives today."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from cases import CASES, OUTLINE, REGION

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "metrics"
#: Pages about more than one metric, or about none.
OVERVIEWS = {"README", "conventions"}


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    return runpy.run_path(str(ROOT / "scripts" / "make_metric_docs.py"))["made_files"]()


def test_making_the_tables_and_pictures_again_changes_nothing(made):
    """Run ``python scripts/make_metric_docs.py`` when this fails, and read what changed."""
    assert len(made) > 20
    stale = [
        str(path.relative_to(ROOT))
        for path, text in made.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == []


def test_the_tables_are_made_and_not_only_kept(made):
    """Guard: a table without rows would also not change."""
    text = made[PAGES / "hausdorff.md"]
    assert "| E13 one far pixel too many | 14.1421 | 14.1421 | 13.4536 | 0 |" in text
    assert "| E2 reference empty | ∞ | ∞ | ∞ | ∞ |" in text


def test_every_metric_has_a_table():
    orders = "".join(p.read_text(encoding="utf-8") for p in PAGES.glob("*.md"))
    shown = set(" ".join(re.findall(r"<!-- cases: ([^|]*)\|", orders)).split())
    assert {*REGION, *OUTLINE} - shown == set()
    assert set(re.findall(r"\bE\d+\b", " ".join(re.findall(r"<!-- cases: [^>]*", orders)))) == {
        case.key for case in CASES
    }


def test_every_page_says_the_same_things():
    pages = {page.stem: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}
    index = pages["README"]
    for name in set(pages) - OVERVIEWS:
        assert f"({name}.md)" in index, f"{name} is not in the index"
        assert f"pictures/{name}.svg" in pages[name]
        for part in ("**Range**", "**Empty**", "**Same as**", "**When not**"):
            assert part in pages[name], f"{name} lacks {part}"
