"""Limits: how they are written, and what meets them."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

import napari_mask_audit as ma
from building import make_dataset, square
from napari_mask_audit.cli.machine import github_lines, junit_xml
from napari_mask_audit.errors import Problem, SettingsError
from napari_mask_audit.limits import Limit, LimitCheck, check_limits, parse_limits


@pytest.fixture
def audit(tmp_path):
    """One class with IoU 90/110, and one that the model missed."""
    gt, model = square(), square(left=6)
    gt[0:2, 0:2] = 2
    toml = 'background = 0\n[classes]\n1 = "cell"\n2 = "odd:name"\n'
    return ma.audit(make_dataset(tmp_path, {"gt": {"a": gt}, "model": {"a": model}}, toml))


def values(audit, text):
    return [check.value for check in check_limits(audit, parse_limits(text))]


def test_scores_are_the_dataset_level_ones(audit):
    iou = 90 / 110
    assert values(audit, "iou=0.5") == [pytest.approx(iou / 2)]
    assert values(audit, "class=cell:0.5, class=1:dice:0.5") == [
        pytest.approx(iou),
        pytest.approx(2 * 90 / 200),
    ]
    assert values(audit, "class=cell:nsd:1") == [1.0]
    assert values(audit, "class=odd:name:0.5") == [0.0]
    assert values(audit, "worst_decile_iou=0,sample_mean_iou=0") == [pytest.approx(iou / 2)] * 2


def test_a_value_equal_to_the_limit_meets_it_and_an_undefined_one_never_does():
    assert LimitCheck("gt", "m", Limit("iou", 0.5), 0.5).met
    assert not LimitCheck("gt", "m", Limit("iou", 0.5), math.nextafter(0.5, 0)).met
    undefined = LimitCheck("gt", "m", Limit("iou", 0.0), math.nan)
    assert not undefined.met
    assert "undefined" in undefined.sentence()
    assert undefined.to_dict()["value"] is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "nothing is named"),
        ("iou", "there is no ="),
        ("iuo=0.5", "no score 'iuo'"),
        ("iou=2", "between 0 and 1"),
        ("iou=nan", "between 0 and 1"),
        ("iou=x", "'x' is no number"),
        ("class=road", "class=NAME:VALUE"),
        ("nsd@x=0.5", "no score 'nsd@x'"),
    ],
)
def test_what_cannot_be_read_is_explained(text, complaint):
    with pytest.raises(SettingsError) as caught:
        parse_limits(text)
    assert caught.value.code == "bad-limit"
    assert complaint in str(caught.value)


@pytest.mark.parametrize("text", ["class=tree:0.5", "nsd@7=0.5", "pq=0.5"])
def test_what_was_not_measured_is_an_error_and_no_pass(audit, text):
    with pytest.raises(SettingsError) as caught:
        check_limits(audit, parse_limits(text))
    assert caught.value.code == "bad-limit"


def test_a_curve_needs_its_tolerance_named(tmp_path):
    folder = make_dataset(tmp_path, {"gt": {"a": square()}, "model": {"a": square(left=7)}})
    dataset = ma.Dataset.open(folder)
    audit = ma.audit(dataset, settings=dataset.settings.replace(tolerances=(1.0, 2.0)))
    assert values(audit, "class=1:nsd@2:1") == [1.0]
    with pytest.raises(SettingsError, match="the tolerances are 1, 2"):
        values(audit, "nsd=1")


def test_junit_counts_failures_and_errors_and_survives_hostile_text(audit):
    bad = Problem("unreadable", "a\x00b <&> ]]>", sample="s", file="x.png")
    audit = ma.audit.__globals__["Audit"](
        **{**{f: getattr(audit, f) for f in audit.__dataclass_fields__}, "problems": (bad,)}
    )
    checks = check_limits(audit, parse_limits("class=cell:0.5,iou=0.9"))
    root = ElementTree.fromstring(junit_xml(audit, checks))
    limits, files = root.findall("testsuite")
    assert (limits.get("tests"), limits.get("failures"), limits.get("errors")) == ("2", "1", "0")
    assert len(limits.findall("testcase/failure")) == 1
    assert (files.get("tests"), files.get("errors")) == ("1", "1")
    assert files.find("testcase/error").text == "a\ufffdb <&> ]]>"


def test_github_lines_cannot_be_broken_by_names(audit):
    bad = Problem("unreadable", "50 %\n::error::gotcha", file="a,b:c.png")
    object.__setattr__(audit, "problems", (bad,))
    checks = check_limits(audit, parse_limits("iou=0.9"))
    lines = github_lines(audit, checks)
    assert lines[0].startswith("::error title=mask-audit::model against gt: iou is")
    assert lines[1] == ("::warning file=a%2Cb%3Ac.png,title=unreadable::50 %25%0A::error::gotcha")
