"""The sample town: every planted defect is found, in the expected bucket, and named."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from building import make_dataset, square, write_png
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.failures import (
    BUCKETS,
    AdviceKind,
    FailureThresholds,
    audit_and_explain,
    buckets,
    explain_dataset,
)
from napari_mask_audit.failures.causes import CauseKind
from napari_mask_audit.samples import sample_masks_path

TOWN = sample_masks_path()
LISTED = json.loads((TOWN / "defects.json").read_text(encoding="utf-8"))["defects"]
PLANTED = [row for row in LISTED if row["bucket"] and row["source"] == "model"]
NAMES = np.array(["", *(b.value for b in BUCKETS)])


@pytest.fixture(scope="module")
def town():
    return explain_dataset(TOWN, limit_per_sample=None)


@pytest.fixture(scope="module")
def pairs():
    dataset = Dataset.open(TOWN)
    return {
        sample.name: [dataset.read_mask(sample, name).labels for name in ("gt", "model")]
        for sample in dataset.samples
    }


@pytest.mark.parametrize("row", PLANTED, ids=[row["id"] for row in PLANTED])
def test_every_planted_defect_is_in_its_bucket(row, pairs):
    reference, candidate = pairs[row["sample"]]
    found = buckets(reference, candidate, background=0, ignore_ids={255})
    box = tuple(slice(a, b) for a, b in zip(row["bbox"][::2], row["bbox"][1::2], strict=True))
    own, other = reference[box] == row["class_id"], candidate[box] == row["class_id"]
    concerned = NAMES[found.image[box]][own != other]
    bucket = row["bucket"]
    assert np.mean(concerned == bucket) > 0.95


@pytest.mark.parametrize("row", PLANTED, ids=[row["id"] for row in PLANTED])
def test_every_planted_defect_is_a_finding_with_its_box(row, town):
    bucket = row["bucket"]
    box = list(zip(row["bbox"][::2], row["bbox"][1::2], strict=True))
    hits = [
        finding
        for finding in town.findings
        if (finding.sample, finding.candidate, finding.bucket) == (row["sample"], "model", bucket)
        and row["class_id"] in (finding.class_id, finding.other_class_id)
        and all(a - 3 <= p < b + 3 for p, (a, b) in zip(finding.point, box, strict=True))
    ]
    assert hits
    if row["kind"] != "swapped_classes":  # that one is many findings, and one cause
        assert max(f.pixels for f in hits) >= 0.8 * row["pixels"]


@pytest.mark.parametrize(
    "sample", ["dock_road", "elm_court", "fern_crossing", "garden_lane", "birch_yard", "cedar_row"]
)
def test_the_planted_defects_lead_the_list_of_their_sample(sample, town):
    planted = [row for row in PLANTED if row["sample"] == sample and row["pixels"] > 100]
    planted = planted or [row for row in PLANTED if row["sample"] == sample]
    first = next(f for f in town.findings if (f.sample, f.candidate) == (sample, "model"))
    assert any(
        all(a - 3 <= p < b + 3 for p, a, b in zip(
            first.point, row["bbox"][::2], row["bbox"][1::2], strict=True))
        for row in PLANTED if row["sample"] == sample
    )  # fmt: skip


def test_whole_mask_causes_are_named_where_they_were_planted_and_nowhere_else(town):
    named = {
        s.sample: [c for c in s.causes if c.kind not in OFFSETS]
        for s in town.comparison("gt", "model").samples
    }
    (shift,) = named.pop("iris_bend")
    assert (shift.kind, shift.evidence["vector_px"]) == (CauseKind.MISREGISTERED, [5, -4])
    (swap,) = named.pop("juniper_park")
    assert (swap.kind, swap.class_ids) == (CauseKind.SWAPPED_CLASSES, (1, 3))
    assert not any(named.values())
    for annotator in ("alice", "bob"):
        for sample in town.comparison("gt", annotator).samples:
            assert all(c.kind in OFFSETS for c in sample.causes)


OFFSETS = (CauseKind.OVER_SEGMENTED, CauseKind.UNDER_SEGMENTED)


def test_the_annotators_habits_are_causes_in_most_samples(town):
    """alice draws 1 px inside and bob 2 px outside; the model has no habit."""
    for source, kind, size in (("alice", OFFSETS[1], -0.9), ("bob", OFFSETS[0], 1.8)):
        rows = town.comparison("gt", source).samples
        hits = [c for s in rows for c in s.causes if c.kind is kind and c.class_ids == (1,)]
        assert len(hits) >= len(rows) - 2
        mean = np.mean([c.evidence["offset"] for c in hits])
        assert mean == pytest.approx(size, abs=0.25)
    samples = town.comparison("gt", "model").samples
    assert {s.sample for s in samples if any(c.kind in OFFSETS for c in s.causes)} == {
        "birch_yard", "cedar_row",
    }  # fmt: skip


def test_advice_fixes_files_first_and_is_about_rules_for_annotators(town):
    model = town.comparison("gt", "model").advice
    assert [a.kind for a in model[:2]] == [AdviceKind.LABEL_FIX] * 2
    assert "shifted" not in " ".join(a.text for a in model[2:])
    missed = next(a for a in model if "missed" in a.text)
    assert missed.class_ids == (4,)
    assert missed.evidence["missed_regions"] == 4
    bob = town.comparison("gt", "bob").advice
    assert "pole" in bob[0].text
    assert "37 of its 37 regions are missed" in bob[0].text
    training = {AdviceKind.LOSS, AdviceKind.MORE_DATA, AdviceKind.NEGATIVES,
                AdviceKind.INPUT_RESOLUTION}  # fmt: skip
    assert not training & {a.kind for a in bob}
    assert any(a.kind is AdviceKind.BOUNDARY_GUIDELINE and a.class_ids == (1,) for a in bob)


def test_no_advice_and_no_explanation_without_a_number(town):
    for comparison in town.comparisons:
        assert comparison.advice
        for row in comparison.advice:
            assert re.search(r"\d", row.text)
            assert row.evidence
    for finding in town.findings:
        assert re.search(r"\d+ px", finding.explanation)
        assert finding.why_not_next.startswith("Not ")
        assert "nan" not in finding.explanation + finding.why_not_next


def test_the_reference_is_suspected_where_everybody_contradicts_it(town):
    planted = [row for row in LISTED if row["kind"] == "wrong_reference"]
    assert len(planted) == len(town.reference_suspects) == 2
    for suspect, row in zip(town.reference_suspects, planted, strict=True):
        assert suspect.sample == row["sample"]
        assert suspect.candidates == ("alice", "bob", "model")
        assert suspect.pixels == pytest.approx(row["pixels"], rel=0.3)
        corners = zip(suspect.bbox, row["bbox"][::2], row["bbox"][1::2], strict=True)
        assert all(abs(a - c) <= 4 and abs(b - d) <= 4 for (a, b), c, d in corners)
        assert "all 3 candidates (alice, bob, model) contradict it" in suspect.statement


def test_ignored_guesses_below_the_cloud_are_no_finding(town):
    (row,) = [r for r in LISTED if r["kind"] == "inside_ignored"]
    y0, y1, x0, x1 = row["bbox"]
    for finding in town.findings:
        if (finding.sample, finding.candidate) == (row["sample"], "model"):
            y, x = finding.point
            assert not (y0 <= y < y1 and x0 <= x < x1)


def test_the_json_has_the_promised_shape_and_adds_up(town):
    whole = json.loads(json.dumps(town.to_dict(), allow_nan=False))
    assert [c["candidate"] for c in whole["comparisons"]] == ["model", "alice", "bob"]
    for comparison in whole["comparisons"]:
        found = comparison["buckets"]
        assert set(found["main"]) == {"boundary", "missed_small", "confusion", "other"}
        assert sum(found["main"].values()) == sum(found["pixels"].values())
        assert found["thresholds"]["tolerance"] == 2.0
        assert found["thresholds_text"].startswith("tolerance 2 px")
        for row in [*found["classes"], *(c for s in found["samples"] for c in s["classes"])]:
            assert {"id", "iou", "shares", "pixels"} <= set(row)
            assert sum(row["shares"].values()) == pytest.approx(1 - row["iou"], abs=1e-12)
            assert sum(row["pixels"].values()) == row["union_pixels"] - row["overlap_pixels"]
        assert [row["name"] for row in found["classes"]] == [
            "building", "road", "tree", "pole", "car",
        ]  # fmt: skip
        wrong = sum(sum(s["pixels"].values()) for s in found["samples"])
        assert wrong == sum(found["pixels"].values())
    keys = {"id", "sample", "class_id", "bucket", "pixels", "bbox", "explanation"}
    assert all(keys <= set(row) for row in whole["findings"])
    ids = [row["id"] for row in whole["findings"]]
    assert len(set(ids)) == len(ids)


def test_the_means_are_those_of_the_audit(town):
    import napari_mask_audit as ma

    measured = ma.audit(TOWN)
    for comparison in town.comparisons:
        other = measured.comparison(comparison.reference, comparison.candidate)
        found, means = comparison.averages, other.means
        assert found.pooled_class_mean == pytest.approx(means.pooled_class_mean, abs=1e-12)
        assert found.sample_mean == pytest.approx(means.sample_mean, abs=1e-12)
        assert found.class_sample_mean == pytest.approx(means.class_sample_mean, abs=1e-12)
        assert found.worst_decile_mean == pytest.approx(means.worst_decile_mean, abs=1e-12)
        for sample, scores in zip(comparison.samples, other.samples, strict=True):
            assert sample.sample == scores.sample
            assert sample.mean_iou == pytest.approx(scores.mean_iou, abs=1e-12)


def test_another_threshold_counts_again_and_is_printed():
    wide = FailureThresholds(tolerance=6)
    dataset = Dataset.open(TOWN)
    settings = dataset.settings.replace(failures=wide)
    found = explain_dataset(
        dataset, settings=settings, comparisons=[("gt", "alice")], with_causes=False
    ).comparisons[0]
    assert found.thresholds == wide
    assert "tolerance 6 px" in found.to_dict()["thresholds_text"]


def test_scores_and_explanation_from_one_reading_are_those_of_two(town, monkeypatch):
    import napari_mask_audit as ma

    read = []
    original = Dataset.read_mask

    def counting(self, sample, source):
        read.append((sample.name, source))
        return original(self, sample, source)

    dataset = Dataset.open(TOWN)
    monkeypatch.setattr(Dataset, "read_mask", counting)
    audit, failures = audit_and_explain(dataset, limit_per_sample=None)
    assert len(read) == len(set(read)) == 47
    monkeypatch.undo()
    assert json.dumps(failures.to_dict()) == json.dumps(town.to_dict())
    assert audit.to_dict() == ma.audit(dataset).to_dict()


def test_a_class_that_is_invented_altogether_gets_advice_without_a_nan(tmp_path):
    candidate = square(40) + square(40, 20, 20, 12, 2)
    make_dataset(tmp_path, {"gt": {"a": square(40)}, "model": {"a": candidate}}, "background = 0\n")
    (comparison,) = explain_dataset(tmp_path).comparisons
    (row,) = [a for a in comparison.advice if a.kind is AdviceKind.NEGATIVES]
    assert "without them there is no class 2 at all, which is right" in row.text
    json.dumps(comparison.to_dict(), allow_nan=False)


def test_a_bad_file_is_a_problem_and_the_rest_is_explained(tmp_path):
    make_dataset(
        tmp_path,
        {"gt": {"a": square(), "b": square()}, "model": {"a": square(left=7), "b": square(30)}},
        "background = 0\n",
    )
    write_png(tmp_path / "masks" / "model" / "c.png", square())
    (tmp_path / "masks" / "gt" / "c.png").write_bytes(b"not a picture")
    seen = []
    found = explain_dataset(tmp_path, progress=lambda *args: seen.append(args))
    (comparison,) = found.comparisons
    assert [s.sample for s in comparison.samples] == ["a"]
    assert {p.sample for p in found.problems} >= {"b", "c"}
    assert [row[:2] for row in seen] == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("toml", ["background = 0\n", ""])
def test_objects_of_an_instance_dataset_are_foreground_not_classes(tmp_path, toml):
    reference = square(40, 3, 3, 10, 1) + square(40, 20, 20, 10, 2)
    candidate = square(40, 3, 3, 10, 7)
    make_dataset(
        tmp_path, {"gt": {"a": reference}, "model": {"a": candidate}},
        'task = "instance"\n' + toml,
    )  # fmt: skip
    found = explain_dataset(tmp_path)
    (finding,) = found.findings
    assert (finding.bucket, finding.class_id, finding.pixels) == ("missed_large", 1, 100)
    assert "object, 100 px" in finding.explanation
