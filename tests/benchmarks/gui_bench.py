"""How fast the review answers, in a real window: what ``make gui-bench`` prints.

    python tests/benchmarks/gui_bench.py [SECTION ...] [--list] [--samples N] [--steps N]

Every section runs in a process and a window of its own, on datasets made in a temporary folder,
and is driven by keys. Keys are Qt's test events, sent to the widget that has the keyboard.

Words: *work* is the processor time of the main thread for a key without napari's drawing of its
canvas: everything up to the end of the key's handler, plus what threads hand over until the next
key. *By the clock* is how long that took, waiting for a processor, the interpreter and the disk
included: where other programs keep the machine busy it says more about them. *Painted* is the
time from the key to the end of the first frame drawn after the handler. Without a graphics card
the drawing is done by the processor, and is slower than on a desk.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gui_deeds import Reviewer
from gui_hands import Hands, isolate_settings, pause, wait_until
from gui_scenes import SOURCES, make_town
from gui_watch import Deliveries, FrameClock, Heartbeat, Memory, Stall, asked_for_mb, resident_mb

PACKAGES = ("napari-mask-audit", "napari", "vispy", "numpy", "numba", "sqlalchemy")
WINDOW = (1280, 800)


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, and what it should be."""

    what: str
    text: str
    goal: str = ""
    is_met: bool | None = None
    beside: str = "nothing else"


class Bench:
    """A window to measure in, and what was measured.

    Parameters
    ----------
    folder : pathlib.Path
        Where datasets are made.
    options : argparse.Namespace
        Sizes.
    """

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder = folder
        self.options = options
        self.rows: list[Row] = []
        self.frames = FrameClock()
        self.deliveries = Deliveries()
        import napari

        self.viewer = napari.Viewer(show=True)
        self.viewer.window.resize(*WINDOW)
        self.hands = Hands(self.viewer)
        pause(1)

    def close(self) -> None:
        """Close the window."""
        self.viewer.close()
        self.frames.stop()
        self.deliveries.stop()

    def add(self, what: str, text: str, **more: Any) -> None:
        """Note a result."""
        self.rows.append(Row(what, text, **more))

    def large(self) -> Path:
        """2048² with 19 classes and three sources, the size the goals are about."""
        return make_town(
            self.folder / "large", 2048, self.options.large, sources=SOURCES, distinct=24
        )

    def small(self, n: int | None = None) -> Path:
        """512² with 19 classes, many samples."""
        n = n or self.options.samples
        return make_town(self.folder / f"small{n}", 512, n, distinct=200)

    # -- one key ---------------------------------------------------------------------------------

    def time_keys(
        self, keys: Iterable[str], ready: Callable[[], None], after_s: float = 0.0
    ) -> list[Key]:
        """Press keys, each once ``ready`` has returned, and measure what each costs."""
        found = []
        for key in keys:
            ready()
            if after_s:
                pause(after_s)
            start, worked = time.perf_counter(), time.thread_time()
            self.hands.press(key)
            handled, worked = time.perf_counter(), time.thread_time() - worked
            painted = self._painted_after(handled)
            self.hands.see()
            pause(0.05)
            drawn_in_key = self.frames.drawn_s(start, handled)
            handed, computed = self.deliveries.spent_s(handled, time.perf_counter())
            found.append(
                Key(
                    1000 * (handled - start - drawn_in_key),
                    1000 * handed,
                    1000 * (worked + computed),
                    None if painted is None else 1000 * (painted - start),
                )
            )
        return found

    def _painted_after(self, moment: float, timeout_s: float = 2.0) -> float | None:
        """When the first frame that was begun after a moment was done; None if there is none."""
        end = time.perf_counter() + timeout_s
        while time.perf_counter() < end:
            frames = [ended for began, ended in self.frames.frames[-20:] if began >= moment]
            if frames:
                return frames[0]
            pause(0.002)
        return None

    def add_keys(self, what: str, found: list[Key], goal_ms: float, beside: str) -> None:
        """Note what keys cost."""
        computed = [key.computed_ms for key in found]
        self.add(
            f"{what}: work",
            spread(computed),
            goal=f"p95 ≤ {goal_ms:.0f} ms",
            is_met=percentile(computed, 95) <= goal_ms,
            beside=beside,
        )
        own = [key.own_ms for key in found]
        self.add(
            f"{what}: the same by the clock",
            spread(own),
            goal=f"p95 ≤ {goal_ms:.0f} ms",
            is_met=percentile(own, 95) <= goal_ms,
            beside=beside,
        )
        handler = [key.handler_ms for key in found]
        self.add(f"{what}: of it in the key's handler", spread(handler), beside=beside)
        painted = [key.painted_ms for key in found if key.painted_ms is not None]
        if painted:
            self.add(f"{what}: painted", spread(painted), beside=beside)


