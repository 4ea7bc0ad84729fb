"""A dataset measured once and counted again with other thresholds."""

from __future__ import annotations

import json

import pytest

from napari_mask_audit.dataset import Dataset
from napari_mask_audit.failures import FailureThresholds, MeasuredDataset, explain_dataset
from napari_mask_audit.samples import sample_masks_path

TOWN = sample_masks_path()


@pytest.fixture
def reads(monkeypatch):
    found = []
    original = Dataset.read_mask

    def counting(self, sample, source):
        found.append((sample.name, source))
        return original(self, sample, source)

    monkeypatch.setattr(Dataset, "read_mask", counting)
    return found


def test_a_recount_is_the_explanation_with_these_thresholds_and_reads_no_mask(reads):
    dataset = Dataset.open(TOWN)
    pairs = [("gt", "model")]
    measured = MeasuredDataset(dataset, comparisons=pairs)
    seen = []
    measured.recount(progress=lambda *row: seen.append(row[:2]))
    assert seen[-1] == (12, 12)
    once = len(reads)
    assert once == len(set(reads)) > 0
    for thresholds in (
        FailureThresholds(tolerance=4, class_tolerances={4: 0.5}),
        FailureThresholds(missed_recall=0.5, small_area=60),
        FailureThresholds(split_part=None),
    ):
        found = measured.recount(thresholds)
        assert len(reads) == once
        settings = dataset.settings.replace(failures=thresholds)
        fresh = explain_dataset(dataset, settings=settings, comparisons=pairs)
        assert json.dumps(found.to_dict()) == json.dumps(fresh.to_dict())
        del reads[once:]


def test_samples_that_do_not_fit_in_memory_are_read_again(reads):
    measured = MeasuredDataset(TOWN, comparisons=[("gt", "model")], kept_bytes=0)
    first = measured.recount(with_causes=False)
    once = len(reads)
    again = measured.recount(with_causes=False)
    assert len(reads) == 2 * once
    assert json.dumps(first.to_dict()) == json.dumps(again.to_dict())
