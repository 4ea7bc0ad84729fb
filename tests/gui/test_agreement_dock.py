"""The agreement dock: its values without Qt, its table and panel with Qt, the whole in a viewer."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from building import make_dataset, square
from napari_mask_audit.agreement import Agreement, agree
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.errors import DatasetError, MaskError
from napari_mask_audit.gui import canvas, rooms
from napari_mask_audit.gui.agreement_maps import pair_map, vote_map
from napari_mask_audit.gui.agreement_matrix import MatrixModel
from napari_mask_audit.gui.agreement_panel import AgreementPanel
from napari_mask_audit.gui.agreement_view import METRICS, classes_in, matrix_of, metrics_of
from napari_mask_audit.gui.agreement_words import (
    cards_of,
    conflict_stops,
    pair_scores,
    triage_ranks,
    triage_stops,
)
from napari_mask_audit.gui.shades import DIVERGING, SEQUENTIAL, contrast, shade, text_color

PLUGIN, DOCK, REVIEW = "napari-mask-audit", "Mask audit: agreement", "Mask audit: review"
TOML = """
name = "three opinions"
background = 0
[classes]
1 = "cell"
2 = "gland"
[sources]
gt = "reference"
model = "prediction"
ann = "annotator"
bob = "annotator"
cat = "annotator"
"""
BY = {metric.key: metric for metric in METRICS}


def make_opinions(folder: Path) -> Path:
    """Squares of 10 × 10: gt = ann = bob, cat moves right by k in sample sk, model by 3.

    IoU of a square moved by k: (10 - k) / (10 + k). Nobody draws a gland.
    """
    names = [f"s{k}" for k in range(3)]
    masks: dict[str, dict[str, np.ndarray]] = {
        source: {name: square() for name in names} for source in ("gt", "ann", "bob")
    }
    masks["cat"] = {name: square(left=5 + k) for k, name in enumerate(names)}
    masks["model"] = {name: square(left=8) for name in names}
    make_dataset(folder, masks, TOML)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_opinions(tmp_path_factory.mktemp("opinions"))


@pytest.fixture(scope="module")
def agreement(folder: Path) -> Agreement:
    return agree(folder)


def names(class_id: int) -> str:
    return {0: "background", 1: "cell", 2: "gland"}[class_id]


# -- without Qt ------------------------------------------------------------------------------------


def test_the_matrix_holds_the_mean_of_the_samples(agreement: Agreement) -> None:
    matrix = matrix_of(agreement, BY["iou"], 1)
    assert matrix.names == ("gt", "model", "ann", "bob", "cat")
    ann, cat = matrix.names.index("ann"), matrix.names.index("cat")
    expected = (1 + 9 / 11 + 8 / 12) / 3
    assert matrix.cells[ann][cat].value == pytest.approx(expected)
    assert matrix.cells[cat][ann].value == pytest.approx(expected)
    assert matrix.text(ann, cat) == ".83"
    assert matrix.text(ann, ann) == ""
    assert matrix.text(0, ann) == "1"
    assert "lowest IoU: s2" in matrix.cells[ann][cat].hint


def test_an_undefined_cell_is_a_dash_and_says_why(agreement: Agreement) -> None:
    matrix = matrix_of(agreement, BY["dice"], 2)
    assert matrix.text(0, 1) == "–"
    assert matrix.shades(0, 1) is None
    assert "neither has the class in any of the 3 samples" in matrix.cells[0][1].hint


def test_the_offset_turns_with_row_and_column(agreement: Agreement) -> None:
    matrix = matrix_of(agreement, BY["near_boundary_offset"], 1)
    for row in range(5):
        for column in range(5):
            if row != column:
                there, back = matrix.cells[row][column].value, matrix.cells[column][row].value
                assert there == pytest.approx(-back, abs=1e-12)
    assert matrix.low == -matrix.high
    assert "draws" in matrix.cells[0][4].hint


def test_kappa_is_never_first_and_says_why() -> None:
    assert METRICS[0].key == "iou"
    assert METRICS[-1].key == "kappa"
    assert "background" in METRICS[-1].hint


def test_numbers_read_on_every_shade() -> None:
    for ramp in (SEQUENTIAL, DIVERGING):
        for value in np.linspace(0, 1, 101):
            background = shade(float(value), 0.0, 1.0, ramp)
            assert contrast(background, text_color(background)) >= 4.5


def test_shades_grow_lighter_all_the_way() -> None:
    colors = [shade(float(value), 0.0, 1.0) for value in np.linspace(0, 1, 41)]
    against_black = [contrast(color, "#000000") for color in colors]
    assert against_black == sorted(against_black)


def test_cards_say_the_habit_without_the_name(agreement: Agreement) -> None:
    cards = {card.name: card for card in cards_of(agreement, 1)}
    assert set(cards) == {"ann", "bob", "cat"}
    habit, numbers = cards["ann"].lines[0]
    assert habit.startswith("draws cell without a bias")
    assert "covers 3 of 3 objects" in numbers


def test_the_queue_of_a_pair_and_of_the_triage(agreement: Agreement) -> None:
    scores = pair_scores(agreement, ("cat", "ann"), 1)
    assert scores == {name: pytest.approx((10 - k) / (10 + k)) for k, name in enumerate(
        ("s0", "s1", "s2"))}  # fmt: skip
    assert pair_scores(agreement, ("cat", "nobody"), 1) == {}
    (triage,) = agreement.triage
    assert set(triage_ranks(triage, "model")) == {"s0", "s1", "s2"}
    stops = triage_stops(triage, "model", names)
    assert stops[0].pair == ("gt", "model")
    assert stops[0].words.startswith("model: ")
    ranks = triage_ranks(triage, "model")
    assert ranks[stops[0].place.sample] == 0
    assert conflict_stops(agreement, names) == []


def test_the_map_of_votes(folder: Path) -> None:
    dataset = Dataset.open(folder)
    assert vote_map(dataset, "s0").pixels.max() == 0
    found = vote_map(dataset, "s1")
    split = -(2 / 3) * math.log2(2 / 3) - (1 / 3) * math.log2(1 / 3)
    assert np.unique(found.pixels) == pytest.approx([0, split])
    assert (found.pixels > 0).sum() == 20, "a column lost and a column won"
    against = vote_map(dataset, "s1", "against")
    assert against.pixels.max() == 1
    assert against.ends == ("none against", "1 of 3 against")


def test_the_map_of_a_pair_needs_both_masks(folder: Path, tmp_path: Path) -> None:
    assert set(np.unique(pair_map(Dataset.open(folder), "s2", ("ann", "cat")).pixels)) >= {1, 2, 3}
    other = make_opinions(tmp_path)
    (other / "masks" / "cat" / "s2.png").unlink()
    with pytest.raises(MaskError, match="no mask from cat"):
        pair_map(Dataset.open(other), "s2", ("ann", "cat"))


def test_objects_have_no_votes(tmp_path: Path) -> None:
    folder = make_opinions(tmp_path)
    text = (folder / "dataset.toml").read_text()
    (folder / "dataset.toml").write_text('task = "instance"\n' + text)
    with pytest.raises(DatasetError, match="no votes to count"):
        vote_map(Dataset.open(folder), "s0")


# -- the table and the panel -----------------------------------------------------------------------


def test_the_model_is_a_model(qtmodeltester: ModelTester, agreement: Agreement) -> None:
    model = MatrixModel()
    model.set_matrix(matrix_of(agreement, BY["iou"], 1))
    qtmodeltester.check(model)
    diagonal, cell = model.index(1, 1), model.index_of(("ann", "cat"))
    assert model.flags(diagonal) == Qt.ItemFlag.NoItemFlags
    assert diagonal.data() == ""
    assert cell.data() == ".83"
    assert cell.data(Qt.ItemDataRole.BackgroundRole).name() != "#000000"
    assert model.headerData(4, Qt.Orientation.Vertical) == "cat"
    assert not model.index_of(("ann", "nobody")).isValid()
    model.set_matrix(None)
    assert model.rowCount() == 0


@pytest.fixture
def panel(qtbot: QtBot, agreement: Agreement) -> AgreementPanel:
    panel = AgreementPanel()
    qtbot.addWidget(panel)
    panel.resize(380, 900)
    panel.show_agreement(agreement, names)
    panel.show()
    return panel


def test_a_click_on_a_cell_chooses_the_pair(qtbot: QtBot, panel: AgreementPanel) -> None:
    index = panel.model.index_of(("ann", "cat"))
    place = panel.table.visualRect(index).center()
    with qtbot.waitSignal(panel.pair_chosen) as chosen:
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["ann", "cat"]
    diagonal = panel.table.visualRect(panel.model.index(2, 2)).center()
    with qtbot.assertNotEmitted(panel.pair_chosen):
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=diagonal)


def test_class_and_metric_are_chosen_above(qtbot: QtBot, panel: AgreementPanel) -> None:
    assert [panel.class_choice.itemText(n) for n in range(3)] == ["all classes", "cell", "gland"]
    assert panel.class_id is None
    panel.class_choice.setCurrentIndex(2)
    panel.class_choice.activated.emit(2)
    assert panel.model.index_of(("ann", "cat")).data() == "–"
    assert "Nobody" in panel.cards.reason.text() or panel.cards.cards
    panel.class_choice.setCurrentIndex(1)
    kappa = panel.metric_choice.findText("kappa")
    assert kappa == panel.metric_choice.count() - 1
    panel.metric_choice.setCurrentIndex(kappa)
    panel.metric_choice.activated.emit(kappa)
    assert panel.chosen_metric is BY["kappa"]
    assert 0 < float(panel.model.index_of(("ann", "cat")).data()) < 1
    assert "background" in panel.metric_choice.toolTip()


def test_the_sentences_are_there(panel: AgreementPanel, agreement: Agreement) -> None:
    assert "ann and bob are identical on all 3 samples" in panel.copies.text()
    assert "gt and ann are identical" in panel.copies.text()
    assert {card.name.text() for card in panel.cards.cards} == {"ann", "bob", "cat"}
    assert "annotator reaches" in panel.ceiling.text()
    assert "samples" in panel.notes.text()
    assert classes_in(agreement) == (1, 2)
    assert metrics_of(agreement) == METRICS


def test_the_order_buttons_list_places(qtbot: QtBot, panel: AgreementPanel) -> None:
    (box,) = panel.triage_boxes
    with qtbot.waitSignal(panel.order_chosen) as chosen:
        box.buttons["model"].click()
    assert chosen.args[1] == "model"
    assert box.places.list.count() == len(box.places.stops) > 0
    with qtbot.waitSignal(panel.stop_chosen) as walked:
        box.places.next.click()
    assert walked.args[0] is box.places.stops[0]


def test_withheld_profiles_say_why(qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_opinions(tmp_path)
    text = (folder / "dataset.toml").read_text()
    (folder / "dataset.toml").write_text("annotators_are_persons = false\n" + text)
    panel = AgreementPanel()
    qtbot.addWidget(panel)
    panel.show_agreement(agree(folder), names)
    assert panel.cards.cards == []
    assert "slot that different people fill" in panel.cards.reason.text()
    assert panel.conflicts.text().startswith("Withheld")


def test_names_and_digits_fit_a_narrow_dock(qtbot: QtBot, tmp_path: Path) -> None:
    sources = [f"annotator_with_a_long_name_{n}" for n in range(12)]
    masks = {source: {"s0": square(left=n)} for n, source in enumerate(sources)}
    make_dataset(tmp_path, masks, "background = 0\n[sources]\n" + "".join(
        f'{source} = "annotator"\n' for source in sources))  # fmt: skip
    panel = AgreementPanel()
    qtbot.addWidget(panel)
    panel.resize(360, 1000)
    panel.show_agreement(agree(tmp_path), str)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: panel.table.horizontalHeader().height() > 60)
    assert panel.minimumSizeHint().width() <= 360
    assert panel.table.horizontalScrollBar().maximum() == 0
    assert panel.table.verticalScrollBar().maximum() == 0


# -- in a viewer -----------------------------------------------------------------------------------


def our_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("mask-audit")]


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot) -> Iterator[Any]:
    yield make_napari_viewer_proxy()
    qtbot.waitUntil(lambda: not our_threads(), timeout=20000)
    assert rooms._ROOMS == {}


def open_both(viewer: Any, qtbot: QtBot, folder: Path) -> tuple[Any, Any]:
    _, review = viewer.window.add_plugin_dock_widget(PLUGIN, REVIEW)
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, DOCK)
    assert dock.room is review.room
    assert not dock.panel.compare.isEnabled()
    dock.room.open(folder, reviewer="ann")
    settle(qtbot, dock)
    return review, dock


def settle(qtbot: QtBot, dock: Any) -> None:
    room = dock.room
    qtbot.waitUntil(lambda: room.session is not None and room.view is not None, timeout=60000)
    qtbot.waitUntil(lambda: room.view is not None and room.view.sample == room.session.current)


def compare(qtbot: QtBot, dock: Any) -> None:
    dock.panel.compare.click()
    assert not dock.panel.compare.isEnabled()
    qtbot.waitUntil(lambda: dock.agreement is not None, timeout=60000)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_from_comparing_to_a_consensus(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_opinions(tmp_path / "data")
    review, dock = open_both(viewer, qtbot, folder)
    compare(qtbot, dock)
    assert "3 samples, 3 pairs of annotators" in dock.panel.status.text()

    # A pair that the review does not compare gets a layer of its own, and the queue is its own.
    dock.panel.pair_chosen.emit("ann", "cat")
    assert dock.room.session.samples == ["s2", "s1", "s0"]
    assert dock.room.session.current == "s2"
    assert review.queue.order.currentText() == "worst first: ann ↔ cat"
    qtbot.waitUntil(lambda: "ann ↔ cat" in viewer.layers, timeout=20000)
    settle(qtbot, dock)
    assert set(np.unique(viewer.layers["ann ↔ cat"].data)) >= {0, 1, 2, 3}
    assert not viewer.layers["disagreement"].visible
    on_canvas = dock.room.seeing.canvas_legend._overlay
    assert "blue: ann, orange: cat" in on_canvas.text
    dock.room.session.go_to("s0")
    qtbot.waitUntil(lambda: not {1, 2} & set(np.unique(viewer.layers["ann ↔ cat"].data)))
    dock.panel.legend.end.click()
    assert "ann ↔ cat" not in viewer.layers
    assert viewer.layers["disagreement"].visible
    assert "blue: reference" in on_canvas.text

    # A pair that it compares becomes the review's comparison.
    dock.panel.pair_chosen.emit("cat", "gt")
    assert dock.room.pair == ("gt", "cat")
    assert review.header.pair.currentText() == "gt ▸ cat"

    # Votes follow the sample.
    dock.room.session.go_to("s1")
    dock.panel.votes.setChecked(True)
    qtbot.waitUntil(lambda: "votes: entropy in bits" in viewer.layers, timeout=20000)
    assert viewer.layers["votes: entropy in bits"].data.max() > 0.9
    assert dock.panel.vote_scale.low.text() == "all agree"
    dock.panel.votes.setChecked(False)
    assert "votes: entropy in bits" not in viewer.layers

    # A consensus is a new source; what exists stays as it is.
    asked: list[str] = []
    dock.confirm = lambda text: not asked.append(text)
    before = {path: path.read_bytes() for path in (folder / "masks").rglob("*.png")}
    dock.panel.write.click()
    qtbot.waitUntil(lambda: "3 masks of the new source" in dock.panel.status.text(), timeout=20000)
    assert str(folder / "masks" / "consensus-majority") in asked[0]
    assert len(list((folder / "masks" / "consensus-majority").glob("*.png"))) == 3
    assert {path: path.read_bytes() for path in before} == before

    # Another dataset: nothing of this one stays.
    other = make_opinions(tmp_path / "other")
    dock.room.open(other, reviewer="ann")
    qtbot.waitUntil(lambda: dock.agreement is None, timeout=20000)
    assert dock.panel.model.rowCount() == 0
    settle(qtbot, dock)
    viewer.window.remove_dock_widget(dock)
    assert len(rooms._ROOMS) == 1, "the review is still there"
    viewer.window.remove_dock_widget(review)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_walking_to_a_place_and_cancelling(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, DOCK)
    assert not dock.open.isHidden(), "without a dataset there is a way to open one"
    dock.room.open(make_opinions(tmp_path), reviewer="ann")
    settle(qtbot, dock)
    dock.panel.compare.click()
    dock.panel.cancel.click()
    assert dock.panel.status.text() == "Cancelled."
    assert dock.panel.compare.isEnabled()
    compare(qtbot, dock)
    dock.panel.triage_boxes[0].buttons["labels"].click()
    (box,) = dock.panel.triage_boxes
    stop = box.places.stops[-1]
    box.places.list.setCurrentRow(len(box.places.stops) - 1)
    box.places.wanted.emit(stop)
    settle(qtbot, dock)
    qtbot.waitUntil(lambda: dock._wanted is None, timeout=20000)
    assert dock.room.session.current == stop.place.sample
    center = canvas.camera(viewer).center
    assert abs(center[-1] - (stop.place.start[1] + stop.place.stop[1] - 1) / 2) < 13
    viewer.window.remove_dock_widget(dock)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_a_cell_leads_to_a_sample_of_that_pair_and_a_missing_mask_is_no_popup(
    viewer: Any, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cat has no mask of s0, which the review puts first because of that."""
    shown: list[str] = []
    monkeypatch.setattr("napari_mask_audit.gui.agreement_dock.show_error", shown.append)
    folder = make_opinions(tmp_path)
    (folder / "masks" / "cat" / "s0.png").unlink()
    review, dock = open_both(viewer, qtbot, folder)
    compare(qtbot, dock)
    table = dock.panel.table
    cell = dock.panel.model.index(2, 4)
    assert cell.data(Qt.ItemDataRole.DisplayRole)
    table.setCurrentIndex(cell)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert dock.room.session.current == "s2", "the lowest IoU of ann and cat"
    qtbot.waitUntil(lambda: "ann ↔ cat" in viewer.layers, timeout=20000)
    dock.room.session.go_to("s0")
    qtbot.waitUntil(lambda: "s0 has no mask from cat" in dock.panel.status.text(), timeout=20000)
    assert not viewer.layers["ann ↔ cat"].visible
    assert shown == []
    viewer.window.remove_dock_widget(dock)
    viewer.window.remove_dock_widget(review)
