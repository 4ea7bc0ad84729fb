"""Names that napari moved between 0.8 and 0.9, asked for once and without warnings.

napari 0.9 keeps the old names, but they warn; napari 0.8 does not have the new ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_USUAL_SIZE = (700, 700)
# Lengths that pixel sizes are given in; napari refuses a word it does not know.
_UNITS = frozenset({"nm", "um", "µm", "micron", "mm", "cm", "m", "km", "inch"})


def grid(viewer: Any) -> Any:
    """The grid settings of the canvas (``viewer.grid`` before napari 0.9)."""
    return viewer.canvas.grid if hasattr(viewer, "canvas") else viewer.grid


def camera(viewer: Any) -> Any:
    """The camera (``viewer.camera`` before napari 0.9)."""
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


def scale_bar(viewer: Any) -> Any:
    """The scale bar (``viewer.scale_bar`` before napari 0.9)."""
    return viewer.canvas.overlays.scale_bar if hasattr(viewer, "canvas") else viewer.scale_bar


def text(viewer: Any) -> Any:
    """The text on the canvas (``viewer.text_overlay`` before napari 0.9)."""
    return viewer.canvas.overlays.text if hasattr(viewer, "canvas") else viewer.text_overlay


def unit_of(unit: str, ndim: int) -> tuple[str, ...]:
    """Units of a layer's axes as napari wants them: pixels for a unit it does not know.

    Examples
    --------
    >>> unit_of("mm", 2), unit_of("furlongs per week", 1)
    (('mm', 'mm'), ('pixel',))
    """
    known = unit if unit in _UNITS else "pixel"
    return (known,) * ndim


@contextmanager
def one_change(viewer: Any) -> Iterator[None]:
    """Within it several layers change, and the canvas is put together anew once, at the end.

    napari 0.9 does so after each change of visibility otherwise, 8 to 14 ms each time.
    """
    if not hasattr(viewer.layers, "batched_update"):
        yield
        return
    with viewer.layers.batched_update():
        yield


def size(viewer: Any) -> tuple[int, int]:
    """Height and width of the canvas in screen pixels.

    napari 0.8 keeps the size to itself; there a usual one stands in.
    """
    height, width = viewer.canvas.size if hasattr(viewer, "canvas") else _USUAL_SIZE
    return max(1, int(height)), max(1, int(width))


def resized(viewer: Any) -> Any:
    """The event of the canvas having another size; None in napari 0.8, which tells nobody."""
    return viewer.canvas.events.size if hasattr(viewer, "canvas") else None


def bare(viewer: Any) -> Any:
    """The viewer itself, out of the proxy that plugins are given.

    Two proxies of one viewer are different objects, so whoever keeps something per viewer needs
    the object behind them. ``__wrapped__`` is the public attribute of every ``wrapt`` proxy.
    """
    return getattr(viewer, "__wrapped__", viewer)
