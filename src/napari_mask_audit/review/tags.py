"""Failure tags: the three every reviewer needs, and the team's own, each on a digit key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from napari_mask_audit.dataset.tags import KEYS, Tag
from napari_mask_audit.errors import SettingsError

__all__ = ["DEFAULT_TAGS", "KEYS", "Tag", "edited_tags", "own_part", "tags_with"]

DEFAULT_TAGS = (
    Tag("boundary", "boundary", "1"),
    Tag("missed_small", "missed small", "2"),
    Tag("class_confusion", "class confusion", "3"),
)


def tags_with(own: Iterable[str | Tag] = ()) -> tuple[Tag, ...]:
    """The three default tags followed by a team's own, on the keys 4 … 9 and 0.

    Parameters
    ----------
    own : iterable of str or Tag
        In the wanted order. Spaces around a name are dropped, repeated names too; an underscore
        is read as a space in the label. A tag keeps the key it has, if that is free; the others
        take what is left, in order.

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
    known = {tag.name for tag in DEFAULT_TAGS}
    added: dict[str, Tag] = {}
    for given in own:
        tag = given if isinstance(given, Tag) else Tag(given.strip(), _label(given))
        if tag.name not in known:
            added.setdefault(tag.name, tag)
    taken = {tag.key for tag in DEFAULT_TAGS}
    fixed = set()
    for tag in added.values():
        if tag.key is not None and tag.key not in taken:
            taken.add(tag.key)
            fixed.add(tag.name)
    free = iter([key for key in KEYS if key not in taken])
    keyed = (
        tag if tag.name in fixed else replace(tag, key=next(free, None)) for tag in added.values()
    )
    return (*DEFAULT_TAGS, *keyed)


def own_part(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """The tags without the three that every reviewer has."""
    known = {tag.name for tag in DEFAULT_TAGS}
    return tuple(tag for tag in tags if tag.name not in known)


def edited_tags(
    tags: Iterable[Tag],
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    label: Iterable[str] = (),
    key: Iterable[str] = (),
) -> tuple[Tag, ...]:
    """Tags with some added, removed, renamed or on other keys; the three first ones stay.

    Parameters
    ----------
    tags : iterable of Tag
        As given by :func:`tags_with`.
    add, remove : iterable of str
        Names.
    label, key : iterable of str
        ``NAME=WORDS`` and ``NAME=DIGIT``.

    Raises
    ------
    SettingsError
        ``tag-name`` if there is no such tag of the team's own, or it cannot be like that.

    Examples
    --------
    >>> edited_tags(tags_with(["fold"]), add=["blur"], key=["blur=9"])[3:]
    (Tag(name='fold', label='fold', key='4'), Tag(name='blur', label='blur', key='9'))
    """
    own = {tag.name: tag for tag in own_part(tags)}
    for name in add:
        own.setdefault(name, Tag(name.strip(), _label(name)))
    changes: list[tuple[str, dict[str, str] | None]] = [(name, None) for name in remove]
    changes += [(text.partition("=")[0], {"label": text.partition("=")[2]}) for text in label]
    changes += [(text.partition("=")[0], {"key": text.partition("=")[2]}) for text in key]
    for name, change in changes:
        if name not in own:
            listed = ", ".join(own) or "none"
            raise SettingsError(
                "tag-name", f"there is no tag {name!r} of your own; there are: {listed}"
            )
        if change is None:
            del own[name]
        else:
            own[name] = replace(own[name], **change)
    return tags_with(own.values())


def _label(name: str) -> str:
    return name.strip().replace("_", " ") or " "
