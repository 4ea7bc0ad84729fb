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
    folder = make_squares(tmp_path)
    toml = folder / "dataset.toml"
    toml.write_text(
        toml.read_text().replace('1 = "cell"', '1 = {name = "cell", color = "#123456"}')
    )
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
