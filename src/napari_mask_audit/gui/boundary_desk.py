"""What the boundary dock is about: the pair of masks, the choices, and what follows from them.

The dock calls its verbs and redraws from its signals. It measures in a thread, once per pair and
convention; a new tolerance is only read off, and the stretches follow when the slider rests.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Any

from psygnal import Signal
from qtpy.QtCore import QTimer

from ..agreement import Curve, agree
from ..boundaries import Convention
from ..boundary_stretches import Stretch, Stretches
from ..dataset import Dataset
from ..errors import AuditError
from .boundary_view import BoundaryView, Subject, measure_boundaries
from .worker import Job, Jobs

# The stretches are found anew once the slider has rested so long.
_REST_MS = 120
# Pairs of masks whose distances are kept, for going back and forth.
_KEPT = 2


class BoundaryDesk:
    """The state of one boundary dock.

    Attributes
    ----------
    measured
        Signal: :attr:`view` is another one, or None while it is being measured.
    tolerance_changed, class_changed, convention_changed
        Signals: a choice changed.
    stretches_changed
        Signal: :attr:`stretches` are others, or None while they are being found.
    stretch_changed
        Signal: another stretch is looked at.
    band_changed
        Signal: the annotators' band arrived, went, or is so far.
    failed
        Signal: an error the user has to know about.
    """

    measured = Signal()
    tolerance_changed = Signal()
    class_changed = Signal()
    convention_changed = Signal()
    stretches_changed = Signal()
    stretch_changed = Signal()
    band_changed = Signal()
    failed = Signal(object)

    def __init__(self) -> None:
        self.subject: Subject | None = None
        self.view: BoundaryView | None = None
        self.tolerance = 1.0
        self.convention: Convention = "surfel"
        self.class_id: int | None = None
        self.stretches: Stretches | None = None
        self.index: int | None = None
        self.bands: dict[int, Curve] = {}
        self.no_band = ""
        self.band_progress: tuple[int, int] | None = None
        self._jobs = Jobs(workers=3)
        self._measuring: Job | None = None
        self._finding: Job | None = None
        self._banding: Job | None = None
        self._banded: tuple[Dataset, Convention] | None = None
        self._views: OrderedDict[tuple[int, Convention], BoundaryView] = OrderedDict()
        self._rest = QTimer()
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._find)

    # -- verbs -----------------------------------------------------------------------------------

    @property
    def is_measuring(self) -> bool:
        """Whether the numbers are on their way."""
        return self.view is None and self._measuring is not None

    @property
    def stretch(self) -> Stretch | None:
        """The stretch that is looked at."""
        if self.stretches is None or self.index is None:
            return None
        return self.stretches.worst[self.index]

    @property
    def band(self) -> Curve | None:
        """The annotators' band of the chosen class, if it is known."""
        return None if self.class_id is None else self.bands.get(self.class_id)

    def measure(self, subject: Subject | None) -> None:
        """Turn to another pair of masks, or to none; what is still being measured is dropped."""
        self.subject = subject
        self._show(None)
        if self._measuring is not None:
            self._measuring.cancel()
            self._measuring = None
        if subject is None:
            self.measured.emit()
            return
        known = self._views.get((id(subject.reference), self.convention))
        if known is not None and known.subject.candidate is subject.candidate:
            self._arrived(known)
            return
        convention = self.convention
        self._measuring = self._jobs.run(
            lambda _job: measure_boundaries(subject, convention), self._arrived, self._not_measured
        )
        self.measured.emit()

    def set_tolerance(self, tolerance: float) -> None:
        """Read everything off at another tolerance."""
        if tolerance != self.tolerance:
            self.tolerance = tolerance
            self.tolerance_changed.emit()
            self._find_soon()

    def set_class(self, class_id: int | None) -> None:
        """Look at one class, or at all of them."""
        if class_id != self.class_id:
            self.class_id = class_id
            self.class_changed.emit()
            self._find_soon()

    def set_convention(self, convention: Convention) -> None:
        """Cut boundaries into other elements, which takes a measurement of its own."""
        if convention != self.convention:
            self.convention = convention
            self._forget_band()
            self.convention_changed.emit()
            self.measure(self.subject)

    def go_to(self, index: int) -> None:
        """Look at one of the stretches."""
        self.index = index
        self.stretch_changed.emit()

    def next_stretch(self, step: int = 1) -> bool:
        """Look at the next (or another) stretch, in a circle; false where there is none."""
        if self.stretches is None or not self.stretches.worst:
            return False
        last = -1 if self.index is None and step > 0 else self.index or 0
        self.go_to((last + step) % len(self.stretches.worst))
        return True

    def find_band(self, dataset: Dataset) -> None:
        """Compare the annotators of the whole dataset, for the band in the curve."""
        self.stop_band()
        settings = replace(dataset.settings, convention=self.convention)
        self._banded = (dataset, self.convention)

        def work(job: Job) -> Any:
            def progress(done: int, total: int, _sample: str) -> None:
                self._jobs.deliver(job, self._band_progressed, (done, total))

            return agree(
                dataset,
                settings=settings,
                progress=progress,
                should_stop=lambda: job.stopped,
                workers=1,
            )

        self.band_progress = (0, len(dataset.samples))
        self._banding = self._jobs.run(work, self._band_arrived, self._no_band)
        self.band_changed.emit()

    def stop_band(self) -> None:
        """Compare the annotators no further."""
        if self._banding is not None:
            self._banding.cancel()
            self._banding = None
            self.band_progress = None
            self.band_changed.emit()

    def keep_band_of(self, dataset: Dataset | None) -> None:
        """Forget the band of any other dataset."""
        if self._banded is not None and self._banded[0] is not dataset:
            self._forget_band()

    def close(self) -> None:
        """Stop all threads."""
        self._rest.stop()
        self._jobs.close()

    # -- inside ----------------------------------------------------------------------------------

    def _show(self, view: BoundaryView | None) -> None:
        self.view = view
        self._rest.stop()
        if self._finding is not None:
            self._finding.cancel()
        self.stretches, self.index = None, None

    def _arrived(self, view: BoundaryView) -> None:
        self._measuring = None
        self._views[id(view.subject.reference), view.convention] = view
        while len(self._views) > _KEPT:
            self._views.popitem(last=False)
        self._show(view)
        if self.class_id is not None and self.class_id not in view.scores:
            self.class_id = None
        if self.class_id is None and len(view.scores) == 1:
            self.class_id = next(iter(view.scores))
        self.measured.emit()
        self.class_changed.emit()
        self._find()

    def _not_measured(self, error: AuditError) -> None:
        self._measuring = None
        self.measured.emit()
        self.failed.emit(error)

    def _find_soon(self) -> None:
        if self.view is not None:
            self._rest.start()

    def _find(self) -> None:
        view, class_id, tolerance = self.view, self.class_id, self.tolerance
        if view is None:
            return
        if self._finding is not None:
            self._finding.cancel()
        self._finding = self._jobs.run(
            lambda _job: view.stretches(class_id, tolerance), self._found, self._failed
        )

    def _found(self, stretches: Stretches) -> None:
        self.stretches, self.index = stretches, None
        self.stretches_changed.emit()
        self.stretch_changed.emit()

    def _failed(self, error: AuditError) -> None:
        self.failed.emit(error)

    def _band_progressed(self, progress: tuple[int, int]) -> None:
        self.band_progress = progress
        self.band_changed.emit()

    def _band_arrived(self, agreement: Any) -> None:
        self._banding, self.band_progress = None, None
        self.bands = {row.class_id: row.curve for row in agreement.ceiling}
        self.no_band = agreement.no_ceiling
        self.band_changed.emit()

    def _no_band(self, error: AuditError) -> None:
        self._banding, self.band_progress = None, None
        self.band_changed.emit()
        self.failed.emit(error)

    def _forget_band(self) -> None:
        self.stop_band()
        self._banded, self.bands, self.no_band = None, {}, ""
        self.band_changed.emit()
