"""The Labels layer that a mask is corrected in, with napari's own tools and undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from napari.layers import Labels, Layer
from numpy.typing import NDArray

from ..corrections.repairs import Repair
from ..masks import LabelArray
from . import canvas
from .layer_content import ClassColormap
from .modes import CORRECTION, OVERLAY, ROLE, original

_OPACITY = 0.55
# How wide a brush is on the screen at first, and how narrow in the mask at least.
_BRUSH_SCREEN_PX, _BRUSH_PX = 14, 3
_MOST_PIXELS_ALONE = 1 << 15


class CorrectionLayer:
    """One layer to paint in, from the beginning of a correction to its end.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Where.
    labels : ndarray of int
        What is painted on, in place.
    name : str
        What the layer list says.
    scale : tuple of float
        Pixel size.
    colormap : napari colormap
        Colours of the ids.
    selected : int
        The id to paint at first.
    touched : callable
        Called whenever pixels may have changed: painting, filling, undo, and more often than that.
    """

    def __init__(
        self,
        viewer: Any,
        labels: LabelArray,
        *,
        name: str,
        scale: tuple[float, ...],
        colormap: ClassColormap,
        selected: int,
        touched: Callable[[], None],
    ) -> None:
        self._viewer = canvas.bare(viewer)
        self._touched = touched
        self.layer = Labels(
            labels,
            name=name,
            scale=scale,
            colormap=colormap,
            opacity=_OPACITY,
            metadata={ROLE: CORRECTION},
        )
        layers = self._viewer.layers
        above = [layers.index(layer) for layer in self._overlays()]
        layers.insert(min(above, default=len(layers)), self.layer)
        zoom = canvas.camera(self._viewer).zoom * min(scale[-2:])
        self.layer.brush_size = max(_BRUSH_PX, min(200, round(_BRUSH_SCREEN_PX / max(zoom, 1e-6))))
        self.layer.selected_label = selected
        self.layer.mode = "paint"
        self.select()
        # Undo and redo tell nobody but `set_data`, which also comes with every redrawing.
        for event in self._events():
            event.connect(self._on_touch)

    @property
    def is_there(self) -> bool:
        """Whether nobody has deleted the layer."""
        return self.layer in self._viewer.layers

    def select(self) -> None:
        """Make it the layer that tools work in."""
        self._viewer.layers.selection.active = self.layer

    def set_editable(self, editable: bool) -> None:
        """Let tools paint, or not, as while a correction is being saved."""
        self.layer.editable = editable

    def apply(self, repair: Repair) -> None:
        """Change pixels in one undo step."""
        if repair.pixels:
            values = repair.values.astype(self.layer.data.dtype)
            self.layer.data_setitem(repair.indices, values)

    def patch_overlay(
        self, window: tuple[slice, ...], codes: NDArray[np.uint8], overlay: NDArray[np.uint8]
    ) -> None:
        """Put other codes into a window of the overlay, on the canvas too."""
        others = np.nonzero(overlay[window] != codes)
        places = tuple(axis + part.start for axis, part in zip(others, window, strict=True))
        shown = [o for o in self._overlays() if o.data is overlay and o.visible]
        if len(shown) == 1 and others[0].size <= _MOST_PIXELS_ALONE:
            # napari then sends only these pixels to the screen, which is several times faster.
            shown[0].data_setitem(places, codes[others])
            return
        overlay[window] = codes
        for layer in shown:
            layer.refresh()

    def remove(self) -> None:
        """Take the layer away."""
        for event in self._events():
            event.disconnect(self._on_touch)
        if self.is_there:
            self._viewer.layers.remove(self.layer)

    def _overlays(self) -> list[Layer]:
        """The layers of the disagreement, one per cell."""
        roles = [(layer, layer.metadata.get(ROLE)) for layer in self._viewer.layers]
        return [layer for layer, role in roles if role and original(role) == OVERLAY]

    def _events(self) -> tuple[Any, ...]:
        events = self.layer.events
        return events.paint, events.labels_update, events.set_data

    def _on_touch(self, _event: Any = None) -> None:
        self._touched()
