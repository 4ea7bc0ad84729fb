"""Traces the outlines of both masks again when another part of the sample comes into view."""

from __future__ import annotations

from collections.abc import Callable

from psygnal import Signal
from qtpy.QtCore import QTimer

from ..dataset import Dataset
from ..errors import AuditError
from . import canvas
from .contours import MAX_PIXELS, trace_outlines
from .layers import SampleLayers
from .modes import Mode
from .outlines import Outlines
from .sample_view import SampleView
from .worker import Job, Jobs

# The camera has rested so long when outlines are traced.
_REST_MS = 120
# More than is seen is traced, so that a small move shows no edge.
_MARGIN = 0.3

Window = tuple[slice, slice]


class ContourTracing:
    """Keeps the outlines of one viewer's sample those of the part in view.

    Parameters
    ----------
    layers : SampleLayers
        What shows them.
    jobs : Jobs
        Where they are traced.
    failed : callable
        Gets the AuditError of what cannot be traced.

    Attributes
    ----------
    traced
        Signal: other outlines are shown, or none.
    """

    traced = Signal()

    def __init__(
        self, layers: SampleLayers, jobs: Jobs, failed: Callable[[AuditError], None]
    ) -> None:
        self._layers = layers
        self._jobs = jobs
        self._failed = failed
        self._view: SampleView | None = None
        self._hidden: frozenset[int] = frozenset()
        self._job: Job | None = None
        self._done: tuple[Window, tuple[int, ...]] | None = None
        self._rest = QTimer()
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._trace)
        viewer = layers.viewer
        self._events = (
            canvas.camera(viewer).events.zoom,
            canvas.camera(viewer).events.center,
            viewer.dims.events.current_step,
        )
        for event in self._events:
            event.connect(self._moved)

    def look_at(self, dataset: Dataset | None, view: SampleView | None) -> None:
        """Another sample is shown, or none."""
        self._view, self._done = view, None
        background = None if dataset is None else dataset.background_id
        self._hidden = frozenset() if background is None else frozenset({background})
        self._stop()
        self.refresh()

    def refresh(self) -> None:
        """Trace soon, if outlines are wanted."""
        if self._layers.mode is Mode.CONTOURS and self._view is not None and self._view.shape:
            self._rest.start()

    def release(self) -> None:
        """Let go of the viewer."""
        self._stop()
        for event in self._events:
            event.disconnect(self._moved)

    def _moved(self, _event: object = None) -> None:
        self.refresh()

    def _stop(self) -> None:
        self._rest.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _trace(self) -> None:
        view, layers, hidden = self._view, self._layers, self._hidden
        if view is None or layers.mode is not Mode.CONTOURS or layers.framing.is_solid:
            return
        at, seen = layers.at, layers.window_in_view(0.0)
        if self._done is not None and self._done[1] == at and _within(seen, self._done[0]):
            return
        self._stop()
        window = layers.window_in_view(_MARGIN)
        if _pixels(window) > MAX_PIXELS >= _pixels(seen):
            window = seen

        def show(outlines: Outlines | None) -> None:
            self._job = None
            self._done = None if outlines is None else (window, at)
            layers.show_contours(outlines)
            self.traced.emit()

        self._job = self._jobs.run(
            lambda _job: trace_outlines(view, window, at, hidden), show, self._failed
        )


def _within(inner: Window, outer: Window) -> bool:
    return all(a.start >= b.start and a.stop <= b.stop for a, b in zip(inner, outer, strict=True))


def _pixels(window: Window) -> int:
    return (window[0].stop - window[0].start) * (window[1].stop - window[1].start)
