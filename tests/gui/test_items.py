"""From measured samples to rows of the queue."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from building import square, write_png
from gui_squares import make_squares, summary_in
from napari_mask_audit.audit import measure_sample
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.gui.items import WAITING, measured_item, score_name, waiting_item

PAIR = ("gt", "model")


def test_the_score_is_the_mean_iou_of_the_chosen_pair(tmp_path: Path) -> None:
    dataset = Dataset.open(make_squares(tmp_path))
    measured = measure_sample(dataset, dataset.sample("s2"))
    item = measured_item(dataset, measured, PAIR)
    assert item.score == pytest.approx(8 / 12)
    assert item.worst_class == "cell"
    assert item.scores == {"class:cell": pytest.approx(8 / 12)}
    assert item.problem is None
    # The annotator is one row lower everywhere: 90 of 110 pixels.
    other = measured_item(dataset, measured, ("gt", "alice"))
    assert other.score == pytest.approx(90 / 110)


def test_the_buckets_of_a_sample_become_scores_and_a_suggestion(tmp_path: Path) -> None:
    dataset = Dataset.open(make_squares(tmp_path))
    measured = measure_sample(dataset, dataset.sample("s2"))
    summary = summary_in(dataset, dataset.sample("s2"))
    item = measured_item(dataset, measured, PAIR, summary)
    assert item.suggested_tag == "boundary"
    # 20 pixels missing and 20 too many, of a union of 120, all within two pixels.
    assert item.scores["bucket:boundary"] == pytest.approx(80 / 120)
    assert item.scores["bucket:missed_small"] == 1
    assert item.scores["class:cell"] == pytest.approx(80 / 120)


def test_objects_are_ordered_by_panoptic_quality(tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    manifest = folder / "dataset.toml"
    manifest.write_text('task = "instance"\n' + manifest.read_text())
    dataset = Dataset.open(folder)
    measured = measure_sample(dataset, dataset.sample("s3"))
    scores = measured.pairs[PAIR]
    assert scores.instances is not None
    assert measured_item(dataset, measured, PAIR).score == scores.instances.pq
    assert score_name(dataset) == "PQ"


def test_a_sample_without_a_partner_carries_its_problem(tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    (folder / "masks" / "model" / "s1.png").unlink()
    dataset = Dataset.open(folder)
    text = "no mask from model: names must match exactly"
    assert waiting_item(dataset, dataset.sample("s1"), PAIR).problem == text
    measured = measure_sample(dataset, dataset.sample("s1"))
    item = measured_item(dataset, measured, PAIR)
    assert item.problem == text
    assert math.isnan(item.score)
    assert measured_item(dataset, measured, ("gt", "alice")).problem is None


def test_a_sample_that_cannot_be_measured_says_why(tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    write_png(folder / "masks" / "model" / "s1.png", square(size=24))
    dataset = Dataset.open(folder)
    item = measured_item(dataset, measure_sample(dataset, dataset.sample("s1")), PAIR)
    assert item.problem is not None
    assert "24 × 24" in item.problem
    assert item.problem.endswith("[shape-mismatch]")


def test_a_sample_waits_without_a_problem(tmp_path: Path) -> None:
    dataset = Dataset.open(make_squares(tmp_path))
    item = waiting_item(dataset, dataset.sample("s1"), PAIR)
    assert (item.problem, item.note) == (None, WAITING)
