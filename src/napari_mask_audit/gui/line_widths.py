"""Lines that keep their width on the screen, whatever the zoom."""

from __future__ import annotations

from typing import Any

from napari.layers import Vectors

from . import canvas

#: Widths a reviewer may choose, in pixels of the screen.
NARROWEST, WIDEST = 1.0, 8.0


class LineWidths:
    """The line layers of one viewer; napari's own widths are in pixels of the mask.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.
    screen_px : float
        Width of the lines in pixels of the screen.
    """

    def __init__(self, viewer: Any, screen_px: float = 2.5) -> None:
        self._viewer = canvas.bare(viewer)
        self._screen_px = screen_px
        self._layers: list[Vectors] = []
        canvas.camera(self._viewer).events.zoom.connect(self._adjust_all)

    def keep(self, layer: Vectors) -> None:
        """Keep the lines of a layer as wide as they should be from now on."""
        if layer not in self._layers:
            self._layers.append(layer)
        self._adjust(layer)

    def forget(self, layer: Vectors) -> None:
        """Leave a layer alone."""
        if layer in self._layers:
            self._layers.remove(layer)

    def set_width(self, screen_px: float) -> None:
        """Draw all lines in another width."""
        self._screen_px = min(max(screen_px, NARROWEST), WIDEST)
        for layer in self._layers:
            layer.edge_width = self._width(layer)

    def release(self) -> None:
        """Let go of the viewer."""
        canvas.camera(self._viewer).events.zoom.disconnect(self._adjust_all)
        self._layers.clear()

    def _adjust_all(self, _event: Any = None) -> None:
        for layer in self._layers:
            if len(layer.data):
                self._adjust(layer)

    def _adjust(self, layer: Vectors) -> None:
        # Another width draws every line anew: a little off is not worth that.
        if not 0.8 < layer.edge_width / self._width(layer) < 1.25:
            layer.edge_width = self._width(layer)

    def _width(self, layer: Vectors) -> float:
        pixel = canvas.camera(self._viewer).zoom * float(min(layer.scale[-2:]))
        return self._screen_px / max(pixel, 1e-6)
