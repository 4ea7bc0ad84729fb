"""Failure tags: the three every reviewer needs, and the team's own, each on a digit key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from napari_mask_audit.errors import SettingsError

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
    """

    name: str
    label: str
    key: str | None = None

    def __post_init__(self) -> None:
        problem = _problem_with(self.name)
        if problem:
            raise SettingsError("tag-name", f"the tag {self.name!r} {problem}")


DEFAULT_TAGS = (
    Tag("boundary", "boundary", "1"),
    Tag("missed_small", "missed small", "2"),
    Tag("class_confusion", "class confusion", "3"),
)


def tags_with(own: Iterable[str] = ()) -> tuple[Tag, ...]:
    """The three default tags followed by a team's own, on the keys 4 … 9 and 0.

    Parameters
    ----------
    own : iterable of str
        Names in the wanted order. Spaces around a name are dropped, repeated names too; an
        underscore is read as a space in the label.

    Raises
    ------
    SettingsError
        ``tag-name`` if a name is empty, longer than 60 characters, or has a line break or a
        semicolon (which separates tags in exported tables).

    Examples
    --------
    >>> [(tag.key, tag.label) for tag in tags_with(["staining_fold"])][2:]
    [('3', 'class confusion'), ('4', 'staining fold')]
    """
    known = [tag.name for tag in DEFAULT_TAGS]
    names = [name for name in dict.fromkeys(raw.strip() for raw in own) if name not in known]
    keys = [*KEYS[len(DEFAULT_TAGS) :], *[None] * len(names)]
    added = (Tag(name, name.replace("_", " "), key) for name, key in zip(names, keys, strict=False))
    return (*DEFAULT_TAGS, *added)
