"""Kills the window at random moments, and looks whether anything that was acknowledged is lost.

    python tests/benchmarks/gui_kill.py [--rounds 200] [--seed 0]

A process opens a dataset in a real window and reviews it by keyboard, with up to a fifth of a
second after each answer. It writes down what the reviewer was told: every sentence of the status
line with the verdicts in force, and after every key where the reviewer is. At a random moment it
gets SIGKILL. Then

- every verdict that was acknowledged has to be in the store, as it was shown;
- opening again has to show the sample, the order and the filter that were shown last.

A key that was pressed and not answered when the kill came may have happened or not; how often
that was is printed. The next round goes on with the same store.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gui_deeds import Reviewer
from gui_hands import Hands, isolate_settings, pause
from gui_scenes import make_town
from napari_mask_audit.review.location import dataset_key, default_store_location
from napari_mask_audit.review.store import ReviewStore


class Log:
    """Lines that are in the system's hands as soon as they are written: a kill loses none."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, kind: str, **values: Any) -> None:
        os.write(self._file, (json.dumps({"kind": kind, **values}) + "\n").encode())


# -- the reviewer who is killed ------------------------------------------------------------------


def review(folder: Path, log: Log, seed: int) -> None:
    """Open the dataset and review it until killed."""
    import napari

    viewer = napari.Viewer(show=True)
    hands = Hands(viewer)
    hands.open(folder)
    log.write("opened", **_place(hands))
    say = hands.dock.footer.say

    def said(text: str) -> None:
        say(text)
        sample = text.split(",")[0].split(":")[0]
        log.write("said", text=text, verdicts=_verdicts(hands, sample))

    hands.dock.footer.say = said  # type: ignore[method-assign]
    reviewer = Reviewer(hands, seed)
    while True:
        log.write("acting")
        deed = reviewer.act()
        hands.see()
        log.write("at", deed=deed, **_place(hands))
        pause(reviewer.random.uniform(0, 0.2))


def _place(hands: Hands) -> dict[str, Any]:
    session = hands.session
    return {
        "sample": session.current,
        "order": str(session.order),
        "filter": session.filter_text,
        "shown": hands.dock.sample.name.text(),
    }


def _verdicts(hands: Hands, sample: str) -> list[dict[str, Any]]:
    """All verdicts on a sample as the reviewer sees them."""
    return [
        {
            "id": verdict.id,
            "sample": sample,
            "finding": finding,
            "status": verdict.status,
            "tags": list(verdict.tags),
            "comment": verdict.comment,
        }
        for finding, verdict in hands.session.verdicts(sample).items()
    ]


# -- what is left --------------------------------------------------------------------------------


@dataclass
class Told:
    """What the reviewer of one round was told, from the log."""

    opened: dict[str, Any] | None = None
    place: dict[str, Any] | None = None
    verdicts: dict[int, dict[str, Any]] = field(default_factory=dict)
    deeds: int = 0
    is_answered: bool = True

    @classmethod
    def read(cls, path: Path) -> Told:
        told = cls()
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["kind"] == "opened":
                told.opened = told.place = entry
            elif entry["kind"] == "acting":
                told.is_answered = False
            elif entry["kind"] == "at":
                told.place, told.is_answered, told.deeds = entry, True, told.deeds + 1
            else:
                told.verdicts.update({verdict["id"]: verdict for verdict in entry["verdicts"]})
        return told


def losses(told: Told, store: ReviewStore) -> list[str]:
    """Acknowledged verdicts that the store does not have, or has otherwise."""
    events = {event.id: event for event in store.changes_since(0)}
    lost = []
    for number, seen in told.verdicts.items():
        event = events.get(number)
        kept = event and {
            "id": event.id,
            "sample": event.sample,
            "finding": event.finding,
            "status": event.status,
            "tags": list(event.tags),
            "comment": event.comment,
        }
        if kept != seen:
            lost.append(f"acknowledged {seen}, in the store {kept}")
    return lost


def moved(before: Told, after: Told) -> str | None:
    """How the place one came back to differs from the one last shown; None if it does not."""
    assert before.place is not None
    assert after.opened is not None
    names = ("sample", "order", "filter")
    here, there = ([place[n] for n in names] for place in (before.place, after.opened))
    if here == there and after.opened["shown"] == after.opened["sample"]:
        return None
    return f"was at {here}, came back to {there}, {after.opened['shown']!r} shown"


def run(folder: Path, rounds: int, seed: int) -> int:
    """Kill so many times; the number of things that went wrong."""
    draw, counts, wrong = random.Random(seed), Counter[str](), 0
    before: Told | None = None
    where, _ = default_store_location(folder, None)
    key = dataset_key(folder, where, "generated")
    for number in range(rounds):
        path = folder.parent / f"round{number}.jsonl"
        _killed(folder, path, seed + number, draw.expovariate(1 / 1.5))
        told = Told.read(path)
        if told.opened is None:
            print(f"round {number}: not open within two minutes", flush=True)
            wrong += 1
            continue
        with ReviewStore.open(where, dataset_key=key, read_only=True) as store:
            problems = losses(told, store)
        shift = None if before is None else moved(before, told)
        if shift is not None and before is not None and before.is_answered:
            problems.append(shift)
        elif shift is not None:
            counts["came back to where the unanswered key led"] += 1
        for problem in problems:
            print(f"round {number}: {problem}", flush=True)
        wrong += len(problems)
        counts["deeds answered"] += told.deeds
        counts["verdicts acknowledged"] += len(told.verdicts)
        counts["killed while a key was being answered"] += not told.is_answered
        before = told
        if number % 10 == 9:
            print(f"{number + 1} kills, {wrong} wrong, {dict(counts)}", flush=True)
    print(f"{rounds} kills: {wrong} losses or wrong places; {dict(counts)}", flush=True)
    return wrong


def _killed(folder: Path, path: Path, seed: int, after_s: float) -> None:
    """Let a reviewer work in a process of its own, and kill it so long after it has begun."""
    child = os.fork()
    if child == 0:
        try:
            review(folder, Log(path), seed)
        finally:
            os._exit(1)
    end = time.monotonic() + 120
    while time.monotonic() < end and not _has_begun(path):
        time.sleep(0.02)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise RuntimeError(f"the window ended by itself (seed {seed}): {status}")


def _has_begun(path: Path) -> bool:
    return path.exists() and '"acting"' in path.read_text(encoding="utf-8")


def main() -> int:
    """Run the rounds; 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gui-kill-") as place:
        isolate_settings(Path(place))
        folder = make_town(Path(place) / "town", 256, 60)
        # Imported once, before the forks; nothing of Qt runs in this process.
        import napari.viewer  # noqa: F401

        return min(1, run(folder, given.rounds, given.seed))


if __name__ == "__main__":
    sys.exit(main())
