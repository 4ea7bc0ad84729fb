"""The report in other forms than a page."""

from __future__ import annotations

import json
import re

import pytest

import napari_mask_audit as ma
from building import make_dataset, square
from napari_mask_audit.report import report_html, write_table
from napari_mask_audit.review.consistency import ReviewerConsistency
from napari_mask_audit.review.verdicts import Verdict
from report_pages import Page, further_parts, town


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A dataset, its audit and everything a report shows beside it."""
    dataset = ma.Dataset.open(
        town(tmp_path_factory.mktemp("formats") / "data", candidates=("model", "alice", "bob"))
    )
    audit = ma.audit(dataset)
    return dataset, audit, further_parts(dataset, audit)


def test_the_page_for_paper_is_open_and_has_nothing_to_click(parts):
    dataset, audit, further = parts
    screen = Page(report_html(audit, dataset, **further))
    paper = Page(report_html(audit, dataset, paper=True, **further))
    folded = screen.all("details")
    assert any("open" not in d for d in folded)
    assert len(paper.all("details")) == len(folded)
    assert all("open" in d for d in paper.all("details"))
    assert not paper.all("script")
    assert not paper.all("dialog")
    assert "@media print" not in paper.raw["style"]
    policy = next(m["content"] for m in paper.all("meta") if m.get("http-equiv"))
    assert "script-src 'none'" in policy
    assert "no script" not in paper.words


def test_json_holds_what_the_page_says(parts, tmp_path):
    _, audit, further = parts
    path = write_table(audit, tmp_path / "report.json", form="json", **further)
    content = json.loads(path.read_text("utf-8"))
    assert {"comparisons", "findings", "agreement", "checklist", "lint"} <= set(content)
    assert content["comparisons"][0]["buckets"]["thresholds"]["tolerance"] == 2.0
    assert content["checklist"]["of"] == 5
    bare = json.loads(write_table(audit, tmp_path / "bare.json", form="json").read_text("utf-8"))
    assert not {"agreement", "checklist", "lint", "consistency", "findings"} & set(bare)


def test_markdown_says_what_errors_cost_and_what_comes_next(parts, tmp_path):
    _, audit, further = parts
    text = write_table(audit, tmp_path / "r.md", form="md", **further).read_text("utf-8")
    assert text.count("### What each kind of error costs") == len(audit.comparisons)
    assert "## Next step" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.M):
        unescaped = [re.sub(r"\\\|", "", line) for line in block.splitlines()]
        assert len({line.count("|") for line in unescaped}) == 1, block


def test_tables_have_a_row_per_comparison_sample_and_class(parts, tmp_path):
    import pandas as pd

    _, audit, further = parts
    frames = [
        pd.read_csv(write_table(audit, tmp_path / "r.csv", form="csv", **further)),
        pd.read_parquet(write_table(audit, tmp_path / "r.parquet", form="parquet", **further)),
    ]
    for frame in frames:
        assert len(frame) == 3 * 3 * 2
        assert set(frame["candidate"]) == {"model", "alice", "bob"}


def test_objects_have_a_table_with_the_counts_of_each_sample(tmp_path):
    gt, model = square(24), square(24, left=6)
    gt[18:22, 18:22] = 2
    masks = {"gt": {"a": gt, "b": square(24)}, "model": {"a": model, "b": square(24)}}
    folder = make_dataset(tmp_path, masks, 'task = "instance"\nbackground = 0\n')
    dataset = ma.Dataset.open(folder)
    audit = ma.audit(dataset)
    words = Page(report_html(audit, dataset)).words
    # a: one of two found at IoU 90/110; b: perfect. Together 2 of 3: PQ (9/11 + 1) / (2 + 1/2).
    pq = (9 / 11 + 1) / 2.5
    assert re.search(
        rf"all samples {pq:.3f} {(9 / 11 + 1) / 2:.3f} 0\.800 \S+ 3 2 2 1 0 0 0", words
    )
    assert re.search(r"a 0\.545 0\.818 0\.667 \S+ 2 1 1 1 0 0 0", words)


def test_a_reviewer_who_changed_their_mind_is_in_the_page_and_the_json(parts, tmp_path):
    dataset, audit, _ = parts
    # 3 of 4: Clopper and Pearson give 19.4 to 99.4 %; 0 of 4: 0 to 60.2 %.
    row = ReviewerConsistency("ann <b>", 4, 3, float("nan"), 0.5, ("ash",), is_hidden=True)
    verdict = Verdict(sample="ash", reviewer="ann", status="accept")
    reviews = {("ash", None): verdict}
    page = Page(report_html(audit, dataset, reviews=reviews, consistency=[row]))
    assert re.search(
        r"ann <b> hidden repeat 4 3 \(75 %; 19–99 %\) – 0 \(0 %; 0–60 %\) 0\.500 ash", page.words
    )
    text = write_table(audit, tmp_path / "r.json", form="json", consistency=[row]).read_text(
        "utf-8"
    )
    assert json.loads(text)["consistency"][0]["kappa"] is None


def test_tags_are_counted_by_reviewer_where_several_gave_some(parts):
    dataset, audit, _ = parts

    def page(*given):
        reviews = {
            (name, None): Verdict(sample=name, reviewer=who, status="needs_fix", tags=tags)
            for name, who, tags in given
        }
        return Page(report_html(audit, dataset, reviews=reviews)).words

    alone = page(("ash", "ann", ("blur",)), ("birch", "ann", ("blur", "glare")))
    assert "by reviewer" not in alone
    both = page(("ash", "ann", ("blur",)), ("birch", "bob", ("blur", "glare")))
    assert re.search(r"Tag ann bob blur 1 1 glare 0 1", both)
