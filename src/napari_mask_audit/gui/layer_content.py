"""What each layer of a sample holds: its pixels, scale, contrast and name.

Here layers are made and filled; ``layers.py`` decides which of them are there and visible.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from napari.layers import Image, Labels, Layer, Vectors
from napari.utils.colormaps import CyclicLabelColormap, DirectLabelColormap

from .colormaps import overlay_colormap
from .modes import CANDIDATE, COPIES, IMAGE, OUTLINES, OVERLAY, REFERENCE, ROLE
from .sample_view import SampleView

ClassColormap: TypeAlias = DirectLabelColormap | CyclicLabelColormap

_FILL_OPACITY = 0.55


def has_data(view: SampleView, role: str) -> bool:
    """Whether the sample has something for the layer to show."""
    if role == OUTLINES:
        return True
    value = {REFERENCE: view.reference, CANDIDATE: view.candidate, OVERLAY: view.overlay}
    return value.get(role, view.image) is not None


def fits(layer: Layer, role: str, view: SampleView) -> bool:
    """Whether the layer can show this sample: napari fixes its kind of colour at its making."""
    if role in (IMAGE, *COPIES):
        return isinstance(layer, Image) and (view.image is None or bool(layer.rgb) == view.is_rgb)
    return True


def scale_of(view: SampleView) -> tuple[float, ...]:
    """Pixel size along each axis."""
    return view.spacing or (1.0,) * len(view.shape)


def name_of(view: SampleView, role: str) -> str:
    """What the layer list calls it: the role, and the source where there is one."""
    source = dict(zip((REFERENCE, CANDIDATE), view.pair or (), strict=False)).get(role)
    return role if source is None else f"{role}: {source}"


def make_layer(view: SampleView, role: str, class_colormap: ClassColormap) -> Layer:
    """A new layer of that role, filled but not visible."""
    settings: dict[str, Any] = {
        "name": role,
        "metadata": {ROLE: role},
        "scale": scale_of(view),
        "visible": False,
    }
    if role == OUTLINES:
        ndim = len(view.shape)
        empty = np.zeros((0, 2, ndim))
        return Vectors(empty, ndim=ndim, vector_style="line", opacity=1.0, **settings)
    data = data_of(view, role)
    if role in (IMAGE, *COPIES):
        layer = Image(data, rgb=view.is_rgb, **settings)
        set_contrast(layer, view)
        return layer
    if role == OVERLAY:
        layer = Labels(data, colormap=overlay_colormap(), opacity=1.0, **settings)
    else:
        layer = Labels(data, colormap=class_colormap, opacity=_FILL_OPACITY, **settings)
    layer.editable = False
    return layer


def fill_layer(layer: Layer, view: SampleView, role: str) -> None:
    """Give a layer the sample's pixels."""
    layer.data = data_of(view, role)
    if not np.array_equal(layer.scale, scale_of(view)):
        layer.scale = scale_of(view)
    if isinstance(layer, Labels):
        layer.editable = False  # corrections are made on a copy; assigning data resets it
    else:
        set_contrast(layer, view)


def data_of(view: SampleView, role: str) -> Any:
    """The pixels of a layer."""
    if role in (IMAGE, *COPIES):
        data = view.image
    else:
        data = {REFERENCE: view.reference, CANDIDATE: view.candidate}.get(role, view.overlay)
    if data is not None:
        return data
    # Something must be there even for what the sample lacks, lest the last one's stays.
    rgb = role in (IMAGE, *COPIES) and view.is_rgb
    return np.zeros((*view.shape, 3) if rgb else view.shape, np.uint8)


def set_contrast(layer: Image, view: SampleView) -> None:
    """Let a grey image use the whole range from dark to bright."""
    if view.is_rgb or view.image is None:
        return
    if view.limits is None:
        layer.reset_contrast_limits()
    else:
        layer.contrast_limits_range = view.limits
        layer.contrast_limits = view.limits
