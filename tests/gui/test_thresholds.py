"""Trying out other thresholds in the review dock: everything that shows a bucket follows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication

from gui_review import column, review, wait_for_findings
from gui_squares import make_squares
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.failure_thresholds import FailureThresholds
from napari_mask_audit.failures import Bucket
from napari_mask_audit.gui.findings_model import BUCKET
from napari_mask_audit.gui.threshold_choice import ThresholdChoice
from napari_mask_audit.gui.threshold_form import ThresholdForm
from napari_mask_audit.gui.threshold_toggle import ThresholdToggle

pytestmark = [
    pytest.mark.gui,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any]) -> Any:
    return make_napari_viewer_proxy()


@pytest.fixture
def choice(tmp_path: Path) -> ThresholdChoice:
    folder = make_squares(tmp_path / "data")
    toml = folder / "dataset.toml"
    toml.write_text(toml.read_text() + "[settings.failures]\ntolerance = 3\nsmall_area = 30\n")
    found = ThresholdChoice()
    found.enter(Dataset.open(folder))
    return found


def test_the_form_shows_the_datasets_thresholds_and_changes_them(
    choice: ThresholdChoice, qtbot: QtBot
) -> None:
    form = ThresholdForm(choice)
    qtbot.addWidget(form)
    assert (form.tolerance.value, form.small_area.value, form.dominance.value) == (3, 30, 25)
    assert not form.back.isEnabled()
    with qtbot.waitSignal(form._pause.timeout):  # several turns of a spin box are one change
        for value in (3.5, 4.0, 4.5):
            form.tolerance.value = value
    form.missed_recall.value = 20
    form.split_part.value = 0
    form.small_area.value = 0
    form.class_.value = 2
    form.class_tolerance.value = 1.5
    qtbot.waitUntil(lambda: choice.chosen.class_tolerances != ())
    assert choice.chosen == FailureThresholds(
        tolerance=4.5, class_tolerances={2: 1.5}, missed_recall=0.2, split_part=None
    )
    assert not choice.is_own
    form.class_.value = 1
    assert form.class_tolerance.native.text() == "all"
    form.copy.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == choice.chosen.to_toml() + "\n"
    form.back.click()
    assert choice.is_own
    assert (form.tolerance.value, form.small_area.value, form.split_part.value) == (3, 30, 10)
    form.class_.value = 2
    assert form.class_tolerance.native.text() == "all"


def test_the_button_says_which_tolerance_holds_and_folds_the_form(
    choice: ThresholdChoice, qtbot: QtBot
) -> None:
    toggle = ThresholdToggle(choice)
    qtbot.addWidget(toggle)
    qtbot.addWidget(toggle.form)
    assert toggle.text() == "± 3 px ▸"
    assert toggle.form.isHidden()
    toggle.click()
    assert not toggle.form.isHidden()
    choice.choose(choice.chosen.replace(tolerance=1.0, class_tolerances=((1, 2.0),)))
    assert toggle.text() == "± 1 px* ▾"
    assert "tolerance 1 px (cell: 2 px)" in toggle.toolTip()
    assert "the dataset has others" in toggle.toolTip()


def test_bar_findings_suggestion_and_queue_follow_another_tolerance(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        room = dock.room
        explaining = room.feed.explaining
        before = {s.name: explaining.summary(s.name, room.pair) for s in room.dataset.samples}
        assert column(dock, BUCKET) == ["under-extent", "over-extent", "boundary"]
        assert "tolerance 2 px" in dock.sample.buckets.toolTip()
        assert dock.verdict.suggestion.button.text() != "G  boundary?"
        dock.sample.thresholds.click()
        dock.sample.thresholds.form.tolerance.value = 3.0
        qtbot.waitUntil(lambda: set(column(dock, BUCKET)) == {"boundary"}, timeout=20000)
        wait_for_findings(qtbot, dock)
        assert room.summary.leading is Bucket.BOUNDARY
        assert dock.verdict.suggestion.button.text() == "G  boundary?"
        assert "tolerance 3 px" in dock.sample.buckets.toolTip()
        qtbot.waitUntil(lambda: room.feed.is_complete, timeout=20000)
        for name, old in before.items():
            new = explaining.summary(name, room.pair)
            assert sum(new.losses.values()) == pytest.approx(sum(old.losses.values()))
            assert set(new.losses) == set(old.losses)
            assert all(not loss for bucket, loss in new.losses.items() if bucket != "boundary")
        # The report of this room, and whatever else asks the dataset, goes by them too.
        assert room.dataset.settings.failure_thresholds.tolerance == 3
        dock.sample.thresholds.form.back.click()
        qtbot.waitUntil(lambda: len(column(dock, BUCKET)) == 3, timeout=20000)
        wait_for_findings(qtbot, dock)
        qtbot.waitUntil(lambda: room.feed.is_complete, timeout=20000)
        assert explaining.summary("s3", room.pair).losses == before["s3"].losses


def test_opening_another_dataset_forgets_what_was_tried_out(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path / "squares") as dock:
        dock.room.thresholds.choose(FailureThresholds(tolerance=7.0))
        dock.room.open(make_squares(tmp_path / "other"), reviewer="ann")
        qtbot.waitUntil(lambda: dock.room.dataset.folder.name == "other", timeout=20000)
        assert dock.room.thresholds.is_own
        assert dock.sample.thresholds.text() == "± 2 px ▸"
        qtbot.waitUntil(lambda: dock.room.feed.is_complete, timeout=60000)
