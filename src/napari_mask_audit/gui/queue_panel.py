"""The queue with what sorts and filters it: a view of the session, and verbs on it."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ..dataset import Dataset
from ..review.queue import Order, OrderKind
from ..review.session import ReviewSession
from .failure_summary import BUCKET_LOOKS
from .items import score_name
from .queue_model import RANK, SAMPLE, SCORE, STATUS, TAGS, WORST, QueueModel
from .quiet_table import QuietTable

_ORDERS = (
    (OrderKind.WORST_FIRST, "worst first"),
    (OrderKind.UNREVIEWED_FIRST, "unreviewed first"),
    (OrderKind.BEST_FIRST, "best first"),
    (OrderKind.NAME, "by name"),
    (OrderKind.RANDOM, "random (certificate)"),
)
_ORDER_HINT = (
    "How the queue is sorted. Only samples reviewed in random order support a statement about "
    "the whole dataset."
)
_DRAWN_HINT = "While names are hidden, samples come in a drawn order: another one could tell them."
_ELSEWHERE_HINT = (
    "in the agreement dock: compare everyone, then click a cell for a pair, or “labels first” or "
    "“model first”"
)
_FILTER_HINT = (
    "Show only samples that match every word: in the name, worst class, tags, comment or status.\n"
    "One place only: tag:boundary  status:none  class:pole  by:ann\n"
    '-word leaves out; "two words" belong together.'
)
_FILTER_DELAY_MS = 150
_WIDTHS = {RANK: 32, SCORE: 42, WORST: 92, TAGS: 62, STATUS: 22}


class QueuePanel(QWidget):
    """Order, filter and table.

    Parameters
    ----------
    attempt : callable
        Does a verb and says its errors (``ReviewRoom.attempt``).
    """

    def __init__(
        self, attempt: Callable[[Callable[[], object]], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._attempt = attempt
        self._session: ReviewSession | None = None
        self.model = QueueModel(self)
        self.order = QComboBox()
        self.order.setToolTip(_ORDER_HINT)
        self.order.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.order.setMinimumContentsLength(10)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("filter: name, class, tag, status …")
        self.filter.setToolTip(_FILTER_HINT)
        self.filter.setClearButtonEnabled(True)
        self.table = self._make_table()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_FILTER_DELAY_MS)
        self._lay_out()
        self.order.activated.connect(self._choose_order)
        self.filter.textEdited.connect(self._filter_soon)
        self.filter.textChanged.connect(self._unfilter_soon)
        self._pause.timeout.connect(self._apply_filter)
        self.table.clicked.connect(self._go_to)
        self.table.activated.connect(self._go_to)
        self.model.modelAboutToBeReset.connect(self._keep_scroll)
        self.model.modelReset.connect(self._restore_scroll)

    def _filter_soon(self, _text: str) -> None:
        self._pause.start()

    def _unfilter_soon(self, text: str) -> None:
        if not text:
            self._pause.start()

    def set_session(self, session: ReviewSession | None, dataset: Dataset | None) -> None:
        """Show another session, or none."""
        if self._session is not None:
            self._session.current_changed.disconnect(self._follow)
            self._session.queue_changed.disconnect(self._order_changed)
        self._session = session
        self.order.clear()
        for kind, words in _ORDERS:
            self.order.addItem(words, str(Order(kind)))
        if dataset is not None:
            self._offer_further_orders(dataset)
        if session is not None:
            self._show_order(session)
            self.filter.setText(session.filter_text)
            self._pause.stop()
            session.current_changed.connect(self._follow)
            session.queue_changed.connect(self._order_changed)
        name = "mean IoU" if dataset is None else score_name(dataset)
        self.model.set_session(session, name)
        self._show_whether_free()
        self._follow()

    def _offer_further_orders(self, dataset: Dataset) -> None:
        """Orders by failure bucket, and by class."""
        self.order.insertSeparator(self.order.count())
        for bucket, (word, _color) in BUCKET_LOOKS.items():
            order = Order(OrderKind.WORST_FIRST, by=f"bucket:{bucket.value}")
            self.order.addItem(f"{word} first", str(order))
            hint = f"Samples that lose most to “{word}” first; sorts as explanations arrive"
            self.order.setItemData(self.order.count() - 1, hint, Qt.ItemDataRole.ToolTipRole)
        if dataset.declared_classes:
            self.order.insertSeparator(self.order.count())
        for info in dataset.declared_classes.values():
            order = Order(OrderKind.WORST_FIRST, by=f"class:{info.name}")
            self.order.addItem(f"worst {info.name} first", str(order))
        if len(dataset.sources) > 2:
            self.order.insertSeparator(self.order.count())
            self.order.addItem("by pair, labels or model first …", None)
            self.order.setItemData(
                self.order.count() - 1, _ELSEWHERE_HINT, Qt.ItemDataRole.ToolTipRole
            )

    # -- from the widgets to the session ---------------------------------------------------------

    def _choose_order(self, _index: int) -> None:
        session, order = self._session, self.order.currentData()
        if session is not None and order is None:
            session.said.emit(_ELSEWHERE_HINT)
            self._show_order(session)
        elif session is not None:
            self._attempt(lambda: session.set_order(order))
            self._follow()

    def _apply_filter(self) -> None:
        session, text = self._session, self.filter.text()
        if session is not None and text != session.filter_text:
            self._attempt(lambda: session.set_filter(text))
            self._follow()

    def _go_to(self, index: QModelIndex) -> None:
        session, sample = self._session, self.model.sample_at(index.row())
        if session is not None:
            self._attempt(lambda: session.go_to(sample))

    # -- from the session to the widgets ---------------------------------------------------------

    def _order_changed(self) -> None:
        """Another dock may have sorted the queue."""
        session = self._session
        if session is not None and self.order.currentData() != str(session.order):
            self._show_order(session)
        self._show_whether_free()

    def _show_whether_free(self) -> None:
        """While names are hidden the order is drawn: another one could tell them."""
        is_free = self._session is None or self._session.blinding is None
        hint = _ORDER_HINT if is_free else _DRAWN_HINT
        if hint != self.order.toolTip():  # it is asked with every batch of samples
            self.order.setEnabled(is_free)
            self.order.setToolTip(hint)

    def _show_order(self, session: ReviewSession) -> None:
        index = self.order.findData(str(session.order))
        if index < 0:
            self.order.addItem(_order_words(session.order), str(session.order))
            index = self.order.count() - 1
        self.order.setCurrentIndex(index)

    def _follow(self, _sample: object = None) -> None:
        """Select the current sample's row and keep it in sight."""
        session = self._session
        position = None if session is None else session.position(session.current)
        selection = self.table.selectionModel()
        if position is None:
            selection.clear()
            return
        index = self.model.index(position, 0)
        flags = QItemSelectionModel.SelectionFlag
        selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.table.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def _keep_scroll(self) -> None:
        self._scroll = self.table.verticalScrollBar().value()

    def _restore_scroll(self) -> None:
        # What the reviewer looks at must not move under the pointer while samples arrive.
        self.table.verticalScrollBar().setValue(self._scroll)
        session = self._session
        position = None if session is None else session.position(session.current)
        if position is not None:
            flags = QItemSelectionModel.SelectionFlag
            self.table.selectionModel().setCurrentIndex(
                self.model.index(position, 0), flags.ClearAndSelect | flags.Rows
            )

    # -- making ----------------------------------------------------------------------------------

    def _make_table(self) -> QTableView:
        table = QuietTable()
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(22)
        header = table.horizontalHeader()
        header.setMinimumSectionSize(18)
        header.setHighlightSections(False)
        for column, width in _WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            table.setColumnWidth(column, width)
        header.setSectionResizeMode(SAMPLE, QHeaderView.ResizeMode.Stretch)
        table.setMinimumHeight(48)
        table.setToolTip("The samples; click one to open it")
        return table

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self.order)
        above.addWidget(self.filter, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(above)
        column.addWidget(self.table, 1)


def _order_words(order: Order) -> str:
    """An order of another dock's making, as the list of orders says it."""
    words = dict(_ORDERS)[order.kind]
    if order.kind is OrderKind.RANDOM:
        return f"{words} {order.seed}"
    return f"{words}: {order.by}" if order.by else words
