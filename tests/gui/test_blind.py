"""Hidden names: nothing in the window tells them, and they come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)

from building import make_dataset, square
from gui_opened import close, open_review, seen
from gui_squares import shifted
from napari_mask_audit.gui.modes import Mode
from napari_mask_audit.gui.painting import Coloring
from napari_mask_audit.gui.queue_model import STATUS, TAGS
from napari_mask_audit.gui.review_dock import ReviewDock
from napari_mask_audit.review.blinding import Blinding, blind_mark

pytestmark = [
    pytest.mark.gui,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]
TRUTH, GUESS = "verity", "zorro"
TOML = f"""
background = 0
[classes]
1 = "cell"
[sources]
{TRUTH} = "reference"
{GUESS} = "prediction"
"""
SAMPLES = [f"s{k}" for k in range(6)]


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any]) -> Any:
    return make_napari_viewer_proxy()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Squares; one sample lacks a mask, and a mask cannot be read."""
    masks = {
        TRUTH: {name: shifted(0) for name in SAMPLES},
        GUESS: {name: shifted(k) for k, name in enumerate(SAMPLES)},
    }
    masks[TRUTH]["lone"] = square()
    masks[TRUTH]["broken"] = masks[GUESS]["broken"] = square()
    folder = make_dataset(tmp_path / "squares", masks, TOML)
    (folder / "masks" / GUESS / "broken.png").write_bytes(b"not a picture")
    return folder


def texts_of(widget: QWidget) -> Iterator[str]:
    """Everything a widget shows, or says to whoever hovers over it."""
    yield from (widget.toolTip(), widget.windowTitle(), widget.statusTip(), widget.accessibleName())
    if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)):
        yield widget.text()
    if isinstance(widget, QComboBox) and widget.isVisible():
        yield from (widget.itemText(row) for row in range(widget.count()))
    if isinstance(widget, QMenu):
        yield from (action.text() + action.toolTip() for action in widget.actions())
    if isinstance(widget, QAbstractItemView) and widget.isVisible():
        model = widget.model()
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                yield from (str(model.data(model.index(row, column), role)) for role in roles)


def everything_said(dock: ReviewDock, viewer: Any) -> str:
    window = dock.window()
    found = [text for widget in window.findChildren(QWidget) for text in texts_of(widget)]
    found += [layer.name for layer in viewer.layers]
    found += [str(layer.metadata) + str(layer.source.path) for layer in viewer.layers]
    return "\n".join([*found, window.windowTitle()])


def told(dock: ReviewDock, viewer: Any) -> set[str]:
    text = everything_said(dock, viewer).casefold()
    return {name for name in (TRUTH, GUESS) if name in text}


def test_hidden_names_are_nowhere_in_the_window(
    viewer: Any,
    qtbot: QtBot,
    folder: Path,
) -> None:
    dock = open_review(viewer, qtbot, folder)
    room, session = dock.room, dock.room.session
    dock.window().show()
    _, agreement = viewer.window.add_plugin_dock_widget(
        "napari-mask-audit", "Mask audit: agreement"
    )
    assert told(dock, viewer) == {TRUTH, GUESS}, "the test would see the names"
    session.hide_names(Blinding(5))
    seen(dock, qtbot)
    assert not agreement.panel.isVisible()
    for menu in dock.window().findChildren(QMenu):
        menu.aboutToShow.emit()
    said = []
    room.said.connect(said.append)
    room.failed.connect(lambda error: said.append(str(error)))
    drawn = set()
    for name in session.samples:
        session.go_to(name)
        seen(dock, qtbot)
        assert told(dock, viewer) == set(), name
        if room.view.overlay is None:
            continue
        drawn.add(room.view.pair)
        assert {layer.name for layer in viewer.layers} >= {"A", "B"}
        assert room.suggestion is None
        dock.next_finding()
        assert told(dock, viewer) == set(), name
    assert drawn == {(TRUTH, GUESS), (GUESS, TRUTH)}, "both draws occur"
    for mode in Mode:
        room.seeing.set_mode(mode)
        assert told(dock, viewer) == set(), mode
    for coloring in (Coloring.DISTANCE, Coloring.BUCKET):
        room.seeing.color_by(coloring)
    session.set_filter(GUESS)
    assert not any(name in text for text in said for name in (TRUTH, GUESS)), said
    agreement.release()
    close(viewer, dock)


