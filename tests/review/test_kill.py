"""A verdict that was acknowledged is there after the process was killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from napari_mask_audit.review.store import ReviewStore

ROUNDS = int(os.environ.get("MASK_AUDIT_KILL_ROUNDS", "12"))

# What a reviewer does, as fast as possible; a line is printed once the store has said "done".
CHILD = """
import sys
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore

name, where = sys.argv[1:]
store = ReviewStore.open(where, dataset_key="d")
items = [QueueItem(f"{name}-{n:05d}", n) for n in range(20_000)]
session = ReviewSession(items, store, "ann", resume=False)
print("ready", flush=True)
for number, item in enumerate(items):
    session.go_to(item.sample)
    session.toggle_tag("boundary")
    session.set_status("needs_fix")
    print(item.sample, flush=True)
    if number % 5 == 0:
        session.undo()
        print("undone " + item.sample, flush=True)
"""


def killed_while_reviewing(where: str, name: str, after_s: float) -> list[str]:
    """Everything that a reviewing process had acknowledged when it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, name, where], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(after_s)
        child.kill()
        lines = child.stdout.read().split("\n")
    if hasattr(signal, "SIGKILL"):
        assert child.returncode == -signal.SIGKILL, "it ended by itself: it never was in danger"
    return lines[:-1]  # what follows the last line break was not said to the end


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killing_the_reviewer_loses_nothing_that_was_acknowledged(place: str) -> None:
    generator = random.Random(20)
    rounds: list[list[str]] = []
    for number in range(ROUNDS):
        rounds.append(killed_while_reviewing(place, f"r{number}", generator.uniform(0.0, 0.25)))
        with ReviewStore.open(place, dataset_key="d") as store:
            found = store.all_latest()
        lost = [sample for lines in rounds for sample in lost_of(lines, found)]
        assert lost == []
    assert sum(map(len, rounds)) > 3 * ROUNDS, "too little was written for this to mean anything"


def lost_of(lines: list[str], found: dict) -> list[str]:
    """The samples of one round whose acknowledged state is not what the store has."""
    undone = {line.split()[1] for line in lines if line.startswith("undone")}
    lost = []
    for line in lines:
        if line.startswith("undone"):
            continue
        # The undo that follows the last line may have been stored but not yet acknowledged.
        may_be = {None} if line in undone else {"needs_fix"}
        if line == lines[-1]:
            may_be.add(None)
        verdict = found.get((line, None))
        if verdict is None or verdict.tags != ("boundary",) or verdict.status not in may_be:
            lost.append(line)
    return lost


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_the_file_is_sound_after_kills(tmp_path: Path) -> None:
    file = tmp_path / "review.sqlite"
    for round_number in range(3):
        killed_while_reviewing(str(file), f"r{round_number}", 0.05)
    with ReviewStore.open(file, dataset_key="d") as store, store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
