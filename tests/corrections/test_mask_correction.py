"""Correcting without a window: the repairs of the dock in Python, and the list of corrections."""

from __future__ import annotations

import csv
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from building import make_dataset, square
from napari_mask_audit import Dataset
from napari_mask_audit.corrections import (
    MAJORITY,
    Draft,
    MaskCorrection,
    correction_lines,
    drafts_folder,
    export_corrections,
    keep_draft,
    recover,
)
from napari_mask_audit.corrections.leftovers import RESTING_S
from napari_mask_audit.errors import AuditError, DatasetError, MaskError, SettingsError
from napari_mask_audit.readers import read_mask
from napari_mask_audit.review.store import ReviewStore

TOML = """
background = 0
[classes]
1 = "cell"
[sources]
gt = "reference"
model = "prediction"
ann = "annotator"
bob = "annotator"
cem = "annotator"
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReviewStore]:
    with ReviewStore.open(tmp_path / "review.sqlite", dataset_key="d") as opened:
        yield opened


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """A square of 10 x 10 that the model has 3 px too far right, with a speck of its own."""
    model = square(left=8)
    model[0:2, 0:2] = 1
    masks = {
        "gt": square(),
        "model": model,
        "ann": square(left=6),
        "bob": square(left=6),
        "cem": square(left=2),
    }
    return Dataset.open(
        make_dataset(tmp_path / "d", {source: {"a": mask} for source, mask in masks.items()}, TOML)
    )


def number_of(correction: MaskCorrection, bucket: str) -> int:
    return [finding.bucket for finding in correction.findings].index(bucket) + 1


def test_every_finding_taken_from_the_reference_makes_it_the_reference(dataset: Dataset) -> None:
    correction = MaskCorrection(dataset, "a")
    assert (correction.source, correction.pair) == ("model", ("gt", "model"))
    changed = [correction.take_finding(n + 1, "gt") for n in range(len(correction.findings))]
    assert sum(changed) == correction.pixels == 3 * 10 * 2 + 4
    np.testing.assert_array_equal(correction.labels, square())
    assert dataset.read_mask(dataset.sample("a"), "model").labels[0, 0] == 1, "that file stays"


def test_a_place_is_taken_from_the_majority(dataset: Dataset) -> None:
    correction = MaskCorrection(dataset, "a")
    assert correction.take_everything(MAJORITY) == 2 * 10 * 2 + 4
    np.testing.assert_array_equal(correction.labels, square(left=6))


def test_growing_takes_what_is_around_too(dataset: Dataset) -> None:
    # What the model lacks at the left are three columns; Cem's square ends at the twelfth.
    left = number_of(MaskCorrection(dataset, "a"), "under_extent")
    plain, grown = (MaskCorrection(dataset, "a") for _ in range(2))
    plain.take_finding(left, "cem")
    grown.take_finding(left, "cem", grow_px=3)
    assert (plain.labels[10, 4], grown.labels[10, 4]) == (0, 1)
    assert grown.pixels > plain.pixels


def test_a_speck_is_removed(dataset: Dataset) -> None:
    correction = MaskCorrection(dataset, "a")
    speck = number_of(correction, "false_region")
    assert correction.tidy_finding(speck) == 4
    np.testing.assert_array_equal(correction.labels, square(left=8))
    with pytest.raises(SettingsError, match=r"no hole .* no speck .*\[nothing-to-tidy\]"):
        correction.tidy_finding(number_of(correction, "under_extent"))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda c: c.take_finding(9, "gt"), "no-such-finding"),
        (lambda c: c.take_finding(0, "gt"), "no-such-finding"),
        (lambda c: c.take_finding(1, "nobody"), "no-such-source"),
    ],
)
def test_what_is_not_there_is_an_error_and_changes_nothing(
    dataset: Dataset, act: object, code: str
) -> None:
    correction = MaskCorrection(dataset, "a")
    with pytest.raises(AuditError) as caught:
        act(correction)
    assert (caught.value.code, correction.pixels) == (code, 0)


def test_a_source_that_is_not_compared_and_a_mask_of_another_size(tmp_path: Path) -> None:
    masks = {"gt": {"a": square()}, "model": {"a": square(left=8)}, "ann": {"a": square(size=24)}}
    toml = TOML.replace('bob = "annotator"\ncem = "annotator"\n', "")
    dataset = Dataset.open(make_dataset(tmp_path / "d", masks, toml))
    with pytest.raises(DatasetError, match="no-such-source"):
        MaskCorrection(dataset, "a", "nobody")
    with pytest.raises(MaskError, match="shape-mismatch"):
        MaskCorrection(dataset, "a").take_everything("ann")
    with pytest.raises(DatasetError, match="no majority"):
        MaskCorrection(dataset, "a").take_everything(MAJORITY)


def test_objects_keep_their_numbers_where_they_lie_on_one(tmp_path: Path) -> None:
    reference, model = np.zeros((2, 40, 40), np.uint16)
    reference[5:15, 5:15], reference[5:15, 25:35], reference[25:35, 5:15] = 7, 8, 9
    model[5:15, 8:18], model[5:15, 25:35] = 1, 2
    masks = {"gt": {"a": reference}, "model": {"a": model}}
    dataset = Dataset.open(make_dataset(tmp_path / "d", masks, 'task = "instance"\n'))
    correction = MaskCorrection(dataset, "a")
    correction.take_everything("gt")
    expected = model * 0
    expected[5:15, 5:15], expected[5:15, 25:35], expected[25:35, 5:15] = 1, 2, 3
    np.testing.assert_array_equal(correction.labels, expected)


def test_it_is_saved_and_recorded_as_by_the_dock(dataset: Dataset, store: ReviewStore) -> None:
    correction = MaskCorrection(dataset, "a")
    with pytest.raises(SettingsError, match="nothing-changed"):
        correction.save(store, "ann")
    correction.take_finding(1, "gt")
    path, recorded = correction.save(store, "ann", "off by three")
    assert path == dataset.folder / "masks" / "corrected" / "a.png"
    np.testing.assert_array_equal(read_mask(path).labels, correction.labels)
    assert (recorded.pixels, recorded.reason) == (correction.pixels, "off by three")
    assert recorded.finding == correction.findings[0].id
    again = MaskCorrection(Dataset.open(dataset.folder), "a")
    again.take_everything("gt")
    with pytest.raises(DatasetError, match="already-corrected"):
        again.save(store, "ann")
    again.save(store, "ben", "all of it", replaces_earlier=True)
    lines = correction_lines(Dataset.open(dataset.folder), store)
    assert [(line.state, line.correction.reviewer) for line in lines] == [
        ("replaced", "ann"), ("in force", "ben")
    ]  # fmt: skip


def test_unsaved_work_of_the_dock_is_not_overwritten(dataset: Dataset, store: ReviewStore) -> None:
    drafts = drafts_folder(dataset.folder, store.name)
    draft = Draft(dataset_key="d", reviewer="ann", sample="a", source="model", before="")
    keep_draft(drafts, draft, square())
    correction = MaskCorrection(dataset, "a")
    correction.take_everything("gt")
    with pytest.raises(DatasetError, match="unsaved-work"):
        correction.save(store, "ann")
    correction.save(store, "ben")


def test_the_list_says_what_became_of_every_correction(
    dataset: Dataset, store: ReviewStore, tmp_path: Path
) -> None:
    assert correction_lines(dataset, None) == ()
    correction = MaskCorrection(dataset, "a")
    correction.take_everything("gt")
    path, _ = correction.save(store, "ann", "=SUM(A1)")

    def states() -> list[str]:
        return [line.state for line in correction_lines(Dataset.open(dataset.folder), store)]

    assert states() == ["in force"]
    table, tree = tmp_path / "c.csv", tmp_path / "c.json"
    lines = correction_lines(Dataset.open(dataset.folder), store)
    assert export_corrections(lines, table) == export_corrections(lines, tree) == 1
    with table.open(newline="") as file:
        assert next(csv.DictReader(file))["reason"] == "'=SUM(A1)"
    assert json.loads(tree.read_text())["corrections"][0]["reason"] == "=SUM(A1)"
    with pytest.raises(SettingsError, match="export-suffix"):
        export_corrections(lines, tmp_path / "c.xlsx")
    content = path.read_bytes()
    path.write_bytes((dataset.folder / "masks" / "model" / "a.png").read_bytes())
    assert states() == ["changed since"]
    path.unlink()
    assert states() == ["gone"]
    path.write_bytes(content)
    with ReviewStore.open(tmp_path / "other.sqlite", dataset_key="d") as other:
        (line,) = correction_lines(Dataset.open(dataset.folder), other)
    assert (line.state, line.file) == ("not recorded", "masks/corrected/a.png")


def test_half_written_files_go_at_the_next_opening(dataset: Dataset, store: ReviewStore) -> None:
    drafts = drafts_folder(dataset.folder, store.name)
    corrected = dataset.folder / "masks" / "corrected"
    left = [
        corrected / ".a.4711.new.png",
        corrected / ".earlier" / ".a.4711.part.png",
        drafts / ".a-0123456789abcdef.draft.npz.k3j_9x2q",
    ]
    kept = [corrected / ".hidden.png", drafts / "notes.txt", corrected / ".b.12.new.png"]
    for path in (*left, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    old = time.time() - RESTING_S - 60
    for path in (*left, *kept[:2]):
        os.utime(path, (old, old))
    found = recover(dataset, store, drafts=drafts, dataset_key="d", reviewer="ann")
    assert found.removed == 3
    assert found.sentences == ("3 half-written files of an interrupted save removed",)
    assert [path.exists() for path in (*left, *kept)] == [False] * 3 + [True] * 3
