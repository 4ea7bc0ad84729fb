"""Real annotators: numbers that were counted before this library existed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_mask_audit.agreement import Agreement, agree
from napari_mask_audit.settings import Settings
from realdata import DATA, needs

pytestmark = pytest.mark.realdata
QUICK = Settings(resamples=200)
PERSONS = [f"Person{n}_{tool}" for n in range(1, 6) for tool in ("Amira", "ImageJ")]


def opened(folder: Path, root: str, toml: str) -> Agreement:
    place = str(DATA / root).replace("\\", "/")
    (folder / "dataset.toml").write_text(toml.replace("ROOT", place), encoding="utf-8")
    return agree(folder / "dataset.toml", settings=QUICK)


def cells(folder: Path) -> Agreement:
    experts = "\n".join(f'{name} = "annotator"' for name in PERSONS)
    return opened(
        folder,
        "bubil_ds1_rat_smooth_muscle",
        f"""
background = 0
binary = true
[classes]
1 = "cell"
[sources]
gold = {{ role = "reference", masks = "gold/{{sample}}.png" }}
{experts}
[files]
root = "ROOT"
masks = "experts/{{source}}/{{sample}}.png"
""",
    )


@needs("bubil_ds1_rat_smooth_muscle")
def test_ten_experts_on_muscle_cells(tmp_path: Path) -> None:
    found = cells(tmp_path)
    pairs = [p for p in found.pairs if p.class_id == 1 and "gold" not in (p.first, p.second)]
    assert len(pairs) == 45
    assert np.mean([p.iou for p in pairs]) == pytest.approx(0.773, abs=5e-4)
    same = [p.iou for p in pairs if p.first.split("_")[0] == p.second.split("_")[0]]
    assert len(same) == 5
    assert np.mean(same) == pytest.approx(0.813, abs=5e-4)
    lowest = min(value for p in pairs for _, value in p.sample_ious)
    assert lowest == pytest.approx(0.553, abs=5e-4)
    copies = {(d.first, d.second): d.kind for d in found.duplicates}
    assert copies == {
        ("gold", "Person2_Amira"): "leak",
        ("gold", "Person2_ImageJ"): "leak",
        ("Person2_Amira", "Person2_ImageJ"): "copy",
    }


@needs("bubil_ds1_rat_smooth_muscle")
def test_the_crowd_against_gold(tmp_path: Path) -> None:
    found = opened(
        tmp_path,
        "bubil_ds1_rat_smooth_muscle",
        """
background = 0
binary = true
annotators_are_persons = false
[classes]
1 = "cell"
[sources]
gold = { role = "reference", masks = "gold/{sample}.png" }
"""
        + "\n".join(f'mturk{n} = "annotator"' for n in range(1, 8))
        + """
[files]
root = "ROOT"
masks = "crowd_aligned/{source}/{sample}.png"
""",
    )
    with_gold = [p for p in found.pairs if p.class_id == 1 and p.first == "gold"]
    ious = [value for p in with_gold for _, value in p.sample_ious]
    assert np.mean(ious) == pytest.approx(0.700, abs=5e-4)
    assert min(ious) == pytest.approx(0.338, abs=5e-4)
    assert found.annotators == ()
    assert "slot" in found.withheld


@needs("lidc_nodules6_3d")
def test_four_radiologists_on_nodules_in_3d(tmp_path: Path) -> None:
    pytest.importorskip("nibabel")
    found = opened(
        tmp_path,
        "lidc_nodules6_3d",
        """
background = 0
binary = true
annotators_are_persons = false
[classes]
1 = "nodule"
[files]
root = "ROOT"
masks = "{sample}/{source}.nii.gz"
""",
    )
    pairs = [p for p in found.pairs if p.class_id == 1]
    assert len(pairs) == 6
    assert np.mean([p.iou for p in pairs]) == pytest.approx(0.753, abs=5e-4)
    assert {p.samples for p in pairs} == {6}
    assert found.withheld
    assert found.ceiling[0].contests == ()


@needs("chase_db1_4")
def test_two_observers_of_vessels_cannot_be_ranked(tmp_path: Path) -> None:
    found = opened(
        tmp_path,
        "chase_db1_4",
        """
background = 0
binary = true
[classes]
1 = "vessel"
[sources]
obs1_1stHO = "annotator"
obs2_2ndHO = "annotator"
[files]
root = "ROOT"
masks = "{source}/{sample}.png"
""",
    )
    pair = found.pair("obs1_1stHO", "obs2_2ndHO", 1)
    assert all(0.63 < value < 0.70 for _, value in pair.sample_ious)
    assert pair.iou_interval.method == "points"
    assert any("not who of them is right" in note for note in found.notes)
    assert any("4 samples" in note for note in found.notes)
    assert not any(p.drift.alarm for p in found.annotators)


@needs("bsds500_test20")
def test_anonymous_region_maps_are_compared_as_objects_only(tmp_path: Path) -> None:
    found = opened(
        tmp_path,
        "bsds500_test20",
        'task = "instance"\nannotators_are_persons = false\n[sources]\n'
        + "\n".join(f'ann{n} = "annotator"' for n in range(1, 8))
        + '\n[files]\nroot = "ROOT"\nmasks = "annotators/{source}/{sample}.png"\n',
    )
    assert {p.class_id for p in found.pairs} == {None}
    assert all(np.isnan(p.iou) and 0 < p.instance_f1 < 1 for p in found.pairs)
    assert found.annotators == found.ceiling == found.triage == found.groups == ()
    assert "annotators_are_persons" in found.withheld
