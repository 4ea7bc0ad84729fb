"""The confusion matrix against counting pixel by pixel."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from typer.testing import CliRunner

import napari_mask_audit as ma
from building import make_dataset
from napari_mask_audit.cli.app import app
from napari_mask_audit.confusion import Cell, ConfusionMatrix
from napari_mask_audit.report import confusion_frame

PAIR = arrays(np.int32, (2, 5, 7), elements=st.sampled_from([-3, 0, 1, 2, 255, 70000]))
# Three classes in the reference, one more in the candidate: golden G23.
REFERENCE = np.array([[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 2, 0], [0, 0, 0, 0]])
CANDIDATE = np.array([[0, 0, 0, 0], [0, 1, 1, 1], [0, 1, 1, 0], [0, 0, 3, 0]])


@given(PAIR)
def test_cells_are_what_counting_one_by_one_gives(pair):
    reference, candidate = pair
    counted = Counter(zip(reference.ravel().tolist(), candidate.ravel().tolist(), strict=True))
    matrix = ma.compare(reference, candidate).confusion
    assert dict(matrix.cells) == dict(counted)
    assert list(matrix.cells) == sorted(matrix.cells)
    assert matrix.pixels == reference.size
    assert matrix.counts().sum() == reference.size


@given(PAIR)
def test_the_scores_follow_from_it(pair):
    result = ma.compare(*pair)
    matrix, counts = result.confusion, result.confusion.counts()
    assert np.trace(counts) / counts.sum() == result.pixel_accuracy
    for row in result.classes:
        at = matrix.ids.index(row.id)
        union = counts[at].sum() + counts[:, at].sum() - counts[at, at]
        assert counts[at, at] / union == row.iou


def test_matrices_of_tiles_add_up():
    halves = [ma.compare(REFERENCE[r], CANDIDATE[r]).confusion for r in (np.s_[:2], np.s_[2:])]
    assert ConfusionMatrix.total(halves) == ma.compare(REFERENCE, CANDIDATE).confusion
    assert ConfusionMatrix.total([]) == ConfusionMatrix()
    assert ConfusionMatrix().counts().shape == (0, 0)
    assert ConfusionMatrix().most_confused() == ()


def test_ignored_reference_pixels_are_in_no_cell():
    matrix = ma.compare([[255, 255, 1, 1]], [[1, 2, 1, 255]], ignore=[255]).confusion
    assert dict(matrix.cells) == {(1, 1): 1, (1, 255): 1}


def test_the_largest_confusion_comes_first_with_its_share_of_the_class():
    matrix = ma.compare(REFERENCE, CANDIDATE).confusion
    assert matrix.counts().tolist() == [[10, 1, 0, 1], [0, 3, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert matrix.most_confused() == (
        Cell(0, 1, 1, 1 / 12),
        Cell(0, 3, 1, 1 / 12),
        Cell(2, 1, 1, 1),
    )


def test_objects_are_one_class():
    matrix = ma.compare([[0, 7, 7]], [[4, 4, 9]], instances=True).confusion
    assert matrix.to_dict() == {"ids": [0, 1], "cells": [[0, 1, 1], [1, 1, 2]]}


def test_the_frame_has_names_on_both_sides():
    frame = ma.compare([[0, 1]], [[1, 1]]).confusion.to_frame({1: "road"})
    assert frame.index.name == "reference"
    assert frame.loc["0", "road"] == 1
    assert frame.loc["road", "road"] == 1


@pytest.fixture
def folder(tmp_path):
    other = {"a": CANDIDATE.astype(np.uint8), "b": REFERENCE.astype(np.uint8)}
    masks = {"gt": dict.fromkeys("ab", REFERENCE.astype(np.uint8)), "model": other}
    return make_dataset(tmp_path / "data", masks, 'background = 0\n[classes]\n1 = "road"\n')


def test_an_audit_pools_it_over_samples(folder):
    comparison = ma.audit(folder).comparison("gt", "model")
    assert comparison.confusion.counts().tolist() == [
        [22, 1, 0, 1],
        [0, 6, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
    ]
    assert comparison.to_dict()["confusion"] == comparison.confusion.to_dict()
    assert confusion_frame(ma.audit(folder)).pixels.sum() == 2 * REFERENCE.size


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_command_writes_a_row_per_pair_of_classes(folder, tmp_path, ending):
    path = tmp_path / f"confusion.{ending}"
    done = CliRunner().invoke(app, ["audit", str(folder), "--confusion", str(path)])
    assert done.exit_code == 0, done.output
    table = pd.read_csv(path) if ending == "csv" else pd.read_parquet(path)
    row = table[(table.reference_id == 2) & (table.candidate_class == "road")]
    assert row[["reference", "candidate", "pixels", "share"]].values.tolist() == [
        ["gt", "model", 1, 0.5]
    ]
    assert "most confused: 2 called road 1 px (50.0% of 2)" in " ".join(done.output.split())


def test_another_ending_is_refused_in_words(folder, tmp_path):
    done = CliRunner().invoke(app, ["audit", str(folder), "--confusion", str(tmp_path / "c.xls")])
    assert done.exit_code != 0
    assert not (tmp_path / "c.xls").exists()
