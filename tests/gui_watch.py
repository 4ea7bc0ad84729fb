"""What the main thread of a window is doing, and for how long: for benchmarks.

Everything is measured from outside, with Qt's own clockwork; nothing of the plugin is changed.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from qtpy import API_NAME
from qtpy.QtCore import Qt, QTimer
from vispy.app import use_app

_BEAT_MS = 5
_LOOK_S = 0.01
_IDLE = ("threading.wait", "thread._worker", "selectors.", "queue.")


@dataclass(frozen=True)
class Stall:
    """A time in which the main thread did not answer.

    Attributes
    ----------
    gap_ms : float
        How long, beyond the beat's own interval.
    drawing_ms : float
        Share of it that napari spent drawing its canvas.
    collecting_ms : float
        Share in which Python looked for garbage, in whichever thread, with all others waiting.
    queued_ms : float
        Share in which the system gave the processor to other threads or programs, although the
        main thread wanted it.
    worked_ms : float
        Processor time that the main thread itself had in it, drawing included. What is missing
        to the whole it spent waiting: for a processor, for the interpreter's lock, for the disk.
    computed_ms : float
        Processor time that all threads of this program had in it: a stall in which they had none
        is the machine's.
    stack : str
        What it was doing, as seen by another thread.
    """

    gap_ms: float
    drawing_ms: float
    collecting_ms: float
    queued_ms: float
    worked_ms: float
    computed_ms: float
    stack: str

    @property
    def own_ms(self) -> float:
        """What is left for everything but drawing: this program's Python, and waiting."""
        return max(0.0, self.gap_ms - self.drawing_ms)

    @property
    def ours_ms(self) -> float:
        """What is left of that without the time in which others had the processor."""
        return max(0.0, min(self.own_ms - self.queued_ms, self.computed_ms))


class FrameClock:
    """When napari's canvas was drawn, and how long that took; made before the first viewer.

    vispy draws in ``paintGL`` of its canvas, in the main thread.
    """

    def __init__(self) -> None:
        use_app(API_NAME)  # as napari will; vispy imports its backend only after that
        from vispy.app.backends._qt import CanvasBackendDesktop

        self.frames: list[tuple[float, float]] = []
        self._backend = CanvasBackendDesktop
        self._paint = paint = CanvasBackendDesktop.paintGL
        frames = self.frames

        def timed(canvas: Any) -> None:
            start = time.perf_counter()
            paint(canvas)
            frames.append((start, time.perf_counter()))

        CanvasBackendDesktop.paintGL = timed

    def stop(self) -> None:
        """Leave vispy as it was."""
        self._backend.paintGL = self._paint

    def drawn_s(self, start: float, end: float) -> float:
        """Seconds spent drawing between two moments."""
        total = 0.0
        for began, ended in reversed(self.frames):
            if ended < start:
                break
            total += max(0.0, min(ended, end) - max(began, start))
        return total


