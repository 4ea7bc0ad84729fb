"""Colours of ids on the canvas, as napari wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from napari.layers import Image, Labels
from napari.utils.colormaps import CyclicLabelColormap, DirectLabelColormap, label_colormap

from .painting import WHAT_COLORS
from .shades import Color

# More ids than this cannot be told apart by colours of their own.
_MAX_COLORS = 256

_warming = Lock()


def overlay_colormap(colors: Mapping[int, Color] = WHAT_COLORS) -> DirectLabelColormap:
    """Colours of the disagreement layer, for the codes of a painting."""
    known: dict[int | None, Any] = {None: "transparent", 0: "transparent"}
    known.update(colors.items())
    return DirectLabelColormap(color_dict=known)


def class_colormap(
    ids: frozenset[int], color_of: Callable[[int], str], hidden_ids: Iterable[int]
) -> DirectLabelColormap | CyclicLabelColormap:
    """A colour for each class; hidden ids (the background) are clear."""
    if len(ids) > _MAX_COLORS:
        return object_colormap()
    colors: dict[int | None, Any] = {None: "transparent"}
    hidden = frozenset(hidden_ids)
    colors.update((class_id, color_of(class_id)) for class_id in ids - hidden)
    colors.update(dict.fromkeys(hidden, "transparent"))
    return DirectLabelColormap(color_dict=colors)


def warm_up(dtype: str) -> None:
    """Let napari import and compile what its first layers need; for a thread, once per type.

    The first layer of a process takes seconds (pandas, units, and where numba is installed the
    code that colours ids), during which the window would not answer.
    """
    with _warming:
        _compile(dtype)


@cache
def _compile(dtype: str) -> None:
    # Nobody else has these layers, so that a thread may make them.
    Labels(np.zeros((1, 1), dtype), colormap=overlay_colormap())
    Image(np.zeros((1, 1, 3), np.uint8), rgb=True)


def object_colormap() -> CyclicLabelColormap:
    """Different colours for neighbouring ids."""
    return label_colormap(49)
