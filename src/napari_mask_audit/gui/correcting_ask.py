"""What a reviewer is asked before unsaved work is left, or an earlier correction is replaced."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..dataset.corrected import EARLIER
from .correcting import Answer, Correcting


class LeavingDialog(QDialog):
    """Save, discard or stay; stays open while it is being saved, and if that fails.

    Parameters
    ----------
    correcting : Correcting
        The unsaved work.
    parent : QWidget
        Over what it opens.
    """

    def __init__(self, correcting: Correcting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._correcting = correcting
        self.answer = Answer.STAY
        self.setWindowTitle("Unsaved correction")
        self.text = QLabel(
            f"You are {correcting.title}, and it is not saved.\n\n"
            "Save writes a new mask file; the mask you corrected stays as it is."
        )
        self.text.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.save = QPushButton("Save")
        self.discard = QPushButton("Discard")
        self.stay = QPushButton("Stay")
        self.save.setToolTip("Write the corrected mask, then go on")
        self.discard.setToolTip("Throw the unsaved strokes away, then go on")
        self.stay.setToolTip("Go on correcting")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        self.discard.clicked.connect(lambda: self._close(Answer.DISCARD))
        self.stay.clicked.connect(lambda: self._close(Answer.STAY))
        buttons = QDialogButtonBox()
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.discard, QDialogButtonBox.ButtonRole.DestructiveRole)
        buttons.addButton(self.stay, QDialogButtonBox.ButtonRole.RejectRole)
        column = QVBoxLayout(self)
        for widget in (self.text, self.problem, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(360)

    def reject(self) -> None:
        """Escape, or the window's own button: stay, unless it is being saved."""
        if not self._correcting.is_saving:
            super().reject()

    def _save(self) -> None:
        self._enable(False)
        self.problem.hide()
        self._correcting.save(self._saved)

    def _saved(self, is_saved: bool) -> None:
        if is_saved:
            self._close(Answer.SAVE)
            return
        self._enable(True)
        self.problem.setText("⚠ It could not be saved: see the message. Your work is kept.")
        self.problem.show()

    def _close(self, answer: Answer) -> None:
        self.answer = answer
        self.done(0)

    def _enable(self, enabled: bool) -> None:
        for button in (self.save, self.discard, self.stay):
            button.setEnabled(enabled)


def ask_before_leaving(correcting: Correcting, parent: QWidget | None) -> Answer:
    """Ask whether to save, to discard, or to stay."""
    dialog = LeavingDialog(correcting, parent)
    dialog.exec()
    dialog.deleteLater()
    return dialog.answer


def ask_to_replace(path: Path, parent: QWidget) -> bool:
    """Whether a corrected mask that is there may become an earlier version."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Corrected before")
    box.setText(
        f"{path.parent.name}/{path.name} is there already, from an earlier correction.\n\n"
        f"Replace it? The earlier version is kept as a numbered copy in "
        f"{path.parent.name}/{EARLIER}."
    )
    replace = box.addButton("Replace, keep a copy", QMessageBox.ButtonRole.AcceptRole)
    box.addButton("Do not save", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    is_agreed = box.clickedButton() is replace
    box.deleteLater()
    return is_agreed
