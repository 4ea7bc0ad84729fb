"""A folder nobody has described: what it seems to be, to be corrected before it is written down."""

from __future__ import annotations

import os
import re
from pathlib import Path

from qtpy.QtGui import QFontDatabase
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..dataset import Proposal, write_manifest
from ..dataset.proposal import manifest_path, manifest_root, root_line
from ..errors import AuditError


class ProposalDialog(QDialog):
    """The proposed ``dataset.toml`` as text, and where it will be kept.

    Parameters
    ----------
    proposal : Proposal
        What the folder seems to be.

    Attributes
    ----------
    written : pathlib.Path or None
        The file, once it is written.
    """

    def __init__(self, proposal: Proposal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.proposal = proposal
        self.written: Path | None = None
        self.setWindowTitle("Describe a folder of masks")
        self.resize(720, 480)
        masks = sum(source.samples for source in proposal.sources)
        self.found = QLabel(
            f"{proposal.folder.name} has no dataset.toml, and no masks/SOURCE/NAME files. It "
            f"was read as: {proposal.layout}, {len(proposal.sources)} sources, {masks} masks. "
            "Correct what is wrong below; lines that begin with # are remarks."
        )
        self.found.setWordWrap(True)
        self.text = QPlainTextEdit()
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setToolTip("The description that will be written; edit it freely")
        self.place = QLineEdit()
        self.place.setToolTip("Where the description is kept; the masks stay where they are")
        self.choose = QPushButton("elsewhere…")
        self.choose.setToolTip("Keep the description in another folder")
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.write = QPushButton("Write and open")
        self.write.setToolTip("Write the description, and open the dataset it describes")
        self.buttons.addButton(self.write, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self.text.setPlainText(proposal.to_toml())
        self._put(manifest_path(proposal))
        if not os.access(proposal.folder, os.W_OK):
            self.problem.setText("Nothing can be written in this folder: keep it elsewhere.")

    def accept(self) -> None:
        """Write the file; stay open, with the reason, where that does not work."""
        try:
            self.written = write_manifest(
                self.proposal, self.place.text(), text=self.text.toPlainText()
            )
        except AuditError as error:
            self.problem.setText(f"⚠ {error.message}")
            return
        super().accept()

    def keep_in(self, folder: str) -> None:
        """Keep the description in another folder."""
        self._put(manifest_path(self.proposal, folder))

    def _put(self, path: Path) -> None:
        """Name another place; of the text only the way from there to the masks changes."""
        text, line = self.text.toPlainText(), root_line(manifest_root(self.proposal, path))
        self.text.setPlainText(re.sub(r"(?m)^root = .*$", lambda _match: line, text, count=1))
        self.place.setText(str(path))

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Keep the description in")
        if folder:
            self.keep_in(folder)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        row = QHBoxLayout()
        row.addWidget(QLabel("kept as"))
        row.addWidget(self.place, 1)
        row.addWidget(self.choose)
        column.addWidget(self.found)
        column.addWidget(self.text, 1)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)
        self.choose.clicked.connect(self._ask_folder)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
