"""What the review dock says before a dataset is open."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from .recent import Recent, labels, recent_datasets

_LAYOUT = (
    "Open a folder with <code>masks/SOURCE/NAME.png</code> in it, such as <code>masks/gt</code> "
    "and <code>masks/model</code>, or a <code>dataset.toml</code>; or drop one here."
)
_QUEUE = "Samples queue up, those with the worst agreement first."
_KEYS = (
    "Go through them by keyboard: <b>A</b> accept, <b>X</b> needs fix, <b>U</b> unsure, digits "
    "for what is wrong, <b>?</b> for all keys."
)
_MOST_RECENT = 4
# napari does not show which button the keyboard is on.
_FOCUS = "QPushButton:focus { border: 1px solid #3C8DBC; }"


class StartPanel(QWidget):
    """Three lines, two buttons and what was open before; a folder can also be dropped here."""

    open_asked = Signal()
    sample_asked = Signal()
    describe_asked = Signal()
    recent_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setStyleSheet(_FOCUS)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(1)
        for number, line in enumerate((_LAYOUT, _QUEUE, _KEYS), start=1):
            label = QLabel(f"<b>{number}</b>&nbsp; {line}")
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            column.addWidget(label)
        self.open = QPushButton("Open a folder…")
        self.open.setToolTip("Open a dataset folder; dropping one here does the same")
        self.sample = QPushButton("Try the sample data")
        self.sample.setToolTip("Open the sample town: street masks with planted defects")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.describe = QPushButton("Describe this folder…")
        self.describe.setToolTip("See how its files look, correct that, and open it")
        self.describe.hide()
        for widget in (self.open, self.sample, self.message, self.describe):
            column.addWidget(widget)
        self.recent_title = QLabel("Open again:")
        self.recent: list[QPushButton] = []
        self._recent_column = QVBoxLayout()
        self._recent_column.setSpacing(4)
        column.addWidget(self.recent_title)
        column.addLayout(self._recent_column)
        column.addStretch(2)
        self.refresh()
        self.open.clicked.connect(self.open_asked)
        self.sample.clicked.connect(self.sample_asked)
        self.describe.clicked.connect(self.describe_asked)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever has opened the dock by keyboard goes on by keyboard: Space, Tab, Space."""
        super().showEvent(event)
        first = self.recent[0] if self.recent else self.open
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """List the datasets that were open before."""
        for button in self.recent:
            self._recent_column.removeWidget(button)
            button.deleteLater()
        self.recent = []
        entries = recent_datasets()[:_MOST_RECENT]
        for entry, label in zip(entries, labels(entries), strict=True):
            button = QPushButton()
            words = button.fontMetrics().elidedText(label, Qt.TextElideMode.ElideMiddle, 300)
            button.setText(words.replace("&", "&&"))
            button.setToolTip(f"Open again where you were: {entry.path}")
            button.clicked.connect(partial(self._ask, entry))
            self._recent_column.addWidget(button)
            self.recent.append(button)
        self.recent_title.setVisible(bool(self.recent))

    def _ask(self, entry: Recent) -> None:
        self.recent_asked.emit(entry)

    def say(self, text: str) -> None:
        """Say what is happening, or what went wrong."""
        self.message.setText(text)

    def set_busy(self, busy: bool) -> None:
        """While a dataset is being opened, nothing else can be."""
        for button in (self.open, self.sample, *self.recent):
            button.setEnabled(not busy)
