"""Which files are masks of which source and sample: names and patterns, never sort order.

A pattern is a relative path with ``{source}`` and ``{sample}`` in it; ``*`` stands for anything
within one name. Links that lead out of the root are not followed.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Problem
from ..readers import IMAGE_SUFFIXES, MASK_SUFFIXES, split_suffix

# What file managers leave behind in every folder they have shown.
_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
IMAGE_FOLDERS = ("images", "image", "imgs", "img", "raw")


@dataclass
class Found:
    """Files by source and sample, and what could not be used."""

    masks: dict[str, dict[str, Path]] = field(default_factory=dict)
    images: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add_mask(self, source: str, sample: str, path: Path) -> None:
        """Take a mask file, unless the sample already has one from that source."""
        files = self.masks.setdefault(source, {})
        if sample in files:
            self.problems.append(
                Problem(
                    "two-masks",
                    f"source {source!r} already has a mask of this sample, "
                    f"{files[sample].name}; this one is left out. Keep one of them.",
                    sample,
                    str(path),
                )
            )
            return
        files[sample] = path


def list_files(root: Path, problems: list[Problem]) -> list[str]:
    """Relative POSIX paths of the files beneath ``root``, sorted; hidden ones left out.

    Links that lead out of the root, and linked folders, are listed as problems and not followed.
    """
    real_root = root.resolve()
    files: list[str] = []
    for folder, folders, names in os.walk(root, followlinks=False):
        base = Path(folder)
        problems.extend(
            _outside(base / name)
            for name in sorted(folders)
            if (base / name).is_symlink() and not name.startswith(".")
        )
        folders[:] = sorted(n for n in folders if not n.startswith("."))
        for name in names:
            path = base / name
            if name.startswith(".") or name.lower() in _SYSTEM_FILES:
                continue
            if path.is_symlink() and not _leads_to_a_file_in(path, real_root):
                problems.append(_outside(path))
                continue
            files.append(path.relative_to(root).as_posix())
    return sorted(files)


def _leads_to_a_file_in(link: Path, root: Path) -> bool:
    """Whether a link ends beneath ``root``; one that leads in a circle ends nowhere."""
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _outside(path: Path) -> Problem:
    return Problem(
        "outside-root",
        "this link is not followed: it leads nowhere, or out of the dataset's root. Copy the "
        "files, or write a dataset.toml whose [files] root names the folder they are in.",
        file=str(path),
    )


def match_patterns(
    files: Iterable[str], patterns: Iterable[str], *, deep: bool = False
) -> Iterator[tuple[str, dict[str, str]]]:
    """Files that fit a pattern, with what ``source`` and ``sample`` stand for in them.

    Parameters
    ----------
    files : iterable of str
        Relative POSIX paths.
    patterns : iterable of str
        Such as ``"{source}/{sample}.png"``; the first that fits counts.
    deep : bool
        Whether ``{sample}`` may contain folders.

    Examples
    --------
    >>> list(match_patterns(["gt/a.png", "gt/b.tif"], ["{source}/{sample}.png"]))
    [('gt/a.png', {'source': 'gt', 'sample': 'a'})]
    """
    compiled = [_compile(pattern, deep=deep) for pattern in patterns]
    for file in files:
        for pattern in compiled:
            match = pattern.fullmatch(file)
            if match is not None:
                yield file, {k: normal_name(v) for k, v in match.groupdict().items()}
                break


def _compile(pattern: str, *, deep: bool) -> re.Pattern[str]:
    parts: list[str] = []
    seen: set[str] = set()
    for piece in re.split(r"(\{source\}|\{sample\}|\*)", pattern.removeprefix("./")):
        name = piece.strip("{}")
        if piece == "*":
            parts.append(r"[^/]*")
        elif piece in ("{source}", "{sample}"):
            inner = ".+" if deep and name == "sample" else "[^/]+"
            parts.append(rf"(?P={name})" if name in seen else rf"(?P<{name}>{inner})")
            seen.add(name)
        else:
            parts.append(re.escape(piece))
    return re.compile("".join(parts))


def normal_name(name: str) -> str:
    """A file name in composed form, so that names written on different systems pair up."""
    return unicodedata.normalize("NFC", name)


def find_by_folders(root: Path, folders: dict[str, Path], found: Found) -> None:
    """Masks of sources that are one folder each (``SOURCE/NAME.png``, subfolders allowed)."""
    for source, folder in folders.items():
        found.masks.setdefault(source, {})
        for file in list_files(folder, found.problems):
            stem, suffix = split_suffix(file)
            path = folder / file
            if suffix in MASK_SUFFIXES:
                found.add_mask(source, normal_name(stem), path)
            else:
                found.problems.append(_not_a_mask_file(path, suffix))


def _not_a_mask_file(path: Path, suffix: str) -> Problem:
    if suffix in IMAGE_SUFFIXES:
        text = f"{suffix} compression changes class ids; export the masks as PNG or TIFF."
        return Problem("lossy-mask", text, file=str(path))
    text = f"this is no mask file ({suffix or 'no ending'}); it is left out."
    return Problem("unknown-format", text, file=str(path))


def find_images(root: Path, found: Found) -> None:
    """Images in the usual folders beneath ``root``."""
    for name in IMAGE_FOLDERS:
        folder = root / name
        if folder.is_dir() and not folder.is_symlink():
            for file in list_files(folder, found.problems):
                stem, suffix = split_suffix(file)
                if suffix in IMAGE_SUFFIXES:
                    found.images.setdefault(normal_name(stem), folder / file)
