"""The queue as a Qt table."""

from __future__ import annotations

import pytest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from napari_mask_audit.gui.queue_model import SAMPLE, SCORE, STATUS, TAGS, WORST, QueueModel
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession


@pytest.fixture
def model(qtbot: QtBot, session: ReviewSession) -> QueueModel:
    model = QueueModel()
    model.set_session(session)
    yield model
    model.set_session(None)


def cells(model: QueueModel, column: int) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_the_model_keeps_qts_contract(
    qtmodeltester: ModelTester, model: QueueModel, session: ReviewSession
) -> None:
    qtmodeltester.check(model)
    session.set_filter("pole")
    session.add_items([QueueItem("f", 0.1)])
    session.toggle_tag("boundary")
    qtmodeltester.check(model)


def test_rows_are_those_of_the_session_in_words(model: QueueModel) -> None:
    assert cells(model, SAMPLE) == ["e", "d", "c", "b", "a"]
    assert cells(model, SCORE) == ["!", "0.20", "0.40", "0.60", "0.80"]
    assert cells(model, WORST)[1] == "pole 0.10"


def test_a_verdict_shows_in_its_row_only(
    qtbot: QtBot, model: QueueModel, session: ReviewSession
) -> None:
    session.go_to("c")
    with qtbot.waitSignal(model.dataChanged) as changed:
        session.toggle_tag("missed_small")
    assert {index.row() for index in changed.args[:2]} == {2}
    session.set_status("needs_fix")
    assert cells(model, TAGS) == ["", "", "missed small", "", ""]
    assert cells(model, STATUS) == ["", "", "✗", "", ""]
    assert "by ann" in model.index(2, STATUS).data(Qt.ItemDataRole.ToolTipRole)


def test_a_problem_is_said_on_hover(model: QueueModel) -> None:
    assert model.index(0, SCORE).data(Qt.ItemDataRole.ToolTipRole) == "no mask from model"


def test_the_current_sample_is_bold(model: QueueModel, session: ReviewSession) -> None:
    session.go_to("b")
    bold = [
        font is not None and font.bold()
        for font in (model.index(r, 0).data(Qt.ItemDataRole.FontRole) for r in range(5))
    ]
    assert bold == [False, False, False, True, False]


def test_a_filter_shortens_the_table(model: QueueModel, session: ReviewSession) -> None:
    session.set_filter("sample:b")
    assert cells(model, SAMPLE) == ["b"]
    session.set_filter("")
    assert model.rowCount() == 5
