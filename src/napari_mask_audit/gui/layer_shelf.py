"""Our layers in a viewer by role: found, taken over, made, ordered and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from napari.layers import Layer

from .layer_content import fits
from .line_widths import LineWidths
from .modes import COPIES, ROLE, STACK
from .sample_view import SampleView


class LayerShelf(dict[str, Layer]):
    """Layers by role.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        The viewer itself.
    widths : LineWidths
        What keeps lines as wide as they should be.
    shown : callable
        Called with the role of a layer that was made visible.
    """

    def __init__(self, viewer: Any, widths: LineWidths, shown: Callable[[str], None]) -> None:
        super().__init__()
        self._viewer = viewer
        self._widths = widths
        self._shown = shown

    def take(self, role: str, view: SampleView, make: Callable[[], Layer]) -> Layer:
        """The layer of a role that can show a sample: ours, one of a reader's, or a new one."""
        layers = self._viewer.layers
        layer = self.get(role)
        if layer is not None and layer in layers and fits(layer, role, view):
            return layer
        place = None
        if layer is not None:
            self._let_go(layer)
            if layer in layers:
                place = layers.index(layer)
                layers.remove(layer)
        new = self._adopted(role, view)
        if new is None:
            new = make()
            self._insert(new, role, place)
        self[role] = new
        new.events.visible.connect(self._on_visible)
        return new

    def order(self, roles: Sequence[str], *, at_bottom: bool) -> None:
        """Bring layers into an order; where a grid counts them, below all others.

        Those that the user has deleted are passed over.
        """
        layers = self._viewer.layers
        wanted = [self[role] for role in roles if self[role] in layers]
        ours = [layer for layer in layers if layer in wanted]
        if ours == wanted and (not at_bottom or list(layers)[: len(wanted)] == wanted):
            return
        rest = [layer for layer in layers if layer not in wanted]
        # Said once: napari arranges its canvas anew whenever it hears of it. (Its own
        # move_multiple does so too, but loses the order of layers that change places.)
        with layers.events.reordered.blocker():
            for target, layer in enumerate([*wanted, *rest]):
                if layers.index(layer) != target:
                    layers.move(layers.index(layer), target)
        layers.events.reordered(value=layers)

    def drop(self, roles: Iterable[str]) -> None:
        """Take layers out of the viewer."""
        for role in tuple(roles):
            layer = self.pop(role, None)
            if layer is not None:
                self._let_go(layer)
                if layer in self._viewer.layers:
                    self._viewer.layers.remove(layer)

    def release(self) -> None:
        """Let go of all layers; they stay in the viewer."""
        for layer in self.values():
            self._let_go(layer)
        self.clear()

    def _insert(self, layer: Layer, role: str, place: int | None) -> None:
        layers = self._viewer.layers
        if place is None and role in STACK:
            above = [self.get(r) for r in STACK[STACK.index(role) + 1 :]]
            place = min((layers.index(a) for a in above if a in layers), default=len(layers))
        if place is None:
            # Layers of the cells are out of the way until they are shown.
            n_below = sum(other in self for other in COPIES)
            place = min(n_below, len(layers)) if role in COPIES else len(layers)
        layers.insert(place, layer)

    def _adopted(self, role: str, view: SampleView) -> Layer | None:
        """A layer in the viewer that a reader made for this role."""
        mine = list(self.values())
        for layer in self._viewer.layers:
            is_free = layer.metadata.get(ROLE) == role and layer not in mine
            if is_free and fits(layer, role, view):
                return layer
        return None

    def _on_visible(self, event: Any) -> None:
        for role, layer in self.items():
            if layer is event.source and layer.visible:
                self._shown(role)

    def _let_go(self, layer: Layer) -> None:
        layer.events.visible.disconnect(self._on_visible)
        self._widths.forget(layer)
