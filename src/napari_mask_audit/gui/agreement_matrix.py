"""The heat map of the agreement dock: an item model, how a cell is drawn, and the table."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from qtpy.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from .agreement_view import MISSING_TEXT, Cell, Matrix
from .items import Pair

_ROW_PX, _NAME_PX, _UPRIGHT_PX = 24, 104, 96
# Small, so that names that differ at their ends only can still be told apart.
_NAME_FONT_PX = 11
# Narrower columns than this have their names written upwards.
_LEVEL_FROM_PX = 56
_MAX_ROWS = 14
_DIGITS_PX = (12, 11, 10, 9, 8)
_NOWHERE = QModelIndex()


class MatrixModel(QAbstractTableModel):
    """A :class:`Matrix` as a table of numbers; read only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix: Matrix | None = None

    def set_matrix(self, matrix: Matrix | None) -> None:
        """Show another matrix, or none."""
        self.beginResetModel()
        self.matrix = matrix
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """As many as there are sources."""
        return 0 if self.matrix is None or parent.isValid() else len(self.matrix.names)

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """As many as there are sources."""
        return self.rowCount(parent)

    def cell(self, index: QModelIndex) -> Cell | None:
        """The cell at an index; None outside."""
        if self.matrix is None or not index.isValid():
            return None
        return self.matrix.cells[index.row()][index.column()]

    def index_of(self, pair: Pair) -> QModelIndex:
        """Where a pair is; an invalid index if it is not there."""
        names = () if self.matrix is None else self.matrix.names
        if not set(pair) <= set(names):
            return QModelIndex()
        return self.index(names.index(pair[0]), names.index(pair[1]))

    def flags(self, index: QModelIndex) -> Any:
        """The diagonal cannot be chosen: nobody is compared with themselves."""
        cell = self.cell(index)
        if cell is None or cell.is_diagonal:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Number, why it is what it is, and colours of a cell."""
        cell, matrix = self.cell(index), self.matrix
        if cell is None or matrix is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return matrix.text(index.row(), index.column())
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return cell.hint or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        shades = matrix.shades(index.row(), index.column())
        if shades is not None and role == Qt.ItemDataRole.BackgroundRole:
            return QColor(shades[0])
        if shades is not None and role == Qt.ItemDataRole.ForegroundRole:
            return QColor(shades[1])
        return None

    def headerData(
        self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Names of the sources, whole on hover."""
        wanted = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if self.matrix is None or role not in wanted or not 0 <= section < self.rowCount():
            return None
        return self.matrix.names[section]


class CellDelegate(QStyledItemDelegate):
    """Draws a cell itself, for a style sheet would paint over the model's colours."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Fill, number, and a frame around the chosen one."""
        background = index.data(Qt.ItemDataRole.BackgroundRole)
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        painter.save()
        table = self.parent()
        if isinstance(table, MatrixTable):
            painter.setFont(table.digits)
        if background is not None:
            painter.fillRect(option.rect.adjusted(0, 0, -1, -1), background)
        painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole) or option.palette.text().color())
        if text == MISSING_TEXT:
            painter.setOpacity(0.7)
        painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, text)
        if option.state & option.state.State_Selected:  # two colours: seen on light and dark
            for inset, color, width in ((1, "#000000", 3), (1, "#FFFFFF", 1)):
                painter.setPen(QPen(QColor(color), width))
                painter.drawRect(option.rect.adjusted(inset, inset, -inset - 2, -inset - 2))
        painter.restore()


