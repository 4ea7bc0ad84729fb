"""Correcting a mask in a real viewer: painting, the numbers that follow, saving, leaving."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from building import make_dataset, square
from gui_squares import make_squares
from napari_mask_audit.gui import correction_saving, rooms
from napari_mask_audit.gui.correcting import Answer
from napari_mask_audit.gui.correcting_ask import LeavingDialog
from napari_mask_audit.gui.modes import OVERLAY, ROLE
from napari_mask_audit.gui.review_dock import ReviewDock
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import EventKind
from nuclei_scenes import nuclei

pytestmark = [
    pytest.mark.gui,
    # napari's and Qt's own, when a viewer is made and closed
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]
PLUGIN = "napari-mask-audit"


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot) -> Iterator[Any]:
    yield make_napari_viewer_proxy()
    qtbot.waitUntil(lambda: not our_threads(), timeout=20000)
    assert rooms._ROOMS == {}
    # napari gives the dock back to Python, and Qt's part of it goes when Qt finds the time.
    qtbot.waitUntil(is_collected, timeout=20000)


def is_collected() -> bool:
    gc.collect()
    return not any(isinstance(thing, ReviewDock) for thing in gc.get_objects())


def our_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("mask-audit")]


def open_review(viewer: Any, qtbot: QtBot, folder: Path, sample: str = "s3") -> ReviewDock:
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, "Mask audit: review")
    dock.room.open(folder, reviewer="ann", sample=sample)
    room = dock.room
    qtbot.waitUntil(lambda: room.audit is not None and room.audit.is_complete, timeout=60000)
    qtbot.waitUntil(lambda: room.view is not None and not room.audit.is_running, timeout=60000)
    qtbot.waitUntil(lambda: room.findings.explanation is not None, timeout=60000)
    room.correcting.ask = lambda: Answer.DISCARD  # a test that fails must not wait for a click
    return dock


def correct(qtbot: QtBot, dock: ReviewDock, source: str | None = None) -> Any:
    dock.room.correcting.start(source)
    qtbot.waitUntil(lambda: dock.room.correcting.is_active, timeout=20000)
    return dock.room.correcting.layer.layer


def settled(qtbot: QtBot, dock: ReviewDock) -> None:
    strokes, keeping = dock.room.correcting.strokes, dock.room.correcting.keeping
    qtbot.waitUntil(
        lambda: not (strokes.is_waiting or strokes.is_updating or keeping.is_writing),
        timeout=20000,
    )


def test_numbers_overlay_and_buckets_follow_painting_and_undo(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    room = dock.room
    # Off by three: IoU 7/13.
    assert room.scores("s3").classes[0].iou == 7 / 13
    layer = correct(qtbot, dock)
    assert layer.data is room.correcting.live.labels
    assert layer.data.base is not room.view.candidate
    before = layer.data.copy()
    layer.selected_label = 1
    layer.brush_size = 1
    with layer.block_history():
        for y in range(5, 15):
            layer.paint((y, 5), 1)
    settled(qtbot, dock)
    # One column more is right: 80 of 100 + 100 + 10 - 80.
    assert room.scores("s3").classes[0].iou == 80 / 130
    assert room.correcting.is_dirty
    assert dock.correcting.state.text().startswith("not saved")
    assert room.findings.explanation.summary.losses
    layer.undo()
    settled(qtbot, dock)
    assert np.array_equal(layer.data, before)
    assert room.scores("s3").classes[0].iou == 7 / 13
    assert not room.correcting.is_dirty
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_a_correction_is_saved_and_recorded(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_squares(tmp_path / "squares")
    dock = open_review(viewer, qtbot, folder)
    room = dock.room
    layer = correct(qtbot, dock)
    layer.data_setitem((np.array([0]), np.array([0])), 2)
    dock.correcting.reason.setText("a gland in the corner")
    saved: list[bool] = []
    room.correcting.save(saved.append)
    qtbot.waitUntil(lambda: bool(saved), timeout=20000)
    assert saved == [True]
    assert not room.correcting.is_active
    written = np.asarray(Image.open(folder / "masks" / "corrected" / "s3.png"))
    assert written[0, 0] == 2
    assert written.sum() == 102
    assert ("gt", "corrected") in room.dataset.comparisons()
    qtbot.waitUntil(lambda: ("gt", "corrected") in room.audit.measured["s3"].pairs, timeout=20000)
    viewer.window.remove_dock_widget(dock)
    with ReviewStore.open(folder / ".mask-audit" / "review.sqlite", dataset_key=".") as store:
        events = [e for e in store.history("s3") if e.kind is EventKind.CORRECTION]
    assert [(e.reviewer, e.comment) for e in events] == [("ann", "a gland in the corner")]
    assert not list((folder / ".mask-audit" / "review.drafts").glob("*"))


def test_a_correction_begun_during_a_save_outlives_it(
    viewer: Any, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    room, go_on = dock.room, threading.Event()
    told: list[bool] = []
    write = correction_saving.save_correction

    def slowly(*given: Any, **named: Any) -> Any:
        assert go_on.wait(20)
        return write(*given, **named)

    monkeypatch.setattr(correction_saving, "save_correction", slowly)
    correct(qtbot, dock).data_setitem((np.array([0]), np.array([0])), 2)
    room.correcting.save(told.append)
    assert room.correcting.is_saving
    room.session.go_to("s2")
    qtbot.waitUntil(lambda: room.view is not None and room.view.sample != "s3", timeout=20000)
    layer = correct(qtbot, dock)
    layer.data_setitem((np.array([1]), np.array([1])), 2)
    settled(qtbot, dock)
    go_on.set()
    qtbot.waitUntil(lambda: bool(told), timeout=20000)
    assert told == [True]
    qtbot.waitUntil(lambda: room.view is not None, timeout=20000)
    shown = [x.data for x in viewer.layers if x.metadata.get(ROLE) == OVERLAY]
    assert len(shown) == 1
    assert shown[0] is room.correcting.live.overlay
    settled(qtbot, dock)
    assert room.correcting.layer.layer is layer
    assert layer.data[1, 1] == 2
    assert layer.editable
    assert room.correcting.is_dirty
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_the_button_keeps_its_words_and_lists_the_other_masks(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    button = dock.sample.correct
    words = [b.fontMetrics().horizontalAdvance(b.text()) for b in (button.usual, button.others)]
    assert button.minimumSizeHint().width() > sum(words), "a narrow dock would cut them"
    button.sources.aboutToShow.emit()
    listed = [action.text() for action in button.sources.actions()]
    assert listed == ["candidate: model", "reference: gt", "alice"]
    button.usual.click()
    qtbot.waitUntil(lambda: dock.room.correcting.is_active, timeout=20000)
    assert dock.room.correcting.live.source == "model"
    assert not button.isVisibleTo(dock.sample)
    dock.room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


@pytest.mark.parametrize("answer", [Answer.STAY, Answer.DISCARD])
def test_the_next_sample_waits_for_an_answer(
    viewer: Any, qtbot: QtBot, tmp_path: Path, answer: Answer
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    room = dock.room
    asked: list[str] = []

    def ask() -> Answer:
        asked.append(room.correcting.title)
        return answer

    room.correcting.ask = ask
    layer = correct(qtbot, dock)
    layer.data_setitem((np.array([0]), np.array([0])), 2)
    dock.room.session.go_to("s2")
    assert asked == ["correcting candidate 'model' of s3"]
    stays = answer is Answer.STAY
    assert room.session.current == ("s3" if stays else "s2")
    assert room.correcting.is_active == stays
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def menu_keys(window: QWidget) -> set[str]:
    """The keys of napari's menus, and those that open them."""
    bar = window.menuBar()
    keys, actions = set(), list(bar.actions())
    while actions:
        action = actions.pop()
        keys.add(action.shortcut().toString())
        actions += action.menu().actions() if action.menu() is not None else []
    letters = {text[text.index("&") + 1] for a in bar.actions() if "&" in (text := a.text())}
    return (keys | {f"Alt+{letter.upper()}" for letter in letters}) - {""}


