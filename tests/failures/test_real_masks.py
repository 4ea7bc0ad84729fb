"""Real masks: what is known to be wrong with them leads the list."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

from napari_mask_audit.failures import (
    Bucket,
    FailureTable,
    dataset_counterfactuals,
    explain_sample,
)
from napari_mask_audit.failures.causes import CauseKind
from napari_mask_audit.failures.summary import summarise
from napari_mask_audit.readers import read_mask
from napari_mask_audit.settings import Settings
from realdata import DATA, needs

pytestmark = pytest.mark.realdata


def shares_add_up(found):
    for row in found.classes:
        assert row.overlap + sum(row.pixels.values()) == row.union
        assert sum(row.shares.values()) == pytest.approx(1 - row.iou, abs=1e-12)
    assert sum(f.pixels for f in found.findings) == found.table.wrong_pixels


@needs("camvid_road10")
def test_street_scenes_lead_with_poles_signs_and_road_against_pavement():
    folder = DATA / "camvid_road10"
    names = {int(k): v for k, v in json.loads((folder / "classes.json").read_text()).items()}
    rows = [
        explain_sample(
            read_mask(file),
            read_mask(folder / "pred_rf" / file.name),
            sample=file.stem,
            ignore_ids=frozenset({11}),
            name_of=names.get,
            with_causes=False,
        )
        for file in sorted((folder / "gt").glob("*.png"))
    ]
    assert len(rows) == 10
    for row in rows:
        shares_add_up(row)
    found = Counter(
        names[f.class_id] for row in rows for f in row.findings if f.bucket == "missed_small"
    )
    assert found.most_common(1)[0][0] == "Pole", found
    tables = [row.table for row in rows]
    lost = {
        names[row.id]: row.shares[Bucket.MISSED_SMALL] + row.shares[Bucket.MISSED_LARGE]
        for row in FailureTable.total(tables).classes({11})
    }
    assert max(lost, key=lost.get) == "Pole"
    assert lost["Pole"] > 0.2
    pairs = [
        {names[i] for i in row.repair.class_pair}
        for row in dataset_counterfactuals(tables, {11}, resampling=None)
        if row.repair.class_pair
    ]
    assert pairs[0] == {"Road", "Pavement"}
    assert {"Building", "SignSymbol"} in pairs[:3]  # signs are mistaken, not missed
    assert FailureTable.total(tables).pixels_in(Bucket.OVER_EXTENT) == 0  # nobody is background
    # What to do first is about signs, road against pavement, and poles: each by its own errors,
    # not the buildings that false signs and missed poles are on.
    advice = summarise(rows, Settings(resamples=100), {}, names.get, by_person=False).advice
    assert [{names[i] for i in row.class_ids} for row in advice[:3]] == [
        {"SignSymbol"}, {"Road", "Pavement"}, {"Pole"},
    ]  # fmt: skip


@needs("axondeepseg_sem_1")
@pytest.mark.parametrize("model", [1, 2])
def test_false_regions_lead_for_axons_of_the_poor_networks(model):
    folder = DATA / "axondeepseg_sem_1"
    found = explain_sample(
        read_mask(folder / "gt.png"),
        read_mask(folder / f"pred_model{model}.png"),
        background=0,
        with_causes=False,
    )
    shares_add_up(found)
    axon = next(row for row in found.classes if row.id == 2)
    assert max(axon.shares, key=axon.shares.get) is Bucket.FALSE_REGION
    assert sum(f.bucket == "false_region" for f in found.findings) > 300


@needs("sct_spinal_cord_3d")
def test_the_shifted_ids_of_the_rootlets_are_named():
    pytest.importorskip("nibabel")
    folder = DATA / "sct_spinal_cord_3d"
    found = explain_sample(
        read_mask(folder / "t2_seg-deepseg_rootlets-manual.nii.gz"),
        read_mask(folder / "t2_seg-deepseg_rootlets.nii.gz"),
        background=0,
    )
    shares_add_up(found)
    (cause,) = found.causes
    assert cause.kind is CauseKind.SHIFTED_IDS
    assert cause.evidence["shift"] == -1
    assert cause.evidence["pairs"] == [[5, 4], [6, 5]]
    assert cause.evidence["mean_iou_without"] > cause.evidence["mean_iou"]


@needs("sct_spinal_cord_3d")
def test_a_good_cord_segmentation_differs_by_its_boundary_only():
    pytest.importorskip("nibabel")
    folder = DATA / "sct_spinal_cord_3d"
    found = explain_sample(
        read_mask(folder / "t2_seg-manual.nii.gz"),
        read_mask(folder / "t2_seg-deepseg_sc-3d.nii.gz"),
        background=0,
    )
    assert found.table.pixels_in(Bucket.BOUNDARY) == found.table.wrong_pixels > 0
    assert [f.bucket for f in found.findings] == ["boundary"]
    assert found.causes == ()


@needs("panoptica_spine_3d")
def test_a_spine_with_flat_voxels_adds_up():
    pytest.importorskip("nibabel")
    folder = DATA / "panoptica_spine_3d"
    found = explain_sample(
        read_mask(folder / "semantic_ref.nii.gz"),
        read_mask(folder / "semantic_pred.nii.gz"),
        background=0,
        with_causes=False,
    )
    shares_add_up(found)
    assert np.isfinite(found.mean_iou)
