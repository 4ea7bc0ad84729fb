"""The manifest, the reader without a window, and the module that starts one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from npe2 import PluginManifest

import napari_mask_audit
from gui_squares import make_squares
from napari_mask_audit.gui.reader import get_reader, read, sample_town

ROOT = Path(__file__).resolve().parents[2]
NAME = "napari-mask-audit"


@pytest.fixture(scope="module")
def manifest() -> PluginManifest:
    return PluginManifest.from_distribution(NAME)


def test_everything_the_manifest_names_can_be_imported(manifest: PluginManifest) -> None:
    manifest.validate_imports()


def test_the_top_level_manifest_is_the_packages(manifest: PluginManifest) -> None:
    inner = Path(napari_mask_audit.__file__).parent / "napari.yaml"
    assert (ROOT / "napari.yaml").read_bytes() == inner.read_bytes()
    assert PluginManifest.from_file(inner).name == manifest.name == NAME


def test_every_command_is_used_or_in_the_palette(manifest: PluginManifest) -> None:
    contributions = manifest.contributions
    commands = {command.id for command in contributions.commands}
    widgets = {widget.command for widget in contributions.widgets}
    assert all(command.startswith(f"{NAME}.") for command in commands)
    docks = ("review", "dataset", "compare", "agreement", "boundary")
    assert widgets == {f"{NAME}.{dock}" for dock in docks}
    assert set(contributions.menus) == {"napari/layers/measure", "napari/layers/annotate"}


def test_only_what_looks_like_a_dataset_is_taken(tmp_path: Path) -> None:
    folder = make_squares(tmp_path / "squares")
    assert get_reader(str(folder)) is not None
    assert get_reader(str(folder / "dataset.toml")) is not None
    (folder / "dataset.toml").unlink()
    assert get_reader(str(folder)) is not None, "masks/ alone will do"
    assert get_reader(str(folder / "images")) is None
    assert get_reader(str(folder / "images" / "s0.png")) is None
    assert get_reader(str(tmp_path / "missing.toml")) is None
    assert get_reader([str(folder)]) is None


def test_without_a_window_the_first_sample_is_read(tmp_path: Path) -> None:
    layers = read(str(make_squares(tmp_path)))
    assert [(kind, about["name"]) for _data, about, kind in layers] == [
        ("image", "image"),
        ("labels", "reference"),
        ("labels", "candidate"),
        ("labels", "disagreement"),
    ]
    assert layers[0][0].shape == (20, 20, 3)


def test_without_a_window_the_sample_town_is_layer_data() -> None:
    assert [kind for _data, _about, kind in sample_town()] == ["image", *["labels"] * 3]


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "napari_mask_audit.gui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_wrong_path_is_said_in_the_terminal(tmp_path: Path) -> None:
    result = start(str(tmp_path / "nowhere"))
    assert result.returncode == 1
    assert "[no-dataset]" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_napari_the_pip_line_is_given(tmp_path: Path) -> None:
    folder = make_squares(tmp_path / "squares")
    absent = tmp_path / "absent"
    (absent / "napari").mkdir(parents=True)
    (absent / "napari" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'napari'\", name='napari')"
    )
    result = start(str(folder), PYTHONPATH=str(absent))
    assert result.returncode == 1
    assert 'pip install "napari-mask-audit[all]"' in result.stderr
    assert "napari is not installed" in result.stderr
    assert "Traceback" not in result.stderr


def test_wrong_usage_is_two() -> None:
    assert start().returncode == 2
