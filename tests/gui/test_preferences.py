"""Preferences: what napari keeps for the reviewer holds from the next dataset on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from npe2 import PluginManifest
from pytestqt.qtbot import QtBot

from gui_squares import make_squares
from napari_mask_audit.gui import canvas, preferences, rooms
from napari_mask_audit.gui.modes import Mode
from napari_mask_audit.gui.preferences import SAFE_COLORS, Preferences
from napari_mask_audit.gui.seeing import FASTEST_MS, SLOWEST_MS
from napari_mask_audit.gui.shades import rgba

settings = pytest.importorskip("napari.settings")
HAS_PAGE = hasattr(settings, "get_plugin_settings")


def colored_squares(folder: Path) -> Path:
    """A dataset that declares the colour of its class."""
    made = make_squares(folder)
    toml = made / "dataset.toml"
    toml.write_text(
        toml.read_text().replace('1 = "cell"', '1 = {name = "cell", color = "#123456"}')
    )
    return made


def test_the_manifest_offers_every_preference_with_its_default() -> None:
    manifest = PluginManifest.from_distribution("napari-mask-audit")
    groups = manifest.contributions.configurations
    offered = {
        key: prop.default for group in groups.values() for key, prop in group.properties.items()
    }
    assert offered == vars(Preferences())
    blink = groups["canvas"].properties["blink_ms"]
    assert (blink.minimum, blink.maximum) == (FASTEST_MS, SLOWEST_MS)
    assert groups["canvas"].properties["mode"].enum == [mode.value for mode in Mode]


@pytest.mark.gui
@pytest.mark.skipif(not HAS_PAGE, reason="napari 0.8 has no preferences of plugins")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_what_napari_keeps_is_read(make_napari_viewer_proxy: Callable[..., Any]) -> None:
    make_napari_viewer_proxy()
    kept = settings.get_plugin_settings("napari-mask-audit")
    assert preferences.preferences() == Preferences()
    try:
        kept.review.reviewer, kept.canvas.mode = " Ann ", "side by side"
        assert preferences.preferences() == Preferences(reviewer="Ann", mode=Mode.SIDE_BY_SIDE)
    finally:
        kept.review.reviewer, kept.canvas.mode = "", "disagreement"


def test_without_a_page_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(settings, "get_plugin_settings", raising=False)
    assert preferences.preferences() == Preferences()


@pytest.mark.gui
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_a_dataset_opens_as_preferred(
    make_napari_viewer_proxy: Callable[..., Any],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = Preferences(
        reviewer="Ann", keys_on=False, prefetch=False, mode=Mode.REFERENCE, colors=SAFE_COLORS,
        line_width=5.0, blink_ms=900, legend_on_canvas=False,
    )  # fmt: skip
    monkeypatch.setattr("napari_mask_audit.gui.room.preferences", lambda: chosen)
    monkeypatch.setattr("napari_mask_audit.gui.preferring.preferences", lambda: chosen)
    folder = colored_squares(tmp_path)
    viewer = make_napari_viewer_proxy()
    _, dock = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")
    room = dock.room
    room.open(folder)
    qtbot.waitUntil(lambda: room.view is not None, timeout=60000)
    assert room.session.reviewer == "Ann"
    assert (dock.footer.use_keys.isChecked(), dock.keys.wanted) == (False, False)
    assert room.seeing.mode is Mode.REFERENCE
    assert not canvas.text(viewer).visible
    assert room.seeing._timer.interval() == 900
    np.testing.assert_allclose(
        viewer.layers["reference: gt"].get_color(1), rgba("#E69F00"), atol=1e-6
    )
    assert [entry.color for entry in room.seeing.legend.swatches] == ["#E69F00"]
    assert len(room.on_canvas.loader._views) == 1, "nothing is read ahead"
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)


@pytest.mark.gui
@pytest.mark.skipif(not HAS_PAGE, reason="napari 0.8 has no preferences of plugins")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*")
def test_what_is_changed_in_the_preferences_holds_at_once(
    make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot, tmp_path: Path
) -> None:
    viewer = make_napari_viewer_proxy()
    _, dock = viewer.window.add_plugin_dock_widget("napari-mask-audit", "Mask audit: review")
    room = dock.room
    room.open(colored_squares(tmp_path), reviewer="ann")
    qtbot.waitUntil(lambda: bool(room.findings.findings), timeout=60000)
    kept = settings.get_plugin_settings("napari-mask-audit")
    room.seeing.set_mode(Mode.REFERENCE)
    usual = room.looks.color(1)
    dock.footer.use_keys.setChecked(False)
    try:
        kept.canvas.legend_on_canvas = False
        assert not canvas.text(viewer).visible
        kept.canvas.blink_ms = 900
        assert room.seeing._timer.interval() == 900
        kept.canvas.line_width = 5.0
        assert room.layers.widths._screen_px == 5.0
        kept.canvas.colors = SAFE_COLORS
        assert room.looks.color(1) == "#E69F00" != usual
        np.testing.assert_allclose(
            viewer.layers["reference: gt"].get_color(1), rgba("#E69F00"), atol=1e-6
        )
        assert [entry.color for entry in room.seeing.legend.swatches] == ["#E69F00"]
        assert room.seeing.mode is Mode.REFERENCE, "what was chosen since stays"
        assert not dock.footer.use_keys.isChecked()
        kept.canvas.mode = "outlines"
        assert room.seeing.mode is Mode.CONTOURS
        kept.review.keys_on = False
        kept.review.keys_on = True
        assert (dock.footer.use_keys.isChecked(), dock.keys.wanted) == (True, True)
        kept.review.prefetch = False
        assert not room.preferences.prefetch
        kept.review.reviewer = "Ben"
        assert "“Ben” from the next dataset" in dock.footer.status.text()
        assert room.session.reviewer == "ann"
    finally:
        for group, name in (("review", "reviewer"), ("review", "keys_on"), ("review", "prefetch")):
            setattr(getattr(kept, group), name, getattr(Preferences(), name))
        for name in ("mode", "colors", "line_width", "blink_ms", "legend_on_canvas"):
            usually = getattr(Preferences(), name)
            setattr(kept.canvas, name, usually.value if name == "mode" else usually)
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: rooms._ROOMS == {}, timeout=20000)
    kept.canvas.blink_ms = 800  # nobody listens any more, and nothing breaks
    kept.canvas.blink_ms = 600
