"""How a sample is looked at: modes, colourings, blinking, peeking; in a real window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from gui_squares import make_squares
from napari_mask_audit.gui import canvas, rooms
from napari_mask_audit.gui.modes import Mode, Peek
from napari_mask_audit.gui.painting import Coloring
from napari_mask_audit.gui.review_dock import ReviewDock
from napari_mask_audit.gui.seeing import FASTEST_MS, Seeing

pytestmark = [
    pytest.mark.gui,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any]) -> Any:
    return make_napari_viewer_proxy()


@contextmanager
def review(viewer: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[ReviewDock]:
    """A dock on four squares, with the worst on the canvas; no fixture, which would keep it."""
    _, dock = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")
    room = dock.room
    room.open(make_squares(tmp_path), reviewer="ann")
    qtbot.waitUntil(lambda: room.feed is not None and room.feed.is_complete, timeout=60000)
    room.attempt(lambda: room.session.go_to("s3"))
    qtbot.waitUntil(lambda: bool(room.findings.findings), timeout=60000)
    yield dock
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)


def shown(viewer: Any) -> list[str]:
    return [layer.name for layer in viewer.layers if layer.visible]


def words(dock: ReviewDock) -> list[str]:
    return dock.footer.legend.words


def active_table(qtbot: QtBot, dock: ReviewDock) -> Any:
    """What the keys are pressed on, in a window that is there to be seen."""
    window = dock.window()
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    dock.queue.table.setFocus()
    return dock.queue.table


def wait_for(qtbot: QtBot, seeing: Seeing, coloring: Coloring) -> None:
    layers = seeing._layers
    qtbot.waitUntil(
        lambda: layers.painting is not None and layers.painting.coloring is coloring, timeout=20000
    )


def test_every_cell_has_the_disagreement_and_what_is_in_view(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        dock.next_finding()
        qtbot.waitUntil(lambda: bool(dock.room.layers.outlined), timeout=20000)
        dock.room.seeing.set_mode(Mode.SIDE_BY_SIDE)
        grid = canvas.grid(viewer)
        assert (grid.enabled, grid.stride) == (True, 4)
        names = [layer.name for layer in viewer.layers]
        cells = [names[start : start + 4] for start in (0, 4, 8)]
        assert [cell[:2] for cell in cells] == [
            ["image", "outlines"],
            ["image 2", "reference: gt"],
            ["image 3", "candidate: model"],
        ]
        lines = viewer.layers["in view"]
        for number, (_, _, overlay, in_view) in enumerate(cells):
            assert viewer.layers[overlay].visible
            assert np.shares_memory(viewer.layers[overlay].data, viewer.layers["disagreement"].data)
            assert viewer.layers[in_view].visible
            np.testing.assert_array_equal(viewer.layers[in_view].data, lines.data)
            assert viewer.layers[in_view].edge_width == pytest.approx(lines.edge_width), number
        named = [layer.name for layer in viewer.layers if layer.name_overlay.visible]
        assert named == ["image", "reference: gt", "candidate: model"]
        dock.next_finding()  # the next one is outlined in every cell too
        qtbot.waitUntil(lambda: len(viewer.layers["in view 3"].data) > 0, timeout=20000)
        np.testing.assert_array_equal(viewer.layers["in view 3"].data, lines.data)
        dock.room.seeing.set_mode(Mode.OVERLAY)
        assert not any(layer.name_overlay.visible for layer in viewer.layers)


def test_the_key_of_the_colouring_goes_round_and_the_legend_with_it(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        table = active_table(qtbot, dock)
        seeing, text = dock.room.seeing, canvas.text(viewer)
        assert words(dock) == ["reference", "candidate", "both", "differs"]
        assert text.visible
        assert text.text.startswith("disagreement\nblue: reference, orange: candidate, white: both")
        for coloring, legend in (
            (Coloring.DISTANCE, ["0", "≥ 5 px"]),
            (Coloring.BUCKET, ["boundary"]),
            (Coloring.VOTES, ["all agree", "2 votes split, 1.0 bits"]),
            (Coloring.WHAT, ["reference", "candidate", "both", "differs"]),
        ):
            qtbot.keyClick(table, Qt.Key.Key_D)
            wait_for(qtbot, seeing, coloring)
            if coloring is not Coloring.BUCKET:  # which bucket is for other tests
                assert words(dock) == legend
            for code, color in seeing._layers.painting.colors.items():
                np.testing.assert_allclose(
                    viewer.layers["disagreement"].get_color(code), color, atol=1e-6
                )


def test_the_next_sample_keeps_mode_and_colouring(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        dock.room.seeing.color_by(Coloring.DISTANCE)
        wait_for(qtbot, dock.room.seeing, Coloring.DISTANCE)
        before = viewer.layers["disagreement"].data
        dock.go("next")
        qtbot.waitUntil(lambda: dock.room.view is not None, timeout=20000)
        wait_for(qtbot, dock.room.seeing, Coloring.DISTANCE)
        assert viewer.layers["disagreement"].data is not before
        assert words(dock) == ["0", "≥ 5 px"]


def test_the_legend_of_a_mask_names_its_classes(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        dock.room.seeing.set_mode(Mode.REFERENCE)
        assert words(dock) == ["cell"]
        dock.room.seeing.set_mode(Mode.SIDE_BY_SIDE)
        assert words(dock)[:4] == ["reference", "candidate", "both", "differs"]


def test_a_held_key_fills_and_letting_go_takes_it_away(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        table = active_table(qtbot, dock)
        before = shown(viewer)
        for key, more in ((Qt.Key.Key_H, ["candidate: model"]), (Qt.Key.Key_I, [])):
            qtbot.keyPress(table, key)
            assert shown(viewer) == (["image", *more, *before[1:]] if more else ["image"])
            qtbot.keyRelease(table, key)
            assert shown(viewer) == before
        qtbot.keyPress(table, Qt.Key.Key_H)
        assert words(dock)[-1] == "cell"
        dock.verdict.comment.setFocus()  # typing: the key is off, and so is what it holds
        assert shown(viewer) == before
        qtbot.keyRelease(table, Qt.Key.Key_H)


def test_blinking_takes_turns_and_ends_where_it_began(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        table = active_table(qtbot, dock)
        seeing = dock.room.seeing
        seeing.set_mode(Mode.SIDE_BY_SIDE)
        seeing.set_blink_ms(1)
        assert seeing._timer.interval() == FASTEST_MS, "never fast enough to do harm"
        seen = []
        seeing.changed.connect(lambda: seen.append(seeing.mode))
        qtbot.keyClick(table, Qt.Key.Key_B)
        assert seeing.is_blinking
        qtbot.waitUntil(lambda: seen.count(Mode.CANDIDATE) >= 2, timeout=10000)
        assert {name for name in shown(viewer) if "in view" not in name} <= {
            *("image", "candidate: model", "reference: gt")
        }
        qtbot.keyClick(table, Qt.Key.Key_B)
        assert (seeing.mode, seeing.is_blinking) == (Mode.SIDE_BY_SIDE, False)


def test_outlines_of_the_part_in_view_are_traced_again_after_zooming(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        dock.room.seeing.set_mode(Mode.CONTOURS)
        assert "disagreement" in shown(viewer), "until they are traced"
        qtbot.waitUntil(lambda: dock.room.layers.has_contours, timeout=20000)
        assert shown(viewer)[:2] == ["image", "outlines"]
        whole = len(viewer.layers["outlines"].data)
        wide = viewer.layers["outlines"].edge_width
        camera = canvas.camera(viewer)
        camera.center, camera.zoom = (0, 5, 5), camera.zoom * 6
        qtbot.waitUntil(lambda: len(viewer.layers["outlines"].data) == whole, timeout=5000)
        assert viewer.layers["outlines"].edge_width < wide / 4, "lines are as wide on the screen"
        assert words(dock) == ["reference", "candidate", "both"]


def test_closing_takes_the_legend_off_the_canvas(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    _, dock = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")
    dock.room.open(make_squares(tmp_path), reviewer="ann")
    qtbot.waitUntil(lambda: dock.room.view is not None, timeout=60000)
    assert canvas.text(viewer).visible
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)
    assert not canvas.text(viewer).visible


def test_a_plane_has_no_third_dimension(viewer: Any, qtbot: QtBot, tmp_path: Path) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        dock.room.seeing.toggle_solid()
        assert not dock.room.seeing.is_solid
        assert "no slices" in dock.footer.status.text()
        assert dock.room.layers.peek is Peek.NOTHING


def test_the_layers_of_all_modes_are_there_before_the_samples_are_measured(
    viewer: Any, qtbot: QtBot, tmp_path: Path, layers_ahead: None
) -> None:
    with review(viewer, qtbot, tmp_path) as dock:
        qtbot.waitUntil(lambda: "in view 3" in viewer.layers, timeout=20000)
        made = set(viewer.layers)
        dock.room.seeing.set_mode(Mode.SIDE_BY_SIDE)
        assert set(viewer.layers) == made
        assert canvas.grid(canvas.bare(viewer)).enabled
        names = {layer.name: layer.visible for layer in viewer.layers}
        assert names["image 3"]
        assert not names["outlines"]


def test_an_audit_that_is_called_off_before_it_begins_does_not_begin(
    viewer: Any, qtbot: QtBot, tmp_path: Path, layers_ahead: None
) -> None:
    _, dock = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")
    room = dock.room
    room.open(make_squares(tmp_path), reviewer="ann")
    qtbot.waitUntil(lambda: room.feed is not None, timeout=60000)
    room.feed.stop()
    assert dock.header.cancel.text() == "Go on"
    qtbot.waitUntil(lambda: "in view 3" in viewer.layers, timeout=20000)
    qtbot.wait(200)
    assert room.feed.progress.n_done == 0
    dock.header.cancel.click()
    qtbot.waitUntil(lambda: room.feed.is_complete, timeout=60000)
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)
