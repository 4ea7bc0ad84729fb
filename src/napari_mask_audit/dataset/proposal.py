"""A ``dataset.toml`` for a folder nobody has described yet: what ``mask-audit init`` writes.

File names say which file is whose (:mod:`.layouts`); a look into a few files says which are
pictures, whether ids are classes or objects, and which masks do not fit the others. What is
guessed is a line in the file with its reason beside it, for its owner to correct.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import AuditError, DatasetError
from ..files import write_whole
from ..masks import LabelArray, ids_in
from ..readers import IMAGE_SUFFIXES, MASK_SUFFIXES, read_mask, split_suffix
from .discovery import list_files
from .layouts import Layout, best_layout, says_picture
from .manifest import MANIFEST_NAME
from .model import Role

#: Files of a source that are opened to see what they hold.
_LOOKS = 3
#: Share of pixels equal to the next one above which a file is flat, as masks are.
_FLAT = 0.8
#: More classes than this are not listed in the file.
_MOST_CLASSES = 40
_REFERENCE = re.compile(
    r"(^|[^a-z])(gt|gold|ground.?truth|ref|reference|labels?)|manual|truth", re.I
)
_PREDICTION = re.compile(r"pred|model|net|deep|auto|otsu|baseline|cellpose|stardist", re.I)


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
        0 where masks are binary or ids are objects.
    """

    folder: Path
    layout: str
    sources: tuple[ProposedSource, ...]
    images: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    ids: tuple[int, ...] = ()
    task: str = "semantic"
    background: int | None = None

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


def propose(folder: str | Path) -> Proposal:
    """Work out what a folder of masks holds.

    Parameters
    ----------
    folder : str or pathlib.Path
        Any folder with masks of at least two sources, or with images and masks.

    Returns
    -------
    Proposal

    Raises
    ------
    DatasetError
        ``no-dataset`` when there is no such folder, ``no-masks`` when its files do not pair up.
    """
    place = Path(folder).expanduser().resolve()
    if not place.is_dir():
        raise DatasetError("no-dataset", f"there is no folder {place}.")
    files = [f for f in list_files(place, []) if split_suffix(f)[1] in IMAGE_SUFFIXES]
    layout = best_layout(files)
    if layout is None:
        endings = ", ".join(MASK_SUFFIXES)
        raise DatasetError(
            "no-masks",
            f"no two files in {place} seem to show the same sample ({len(files)} files with "
            f"endings read here: {endings}). Put masks in masks/SOURCE/NAME.png, one folder per "
            "source, with the same file names.",
        )
    return _Look(place, layout).proposal()


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


