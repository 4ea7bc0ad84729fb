"""What part of a sample the camera shows: the whole of it, a window, a slice, or a volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import canvas

# Pixels of the screen for one pixel of the mask at most: a few pixels of a tiny region filling the
# screen would say nothing about where it is.
_CLOSEST = 16


@dataclass(frozen=True)
class Place:
    """Where the camera was."""

    center: tuple[float, ...]
    zoom: float
    angles: tuple[float, ...]
    point: tuple[float, ...]


class Framing:
    """The camera and the slice of one viewer.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = canvas.bare(viewer)
        self._flat: Place | None = None
        self._whole: tuple[tuple[float, ...], float] | None = None
        self._resized_event = canvas.resized(self._viewer)
        if self._resized_event is not None:
            self._resized_event.connect(self._resized)

    def release(self) -> None:
        """Let go of the canvas."""
        if self._resized_event is not None:
            self._resized_event.disconnect(self._resized)

    @property
    def is_solid(self) -> bool:
        """Whether volumes are shown in three dimensions."""
        return bool(self._viewer.dims.ndisplay == 3)

    def fit(self) -> None:
        """Show everything, also when the window grows, until somebody moves the camera."""
        self._viewer.reset_view()
        self._whole = self._camera_is_at()

    def _resized(self, _event: Any = None) -> None:
        if not self.is_solid and self._whole == self._camera_is_at():
            self.fit()

    def _camera_is_at(self) -> tuple[tuple[float, ...], float]:
        camera = canvas.camera(self._viewer)
        return tuple(camera.center), float(camera.zoom)

    def look_at(
        self,
        center: Sequence[float],
        extent: Sequence[float],
        *,
        pixel: float,
        cells: tuple[int, int] = (1, 1),
    ) -> None:
        """Fill a cell of the canvas with a window of the world.

        Parameters
        ----------
        center, extent : sequence of two floats
            Middle and size of the window, (y, x), in world units.
        pixel : float
            Size of a pixel of the mask, in world units.
        cells : tuple of two ints
            Rows and columns the canvas is divided into.
        """
        height, width = canvas.size(self._viewer)
        height, width = max(1, height // cells[0]), max(1, width // cells[1])
        camera = canvas.camera(self._viewer)
        camera.center = (0.0, *(float(value) for value in center))
        camera.zoom = min(height / extent[0], width / extent[1], _CLOSEST / pixel)

    def go_to_slice(self, point: Sequence[float]) -> None:
        """Show the slice of a volume that goes through a point, in world units."""
        for axis, value in enumerate(point):
            self._viewer.dims.set_point(axis, float(value))

    def cells_for(self, size: Sequence[float], count: int) -> tuple[int, int]:
        """Rows and columns for ``count`` pictures of a size: whichever shows them larger."""
        height, width = canvas.size(self._viewer)
        beside = min(height / size[0], width / count / size[1])
        below = min(height / count / size[0], width / size[1])
        return (1, count) if beside >= below else (count, 1)

    def window(
        self, scale: Sequence[float], shape: Sequence[int], margin: float
    ) -> tuple[slice, slice]:
        """The part of a slice, (y, x) in pixels of the mask, that is on the canvas.

        Parameters
        ----------
        scale, shape : sequence of two numbers
            Pixel size and number of pixels along y and x.
        margin : float
            How much more than what is seen, as a share of it on every side.
        """
        camera, seen = canvas.camera(self._viewer), canvas.size(self._viewer)
        found = []
        for axis in (0, 1):
            middle = camera.center[axis + 1] / scale[axis]
            half = seen[axis] / 2 / max(camera.zoom, 1e-9) / scale[axis] * (1 + 2 * margin)
            start = min(max(0, int(middle - half)), shape[axis])
            found.append(slice(start, max(start, min(shape[axis], int(middle + half) + 2))))
        return found[0], found[1]

    def show_solid(self, on: bool) -> None:
        """Show volumes in three dimensions, or again the slice and the place from before."""
        dims, camera = self._viewer.dims, canvas.camera(self._viewer)
        if on is self.is_solid:
            return
        if on:
            self._flat = Place(tuple(camera.center), camera.zoom, camera.angles, dims.point)
            dims.ndisplay = 3
            self._viewer.reset_view()
            camera.angles = (25.0, -30.0, 125.0)
            return
        before, self._flat = self._flat, None
        dims.ndisplay = 2
        if before is not None:
            camera.angles = before.angles
            camera.center, camera.zoom = before.center, before.zoom
            self.go_to_slice(before.point[: max(0, dims.ndim - 2)])
