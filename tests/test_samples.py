"""Finding and copying the sample dataset."""

from pathlib import Path

import pytest

from napari_mask_audit import samples
from napari_mask_audit.errors import DatasetError


def pretend_package(tmp_path, monkeypatch):
    """Let samples.py believe that it lies in an otherwise empty checkout."""
    module = tmp_path / "repo" / "src" / "package" / "samples.py"
    module.parent.mkdir(parents=True)
    monkeypatch.setattr(samples, "__file__", str(module))
    return module.parent


def make_dataset(folder):
    (folder / "images").mkdir(parents=True)
    (folder / "dataset.toml").write_text('name = "x"\n')
    (folder / "images" / "a.png").write_bytes(b"not really a picture")
    return folder


def test_the_folder_holds_a_dataset():
    folder = samples.sample_masks_path()
    assert {"dataset.toml", "README.md", "defects.json", "images", "masks"} <= {
        path.name for path in folder.iterdir()
    }


def test_the_installed_folder_wins_over_the_checkout(tmp_path, monkeypatch):
    package = pretend_package(tmp_path, monkeypatch)
    checkout = make_dataset(tmp_path / "repo" / "sample_masks")
    assert samples.sample_masks_path() == checkout
    installed = make_dataset(package / "sample_masks")
    assert samples.sample_masks_path() == installed


def test_a_folder_without_dataset_toml_does_not_count(tmp_path, monkeypatch):
    package = pretend_package(tmp_path, monkeypatch)
    (package / "sample_masks").mkdir()
    with pytest.raises(DatasetError, match="the sample dataset is not installed") as caught:
        samples.sample_masks_path()
    assert caught.value.code == "sample-data-missing"
    assert str(package / "sample_masks") in caught.value.message
    assert str(tmp_path / "repo" / "sample_masks") in caught.value.message


def test_a_copy_is_complete(tmp_path):
    source = samples.sample_masks_path()
    target = samples.copy_sample_masks(tmp_path / "new" / "town")
    assert target == tmp_path / "new" / "town"
    files = {p.relative_to(source): p.read_bytes() for p in source.rglob("*") if p.is_file()}
    assert len(files) > 50
    assert files == {
        p.relative_to(target): p.read_bytes() for p in target.rglob("*") if p.is_file()
    }


def test_copying_again_keeps_what_was_changed_and_restores_what_is_gone(tmp_path):
    target = samples.copy_sample_masks(tmp_path / "town")
    (target / "dataset.toml").write_text("mine")
    (target / "README.md").unlink()
    samples.copy_sample_masks(str(target))
    assert (target / "dataset.toml").read_text() == "mine"
    assert (target / "README.md").is_file()


def test_a_copy_of_read_only_files_is_writable(tmp_path, monkeypatch):
    package = pretend_package(tmp_path, monkeypatch)
    source = make_dataset(package / "sample_masks")
    (source / "dataset.toml").chmod(0o444)
    target = samples.copy_sample_masks(tmp_path / "town")
    assert (target / "dataset.toml").stat().st_mode & 0o200


@pytest.mark.parametrize("blocker", ["town", "town/images"], ids=["destination", "inside"])
def test_a_file_in_the_way_is_reported(tmp_path, blocker):
    block = tmp_path / blocker
    block.parent.mkdir(exist_ok=True)
    block.write_text("a file")
    with pytest.raises(DatasetError, match="cannot be copied there") as caught:
        samples.copy_sample_masks(tmp_path / "town")
    assert caught.value.code == "sample-copy-failed"
    assert caught.value.file == tmp_path / "town"
    assert Path(block).read_text() == "a file"
