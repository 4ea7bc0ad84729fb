"""What a reviewer set in napari's Preferences, under *Mask audit*.

napari 0.9 makes a page of the manifest's ``configurations`` and keeps the values; napari 0.8 has
neither, and there the defaults hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .modes import Mode

_PLUGIN = "napari-mask-audit"
#: Values of *colours of classes*.
DATASET_COLORS, SAFE_COLORS = "the dataset's", "colour-blind safe"


@dataclass(frozen=True)
class Preferences:
    """Values that a reviewer may set.

    Attributes
    ----------
    reviewer : str
        Who decides; the login name where it is empty.
    keys_on : bool
        Whether the keys of the review are on at the start.
    prefetch : bool
        Whether the neighbours of the current sample are read ahead.
    mode : Mode
        What the canvas shows first.
    colors : str
        :data:`DATASET_COLORS` or :data:`SAFE_COLORS`.
    line_width : float
        Width of outlines in pixels of the screen.
    blink_ms : int
        How long either mask is shown while blinking.
    legend_on_canvas : bool
        Whether the legend is also written on the canvas.
    """

    reviewer: str = ""
    keys_on: bool = True
    prefetch: bool = True
    mode: Mode = Mode.OVERLAY
    colors: str = DATASET_COLORS
    line_width: float = 2.5
    blink_ms: int = 600
    legend_on_canvas: bool = True


def kept_preferences() -> Any:
    """What napari keeps for this plugin, with its events; None where it does not keep any."""
    try:
        from napari.settings import get_plugin_settings
    except ImportError:  # napari 0.8
        return None
    try:
        return get_plugin_settings(_PLUGIN)
    except KeyError:  # the plugin is not installed, only imported
        return None


def preferences() -> Preferences:
    """The values now; the defaults where napari does not keep any."""
    kept = kept_preferences()
    if kept is None:
        return Preferences()
    review, seeing = kept.review, kept.canvas
    return Preferences(
        reviewer=review.reviewer.strip(),
        keys_on=review.keys_on,
        prefetch=review.prefetch,
        mode=Mode(seeing.mode),
        colors=seeing.colors,
        line_width=seeing.line_width,
        blink_ms=seeing.blink_ms,
        legend_on_canvas=seeing.legend_on_canvas,
    )