@dataclass(frozen=True)
class Key:
    """What one key cost the main thread."""

    handler_ms: float
    handed_ms: float
    computed_ms: float
    painted_ms: float | None

    @property
    def own_ms(self) -> float:
        return self.handler_ms + self.handed_ms


def percentile(values: list[float], share: float) -> float:
    """The value below which so many percent are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share / 100 * (len(ordered) - 1)))]


def spread(values: list[float], unit: str = "ms") -> str:
    """Median, 95th percentile and largest."""
    return (
        f"median {statistics.median(values):.0f}, p95 {percentile(values, 95):.0f}, "
        f"max {max(values):.0f} {unit} (n = {len(values)})"
    )


# -- sections ------------------------------------------------------------------------------------


def section_keys(bench: Bench) -> None:
    """Next sample, next finding, verdict, mode: at rest, on 2048²."""
    hands, steps = bench.hands, bench.options.steps
    hands.open(bench.large())
    hands.measured()
    rest = "prefetch and explanation of the samples stepped to"
    forth = ["N"] * (bench.options.large - 1)
    walk = (forth + ["P"] * len(forth)) * (1 + steps // (2 * len(forth)))
    found = bench.time_keys(walk[:steps], lambda: _neighbours_read(hands))
    bench.add_keys("next sample, prefetched, 2048²", found, 100, rest)

    found = bench.time_keys(["F"] * min(steps, 60), hands.know)
    bench.add_keys("next finding, 2048²", found, 50, "nothing else")

    keys = (["1", "A"] * steps)[: min(steps, 2 * bench.options.large - 2)]
    _say_on_top(hands)
    found = bench.time_keys(keys, lambda: _neighbours_read(hands))
    bench.add_keys("verdict A → committed → next sample, 2048²", found[1::2], 100, rest)
    bench.add_keys("tag 1 → committed → shown, 2048²", found[::2], 50, rest)

    found = bench.time_keys(["O"] * 24, hands.know)
    bench.add_keys("next mode, 2048²", found, 100, "nothing else")
    found = bench.time_keys(["B"] * 24, hands.know)
    bench.add_keys("blink, 2048²", found, 50, "nothing else")


def _neighbours_read(hands: Hands) -> None:
    """Wait for the prefetch, as a reviewer who looks at a sample for a moment does."""
    hands.see()
    loader = hands.room.on_canvas.loader
    wait_until(lambda: loader.is_done, 60)


def _say_on_top(hands: Hands) -> None:
    hands.session.go_to(hands.session.item_at(0).sample)
    hands.see()


def section_correcting(bench: Bench) -> None:
    """After a stroke of the brush on 2048², and after undo: when the numbers follow."""
    hands = bench.hands
    hands.open(bench.large())
    hands.measured()
    _say_on_top(hands)
    hands.know()
    hands.press("E")
    correcting = hands.room.correcting
    wait_until(lambda: correcting.is_active, 60)
    layer = correcting.layer.layer
    painter = Reviewer(hands, seed=1)
    for what, act in (("a stroke", lambda: painter.paint(layer)), ("undo", layer.undo)):
        found = []
        for _ in range(min(bench.options.steps, 40)):
            wait_until(lambda: not correcting.strokes.is_updating, 60)
            pause(0.05)
            found.append(_time_count(bench, correcting, act))
        bench.add_keys(f"{what} → numbers, 2048²", found, 50, "findings anew, when the brush rests")
        waited = [key.painted_ms for key in found if key.painted_ms is not None]
        bench.add(
            f"{what} → numbers shown, 2048²",
            spread(waited),
            goal="p95 ≤ 50 ms",
            is_met=percentile(waited, 95) <= 50,
            beside="a pause of 20 ms in which strokes are collected is part of it",
        )
    hands.room.correcting.stop()


def _time_count(bench: Bench, correcting: Any, act: Callable[[], None]) -> Key:
    """What a change of the mask costs until the numbers follow."""
    seen: list[float] = []

    def counted() -> None:
        seen.append(time.perf_counter())

    correcting.strokes.counted.connect(counted)
    start, worked = time.perf_counter(), time.thread_time()
    act()
    handled = time.perf_counter()
    wait_until(lambda: bool(seen), 30)
    worked = time.thread_time() - worked
    correcting.strokes.counted.disconnect(counted)
    drawn = bench.frames.drawn_s(start, seen[0])
    return Key(
        1000 * (handled - start),
        max(0.0, 1000 * (seen[0] - handled - drawn)),
        1000 * worked,
        1000 * (seen[0] - start),
    )


def section_opening(bench: Bench) -> None:
    """From the folder to the first picture."""
    folder = bench.small()
    with Heartbeat(bench.frames) as beat:
        start = time.perf_counter()
        bench.hands.open(folder)
        seen = time.perf_counter()
        painted = bench._painted_after(seen)
    bench.add(
        f"{bench.options.samples:,} samples: folder → first picture",
        f"{1000 * ((painted or seen) - start):.0f} ms",
        goal="≤ 3000 ms",
        is_met=(painted or seen) - start <= 3,
        beside="reading the folder, in a thread",
    )
    _add_stalls(bench, "while opening", beat, "reading the folder, in a thread")


def section_stalls(bench: Bench) -> None:
    """Whether the window answers while all samples are measured, and while all are explained."""
    hands, folder = bench.hands, bench.small()
    with Heartbeat(bench.frames) as beat:
        pause(10)
    _add_stalls(bench, "an empty window: what the machine itself does", beat, "nothing of ours")
    hands.open(folder)
    with Heartbeat(bench.frames) as beat:
        _until(bench, lambda: hands.room.feed.is_started)
    _add_stalls(bench, "layers are made ahead, before the audit", beat, "explaining one sample")
    with Heartbeat(bench.frames) as beat:
        _until(bench, lambda: hands.room.audit.is_complete)
    _add_stalls(bench, "audit runs, nobody touches anything", beat, _how_far(hands))
    with Heartbeat(bench.frames) as beat:
        _until(bench, lambda: hands.room.feed.is_complete)
    _add_stalls(bench, "explanations run, nobody touches anything", beat, _how_far(hands))

    again = bench.small(bench.options.samples + 1)
    hands.open(again)
    with Heartbeat(bench.frames) as beat:
        found = bench.time_keys(["N"] * bench.options.steps, lambda: _neighbours_read(hands), 0.1)
    beside = f"the audit of {bench.options.samples + 1:,} samples, {_how_far(hands)} at the end"
    bench.add_keys("next sample, 512²", found, 100, beside)
    _add_stalls(bench, "audit runs, reviewer steps", beat, beside)
    _until(bench, lambda: hands.room.audit.is_complete)
    with Heartbeat(bench.frames) as beat:
        found = bench.time_keys(["N"] * bench.options.steps, lambda: _neighbours_read(hands), 0.1)
    bench.add_keys("next sample, 512²", found, 100, "explanations in a thread")
    _add_stalls(bench, "explanations run, reviewer steps", beat, _how_far(hands))


def _until(bench: Bench, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + bench.options.watch
    wait_until(lambda: condition() or time.monotonic() > end, bench.options.watch + 10)


def _how_far(hands: Hands) -> str:
    done, total, word = hands.room.feed.progress
    return f"{done:,} of {total:,} {word}"


def _add_stalls(bench: Bench, what: str, beat: Heartbeat, beside: str) -> None:
    own = [stall.own_ms for stall in beat.stalls] or [0.0]
    ours = [stall.ours_ms for stall in beat.stalls] or [0.0]
    worked = [min(stall.own_ms, stall.worked_ms) for stall in beat.stalls] or [0.0]
    late = sum(value > 50 for value in own)
    bench.add(
        f"longest stall, {what}",
        f"{max(own):.0f} ms without drawing ({late} over 50 ms in {beat.watched_s:.0f} s), "
        f"{max(ours):.0f} ms of one with a processor to this program "
        f"({sum(value > 50 for value in ours)} over 50 ms), at most {max(worked):.0f} ms of one "
        f"the main thread's own work ({sum(value > 50 for value in worked)} over 50 ms); "
        f"{max(beat.gaps_ms, default=0):.0f} ms with drawing",
        goal="≤ 50 ms",
        is_met=max(own) <= 50,
        beside=beside,
    )
    for stall in sorted(beat.stalls, key=lambda s: -s.own_ms)[:6]:
        _print_stall(stall)


def _print_stall(stall: Stall) -> None:
    print(
        f"    stall {stall.gap_ms:5.0f} ms (drawing {stall.drawing_ms:.0f}, collecting garbage "
        f"{stall.collecting_ms:.0f}, waiting for a processor {stall.queued_ms:.0f}, working, "
        f"drawing included, {stall.worked_ms:.0f}): {stall.stack}",
        flush=True,
    )


def section_memory(bench: Bench) -> None:
    """Memory along 1,000 samples, in one mode and alternating them."""
    hands = bench.hands
    hands.open(bench.small(1100))
    hands.room.feed.stop()  # what is measured of all samples has to be kept; it is not a leak
    for what, every in (("one mode", 0), ("a new mode every 5 samples", 5)):
        memory = Memory()
        _say_on_top(hands)
        for step in range(bench.options.walk):
            hands.press("N")
            hands.see()
            if every and step % every == 0:
                hands.press("O")
                pause(0.01)
            if step % 20 == 0:
                gc.collect()
                memory.note(step)
        slope = memory.slope_per_1000(after=bench.options.walk // 5)
        asked_for = memory.slope_per_1000(after=bench.options.walk // 5, asked_for=True)
        first, last = memory.megabytes[len(memory.megabytes) // 5], memory.megabytes[-1]
        bench.add(
            f"memory over {bench.options.walk:,} samples, {what}",
            f"{slope:+.1f} MB per 1,000 samples; {first:.0f} MB after warm-up, then {last:.0f}; "
            f"asked for {asked_for:+.1f} MB, the rest is the C library's",
            goal="< 20 MB per 1,000",
            is_met=slope < 20,
            beside="prefetch and explanation of the samples stepped to; the audit is stopped",
        )


def section_leaks(bench: Bench) -> None:
    """Opening two datasets in turns: what stays behind."""
    hands = bench.hands
    folders = [make_town(bench.folder / f"turn{k}", 256, 12 + k) for k in range(2)]
    before: Counter[str] | None = None
    for turn in range(bench.options.turns + 4):
        hands.open(folders[turn % 2], store=str(bench.folder / f"turn{turn % 2}.sqlite"))
        hands.measured()
        if turn >= 3 and turn % 2:
            now = _census(bench)
            if before is None:
                before, megabytes, asked_for = now, resident_mb(), asked_for_mb()
    assert before is not None
    grown = {name: (before[name], now[name]) for name in now if now[name] > before[name]}
    bench.add(
        f"opening a dataset {bench.options.turns} times more: what there is more of",
        ", ".join(f"{name} {a} → {b}" for name, (a, b) in sorted(grown.items())) or "nothing",
        goal="nothing",
        is_met=not grown,
    )
    bench.add(
        "memory by it",
        f"{resident_mb() - megabytes:+.0f} MB in {bench.options.turns} openings; asked for "
        f"{asked_for_mb() - asked_for:+.1f} MB, the rest is the C library's",
        goal="< 20 MB",
        is_met=resident_mb() - megabytes < 20,
    )


def _census(bench: Bench) -> Counter[str]:
    """What could be left behind: layers, threads, files, connections, Qt objects, our objects."""
    from qtpy.QtCore import QObject
    from qtpy.QtWidgets import QApplication

    pause(0.2)
    gc.collect()
    found: Counter[str] = Counter()
    found["frozen hundreds of objects"] = gc.get_freeze_count() // 100
    found["layers"] = len(bench.viewer.layers)
    found["threads"] = threading.active_count()
    found["open files"] = len(list(Path("/proc/self/fd").iterdir()))
    window = bench.hands.dock.window()
    found["Qt objects in the window"] = len(window.findChildren(QObject))
    found["widgets"] = len(QApplication.allWidgets())
    gc.unfreeze()  # what the collector was told to leave alone counts too
    things = gc.get_objects()
    gc.freeze()
    for thing in things:
        kind = type(thing)
        ours = str(kind.__module__).startswith("napari_mask_audit") and kind.__name__ in _COUNTED
        if ours or kind.__name__ in _OTHERS:
            found[kind.__name__] += 1
        if kind.__name__ == "SignalInstance":
            found["psygnal slots"] += len(thing)
    return found


_OTHERS = {"SignalInstance", "QTimer", "Connection", "Engine"}
_COUNTED = {
    "Dataset",
    "ReviewSession",
    "ReviewStore",
    "QueueFeed",
    "RunningAudit",
    "RunningExplanation",
    "SampleView",
    "Explanation",
    "OtherReviewers",
    "HandingOn",
    "Job",
}


def section_queue(bench: Bench) -> None:
    """A dataset of 100,000 samples: opened, filtered, sorted."""
    hands, n = bench.hands, bench.options.queue
    folder = make_town(bench.folder / "wide", 16, n, classes=3, distinct=50)
    with Heartbeat(bench.frames) as beat:
        start = time.perf_counter()
        hands.open(folder, timeout_s=300)
        seen = time.perf_counter() - start
    bench.add(f"{n:,} samples: folder → first picture", f"{seen:.1f} s", beside="a thread")
    _add_stalls(bench, f"while {n:,} samples open", beat, "reading the folder, in a thread")
    hands.room.feed.stop()
    pause(1)
    _filter_and_sort(bench, n, "nothing else")
    hands.room.feed.go_on()
    with Heartbeat(bench.frames) as beat:
        pause(min(30, bench.options.watch))
    _add_stalls(bench, f"while {n:,} samples are measured", beat, _how_far(hands))
    _filter_and_sort(bench, n, "the audit")


def _filter_and_sort(bench: Bench, n: int, beside: str) -> None:
    hands, queue = bench.hands, bench.hands.dock.queue
    with Heartbeat(bench.frames) as beat:
        for text in ("tile_0001", "class:1", "status:none", ""):
            queue.filter.setFocus()
            queue.filter.selectAll()
            hands.press("Backspace")
            hands.type(text)
            wait_until(lambda text=text: hands.session.filter_text == text, 30)
            pause(0.1)
    _add_stalls(bench, f"typing filters over {n:,} samples", beat, beside)
    with Heartbeat(bench.frames) as beat:
        for index in (3, 4, 2, 1, 0):
            queue.order.setCurrentIndex(index)
            queue.order.activated.emit(index)
            pause(0.2)
    _add_stalls(bench, f"sorting {n:,} samples", beat, beside)
    queue.table.setFocus()
    found = bench.time_keys(["N"] * 20, hands.see)
    bench.add_keys(f"next sample of {n:,}", found, 100, beside)


SECTIONS = {
    name.removeprefix("section_"): run
    for name, run in list(globals().items())
    if name.startswith("section_")
}


# -- running -------------------------------------------------------------------------------------


def machine() -> str:
    """What the numbers were measured on."""
    from qtpy import API_NAME, QT_VERSION

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES if _is_there(name))
    return (
        f"Python {platform.python_version()}, {platform.machine()}, {cores} cores{load}\n"
        f"{API_NAME} {QT_VERSION}, {packages}"
    )


def graphics() -> str:
    """What draws the canvas."""
    from vispy.gloo import gl

    return str(gl.glGetParameter(gl.GL_RENDERER))


def _is_there(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name.replace("-", "_")) is not None


def run_section(name: str, options: argparse.Namespace) -> None:
    """Measure one section in this process, and write its rows to the file that was asked for."""
    with tempfile.TemporaryDirectory(prefix="gui-bench-") as place:
        isolate_settings(Path(place))
        bench = Bench(Path(place), options)
        try:
            print(f"drawing by {graphics()}", flush=True)
            SECTIONS[name](bench)
        finally:
            rows = bench.rows
            bench.close()
    for row in rows:
        print_row(row)
    if options.output:
        options.output.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


def print_row(row: Row) -> None:
    """One line of the table."""
    sign = {True: "met", False: "MISSED", None: "-"}[row.is_met]
    goal = f"  [{row.goal}: {sign}]" if row.goal else ""
    print(f"  {row.what}: {row.text}{goal}  (beside: {row.beside})", flush=True)


def main() -> int:
    """Run what was asked for; 1 if a section could not be run. A goal missed is not an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of: {', '.join(SECTIONS)}")
    parser.add_argument("--list", action="store_true", help="only list the sections")
    parser.add_argument("--samples", type=int, default=2000, help="samples of 512²")
    parser.add_argument("--large", type=int, default=40, help="samples of 2048²")
    parser.add_argument("--steps", type=int, default=100, help="keys per row")
    parser.add_argument("--walk", type=int, default=1000, help="samples stepped through for memory")
    parser.add_argument("--turns", type=int, default=20, help="datasets opened one after another")
    parser.add_argument("--queue", type=int, default=100_000, help="samples in the long queue")
    parser.add_argument("--watch", type=float, default=60, help="seconds to watch for stalls")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    if options.list:
        for name, run in SECTIONS.items():
            print(f"{name:10} {(run.__doc__ or '').splitlines()[0]}")
        return 0
    if options.alone:
        run_section(options.alone, options)
        return 0
    print(machine(), flush=True)
    failed = []
    passed_on = [f"--{name}={getattr(options, name)}" for name in _SIZES]
    for name in options.sections or SECTIONS:
        print(f"\n== {name}: {(SECTIONS[name].__doc__ or '').splitlines()[0]}", flush=True)
        command = [sys.executable, __file__, f"--alone={name}", *passed_on]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nnot run to the end: {', '.join(failed)}", file=sys.stderr)
    return min(1, len(failed))


_SIZES = ("samples", "large", "steps", "walk", "turns", "queue", "watch")

if __name__ == "__main__":
    sys.exit(main())
