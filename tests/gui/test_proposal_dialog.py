"""The description of a folder, corrected in a dialog before it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from napari.components import ViewerModel

from building import square, write_png
from napari_mask_audit.dataset import Dataset, propose
from napari_mask_audit.gui.describing import Describing
from napari_mask_audit.gui.proposal_dialog import ProposalDialog
from napari_mask_audit.gui.room import ReviewRoom
from napari_mask_audit.gui.start_panel import StartPanel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for source in ("ann", "model"):
        for name in ("a", "b"):
            write_png(tmp_path / "data" / f"{name}_{source}.png", square())
    return tmp_path / "data"


@pytest.fixture
def dialog(folder: Path, qtbot) -> ProposalDialog:
    dialog = ProposalDialog(propose(folder))
    qtbot.addWidget(dialog)
    return dialog


def test_what_was_corrected_is_what_is_written(dialog):
    text = dialog.text.toPlainText().replace('role = "reference"', 'role = "annotator"')
    dialog.text.setPlainText(text)
    dialog.write.click()
    assert dialog.result() == ProposalDialog.DialogCode.Accepted
    assert dialog.written is not None
    assert dialog.written.read_text(encoding="utf-8") == text
    assert {s.role.value for s in Dataset.open(dialog.written).sources} == {
        "annotator",
        "prediction",
    }


def test_kept_elsewhere_it_still_finds_the_masks_and_the_corrections_stay(dialog, tmp_path):
    dialog.text.setPlainText(dialog.text.toPlainText().replace('name = "data"', 'name = "ours"'))
    (tmp_path / "audits").mkdir()
    dialog.keep_in(str(tmp_path / "audits"))
    dialog.write.click()
    opened = Dataset.open(tmp_path / "audits" / "dataset.toml")
    assert (opened.name, len(opened.samples)) == ("ours", 2)


def test_an_existing_file_is_not_written_over_and_the_dialog_says_so(dialog, tmp_path):
    there = tmp_path / "data" / "dataset.toml"
    there.write_text("name = 'mine'")
    dialog.write.click()
    assert dialog.written is None
    assert "not written over" in dialog.problem.text()
    assert there.read_text() == "name = 'mine'"


def test_a_folder_that_cannot_be_opened_is_described_and_then_opened(folder, qtbot):
    room, panel = ReviewRoom(ViewerModel()), StartPanel()
    qtbot.addWidget(panel)
    describing = Describing(room, panel, panel.describe.setVisible)
    panel.describe_asked.connect(describing.describe)
    failed: list[str] = []
    room.failed.connect(lambda error: failed.append(error.code))
    room.open(folder, reviewer="ann")
    qtbot.waitUntil(lambda: failed == ["no-masks"], timeout=10000)
    assert panel.describe.isVisibleTo(panel)
    panel.describe.click()
    qtbot.waitUntil(lambda: describing.dialog is not None, timeout=10000)
    describing.dialog.write.click()
    qtbot.waitUntil(lambda: room.session is not None, timeout=10000)
    assert room.dataset is not None
    assert {source.name for source in room.dataset.sources} == {"ann", "model"}
    assert not panel.describe.isVisibleTo(panel)
    describing.release()
    room.close()
