"""The layers of the sample under review: the only file that touches ``viewer.layers``.

Layers are made once and their data is swapped: removing and adding them is many times slower and
the memory of removed ones is not all given back (napari issues 2027 and 4485). Layers that are
not visible get their data when they become visible.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Layer
from psygnal import Signal

from . import canvas
from .framing import Framing
from .id_colors import IdColors
from .layer_colors import LayerColors
from .layer_content import (
    draw_lines,
    erase_lines,
    fill_layer,
    has_data,
    lone_role,
    make_layer,
    name_of,
    place_layer,
    scale_of,
)
from .layer_shelf import LayerShelf
from .line_widths import LineWidths
from .modes import (
    CANDIDATE,
    CELLS,
    CONTOURS,
    COPIES,
    CORRECTION,
    IMAGE,
    NAMED,
    OUTLINES,
    OVERLAY,
    REFERENCE,
    ROLE,
    STACK,
    Mode,
    Peek,
    original,
    visible_roles,
)
from .outlines import Outlines
from .painting import Painting, by_what_it_is
from .sample_view import SampleView

_PIXELS = {IMAGE, REFERENCE, CANDIDATE, OVERLAY}


class SampleLayers:
    """The layers of one viewer that show a sample.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Any viewer, with or without a window.

    Attributes
    ----------
    viewer : napari.components.ViewerModel
        The viewer itself, out of the proxy that plugins are given.
    mode : Mode
        What is shown.
    peek : Peek
        What is shown instead while a key is held.
    has_contours : bool
        Whether the outlines of the masks are drawn.
    outlined : frozenset of str
        Colours of the outlines around what is in view; empty where nothing is.
    framing : Framing
        The camera.
    widths : LineWidths
        What keeps lines as wide as they should be.
    outlines_changed
        Signal: something else is outlined, or nothing.
    """

    outlines_changed = Signal()

    def __init__(self, viewer: Any) -> None:
        self.viewer = canvas.bare(viewer)
        self._stale: set[str] = set()
        self._named: set[str] = set()
        self._view: SampleView | None = None
        self.mode = Mode.OVERLAY
        self.peek = Peek.NOTHING
        self.has_contours = False
        self.outlined: frozenset[str] = frozenset()
        self.framing = Framing(self.viewer)
        self.widths = LineWidths(self.viewer)
        self._layers = LayerShelf(self.viewer, self.widths, self._catch_up)
        self._colors = LayerColors(self._layers, self.framing)

    @property
    def id_colors(self) -> IdColors:
        """Colours of the masks."""
        return self._colors.ids

    @property
    def painting(self) -> Painting | None:
        """What lies on the disagreement layer."""
        return self._colors.painting

    # -- what is shown ---------------------------------------------------------------------------

    def show(self, view: SampleView, painting: Painting | None = None) -> None:
        """Show another sample; the camera moves only if its size is another.

        Parameters
        ----------
        view : SampleView
            Its pictures.
        painting : Painting, optional
            What lies on its disagreement layer; what the disagreement is, by default.
        """
        before = self._view
        if before is not None and len(before.shape) != len(view.shape):
            self.framing.show_solid(False)
            self._layers.drop(tuple(self._layers))
        self._view = view
        if not view.shape:
            self._hide_all()
            return
        self._colors.paint(painting or by_what_it_is(view))
        self._colors.color(view)
        self._stale = {role for role in (*STACK, *COPIES) if original(role) in _PIXELS}
        self.clear_outlines()
        self.show_contours(None)
        self._arrange()
        if before is None or before.shape != view.shape or before.spacing != view.spacing:
            self.fit()
            self._show_scale(view)

    def set_painting(self, painting: Painting) -> None:
        """Lay something else over the sample, or the same in other colours."""
        if self._view is None or not self._view.shape:
            return
        self._colors.paint(painting)
        self._stale |= {role for role in (OVERLAY, *COPIES) if original(role) == OVERLAY}
        self._arrange()

    def set_mode(self, mode: Mode) -> None:
        """Change what of the sample is shown."""
        self.mode = mode
        self._rearrange()

    def set_peek(self, peek: Peek) -> None:
        """Show something else while a key is held."""
        if peek is not self.peek:
            self.peek = peek
            self._rearrange()

    def set_solid(self, on: bool) -> None:
        """Show a volume in three dimensions, or its slices again, where they were."""
        view = self._view
        if on and (view is None or len(view.shape) != 3):
            return
        self.framing.show_solid(on)
        self._colors.turn()
        self._rearrange()

    def recolor(self) -> None:
        """Give the masks the colours that :attr:`id_colors` has now."""
        if self._view is not None:
            self._colors.color(self._view)

    def fit(self) -> None:
        """Show the whole sample."""
        self.framing.fit()

    def focus(self, window: tuple[slice, ...], inside: tuple[int, ...]) -> None:
        """Move the camera to a window of the sample, and to the slice of one of its pixels.

        Parameters
        ----------
        window : tuple of two slices
            What should fill the canvas, (y, x), in pixels of the mask.
        inside : tuple of int
            A pixel to be shown, in pixels of the mask.
        """
        if self._view is None:
            return
        spacing = scale_of(self._view)
        self.framing.go_to_slice(
            [place * step for place, step in zip(inside[:-2], spacing[:-2], strict=True)]
        )
        if self.framing.is_solid:
            return
        pairs = list(zip(window, spacing[-2:], strict=True))
        self.framing.look_at(
            [(part.start + part.stop - 1) / 2 * step for part, step in pairs],
            [(part.stop - part.start) * step for part, step in pairs],
            pixel=max(spacing[-2:]),
            cells=self._cells() if self.mode is Mode.SIDE_BY_SIDE else (1, 1),
        )

    def go_to_slice(self, number: int) -> None:
        """Show a slice of a volume."""
        if self._view is not None:
            self.framing.go_to_slice([number * scale_of(self._view)[0]])

    @property
    def at(self) -> tuple[int, ...]:
        """The slice that is shown; empty for an image."""
        axes = 0 if self._view is None else len(self._view.shape) - 2
        return tuple(int(step) for step in self.viewer.dims.current_step[:axes])

    def window_in_view(self, margin: float) -> tuple[slice, slice]:
        """The part of the slice, (y, x) in pixels of the mask, that is on the canvas."""
        view = self._shown()
        return self.framing.window(scale_of(view)[-2:], view.shape[-2:], margin)

    def show_outlines(self, outlines: Outlines) -> None:
        """Draw the outlines around what is in view, in every cell."""
        if self._view is None or not self._view.shape:
            return
        for role in self._of_kind(OUTLINES):
            layer, visible = self._layer(role), role in self._visible()
            self.widths.keep(layer)  # first: napari draws all lines anew after each change
            draw_lines(layer, outlines)
            if layer.visible != visible:
                layer.visible = visible
        self._note_outlines(frozenset(outlines.colors))

    def clear_outlines(self) -> None:
        """Remove the outlines around what was in view."""
        for role in self._of_kind(OUTLINES):
            if role in self._layers:
                erase_lines(self._layers[role])
        self._note_outlines(frozenset())

    def show_contours(self, outlines: Outlines | None) -> None:
        """Draw the outlines of the masks; None where there are none, or too many to draw."""
        had, self.has_contours = self.has_contours, outlines is not None
        if outlines is not None:
            layer = self._layer(CONTOURS)
            self.widths.keep(layer)
            draw_lines(layer, outlines)
        elif CONTOURS in self._layers:
            erase_lines(self._layers[CONTOURS])
        if had is not self.has_contours:
            self._rearrange()

    def make_ahead(self) -> bool:
        """Make one of the layers that other modes will want; whether there are more to make.

        A layer takes napari some 60 ms of the main thread, most of it for the things around it.
        """
        view = self._view
        if view is None or not view.shape:
            return False
        missing = [role for role in (CONTOURS, *COPIES) if role not in self._layers]
        if missing:
            active = self.viewer.layers.selection.active
            self._layer(missing[0])
            self.viewer.layers.selection.active = active
            return True
        unnamed = [role for role in NAMED if role not in self._named]
        if unnamed and not self._is_side_by_side():
            self._name_cell(unnamed[0], True)
            self._name_cell(unnamed[0], False)
        return len(unnamed) > 1

    def release(self) -> None:
        """Let go of the viewer; the layers stay as they are."""
        self.widths.release()
        self.framing.release()
        if canvas.grid(self.viewer).enabled and self.mode is Mode.SIDE_BY_SIDE:
            canvas.grid(self.viewer).enabled = False
        self._layers.release()
        self._view = None

    # -- inside ----------------------------------------------------------------------------------

    def _rearrange(self) -> None:
        if self._view is not None and self._view.shape:
            self._arrange()

    def _note_outlines(self, colors: frozenset[str]) -> None:
        if colors != self.outlined:
            self.outlined = colors
            self.outlines_changed.emit()

    def _visible(self) -> frozenset[str]:
        """What the mode shows; the disagreement where outlines are too many to draw."""
        shown = visible_roles(self.mode, self.peek, is_solid=self.framing.is_solid)
        shown = shown if self.has_contours or CONTOURS not in shown else shown | {OVERLAY}
        return shown if OVERLAY not in shown or self.lone is None else shown | {self.lone}

    @property
    def lone(self) -> str | None:
        """The mask that is shown by itself, for want of another one to compare it with."""
        return None if self._view is None else lone_role(self._painted)

    def _is_side_by_side(self) -> bool:
        return self.mode is Mode.SIDE_BY_SIDE and not self.framing.is_solid

    def _of_kind(self, kind: str) -> list[str]:
        """Roles of that kind that the mode has: the copies too when side by side."""
        copies = [role for role in COPIES if COPIES[role] == kind]
        return [kind, *copies] if self._is_side_by_side() else [kind]

    def _arrange(self) -> None:
        """Make the mode's layers visible in the mode's order."""
        beside = self._is_side_by_side()
        has_cells = canvas.grid(self.viewer).enabled and any(
            role in self._layers for role in COPIES
        )
        if beside is has_cells:
            self._arrange_in(beside)
        else:  # a dozen changes
            with canvas.one_change(self.viewer):
                self._arrange_in(beside)

    def _arrange_in(self, beside: bool) -> None:
        roles = tuple(role for cell in CELLS for role in cell) if beside else self._stack()
        grid = canvas.grid(self.viewer)
        if not beside and grid.enabled and any(role in self._layers for role in COPIES):
            grid.enabled = False  # the copies stay, unseen: making them takes most of a second
        for role in roles:
            layer, name = self._layer(role), name_of(self._shown(), role)
            if layer.name != name:
                layer.name = name
            self._name_cell(role, beside and role in NAMED)
        shown = self._visible()
        for role, layer in self._layers.items():
            wanted = role in shown and has_data(self._painted, role)
            if wanted and role in self._stale:
                self._fill(role, layer)
            if layer.visible != wanted:  # napari draws anew even when nothing changes
                layer.visible = wanted
        unseen = () if beside else tuple(role for role in COPIES if role in self._layers)
        self._layers.order((*unseen, *roles), at_bottom=beside)
        if beside:
            self._copy_lines()
            grid.stride, grid.shape, grid.enabled = len(CELLS[0]), self._cells(), True
        role = {Mode.REFERENCE: REFERENCE, Mode.CANDIDATE: CANDIDATE}.get(self.mode, OVERLAY)
        active = self.viewer.layers.selection.active
        is_correcting = active is not None and active.metadata.get(ROLE) == CORRECTION
        if active is not self._layers[role] and not is_correcting:
            self.viewer.layers.selection.active = self._layers[role]

    def _stack(self) -> tuple[str, ...]:
        """The layers there should be; outlines of the masks only where they are wanted."""
        has_contours = self.mode is Mode.CONTOURS or CONTOURS in self._layers
        return STACK if has_contours else tuple(role for role in STACK if role != CONTOURS)

    def _name_cell(self, role: str, on: bool) -> None:
        overlay = self._layers[role].name_overlay
        if overlay.visible != on:
            overlay.visible = on
            self._named.add(role)

    def _copy_lines(self) -> None:
        """Draw in the new cells what is outlined already."""
        first = self._layers[OUTLINES]
        for role in self._of_kind(OUTLINES)[1:]:
            layer = self._layers[role]
            if not len(first.data):
                erase_lines(layer)
            elif not (
                np.array_equal(layer.data, first.data)
                and np.array_equal(layer.edge_color, first.edge_color)
            ):
                layer.data = first.data
                layer.edge_color = first.edge_color
            self.widths.keep(layer)

    def _cells(self) -> tuple[int, int]:
        """Rows and columns of the side-by-side view: whichever shows the sample larger."""
        view = self._shown()
        size = [
            count * step for count, step in zip(view.shape[-2:], scale_of(view)[-2:], strict=True)
        ]
        return self.framing.cells_for(size, len(CELLS))

    def _layer(self, role: str) -> Layer:
        return self._layers.take(role, self._shown(), lambda: self._make(role))

    def _make(self, role: str) -> Layer:
        view = self._painted
        self._stale.discard(role)
        return make_layer(view, role, self._colors.ids.colormap, self._colors.overlay)

    def _fill(self, role: str, layer: Layer) -> None:
        self._stale.discard(role)
        fill_layer(layer, self._painted, role)

    def _shown(self) -> SampleView:
        assert self._view is not None
        return self._view

    @property
    def _painted(self) -> SampleView:
        return self._colors.painted(self._shown())

    # -- visibility and removal ------------------------------------------------------------------

    def _show_scale(self, view: SampleView) -> None:
        for role in (CONTOURS, OUTLINES, *COPIES):
            if role in self._layers:
                place_layer(self._layers[role], view)
        bar = canvas.scale_bar(self.viewer)
        known = view.unit != "px"
        if known != bar.visible:
            bar.visible = known

    def _catch_up(self, role: str) -> None:
        """Bring a layer up to date that the user makes visible."""
        if role in self._stale:
            self._fill(role, self._layers[role])

    def _hide_all(self) -> None:
        for layer in self._layers.values():
            layer.visible = False
