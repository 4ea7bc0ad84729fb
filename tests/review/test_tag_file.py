"""A team's own tags in dataset.toml: what else is there stays, whatever goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from building import make_dataset, square
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.dataset.tags import Tag
from napari_mask_audit.errors import DatasetError, SettingsError
from napari_mask_audit.review.tag_file import with_tags, write_own_tags
from napari_mask_audit.review.tags import own_part, tags_with

FOLD, GLARE = Tag("fold", "fold in tissue", None), Tag("glare", "glare", None)
WHOLE = """# Our dataset.
name = "town"      # do not rename
tags = [           # agreed in March
  "fold",          # the scalpel
  "blur",          # out of focus
]

[classes]          # as drawn
1 = { name = "cell", color = "#D55E00" }
"""


def own(text: str, tmp_path: Path) -> tuple[Tag, ...]:
    """The tags as a dataset reads them."""
    folder = make_dataset(tmp_path, {"gt": {"a": square()}, "m": {"a": square()}}, text)
    return Dataset.open(folder).tags


def test_comments_and_everything_else_stay() -> None:
    blur = Tag("blur", "blur", None)
    added = with_tags(WHOLE, [Tag("fold", "fold", None), blur, GLARE])
    assert added == WHOLE.replace("  # out of focus\n", '  # out of focus\n  "glare",\n')
    fewer = with_tags(WHOLE, [blur])
    assert "scalpel" not in fewer
    for kept in ("# Our dataset.", "# do not rename", "# agreed in March", "# out of focus"):
        assert kept in fewer
    assert fewer.endswith(WHOLE[WHOLE.index("[classes]") :])
    assert with_tags(WHOLE, [Tag("fold", "fold", None), blur]) == WHOLE


@pytest.mark.parametrize("text", ["", "# nothing yet\n", '[classes]\n1 = "cell"\n', WHOLE])
@pytest.mark.parametrize(
    "tags",
    [
        [],
        [FOLD],
        [GLARE, FOLD],
        [Tag("a", "a", "0"), Tag("b", 'quo"ted', "4")],
        [Tag("ünï_code", "ünï code", None)],
    ],
)
def test_what_is_written_is_what_is_read(text: str, tags: list[Tag], tmp_path: Path) -> None:
    written = with_tags(text, tags)
    assert own(written, tmp_path) == tuple(tags)
    assert with_tags(written, tags) == written


def test_tags_in_tables_of_their_own_stay_tables(tmp_path: Path) -> None:
    text = (
        'name = "t"\n\n[[tags]]\nname = "fold"   # the scalpel\nlabel = "a fold"\n\n'
        '[[tags]]\nname = "blur"\nkey = "7"\n'
    )
    assert own(text, tmp_path) == (Tag("fold", "a fold", None), Tag("blur", "blur", "7"))
    turned = with_tags(text, [Tag("blur", "blur", "8"), Tag("fold", "a fold", None), GLARE])
    assert turned.count("[[tags]]") == 3
    assert "# the scalpel" in turned
    assert own(turned, tmp_path) == (Tag("blur", "blur", "8"), Tag("fold", "a fold", None), GLARE)
    assert "tags" not in with_tags(text, [])


def test_the_file_before_is_kept_beside_it(tmp_path: Path) -> None:
    folder = make_dataset(tmp_path, {"gt": {"a": square()}}, WHOLE)
    path = write_own_tags(folder, [FOLD])
    assert path == folder / "dataset.toml"
    assert (folder / "dataset.toml.bak").read_text(encoding="utf-8") == WHOLE
    assert Dataset.open(folder).tags == (FOLD,)
    write_own_tags(folder, own_part(tags_with([FOLD])))
    assert Dataset.open(folder).tags == (FOLD,), "keys that come by themselves are not written"
    assert sorted(p.name for p in folder.iterdir()) == ["dataset.toml", "dataset.toml.bak", "masks"]


def test_a_bare_folder_gets_a_file_that_says_only_that(tmp_path: Path) -> None:
    folder = make_dataset(tmp_path, {"gt": {"a": square()}, "m": {"a": square()}})
    before = Dataset.open(folder)
    write_own_tags(folder, own_part(tags_with(["fold"])))
    assert (folder / "dataset.toml").read_text(encoding="utf-8") == 'tags = ["fold"]\n'
    after = Dataset.open(folder)
    assert (after.sources, after.samples) == (before.sources, before.samples)
    assert not (folder / "dataset.toml.bak").exists()


def test_a_file_that_is_broken_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "dataset.toml"
    for text in ("name = ", 'nam = "x"\n', b"\xff\xfe"):
        content = text if isinstance(text, bytes) else text.encode()
        file.write_bytes(content)
        with pytest.raises(DatasetError) as caught:
            write_own_tags(tmp_path, [FOLD])
        assert caught.value.code == "bad-manifest"
        assert file.read_bytes() == content
        assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dataset.toml").write_text(WHOLE, encoding="utf-8")

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("napari_mask_audit.files.tempfile.mkstemp", refuse)
    with pytest.raises(DatasetError, match="cannot be written") as caught:
        write_own_tags(tmp_path, [FOLD])
    assert caught.value.code == "cannot-write"
    assert (tmp_path / "dataset.toml").read_text(encoding="utf-8") == WHOLE
    assert [file.name for file in tmp_path.iterdir()] == ["dataset.toml"]


def test_keys_are_kept_where_they_can_be_and_no_two_tags_share_one() -> None:
    tags = tags_with(
        [Tag("a", "a", "1"), Tag("b", "b", "9"), "c", Tag("d", "d", "9"), "a", "boundary"]
    )
    assert [(tag.name, tag.key) for tag in tags[3:]] == [
        ("a", "4"),
        ("b", "9"),
        ("c", "5"),
        ("d", "6"),
    ]
    assert len({tag.key for tag in tags_with(map(str, range(20))) if tag.key}) == 10


@pytest.mark.parametrize("fields", [("a;b", "x", None), ("a", "x\ny", None), ("a", "x", "q")])
def test_a_tag_that_cannot_be_shown_is_refused(fields: tuple) -> None:
    with pytest.raises(SettingsError) as caught:
        Tag(*fields)
    assert caught.value.code == "tag-name"


@pytest.mark.parametrize(
    "value", ['"fold"', "[1]", '[{ label = "x" }]', '[{ name = "x", colour = "red" }]', '["a;b"]']
)
def test_wrong_tags_in_the_file_are_said(value: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="tags: ") as caught:
        own(f"tags = {value}\n", tmp_path)
    assert caught.value.code == "bad-manifest"
