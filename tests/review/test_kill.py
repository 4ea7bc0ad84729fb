"""A verdict that was acknowledged is there after the process was killed at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from napari_mask_audit.review.store import ReviewStore

ROUNDS = int(os.environ.get("MASK_AUDIT_KILL_ROUNDS", "25"))

# Forks a reviewer who decides as fast as possible and writes a line whenever the session has said
# "done"; kills it with SIGKILL after a random moment; and again. What was written to a file
# before the kill stays in it, because the writing does not go through a buffer of the process.
KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from napari_mask_audit.review.corrections import Correction
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore

where, folder, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
dice = random.Random(20)

def review(number):
    store = ReviewStore.open(where, dataset_key="d")
    items = [QueueItem(f"{number}-{n:05d}", n) for n in range(2_000)]
    session = ReviewSession(items, store, "ann", resume=False)
    out = os.open(folder / f"{number}.txt", os.O_WRONLY | os.O_CREAT)
    for n, item in enumerate(items):
        session.go_to(item.sample)
        session.toggle_tag("boundary")
        session.set_status("needs_fix")
        os.write(out, f"{item.sample}\\n".encode())
        if n % 5 == 0:
            session.undo()
            os.write(out, f"undone {item.sample}\\n".encode())
        if n % 3 == 0:
            session.correct(Correction(sample=item.sample, reviewer="ann", source="m",
                                       file=f"{item.sample}.png", before="a", after="b", pixels=n))
            os.write(out, f"corrected {item.sample}\\n".encode())

ReviewStore.open(where, dataset_key="d").close()  # loads the driver once for all rounds
for number in range(rounds):
    child = os.fork()
    if not child:
        review(number)
        os._exit(0)
    while number % 5 and not (folder / f"{number}.txt").exists():
        time.sleep(0.001)  # every fifth is killed while it opens the store, perhaps
    time.sleep(dice.uniform(0.0, 0.3))
    os.kill(child, signal.SIGKILL)
    _, how = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(how) != -signal.SIGKILL:
        sys.exit(f"the reviewer of round {number} ended by itself: it never was in danger")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no kill -9 on this system")
def test_killing_the_reviewer_loses_nothing_that_was_acknowledged(
    place: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", KILLER, place, str(tmp_path), str(ROUNDS)]
    subprocess.run(command, check=True)
    with ReviewStore.open(place, dataset_key="d") as store:
        found = store.all_latest()
        corrected = {e.sample for e in store.everything_since(0) if e.kind == "correction"}
        if store._engine.dialect.name == "sqlite":
            with store._engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
                assert not connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    rounds = [file.read_text().splitlines() for file in tmp_path.glob("*.txt")]
    assert sum(map(len, rounds)) > ROUNDS, "too little was written for this to mean anything"
    said = [line.split() for lines in rounds for line in lines if " " in line]
    assert {sample for what, sample in said if what == "corrected"} <= corrected
    assert len(corrected) > ROUNDS / 3, "too few corrections for this to mean anything"
    rounds = [[line for line in lines if not line.startswith("corrected")] for lines in rounds]
    assert [sample for lines in rounds for sample in lost_of(lines, found)] == []


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
