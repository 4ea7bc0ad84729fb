"""Volumes: the worst slice of a finding, the strip of slices, and three dimensions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, Qt

from building import square
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.failures import Bucket
from napari_mask_audit.findings import Finding
from napari_mask_audit.gui import canvas, rooms
from napari_mask_audit.gui.explanation import explain_measured, measure_view
from napari_mask_audit.gui.outlines import FINDING_COLOR, outline_finding, worst_place
from napari_mask_audit.gui.sample_view import SampleView, load_sample_view
from napari_mask_audit.gui.slice_strip import SliceStrip
from realdata import DATA, needs

# A square that the candidate draws further right from slice to slice: 0, 10, 20, 30, 20, 0 pixels
# too few on the left, and as many too many on the right.
SHIFTS = (0, 1, 2, 3, 2, 0)


def volumes() -> tuple[np.ndarray, np.ndarray]:
    return (
        np.stack([square()] * len(SHIFTS)),
        np.stack([square(left=5 + by) for by in SHIFTS]),
    )


def finding(point: tuple[int, ...]) -> Finding:
    return Finding(
        id="f", sample="s", reference="gt", candidate="model", bucket=Bucket.BOUNDARY.value,
        class_id=1, other_class_id=0, pixels=160, bbox=((1, 5), (5, 15), (5, 18)), point=point,
        worth=0.1, explanation="", why_not_next="", suggested_tag=None,
    )  # fmt: skip


def view() -> SampleView:
    reference, candidate = volumes()
    return SampleView("s", ("gt", "model"), reference=reference, candidate=candidate)


def write_volumes(folder: Path) -> Path:
    for source, volume in zip(("gt", "model"), volumes(), strict=True):
        path = folder / "masks" / source / "v.tif"
        path.parent.mkdir(parents=True)
        tifffile.imwrite(path, volume)
    (folder / "dataset.toml").write_text(
        'background = 0\nspacing = [3.0, 0.5, 0.5]\nunit = "mm"\n'
        '[sources]\ngt = "reference"\nmodel = "prediction"\n'
    )
    return folder


def test_a_finding_is_looked_at_in_its_worst_slice() -> None:
    place = worst_place(view(), finding(point=(1, 7, 5)))
    assert place[0] == 3
    reference, candidate = volumes()
    assert reference[place] != candidate[place], "a wrong pixel to point at"
    assert worst_place(view(), finding(point=(3, 7, 6))) == (3, 7, 6), "it is there already"


def test_a_finding_is_outlined_in_each_of_its_slices() -> None:
    outlines = outline_finding(view(), finding((1, 7, 5)), hidden_ids={0}, inside=(3, 7, 6))
    mine = np.array([color == FINDING_COLOR for color in outlines.colors])
    assert set(outlines.segments[mine][:, 0, 0].tolist()) == {1.0, 2.0, 3.0, 4.0}


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("folder", "reference", "candidate"),
    [
        pytest.param(
            "sct_spinal_cord_3d", "t2_seg-manual.nii.gz", "t2_seg-deepseg_sc-3d.nii.gz",
            marks=needs("sct_spinal_cord_3d"),
        ),
        pytest.param(
            "panoptica_spine_3d", "semantic_ref.nii.gz", "semantic_pred.nii.gz",
            marks=needs("panoptica_spine_3d"),
        ),
        pytest.param(
            "lidc_nodules6_3d", "LIDC-IDRI-0001_n0/radiologist1.nii.gz",
            "LIDC-IDRI-0001_n0/radiologist2.nii.gz", marks=needs("lidc_nodules6_3d"),
        ),
    ],
)  # fmt: skip
def test_no_slice_of_a_real_finding_is_worse_than_the_one_shown(
    tmp_path: Path, folder: str, reference: str, candidate: str
) -> None:
    for source, name in (("gt", reference), ("model", candidate)):
        (tmp_path / "masks" / source).mkdir(parents=True)
        content = (DATA / folder / name).read_bytes()
        (tmp_path / "masks" / source / "v.nii.gz").write_bytes(content)
    (tmp_path / "dataset.toml").write_text(
        'background = 0\n[sources]\ngt = "reference"\nmodel = "prediction"\n'
    )
    dataset = Dataset.open(tmp_path)
    found = load_sample_view(dataset, dataset.samples[0], ("gt", "model"))
    explanation = explain_measured(dataset, measure_view(dataset, found))
    assert explanation is not None
    assert found.reference is not None
    assert found.candidate is not None
    differs = found.reference != found.candidate
    assert found.wrong_in_slices == tuple(np.count_nonzero(differs, axis=(1, 2)).tolist())
    for each in explanation.findings[:5]:
        if each.bucket != Bucket.CONFUSION.value:
            continue
        box = tuple(slice(low, high) for low, high in each.bbox)
        wrong = (found.reference[box] == each.class_id) & (
            found.candidate[box] == each.other_class_id
        )
        counts = np.count_nonzero(wrong, axis=(1, 2))
        assert counts[worst_place(found, each)[0] - box[0].start] == counts.max()


def test_the_strip_says_and_asks(qtbot: QtBot) -> None:
    strip = SliceStrip()
    qtbot.addWidget(strip)
    strip.show_counts((0, 20, 40, 60, 40, 0))
    strip.resize(120, 26)
    assert strip.isVisibleTo(None)
    assert strip.words(3) == "slice 3: 60 pixels differ"
    with qtbot.waitSignal(strip.slice_asked) as asked:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(70, 10))
    assert asked.args == [3]
    strip.show_slice(3)
    assert strip.words(3) == "slice 3 (shown): 60 pixels differ"
    strip.show_counts(())
    assert not strip.isVisibleTo(None)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_slices_and_three_dimensions_in_the_window(
    make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = make_napari_viewer_proxy()
    _, dock = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")
    room = dock.room
    room.open(write_volumes(tmp_path), reviewer="ann", store=str(tmp_path / "r.sqlite"))
    qtbot.waitUntil(lambda: bool(room.findings.findings), timeout=60000)
    seeing, layers = room.seeing, room.layers
    assert canvas.scale_bar(viewer).visible
    assert str(viewer.layers["disagreement"].units[0]) == "millimeter"
    dock.next_finding()
    qtbot.waitUntil(lambda: layers.at == (3,), timeout=20000)
    assert dock.sample.slices.words(3) == "slice 3 (shown): 60 pixels differ"
    seeing.go_to_slice(1)
    assert layers.at == (1,)
    seeing.next_worst_slice()
    assert layers.at == (3,)
    seeing.next_worst_slice()
    assert layers.at == (2,), "as bad as slice 4, and before it"

    camera = canvas.camera(viewer)
    camera.center, camera.zoom = (0.0, 4.0, 5.0), 33.0
    seeing.toggle_solid()
    assert viewer.dims.ndisplay == 3
    assert {"disagreement", "reference: gt"} <= {la.name for la in viewer.layers if la.visible}
    assert "image" not in {la.name for la in viewer.layers if la.visible}
    assert dock.footer.legend.words[:3] == ["reference", "candidate", "differs"]
    assert viewer.layers["disagreement"].get_color(3)[3] == 0
    seeing.toggle_solid()
    assert viewer.dims.ndisplay == 2
    assert layers.at == (2,)
    assert camera.zoom == pytest.approx(33.0)
    assert camera.center[-2:] == pytest.approx((4.0, 5.0))
    assert viewer.layers["disagreement"].get_color(3)[3] == 1
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)
