"""The layers of the agreement dock: the outlines of a pair, and the votes on the sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Image, Labels, Layer
from napari.utils.colormaps import Colormap

from . import canvas
from .agreement_maps import SampleMap
from .colormaps import overlay_colormap
from .modes import CANDIDATE, CONTOURS, OUTLINES, OVERLAY, REFERENCE, ROLE
from .shades import VOTES as VOTES_RAMP
from .shades import rgba

PAIR, VOTES = "agreement: pair", "agreement: votes"
# Where nobody disagrees the picture shows; the least disagreement is to be seen all the same.
_WEAKEST, _STRONGEST = 0.4, 0.75


class AgreementLayers:
    """Two layers over the sample under review, made once; their data is swapped.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = canvas.bare(viewer)
        self._layers: dict[str, Layer] = {}

    def show_pair(self, found: SampleMap) -> None:
        """Show where two masks draw; the masks of the review are hidden meanwhile."""
        self.hide_review()
        layer = self._put(PAIR, found, lambda: Labels(found.pixels, colormap=overlay_colormap()))
        layer.editable = False

    def show_votes(self, found: SampleMap) -> None:
        """Show how far the votes are apart: clear where all agree."""
        layer = self._put(
            VOTES, found, lambda: Image(found.pixels, colormap=vote_colormap(), rgb=False)
        )
        layer.contrast_limits_range = layer.contrast_limits = (0.0, found.high)

    def hide_review(self) -> None:
        """Hide the masks of the room, lest two pairs are drawn in the same colours."""
        for layer in self._viewer.layers:
            role = layer.metadata.get(ROLE)
            if role in (REFERENCE, CANDIDATE, OVERLAY, CONTOURS, OUTLINES) and layer.visible:
                layer.visible = False

    def has(self, role: str) -> bool:
        """Whether one is in the viewer."""
        layer = self._layers.get(role)
        return layer is not None and layer in self._viewer.layers

    def hide(self, role: str) -> None:
        """Hide one while its next picture is made."""
        layer = self._layers.get(role)
        if layer is not None and layer in self._viewer.layers:
            layer.visible = False

    def remove(self, role: str) -> None:
        """Take one out of the viewer."""
        layer = self._layers.pop(role, None)
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def release(self) -> None:
        """Take both out."""
        for role in (PAIR, VOTES):
            self.remove(role)

    def _put(self, role: str, found: SampleMap, make: Any) -> Any:
        layers = self._viewer.layers
        layer = self._layers.get(role)
        if layer is not None and layer in layers and layer.ndim == found.pixels.ndim:
            layer.data = found.pixels
        else:
            self.remove(role)
            layer = make()
            layer.metadata[ROLE] = role
            self._layers[role] = layer
            active = layers.selection.active
            layers.append(layer)
            layers.selection.active = active  # tools and keys stay with what was active
        layer.name, layer.scale, layer.visible = found.words, found.spacing, True
        return layer


def vote_colormap() -> Colormap:
    """From clear to yellow: a step away from clear as soon as anybody disagrees."""
    colors = [(*rgba(VOTES_RAMP[0])[:3], 0.0)]
    alphas = np.linspace(_WEAKEST, _STRONGEST, len(VOTES_RAMP))
    colors += [(*rgba(c)[:3], float(a)) for c, a in zip(VOTES_RAMP, alphas, strict=True)]
    return Colormap(colors, controls=[0.0, 0.02, 0.5, 1.0], name="mask audit votes")
