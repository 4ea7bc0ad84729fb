"""Tags and their digit keys."""

from __future__ import annotations

import pytest

from napari_mask_audit.errors import SettingsError
from napari_mask_audit.review.tags import DEFAULT_TAGS, Tag, tags_with


def test_the_default_tags_are_on_the_first_three_digits() -> None:
    assert [(tag.name, tag.key) for tag in tags_with()] == [
        ("boundary", "1"),
        ("missed_small", "2"),
        ("class_confusion", "3"),
    ]


def test_own_tags_take_the_other_digits_in_keyboard_order_until_none_is_left() -> None:
    own = [f"t{n}" for n in range(9)]
    tags = tags_with(own)
    assert [tag.name for tag in tags[3:]] == own
    assert [tag.key for tag in tags] == [*"1234567890", None, None]


def test_own_names_are_trimmed_and_neither_repeated_nor_defaults_again() -> None:
    tags = tags_with([" fold ", "fold", "boundary"])
    assert tags == (*DEFAULT_TAGS, Tag("fold", "fold", "4"))


@pytest.mark.parametrize("name", ["", "  ", "a;b", "a\nb", "x" * 61])
def test_a_name_that_would_break_an_exported_table_is_refused(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        tags_with([name])
    assert caught.value.code == "tag-name"
