"""The engine: choosing rules, accepting findings, results, and what lint takes."""

import json
from pathlib import Path

import numpy as np
import pytest

from building import make_dataset, square, write_png
from napari_mask_audit.checks import (
    RULES,
    Accepted,
    LintLimits,
    LintResult,
    Severity,
    choose_rules,
    lint,
    read_accepted,
    write_accepted,
)
from napari_mask_audit.errors import DatasetError, SettingsError
from napari_mask_audit.samples import copy_sample_masks, sample_masks_path

DOCS = Path(__file__).parents[2] / "docs" / "lint.md"
DEFECTS = json.loads((sample_masks_path() / "defects.json").read_text(encoding="utf-8"))["defects"]


@pytest.fixture(scope="module")
def sample_result():
    return lint(sample_masks_path())


@pytest.mark.parametrize(
    ("kind", "code"),
    [("specks", "MA301"), ("pinhole", "MA302"), ("missing_partner", "MA106")],
)
def test_every_planted_label_defect_is_found_in_its_place(sample_result, kind, code):
    planted = [row for row in DEFECTS if row["kind"] == kind]
    assert planted
    for row in planted:
        (finding,) = [
            f
            for f in sample_result.findings
            if (f.code, f.sample, f.source) == (code, row["sample"], row["source"])
        ]
        assert finding.class_id == row["class_id"]
        if row["bbox"]:
            assert finding.to_dict()["bbox"] == row["bbox"]


def test_the_labels_of_the_sample_town_have_no_other_flaw(sample_result):
    others = [f for f in sample_result.findings if f.source != "model"]
    assert sorted(f.code for f in others) == ["MA106", "MA301", "MA302"]


def test_every_rule_has_a_heading_in_the_docs_and_every_heading_a_rule():
    headings = {
        line.removeprefix("### ").strip()
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("### MA")
    }
    assert headings == {f"{rule.code} {rule.name}" for rule in RULES.values()}


def test_the_docs_mark_the_fixable_rules_and_severities():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| [MA")
    ]
    documented = {row[0][1:6]: (row[1], row[2] == "yes") for row in rows}
    assert documented == {c: (rule.severity.value, rule.fixable) for c, rule in RULES.items()}


def test_rules_are_chosen_by_code_beginning_and_name():
    assert choose_rules(["MA301", "hole"]) == {"MA301", "MA302"}
    assert choose_rules(["ALL"], ["MA"]) == frozenset()
    assert choose_rules(ignore=["MA7"]) == {c for c in RULES if not c.startswith("MA7")}
    with pytest.raises(SettingsError, match="there is no lint rule 'MA999'"):
        choose_rules(["MA999"])
    with pytest.raises(SettingsError, match="there is no lint rule ''"):
        choose_rules([""])


def test_only_chosen_rules_report():
    result = lint(sample_masks_path(), select=["MA3"], ignore=["hole"])
    assert {f.code for f in result.findings} == {"MA301"}
    assert "MA302" not in result.rules


def test_exit_code_depends_on_the_level(sample_result):
    assert sample_result.exit_code() == 3
    assert sample_result.exit_code("info") == 3
    assert sample_result.exit_code(Severity.ERROR) == 0
    assert LintResult("clean", ()).exit_code("info") == 0


def test_the_result_is_json_and_says_where_to_read_on(sample_result):
    table = json.loads(json.dumps(sample_result.to_dict()))
    speck = next(f for f in table["findings"] if f["code"] == "MA301")
    assert speck["doc"] == "docs/lint.md#ma301-speck"
    assert speck["severity"] == "warning"
    assert speck["count"] == len(speck["places"]) == 6
    assert table["complete"]
    assert table["masks"] == 47


def test_ids_of_findings_stay_the_same_in_a_second_run_and_elsewhere(sample_result, tmp_path):
    again = lint(copy_sample_masks(tmp_path / "copy"), workers=1)
    assert [f.id for f in again.findings] == [f.id for f in sample_result.findings]
    assert len({f.id for f in again.findings}) == len(again.findings)


