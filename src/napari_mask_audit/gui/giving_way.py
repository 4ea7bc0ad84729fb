"""Background work that leaves the window its turn: processors, the interpreter, the collector.

Python runs one thread at a time, and the main thread, which answers the reviewer, is only one of
those that ask. While samples are measured beside it

- one processor is left to it;
- work on all samples rests while the reviewer acts: for a moment after each key, and until what
  they asked for is read and explained. Two threads that compute make the main thread wait each
  time it lets go of the interpreter, which it does some hundred times per key;
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
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ..kernels import backend

_SWITCH_S = 0.001
# How long work on all samples rests after the reviewer did something, and how long within one
# sample at most: somebody who never stops moving the canvas still gets some two samples a second.
_REST_S, _LONGEST_REST_S = 0.15, 0.4
_LOOK_S = 0.01

Item = TypeVar("Item")
Result = TypeVar("Result")

_now = time.monotonic
_lock = threading.Lock()
_working: list[float] = []
_making: list[bool] = []
_here = threading.local()


class _Reviewer:
    """When the reviewer last did something, and how much is being done for them."""

    acted_at = float("-inf")
    n_served = 0

    def is_busy(self) -> bool:
        return self.n_served > 0 or _now() - self.acted_at < _REST_S


_reviewer = _Reviewer()


def reviewer_acts() -> None:
    """A key, a click, a stroke, a move of the canvas: for a moment all else can wait."""
    _reviewer.acted_at = _now()


def reviewer_is_busy() -> bool:
    """Whether they did something just now, or wait for something."""
    return _reviewer.is_busy()


@contextmanager
def serving() -> Iterator[None]:
    """Work that the reviewer waits for, such as the findings of the sample in view."""
    with _lock:
        _reviewer.n_served += 1
    try:
        yield
    finally:
        with _lock:
            _reviewer.n_served -= 1


def in_the_background(function: Callable[[Item], Result]) -> Callable[[Item], Result]:
    """Work on one of all samples, with rests while the reviewer acts.

    It rests before it begins, and before each piece of work on pixels.
    """
    backend.before_work(_rest)

    def work(item: Item) -> Result:
        _here.rest_left_s = _LONGEST_REST_S
        try:
            _rest()
            return function(item)
        finally:
            _here.rest_left_s = 0.0

    return work


def _rest() -> None:
    while getattr(_here, "rest_left_s", 0.0) > 0.0 and _reviewer.is_busy():
        time.sleep(_LOOK_S)
        _here.rest_left_s -= _LOOK_S


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

    Each look takes longer than the last as the thing grows, and stops the main thread; so would
    the first one afterwards, which is why what is there at the end is kept (:func:`let_go`).
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
                gc.freeze()
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
