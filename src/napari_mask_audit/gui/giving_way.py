"""Background work that leaves the window its turn: processors, the interpreter, the collector.

Python runs one thread at a time, and the main thread, which answers the reviewer, is only one of
those that ask. While samples are measured beside it

- one processor is left to it;
- a thread that computes gives the interpreter up after a millisecond instead of five: the main
  thread asks many times per key, and waits that long each time;
- Python's search for garbage does not go over everything napari and the dataset are made of. It
  stops all threads while it looks, hundreds of milliseconds where there are millions of objects,
  and what is alive when a dataset is open is not garbage.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_S = 0.001

_lock = threading.Lock()
_working: list[float] = []
_making: list[bool] = []


def spare_workers() -> int:
    """Threads for a batch: all processors but the one that is the reviewer's; at least one."""
    return max(1, min(8, (os.cpu_count() or 1) - 1))


@contextmanager
def giving_way() -> Iterator[None]:
    """Let the main thread in every millisecond as long as any thread works here."""
    with _lock:
        _working.append(sys.getswitchinterval())
        sys.setswitchinterval(min(_SWITCH_S, _working[0]))
    try:
        yield
    finally:
        with _lock:
            usual = _working[0]
            _working.pop()
            if not _working:
                sys.setswitchinterval(usual)


@contextmanager
def making_many_objects() -> Iterator[None]:
    """Do not look for garbage while something large is built: all of it will stay.

    Each look takes longer than the last as the thing grows, and stops the main thread.
    """
    with _lock:
        _making.append(gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            was_on = _making[0]
            _making.pop()
            if not _making and was_on:
                gc.enable()


def keep_what_is_here() -> None:
    """Tell the collector that what is alive now stays; cheap, to be repeated as results come."""
    gc.collect(1)  # what was dropped lately would stay too
    gc.freeze()


def let_go() -> None:
    """Let the collector look at everything again, and do so: what was open may go now."""
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
