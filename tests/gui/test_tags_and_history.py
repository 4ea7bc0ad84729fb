"""The form for a team's own tags, and the history of a sample, in the dock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from building import make_dataset
from gui_opened import close, open_review
from gui_squares import make_squares, shifted
from napari_mask_audit.errors import DatasetError
from napari_mask_audit.gui.tag_editor import TagEditor
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.tags import Tag
from napari_mask_audit.review.verdicts import Verdict

pytestmark = [
    pytest.mark.gui,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:napari.*"),
]
OWN = [Tag("fold", "fold", "4"), Tag("glare", "glare", "7")]


@pytest.fixture
def viewer(make_napari_viewer_proxy: Callable[..., Any]) -> Any:
    return make_napari_viewer_proxy()


@pytest.fixture
def saved() -> list:
    return []


@pytest.fixture
def editor(qtbot: QtBot, saved: list) -> TagEditor:
    form = TagEditor(OWN, saved.append)
    qtbot.addWidget(form)
    form.show()
    return form


def retype(editor: TagEditor, row: int, label: str) -> None:
    editor.table.item(row, 1).setText(label)


def test_tags_are_added_renamed_ordered_and_removed(editor: TagEditor, saved: list) -> None:
    editor.add.click()
    retype(editor, 2, "motion blur")
    editor.table.setCurrentCell(2, 1)
    editor.up.click()
    editor.up.click()
    editor.up.click()
    retype(editor, 1, "fold in tissue")
    editor.table.setCurrentCell(2, 1)
    editor.remove.click()
    editor.accept()
    assert saved == [[Tag("motion_blur", "motion blur", None), Tag("fold", "fold in tissue", "4")]]
    assert not editor.isVisible()


@pytest.mark.parametrize(
    ("label", "why"),
    [("", "has no name"), ("a;b", "has a semicolon"), ("boundary", "two tags"), ("glare", "two")],
)
def test_what_cannot_be_a_tag_is_said_and_nothing_is_lost(
    editor: TagEditor, saved: list, label: str, why: str
) -> None:
    editor.add.click()
    retype(editor, 2, label)
    editor.accept()
    assert why in editor.problem.text()
    assert editor.isVisible()
    assert editor.table.rowCount() == 3
    assert saved == []


def test_two_tags_on_one_key_are_said(editor: TagEditor, saved: list) -> None:
    editor.table.cellWidget(0, 0).setCurrentText("7")
    editor.accept()
    assert "key 7" in editor.problem.text()
    assert saved == []


def test_a_file_that_cannot_be_written_keeps_the_form_open(qtbot: QtBot) -> None:
    def refuse(_tags: object) -> None:
        raise DatasetError("cannot-write", "the file cannot be written (no permission).")

    form = TagEditor(OWN, refuse)
    qtbot.addWidget(form)
    form.show()
    form.accept()
    assert "cannot be written" in form.problem.text()
    assert form.isVisible()


def test_own_tags_in_a_folder_without_a_description(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    masks = {source: {"a": shifted(0), "b": shifted(k)} for k, source in enumerate(("gt", "m"))}
    folder = make_dataset(tmp_path / "bare", masks)
    dock = open_review(viewer, qtbot, folder)
    session = dock.room.session
    session.toggle_tag("left over")
    form = dock.extras.tag_editor()
    form.add_row("fold in tissue", "8", False)
    asked = []
    form.confirm = lambda: bool(asked.append(True))
    form.accept()
    assert (asked, (folder / "dataset.toml").exists()) == ([True], False)
    form.confirm = lambda: True
    form.accept()
    assert (folder / "dataset.toml").read_text(encoding="utf-8").startswith("tags = [")
    assert "8 fold in tissue" in [button.text() for button in dock.verdict.tags.values()]
    assert dock.verdict.tags["left over"].isChecked(), "a tag that is on stays readable"
    assert "8" in [key.sequence for key in dock.keys.keys]
    assert dock.footer.status.text() == "tags saved in dataset.toml"
    qtbot.keyClick(dock.queue.table, Qt.Key.Key_8)
    dock.verdict.toggle_tag("fold_in_tissue")
    assert "fold_in_tissue" in session.store.latest(session.current).tags
    again = dock.extras.tag_editor()
    again.remove_row()
    again.accept()
    assert session.store.latest(session.current).tags == ("left over", "fold_in_tissue")
    assert dock.verdict.tags["fold_in_tissue"].isChecked()
    qtbot.wait(100)  # the keys and buttons from before go with the event loop
    close(viewer, dock)


def rows(dock: Any) -> list[list[str]]:
    table = dock.extras.history.table
    columns = range(1, table.columnCount())
    return [[table.item(r, c).text() for c in columns] for r in range(table.rowCount())]


def test_history_follows_what_is_decided_here_and_by_others(
    viewer: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    dock = open_review(viewer, qtbot, make_squares(tmp_path))
    session = dock.room.session
    dock.extras.show_history()
    qtbot.waitUntil(lambda: "nobody" in dock.extras.history.title.text(), timeout=10000)
    session.set_status("accept")
    session.undo()
    qtbot.waitUntil(lambda: len(rows(dock)) == 2, timeout=10000)
    assert rows(dock) == [
        ["ann", "sample", "undone: open again", ""],
        ["ann", "sample", "accept", "taken back"],
    ]
    assert dock.extras.history.table.item(1, 3).font().strikeOut()
    with ReviewStore.open(session.store.name, dataset_key=session.store.dataset_key) as store:
        store.record(Verdict(sample=session.current, reviewer="bob", status="unsure"))
    # Without being asked: the dock looks every few seconds.
    qtbot.waitUntil(lambda: len(rows(dock)) == 3, timeout=15000)
    assert rows(dock)[0] == ["bob", "sample", "unsure", "in force"]
    assert dock.verdict.statuses["unsure"].isChecked()
    session.next()
    qtbot.waitUntil(lambda: rows(dock) == [], timeout=10000)
    dock.extras.show_history()
    assert dock.extras.history is None
    dock.extras.show_history()
    close(viewer, dock)
    assert dock.extras.history is None
