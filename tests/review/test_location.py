"""Where the store of a dataset is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_mask_audit.errors import DatasetError
from napari_mask_audit.review import location
from napari_mask_audit.review.location import (
    dataset_key,
    default_store_location,
    existing_store,
)
from napari_mask_audit.review.store import ReviewStore


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset folder, and a data folder of the user's that is not the real one."""
    monkeypatch.setattr(location, "user_data_path", lambda *_args, **_options: tmp_path / "home")
    folder = tmp_path / "town"
    folder.mkdir()
    return folder


def forbid_writing(dataset: Path) -> None:
    # A file where the folder should be: works for root too, who may write anywhere.
    (dataset / ".mask-audit").touch()


def test_a_writable_dataset_keeps_its_own_store(dataset: Path) -> None:
    where, note = default_store_location(dataset)
    assert (where, note) == (str(dataset / ".mask-audit" / "review.sqlite"), None)
    assert list((dataset / ".mask-audit").iterdir()) == [], "the trial left something behind"
    ReviewStore.open(where, dataset_key=dataset_key(dataset, where)).close()
    assert existing_store(dataset) == where


def test_a_read_only_dataset_has_its_store_in_the_users_folder_and_says_so(dataset: Path) -> None:
    forbid_writing(dataset)
    where, note = default_store_location(dataset)
    assert Path(where).parent == dataset.parent / "home" / "reviews"
    assert Path(where).name.startswith("town-")
    assert note == f"the dataset folder {dataset} is read-only; verdicts are kept in {where}"
    ReviewStore.open(where, dataset_key=dataset_key(dataset, where)).close()
    assert existing_store(dataset) == where


def test_a_store_file_that_cannot_be_written_counts_as_read_only(dataset: Path) -> None:
    (dataset / ".mask-audit" / "review.sqlite").mkdir(parents=True)  # opening it to write fails
    where, note = default_store_location(dataset)
    assert "home" in where
    assert "is read-only" in str(note)


def test_a_store_begun_while_the_dataset_was_read_only_stays_in_use(dataset: Path) -> None:
    forbid_writing(dataset)
    where, _ = default_store_location(dataset)
    ReviewStore.open(where, dataset_key=".").close()
    (dataset / ".mask-audit").unlink()
    again, note = default_store_location(dataset)
    assert again == where == existing_store(dataset)
    assert f"move that file to {dataset / '.mask-audit' / 'review.sqlite'}" in str(note)


def test_namesakes_have_stores_of_their_own(dataset: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "town"
    other.mkdir(parents=True)
    forbid_writing(dataset)
    forbid_writing(other)
    assert default_store_location(dataset)[0] != default_store_location(other)[0]


def test_the_users_choice_wins(dataset: Path, tmp_path: Path) -> None:
    url = "postgresql://ann@db.example/reviews"
    assert default_store_location(dataset, url) == (url, None)
    assert default_store_location(dataset, tmp_path / "x.db") == (str(tmp_path / "x.db"), None)
    inside = str(tmp_path / "review.sqlite")
    assert default_store_location(dataset, tmp_path) == (inside, None), "a folder gets a file"
    assert not (dataset / ".mask-audit").exists()


def test_looking_for_a_store_makes_none(dataset: Path, tmp_path: Path) -> None:
    assert existing_store(dataset) is None
    assert existing_store(dataset, tmp_path / "x.db") is None
    assert existing_store(dataset, "postgresql://db/x") == "postgresql://db/x"
    assert list(dataset.iterdir()) == []


def test_a_dataset_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected a dataset folder, found none") as caught:
        default_store_location(tmp_path / "nowhere")
    assert caught.value.code == "no-dataset"


def test_verdicts_in_the_datasets_own_store_survive_a_new_folder_name(dataset: Path) -> None:
    where, _ = default_store_location(dataset)
    assert dataset_key(dataset, where, "Town scenes") == "."
    renamed = dataset.rename(dataset.parent / "city")
    where, _ = default_store_location(renamed)
    assert dataset_key(renamed, where) == "."


def test_in_a_shared_database_a_dataset_goes_by_its_name(dataset: Path) -> None:
    assert dataset_key(dataset, "postgresql://db/x", "Town scenes") == "Town scenes"
    assert dataset_key(dataset, "postgresql://db/x") == "town"
    assert dataset_key(dataset, dataset.parent / "shared.db") == "town"
