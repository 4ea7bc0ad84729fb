"""Colours of the ids on the mask layers: those of the dataset, for every id that turned up."""

from __future__ import annotations

from collections.abc import Callable

from ..dataset.model import default_color
from .colormaps import class_colormap, object_colormap
from .layer_content import ClassColormap


class IdColors:
    """What the ids of one dataset look like."""

    def __init__(self) -> None:
        self._color_of: Callable[[int], str] = default_color
        self._hidden: frozenset[int] = frozenset()
        self._is_instance = False
        self._known: frozenset[int] | None = None

    def set(
        self, color_of: Callable[[int], str], hidden: frozenset[int], *, is_instance: bool
    ) -> None:
        """Colours for the ids of another dataset.

        Parameters
        ----------
        color_of : callable
            Colour of a class id, ``#RRGGBB``.
        hidden : frozenset of int
            Ids that are not drawn: the background.
        is_instance : bool
            Ids are objects, not classes: neighbouring ones get different colours.
        """
        self._color_of, self._hidden = color_of, hidden
        self._is_instance, self._known = is_instance, None

    def learn(self, ids: frozenset[int]) -> bool:
        """Take in the ids of a sample; true where the layers need another colormap."""
        known = self._known
        if known is not None and (self._is_instance or ids <= known):
            return False
        self._known = ids | (known or frozenset())
        return True

    def color_of(self, class_id: int) -> str:
        """Colour of a class id, ``#RRGGBB``."""
        return self._color_of(class_id)

    @property
    def colormap(self) -> ClassColormap:
        """Colours of all ids that turned up."""
        return self.colormap_for(self._known or frozenset())

    def colormap_for(self, ids: frozenset[int]) -> ClassColormap:
        """Colours of some ids."""
        if self._is_instance:
            return object_colormap()
        return class_colormap(ids, self._color_of, self._hidden)
