"""What can be opened: a folder, a dataset from before, the sample data."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QMenu, QWidget

from .recent import Recent, labels, recent_datasets

_WIDEST = 420


class OpenMenu(QMenu):
    """The menu of an *Open…* button; the datasets are looked up when it is shown."""

    folder_asked = Signal()
    sample_asked = Signal()
    recent_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.refresh)

    def refresh(self) -> None:
        """List what can be opened now."""
        self.clear()
        self._add("Open a folder…", "Open another dataset folder", self.folder_asked.emit)
        self.addSeparator()
        entries = recent_datasets()
        for entry, label in zip(entries, labels(entries), strict=True):
            words = self.fontMetrics().elidedText(label, Qt.TextElideMode.ElideMiddle, _WIDEST)
            self._add(words, entry.path, partial(self._ask, entry))
        self.addSeparator()
        hint = "Open the sample town: street masks with planted defects"
        self._add("Sample data", hint, self.sample_asked.emit)

    def _add(self, text: str, hint: str, act: object) -> None:
        action = self.addAction(text.replace("&", "&&"))
        action.setToolTip(hint)
        action.triggered.connect(act)

    def _ask(self, entry: Recent) -> None:
        self.recent_asked.emit(entry)
