"""A team's words for what is wrong with a mask, as ``dataset.toml`` has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import SettingsError

#: The digit keys in the order in which tags take them, as they lie on the keyboard.
KEYS = "1234567890"


def _problem_with(name: str) -> str | None:
    if not name.strip():
        return "has no name; give it one"
    if len(name) > 60:
        return "is longer than 60 characters; shorten it and put the rest into comments"
    if ";" in name or not name.isprintable():
        return "has a semicolon, a line break or an invisible character; leave it out"
    return None


@dataclass(frozen=True, slots=True)
class Tag:
    """A word for what is wrong with a mask.

    Parameters
    ----------
    name : str
        What is stored and exported.
    label : str
        What the reviewer reads.
    key : str or None
        The digit that toggles it; None once the ten digits are taken.

    Raises
    ------
    SettingsError
        ``tag-name`` if the name or the label cannot be shown in one line, or the key is no digit.
    """

    name: str
    label: str
    key: str | None = None

    def __post_init__(self) -> None:
        problem = _problem_with(self.name) or _problem_with(self.label)
        if problem:
            raise SettingsError("tag-name", f"the tag {self.name!r} {problem}")
        if self.key is not None and (len(self.key) != 1 or self.key not in KEYS):
            raise SettingsError(
                "tag-name", f"the tag {self.name!r} has the key {self.key!r}; use a digit"
            )


def own_tag(entry: Any) -> Tag:
    """A tag from an entry of ``tags``: a name, or ``{ name = …, label = …, key = … }``.

    Examples
    --------
    >>> own_tag("staining_fold").label
    'staining fold'
    >>> own_tag({"name": "fold", "key": "4"})
    Tag(name='fold', label='fold', key='4')
    """
    if isinstance(entry, str):
        entry = {"name": entry}
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise TypeError('must be a list of names, or of { name = "…", label = "…", key = "4" }')
    unknown = sorted(set(entry) - {"name", "label", "key"})
    if unknown:
        raise ValueError(f"unknown {', '.join(unknown)} of {entry['name']!r}")
    name = entry["name"].strip()
    key = entry.get("key")
    try:
        return Tag(
            name,
            str(entry.get("label") or name.replace("_", " ")),
            None if key is None else str(key),
        )
    except SettingsError as error:
        raise ValueError(error.message) from error


def own_tags(value: Any) -> tuple[Tag, ...]:
    """The team's own tags from the list in ``dataset.toml``; repeated names once."""
    if not isinstance(value, list):
        raise TypeError("must be a list of names")
    found: dict[str, Tag] = {}
    for entry in value:
        tag = own_tag(entry)
        found.setdefault(tag.name, tag)
    return tuple(found.values())
