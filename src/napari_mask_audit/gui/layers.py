"""The layers of the sample under review: the only file that touches ``viewer.layers``.

Layers are made once and their data is swapped: removing and adding them is many times slower and
the memory of removed ones is not all given back (napari issues 2027 and 4485). Layers that are
not visible get their data when they become visible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from napari.layers import Layer

from ..dataset.model import default_color
from . import canvas
from .colormaps import class_colormap, object_colormap, rgba
from .layer_content import (
    ClassColormap,
    fill_layer,
    fits,
    has_data,
    make_layer,
    name_of,
    scale_of,
)
from .modes import (
    CANDIDATE,
    COPIES,
    IMAGE,
    OUTLINES,
    OVERLAY,
    REFERENCE,
    ROLE,
    SIDE_BY_SIDE,
    STACK,
    VISIBLE,
    Mode,
)
from .outlines import Outlines
from .sample_view import SampleView

_OUTLINE_SCREEN_PX = 2.5


class SampleLayers:
    """The layers of one viewer that show a sample.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = canvas.bare(viewer)
        self._layers: dict[str, Layer] = {}
        self._stale: set[str] = set()
        self._view: SampleView | None = None
        self._color_of: Callable[[int], str] = default_color
        self._hidden_ids: frozenset[int] = frozenset()
        self._is_instance = False
        self._colored: frozenset[int] | None = None
        self.mode = Mode.OVERLAY
        canvas.camera(self._viewer).events.zoom.connect(self._keep_width)

    # -- what is shown ---------------------------------------------------------------------------

    def set_colors(
        self, color_of: Callable[[int], str], hidden_ids: frozenset[int], *, is_instance: bool
    ) -> None:
        """Colours of the classes, for the masks of a new dataset.

        Parameters
        ----------
        color_of : callable
            Colour of a class id, ``#RRGGBB``.
        hidden_ids : frozenset of int
            Ids that are not drawn: the background.
        is_instance : bool
            Ids are objects, not classes: neighbouring ones get different colours.
        """
        self._color_of, self._hidden_ids = color_of, hidden_ids
        self._is_instance, self._colored = is_instance, None

    def show(self, view: SampleView) -> None:
        """Show another sample; the camera moves only if its size is another."""
        before = self._view
        if before is not None and len(before.shape) != len(view.shape):
            self._remove_all()
        self._view = view
        if not view.shape:
            self._hide_all()
            return
        self._color(view)
        self._stale = {IMAGE, REFERENCE, CANDIDATE, OVERLAY, *COPIES}
        self._arrange()
        self.clear_outlines()
        if before is None or before.shape != view.shape or before.spacing != view.spacing:
            self._viewer.reset_view()
            self._show_scale(view)

    def set_mode(self, mode: Mode) -> None:
        """Change what of the sample is shown."""
        self.mode = mode
        if self._view is not None and self._view.shape:
            self._arrange()

    def fit(self) -> None:
        """Show the whole sample."""
        self._viewer.reset_view()

    def focus(self, window: tuple[slice, ...], inside: tuple[int, ...]) -> None:
        """Move the camera to a window of the sample, and to the slice of one of its pixels.

        Parameters
        ----------
        window : tuple of two slices
            What should fill the canvas, (y, x), in pixels of the mask.
        inside : tuple of int
            A pixel to be shown, in pixels of the mask.
        """
        if self._view is None:
            return
        spacing = scale_of(self._view)
        for axis in range(len(inside) - 2):
            self._viewer.dims.set_point(axis, inside[axis] * spacing[axis])
        center = [
            (s.start + s.stop - 1) / 2 * step for s, step in zip(window, spacing[-2:], strict=True)
        ]
        extent = [(s.stop - s.start) * step for s, step in zip(window, spacing[-2:], strict=True)]
        height, width = canvas.size(self._viewer)
        if self.mode is Mode.SIDE_BY_SIDE:
            rows, columns = self._cells()
            height, width = max(1, height // rows), max(1, width // columns)
        camera = canvas.camera(self._viewer)
        camera.center = (0.0, *center)
        # A few pixels of a tiny region filling the screen would say nothing about where it is.
        camera.zoom = min(height / extent[0], width / extent[1], 16 / max(spacing[-2:]))

    def show_outlines(self, outlines: Outlines) -> None:
        """Draw the outlines around a region."""
        if self._view is None or not self._view.shape:
            return
        layer = self._layer(OUTLINES)
        layer.data = outlines.segments
        if len(outlines.segments):
            layer.edge_color = np.array([rgba(color) for color in outlines.colors])
        layer.visible = OUTLINES in VISIBLE[self.mode]
        self._keep_width()

    def clear_outlines(self) -> None:
        """Remove the outlines."""
        layer = self._layers.get(OUTLINES)
        if layer is not None and len(layer.data):
            layer.data = np.zeros((0, 2, layer.data.shape[-1]))

    def release(self) -> None:
        """Let go of the viewer; the layers stay as they are."""
        canvas.camera(self._viewer).events.zoom.disconnect(self._keep_width)
        for layer in self._layers.values():
            layer.events.visible.disconnect(self._on_visible)
        if canvas.grid(self._viewer).enabled and self.mode is Mode.SIDE_BY_SIDE:
            canvas.grid(self._viewer).enabled = False
        self._layers.clear()
        self._view = None

    # -- inside ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Make the mode's layers visible in the mode's order."""
        roles = SIDE_BY_SIDE if self.mode is Mode.SIDE_BY_SIDE else STACK
        grid = canvas.grid(self._viewer)
        if self.mode is not Mode.SIDE_BY_SIDE:
            if grid.enabled:
                grid.enabled = False
            self._drop(COPIES)
        for role in roles:
            layer, name = self._layer(role), name_of(self._shown(), role)
            if layer.name != name:
                layer.name = name
        for role, layer in self._layers.items():
            wanted = role in VISIBLE[self.mode] and has_data(self._shown(), role)
            if wanted and role in self._stale:
                self._fill(role, layer)
            if layer.visible != wanted:  # napari draws anew even when nothing changes
                layer.visible = wanted
        if self.mode is Mode.SIDE_BY_SIDE:
            self._order(roles)
            grid.stride, grid.shape, grid.enabled = 2, self._cells(), True
        role = {Mode.REFERENCE: REFERENCE, Mode.CANDIDATE: CANDIDATE}.get(self.mode, OVERLAY)
        if self._viewer.layers.selection.active is not self._layers[role]:
            self._viewer.layers.selection.active = self._layers[role]

    def _cells(self) -> tuple[int, int]:
        """Rows and columns of the side-by-side view: whichever shows the sample larger."""
        assert self._view is not None
        height, width = canvas.size(self._viewer)
        rows, columns = (
            size * step
            for size, step in zip(self._view.shape[-2:], scale_of(self._view)[-2:], strict=True)
        )
        beside = min(height / rows, width / 3 / columns)
        below = min(height / 3 / rows, width / columns)
        return (1, 3) if beside >= below else (3, 1)

    def _order(self, roles: tuple[str, ...]) -> None:
        layers = self._viewer.layers
        wanted = [self._layers[role] for role in roles]
        rest = [layer for layer in layers if layer not in wanted]
        for target, layer in enumerate([*wanted, *rest]):
            layers.move(layers.index(layer), target)

    def _layer(self, role: str) -> Layer:
        """The layer of that role: ours, one to adopt, or a new one."""
        layers = self._viewer.layers
        layer = self._layers.get(role)
        if layer is not None and layer in layers and fits(layer, role, self._shown()):
            return layer
        place = None
        if layer is not None:
            layer.events.visible.disconnect(self._on_visible)
            if layer in layers:
                place = layers.index(layer)
                layers.remove(layer)
        new = self._adopted(role)
        if new is None:
            view = self._shown()
            new = make_layer(view, role, self._class_colormap(self._colored or view.ids))
            self._insert(new, role, place)
            self._stale.discard(role)
        self._layers[role] = new
        new.events.visible.connect(self._on_visible)
        return new

    def _insert(self, layer: Layer, role: str, place: int | None) -> None:
        layers = self._viewer.layers
        if place is None and role in STACK:
            above = [self._layers.get(r) for r in STACK[STACK.index(role) + 1 :]]
            place = min((layers.index(a) for a in above if a in layers), default=len(layers))
        layers.insert(len(layers) if place is None else place, layer)

    def _adopted(self, role: str) -> Layer | None:
        """A layer in the viewer that a reader made for this role."""
        mine, view = list(self._layers.values()), self._shown()
        for layer in self._viewer.layers:
            is_free = layer.metadata.get(ROLE) == role and layer not in mine
            if is_free and fits(layer, role, view):
                return layer
        return None

    def _fill(self, role: str, layer: Layer) -> None:
        self._stale.discard(role)
        fill_layer(layer, self._shown(), role)

    def _shown(self) -> SampleView:
        assert self._view is not None
        return self._view

    def _color(self, view: SampleView) -> None:
        """Give the masks a colour for every id that turned up."""
        known = self._colored
        if known is not None and (self._is_instance or view.ids <= known):
            return
        ids = view.ids | (known or frozenset())
        self._colored = ids
        for role in (REFERENCE, CANDIDATE):
            if role in self._layers:
                self._layers[role].colormap = self._class_colormap(ids)

    def _class_colormap(self, ids: frozenset[int]) -> ClassColormap:
        if self._is_instance:
            return object_colormap()
        return class_colormap(ids, self._color_of, self._hidden_ids)

    def _show_scale(self, view: SampleView) -> None:
        bar = canvas.scale_bar(self._viewer)
        known = view.unit != "px"
        if known != bar.visible:
            bar.visible = known

    def _keep_width(self, _event: Any = None) -> None:
        """Outlines keep their width on the screen, whatever the zoom."""
        layer = self._layers.get(OUTLINES)
        if layer is None or self._view is None or not len(layer.data):
            return
        zoom = canvas.camera(self._viewer).zoom * min(scale_of(self._view)[-2:])
        width = _OUTLINE_SCREEN_PX / max(zoom, 1e-6)
        if not 0.8 < layer.edge_width / width < 1.25:
            layer.edge_width = width

    def _on_visible(self, event: Any) -> None:
        """Bring a layer up to date that the user makes visible."""
        for role, layer in self._layers.items():
            if layer is event.source and layer.visible and role in self._stale:
                self._fill(role, layer)

    def _hide_all(self) -> None:
        for layer in self._layers.values():
            layer.visible = False

    def _drop(self, roles: tuple[str, ...]) -> None:
        for role in roles:
            layer = self._layers.pop(role, None)
            if layer is not None:
                layer.events.visible.disconnect(self._on_visible)
                if layer in self._viewer.layers:
                    self._viewer.layers.remove(layer)

    def _remove_all(self) -> None:
        self._drop(tuple(self._layers))
