"""What reaches a user: the manifest, the sample data, the licence, in wheel and sdist."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "napari_mask_audit"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and sdist of this checkout, built with the installed hatchling."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


def test_the_wheel_holds_manifest_sample_data_templates_and_no_tests(built):
    names = set(zipfile.ZipFile(built[0]).namelist())
    for name in (
        f"{PACKAGE}/napari.yaml",
        f"{PACKAGE}/sample_masks/dataset.toml",
        f"{PACKAGE}/sample_masks/README.md",
        f"{PACKAGE}/report/templates/report.html",
        f"{PACKAGE}/py.typed",
    ):
        assert name in names, name
    assert not [n for n in names if n.startswith(("tests/", "scripts/"))]
    assert [n for n in names if n.endswith("/licenses/LICENSE")]


def test_the_wheel_needs_no_napari_and_no_qt_binding(built):
    archive = zipfile.ZipFile(built[0])
    (metadata,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    base = [
        line.split(":", 1)[1].strip().lower()
        for line in archive.read(metadata).decode().splitlines()
        if line.startswith("Requires-Dist:") and "extra ==" not in line
    ]
    assert any(line.startswith("magicgui") for line in base)
    assert not [line for line in base if line.startswith(("napari", "pyqt", "pyside", "superqt"))]


def test_the_sdist_builds_the_same_wheel_content(built, tmp_path):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (again,) = (tmp_path / "again").glob("*.whl")
    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(built[0]).namelist())


def test_the_manifest_at_the_top_is_the_one_in_the_package():
    top = ROOT / "napari.yaml"
    inside = ROOT / "src" / PACKAGE / "napari.yaml"
    assert top.is_symlink()
    assert top.resolve() == inside.resolve()


def test_the_manifest_is_valid_and_everything_it_names_can_be_imported():
    npe2 = pytest.importorskip("npe2")
    manifest = npe2.PluginManifest.from_distribution("napari-mask-audit")
    manifest.validate_imports()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert manifest.name == project["name"]


def test_the_sample_data_is_small():
    size = sum(p.stat().st_size for p in (ROOT / "sample_masks").rglob("*") if p.is_file())
    assert size <= 2 * 2**20
