"""The disagreement of any two Labels layers of a viewer, as a layer over them."""

from __future__ import annotations

from typing import Any

from napari.layers import Labels

from . import canvas
from .colormaps import overlay_colormap


class CompareOverlay:
    """One disagreement layer over any two Labels layers of a viewer.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = canvas.bare(viewer)
        self._layer: Labels | None = None

    def show(self, codes: Any, like: Labels) -> None:
        """Show a map of codes where a layer is; the layer is made once and its data swapped."""
        layers = self._viewer.layers
        layer = self._layer
        if layer is not None and layer in layers and layer.ndim == codes.ndim:
            layer.data = codes
        else:
            self.remove()
            layer = Labels(codes, name="compare: disagreement", colormap=overlay_colormap())
            layers.append(layer)
            self._layer = layer
        layer.scale, layer.translate = like.scale, like.translate
        layer.editable = False
        layer.visible = True

    def set_visible(self, visible: bool) -> None:
        """Show or hide it."""
        if self._layer is not None and self._layer in self._viewer.layers:
            self._layer.visible = visible

    def remove(self) -> None:
        """Take it out of the viewer."""
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)
        self._layer = None


def pixels_of(layer: Labels) -> Any:
    """The ids of a Labels layer at full resolution."""
    return layer.data[0] if layer.multiscale else layer.data