class NameHeader(QHeaderView):
    """Names in small letters, elided in the middle; upwards above columns too narrow for them."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)
        self.setMinimumSectionSize(20)

    def sizeHint(self) -> QSize:
        """High enough for names written upwards, where they are."""
        if self.orientation() == Qt.Orientation.Vertical:
            return QSize(_NAME_PX, super().sizeHint().height())
        return QSize(super().sizeHint().width(), _UPRIGHT_PX if self._is_upright() else 22)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """One name."""
        model = self.model()
        if model is None or not rect.isValid():
            return
        # Set here, for a style sheet would replace the header's own font by a larger one.
        font = QFont(self.font())
        font.setPixelSize(_NAME_FONT_PX)
        name = str(model.headerData(section, self.orientation()) or "")
        upright = self._is_upright()
        room = (rect.height() if upright else rect.width()) - 6
        text = QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        painter.save()
        painter.setFont(font)
        painter.setPen(self.palette().windowText().color())
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if upright:
            painter.translate(QPoint(rect.left(), rect.bottom()))
            painter.rotate(-90)
            painter.drawText(QRect(3, 0, room, rect.width()), left, text)
        elif self.orientation() == Qt.Orientation.Vertical:
            painter.drawText(rect.adjusted(3, 0, 0, 0), left, text)
        else:
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _is_upright(self) -> bool:
        is_level = self.orientation() == Qt.Orientation.Vertical
        return not is_level and self.count() > 0 and self.sectionSize(0) < _LEVEL_FROM_PX


class MatrixTable(QTableView):
    """The heat map; a click or Enter on a cell chooses its pair."""

    chosen = Signal(str, str)

    def __init__(self, model: MatrixModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self._digits = QFont(self.font())
        self.setHorizontalHeader(NameHeader(Qt.Orientation.Horizontal, self))
        self.setVerticalHeader(NameHeader(Qt.Orientation.Vertical, self))
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFrameShape(self.frameShape().NoFrame)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        names = self.verticalHeader()
        names.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        names.setDefaultSectionSize(_ROW_PX)
        names.setFixedWidth(_NAME_PX)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        model.modelReset.connect(self._fit)
        model.modelReset.connect(self._mark_again)
        self._fit()

    @property
    def digits(self) -> QFont:
        """The font of the numbers."""
        return self._digits

    def _mark_again(self) -> None:
        self.mark(self._pair)

    def mark(self, pair: Pair | None) -> None:
        """Frame a pair's cell, whatever the matrix shows; None: no cell."""
        self._pair = pair
        model = self.model()
        assert isinstance(model, MatrixModel)
        self.setCurrentIndex(QModelIndex() if pair is None else model.index_of(pair))

    def _choose(self, index: QModelIndex) -> None:
        model = self.model()
        assert isinstance(model, MatrixModel)
        cell = model.cell(index)
        if cell is not None and not cell.is_diagonal:
            self._pair = (cell.first, cell.second)
            self.chosen.emit(cell.first, cell.second)

    def resizeEvent(self, event: Any) -> None:
        """Turn the names when the columns get too narrow for them."""
        super().resizeEvent(event)
        self._fit()

    def _fit_digits(self, room: int) -> None:
        """The largest digits that fit into every cell."""
        model = self.model()
        assert isinstance(model, MatrixModel)
        matrix, font = model.matrix, QFont(self.font())
        count = 0 if matrix is None else len(matrix.names)
        texts = {matrix.text(r, c) for r in range(count) for c in range(count)} if matrix else set()
        for size in _DIGITS_PX:
            font.setPixelSize(size)
            metrics = QFontMetrics(font)
            if all(metrics.horizontalAdvance(text) <= room for text in texts):
                break
        if font.pixelSize() != self._digits.pixelSize():
            self._digits = font
            self.viewport().update()

    def _fit(self) -> None:
        """As high as its rows, so that only the dock scrolls; smaller digits in narrow cells."""
        rows = self.model().rowCount()
        self._fit_digits(max(1, self.viewport().width()) // max(1, rows) - 3)
        header = self.horizontalHeader()
        header.updateGeometry()
        height = header.sizeHint().height() + _ROW_PX * min(rows, _MAX_ROWS) + 4
        if rows and self.height() != height:
            self.setFixedHeight(height)
