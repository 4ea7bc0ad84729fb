"""Panels, both ways: a click reaches the session, and the session reaches the widgets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import QWidget

from napari_mask_audit.errors import AuditError, StoreError
from napari_mask_audit.gui.calm_progress_bar import CalmProgressBar
from napari_mask_audit.gui.queue_panel import QueuePanel
from napari_mask_audit.gui.verdict_panel import VerdictPanel
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.verdicts import ReviewStatus


class Attempts:
    """Does verbs and keeps their errors, as the room does."""

    def __init__(self) -> None:
        self.errors: list[AuditError] = []

    def __call__(self, verb: Callable[[], object]) -> bool:
        try:
            verb()
        except AuditError as error:
            self.errors.append(error)
            return False
        return True


@pytest.fixture
def attempts() -> Attempts:
    return Attempts()


@pytest.fixture
def verdict(qtbot: QtBot, session: ReviewSession, attempts: Attempts) -> VerdictPanel:
    panel = VerdictPanel(attempts, lambda: True)
    qtbot.addWidget(panel)
    panel.set_session(session)
    yield panel
    panel.set_session(None)


@pytest.fixture
def queue(qtbot: QtBot, session: ReviewSession, attempts: Attempts) -> QueuePanel:
    panel = QueuePanel(attempts)
    qtbot.addWidget(panel)
    panel.resize(400, 300)
    panel.set_session(session, None)
    yield panel
    panel.set_session(None, None)


def test_a_status_button_decides_and_moves_on(
    qtbot: QtBot, verdict: VerdictPanel, session: ReviewSession
) -> None:
    session.go_to("d")
    qtbot.mouseClick(verdict.statuses[ReviewStatus.NEEDS_FIX], Qt.MouseButton.LeftButton)
    decided = session.store.latest("d")
    assert decided is not None
    assert decided.status is ReviewStatus.NEEDS_FIX
    assert session.current == "c"
    assert not any(button.isChecked() for button in verdict.statuses.values())
    session.go_to("d")
    assert verdict.statuses[ReviewStatus.NEEDS_FIX].isChecked()


def test_a_tag_button_toggles_and_follows_the_session(
    qtbot: QtBot, verdict: VerdictPanel, session: ReviewSession
) -> None:
    button = verdict.tags["fold"]
    assert button.text() == "4 fold"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.verdict("e").tags == ("fold",)
    session.undo()
    assert not button.isChecked()
    session.redo()
    assert button.isChecked()


def test_a_comment_is_stored_for_the_sample_it_was_typed_for(
    qtbot: QtBot, verdict: VerdictPanel, session: ReviewSession
) -> None:
    session.go_to("d")
    qtbot.keyClicks(verdict.comment, "left edge")
    session.go_to("b")
    assert session.store.latest("d").comment == "left edge"
    assert session.store.latest("b") is None
    assert verdict.comment.text() == ""


def test_enter_stores_a_comment_once_and_escape_takes_back_what_was_typed(
    qtbot: QtBot, verdict: VerdictPanel, session: ReviewSession
) -> None:
    qtbot.keyClicks(verdict.comment, "blurred")
    qtbot.keyClick(verdict.comment, Qt.Key.Key_Return)
    qtbot.keyClicks(verdict.comment, " or not")
    qtbot.keyClick(verdict.comment, Qt.Key.Key_Escape)
    assert verdict.comment.text() == "blurred"
    session.next()
    assert [event.comment for event in session.store.history("e")] == ["blurred"]


def test_a_failing_store_leaves_everything_as_it_was(
    qtbot: QtBot,
    verdict: VerdictPanel,
    session: ReviewSession,
    attempts: Attempts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise StoreError("store-busy", "somebody else is writing; try again.")

    session.go_to("d")
    monkeypatch.setattr(session.store, "amend", fail)
    qtbot.mouseClick(verdict.tags["boundary"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(verdict.statuses[ReviewStatus.ACCEPT], Qt.MouseButton.LeftButton)
    qtbot.keyClicks(verdict.comment, "typed")
    qtbot.keyClick(verdict.comment, Qt.Key.Key_Return)
    assert [error.code for error in attempts.errors] == ["store-busy"] * len(attempts.errors)
    assert len(attempts.errors) >= 3
    assert session.current == "d"
    assert not verdict.tags["boundary"].isChecked()
    assert not verdict.statuses[ReviewStatus.ACCEPT].isChecked()
    assert verdict.comment.text() == "typed", "what was typed is not lost"


def test_a_click_on_a_row_opens_its_sample(
    qtbot: QtBot, queue: QueuePanel, session: ReviewSession
) -> None:
    queue.show()
    place = queue.table.visualRect(queue.model.index(3, 1)).center()
    qtbot.mouseClick(queue.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.current == "b"


def test_the_selected_row_follows_the_session(queue: QueuePanel, session: ReviewSession) -> None:
    session.go_to("a")
    assert queue.table.currentIndex().row() == 4
    session.set_order("name")
    assert [i.row() for i in queue.table.selectionModel().selectedRows()] == [0]


def test_orders_by_class_are_offered_and_chosen(
    qtbot: QtBot, queue: QueuePanel, session: ReviewSession
) -> None:
    index = queue.order.findData("best_first")
    queue.order.setCurrentIndex(index)
    queue.order.activated.emit(index)
    assert session.samples[0] == "a"


def test_typing_filters_the_queue(qtbot: QtBot, queue: QueuePanel, session: ReviewSession) -> None:
    qtbot.keyClicks(queue.filter, "sample:c")
    qtbot.waitUntil(lambda: session.samples == ["c"])
    queue.filter.clear()
    qtbot.waitUntil(lambda: len(session) == 5)


@pytest.mark.parametrize("name", ["verdict", "queue"])
def test_every_control_has_a_tooltip(name: str, request: pytest.FixtureRequest) -> None:
    from qtpy.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTableView

    panel: QWidget = request.getfixturevalue(name)
    controls = [
        child
        for kind in (QAbstractButton, QComboBox, QLineEdit, QTableView)
        for child in panel.findChildren(kind)
        # The corner button and the clear button belong to Qt.
        if not child.objectName().startswith("qt_") and child.parent() is not None
    ]
    own = [c for c in controls if c.metaObject().className() not in ("QTableCornerButton",)]
    own = [c for c in own if "QLineEditIconButton" not in c.metaObject().className()]
    assert own
    assert [c for c in own if not c.toolTip()] == []


def test_progress_is_painted_with_the_rest_of_the_window_not_at_once(qtbot: QtBot) -> None:
    painted: list[int] = []

    class Watched(CalmProgressBar):
        def paintEvent(self, event: QPaintEvent) -> None:
            painted.append(self.value())
            super().paintEvent(event)

    bar = Watched()
    qtbot.addWidget(bar)
    bar.show()
    qtbot.waitExposed(bar)
    qtbot.waitUntil(lambda: bool(painted))
    painted.clear()
    for value in (10, 20, 30):
        bar.setValue(value)
    assert not painted
    qtbot.waitUntil(lambda: bool(painted))
    assert set(painted) == {30}
