"""The dataset dock: its lines without Qt, its panel with Qt, the whole in a viewer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from building import make_dataset, square
from napari_mask_audit.checks import lint
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.gui import rooms
from napari_mask_audit.gui.dataset_panel import DatasetPanel
from napari_mask_audit.gui.dataset_words import (
    check,
    checklist_lines,
    first_open,
    lint_spots,
    queue_scores,
    suspect_spots,
)
from napari_mask_audit.suspects import Reason, Suspect, Suspects, Witness

PLUGIN, DOCK, REVIEW = "napari-mask-audit", "Mask audit: dataset", "Mask audit: review"
TOML = 'name = "yard"\nbackground = 0\n[classes]\n1 = "shed"\n'


def make_yard(folder: Path) -> Path:
    """Six sheds; there is a speck in s2, and the model misses s4."""
    masks: dict[str, dict[str, np.ndarray]] = {"gt": {}, "model": {}}
    for n in range(6):
        shed = square(90, top=20 + n, left=20, side=40)
        masks["gt"][f"s{n}"] = shed.copy()
        masks["model"][f"s{n}"] = shed if n != 4 else np.zeros_like(shed)
    masks["gt"]["s2"][5, 70] = 1
    return make_dataset(folder, masks, TOML)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_yard(tmp_path_factory.mktemp("yard"))


SUSPECTS = Suspects(
    "yard",
    "gt",
    (
        Suspect("s4", (Reason(Witness.FOREST, "extra", 2.0, "odd", 1, ((3, 5), (7, 9))),)),
        Suspect("s2", (Reason(Witness.LINT, "MA301", 0.6, "a speck"),)),
    ),
    (Witness.LINT, Witness.FOREST),
)


def test_flaws_are_lines_that_lead_to_their_place(folder: Path) -> None:
    spots = lint_spots(lint(folder))
    speck = next(spot for spot in spots if spot.words.startswith("MA301"))
    assert (speck.sample, speck.box) == ("s2", ((5, 6), (70, 71)))
    assert speck.words.startswith("MA301 s2 gt: 1 speck of shed")
    assert speck.hint.startswith("warning: speck (MA301)")


def test_only_labels_worth_a_look_are_listed_and_all_are_queued() -> None:
    (spot,) = suspect_spots(SUSPECTS)
    assert (spot.words, spot.sample, spot.box) == ("s4: odd", "s4", ((3, 5), (7, 9)))
    assert queue_scores(SUSPECTS) == {"s4": -2.0, "s2": -0.6}


def test_the_checklist_says_what_is_done(folder: Path) -> None:
    checked = check(Dataset.open(folder), None, None)
    lines = checklist_lines(checked.state)
    assert [done for done, *_ in lines] == [True, False, True, False, False]
    assert first_open(checked.state) == "quality"


def test_the_panel_shows_steps_and_hides_what_is_empty(qtbot: QtBot) -> None:
    panel = DatasetPanel()
    qtbot.addWidget(panel)
    assert panel.steps.isHidden()
    assert panel.fix.isHidden()
    panel.steps.show_lines([(True, "Classes", "two"), (False, "Quality", "three findings")])
    assert [row.text() for row in panel.steps.rows] == [
        "✓ Classes: two",
        "○ Quality: three findings",
    ]
    panel.show_summary("3 warnings", fixable=2)
    assert not panel.fix.isHidden()
    panel.set_busy("training: 1 of 4", 1, 4)
    assert not panel.check.isEnabled()
    assert (panel.progress.value(), panel.progress.maximum()) == (1, 4)
    panel.set_busy("")
    assert panel.check.isEnabled()
    for widget in (panel.check, panel.rank, panel.train, panel.fix, panel.open, panel.do_next):
        assert widget.toolTip()


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
    dock.room.open(folder, reviewer="ann", store=str(folder / "reviews.sqlite"))
    qtbot.waitUntil(lambda: dock.room.view is not None, timeout=60000)
    return review, dock


def close(viewer: Any, *docks: Any) -> None:
    for dock in docks:
        viewer.window.remove_dock_widget(dock)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_from_check_to_the_place_and_to_corrected_copies(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    review, dock = open_both(viewer, qtbot, make_yard(tmp_path / "yard"))
    assert dock.panel.title.text() == "yard: 6 samples"
    dock.panel.check.click()
    qtbot.waitUntil(lambda: dock.checked is not None, timeout=20000)
    assert not dock.panel.steps.isHidden()
    assert "mask-audit" not in dock.panel.next_step.text()
    speck = next(spot for spot in dock.panel.flaws.stops if spot.words.startswith("MA301"))
    dock.panel.flaws.list.setCurrentRow(dock.panel.flaws.stops.index(speck))
    dock.panel.flaws.list.itemClicked.emit(dock.panel.flaws.list.currentItem())
    qtbot.waitUntil(lambda: dock.room.view is not None and dock._wanted is None, timeout=20000)
    assert dock.room.session.current == "s2"
    assert dock.room.view.sample == "s2"

    dock.confirm = lambda *_: False
    dock.fix_into(tmp_path)
    assert not (tmp_path / "yard-corrected").exists()
    dock.confirm = lambda *_: True
    dock.fix_into(tmp_path)
    qtbot.waitUntil(lambda: "corrected copies written" in dock.panel.status.text(), timeout=20000)
    assert [path.name for path in (tmp_path / "yard-corrected").rglob("*.png")] == ["s2.png"]
    close(viewer, dock, review)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_suspicious_labels_lead_the_queue_of_the_review(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    review, dock = open_both(viewer, qtbot, make_yard(tmp_path / "yard"))
    dock.panel.rank.click()
    qtbot.waitUntil(lambda: dock.suspects is not None, timeout=20000)
    assert str(dock.room.session.order) == "worst_first:suspicious labels"
    assert review.queue.order.currentText() == "worst first: suspicious labels"
    first = dock.room.session.item_at(0).sample
    assert first == dock.suspects.labels[0].sample
    assert "no forest was trained" in dock.panel.status.text()
    close(viewer, review, dock)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_cancelling_and_asking_before_a_baseline_is_written(
    viewer: Any, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_mask_audit.gui import dataset_dock

    review, dock = open_both(viewer, qtbot, make_yard(tmp_path / "yard"))
    asked: list[str] = []
    dock.confirm = lambda title, text: bool(asked.append(text))
    dock.ask_baseline()
    assert "model-baseline" in asked[0]
    assert not (tmp_path / "yard" / "masks" / "model-baseline").exists()

    def slow(_dataset: Any, *, should_stop: Callable[[], bool], **_: Any) -> None:
        while not should_stop():
            pass

    monkeypatch.setattr(dataset_dock, "find_suspects", slow)
    dock.find_suspects()
    assert not dock.panel.rank.isEnabled()
    dock.panel.cancel.click()
    assert dock.panel.rank.isEnabled()
    assert dock.panel.status.text() == "Cancelled."
    dock.room.hiding.hide()
    qtbot.waitUntil(lambda: dock.room.names.are_hidden, timeout=20000)
    assert all(section.isHidden() for section in dock.panel.sections)
    close(viewer, dock, review)


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_without_a_dataset_the_dock_says_what_to_do(viewer: Any, qtbot: QtBot) -> None:
    _, dock = viewer.window.add_plugin_dock_widget(PLUGIN, DOCK)
    assert not dock.panel.check.isEnabled()
    assert dock.panel.status.text() == "Open a folder of masks, or drop one on the window."
    close(viewer, dock)
