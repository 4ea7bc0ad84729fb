"""What the review dock says before a dataset is open."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

_LAYOUT = (
    "Open a folder with <code>masks/SOURCE/NAME.png</code> in it, such as <code>masks/gt</code> "
    "and <code>masks/model</code>, or a <code>dataset.toml</code>."
)
_QUEUE = "Samples queue up, those with the worst agreement first."
_KEYS = (
    "Go through them by keyboard: <b>A</b> accept, <b>X</b> needs fix, <b>U</b> unsure, digits "
    "for what is wrong, <b>?</b> for all keys."
)


class StartPanel(QWidget):
    """Three lines and two buttons; a folder can also be dropped on the window."""

    open_asked = Signal()
    sample_asked = Signal()
    describe_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(1)
        for number, line in enumerate((_LAYOUT, _QUEUE, _KEYS), start=1):
            label = QLabel(f"<b>{number}</b>&nbsp; {line}")
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            column.addWidget(label)
        self.open = QPushButton("Open a folder…")
        self.open.setToolTip("Open a dataset folder; dropping one on the window does the same")
        self.sample = QPushButton("Try the sample data")
        self.sample.setToolTip("Open the sample town: street masks with planted defects")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.describe = QPushButton("Describe this folder…")
        self.describe.setToolTip("See how its files look, correct that, and open it")
        self.describe.hide()
        for widget in (self.open, self.sample, self.message, self.describe):
            column.addWidget(widget)
        column.addStretch(2)
        self.open.clicked.connect(self.open_asked)
        self.sample.clicked.connect(self.sample_asked)
        self.describe.clicked.connect(self.describe_asked)

    def say(self, text: str) -> None:
        """Say what is happening, or what went wrong."""
        self.message.setText(text)

    def set_busy(self, busy: bool) -> None:
        """While a dataset is being opened, nothing else can be."""
        self.open.setEnabled(not busy)
        self.sample.setEnabled(not busy)
