"""How the current sample is looked at: mode, colouring, blinking, peeking, three dimensions.

The docks call its verbs and redraw from its signal; it has no widgets.
"""

from __future__ import annotations

from collections.abc import Callable

from psygnal import Signal
from qtpy.QtCore import QTimer

from ..dataset import Dataset
from ..errors import AuditError
from ..review.blinding import reworded
from .canvas_legend import CanvasLegend
from .class_looks import class_name
from .contour_tracing import ContourTracing
from .layers import SampleLayers
from .legend_content import LegendContent, Swatch, by_outline
from .modes import CANDIDATE, Mode, Peek
from .painting import Coloring, Painting, by_what_it_is, paint
from .preferences import Preferences
from .sample_view import SampleView
from .worker import Job, Jobs

#: Milliseconds that either mask is shown while blinking: never more than three flashes a second,
#: which could set off a seizure (WCAG 2.3.1).
FASTEST_MS, SLOWEST_MS = 170, 3000
_MOST_CLASSES = 8


class Seeing:
    """What the canvas shows of the sample under review.

    Parameters
    ----------
    layers : SampleLayers
        What is shown.
    jobs : Jobs
        Where paintings and outlines are made.
    say, failed : callable
        Say a sentence; get the AuditError of what cannot be shown.
    frame : callable
        Shows again what was in view, in cells of another size.

    Attributes
    ----------
    chosen
        Signal: the user chose something else to see.
    changed
        Signal: something else is shown, or in other colours.
    slice_changed : int
        Signal: another slice of a volume is shown.
    """

    chosen = Signal()
    changed = Signal()
    slice_changed = Signal(int)

    def __init__(
        self,
        layers: SampleLayers,
        jobs: Jobs,
        say: Callable[[str], None],
        failed: Callable[[AuditError], None],
        frame: Callable[[], None],
    ) -> None:
        self.coloring = Coloring.WHAT
        self._layers = layers
        self._jobs = jobs
        self._say = say
        self._failed = failed
        self._frame = frame
        self._dataset: Dataset | None = None
        self._view: SampleView | None = None
        self._painting: Job | None = None
        self._before_blink: Mode | None = None
        self._walks = False
        self._timer = QTimer()
        self._timer.setInterval(600)
        self._timer.timeout.connect(self._flip)
        self._tracing = ContourTracing(layers, jobs, failed)
        self._tracing.traced.connect(self._tell)
        layers.outlines_changed.connect(self._tell)
        layers.viewer.dims.events.current_step.connect(self._sliced)
        self.canvas_legend = CanvasLegend(layers.viewer)

    # -- what is known ---------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        """What is shown."""
        return self._layers.mode

    @property
    def is_blinking(self) -> bool:
        """Whether reference and candidate are shown in turns."""
        return self._before_blink is not None

    @property
    def is_solid(self) -> bool:
        """Whether a volume is shown in three dimensions."""
        return self._layers.framing.is_solid

    @property
    def is_volume(self) -> bool:
        """Whether the sample has slices."""
        return self._view is not None and len(self._view.shape) == 3

    @property
    def words(self) -> str:
        """What is shown, in words."""
        if self.is_solid:
            return "in 3D"
        words = self._layers.peek.value or self.mode.value
        if self.is_blinking:
            words = f"blinking: {self.mode.value}"
        return reworded(words) if self._names_hidden else words

    @property
    def _names_hidden(self) -> bool:
        return self._view is not None and self._view.names is not None

    @property
    def legend(self) -> LegendContent:
        """What the colours on the canvas mean just now."""
        shown = self._painted_legend().with_outlines(self._layers.outlined)
        return shown.reworded() if self._names_hidden else shown

    def _painted_legend(self) -> LegendContent:
        painting, mode = self._layers.painting, self.mode
        if self._view is None or painting is None or self._layers.peek is Peek.IMAGE_ONLY:
            return LegendContent(self._layers.peek.value)
        if self.is_solid:
            return self._solid_legend(painting)
        classes = self._class_swatches()
        if mode in (Mode.REFERENCE, Mode.CANDIDATE):
            source = (self._view.called or ("", ""))[mode is Mode.CANDIDATE]
            role = "" if self._names_hidden else f"{mode.value} "
            return LegendContent(f"{role}{source}", classes)
        lone = self._layers.lone
        if lone is not None:
            source = (self._view.called or ("", ""))[lone == CANDIDATE]
            return LegendContent(f"only {source or 'one mask'}", classes)
        shown = painting.legend
        if mode is Mode.CONTOURS and self._layers.has_contours:
            shown = by_outline()
        if self._layers.peek is not Peek.NOTHING:
            shown = shown.plus(*classes)
        return shown

    # -- from the room ---------------------------------------------------------------------------

    def show(self, dataset: Dataset, view: SampleView) -> None:
        """Show another sample, in the mode and colouring of the last one."""
        self._dataset, self._view, self._walks = dataset, view, False
        self._layers.show(view)
        self._tracing.look_at(dataset, view)
        self._repaint()
        self._tell()

    def clear(self) -> None:
        """No sample is there to be shown."""
        self._stop_painting()
        self._tracing.look_at(None, None)
        self._dataset = self._view = None
        self._tell()

    def release(self) -> None:
        """Let go of the viewer."""
        self._timer.stop()
        self._stop_painting()
        self._tracing.release()
        self._layers.outlines_changed.disconnect(self._tell)
        self._layers.viewer.dims.events.current_step.disconnect(self._sliced)
        self.canvas_legend.release()

    def prefer(self, chosen: Preferences, before: Preferences | None = None) -> None:
        """Show things as the reviewer set it in napari's Preferences; the mode only if it is new.

        Parameters
        ----------
        chosen : Preferences
            The values now.
        before : Preferences, optional
            Those that held up to now; without them everything begins as chosen.
        """
        self.set_blink_ms(chosen.blink_ms)
        self._layers.widths.set_width(chosen.line_width)
        self.canvas_legend.set_wanted(chosen.legend_on_canvas)
        if before is not None and before.mode is chosen.mode:
            return
        self._stop_blinking()
        if chosen.mode is not self.mode:
            self._show_mode(chosen.mode)

    # -- verbs -----------------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Change what is shown, and stop blinking."""
        self._stop_blinking()
        self._show_mode(mode)
        self._say(f"showing: {mode.value} (O for the next)")

    def cycle_mode(self) -> None:
        """Disagreement → outlines → side by side → reference → candidate."""
        self.set_mode(self.mode.next)

    def blink(self) -> None:
        """Show reference and candidate in turns; again to stop, back in the mode from before."""
        if self._before_blink is not None:
            before = self._before_blink
            self._stop_blinking()
            self._show_mode(before)
            self._say(f"showing: {before.value}")
            return
        self._before_blink = self.mode
        self._show_mode(Mode.REFERENCE)
        self._timer.start()
        self._say("blinking between reference and candidate (B stops)")

    def set_blink_ms(self, milliseconds: int) -> None:
        """Show either mask for so long while blinking."""
        self._timer.setInterval(min(max(milliseconds, FASTEST_MS), SLOWEST_MS))

    def peek(self, peek: Peek) -> None:
        """Show something else as long as a key is held."""
        self._layers.set_peek(peek)
        self._tell()

    def toggle_peek(self, peek: Peek) -> None:
        """Show something else until the same is asked for again."""
        self.peek(Peek.NOTHING if self._layers.peek is peek else peek)

    def color_by(self, coloring: Coloring) -> None:
        """Colour the disagreement by something else."""
        self.coloring = coloring
        if self.mode in (Mode.REFERENCE, Mode.CANDIDATE):
            self._stop_blinking()
            self._show_mode(Mode.OVERLAY)
        self._repaint()
        self.chosen.emit()
        self._say(f"disagreement coloured by {coloring.value} (D for the next)")
        self._tell()

    def cycle_coloring(self) -> None:
        """What it is → distance → failure bucket → annotators' votes."""
        self.color_by(self.coloring.next)

    def toggle_solid(self) -> None:
        """Show a volume in three dimensions, or its slices again, at the place from before."""
        if not self.is_volume:
            self._say("this sample has no slices: there is nothing to show in 3D")
            return
        self._layers.set_solid(not self.is_solid)
        self._say("in 3D: drag to turn (Y: slices again)" if self.is_solid else "slices again")
        self._tell()

    def go_to_slice(self, number: int) -> None:
        """Show another slice of a volume."""
        if self.is_volume:
            self._layers.go_to_slice(number)

    def next_worst_slice(self) -> None:
        """Show the slice with most wrong pixels; again for the next worst, in a circle."""
        wrong = () if self._view is None else self._view.wrong_in_slices
        order = sorted((n for n in range(len(wrong)) if wrong[n]), key=lambda n: (-wrong[n], n))
        if not order:
            self._say("no slice with wrong pixels to go to")
            return
        here = self._layers.at[0]
        place = (order.index(here) + 1) % len(order) if here in order and self._walks else 0
        self._layers.go_to_slice(order[place])
        self._walks = True
        self._say(
            f"slice {order[place]}: {wrong[order[place]]:,} pixels differ, "
            f"{place + 1} of {len(order)} by errors (W for the next)"
        )

    # -- inside ----------------------------------------------------------------------------------

    def _sliced(self, _event: object = None) -> None:
        if self.is_volume:
            self.slice_changed.emit(self._layers.at[0])

    def _show_mode(self, mode: Mode) -> None:
        before = self.mode
        self._layers.set_mode(mode)
        self._tracing.refresh()
        if Mode.SIDE_BY_SIDE in (before, mode) and before is not mode:
            # A third of the canvas, or all of it again: what was in view should be so still.
            self._frame()
        self.chosen.emit()
        self._tell()

    def _stop_blinking(self) -> None:
        self._timer.stop()
        self._before_blink = None

    def _flip(self) -> None:
        is_reference = self.mode is Mode.REFERENCE
        self._layers.set_mode(Mode.CANDIDATE if is_reference else Mode.REFERENCE)
        self._tell()

    def _repaint(self) -> None:
        """Paint the sample in the chosen colouring, beside the main thread."""
        self._stop_painting()
        dataset, view, coloring = self._dataset, self._view, self.coloring
        if dataset is None or view is None or not view.shape:
            return
        if coloring is Coloring.WHAT:
            shown = self._layers.painting
            if shown is None or shown.coloring is not Coloring.WHAT:
                self._layers.set_painting(by_what_it_is(view))  # that is made already
            return
        if view.overlay is None and coloring is not Coloring.VOTES:
            return  # there are no two masks; the dock says so
        self._painting = self._jobs.run(
            lambda _job: paint(dataset, view, coloring), self._painted, self._not_painted
        )

    def _stop_painting(self) -> None:
        if self._painting is not None:
            self._painting.cancel()
            self._painting = None

    def _painted(self, painting: Painting) -> None:
        self._painting = None
        self._layers.set_painting(painting)
        self._tell()

    def _not_painted(self, error: AuditError) -> None:
        self._painting = None
        self._failed(error)

    def _tell(self) -> None:
        self.canvas_legend.show_content(self.legend)
        self.changed.emit()

    def _solid_legend(self, painting: Painting) -> LegendContent:
        shown = painting.legend
        kept = tuple(entry for entry in shown.swatches if entry.word != "both")
        return LegendContent(f"{shown.title} in 3D", kept, shown.scale)

    def _class_swatches(self) -> tuple[Swatch, ...]:
        dataset, view = self._dataset, self._view
        if dataset is None or view is None or dataset.task == "instance":
            return ()
        ids = sorted(view.ids - {dataset.background_id})
        shown = tuple(
            Swatch(self._layers.id_colors.color_of(i), class_name(dataset, i), f"id {i}")
            for i in ids[:_MOST_CLASSES]
        )
        more = len(ids) - len(shown)
        rest = Swatch("#808080", f"and {more} more", "see the classes tab for all of them")
        return (*shown, rest) if more > 0 else shown