class _Look:
    """Opens a few files of each source."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder, self.layout = folder, layout
        self.files = layout.sources
        self.unreadable: dict[str, str] = {}
        self.masks = {name: self._look(name) for name in self.files}

    def _look(self, source: str) -> list[LabelArray]:
        """Some masks of a source; empty where its files are pictures."""
        if says_picture(source):
            return []
        found = []
        paths = sorted(self.files[source].values())
        for path in paths[:: max(1, -(-len(paths) // _LOOKS))]:
            try:
                labels = read_mask(self.folder / path).labels
            except AuditError as error:
                if error.code == "unreadable":
                    self.unreadable.setdefault(source, f"{path}: {error.message}")
                continue
            if is_flat(labels):
                found.append(labels)
        return found

    def proposal(self) -> Proposal:
        drawn = {name: masks for name, masks in self.masks.items() if masks}
        broken = {name: why for name, why in self.unreadable.items() if name not in drawn}
        pictures = [name for name in self.files if name not in drawn and name not in broken]
        if not drawn and broken:
            raise DatasetError(
                "no-masks",
                f"no mask looked at in {self.folder} can be read, such as "
                f"{next(iter(broken.values()))}",
            )
        if not drawn:
            raise DatasetError(
                "no-masks",
                f"all {len(self.layout.places)} files looked at in {self.folder} are pictures, "
                "not masks of ids. Export masks as one number per pixel.",
            )
        fitting, left_out = self._fitting(drawn)
        left_out += [(name, "the files looked at cannot be read") for name in broken]
        masks = [mask for name in fitting for mask in self.masks[name]]
        ids = tuple(sorted(frozenset[int]().union(*(ids_in(mask) for mask in masks))))
        task = "instance" if are_objects(masks) else "semantic"
        binary = len(ids) <= 2 and set(ids) <= {0, 1, 255}
        patterns = self.layout.patterns
        return Proposal(
            folder=self.folder,
            layout=self.layout.name,
            sources=tuple(
                ProposedSource(name, role, patterns[name], len(self.files[name]))
                for name, role in _roles(sorted(fitting)).items()
            ),
            images=self._images(pictures),
            left_out=tuple(left_out),
            ids=ids,
            task=task,
            background=0 if 0 in ids and (binary or task == "instance") else None,
        )

    def _images(self, pictures: Sequence[str]) -> tuple[str, ...]:
        """The pictures of most samples; the folders the program finds by itself need no line."""
        best = max(pictures, key=lambda name: len(self.files[name]), default=None)
        return () if best is None else self.layout.patterns[best]

    def _fitting(
        self, drawn: dict[str, list[LabelArray]]
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """Sources whose masks have the size that most sources have, sample by sample."""
        sizes: dict[str, dict[str, tuple[int, ...]]] = {}
        for name in drawn:
            paths = self.files[name]
            for sample in sorted(paths)[:_LOOKS]:
                try:
                    shape = read_mask(self.folder / paths[sample]).shape
                except AuditError:
                    continue
                sizes.setdefault(sample, {})[name] = shape
        odd: Counter[str] = Counter()
        for by_source in sizes.values():
            common = Counter(by_source.values()).most_common(1)[0][0]
            odd.update(name for name, shape in by_source.items() if shape != common)
        seen = Counter(name for by_source in sizes.values() for name in by_source)
        out = [name for name in drawn if odd[name] and odd[name] == seen[name]]
        reason = "its masks have another size than the others of the same sample"
        return [name for name in drawn if name not in out], [(name, reason) for name in out]


def is_flat(labels: LabelArray) -> bool:
    """Whether neighbouring pixels mostly carry the same id, as in a mask and in no photograph.

    Examples
    --------
    >>> is_flat(np.zeros((8, 8), int)), is_flat(np.arange(64).reshape(8, 8))
    (True, False)
    """
    if labels.shape[-1] < 2:
        return True
    return bool(np.mean(labels[..., 1:] == labels[..., :-1]) >= _FLAT)


def are_objects(masks: Sequence[LabelArray]) -> bool:
    """Whether ids look like object numbers: many, one after another, each on one piece.

    Examples
    --------
    >>> cells = np.kron(np.arange(36).reshape(6, 6), np.ones((4, 4), int))
    >>> are_objects([cells]), are_objects([cells % 3])
    (True, False)
    """
    from ..kernels.components import label_components

    votes = []
    for labels in masks:
        ids = ids_in(labels) - {0}
        if len(ids) < 3:
            continue
        pieces = label_components(labels)
        counts = Counter(pieces.label[np.isin(pieces.label, list(ids))].tolist())
        single = sum(count == 1 for count in counts.values()) / len(ids)
        dense = max(ids) <= 3 * len(ids) or len(ids) > 60
        votes.append(len(ids) >= 8 and dense and single >= 0.9)
    return bool(votes) and sum(votes) * 2 > len(votes)


def _roles(names: Sequence[str]) -> dict[str, Role]:
    """Roles by name; what stands alone beside predictions is what they are compared with."""
    roles = {name: guess_role(name) for name in names}
    people = [name for name, role in roles.items() if role is Role.ANNOTATOR]
    if len(people) == 1 and Role.REFERENCE not in roles.values() and len(names) > 1:
        roles[people[0]] = Role.REFERENCE
    return roles


def guess_role(name: str) -> Role:
    """What a source seems to be for, from its name.

    Examples
    --------
    >>> [guess_role(n).value for n in ("seg-manual", "pred_rf", "obs1_1stHO", "gtFine_labelIds")]
    ['reference', 'prediction', 'annotator', 'reference']
    """
    if _PREDICTION.search(name) and not re.search(r"manual|truth", name, re.I):
        return Role.PREDICTION
    return Role.REFERENCE if _REFERENCE.search(name) else Role.ANNOTATOR


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _patterns(patterns: Sequence[str]) -> str:
    if len(patterns) == 1:
        return _text(patterns[0])
    return "[" + ", ".join(map(_text, patterns)) + "]"
