"""A team's own tags written into ``dataset.toml``; whatever else is in the file stays as it is."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

from napari_mask_audit.dataset.manifest import MANIFEST_NAME, parse_manifest
from napari_mask_audit.dataset.tags import Tag
from napari_mask_audit.errors import DatasetError
from napari_mask_audit.files import write_whole
from napari_mask_audit.review.tags import own_part, tags_with

BACKUP_SUFFIX = ".bak"
_KEY = "tags"


def write_own_tags(folder: str | Path, tags: Sequence[Tag]) -> Path:
    """Write a team's own tags into the ``dataset.toml`` of a dataset folder.

    Comments, order and every other key stay. The file appears whole or not at all; what was there
    before is kept beside it as ``dataset.toml.bak``. Where there is no such file one is made.

    Parameters
    ----------
    folder : str or pathlib.Path
        The dataset.
    tags : sequence of Tag
        The team's own, without the three that every reviewer has, in the wanted order.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DatasetError
        ``bad-manifest`` if the file there cannot be read, ``cannot-write`` if it cannot be
        written; it is then as it was.
    """
    path = Path(folder) / MANIFEST_NAME
    before = path.read_bytes() if path.exists() else b""
    try:
        text = with_tags(before.decode("utf-8-sig"), _without_needless_keys(tags))
    except (UnicodeDecodeError, TOMLKitError) as error:
        raise DatasetError(
            "bad-manifest", f"the file is not valid TOML ({error}).", file=path
        ) from error
    parse_manifest(text, path)  # whatever is wrong with it is said before anything is written
    after = text.encode()
    if after != before:
        if before:
            write_whole(path.with_name(path.name + BACKUP_SUFFIX), before)
        write_whole(path, after)
    return path


def _without_needless_keys(tags: Sequence[Tag]) -> tuple[Tag, ...]:
    """Without the keys where the tags would get the same ones by themselves."""
    plain = tuple(replace(tag, key=None) for tag in tags)
    return plain if own_part(tags_with(plain)) == tuple(tags) else tuple(tags)


def with_tags(text: str, tags: Sequence[Tag]) -> str:
    r"""The text of a ``dataset.toml`` with other tags of one's own.

    Examples
    --------
    >>> with_tags('name = "town"  # ours\n', [Tag("fold", "fold", None)])
    'name = "town"  # ours\ntags = ["fold"]\n'
    """
    document = tomlkit.parse(text)
    there = document.get(_KEY)
    if isinstance(there, AoT):
        _order_tables(document, there, tags)
    elif isinstance(there, Array):
        _edit_array(there, tags)
    elif tags:
        array = tomlkit.array()
        for tag in tags:
            array.append(_entry(tag))
        if any(not isinstance(_entry(tag), str) for tag in tags):
            array.multiline(True)
        document[_KEY] = array
    return tomlkit.dumps(document)


def _edit_array(array: Array, tags: Sequence[Tag]) -> None:
    """Change only what is another: the lines of the others keep their comments."""
    names = [_name(entry) for entry in array]
    wanted = [tag.name for tag in tags]
    matcher = difflib.SequenceMatcher(None, names, wanted, autojunk=False)
    for what, low, high, new_low, new_high in reversed(matcher.get_opcodes()):
        if what == "equal":
            for row, tag in zip(range(low, high), tags[new_low:new_high], strict=True):
                _update(array, row, tag)
            continue
        for _ in range(low, high):
            del array[low]
        for tag in reversed(tags[new_low:new_high]):
            array.insert(low, _entry(tag))


def _update(array: Array, row: int, tag: Tag) -> None:
    entry, wanted = array[row], _entry(tag)
    if isinstance(entry, str) or isinstance(wanted, str):
        if entry != wanted and not (isinstance(entry, dict) and _same(entry, tag)):
            array[row] = wanted
    elif not _same(entry, tag):
        _fill(entry, tag)


def _order_tables(document: Any, there: AoT, tags: Sequence[Tag]) -> None:
    known = {_name(table): table for table in there}
    ordered = tomlkit.aot()
    for tag in tags:
        table = known.get(tag.name)
        if table is None:
            table = tomlkit.table()
        if not (known.get(tag.name) is not None and _same(table, tag)):
            _fill(table, tag)
        ordered.append(table)
    if tags:
        document[_KEY] = ordered
    else:
        del document[_KEY]


def _fill(entry: Any, tag: Tag) -> None:
    """Write a tag into a table; what else the table has stays."""
    entry["name"] = tag.name
    for key, value in (("label", None if _is_plain(tag) else tag.label), ("key", tag.key)):
        if value is not None:
            entry[key] = value
        elif key in entry:
            del entry[key]


def _entry(tag: Tag) -> Any:
    """A tag as it is written: a name alone where that says everything."""
    if _is_plain(tag) and tag.key is None:
        return tag.name
    entry = tomlkit.inline_table()
    _fill(entry, tag)
    return entry


def _is_plain(tag: Tag) -> bool:
    return tag.label == tag.name.replace("_", " ")


def _name(entry: Any) -> str:
    return str(entry["name"] if isinstance(entry, dict) else entry)


def _same(entry: Any, tag: Tag) -> bool:
    label = entry.get("label") or _name(entry).replace("_", " ")
    return (str(label), entry.get("key")) == (tag.label, tag.key)
