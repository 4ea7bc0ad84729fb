"""A finding keeps its identity, and its dictionary says everything."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from napari_mask_audit.findings import Finding, finding_id, ranked

BASE = {
    "sample": "street",
    "reference": "gt",
    "candidate": "model",
    "rule": "missed_small",
    "class_ids": (4, 0),
    "place": (120, 44),
}
FINDING = Finding(
    finding_id(**BASE), "street", "gt", "model", "missed_small", 4, 0, 212,
    ((110, 131), (40, 52)), (120, 44), 0.03, "missed", "because", "missed_small",
)  # fmt: skip


def test_the_id_depends_on_everything_a_finding_is_about_and_nothing_else():
    changed = {
        "sample": "yard",
        "reference": "gt2",
        "candidate": "alice",
        "rule": "missed_large",
        "class_ids": (4, None),
        "place": (120, 45),
    }
    ids = [finding_id(**{**BASE, name: value}) for name, value in changed.items()]
    assert len({finding_id(**BASE), *ids}) == 1 + len(changed)
    assert finding_id(**BASE) == finding_id(**BASE) == FINDING.id


def test_the_id_is_the_one_of_the_last_release():
    """Verdicts in review stores point at these ids: a change here orphans them all."""
    assert finding_id("a", "gt", "model", "boundary", (1, 0), (3, 4)) == "Faeec46fc233b"
    assert finding_id("ü/1", "gt", "m", "missed_small", (4, None), (0, 7, 9)) == "F7835d1e48eef"


def test_names_that_join_to_the_same_text_stay_apart():
    first = finding_id("a", "b c", "d", "boundary", (1, 2), (0, 0))
    assert first != finding_id("a b", "c", "d", "boundary", (1, 2), (0, 0))


def test_the_dictionary_is_json_and_flat_boxes_are_in_axis_order():
    row = json.loads(json.dumps(FINDING.to_dict()))
    assert row["bbox"] == [110, 131, 40, 52]
    assert row["point"] == [120, 44]
    names = {field.name for field in dataclasses.fields(Finding)}
    assert set(row) == names
    unknown = dataclasses.replace(FINDING, worth=math.nan)
    assert unknown.to_dict()["worth"] is None


def test_ranking_is_by_worth_then_size_then_place():
    def one(worth, pixels, y):
        return dataclasses.replace(FINDING, worth=worth, pixels=pixels, point=(y, 0))

    best, large, small, later = one(0.2, 1, 9), one(0.1, 9, 9), one(0.1, 5, 1), one(0.1, 5, 2)
    assert ranked([later, small, best, large]) == [best, large, small, later]


def test_findings_cannot_be_edited():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FINDING.pixels = 0
