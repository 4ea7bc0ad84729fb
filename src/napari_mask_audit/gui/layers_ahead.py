"""The layers that other ways of seeing want, made before they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable

from .giving_way import keep_what_is_here, reviewer_is_busy
from .layers import SampleLayers
from .single_shot import single_shot

# Between two layers the window is the reviewer's: for a key, and for painting.
_PAUSE_MS = 60
# What comes after the layers does not wait for them longer than this.
_PATIENCE_S = 4.0


class LayersAhead:
    """Makes one layer at a time when nobody waits for anything.

    The first change to side by side would take most of a second otherwise.

    Parameters
    ----------
    layers : SampleLayers
        Where they are made.
    may_make : callable
        Whether layers may come at all now: each becomes the active one for a moment.
    """

    def __init__(self, layers: SampleLayers, may_make: Callable[[], bool]) -> None:
        self._layers = layers
        self._may_make = may_make
        self._then: Callable[[], None] | None = None
        self._end = 0.0
        self._has_made = False
        self._pause = single_shot(_PAUSE_MS, self._make)

    def begin(self, then: Callable[[], None]) -> None:
        """Make what is missing, then do something that is not to stand in the way."""
        if self._then is None:
            self._end = time.monotonic() + _PATIENCE_S
        self._then = then
        self._pause.start()

    def stop(self) -> None:
        """Make no more, and do nothing after it."""
        self._pause.stop()
        self._then = None

    def _make(self) -> None:
        may_go_on = True
        if self._may_make() and not reviewer_is_busy():
            may_go_on = self._layers.make_ahead()
            self._has_made |= may_go_on
        if may_go_on:
            self._pause.start()
        elif self._has_made:
            self._has_made = False
            keep_what_is_here()  # napari looks for garbage at each change to side by side
        if not may_go_on or time.monotonic() > self._end:
            then, self._then = self._then, None
            if then is not None:
                then()
