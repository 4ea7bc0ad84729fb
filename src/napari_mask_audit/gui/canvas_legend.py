"""The legend on the canvas itself: colours by name, in sight whichever dock is in front."""

from __future__ import annotations

from typing import Any

from . import canvas
from .legend_content import LegendContent


class CanvasLegend:
    """The text overlay of one viewer, as long as a sample is under review.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.
    """

    def __init__(self, viewer: Any) -> None:
        self._overlay = canvas.text(canvas.bare(viewer))
        self._is_wanted = True
        self._text = self._instead = ""

    def show_content(self, content: LegendContent) -> None:
        """Name other colours."""
        self._text = content.text
        self._write()

    def show_instead(self, content: LegendContent | None) -> None:
        """Name the colours of something that hides the review's layers; None: it is gone."""
        self._instead = "" if content is None else content.text
        self._write()

    def set_wanted(self, wanted: bool) -> None:
        """Show it, or leave the canvas alone."""
        self._is_wanted = wanted
        self._write()

    def release(self) -> None:
        """Take it off the canvas."""
        self._text = self._instead = ""
        self._write()

    def _write(self) -> None:
        text = self._instead or self._text
        overlay, shown = self._overlay, bool(text) and self._is_wanted
        if shown and overlay.text != text:
            overlay.position = "bottom_left"
            overlay.font_size = 8
            overlay.box = True
            overlay.text = text
        if overlay.visible != shown:
            overlay.visible = shown
