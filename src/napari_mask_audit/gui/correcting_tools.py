"""What to paint with: a class by its name, one of napari's tools, a brush."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..corrections.repairs import fresh_id
from .legend import swatch_icon

# Mode of napari's Labels layer, its word here, and what the hint says.
TOOLS = (
    ("paint", "paint", "Paint with the brush (napari's key 2 or P)"),
    ("polygon", "polygon", "Click the corners of an area, right-click to fill it (key 3)"),
    ("fill", "fill", "Fill a connected area with the class (key 4 or F)"),
    ("erase", "erase", "Paint background (key 1 or E)"),
    ("pick", "pick", "Take the class of the pixel you click (key 5 or L)"),
    ("pan_zoom", "move", "Move and zoom the canvas (key 6 or Z; hold Space for a moment)"),
)
_ROWS_SHOWN = 2
#: Stands for the next free id in a palette of objects.
NEW_OBJECT = -1
# napari gives buttons wide margins; six of them beside each other must fit a narrow dock.
NARROW = "padding: 3px 4px; min-width: 0px;"


class Palette(QListWidget):
    """Classes by colour and name; the chosen one is what napari paints."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip("What to paint: click a class")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(False)
        self.setSpacing(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._click)

    def show_classes(
        self, ids: Iterable[int], name_of: Callable[[int], str], color_of: Callable[[int], str]
    ) -> None:
        """Offer other classes."""
        self.clear()
        for class_id in ids:
            item = QListWidgetItem(swatch_icon(color_of(class_id)), name_of(class_id))
            item.setData(Qt.ItemDataRole.UserRole, class_id)
            item.setToolTip(f"{name_of(class_id)} (id {class_id})")
            self.addItem(item)

    def show_objects(
        self, ids: Iterable[int], name_of: Callable[[int], str], color_of: Callable[[int], str]
    ) -> None:
        """Offer a new object, and what is no object; those that are there are picked."""
        self.show_classes(ids, name_of, color_of)
        item = QListWidgetItem("new object  M")
        item.setData(Qt.ItemDataRole.UserRole, NEW_OBJECT)
        item.setToolTip(
            "Paint an object of its own, with the next free id (key M). To go on with one that is "
            "there, pick it (key 5) and paint"
        )
        self.insertItem(0, item)

    def show_choice(self, class_id: int) -> None:
        """Mark the class that is painted."""
        for row in range(self.count()):
            if self.item(row).data(Qt.ItemDataRole.UserRole) == class_id:
                if self.currentRow() != row:
                    self.setCurrentRow(row)
                return
        self.setCurrentRow(-1)

    def sizeHint(self) -> QSize:
        """A few rows; more scroll."""
        return QSize(200, _ROWS_SHOWN * (self.fontMetrics().height() + 8))

    def minimumSizeHint(self) -> QSize:
        """One row."""
        return QSize(100, self.fontMetrics().height() + 8)

    def _click(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


class Tools(QWidget):
    """Tool, brush and undo of the Labels layer, mirrored both ways.

    ``full`` says that the type of the mask holds no id for a new object.
    """

    tool_asked = Signal(str)
    step_asked = Signal(str)
    full = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer: Any = None
        self.palette_list = Palette()
        self.buttons: dict[str, QPushButton] = {}
        self.brush = QSpinBox()
        self.preserve = QCheckBox("only background")
        self.undo = QPushButton("undo")
        self.redo = QPushButton("redo")
        self._lay_out()
        self.palette_list.chosen.connect(self._choose)
        self.brush.valueChanged.connect(self._set_brush)
        self.preserve.toggled.connect(self._set_preserve)
        self.tool_asked.connect(self._set_tool)
        self.step_asked.connect(self._step)
        self.undo.clicked.connect(partial(self.step_asked.emit, "undo"))
        self.redo.clicked.connect(partial(self.step_asked.emit, "redo"))

    def show_layer(self, layer: Any) -> None:
        """Mirror another Labels layer, or none."""
        if self._layer is not None:
            for event in self._events(self._layer):
                event.disconnect(self._refresh)
        self._layer = layer
        if layer is not None:
            for event in self._events(layer):
                event.connect(self._refresh)
            self._refresh()

    def _events(self, layer: Any) -> tuple[Any, ...]:
        events = layer.events
        return events.mode, events.brush_size, events.selected_label, events.preserve_labels

    def _refresh(self, _event: Any = None) -> None:
        layer = self._layer
        if layer is None:
            return
        for mode, button in self.buttons.items():
            button.setChecked(str(layer.mode) == mode)
        self.brush.blockSignals(True)
        self.brush.setValue(round(layer.brush_size))
        self.brush.blockSignals(False)
        self.preserve.setChecked(layer.preserve_labels)
        self.palette_list.show_choice(int(layer.selected_label))

    def _choose(self, class_id: int) -> None:
        if self._layer is None:
            return
        if class_id == NEW_OBJECT:
            fresh = fresh_id(self._layer.data)
            if fresh is None:
                self.full.emit()
                return
            class_id = fresh
        self._layer.selected_label = class_id
        if str(self._layer.mode) in ("pan_zoom", "pick", "erase", "transform"):
            self._layer.mode = "paint"

    def _step(self, verb: str) -> None:
        if self._layer is not None:
            getattr(self._layer, verb)()

    def _set_tool(self, mode: str) -> None:
        if self._layer is not None:
            self._layer.mode = mode
            self._refresh()

    def _set_brush(self, size: int) -> None:
        if self._layer is not None:
            self._layer.brush_size = size

    def _set_preserve(self, wanted: bool) -> None:
        if self._layer is not None:
            self._layer.preserve_labels = wanted

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for mode, word, hint in TOOLS:
            button = QPushButton(word)
            button.setCheckable(True)
            button.setToolTip(hint)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setStyleSheet(NARROW)
            button.clicked.connect(partial(self.tool_asked.emit, mode))
            self.buttons[mode] = button
            tools.addWidget(button, 1)
        self.brush.setRange(1, 400)
        self.brush.setPrefix("brush ")
        self.brush.setSuffix(" px")
        self.brush.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.brush.setMaximumWidth(92)
        self.brush.setToolTip("Size of the brush (napari's keys [ and ])")
        self.brush.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.preserve.setToolTip(
            "Paint and fill change background only, and leave the other classes as they are "
            "(napari: preserve labels, key B)"
        )
        self.undo.setToolTip("Take back the last stroke (Ctrl+Z)")
        self.redo.setToolTip("Bring it back (Ctrl+Shift+Z)")
        for widget in (self.preserve, self.undo, self.redo):
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for button in (self.undo, self.redo):
            button.setStyleSheet(NARROW)
        brush = QHBoxLayout()
        brush.setSpacing(4)
        brush.addWidget(self.brush)
        brush.addWidget(self.preserve, 1)
        brush.addWidget(self.undo)
        brush.addWidget(self.redo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.palette_list)
        column.addLayout(tools)
        column.addLayout(brush)
