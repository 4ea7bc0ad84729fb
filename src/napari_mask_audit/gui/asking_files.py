"""What docks ask for in a dialog: a dataset to open, a file to write to."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QInputDialog, QWidget

from .recent import Recent, recent_datasets
from .room import ReviewRoom
from .written_files import write_report_file, write_tags


def ask_folder(room: ReviewRoom, parent: QWidget) -> None:
    """Ask for a dataset folder and open it."""
    folder = QFileDialog.getExistingDirectory(parent, "Open a dataset folder")
    if folder:
        room.open(folder)


def ask_recent(room: ReviewRoom, parent: QWidget) -> bool:
    """Ask which of the last datasets to open again; False if there is none."""
    entries = recent_datasets()
    if not entries:
        return False
    words = [f"{entry.name}  ({entry.path})" for entry in entries]
    word, chosen = QInputDialog.getItem(parent, "Open again", "Dataset:", words, 0, False)
    if chosen:
        open_again(room, entries[words.index(word)])
    return True


def open_again(room: ReviewRoom, entry: Recent) -> None:
    """Open a dataset that was open before, where the reviewer was."""
    room.open(entry.path, store=entry.store)


def ask_export(room: ReviewRoom, parent: QWidget) -> None:
    """Ask where to, and write everyone's verdicts there."""
    kinds = "Table (*.csv);;JSON (*.json)"
    path = _ask_file(room, parent, "Export tags", "tags.csv", kinds)
    if path is not None:
        write_tags(room, path)


def ask_report(room: ReviewRoom, parent: QWidget) -> None:
    """Ask where to, and write the report there."""
    path = _ask_file(room, parent, "Write the report", "report.html", "Web page (*.html)")
    if path is not None:
        write_report_file(room, path)


def _ask_file(room: ReviewRoom, parent: QWidget, title: str, name: str, kinds: str) -> Path | None:
    assert room.dataset is not None
    beside = str(room.dataset.folder / name)
    path, _ = QFileDialog.getSaveFileName(parent, title, beside, kinds)
    return Path(path) if path else None
