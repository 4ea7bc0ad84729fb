"""``dataset.toml``: what a dataset's owner says about it, checked in one go.

Everything in the file is optional. Whatever is wrong with it is reported in a single message,
because fixing one line at a time is no way to spend an afternoon.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import AuditError, DatasetError
from ..settings import Settings
from .model import ClassInfo, Role, default_color
from .tags import Tag, own_tags

MANIFEST_NAME = "dataset.toml"

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class SourceEntry:
    """One entry of ``[sources]``."""

    role: Role
    masks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """The content of a ``dataset.toml``, with defaults filled in."""

    path: Path | None = None
    name: str | None = None
    task: str = "semantic"
    background: int | None = None
    ignore: frozenset[int] = frozenset()
    binary: bool = False
    spacing: tuple[float, ...] | None = None
    unit: str | None = None
    annotators_are_persons: bool = True
    tags: tuple[Tag, ...] = ()
    store: str | None = None
    group_pattern: str | None = None
    classes: Mapping[int, ClassInfo] = field(default_factory=dict)
    sources: Mapping[str, SourceEntry] = field(default_factory=dict)
    root: Path | None = None
    mask_patterns: tuple[str, ...] = ()
    image_patterns: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()
    settings: Settings = field(default_factory=Settings)

    @property
    def declared_ids(self) -> frozenset[int]:
        """Every id the file gives a meaning to."""
        background = set() if self.background is None else {self.background}
        return frozenset(self.classes) | self.ignore | background


def read_manifest(path: Path) -> Manifest:
    """Read and check a ``dataset.toml``.

    Raises
    ------
    DatasetError
        ``bad-manifest``, listing everything that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(
            "bad-manifest", f"the file is not valid TOML ({error}).", file=path
        ) from error
    return parse_manifest(text, path)