def test_what_is_shown_first_is_what_was_drawn_and_the_verdict_says_so(
    viewer: Any,
    qtbot: QtBot,
    folder: Path,
) -> None:
    dock = open_review(viewer, qtbot, folder)
    room, session = dock.room, dock.room.session
    session.hide_names(Blinding(5))
    masks = {}
    for name in ("s3", "s4", "s5"):
        session.go_to(name)
        seen(dock, qtbot)
        first, second = Blinding(5).drawn(name, (TRUTH, GUESS))
        assert (room.view.pair, room.view.called) == ((first, second), ("A", "B"))
        masks[first] = room.view.reference
        dock.verdict.tags["boundary"].click()
        mark = blind_mark(session.store.latest(name).details)
        assert mark == {"seed": 5, "A": first, "B": second}
    assert not session.store.latest("s3").suggested_tag
    assert set(masks) == {TRUTH, GUESS}
    assert not dock.queue.order.isEnabled()
    assert not dock.header.pair.isVisible()
    room.hiding.hide(False)
    seen(dock, qtbot)
    assert (room.view.pair, room.view.names) == ((TRUTH, GUESS), None)
    assert dock.queue.order.isEnabled()
    assert f"reference: {TRUTH}" in [layer.name for layer in viewer.layers]
    assert str(session.order) == "worst_first"
    dock.verdict.tags["boundary"].click()
    assert blind_mark(session.store.latest(session.current).details) is None
    assert session.store.latest(session.current).details["compared"] == [TRUTH, GUESS]
    close(viewer, dock)


def test_a_sample_that_came_back_looks_undecided_in_the_dock(
    viewer: Any, qtbot: QtBot, folder: Path
) -> None:
    dock = open_review(viewer, qtbot, folder, repeats=1.0)
    session, model = dock.room.session, dock.queue.model
    assert dock.header.menu.refresh() is None
    decided: list[str] = []
    while session.current not in decided:
        decided.append(session.current)
        dock.verdict.tags["boundary"].click()
        dock.verdict.statuses["needs_fix"].click()
        assert len(decided) < 20
    back, row = session.current, session.position(session.current)
    assert session.store.latest(back).status == "needs_fix"
    shown = [model.index(row, column).data() for column in range(model.columnCount())]
    assert (shown[TAGS], shown[STATUS]) == ("", "")
    assert "boundary" not in str(model.data(model.index(row, 1), Qt.ItemDataRole.ToolTipRole))
    assert not any(button.isChecked() for button in dock.verdict.tags.values())
    assert not any(button.isChecked() for button in dock.verdict.statuses.values())
    assert dock.header.reviewed.value() == len(decided)
    dock.extras.show_history()
    qtbot.waitUntil(lambda: "nobody" in dock.extras.history.title.text(), timeout=10000)
    dock.extras.show_history()
    dock.verdict.statuses["accept"].click()
    assert session.store.latest(back).status == "needs_fix"
    assert session.verdict(back).status == "needs_fix"
    dock.extras.show_history()
    alike = dock.extras.history.alike
    qtbot.waitUntil(lambda: "0 of 1 hidden repeats" in alike.text(), timeout=10000)
    dock.extras.show_history()
    assert dock.header.reviewed.value() == len(decided)
    close(viewer, dock)


def test_the_menu_says_and_sets_how_it_is_judged(viewer: Any, qtbot: QtBot, folder: Path) -> None:
    dock = open_review(viewer, qtbot, folder)
    menu, session = dock.header.menu, dock.room.session
    menu.shares[0.1].trigger()
    assert session.repeat_plan.share == 0.1
    assert "10 % of what you decide comes back" in dock.footer.status.text()
    menu.blind.trigger()
    qtbot.waitUntil(lambda: session.blinding is not None, timeout=10000)
    seen(dock, qtbot)
    menu.refresh()
    assert menu.blind.isChecked()
    assert menu.shares[0.1].isChecked()
    menu.history.trigger()
    assert dock.extras.history is not None
    menu.history.trigger()
    menu.blind.trigger()
    assert session.blinding is None
    seen(dock, qtbot)
    close(viewer, dock)