def test_no_key_is_one_of_the_menus(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    # Qt calls such a key ambiguous, and does neither.
    dock = open_review(viewer, qtbot, make_squares(tmp_path))
    taken = menu_keys(dock.window())
    assert {"Ctrl+O", "Alt+F"} <= taken, "premise: the menus are there"
    reviewing = {key.sequence for key in dock.keys.keys}
    correct(qtbot, dock)
    correcting = {key.sequence for key in dock.keys.keys}
    dock.room.correcting.stop()
    viewer.window.remove_dock_widget(dock)
    assert correcting - reviewing, "premise: correcting has keys of its own"
    assert (reviewing | correcting) & taken == set()


def dab(layer: Any, *, y: int = 0, x: int = 0, value: int = 2) -> None:
    layer.data_setitem((np.array([y]), np.array([x])), value)


def test_taking_a_finding_from_the_reference_is_one_undo_step(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    room = dock.room
    layer = correct(qtbot, dock)
    before = layer.data.copy()
    row = dock.correcting.one_click
    assert [row.donor.itemText(n) for n in range(row.donor.count())] == ["reference: gt", "alice"]
    assert not row.finding.isEnabled()
    settled(qtbot, dock)
    dock.next_finding()
    assert row.finding.isEnabled()
    finding = room.findings.current
    row.finding.click()
    qtbot.waitUntil(lambda: room.correcting.is_dirty, timeout=20000)
    settled(qtbot, dock)
    assert (layer.data != before).sum() >= finding.pixels
    assert finding.id not in {found.id for found in room.findings.findings}
    row.everything.click()
    qtbot.waitUntil(lambda: room.scores("s3").classes[0].iou == 1.0, timeout=20000)
    layer.undo()
    layer.undo()
    settled(qtbot, dock)
    assert np.array_equal(layer.data, before)
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_filling_a_hole_and_removing_a_speck(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    masks: dict[str, dict[str, object]] = {s: {"a": square(60, side=40)} for s in ("gt", "model")}
    masks["model"]["a"][20:24, 20:24] = 0
    masks["model"]["a"][52:56, 10:14] = 1
    folder = make_dataset(tmp_path / "data", masks, "background = 0\n")
    dock = open_review(viewer, qtbot, folder, sample="a")
    room = dock.room
    layer = correct(qtbot, dock)
    settled(qtbot, dock)
    words = set()
    for _ in range(2):
        dock.next_finding()
        assert dock.correcting.one_click.patch.isEnabled()
        words.add(dock.correcting.one_click.patch.text())
        dock.correcting.one_click.patch.click()
        settled(qtbot, dock)
    assert words == {"fill hole", "remove speck"}
    assert np.array_equal(layer.data, masks["gt"]["a"])
    assert room.scores("a").classes[0].iou == 1.0
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_a_draft_outlives_the_program_and_is_offered(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_squares(tmp_path / "squares")
    dock = open_review(viewer, qtbot, folder)
    dab(correct(qtbot, dock))
    dock.correcting.reason.setText("half done")
    qtbot.waitUntil(lambda: dock.room.correcting.keeping.kept_at is not None, timeout=20000)
    settled(qtbot, dock)
    assert "draft kept" in dock.correcting.state.text()
    kept = (folder / ".mask-audit" / "review.drafts").iterdir()
    content = {path: path.read_bytes() for path in kept}
    dock.room.correcting.stop()
    viewer.window.remove_dock_widget(dock)
    for path, data in content.items():
        path.write_bytes(data)  # as if it had been killed

    dock = open_review(viewer, qtbot, folder)
    assert dock.draft.isVisibleTo(dock)
    assert "unsaved correction of model" in dock.draft.text.text()
    dock.correct_reference()  # would be a second draft
    assert not dock.room.correcting.is_starting
    assert "model is kept: go on with it (E)" in dock.footer.status.text()
    dock.correct()  # without the mouse
    qtbot.waitUntil(lambda: dock.room.correcting.is_active, timeout=20000)
    assert dock.room.correcting.layer.layer.data[0, 0] == 2
    assert dock.room.correcting.is_dirty
    assert dock.correcting.reason.text() == "half done"
    dock.room.correcting.stop()
    qtbot.waitUntil(lambda: not list((folder / ".mask-audit" / "review.drafts").iterdir()))
    viewer.window.remove_dock_widget(dock)


def test_a_layer_that_is_deleted_comes_back(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    layer = correct(qtbot, dock)
    dab(layer)
    settled(qtbot, dock)
    viewer.layers.remove(layer)
    dock.room.correcting.strokes.look_now()
    assert dock.room.correcting.layer.layer in viewer.layers
    assert dock.room.correcting.layer.layer.data[0, 0] == 2
    assert dock.room.correcting.is_dirty
    settled(qtbot, dock)
    dock.room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_while_correcting_the_tools_have_their_keys(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    layer = correct(qtbot, dock)
    taken = {"1", "2", "3", "4", "5", "6", "7", "E", "P", "F", "L", "Z", "M", "X", "B", "[", "]"}
    assert not {key.sequence for key in dock.keys.keys} & taken
    assert "napari's now" in dock.correcting.hint.text()
    assert viewer.layers.selection.active == layer
    dock.correcting.tools.buttons["fill"].click()
    assert str(layer.mode) == "fill"
    layer.mode = "erase"
    assert dock.correcting.tools.buttons["erase"].isChecked()
    palette = dock.correcting.tools.palette_list
    assert [palette.item(n).text() for n in range(palette.count())] == [
        "cell",
        "gland",
        "background",
        "ignored",
    ]
    palette.itemClicked.emit(palette.item(1))
    assert (int(layer.selected_label), str(layer.mode)) == (2, "paint")
    layer.brush_size = 7
    assert dock.correcting.tools.brush.value() == 7
    dock.room.correcting.stop()
    assert "E" in {key.sequence for key in dock.keys.keys}
    viewer.window.remove_dock_widget(dock)


@pytest.mark.parametrize("leaves", ["the comparison", "the dataset", "the window", "the dock"])
def test_nothing_is_left_unasked(viewer: Any, qtbot: QtBot, tmp_path: Path, leaves: str) -> None:
    folder = make_squares(tmp_path / "squares")
    dock = open_review(viewer, qtbot, folder)
    room = dock.room
    asked: list[str] = []

    def stay() -> Answer:
        asked.append(leaves)
        return Answer.STAY

    room.correcting.ask = stay
    dab(correct(qtbot, dock))
    settled(qtbot, dock)
    if leaves == "the comparison":
        room.compare(("gt", "alice"))
        assert room.pair == ("gt", "model")
    elif leaves == "the dataset":
        room.open(make_squares(tmp_path / "others"))
    elif leaves == "the window":
        window = dock.window()
        window.close()
        assert window.isVisible() or not dock._is_released
    else:
        viewer.window.remove_dock_widget(dock)
        qtbot.waitUntil(lambda: dock.parentWidget() is not None, timeout=5000)
    assert asked == [leaves]
    assert room.correcting.is_active
    assert room.correcting.layer.layer.data[0, 0] == 2
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_the_dialog_saves_and_goes_on(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    folder = make_squares(tmp_path / "squares")
    dock = open_review(viewer, qtbot, folder)
    dock.room.correcting.ask = dock._ask_before_leaving
    dab(correct(qtbot, dock))
    pressed: list[str] = []

    def press_save() -> None:
        dialog = dock.findChild(LeavingDialog)
        pressed.append(dialog.text.text())
        dialog.save.click()

    QTimer.singleShot(300, press_save)
    dock.room.session.go_to("s2")
    assert "correcting candidate 'model' of s3" in pressed[0]
    assert (folder / "masks" / "corrected" / "s3.png").is_file()
    assert dock.room.session.current == "s2"
    assert not dock.room.correcting.is_active
    viewer.window.remove_dock_widget(dock)


def test_a_disk_that_refuses_is_said_and_the_work_goes_on(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_squares(tmp_path / "squares")
    (folder / "masks" / "corrected").write_text("a file where the folder should be")
    dock = open_review(viewer, qtbot, folder)
    failures: list[str] = []
    dock.room.failed.connect(lambda error: failures.append(str(error)))
    dab(correct(qtbot, dock))
    saved: list[bool] = []
    dock.room.correcting.save(saved.append)
    qtbot.waitUntil(lambda: saved == [False], timeout=20000)
    assert "cannot be written" in failures[0]
    assert dock.room.correcting.is_dirty
    assert dock.room.correcting.layer.layer.editable
    settled(qtbot, dock)
    dock.room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_correcting_the_reference_and_any_other_mask(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path / "squares"))
    room = dock.room
    assert room.correcting.sources == ("model", "gt", "alice")
    dock.correct_reference()
    qtbot.waitUntil(lambda: room.correcting.is_active, timeout=20000)
    assert room.correcting.title == "correcting reference 'gt' of s3"
    room.correcting.layer.layer.data_setitem(np.nonzero(room.view.candidate), 1)
    settled(qtbot, dock)
    # The square and the one three to the right: 70 of 100 + 30 are right.
    assert room.scores("s3").classes[0].iou == 100 / 130
    room.correcting.stop()
    qtbot.waitUntil(lambda: room.view is not None, timeout=20000)
    room.correcting.start("alice")
    qtbot.waitUntil(lambda: room.correcting.is_active, timeout=20000)
    assert room.pair == ("gt", "alice")
    assert room.correcting.title == "correcting candidate 'alice' of s3"
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_volumes(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    for source, shift in (("gt", 0), ("model", 2)):
        stack = np.stack([square(left=5 + shift)] * 4)
        (tmp_path / "masks" / source).mkdir(parents=True)
        np.save(tmp_path / "masks" / source / "v.npy", stack)
    dock = open_review(viewer, qtbot, tmp_path, sample="v")
    room = dock.room
    layer = correct(qtbot, dock)
    viewer.dims.set_current_step(0, 1)
    before = room.scores("v").classes[-1].iou
    layer.brush_size = 2
    layer.paint((1, 8, 6), 1)
    settled(qtbot, dock)
    assert room.scores("v").classes[-1].iou > before
    saved: list[bool] = []
    room.correcting.save(saved.append)
    qtbot.waitUntil(lambda: saved == [True], timeout=20000)
    written = np.load(tmp_path / "masks" / "corrected" / "v.npy")
    changed = np.argwhere(written != np.load(tmp_path / "masks" / "model" / "v.npy"))
    assert set(changed[:, 0]) == {1}
    viewer.window.remove_dock_widget(dock)


def test_the_majority_and_pixels_around_a_finding(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    lefts = {"gt": 5, "model": 8, "ann": 6, "bob": 6, "cem": 2}
    masks = {source: {"a": square(left=left)} for source, left in lefts.items()}
    roles = "".join(f'{name} = "annotator"\n' for name in ("ann", "bob", "cem"))
    toml = f'background = 0\n[sources]\ngt = "reference"\nmodel = "prediction"\n{roles}'
    dock = open_review(viewer, qtbot, make_dataset(tmp_path / "d", masks, toml), sample="a")
    room, row = dock.room, dock.correcting.one_click
    layer = correct(qtbot, dock)
    settled(qtbot, dock)
    before = layer.data.copy()
    assert row.donor.itemText(row.donor.count() - 1) == "majority of 3 annotators"
    row.donor.setCurrentIndex(row.donor.count() - 1)
    row.everything.click()
    qtbot.waitUntil(lambda: room.correcting.is_dirty, timeout=20000)
    settled(qtbot, dock)
    assert np.array_equal(layer.data, square(left=6)), "two of three have it there"
    layer.undo()
    settled(qtbot, dock)
    assert np.array_equal(layer.data, before)
    missed = next(n for n, f in enumerate(room.findings.findings) if f.bucket == "under_extent")
    room.findings.go_to(missed)
    row.donor.setCurrentIndex(row.donor.findData("cem"))
    # What the model lacks are the columns 5 to 7; Cem's square begins at 2.
    row.finding.click()
    qtbot.waitUntil(lambda: room.correcting.is_dirty, timeout=20000)
    assert (layer.data[10, 2:8] != before[10, 2:8]).tolist() == [False] * 3 + [True] * 3
    layer.undo()
    settled(qtbot, dock)
    room.findings.go_to(missed)
    row.grow.setValue(2)
    row.finding.click()
    qtbot.waitUntil(lambda: room.correcting.is_dirty, timeout=20000)
    assert (layer.data[10, 2:8] != before[10, 2:8]).tolist() == [False] + [True] * 5
    room.correcting.stop()
    viewer.window.remove_dock_widget(dock)


def test_painting_objects_follows_and_is_saved(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    _, reference = nuclei(3)
    model = reference.copy()
    lost = int(np.bincount(reference.ravel())[1:].argmax()) + 1
    model[model == lost] = 0
    masks = {"gt": {"a": reference}, "model": {"a": model}}
    folder = make_dataset(tmp_path / "d", masks, 'task = "instance"\nbackground = 0\n')
    dock = open_review(viewer, qtbot, folder, sample="a")
    room = dock.room
    objects = len(np.unique(reference)) - 1
    recognised = room.scores("a").instances.rq
    assert recognised == pytest.approx((objects - 1) / (objects - 0.5))
    layer = correct(qtbot, dock)
    settled(qtbot, dock)
    assert layer.selected_label == model.max() + 1, "a new object is painted, not an old one's"
    rows, columns = np.nonzero(reference == lost)
    layer.brush_size = 1
    with layer.block_history():
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True):
            layer.paint((y, x), layer.selected_label)
    settled(qtbot, dock)
    assert room.scores("a").instances.pq == 1.0
    palette = dock.correcting.tools.palette_list
    assert [palette.item(n).text() for n in range(palette.count())] == [
        "new object  M", "background"
    ]  # fmt: skip
    palette.itemClicked.emit(palette.item(0))
    assert layer.selected_label == model.max() + 2
    layer.undo()
    settled(qtbot, dock)
    assert room.scores("a").instances.rq == recognised
    dock.next_finding()
    dock.correcting.one_click.finding.click()
    qtbot.waitUntil(lambda: room.correcting.is_dirty, timeout=20000)
    settled(qtbot, dock)
    assert room.scores("a").instances.pq == 1.0
    assert layer.selected_label == layer.data.max() + 1, "the object just taken is left alone"
    saved: list[bool] = []
    room.correcting.save(saved.append)
    qtbot.waitUntil(lambda: saved == [True], timeout=20000)
    written = np.asarray(Image.open(folder / "masks" / "corrected" / "a.png"))
    assert np.array_equal(written > 0, reference > 0)
    assert len(np.unique(written)) == len(np.unique(reference))
    assert np.array_equal(written[model > 0], model[model > 0]), "all others keep their ids"
    viewer.window.remove_dock_widget(dock)
