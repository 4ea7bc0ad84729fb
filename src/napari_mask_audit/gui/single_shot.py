"""A timer that acts once after a pause; started again, the pause begins anew."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QTimer


def single_shot(interval_ms: int, act: Callable[[], None]) -> QTimer:
    """Make the timer; it does not run yet."""
    timer = QTimer()
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(act)
    return timer
