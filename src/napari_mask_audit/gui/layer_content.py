"""What each layer of a sample holds: its pixels, scale, contrast and name.

Here layers are made and filled; ``layers.py`` decides which of them are there and visible.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from napari.layers import Image, Labels, Layer, Vectors
from napari.utils.colormaps import CyclicLabelColormap, DirectLabelColormap

from . import canvas
from .modes import CANDIDATE, CONTOURS, IMAGE, OUTLINES, OVERLAY, REFERENCE, ROLE, original
from .outlines import Outlines
from .sample_view import SampleView
from .shades import rgba

ClassColormap: TypeAlias = DirectLabelColormap | CyclicLabelColormap

#: Opacity of a mask over the image, and of the reference around what differs in a volume.
FILL_OPACITY, SOLID_OPACITY = 0.55, 0.15
_LINES = (CONTOURS, OUTLINES)


def has_data(view: SampleView, role: str) -> bool:
    """Whether the sample has something for the layer to show."""
    role = original(role)
    if role in _LINES:
        return True
    value = {REFERENCE: view.reference, CANDIDATE: view.candidate, OVERLAY: view.overlay}
    return value.get(role, view.image) is not None


def lone_role(view: SampleView) -> str | None:
    """The mask to show where there is nothing to lay over the sample; None where there is one."""
    if has_data(view, OVERLAY):
        return None
    return next((role for role in (REFERENCE, CANDIDATE) if has_data(view, role)), None)


def fits(layer: Layer, role: str, view: SampleView) -> bool:
    """Whether the layer can show this sample: napari fixes its kind of colour at its making."""
    if original(role) == IMAGE:
        return isinstance(layer, Image) and (view.image is None or bool(layer.rgb) == view.is_rgb)
    return True


def scale_of(view: SampleView) -> tuple[float, ...]:
    """Pixel size along each axis."""
    return view.spacing or (1.0,) * len(view.shape)


def name_of(view: SampleView, role: str) -> str:
    """What the layer list calls it: the role and the source; A or B while names are hidden."""
    source = dict(zip((REFERENCE, CANDIDATE), view.called or (), strict=False)).get(role)
    if source is None:
        return role
    return source if view.names is not None else f"{role}: {source}"


def make_layer(
    view: SampleView, role: str, class_colormap: ClassColormap, overlay_colormap: ClassColormap
) -> Layer:
    """A new layer of that role, filled but not visible."""
    settings: dict[str, Any] = {
        "name": role,
        "metadata": {ROLE: role},
        "scale": scale_of(view),
        "units": canvas.unit_of(view.unit, len(view.shape)),
        "visible": False,
    }
    kind = original(role)
    if kind in _LINES:
        ndim = len(view.shape)
        empty = np.zeros((0, 2, ndim))
        return Vectors(empty, ndim=ndim, vector_style="line", opacity=1.0, **settings)
    data = data_of(view, role)
    if kind == IMAGE:
        layer = Image(data, rgb=view.is_rgb, **settings)
        set_contrast(layer, view)
        return layer
    if kind == OVERLAY:
        layer = Labels(data, colormap=overlay_colormap, opacity=1.0, **settings)
    else:
        layer = Labels(data, colormap=class_colormap, opacity=FILL_OPACITY, **settings)
    layer.editable = False
    return layer


def fill_layer(layer: Layer, view: SampleView, role: str) -> None:
    """Give a layer the sample's pixels."""
    layer.data = data_of(view, role)
    place_layer(layer, view)
    if isinstance(layer, Labels):
        layer.editable = False  # corrections are made on a copy; assigning data resets it
    else:
        set_contrast(layer, view)


def place_layer(layer: Layer, view: SampleView) -> None:
    """Give a layer the pixel size of the sample, and its unit."""
    if not np.array_equal(layer.scale, scale_of(view)):
        layer.scale = scale_of(view)
    units = canvas.unit_of(view.unit, len(view.shape))
    if tuple(str(unit) for unit in layer.units) != units:
        layer.units = units


def draw_lines(layer: Vectors, outlines: Outlines) -> None:
    """Draw other lines."""
    layer.data = outlines.segments
    if len(outlines.segments):
        known = {color: rgba(color) for color in set(outlines.colors)}
        layer.edge_color = np.array([known[color] for color in outlines.colors])


def erase_lines(layer: Vectors) -> None:
    """Draw no lines."""
    if len(layer.data):
        layer.data = np.zeros((0, 2, layer.data.shape[-1]))


def data_of(view: SampleView, role: str) -> Any:
    """The pixels of a layer."""
    kind = original(role)
    if kind == IMAGE:
        data = view.image
    else:
        data = {REFERENCE: view.reference, CANDIDATE: view.candidate}.get(kind, view.overlay)
    if data is not None:
        return data
    # Something must be there even for what the sample lacks, lest the last one's stays.
    rgb = kind == IMAGE and view.is_rgb
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
