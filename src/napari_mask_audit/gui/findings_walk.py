"""The findings of the sample on the canvas: a list to walk along, with one of them in view."""

from __future__ import annotations

from collections.abc import Callable

from psygnal import Signal

from ..dataset import Dataset
from ..errors import AuditError
from ..failures import Bucket
from ..findings import Finding
from ..review.blinding import reworded
from .class_looks import class_name
from .explanation import Explanation
from .failure_summary import BUCKET_LOOKS
from .layers import SampleLayers
from .outlines import Outlines, neighbourhood, outline_finding, region_of, worst_place
from .sample_view import SampleView
from .worker import Job, Jobs


class FindingsWalk:
    """Where the reviewer is among the findings of the current sample.

    Parameters
    ----------
    layers : SampleLayers
        What moves the canvas and draws outlines.
    jobs : Jobs
        Where outlines are traced.
    say : callable
        Says a sentence to the reviewer.
    failed : callable
        Gets the AuditError when an outline cannot be traced.

    Attributes
    ----------
    changed
        Signal: there are other findings, or more is known about the sample.
    moved
        Signal: another finding is in view, or none.
    target_changed
        Signal: verdicts are now on the sample, or on the finding.
    """

    changed = Signal()
    moved = Signal()
    target_changed = Signal()

    def __init__(
        self,
        layers: SampleLayers,
        jobs: Jobs,
        say: Callable[[str], None],
        failed: Callable[[AuditError], None],
    ) -> None:
        self.view: SampleView | None = None
        self.explanation: Explanation | None = None
        self.index: int | None = None
        self.on_finding = False
        #: Whether the canvas shows a place of the sample, not the whole of it.
        self.is_close = False
        self._inside: tuple[int, ...] | None = None
        self._is_asked = False
        self._dataset: Dataset | None = None
        self._layers = layers
        self._jobs = jobs
        self._say = say
        self._failed = failed
        self._outlining: Job | None = None

    # -- what there is ---------------------------------------------------------------------------

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, most rewarding first; none while they are being looked for."""
        return () if self.explanation is None else self.explanation.findings

    @property
    def current(self) -> Finding | None:
        """The finding in view."""
        return None if self.index is None else self.findings[self.index]

    @property
    def subject(self) -> str | None:
        """Id of the finding that verdicts are on; None when they are on the sample."""
        current = self.current
        return current.id if self.on_finding and current is not None else None

    @property
    def is_waiting(self) -> bool:
        """Whether findings are still being looked for."""
        view = self.view
        return self.explanation is None and (view is None or view.overlay is not None)

    def class_text(self, finding: Finding) -> str:
        """The classes of a finding: the one that is wrong, and the one in its place."""
        own = self._name(finding.class_id)
        other = finding.other_class_id
        if other is None or other == finding.class_id:
            return own
        return f"{own} / {self._name(other)}"

    def spoken(self, text: str) -> str:
        """A text about reference and candidate; about A and B while names are hidden."""
        hidden = self.view is not None and self.view.names is not None
        return reworded(text) if hidden else text

    # -- from the room ---------------------------------------------------------------------------

    def enter(self, dataset: Dataset | None) -> None:
        """Another dataset is open, or none."""
        self._dataset = dataset
        self.clear()

    def take_in(self, dataset: Dataset) -> None:
        """The same dataset, with a mask more."""
        self._dataset = dataset

    def clear(self) -> None:
        """Another sample is being read."""
        self.view, self.explanation, self.index = None, None, None
        self._is_asked = self.is_close = False
        self._stop_outlining()
        self.changed.emit()

    def show(self, view: SampleView, explanation: Explanation | None) -> None:
        """The sample is on the canvas, or more is known about it; the finding in view stays."""
        kept = self.current
        self.view, self.explanation = view, explanation
        ids = [finding.id for finding in self.findings]
        self.index = ids.index(kept.id) if kept is not None and kept.id in ids else None
        if kept is not None and self.index is None:
            self._layers.clear_outlines()  # it is put right, or counted as something else now
        self.changed.emit()
        if self._is_asked and explanation is not None:
            self.next()

    # -- verbs -----------------------------------------------------------------------------------

    def next(self, step: int = 1) -> None:
        """Go to the next (or another) finding, in a circle."""
        self._is_asked = self.is_waiting
        if not self.findings:
            waiting = "looking for findings; the first will be shown as soon as it is found"
            self._say(waiting if self.is_waiting else "no finding to go to in this sample")
            return
        last = -1 if self.index is None and step > 0 else self.index or 0
        self.go_to((last + step) % len(self.findings))

    def go_to(self, index: int) -> None:
        """Move the canvas to a finding and outline it."""
        view, finding = self.view, self.findings[index]
        assert view is not None
        self.index, self._inside = index, None
        self._stop_outlining()
        # Lines that are there are drawn anew whenever the zoom changes: the old ones go first.
        self._layers.clear_outlines()
        if len(view.shape) == 2:
            self.frame()  # in a volume, the worst slice is to be found first
        dataset = self._dataset
        assert dataset is not None
        hidden = dataset.left_out_ids()
        away = None
        if dataset.task == "instance":
            away = hidden | {0 if dataset.background_id is None else dataset.background_id}

        def work(_job: Job) -> tuple[tuple[int, ...], Outlines]:
            inside = worst_place(view, finding, object_ids_hidden=away)
            return inside, outline_finding(
                view, finding, hidden_ids=hidden, object_ids_hidden=away, inside=inside
            )

        self._outlining = self._jobs.run(work, self._outlined, self._failed)
        self.moved.emit()
        what = f"{BUCKET_LOOKS[Bucket(finding.bucket)][0]}, {self.class_text(finding)}"
        self._say(f"finding {index + 1} of {len(self.findings)}: {what}, {finding.pixels:,} px")

    def frame(self) -> None:
        """Show the finding in view, or the whole sample without one."""
        current = self.current
        self.is_close = current is not None
        if current is None or self.view is None:
            self._layers.fit()
        else:
            region = region_of(current, self._inside)
            self._layers.focus(neighbourhood(region, self.view.shape), region.inside)

    def leave(self) -> None:
        """Show the whole sample; no finding is in view any more."""
        self.index = None
        self._stop_outlining()
        self._layers.clear_outlines()
        self.frame()
        self.moved.emit()

    def switch_target(self) -> None:
        """Put verdicts on the finding in view instead of the sample, or the other way round."""
        self.on_finding = not self.on_finding
        if self.on_finding and self.index is None and self.findings:
            self.go_to(0)
        self.target_changed.emit()
        if not self.on_finding:
            self._say("verdicts are on the sample")
        elif self.current is not None:
            self._say("verdicts are on the finding in view (T: on the sample again)")
        else:
            self._say("verdicts are on findings: F goes to the first (T: on the sample again)")

    def after_verdict(self) -> None:
        """Go on after a verdict on a finding; at the last one say so."""
        if self.index is not None and self.index + 1 < len(self.findings):
            self.go_to(self.index + 1)
        else:
            self._say("that was the last finding of this sample (N: next sample)")

    # -- inside ----------------------------------------------------------------------------------

    def _outlined(self, found: tuple[tuple[int, ...], Outlines]) -> None:
        inside, outlines = found
        if len(inside) > 2:
            self._inside = inside
            self.frame()
        self._layers.show_outlines(outlines)

    def _stop_outlining(self) -> None:
        if self._outlining is not None:
            self._outlining.cancel()
            self._outlining = None

    def _name(self, class_id: int) -> str:
        dataset = self._dataset
        assert dataset is not None
        if dataset.task == "instance":
            return "object" if class_id == 1 else "background"
        return class_name(dataset, class_id)
