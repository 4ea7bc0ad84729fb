"""The team's own tags in a form: add, rename, order, give a key, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..errors import AuditError
from ..review.tags import DEFAULT_TAGS, KEYS, Tag

_KEY, _LABEL = range(2)
_NAME = Qt.ItemDataRole.UserRole
_AUTOMATIC = "auto"


class TagEditor(QDialog):
    """The tags as rows; what is typed stays until it is saved or cancelled.

    Parameters
    ----------
    tags : sequence of Tag
        The team's own.
    save : callable
        Writes them; an AuditError is shown and nothing is lost.
    makes_file : bool
        Whether saving makes a ``dataset.toml``, which is asked first.
    """

    def __init__(
        self,
        tags: Sequence[Tag],
        save: Callable[[Sequence[Tag]], object],
        *,
        makes_file: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._save = save
        self._makes_file = makes_file
        self.setWindowTitle("Failure tags")
        self.resize(420, 380)
        always = ", ".join(f"{tag.key} {tag.label}" for tag in DEFAULT_TAGS)
        self.words = QLabel(f"Always there: {always}. Your team's own:")
        self.words.setWordWrap(True)
        self.table = self._make_table()
        self.add = self._button("Add", "Add a tag at the end", self.add_empty_row)
        self.remove = self._button(
            "Remove",
            "Remove the tag from the list; verdicts that have it keep it",
            self.remove_row,
        )
        self.up = self._button("▲", "Move the tag up", self.move_up)
        self.down = self._button("▼", "Move the tag down", self.move_down)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        for tag in tags:
            self.add_row(tag.label, tag.key, False, tag.name)

    # -- rows ------------------------------------------------------------------------------------

    def add_row(self, label: str, key: str | None, edit: bool, name: str | None = None) -> None:
        """Append a tag; a new one is stored under its label."""
        self._insert(self.table.rowCount(), label, key, name)
        self.table.setCurrentCell(self.table.rowCount() - 1, _LABEL)
        if edit:
            self.table.editItem(self.table.item(self.table.rowCount() - 1, _LABEL))

    def add_empty_row(self, _checked: bool = False) -> None:
        """Append a row and let it be typed into."""
        self.add_row("", None, True)

    def remove_row(self, _checked: bool = False) -> None:
        """Remove the current row."""
        row = self.table.currentRow()
        if row >= 0:
            self.table.removeRow(row)

    def move_up(self, _checked: bool = False) -> None:
        """Move the current row up."""
        self.move_row(-1)

    def move_down(self, _checked: bool = False) -> None:
        """Move the current row down."""
        self.move_row(1)

    def move_row(self, step: int) -> None:
        """Move the current row up or down."""
        row = self.table.currentRow()
        target = row + step
        if row < 0 or not 0 <= target < self.table.rowCount():
            return
        label, key, name = self._row(row)
        self.table.removeRow(row)
        self._insert(target, label, key, name)
        self.table.setCurrentCell(target, _LABEL)

    def tags(self) -> list[Tag]:
        """What the form says.

        Raises
        ------
        SettingsError
            ``tag-name`` if a label cannot be a tag.
        """
        found = []
        for row in range(self.table.rowCount()):
            label, key, name = self._row(row)
            found.append(Tag(name or label.strip().replace(" ", "_"), label.strip(), key))
        return found

    # -- leaving ---------------------------------------------------------------------------------

    def accept(self) -> None:
        """Save; stay open, with the reason, where that does not work."""
        try:
            tags = self.tags()
            repeated = _repeated([tag.name for tag in (*DEFAULT_TAGS, *tags)])
            if repeated:
                self.problem.setText(f"⚠ There are two tags “{repeated}”: rename one of them.")
                return
            keys = _repeated([tag.key for tag in tags if tag.key is not None])
            if keys:
                self.problem.setText(f"⚠ Two tags have the key {keys}: change one of them.")
                return
            if self._makes_file and not self.confirm():
                return
            self._save(tags)
        except AuditError as error:
            self.problem.setText(f"⚠ {error}")
            return
        super().accept()

    def done(self, result: int) -> None:
        """Close, and let go of what would have been told."""
        super().done(result)
        self._save = _ended

    def confirm(self) -> bool:
        """Ask before a file is made."""
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.Cancel
        text = (
            "This folder has no dataset.toml. Make one that says which tags your team uses, and "
            "nothing else?"
        )
        return QMessageBox.question(self, "Failure tags", text, yes | no, yes) == yes

    # -- inside ----------------------------------------------------------------------------------

    def _row(self, row: int) -> tuple[str, str | None, str | None]:
        item = self.table.item(row, _LABEL)
        key = self.table.cellWidget(row, _KEY).currentText()
        return item.text(), None if key == _AUTOMATIC else key, item.data(_NAME)

    def _insert(self, row: int, label: str, key: str | None, name: str | None) -> None:
        self.table.insertRow(row)
        choice = QComboBox()
        free = [digit for digit in KEYS if digit not in {tag.key for tag in DEFAULT_TAGS}]
        choice.addItems([_AUTOMATIC, *free])
        choice.setCurrentText(key or _AUTOMATIC)
        choice.setToolTip("The digit that toggles the tag; auto: the next one that is free")
        self.table.setCellWidget(row, _KEY, choice)
        item = QTableWidgetItem(label)
        item.setData(_NAME, name)
        item.setToolTip(
            "What reviewers read; double-click to change it."
            + (f" Stored and exported as {name}." if name else "")
        )
        self.table.setItem(row, _LABEL, item)

    def _button(self, words: str, hint: str, act: Callable[[bool], object]) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(hint)
        button.setAutoDefault(False)
        button.clicked.connect(act)  # bound: a lambda would keep the form alive
        return button

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 2)
        table.setHorizontalHeaderLabels(("key", "tag"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setToolTip("Your team's own tags, in the order of their buttons")
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setSectionResizeMode(_LABEL, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(_KEY, 76)
        return table

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in (self.add, self.remove, self.up, self.down):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)


def _ended(_tags: Sequence[Tag]) -> None:
    """What a form that is closed saves."""


def _repeated(words: Sequence[str]) -> str | None:
    return next((word for number, word in enumerate(words) if word in words[:number]), None)
