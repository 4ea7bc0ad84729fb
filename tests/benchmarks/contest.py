"""Ours against peers on the same arrays in one run: checked first, then timed, then put in a table.

Times are the best of some repeats, in milliseconds, on one thread where the title says nothing
else. A peer whose result differs from ours stops the script. What comes out are rows of one table,
which ``bench.py`` gathers from all scripts.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from napari_mask_audit.kernels import backend

#: A peer that takes longer than this is not run again for a better time.
_SLOW_MS = 8000.0
#: Environment variable with the file that rows are gathered in.
ROWS = "MASK_AUDIT_BENCH_ROWS"
_LINE = "{:<57} {:<6} {:>8}  {:<34} {:>9}  {}"


@dataclass(frozen=True)
class Row:
    """Ours next to one peer.

    Attributes
    ----------
    title : str
        What is computed.
    backend : str
        Which of ours.
    ours, theirs : float
        Milliseconds.
    peer : str
        What else does it; empty where there is nothing to compare with.
    goal : float or None
        How many times faster than the peer ours should be, at least; with `at_most`, how many
        times as long ours may take.
    at_most : bool
        Whether the ratio is ours / theirs and the goal an upper limit.
    clock : str
        ``"wall"``, or ``"processor"`` where other processes would decide a wall time.
    """

    title: str
    backend: str
    ours: float
    peer: str
    theirs: float
    goal: float | None = None
    at_most: bool = False
    clock: str = "wall"

    @property
    def ratio(self) -> float:
        """What the goal is about."""
        return self.ours / self.theirs if self.at_most else self.theirs / self.ours

    @property
    def verdict(self) -> str:
        """The goal, and whether it is reached."""
        if self.goal is None:
            return ""
        reached = self.ratio <= self.goal if self.at_most else self.ratio >= self.goal
        sign = "at most" if self.at_most else "at least"
        return f"{sign} {self.goal:g} x: {'reached' if reached else 'MISSED'}"

    def __str__(self) -> str:
        title = self.title + (" (processor time)" if self.clock == "processor" else "")
        ratio = f"{self.ratio:.{1 if self.ratio >= 10 else 2}f} x"
        ours = f"{self.ours:.1f}"
        return _LINE.format(title, self.backend, ours, self.peer, ratio, self.verdict)


def best(work: Callable[[], Any], repeat: int) -> float:
    """Least milliseconds of some runs."""
    return min(_once(work)[0] for _ in range(repeat))


def best_of_processor(work: Callable[[], Any], repeat: int) -> float:
    """Least milliseconds of processor time of some runs, over all threads of this process."""
    times = []
    for _ in range(repeat):
        started = time.process_time()
        work()
        times.append(1e3 * (time.process_time() - started))
    return min(times)


def _once(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return 1e3 * (time.perf_counter() - started), result


@dataclass
class Contest:
    """One piece of work, ours with each backend, and what others take for the same.

    Attributes
    ----------
    title : str
        What is computed.
    ours : callable
        Computes it.
    repeat : int
        How often ours is run; peers that are fast half as often.
    goals : mapping of str to float
        How many times faster than the peer each backend should be.
    measured_by : str
        The peer that the goals speak of; the fastest one where empty.
    """

    title: str
    ours: Callable[[], Any]
    repeat: int
    goals: dict[str, float] = field(default_factory=dict)
    measured_by: str = ""
    times: dict[str, float] = field(default_factory=dict)
    peers: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        print(f"\n{self.title}", flush=True)
        for name in backend.available():
            backend.use(name)
            self.ours()  # compile or load before the clock starts
            self.times[name] = best(self.ours, self.repeat)
            print(f"  {'ours, ' + name:<44}{self.times[name]:>10.1f} ms", flush=True)

    @property
    def fastest(self) -> float:
        """Milliseconds of the faster backend."""
        return min(self.times.values())

    def add(self, name: str, work: Callable[[], Any], same: Callable[[Any], None]) -> None:
        """Check a peer's result, then time it; a slow one is not run twice."""
        elapsed, result = _once(work)
        same(result)
        if elapsed < _SLOW_MS:
            # Another load on the machine may have begun since ours was timed, or ended.
            again = best(work, 2 if elapsed > 500 else max(1, self.repeat // 2))
            elapsed = min(elapsed, again)
        for backend_name in self.times:
            backend.use(backend_name)
            again = best(self.ours, max(1, self.repeat // 2))
            self.times[backend_name] = min(self.times[backend_name], again)
        self.peers[name] = elapsed
        print(f"  {name:<44}{elapsed:>10.1f} ms {elapsed / self.fastest:>8.1f} x", flush=True)

    def rows(self) -> list[Row]:
        """One row per backend, against the peer that the goals speak of."""
        if not self.peers:
            return []
        peer = self.measured_by if self.measured_by in self.peers else min(self.peers, key=self._of)
        return [
            Row(self.title, name, elapsed, peer, self.peers[peer], self.goals.get(name))
            for name, elapsed in self.times.items()
        ]

    def _of(self, peer: str) -> float:
        return self.peers[peer]


def print_summary(contests: Iterable[Contest]) -> None:
    """One table of all contests: the best peer, how much faster ours is, and the goal."""
    rows = [row for contest in contests for row in contest.rows()]
    print_rows(rows)
    hand_on(rows)


def print_rows(rows: Iterable[Row]) -> None:
    """The rows under a heading."""
    print("\n" + _LINE.format("", "ours", "ms", "next to", "ratio", "goal"))
    for row in rows:
        print(row, flush=True)


def hand_on(rows: Iterable[Row]) -> None:
    """Write rows where ``bench.py`` gathers them, if it runs this script."""
    to = os.environ.get(ROWS)
    if to:
        with Path(to).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)


def gathered(file: Path) -> list[Row]:
    """The rows that scripts have handed on."""
    return [Row(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
