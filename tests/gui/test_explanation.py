"""Findings, causes and buckets of a sample, as the docks are given them; no Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from building import square
from gui_squares import make_squares, summary_in
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.failures import BUCKETS, Bucket
from napari_mask_audit.findings import Finding
from napari_mask_audit.gui.bucket_bar import hint_of, parts_of
from napari_mask_audit.gui.explanation import explain_measured, measure_view
from napari_mask_audit.gui.failure_summary import BUCKET_LOOKS
from napari_mask_audit.gui.outlines import FINDING_COLOR, outline_finding
from napari_mask_audit.gui.sample_view import SampleView, load_sample_view

PAIR = ("gt", "model")


def opened(folder: Path, sample: str) -> tuple[Dataset, SampleView]:
    dataset = Dataset.open(make_squares(folder))
    return dataset, load_sample_view(dataset, dataset.sample(sample), PAIR)


def finding(bucket: Bucket, box: tuple[tuple[int, int], ...], **changes: object) -> Finding:
    values: dict[str, object] = {
        "id": "F1", "sample": "s", "reference": "gt", "candidate": "model", "bucket": bucket.value,
        "class_id": 1, "other_class_id": 0, "pixels": 20, "bbox": box,
        "point": tuple(low for low, _ in box), "worth": 0.1, "explanation": "wrong",
        "why_not_next": "because", "suggested_tag": "boundary",
    }  # fmt: skip
    return Finding(**(values | changes))


def test_every_bucket_has_a_word_and_a_colour_of_its_own() -> None:
    assert set(BUCKET_LOOKS) == set(BUCKETS)
    assert len({color for _, color in BUCKET_LOOKS.values()}) == len(BUCKETS)


def test_findings_come_first_and_causes_when_asked_for(tmp_path: Path) -> None:
    dataset, view = opened(tmp_path, "s3")
    measured = measure_view(dataset, view)
    first = explain_measured(dataset, measured)
    assert first is not None
    # Three columns lost and three gained: too thick for boundary errors, but for a rim.
    assert {f.bucket for f in first.findings} == {"under_extent", "over_extent", "boundary"}
    assert first.causes is None
    full = explain_measured(dataset, measured, with_causes=True)
    assert full is not None
    assert full.causes is not None
    assert "shifted by y +0, x +3" in full.causes[0]
    assert [f.id for f in full.findings] == [f.id for f in first.findings]


def test_losses_add_up_to_what_the_score_lacks(tmp_path: Path) -> None:
    dataset = Dataset.open(make_squares(tmp_path))
    for k in range(4):
        summary = summary_in(dataset, dataset.sample(f"s{k}"))
        assert summary is not None
        # Of a square moved by k pixels, 10 - k of 10 + k columns are right.
        assert sum(summary.losses.values()) == pytest.approx(1 - (10 - k) / (10 + k))
        assert sum(part[2] for part in parts_of(summary)) == pytest.approx(
            sum(summary.losses.values())
        )


def test_a_perfect_sample_suggests_nothing(tmp_path: Path) -> None:
    dataset = Dataset.open(make_squares(tmp_path))
    summary = summary_in(dataset, dataset.sample("s0"))
    assert summary is not None
    assert (summary.suggested_tag, summary.reason) == (None, "")
    assert "No pixel is wrong." in hint_of(summary, "tolerance 2 px")


def test_the_suggestion_says_what_repairing_brings(tmp_path: Path) -> None:
    dataset = Dataset.open(make_squares(tmp_path))
    summary = summary_in(dataset, dataset.sample("s2"))
    assert summary is not None
    assert summary.suggested_tag == "boundary"
    assert summary.reason == "mean IoU 0.67 → 1.00 without"


def test_what_cannot_be_compared_is_not_explained(tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    (folder / "masks" / "model" / "s1.png").unlink()
    dataset = Dataset.open(folder)
    sample = dataset.sample("s1")
    assert summary_in(dataset, sample) is None
    assert measure_view(dataset, load_sample_view(dataset, sample, PAIR)) is None


def test_outlines_follow_both_masks_and_the_wrong_pixels_at_half_pixels(tmp_path: Path) -> None:
    _dataset, view = opened(tmp_path, "s2")
    found = finding(Bucket.UNDER_EXTENT, ((5, 15), (5, 7)))
    outlines = outline_finding(view, found, hidden_ids={0})
    starts, colors = outlines.segments[:, 0], np.array(outlines.colors)
    # The reference's left side runs between columns 4 and 5, the candidate's between 6 and 7.
    assert starts[colors == "#0072B2", 1].min() == 4.5
    assert starts[colors == "#E69F00", 1].min() == 6.5
    wrong = starts[colors == FINDING_COLOR]
    assert (wrong[:, 1].min(), wrong[:, 1].max()) == (4.5, 6.5)
    assert (wrong[:, 0].min(), wrong[:, 0].max()) == (4.5, 14.5)


@pytest.mark.parametrize(
    ("bucket", "columns"),
    [
        (Bucket.MISSED_SMALL, (4.5, 6.5)),
        (Bucket.FALSE_REGION, (14.5, 16.5)),
        (Bucket.OVER_EXTENT, (14.5, 16.5)),
        (Bucket.BOUNDARY, (4.5, 16.5)),
    ],
)
def test_a_finding_is_outlined_where_it_is_wrong_in_its_way(
    tmp_path: Path, bucket: Bucket, columns: tuple[float, float]
) -> None:
    _dataset, view = opened(tmp_path, "s2")
    outlines = outline_finding(view, finding(bucket, ((5, 15), (5, 17))), hidden_ids={0})
    wrong = outlines.segments[np.array(outlines.colors) == FINDING_COLOR, 0]
    assert (wrong[:, 1].min(), wrong[:, 1].max()) == columns


def test_of_objects_every_id_is_one_class(tmp_path: Path) -> None:
    view = SampleView("v", PAIR, reference=square(value=7), candidate=square(left=7, value=3))
    found = finding(Bucket.UNDER_EXTENT, ((5, 15), (5, 7)))
    outlines = outline_finding(view, found, hidden_ids={0}, object_ids_hidden={0})
    assert FINDING_COLOR in outlines.colors
    assert FINDING_COLOR not in outline_finding(view, found, hidden_ids={0}).colors


def test_outlines_in_a_volume_stay_in_the_slice_of_the_finding() -> None:
    reference = np.zeros((3, 20, 20), np.uint8)
    candidate = reference.copy()
    reference[1], candidate[1] = square(), square(left=7)
    view = SampleView("v", PAIR, reference=reference, candidate=candidate)
    found = finding(Bucket.UNDER_EXTENT, ((1, 2), (5, 15), (5, 7)), point=(1, 9, 5))
    outlines = outline_finding(view, found, hidden_ids={0})
    assert outlines.segments.shape[1:] == (2, 3)
    assert set(outlines.segments[:, 0, 0]) == {1.0}
    assert not outlines.segments[:, 1, 0].any()
