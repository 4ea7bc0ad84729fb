"""Rules stay as quiet on masks by experts as docs/lint.md says."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import pytest

from realdata import DATA

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "count_false_alarms.py"
spec = importlib.util.spec_from_file_location("count_false_alarms", SCRIPT)
assert spec is not None
script = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = script
spec.loader.exec_module(script)

pytestmark = pytest.mark.realdata


@pytest.mark.parametrize("collection", script.COLLECTIONS, ids=lambda c: c.title)
def test_no_rule_fires_more_often_than_was_judged(collection):
    if not (DATA / collection.folder).is_dir():
        pytest.skip(f"the real data folder {collection.folder} is not here")
    _, findings = script.findings_of(collection)
    counts = Counter(finding.code for finding in findings)
    judged = Counter(collection.real)
    for code, words in collection.false.items():
        judged[code] += int(words.split()[0])
    more = counts - judged
    assert not more, f"{dict(more)}: look at them (--list), then judge them in {SCRIPT.name}"
    assert judged - counts == Counter(), "fewer than documented: --write the table again"


def test_the_page_has_the_table_that_the_script_makes():
    page = script.PAGE.read_text(encoding="utf-8")
    for collection in script.COLLECTIONS:
        rows = [line for line in page.splitlines() if line.startswith(f"| {collection.title} |")]
        real = sum(collection.real.values())
        false = sum(int(words.split()[0]) for words in collection.false.values())
        (row,) = rows
        assert [int(cell) for cell in row.split("|")[3:5]] == [real + false, real]
    assert script.rewritten(page, "x").count(script.BEGIN) == 1