def parse_manifest(text: str, path: Path) -> Manifest:
    """Check the text of a ``dataset.toml`` that is, or is to be, at a path; raises likewise."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DatasetError(
            "bad-manifest", f"the file is not valid TOML ({error}).", file=path
        ) from error
    return _Checker(path).manifest(table)


class _Checker:
    """Collects every complaint about one file, then raises them together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complaints: list[str] = []

    def manifest(self, table: dict[str, Any]) -> Manifest:
        self._known(table, set(_TOP) | {"classes", "sources", "files", "settings"}, "")
        values: dict[str, Any] = {}
        for key, convert in _TOP.items():
            if key in table:
                values[key] = self._convert(key, convert, table[key])
        files = self._table(table, "files")
        self._known(files, {"root", "masks", "images", "exclude"}, "[files] ")
        manifest_values = {key: value for key, value in values.items() if value is not None}
        if "store" in manifest_values and "://" not in manifest_values["store"]:
            where = Path(manifest_values["store"]).expanduser()
            manifest_values["store"] = str(self.path.parent.resolve() / where)
        classes = self._classes(self._table(table, "classes"))
        result = Manifest(
            path=self.path,
            classes=classes,
            sources=self._sources(self._table(table, "sources")),
            root=self._root(files.get("root")),
            mask_patterns=self._patterns("[files] masks", files.get("masks", ())),
            image_patterns=self._patterns("[files] images", files.get("images", ())),
            exclude=frozenset(
                self._convert("[files] exclude", _names, files.get("exclude", [])) or ()
            ),
            settings=self._settings(self._table(table, "settings"), classes),
            **manifest_values,
        )
        if self.complaints:
            listed = "".join(f"\n  - {complaint}" for complaint in self.complaints)
            raise DatasetError("bad-manifest", f"please correct:{listed}", file=self.path)
        return result

    def _known(self, table: Mapping[str, Any], known: set[str], where: str) -> None:
        for key in table:
            if key not in known:
                close = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"known: {sorted(known)}"
                self.complaints.append(f"{where}unknown key {key!r}; {hint}")

    def _convert(self, key: str, convert: Callable[[Any], Any], value: Any) -> Any:
        try:
            return convert(value)
        except (TypeError, ValueError) as error:
            self.complaints.append(f"{key}: {error}")
            return None

    def _table(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.complaints.append(f"[{key}] must be a table")
        return {}

    def _classes(self, table: dict[str, Any]) -> dict[int, ClassInfo]:
        classes: dict[int, ClassInfo] = {}
        for key, value in table.items():
            entry = {"name": value} if isinstance(value, str) else value
            if not re.fullmatch(r"-?\d+", key):
                self.complaints.append(f'[classes] ids are numbers (1 = "road"), not {key!r}')
                continue
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                self.complaints.append(f"[classes] {key} needs a name")
                continue
            self._known(entry, {"name", "color", "colour"}, f"[classes] {key}: ")
            color = entry.get("color", entry.get("colour", default_color(int(key))))
            if not isinstance(color, str) or not _COLOR.fullmatch(color):
                self.complaints.append(f'[classes] {key}: color looks like "#D55E00"')
                continue
            classes[int(key)] = ClassInfo(int(key), entry["name"], color)
        return classes

    def _sources(self, table: dict[str, Any]) -> dict[str, SourceEntry]:
        sources: dict[str, SourceEntry] = {}
        roles = ", ".join(role.value for role in Role)
        for name, value in table.items():
            entry = {"role": value} if isinstance(value, str) else value
            if not isinstance(entry, dict) or entry.get("role") not in set(Role):
                self.complaints.append(f"[sources] {name}: role must be one of {roles}")
                continue
            self._known(entry, {"role", "masks"}, f"[sources] {name}: ")
            patterns = self._patterns(f"[sources] {name}: masks", entry.get("masks", ()))
            sources[name] = SourceEntry(Role(entry["role"]), patterns)
        return sources

    def _patterns(self, where: str, value: Any) -> tuple[str, ...]:
        patterns = (value,) if isinstance(value, str) else tuple(value)
        for pattern in patterns:
            if not isinstance(pattern, str) or not pattern:
                self.complaints.append(
                    f"{where}: a pattern is text such as {{source}}/{{sample}}.png"
                )
            elif Path(pattern).is_absolute() or ".." in Path(pattern).parts:
                self.complaints.append(
                    f"{where}: {pattern!r} must stay beneath root; set root in [files] instead"
                )
        return patterns

    def _root(self, value: Any) -> Path | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self.complaints.append("[files] root must be a path")
            return None
        root = (self.path.parent / Path(value).expanduser()).resolve()
        if not root.is_dir():
            self.complaints.append(f"[files] root: there is no folder {root}")
        return root

    def _settings(self, table: dict[str, Any], classes: Mapping[int, ClassInfo]) -> Settings:
        try:
            return Settings.from_table(table, {info.name: i for i, info in classes.items()})
        except AuditError as error:
            self.complaints.append(f"[settings] {error.message}")
            return Settings()


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("must be text")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("must be a whole number")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def _ids(value: Any) -> frozenset[int]:
    return frozenset(_integer(v) for v in (value if isinstance(value, list) else [value]))


def _spacing(value: Any) -> tuple[float, ...]:
    numbers = tuple(float(v) for v in value)
    if len(numbers) not in (2, 3) or not all(0 < v < float("inf") for v in numbers):
        raise ValueError("must be 2 or 3 positive numbers, in (z, y, x) order")
    return numbers


def _task(value: Any) -> str:
    if value not in ("semantic", "instance"):
        raise ValueError('must be "semantic" (ids are classes) or "instance" (ids are objects)')
    return str(value)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise TypeError("must be a list of names")
    return tuple(value)


def _regular_expression(value: Any) -> str:
    try:
        groups = re.compile(_text(value)).groups
    except re.error as error:
        raise ValueError(f"is not a regular expression ({error})") from error
    if groups != 1:
        raise ValueError("needs exactly one group in brackets, such as ^(patient\\d+)_")
    return str(value)


_TOP: dict[str, Callable[[Any], Any]] = {
    "name": _text,
    "task": _task,
    "background": _integer,
    "ignore": _ids,
    "binary": _boolean,
    "spacing": _spacing,
    "unit": _text,
    "annotators_are_persons": _boolean,
    "tags": own_tags,
    "store": _text,
    "group_pattern": _regular_expression,
}
