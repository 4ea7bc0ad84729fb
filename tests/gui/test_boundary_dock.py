"""The boundary dock: numbers without Qt, panel both ways, and once in a real viewer."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QPoint, Qt

from building import make_dataset, square
from gui_squares import make_squares
from napari_mask_audit import compare
from napari_mask_audit.gui import canvas, rooms
from napari_mask_audit.gui.boundary_desk import BoundaryDesk
from napari_mask_audit.gui.boundary_form import BoundaryForm
from napari_mask_audit.gui.boundary_lists import BoundaryTable, StretchList, stretches_title
from napari_mask_audit.gui.boundary_view import BoundaryView, Spread, Subject, measure_boundaries
from napari_mask_audit.gui.boundary_words import offset_words, row_hint, stretch_text
from napari_mask_audit.gui.curve_plot import CurvePlot
from napari_mask_audit.gui.offset_histogram import BINS, OffsetHistogram, bin_edges
from napari_mask_audit.gui.stretch_outlines import outline_stretch, window_of
from napari_mask_audit.measuring import ClassRules
from napari_mask_audit.settings import Settings
from napari_mask_audit.status import Status

CORNER = math.sqrt(2) / 2  # weight of a corner of a square


def subject(reference: np.ndarray, candidate: np.ndarray, **changes: Any) -> Subject:
    made = Subject(
        "s",
        reference,
        candidate,
        ("gt", "model"),
        ClassRules({1: "cell", 2: "gland"}, background_id=0),
        (1.0,) * reference.ndim,
        "px",
        Settings(),
    )
    return replace(made, **changes)


def moved(by: int) -> Subject:
    return subject(square(), square(left=5 + by))


# -- numbers -----------------------------------------------------------------------------------


def test_the_curve_of_a_square_moved_by_one_is_counted_by_hand() -> None:
    view = measure_boundaries(moved(1), "surfel")
    # Each outline: 36 corners of weight 1 and 4 of √2/2. At distance 1: the whole outer edge
    # (9 + 2 corners) and the 9 inner places of the edge that lies within the other square; all
    # the rest lies on the other outline.
    total = 36 + 4 * CORNER
    off = 9 + 2 * CORNER + 9
    assert view.nsd(1, 0) == pytest.approx(1 - off / total)
    assert view.nsd(1, 0.999) == view.nsd(1, 0)
    assert view.nsd(1, 1) == 1
    assert view.nsd(None, 0) == view.nsd(1, 0)
    assert view.scores[1].boundary_offset == pytest.approx(0)
    # Half of what is off is off to either side.
    bars = view.histogram(1, np.array([-0.5, 0.5]))
    assert bars.tolist() == pytest.approx([off / total / 2, 1 - off / total, off / total / 2])


def test_both_sides_of_the_histogram_are_treated_alike() -> None:
    view = measure_boundaries(moved(2), "surfel")
    bars = view.histogram(1, np.array([-2.0, -1.0, 1.0, 2.0]))
    # Nothing is further off than two; what is one or two off is so to either side in equal parts.
    assert bars.tolist() == pytest.approx(bars[::-1].tolist())
    assert bars[0] == 0
    assert bars[1] > 0


def test_a_square_grown_by_two_is_two_outside() -> None:
    grown = square(top=3, left=3, side=14)
    view = measure_boundaries(subject(square(), grown), "surfel")
    score = view.scores[1]
    # Every place of the reference is 2 from the grown outline; of the latter the corners are √8.
    assert score.reference_offset == pytest.approx(2)
    assert score.candidate_offset > 2
    said = f"{score.boundary_offset:.1f} px outside gt (± {score.boundary_offset_sd:.1f})"
    assert offset_words(view, 1) == f"cell: model draws {said}"
    assert view.histogram(1, np.array([-0.5, 0.5])).tolist() == [0, 0, 1]
    shrunk = measure_boundaries(subject(grown, square()), "surfel")
    assert "px inside gt" in offset_words(shrunk, 1)
    assert shrunk.histogram(1, np.array([-0.5, 0.5])).tolist() == [1, 0, 0]


@pytest.mark.parametrize("convention", ["surfel", "voxel"])
def test_every_number_equals_that_of_compare(convention: Any) -> None:
    random = np.random.default_rng(5)
    pair = [
        np.kron(random.integers(0, 4, (9, 9)), np.ones((6, 6), int)).astype(np.uint8)
        for _ in range(2)
    ]
    tolerances = (0.0, 0.7, 1.5, 3.0)
    settings = Settings(tolerances=tolerances, convention=convention)
    spacing = (1.0, 0.7)
    view = measure_boundaries(
        subject(*pair, rules=ClassRules(ignore_ids=frozenset({3})), spacing=spacing), convention
    )
    scores = compare(*pair, ignore=[3], spacing=spacing, settings=settings)
    assert [row.id for row in scores.classes] == list(view.scores)
    for row in scores.classes:
        for tolerance, nsd in row.boundary.nsd:
            assert view.nsd(row.id, tolerance) == pytest.approx(nsd, nan_ok=True, abs=1e-12)
        for name in ("hd95", "assd", "boundary_offset", "boundary_offset_sd", "hd"):
            assert getattr(view.scores[row.id], name) == getattr(row.boundary, name)
        assert view.one_px_costs[row.id] == row.size_sensitivity


def test_undefined_is_a_dash_and_a_missed_class_counts_as_zero() -> None:
    reference = square()
    reference[0:2, 0:2] = 2
    view = measure_boundaries(
        subject(reference, square(), rules=ClassRules({1: "a", 2: "b", 3: "c"}, background_id=0)),
        "surfel",
    )
    rows = {row.name: row for row in view.rows(1)}
    assert [row.name for row in view.rows(1)] == ["b", "a", "c"]
    assert rows["b"].nsd == 0
    assert math.isinf(rows["b"].hd95)
    assert rows["b"].status is Status.CANDIDATE_EMPTY
    assert offset_words(view, 2) == "b: only in gt: missed by model"
    assert math.isnan(rows["c"].nsd)
    assert "in neither mask" in row_hint(view, rows["c"], 1)
    assert stretch_text(view, view.stretches(2, 1).worst[0]) == "b: 7 px long, missed as a whole"
    # All together: b's outline (4 + 4 corners of √2/2) is lost, a's (twice) is right.
    lost, right = 4 + 4 * CORNER, 2 * (36 + 4 * CORNER)
    assert view.nsd(None, 1) == pytest.approx(right / (right + lost))


def test_numbers_of_objects_do_not_matter() -> None:
    objects = square(value=7)
    rules = ClassRules(background_id=0, instances=True)
    view = measure_boundaries(subject(objects, square(value=9), rules=rules), "surfel")
    assert dict(view.names) == {1: "objects"}
    assert view.nsd(1, 0) == 1


def test_a_spread_reads_shares_and_quantiles() -> None:
    spread = Spread.of([[3.0, 1.0], [2.0]], [[1.0, 1.0], [2.0]])
    assert spread.within([0, 1, 2, 2.5, 3]).tolist() == [0, 0.25, 0.75, 0.75, 1]
    assert (spread.quantile(0.75), spread.quantile(1)) == (2, 3)
    assert math.isnan(float(Spread.of([], []).within(1)))


def test_the_outline_of_a_stretch_lies_on_the_boundary_that_is_off() -> None:
    view = measure_boundaries(moved(3), "surfel")
    (short,) = (s for s in view.stretches(1, 2.5).worst if not s.is_outside)
    outlines = outline_stretch(view, short)
    starts, steps = outlines.segments[:, 0], outlines.segments[:, 1]
    ends = starts + steps
    # The reference's left edge is x = 4.5, rows 4.5 to 14.5: 10 pixel edges, and one edge along
    # the top and bottom from each of its two corners.
    left = (starts[:, 1] == 4.5) & (ends[:, 1] == 4.5)
    assert left.sum() == 10
    assert {tuple(s) for s in starts[left]} == {(y + 0.5, 4.5) for y in range(4, 14)}
    rows, columns = window_of(view, short)
    assert rows.start == 0
    assert columns.stop == 20


# -- the panel, both ways ------------------------------------------------------------------------


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[BoundaryDesk]:
    desk = BoundaryDesk()
    yield desk
    desk.close()


def measured(desk: BoundaryDesk, qtbot: QtBot, about: Subject) -> BoundaryView:
    desk.measure(about)
    qtbot.waitUntil(lambda: desk.view is not None and desk.stretches is not None, timeout=20000)
    assert desk.view is not None
    return desk.view


def test_a_new_tolerance_is_read_off_at_once_and_the_stretches_follow(
    desk: BoundaryDesk, qtbot: QtBot
) -> None:
    table, stretches, form = BoundaryTable(desk), StretchList(desk), BoundaryForm(desk)
    for widget in (table, stretches, form.choices.native, form.layers.native):
        qtbot.addWidget(widget)
    view = measured(desk, qtbot, moved(3))
    assert stretches.count() == 2
    assert table.item(0, 0).text() == "cell"
    assert table.item(0, 1).text() == "0.50"
    assert table.item(1, 1).text() == "–"
    assert "in neither mask" in table.item(1, 1).toolTip()
    form.tolerance.value = 3.0
    assert desk.tolerance == 3
    assert table.item(0, 1).text() == "1.00"
    assert desk.view is view, "nothing is measured again"
    assert form.slider.value == 3
    qtbot.waitUntil(lambda: stretches.count() == 0, timeout=5000)
    assert stretches_title(view, desk) == "nothing is more than 3 px off"
    desk.set_tolerance(2.0)
    assert form.tolerance.value == 2
    assert form.slider.value == 2
    form.slider.value = 2.5
    assert desk.tolerance == 2.5
    desk.set_tolerance(80.0)
    assert form.tolerance.value == 80
    assert form.slider.value == form.slider.max == view.reach(None)


def test_classes_are_chosen_in_form_and_table(desk: BoundaryDesk, qtbot: QtBot) -> None:
    table, form = BoundaryTable(desk), BoundaryForm(desk)
    for widget in (table, form.choices.native, form.layers.native):
        qtbot.addWidget(widget)
    measured(desk, qtbot, moved(3))
    assert desk.class_id is None
    form.class_.value = 1
    assert desk.class_id == 1
    assert table.selectionModel().selectedRows()[0].row() == 0
    table.cellClicked.emit(1, 0)
    assert desk.class_id == 2
    assert form.class_.value == 2
    table.cellClicked.emit(1, 0)
    assert desk.class_id is None
    assert not table.selectionModel().hasSelection()
    assert form.class_.value == -1


def test_a_stale_measurement_never_shows(desk: BoundaryDesk, qtbot: QtBot) -> None:
    views: list[BoundaryView | None] = []
    desk.measured.connect(lambda: views.append(desk.view))
    for by in (1, 2, 3):
        desk.measure(moved(by))
    view = measured(desk, qtbot, moved(4))
    qtbot.wait(200)
    assert [v for v in views if v is not None] == [view]
    assert desk.view is view


def test_another_convention_measures_anew_and_back_is_there_already(
    desk: BoundaryDesk, qtbot: QtBot
) -> None:
    first = measured(desk, qtbot, moved(3))
    desk.set_convention("voxel")
    assert desk.view is None
    assert desk.is_measuring
    qtbot.waitUntil(lambda: desk.view is not None, timeout=20000)
    assert desk.view is not None
    assert desk.view.convention == "voxel"
    desk.set_convention("surfel")
    assert desk.view is first


def test_masks_of_two_sizes_are_an_error_and_no_numbers(desk: BoundaryDesk, qtbot: QtBot) -> None:
    errors: list[Any] = []
    desk.failed.connect(errors.append)
    desk.measure(subject(square(), square(size=30)))
    qtbot.waitUntil(lambda: bool(errors), timeout=20000)
    assert errors[0].code == "shape-mismatch"
    assert desk.view is None
    assert not desk.is_measuring


def test_stretches_are_walked_in_a_circle(desk: BoundaryDesk, qtbot: QtBot) -> None:
    stretches = StretchList(desk)
    qtbot.addWidget(stretches)
    assert not desk.next_stretch()
    measured(desk, qtbot, moved(3))
    walked = []
    for step in (1, 1, 1, -1):
        assert desk.next_stretch(step)
        walked.append((desk.index, stretches.currentRow()))
    assert walked == [(0, 0), (1, 1), (0, 0), (1, 1)]
    stretches.itemClicked.emit(stretches.item(1))
    assert desk.stretch is desk.stretches.worst[1]


def test_the_curve_is_clicked_and_read(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(360, 130)
    view = measure_boundaries(moved(3), "surfel")
    plot.show_curve(view.curves[1], reach=5.0, pixel=1.0, unit="px", band=None)
    area = plot._area()
    asked: list[float] = []
    plot.tolerance_asked.connect(asked.append)
    middle = QPoint(round(area.center().x()), round(area.center().y()))
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=middle)
    assert asked == [pytest.approx(2.5, abs=0.05)]
    assert plot.reading(1.0) == "within 1 px: 0.500"
    assert plot.tolerance_at(-50) == 0
    assert plot.tolerance_at(1000) == 5
    assert not plot.grab().isNull()


def test_bars_say_what_they_hold(qtbot: QtBot) -> None:
    bars = OffsetHistogram()
    qtbot.addWidget(bars)
    view = measure_boundaries(moved(3), "surfel")
    bars.show_offsets(view, 1, 5.0)
    assert float(bars.shares.sum()) == pytest.approx(1)
    assert len(bin_edges(5.0)) == 2 * BINS
    # ±3 px lies in the sixth bin of half a pixel to either side of the middle.
    assert bars.shares[BINS + 6] == pytest.approx(bars.shares[BINS - 6])
    assert bars.reading(BINS + 6).endswith("is 2.75 to 3.25 px outside")
    assert bars.reading(0) == "0.0% is 4.75 px or more inside"
    bars.show_offsets(None, None, 5.0)
    assert bars.reading(0) == ""
    assert not bars.grab().isNull()


# -- in a viewer ---------------------------------------------------------------------------------

PLUGIN, BOUNDARY = "napari-mask-audit", "Mask audit: boundary consistency"
PEOPLE = """
background = 0
[classes]
1 = "cell"
[settings]
tolerances = [2.0]
[sources]
gt = "reference"
model = "prediction"
ann = "annotator"
bob = "annotator"
cem = "annotator"
"""


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot) -> Iterator[Any]:
    yield make_napari_viewer_proxy()
    threads = "mask-audit"
    qtbot.waitUntil(
        lambda: not [t for t in threading.enumerate() if t.name.startswith(threads)], timeout=20000
    )
    assert rooms._ROOMS == {}


def open_dock(viewer: Any) -> Any:
    return viewer.window.add_plugin_dock_widget(PLUGIN, BOUNDARY)[1]


def wait_for_sample(qtbot: QtBot, dock: Any, sample: str) -> None:
    desk = dock.desk
    qtbot.waitUntil(
        lambda: (
            desk.view is not None
            and desk.view.subject.name == sample
            and desk.stretches is not None
        ),
        timeout=60000,
    )


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_the_dock_follows_the_review(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_squares(tmp_path / "squares")
    dock = open_dock(viewer)
    assert "Choose two Labels layers" in dock.panel.status.text()
    dock.room.open(folder, reviewer="ann", sample="s3")
    wait_for_sample(qtbot, dock, "s3")
    room = dock.room
    assert dock.panel.title.text() == "s3: gt ▸ model"
    assert dock.panel.form.layers.native.isHidden()
    assert dock.panel.table.item(0, 1).text() == "0.50"
    zoom = canvas.camera(viewer).zoom
    dock.next_stretch()
    assert canvas.camera(viewer).zoom != zoom
    assert len(viewer.layers["in view"].data) == 22
    dock.desk.set_tolerance(3.0)
    qtbot.waitUntil(lambda: dock.panel.stretches.count() == 0, timeout=5000)
    room.attempt(lambda: room.session.go_to("s1"))
    wait_for_sample(qtbot, dock, "s1")
    assert dock.panel.table.item(0, 1).text() == "1.00", "the tolerance stays"
    dock.copy_settings()
    assert "nothing was written" in dock.panel.status.text()
    assert (folder / "dataset.toml").read_text(encoding="utf-8").count("tolerances") == 0
    viewer.window.remove_dock_widget(dock)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_the_annotators_band(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    names = ["a", "b"]
    lefts = {"gt": 5, "model": 8, "ann": 5, "bob": 5, "cem": 6}
    masks = {s: {n: square(left=left) for n in names} for s, left in lefts.items()}
    dock = open_dock(viewer)
    dock.room.open(make_dataset(tmp_path, masks, PEOPLE), reviewer="ann", sample="a")
    wait_for_sample(qtbot, dock, "a")
    assert dock.desk.tolerance == 2
    assert dock.desk.class_id == 1, "the only class is the one to look at"
    assert not dock.panel.band.isHidden()
    dock.panel.band.click()
    assert dock.panel.band.text() == "Cancel (0 of 2)"
    qtbot.waitUntil(lambda: dock.desk.band is not None, timeout=60000)
    assert dock.panel.band.text() == "Human band"
    # Cem draws everything one pixel to the right of the two others: 1 at a pixel, less below.
    band = dock.desk.band
    assert band.annotators_low[band.tolerances.index(1.0)] == 1
    assert band.annotators_low[0] < band.annotators_high[0]
    assert "annotators 1.000 to 1.000" in dock.panel.curve.reading(1.0)
    assert dock.panel.legend.words == [
        "NSD", "tolerance, mean offset", "annotators", "inside", "fits", "outside"
    ]  # fmt: skip
    qtbot.waitUntil(lambda: dock.desk.stretches is not None, timeout=20000)
    assert dock.desk.next_stretch()
    assert dock.panel.legend.words[-1] == "stretch"
    viewer.window.remove_dock_widget(dock)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_any_two_layers_without_a_dataset(viewer: Any, qtbot: QtBot) -> None:
    first = viewer.add_labels(square(), name="first", scale=(2, 2), translate=(10, 0))
    viewer.add_labels(square(left=8), name="second", scale=(2, 2), translate=(10, 0))
    dock = open_dock(viewer)
    assert dock.panel.form.reference.value == first
    dock.panel.measure_layers.click()
    qtbot.waitUntil(lambda: dock.panel.stretches.count() == 2, timeout=20000)
    assert dock.panel.title.text() == "first ▸ second"
    assert dock.desk.tolerance == 2, "one pixel"
    assert dock.desk.view.scores[1].hd == 6, "three pixels of two"
    dock.next_stretch()
    lines = viewer.layers["boundary: stretch"]
    assert len(lines.data) == 22
    assert lines.translate.tolist() == [10, 0]
    box = dock.desk.stretch.box
    middle = (box[0].start + box[0].stop - 1) / 2
    assert canvas.camera(viewer).center[1] == pytest.approx(10 + 2 * middle)
    viewer.window.remove_dock_widget(dock)
    assert "boundary: stretch" not in viewer.layers
