"""Ours against peers on the same arrays in one run: checked first, then timed, then put in a table.

Times are the best of some repeats, in milliseconds, on one thread where the title says nothing
else. A peer whose result differs from ours stops the script.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from napari_mask_audit.kernels import backend

#: A peer that takes longer than this is not run again for a better time.
_SLOW_MS = 8000.0


def best(work: Callable[[], Any], repeat: int) -> float:
    """Least milliseconds of some runs."""
    return min(_once(work)[0] for _ in range(repeat))


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

    def rows(self) -> list[tuple[str, str, float, str, float, str]]:
        """Title, backend, time, peer, ratio, and goal with a verdict; one row per backend."""
        if not self.peers:
            return []
        peer = self.measured_by if self.measured_by in self.peers else min(self.peers, key=self._of)
        rows = []
        for name, elapsed in self.times.items():
            ratio, goal = self.peers[peer] / elapsed, self.goals.get(name)
            verdict = (
                "" if goal is None else f"{goal:g} x {'reached' if ratio >= goal else 'MISSED'}"
            )
            rows.append((self.title, name, elapsed, peer, ratio, verdict))
        return rows

    def _of(self, peer: str) -> float:
        return self.peers[peer]


def print_summary(contests: list[Contest]) -> None:
    """One table of all contests: the best peer, how much faster ours is, and the goal."""
    line = "{:<52} {:<6} {:>8}  {:<34} {:>8}  {}"
    print("\n" + line.format("", "ours", "ms", "peer", "ratio", "goal"))
    for contest in contests:
        for title, name, elapsed, peer, ratio, verdict in contest.rows():
            print(line.format(title, name, f"{elapsed:.1f}", peer, f"{ratio:.1f} x", verdict))
