"""Hundreds of keys at random in a real window: queue, store and docks always agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from gui_deeds import Reviewer, disagreements
from gui_hands import Hands
from gui_scenes import make_town
from napari_mask_audit.gui import rooms

pytestmark = [
    pytest.mark.gui,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]
_DEEDS = 250


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any], qtbot: QtBot) -> Iterator[Any]:
    yield make_napari_viewer_proxy(show=True)
    assert rooms._ROOMS == {}


def test_after_every_deed_queue_store_and_docks_agree(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_town(tmp_path / "town", 64, 24, classes=5)
    hands = Hands(viewer)
    hands.open(folder)
    hands.know()
    reviewer = Reviewer(hands, seed=6)
    deeds = []
    for _ in range(_DEEDS):
        deeds.append(reviewer.act())
        hands.see()
        assert disagreements(hands) == [], f"after {deeds[-5:]}"
    decided = hands.session.store.all_latest()
    assert len(decided) > 8, "premise: something was decided"
    assert len({deed.split()[0] for deed in deeds}) > 15, "premise: all kinds of things were done"
    assert len({sample for sample, _ in decided}) > 3, "premise: on several samples"
    viewer.window.remove_dock_widget(hands.dock)
