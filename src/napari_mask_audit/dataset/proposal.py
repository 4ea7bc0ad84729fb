"""A ``dataset.toml`` for a folder nobody has described yet: what ``mask-audit init`` writes.

What is guessed (:mod:`.proposing`) is a line in the file with its reason beside it, for its owner
to correct.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DatasetError
from ..files import write_whole
from .manifest import MANIFEST_NAME
from .model import Role

#: More classes than this are not listed in the file.
_MOST_CLASSES = 40


@dataclass(frozen=True)
class ProposedSource:
    """A source as the files suggest it.

    Attributes
    ----------
    name : str
    role : Role
        From its name.
    patterns : tuple of str
        Where its masks are.
    samples : int
        How many it has.
    """

    name: str
    role: Role
    patterns: tuple[str, ...]
    samples: int


@dataclass(frozen=True)
class Proposal:
    """What a folder seems to be.

    Attributes
    ----------
    folder : pathlib.Path
    layout : str
        How the paths were read, in words.
    sources : tuple of ProposedSource
    images : tuple of str
        Patterns of the pictures.
    left_out : tuple of (str, str)
        Sources that do not fit, and why.
    ids : tuple of int
        Ids seen, ascending.
    task : {"semantic", "instance"}
    background : int or None
        0 where masks are binary or ids are objects, or where a list of classes says so.
    class_names : tuple of (int, str)
        From a list of classes in the folder, ascending; empty without one.
    """

    folder: Path
    layout: str
    sources: tuple[ProposedSource, ...]
    images: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    ids: tuple[int, ...] = ()
    task: str = "semantic"
    background: int | None = None
    class_names: tuple[tuple[int, str], ...] = ()

    def to_toml(self, *, root: str = ".") -> str:
        """The ``dataset.toml``, with a comment on whatever was guessed.

        Parameters
        ----------
        root : str
            Folder of the masks, as seen from where the file is kept.
        """
        lines = [
            f"# Proposed by mask-audit init, which read the folder as: {self.layout}.",
            "# Correct what is wrong, delete what is not needed; docs/dataset.md explains it.",
            f"name = {_text(self.folder.name)}",
        ]
        if self.task == "instance":
            lines.append('task = "instance"          # ids are objects; delete for classes')
        if self.background is not None:
            lines.append(f"background = {self.background}")
        elif 0 in self.ids:
            lines.append('# background = 0           # uncomment when 0 means "nothing here"')
        if self.task == "semantic" and 0 in self.ids and not self.is_binary:
            lines.append("# binary = true            # uncomment when every id but 0 is one class")
        if 255 in self.ids and len(self.ids) > 2:
            lines.append("# ignore = [255]           # uncomment when 255 means void")
        lines += ["", "[files]", root_line(root)]
        lines += [f"images = {_patterns(self.images)}"] if self.images else []
        lines += ["", "[sources]                   # role: reference, prediction or annotator"]
        for source in self.sources:
            role, where = _text(source.role.value), _patterns(source.patterns)
            lines.append(f"{_key(source.name)} = {{ role = {role}, masks = {where} }}")
        lines += [f"# left out: {name}: {reason}" for name, reason in self.left_out]
        lines += self._class_lines()
        return "\n".join(lines) + "\n"

    def _class_lines(self) -> list[str]:
        named = [i for i in self.ids if i != self.background]
        if self.class_names:
            rows = (f"{number} = {_text(name)}" for number, name in self.class_names)
            return ["", "[classes]", *rows]
        if self.task == "instance" or self.is_binary or not 0 < len(named) <= _MOST_CLASSES:
            return []
        return [
            "",
            "# [classes]                 # name them and uncomment",
            *(f'# {number} = "class {number}"' for number in named),
        ]

    @property
    def is_binary(self) -> bool:
        """Whether all masks hold 0 and one other id."""
        return len(self.ids) <= 2 and set(self.ids) <= {0, 1, 255}


def write_manifest(
    proposal: Proposal, target: str | Path | None = None, *, text: str | None = None
) -> Path:
    """Write the proposal as a new file.

    Parameters
    ----------
    proposal : Proposal
    target : str or pathlib.Path, optional
        A file, or a folder for a ``dataset.toml``; the proposal's own folder when not given.
    text : str, optional
        What to write instead: the proposal as somebody corrected it.

    Raises
    ------
    DatasetError
        ``manifest-exists`` where there is such a file: it is never written over;
        ``cannot-write``.
    """
    path = manifest_path(proposal, target)
    if path.exists():
        raise DatasetError(
            "manifest-exists",
            "this file exists and is not written over. Edit it, move it away, or name another "
            "file with --output.",
            file=path,
        )
    content = proposal.to_toml(root=manifest_root(proposal, path)) if text is None else text
    return write_whole(path, content.encode())


def manifest_path(proposal: Proposal, target: str | Path | None = None) -> Path:
    """Where :func:`write_manifest` writes."""
    path = proposal.folder if target is None else Path(target).expanduser()
    return (path / MANIFEST_NAME if path.is_dir() else path).absolute()


def root_line(root: str) -> str:
    """The line that says where the masks are."""
    return f"root = {_text(root)}"


def manifest_root(proposal: Proposal, path: Path) -> str:
    """Folder of the masks, as seen from a description kept at `path`."""
    home = path.parent.resolve()
    try:
        return Path(os.path.relpath(proposal.folder, home)).as_posix()
    except ValueError:  # another drive
        return proposal.folder.as_posix()


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _patterns(patterns: Sequence[str]) -> str:
    if len(patterns) == 1:
        return _text(patterns[0])
    return "[" + ", ".join(map(_text, patterns)) + "]"
