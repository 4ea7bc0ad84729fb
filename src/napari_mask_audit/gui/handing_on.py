"""What threads find, handed to the main thread in batches it can take.

However fast the findings come, sorting them in takes only a small share of the main thread's
time: the rest is the reviewer's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QTimer

# Sorting in may take this share of the main thread's time.
_SHARE = 0.05


class HandingOn:
    """Collects results and passes them on; made and used in the main thread.

    Parameters
    ----------
    take : callable
        Gets a list of results, as long as it takes.
    """

    def __init__(self, take: Callable[[list[Any]], None]) -> None:
        self._take = take
        self._waiting: list[Any] = []
        self._pause = QTimer()
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self.flush)

    def add(self, results: list[Any]) -> None:
        """Pass these on with the next batch."""
        self._waiting += results
        if not self._pause.isActive():
            self._pause.start(0)

    def flush(self) -> None:
        """Pass on what is there, now."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        started = time.perf_counter()
        self._take(batch)
        self._pause.start(round(1000 * (time.perf_counter() - started) / _SHARE))

    def stop(self) -> None:
        """Pass on what is there, and be quiet until more is added."""
        self.flush()
        self._pause.stop()