class Heartbeat:
    """A timer that should beat every few milliseconds, and a thread that looks when it does not.

    The thread is written in Python: where something holds the interpreter's lock for long, it
    too sees only what comes after, and what the other threads are at then.

    Parameters
    ----------
    frames : FrameClock
        Tells drawing from the rest.
    worth_ms : float
        Stalls shorter than this are not looked at.
    """

    def __init__(self, frames: FrameClock, worth_ms: float = 30.0) -> None:
        self.gaps_ms: list[float] = []
        self.stalls: list[Stall] = []
        self._frames = frames
        self._worth_ms = worth_ms
        self._schedule = _Schedule()
        self._collections = _Collections()
        self._last = time.perf_counter()
        self._queued = self._worked = self._computed = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._stacks: list[str] = []
        self._stop = threading.Event()
        self._looker = threading.Thread(target=self._look, name="stall-looker", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._last, self._queued = time.perf_counter(), self._schedule.waited_s()
        self._worked, self._computed = time.thread_time(), time.process_time()
        self._timer.start()
        self._looker.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.stop()
        self._stop.set()
        self._looker.join()
        self._collections.stop()

    @property
    def watched_s(self) -> float:
        """For how long it has been watching."""
        return sum(self.gaps_ms) / 1000 + len(self.gaps_ms) * _BEAT_MS / 1000

    def _beat(self) -> None:
        now, queued = time.perf_counter(), self._schedule.waited_s()
        gap_ms = 1000 * (now - self._last) - _BEAT_MS
        self.gaps_ms.append(max(0.0, gap_ms))
        seen, self._stacks = self._stacks, []
        if gap_ms > self._worth_ms:
            drawing = 1000 * self._frames.drawn_s(self._last, now)
            waited = 1000 * (queued - self._queued)
            collecting = 1000 * self._collections.spent_s(self._last, now)
            worked = 1000 * (time.thread_time() - self._worked)
            computed = 1000 * (time.process_time() - self._computed)
            stack = _commonest(seen)
            self.stalls.append(Stall(gap_ms, drawing, collecting, waited, worked, computed, stack))
        self._last, self._queued = now, queued
        self._worked, self._computed = time.thread_time(), time.process_time()

    def _look(self) -> None:
        while not self._stop.wait(_LOOK_S):
            if 1000 * (time.perf_counter() - self._last) > self._worth_ms:
                self._stacks.append(_spoken(sys._current_frames()))


class _Schedule:
    """How long this program's main thread stood in the system's queue for a processor (Linux)."""

    def __init__(self) -> None:
        self._file = Path("/proc/self/schedstat")
        self._known = self._file.exists()

    def waited_s(self) -> float:
        if not self._known:
            return 0.0
        return int(self._file.read_text().split()[1]) / 1e9


class _Collections:
    """When Python's garbage collector ran."""

    def __init__(self) -> None:
        self._times: list[tuple[float, float]] = []
        self._began = 0.0
        gc.callbacks.append(self._note)

    def stop(self) -> None:
        gc.callbacks.remove(self._note)

    def _note(self, phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self._times.append((self._began, time.perf_counter()))

    def spent_s(self, start: float, end: float) -> float:
        return sum(max(0.0, min(b, end) - max(a, start)) for a, b in self._times[-200:])


class Deliveries:
    """How long the main thread works on what threads hand to it, between two moments."""

    def __init__(self) -> None:
        from napari_mask_audit.gui import worker

        self.calls: list[tuple[float, float, float]] = []
        self._worker = worker
        self._call = call = worker._call
        calls = self.calls

        def timed(delivered: Callable[[], None]) -> None:
            start, worked = time.perf_counter(), time.thread_time()
            call(delivered)
            calls.append((start, time.perf_counter() - start, time.thread_time() - worked))

        worker._call = timed

    def stop(self) -> None:
        """Leave the worker as it was."""
        self._worker._call = self._call

    def spent_s(self, start: float, end: float) -> tuple[float, float]:
        """Seconds spent on deliveries that began between two moments, and computing in them."""
        within = [(took, worked) for began, took, worked in self.calls if start <= began < end]
        return sum(took for took, _ in within), sum(worked for _, worked in within)


@dataclass
class Memory:
    """Resident memory along a long walk."""

    steps: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    asked_for: list[float] = field(default_factory=list)

    def note(self, step: int) -> None:
        """Write down the memory of this moment."""
        self.steps.append(step)
        self.megabytes.append(resident_mb())
        self.asked_for.append(asked_for_mb())

    def slope_per_1000(self, after: int = 0, *, asked_for: bool = False) -> float:
        """Megabytes more per 1,000 steps, from a straight line through what came after warm-up.

        Of what is in RAM, or of what the program has asked for and not given back.
        """
        import numpy as np

        noted = self.asked_for if asked_for else self.megabytes
        kept = [(s, m) for s, m in zip(self.steps, noted, strict=True) if s >= after]
        if len(kept) < 2:
            return float("nan")
        steps, megabytes = np.array(kept).T
        return float(1000 * np.polyfit(steps, megabytes, 1)[0])


def resident_mb() -> float:
    """Memory of this process that is in RAM (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


_MALLINFO = (
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost",
)


class _Mallinfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = [(name, ctypes.c_size_t) for name in _MALLINFO]


def asked_for_mb() -> float:
    """Memory the program has from the C library at this moment; NaN where that does not tell.

    What is in RAM beyond it, and grows, is the library's: free, and in pieces. Python's small
    objects are not in it.
    """
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return float("nan")
    mallinfo.restype = _Mallinfo
    info = mallinfo()
    return (info.uordblks + info.hblkhd) / 2**20


def _spoken(frames: dict[int, FrameType]) -> str:
    """What the main thread is doing, and what the busy threads are doing."""
    me, main = threading.get_ident(), threading.main_thread().ident
    stacks = {i: _names(frame) for i, frame in frames.items() if i != me}
    busy = [names for i, names in stacks.items() if i != main and not names[0].startswith(_IDLE)]
    lines = [_line(stacks.get(main or 0, [])), *(f"beside: {_line(names)}" for names in busy)]
    return "\n        ".join(lines)


def _names(frame: FrameType | None) -> list[str]:
    """The frames of one thread, innermost first."""
    names = []
    while frame is not None:
        code = frame.f_code
        names.append(f"{Path(code.co_filename).stem}.{code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    return names


def _line(names: list[str]) -> str:
    return " > ".join(reversed(names[:6]))


def _commonest(stacks: list[str]) -> str:
    return max(set(stacks), key=stacks.count) if stacks else "(not seen)"
