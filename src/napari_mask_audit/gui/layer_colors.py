"""The colours of a sample's layers: of the ids in its masks, and of what is painted over it."""

from __future__ import annotations

from dataclasses import replace

from .colormaps import overlay_colormap
from .framing import Framing
from .id_colors import IdColors
from .layer_content import FILL_OPACITY, SOLID_OPACITY, ClassColormap
from .layer_shelf import LayerShelf
from .modes import CANDIDATE, OVERLAY, REFERENCE, original
from .painting import Coloring, Painting, solid_colors
from .sample_view import SampleView


class LayerColors:
    """Gives the layers of one viewer their colours.

    Parameters
    ----------
    layers : LayerShelf
        The layers there are.
    framing : Framing
        Whether a volume is seen in three dimensions, where colours are others.

    Attributes
    ----------
    ids : IdColors
        Colours of the masks.
    painting : Painting or None
        What lies on the disagreement layers.
    """

    def __init__(self, layers: LayerShelf, framing: Framing) -> None:
        self._layers, self._framing = layers, framing
        self.ids = IdColors()
        self.painting: Painting | None = None

    def paint(self, painting: Painting) -> None:
        """Keep a painting, and give the disagreement layers its colours."""
        before, self.painting = self.painting, painting
        if before is None or before.colors != painting.colors:
            self._paint_again()

    def painted(self, view: SampleView) -> SampleView:
        """The sample with what is painted over it."""
        painting = self.painting
        if painting is None or painting.coloring is Coloring.WHAT:
            return view
        return replace(view, overlay=painting.codes)

    @property
    def overlay(self) -> ClassColormap:
        """Colours of the disagreement layers."""
        assert self.painting is not None
        colors = self.painting.colors
        return overlay_colormap(solid_colors(self.painting) if self._framing.is_solid else colors)

    def color(self, view: SampleView) -> None:
        """Give the masks a colour for every id that turned up."""
        if self.ids.learn(view.ids):
            for role in (REFERENCE, CANDIDATE):
                if role in self._layers:
                    self._layers[role].colormap = self.ids.colormap

    def turn(self) -> None:
        """The volume is seen in three dimensions now, or no longer."""
        self._paint_again()
        if REFERENCE in self._layers:
            opacity = SOLID_OPACITY if self._framing.is_solid else FILL_OPACITY
            self._layers[REFERENCE].opacity = opacity

    def _paint_again(self) -> None:
        for role, layer in self._layers.items():
            if original(role) == OVERLAY:
                layer.colormap = self.overlay