def test_progress_and_stop():
    seen = []
    lint(sample_masks_path(), select=["speck"], progress=lambda *step: seen.append(step))
    assert [step[0] for step in seen] == list(range(1, 13))
    assert {step[1] for step in seen} == {12}
    stopped = lint(sample_masks_path(), select=["speck"], should_stop=lambda: True, workers=1)
    assert not stopped.complete
    assert stopped.samples < 12


# -- accepted findings ---------------------------------------------------------------------------


def specks(tmp_path, number):
    mask = np.zeros((80, 80), np.uint8)
    mask[10:50, 10:50] = 1
    mask[60:78:3, 70][:number] = 1
    return make_dataset(tmp_path, {"gt": {"a": mask}}, 'background = 0\n[classes]\n1 = "cell"\n')


def test_accepted_findings_are_quiet_until_they_grow(tmp_path):
    result = lint(specks(tmp_path, 2))
    assert write_accepted(tmp_path / "lint-accepted.toml", result.findings, reason="dust") == 1
    quiet = lint(tmp_path)
    assert quiet.findings == ()
    assert [f.count for f in quiet.accepted] == [2]
    assert quiet.exit_code("info") == 0
    specks(tmp_path, 1)
    assert lint(tmp_path).findings == ()
    specks(tmp_path, 3)
    assert [f.count for f in lint(tmp_path).findings] == [3]
    assert [f.count for f in lint(tmp_path, accepted=()).findings] == [3]


def test_entries_that_fit_nothing_are_stale(tmp_path):
    entry = Accepted("MA301", "a", "gt", 1, count=9)
    result = lint(specks(tmp_path, 0), accepted=[entry])
    assert result.stale == (entry,)
    assert lint(specks(tmp_path, 2), accepted=[entry]).stale == ()


def test_accepted_files_survive_odd_names_and_keep_reasons(tmp_path):
    file = tmp_path / "accepted.toml"
    odd = 'sub/"é\\ \t'
    make_dataset(tmp_path / "d", {"gt": {"a": square()}, "model": {"b": square()}})
    first = lint(tmp_path / "d").findings
    import dataclasses

    named = dataclasses.replace(first[0], sample=odd)
    assert write_accepted(file, [named], reason="line\nbreak") == 1
    assert write_accepted(file, [named, first[1]], reason="later") == 2
    reasons = {entry.sample: entry.reason for entry in read_accepted(file)}
    assert reasons[odd] == "line\nbreak"
    assert write_accepted(file, [first[1]], keep=False) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("accepted = 3", "expected [[accepted]] entries"),
        ("[[accepted]]\nsample = 'a'", "entry 1 needs a code"),
        ("[[accepted]]\ncode = 'MA301'\ncount = 'two'", "entry 1 needs a code"),
        ("[[accepted]", "cannot be read"),
    ],
)
def test_a_broken_accepted_file_is_explained(tmp_path, text, says):
    file = tmp_path / "accepted.toml"
    file.write_text(text)
    with pytest.raises(DatasetError) as caught:
        read_accepted(file)
    assert caught.value.code == "bad-accepted"
    assert says in caught.value.message


# -- what lint takes -----------------------------------------------------------------------------


def test_lint_takes_one_file_and_a_folder_of_masks(tmp_path):
    mask = np.zeros((80, 80), np.uint8)
    mask[10:50, 10:50] = 255
    mask[70, 70] = 255
    write_png(tmp_path / "folder" / "a.png", mask)
    write_png(tmp_path / "folder" / "b.png", np.flipud(mask))
    for path, samples in (
        (tmp_path / "folder" / "a.png", ["a"]),
        (tmp_path / "folder", ["a", "b"]),
    ):
        result = lint(path)
        assert [(f.code, f.sample) for f in result.findings] == [("MA301", s) for s in samples]


def test_a_folder_without_masks_is_an_error(tmp_path):
    with pytest.raises(DatasetError) as caught:
        lint(tmp_path)
    assert caught.value.code == "no-masks"


def test_limits_must_make_sense():
    with pytest.raises(SettingsError, match="speck_pixels must be a number above 0"):
        LintLimits(speck_pixels=0)
