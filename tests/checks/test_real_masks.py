"""Clean masks by experts stay quiet, and known flaws in real data are named."""

import numpy as np
import pytest

from napari_mask_audit.checks import lint
from napari_mask_audit.dataset import Dataset
from realdata import DATA, needs

pytestmark = pytest.mark.realdata


def dataset(tmp_path, folder, text):
    top, _, rest = text.partition("[")
    root = (DATA / folder).as_posix()
    (tmp_path / "dataset.toml").write_text(f'{top}\n[files]\nroot = "{root}"\n[{rest}')
    return Dataset.open(tmp_path)


def found(data, **choices):
    """(code, source) and how many masks it concerns, without files that are simply absent."""
    counts: dict[tuple[str, str | None], int] = {}
    for finding in lint(data, ignore=["missing-partner"], **choices).findings:
        key = finding.code, finding.source
        counts[key] = counts.get(key, 0) + 1
    return counts


@needs("lidc_nodules6_3d")
def test_radiologists_masks_are_quiet(tmp_path):
    text = "[sources]\n" + "".join(
        f'radiologist{n} = {{ role = "annotator", masks = "{{sample}}/radiologist{n}.nii.gz" }}\n'
        for n in range(1, 5)
    )
    pytest.importorskip("nibabel")
    data = dataset(tmp_path, "lidc_nodules6_3d", text)
    assert len(data.samples) == 6
    assert found(data) == {}


@needs("bsds500_test20")
def test_region_maps_of_a_hundred_annotations_are_quiet(tmp_path):
    text = "[sources]\n" + "".join(
        f'ann{n} = {{ role = "annotator", masks = "annotators/ann{n}/{{sample}}.png" }}\n'
        for n in range(1, 8)
    )
    data = dataset(tmp_path, "bsds500_test20", text)
    assert sum(len(s.masks) for s in data.samples) == 104
    assert found(data) == {}


@needs("stardist_examples")
def test_nuclei_stop_a_pixel_before_the_edge(tmp_path):
    text = (
        'background = 0\ntask = "instance"\n'
        '[sources]\ngt = { role = "reference", masks = "mask2d.tif" }\n'
    )
    data = dataset(tmp_path, "stardist_examples", text)
    assert found(data) == {("MA304", "gt"): 2, ("MA305", "gt"): 1}


@needs("bubil_ds1_rat_smooth_muscle")
def test_copied_and_enlarged_expert_masks_are_named(tmp_path):
    text = (
        "[sources]\n"
        'gold = { role = "reference", masks = "gold/{sample}.png" }\n'
        'p2 = { role = "annotator", masks = "experts/Person2_Amira/{sample}.png" }\n'
        'p3 = { role = "annotator", masks = "experts/Person3_Amira/{sample}.png" }\n'
    )
    counts = found(dataset(tmp_path, "bubil_ds1_rat_smooth_muscle", text), select=["MA4", "MA7"])
    assert counts == {("MA703", "p2"): 1, ("MA401", "p3"): 6}


@needs("sct_spinal_cord_3d")
def test_a_manual_mask_that_is_a_networks_output_is_named(tmp_path):
    pytest.importorskip("nibabel")
    text = (
        "background = 0\n"
        '[sources]\nmanual = { role = "reference", masks = "{sample}_seg-manual.nii.gz" }\n'
        'sc2d = { role = "prediction", masks = "{sample}_seg-deepseg_sc-2d.nii.gz" }\n'
        'sc3d = { role = "prediction", masks = "{sample}_seg-deepseg_sc-3d.nii.gz" }\n'
    )
    assert found(dataset(tmp_path, "sct_spinal_cord_3d", text)) == {("MA703", "sc2d"): 1}


@needs("ade20k_sample3")
def test_polygons_that_stop_short_of_the_edge_are_found(tmp_path):
    text = '[sources]\nade = { role = "reference", masks = "annotations/{sample}.png" }\n'
    data = dataset(tmp_path, "ade20k_sample3", text)
    gaps = lint(data, select=["border-gap"]).findings
    assert len(gaps) == 6
    for gap in gaps:
        labels = data.read_mask(data.sample(gap.sample), "ade").labels
        for box in gap.places:
            cut = labels[tuple(slice(*side) for side in box)]
            assert np.count_nonzero(cut == 0) > cut.size / 2  # nothing is labelled in the gap
