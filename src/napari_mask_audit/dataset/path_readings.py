"""Every way to read the paths of a folder: which part is the source, which the sample."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from ..readers import split_suffix
from .discovery import normal_name
from .model import Role
from .source_words import PICTURE, ROLE, guess_role, role_share

_SEPARATORS = "_-. "


@dataclass(frozen=True)
class Place:
    """What one file is, under one way to read the paths.

    Attributes
    ----------
    source, sample : str
        Who drew it, and of what.
    pattern : str
        The path with ``{sample}`` in place of the sample; ``*`` for what varies and says nothing.
    """

    source: str
    sample: str
    pattern: str


def readings(files: Sequence[str]) -> Iterator[tuple[str, dict[str, Place]]]:
    """Every way to read the paths; of two that fit alike, the first is taken.

    Parameters
    ----------
    files : sequence of str
        Relative POSIX paths.
    """
    paths = [_Path.of(file) for file in files]
    for strip in (_nothing, _end, _start, _both, _all_but_number):
        yield "a folder per source", _by_folder(paths, strip)
    depths = {len(path.folders) for path in paths}
    if len(depths) == 1:
        for level in range(min(depths)):
            for strip in (_nothing, _end):
                yield "a folder per source", _by_level(paths, level, strip)
            yield (
                "a folder per source, several files of it per sample",
                _by_level(paths, level, _end, in_families=True),
            )
    yield "a folder per sample", _by_sample_folder(paths)
    yield "names that begin with the sample", _in_each_folder(paths, _by_prefix)
    yield "names that end with the source", _in_each_folder(paths, partial(_by_word, at_end=True))
    yield (
        "names that begin with the source",
        _in_each_folder(paths, partial(_by_word, at_end=False)),
    )
    yield "names that end with the source", _in_each_folder(paths, _by_last_word)
    yield "numbered names", _in_each_folder(paths, _by_numbers)
    yield "one sample", _one_sample(paths)


def _in_each_folder(
    paths: Sequence[_Path], read: Callable[[Sequence[_Path]], dict[str, Place]]
) -> dict[str, Place]:
    """Files that lie side by side, read folder by folder; only samples of several files."""
    groups: dict[tuple[str, ...], list[_Path]] = defaultdict(list)
    for path in paths:
        groups[path.folders].append(path)
    kept: dict[str, Place] = {}
    for members in groups.values():
        places = read(members)
        times = Counter(place.sample for place in places.values())
        kept |= {file: place for file, place in places.items() if times[place.sample] > 1}
    return kept


@dataclass(frozen=True)
class _Path:
    file: str
    folders: tuple[str, ...]
    stem: str
    ending: str

    @classmethod
    def of(cls, file: str) -> _Path:
        pure = PurePosixPath(file)
        stem, suffix = split_suffix(pure.name)
        return cls(file, pure.parent.parts, stem, pure.name[len(pure.name) - len(suffix) :])


Strip = Callable[[Sequence[str]], tuple[str, str]]


def _nothing(_stems: Sequence[str]) -> tuple[str, str]:
    return "", ""


def _end(stems: Sequence[str]) -> tuple[str, str]:
    return "", _common_start([stem[::-1] for stem in stems])[::-1]


def _start(stems: Sequence[str]) -> tuple[str, str]:
    return _common_start(stems), ""


def _both(stems: Sequence[str]) -> tuple[str, str]:
    return _start(stems)[0], _end(stems)[1]


def _all_but_number(stems: Sequence[str]) -> tuple[str, str]:
    """What stands before and after the one number that tells the names apart."""
    parts = [re.fullmatch(r"(\D*)\d+(\D*)", stem) for stem in stems]
    around = {part.groups() for part in parts if part is not None}
    if None in parts or len(around) != 1:
        return "", ""
    start, end = around.pop()
    return str(start), str(end)


def _families(members: Sequence[_Path]) -> dict[str, list[_Path]]:
    """Files by the last word of their names, where each sample has one with each of these words.

    ``7_labelIds``, ``7_color``, ``8_labelIds``, ``8_color``: two families. One family without a
    word where the names are no such thing.
    """
    found: dict[str, list[_Path]] = defaultdict(list)
    roots: dict[str, set[str]] = defaultdict(set)
    for path in members:
        match = re.fullmatch(r"(.+)[_\-. ]([^_\-. ]*[^\W\d_][^_\-. ]*)", path.stem)
        if match is None:
            return {"": list(members)}
        found[match[2]].append(path)
        roots[match[1]].add(match[2])
    whole = sum(words == set(found) for words in roots.values())
    is_one = len(found) < 2 or 2 * whole < len(roots)
    return {"": list(members)} if is_one else dict(found)


def _common_start(stems: Sequence[str]) -> str:
    """What all names begin with, up to and including a separator; nothing for a single name."""
    if len(stems) < 2:
        return ""
    first, last = min(stems), max(stems)
    same = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    while same and first[same - 1] not in _SEPARATORS:
        same -= 1
    return first[:same]


def _by_folder(paths: Sequence[_Path], strip: Strip) -> dict[str, Place]:
    """Each folder of files is a source."""
    groups: dict[tuple[str, ...], list[_Path]] = defaultdict(list)
    for path in paths:
        if path.folders:
            groups[path.folders].append(path)
    names = _short_names(groups)
    places = {}
    for folders, members in groups.items():
        start, end = strip([path.stem for path in members])
        for path in members:
            sample = path.stem[len(start) : len(path.stem) - len(end)]
            if sample:
                pattern = "/".join((*folders, f"{start}{{sample}}{end}{path.ending}"))
                places[path.file] = Place(names[folders], normal_name(sample), pattern)
    return places


def _short_names(folders: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """The last folder's name where it is enough to tell folders apart, else more of the path.

    More too where a folder around it says whose masks these are, as in ``01_GT/SEG``.
    """
    found = list(folders)
    last = Counter(parts[-1] for parts in found)
    return {
        parts: normal_name(
            parts[-1] if last[parts[-1]] == 1 and not _says_more(parts) else "-".join(parts)
        )
        for parts in found
    }


def _says_more(parts: tuple[str, ...]) -> bool:
    """Whether the folders around the last one name the reference, and the last one does not."""
    around = [guess_role(part) for part in parts[:-1]]
    return Role.REFERENCE in around and guess_role(parts[-1]) is Role.ANNOTATOR


def _by_level(
    paths: Sequence[_Path], level: int, strip: Strip, *, in_families: bool = False
) -> dict[str, Place]:
    """One level of nested folders names the source; the others say nothing about it.

    With `in_families`, a folder may hold several sources, told apart by the last word of a name.
    """
    folders: dict[str, list[_Path]] = defaultdict(list)
    for path in paths:
        folders[path.folders[level]].append(path)
    groups: dict[str, list[_Path]] = {}
    for name, files in folders.items():
        families = _families(files) if in_families else {"": files}
        groups |= {f"{name}_{word}" if word else name: found for word, found in families.items()}
    constant = [len(set(column)) == 1 for column in zip(*(p.folders for p in paths), strict=True)]
    places = {}
    for source, members in groups.items():
        start, end = strip([path.stem for path in members])
        for path in members:
            parts = [
                part if constant[i] or i == level else "*" for i, part in enumerate(path.folders)
            ]
            sample = path.stem[len(start) : len(path.stem) - len(end)]
            if sample:
                pattern = "/".join((*parts, f"{start}{{sample}}{end}{path.ending}"))
                places[path.file] = Place(normal_name(source), normal_name(sample), pattern)
    return places


def _by_sample_folder(paths: Sequence[_Path]) -> dict[str, Place]:
    """Each folder is a sample; file names (without the folder's name in them) are the sources."""
    places = {}
    inside = [path for path in paths if path.folders]
    constant = [len(set(c)) == 1 for c in zip(*(p.folders[:-1] for p in inside), strict=False)]
    for path in inside:
        sample = path.folders[-1]
        stem = path.stem
        source = stem.removeprefix(sample).lstrip(_SEPARATORS) if stem != sample else "image"
        shown = stem.replace(sample, "{sample}", 1) if stem.startswith(sample) else stem
        parts = [
            p if i < len(constant) and constant[i] else "*" for i, p in enumerate(path.folders[:-1])
        ]
        pattern = "/".join((*parts, "{sample}", f"{shown}{path.ending}"))
        places[path.file] = Place(normal_name(source), normal_name(sample), pattern)
    return places


def _by_prefix(paths: Sequence[_Path]) -> dict[str, Place]:
    """``x.png`` beside ``x_gt.png`` and ``x_pred.png``: the shortest name is the sample's image."""
    stems = sorted({path.stem for path in paths}, key=len)
    roots: set[str] = set()
    starts = {stem: _starts(stem) for stem in stems}
    for stem in stems:
        if not any(start in roots for start in starts[stem]):
            roots.add(stem)
    places = {}
    for path in paths:
        root = path.stem if path.stem in roots else next(s for s in starts[path.stem] if s in roots)
        rest = path.stem[len(root) :]
        source = rest.strip(_SEPARATORS) or "image"
        pattern = "/".join((*path.folders, f"{{sample}}{rest}{path.ending}"))
        places[path.file] = Place(normal_name(source), normal_name(root), pattern)
    return places


def _starts(stem: str) -> list[str]:
    """The beginnings of a name that end before a separator."""
    return [stem[:i] for i, letter in enumerate(stem) if letter in _SEPARATORS and i]


def _by_word(paths: Sequence[_Path], *, at_end: bool) -> dict[str, Place]:
    """``7_pred.png`` or ``pred_7.png``: a word that says who drew it, and the sample."""
    places = {}
    for path in paths:
        pieces = re.split(r"([_\-. ]+)", path.stem)  # words at even places, separators between
        cut = _cut(pieces[::2], at_end=at_end)
        if cut is None:
            continue
        first, between, rest = "".join(pieces[: 2 * cut - 1]), pieces[2 * cut - 1], 2 * cut
        last = "".join(pieces[rest:])
        sample, source = (first, last) if at_end else (last, first)
        shown = f"{{sample}}{between}{last}" if at_end else f"{first}{between}{{sample}}"
        pattern = "/".join((*path.folders, f"{shown}{path.ending}"))
        places[path.file] = Place(normal_name(source), normal_name(sample), pattern)
    return places


def _cut(words: Sequence[str], *, at_end: bool) -> int | None:
    """Number of the word at which the second part of a name begins; None where no word tells."""
    roles = [i for i, word in enumerate(words) if ROLE.match(word)]
    if at_end:
        last = [len(words) - 1] if PICTURE.fullmatch(words[-1]) else []
        return next((i for i in roles or last if i > 0), None)
    if 0 not in roles and not PICTURE.fullmatch(words[0]):
        return None
    return next((i for i in range(1, len(words)) if i not in roles), None)


def _by_last_word(paths: Sequence[_Path]) -> dict[str, Place]:
    """``7_ann.png`` beside ``7_model.png``: the last word, if one of them sounds like a source."""
    places = {}
    for path in paths:
        match = re.fullmatch(r"(.+)([_\-. ])([^_\-. ]+)", path.stem)
        if match is not None:
            sample, between, source = match.groups()
            pattern = "/".join((*path.folders, f"{{sample}}{between}{source}{path.ending}"))
            places[path.file] = Place(normal_name(source), normal_name(sample), pattern)
    told = any(role_share(place.source) for place in places.values())
    return places if told else {}


def _by_numbers(paths: Sequence[_Path]) -> dict[str, Place]:
    """``mask7.png`` beside ``img7.png``: the (first) number is the sample, the rest the source."""
    places = {}
    for path in paths:
        match = re.search(r"\d+(?:[_\-. ]?\d+)*", path.stem)
        if match is None:
            continue
        rest = (path.stem[: match.start()] + "#" + path.stem[match.end() :]).strip(_SEPARATORS)
        source = re.sub(r"[_\-. ]*#[_\-. ]*", "_", rest).strip(_SEPARATORS)
        shown = f"{path.stem[: match.start()]}{{sample}}{path.stem[match.end() :]}{path.ending}"
        pattern = "/".join((*path.folders, shown))
        if source:
            places[path.file] = Place(normal_name(source), match.group(), pattern)
    return places


def _one_sample(paths: Sequence[_Path]) -> dict[str, Place]:
    """A few files that all show the same thing."""
    if len(paths) > 12 or len({path.folders for path in paths}) > 1:
        return {}
    return {path.file: Place(normal_name(path.stem), "", path.file) for path in paths}
