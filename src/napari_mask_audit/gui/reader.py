"""How napari opens a dataset: dropped on the window, from File → Open, or as sample data.

With a viewer, the review dock opens and fills itself, and its layers are the ones it manages.
Without one (a script that only reads), the first sample comes back as layers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import napari
from qtpy.QtCore import QTimer

from ..dataset import Dataset
from ..dataset.manifest import MANIFEST_NAME
from ..samples import sample_masks_path
from .colormaps import overlay_colormap
from .modes import ROLE
from .room import ReviewRoom
from .sample_view import SampleView, load_sample_view

PLUGIN, REVIEW = "napari-mask-audit", "Mask audit: review"
AGREEMENT = "Mask audit: agreement"
BOUNDARY = "Mask audit: boundary consistency"
#: Where the sample town's verdicts go: the town itself may be installed read-only.
_SAMPLE_STORE = "sample-town.sqlite"

LayerData = tuple[Any, dict[str, Any], str]
Reader = Callable[[str], list[Any]]


def get_reader(path: str | Sequence[str]) -> Reader | None:
    """The reader for a path that looks like a dataset, or None; looks at one folder at most.

    In a window, any folder is taken: napari gets here only once somebody has chosen this plugin
    for it, and the review dock says what the folder lacks and offers to describe it.
    """
    if not isinstance(path, str):
        return None
    is_chosen = Path(path).is_dir() and napari.current_viewer() is not None
    return read if is_chosen or looks_like_dataset(Path(path)) else None


def looks_like_dataset(path: Path) -> bool:
    """Whether a path is a ``dataset.toml``, a folder with one, or a folder with ``masks``."""
    if path.is_dir():
        return (path / MANIFEST_NAME).is_file() or (path / "masks").is_dir()
    return path.suffix.lower() == ".toml" and path.is_file()


def read(path: str) -> list[Any]:
    """Open a dataset in the review dock of the current viewer; adds no layers of its own then."""
    viewer = napari.current_viewer()
    if viewer is None:
        return first_sample(Dataset.open(path))
    # napari is still busy with the drop: opening a dock comes after it.
    QTimer.singleShot(0, lambda: review_dock(viewer).room.open(path))
    return [(None,)]


def sample_town() -> list[LayerData]:
    """The first sample of the sample town; the review dock opens on the whole of it."""
    viewer = napari.current_viewer()
    if viewer is not None:
        QTimer.singleShot(0, lambda: open_sample_town(review_dock(viewer).room))
    return first_sample(Dataset.open(sample_masks_path()))


def open_sample_town(room: ReviewRoom) -> None:
    """Open the sample town in a room."""
    from platformdirs import user_data_path

    store = user_data_path("mask-audit", appauthor=False) / "reviews" / _SAMPLE_STORE
    room.open(sample_masks_path(), store=str(store))


def review_dock(viewer: Any) -> Any:
    """The review dock of a viewer, opened if need be and brought to the front."""
    return _dock(viewer, REVIEW)


def agreement_dock(viewer: Any) -> Any:
    """The agreement dock of a viewer, opened if need be and brought to the front."""
    return _dock(viewer, AGREEMENT)


def boundary_dock(viewer: Any) -> Any:
    """The boundary dock of a viewer, opened if need be and brought to the front."""
    return _dock(viewer, BOUNDARY)


def _dock(viewer: Any, name: str) -> Any:
    dock, widget = viewer.window.add_plugin_dock_widget(PLUGIN, name)
    dock.show()
    dock.raise_()
    return widget


def first_sample(dataset: Dataset) -> list[LayerData]:
    """The first sample as layer data, marked so that the review dock takes the layers over."""
    pairs = dataset.comparisons()
    view = load_sample_view(dataset, dataset.samples[0], pairs[0] if pairs else None)
    return [_layer(view, role) for role in ("image", "reference", "candidate", "disagreement")
            if _pixels(view, role) is not None]  # fmt: skip


def _pixels(view: SampleView, role: str) -> Any:
    values = {"image": view.image, "reference": view.reference, "candidate": view.candidate}
    return values.get(role, view.overlay)


def _layer(view: SampleView, role: str) -> LayerData:
    about: dict[str, Any] = {"name": role, "metadata": {ROLE: role}}
    if view.spacing:
        about["scale"] = view.spacing
    if role == "image":
        return _pixels(view, role), {**about, "rgb": view.is_rgb}, "image"
    if role == "disagreement":
        about["colormap"] = overlay_colormap()
    else:
        about["visible"] = False
    return _pixels(view, role), about, "labels"
