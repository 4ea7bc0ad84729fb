"""Show a stretch on any two Labels layers, where no dataset and so no review layers are open."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Labels, Vectors

from . import canvas
from .outlines import Outlines
from .shades import rgba

_WIDTH_SCREEN_PX = 3.0


class StretchCanvas:
    """One outline layer over the layers that are measured; verbs as of the review's layers.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = canvas.bare(viewer)
        self._layer: Vectors | None = None
        self._like: Labels | None = None
        canvas.camera(self._viewer).events.zoom.connect(self._keep_width)

    def follow(self, like: Labels | None) -> None:
        """Lie where this layer lies."""
        self._like = like

    def focus(self, window: tuple[slice, ...], inside: tuple[int, ...]) -> None:
        """Move the camera to a window (y, x) of the layer and the slice of one of its pixels."""
        like = self._like
        if like is None:
            return
        corners = [[*inside[:-2], *(s.start - 0.5 for s in window)]]
        corners.append([*inside[:-2], *(s.stop - 0.5 for s in window)])
        low, high = (np.array(like.data_to_world(corner)) for corner in corners)
        first = self._viewer.dims.ndim - like.ndim
        for axis in range(like.ndim - 2):
            self._viewer.dims.set_point(first + axis, low[axis])
        height, width = canvas.size(self._viewer)
        extent = np.abs(high - low)[-2:]
        camera = canvas.camera(self._viewer)
        camera.center = (0.0, *((low + high) / 2)[-2:].tolist())
        zoom = min(height / extent[0], width / extent[1], 16 / float(max(like.scale[-2:])))
        camera.zoom = zoom

    def show_outlines(self, outlines: Outlines) -> None:
        """Draw the stretch."""
        layers, like = self._viewer.layers, self._like
        if like is None:
            return
        layer = self._layer
        if layer is None or layer not in layers or layer.ndim != like.ndim:
            self.remove()
            empty = np.zeros((0, 2, like.ndim))
            layer = Vectors(
                empty, ndim=like.ndim, name="boundary: stretch", vector_style="line", opacity=1.0
            )
            layers.append(layer)
            self._layer = layer
        layer.scale, layer.translate = like.scale, like.translate
        layer.data = outlines.segments
        if len(outlines.segments):
            layer.edge_color = np.array([rgba(color) for color in outlines.colors])
        self._keep_width()

    def clear_outlines(self) -> None:
        """Remove the lines; the layer stays for the next ones."""
        if self._layer is not None and len(self._layer.data):
            self._layer.data = np.zeros((0, 2, self._layer.ndim))

    def remove(self) -> None:
        """Take the layer out of the viewer."""
        if self._layer is not None and self._layer in self._viewer.layers:
            self._viewer.layers.remove(self._layer)
        self._layer = None

    def release(self) -> None:
        """Let go of the viewer."""
        canvas.camera(self._viewer).events.zoom.disconnect(self._keep_width)
        self.remove()

    def _keep_width(self, _event: Any = None) -> None:
        """Lines keep their width on the screen, whatever the zoom."""
        layer = self._layer
        if layer is None or not len(layer.data):
            return
        width = _WIDTH_SCREEN_PX / max(
            canvas.camera(self._viewer).zoom * float(min(layer.scale[-2:])), 1e-6
        )
        if not 0.8 < layer.edge_width / width < 1.25:
            layer.edge_width = width
