"""Kills the window at random moments, and looks whether anything that was acknowledged is lost.

    python tests/benchmarks/gui_kill.py [--rounds 200] [--seed 0]

A process opens a dataset in a real window and reviews it by keyboard, with up to a fifth of a
second after each answer. It writes down what the reviewer was told: every sentence of the status
line with the verdicts in force, and after every key where the reviewer is. At a random moment it
gets SIGKILL. Then

- every verdict that was acknowledged has to be in the store, as it was shown;
- every correction that was said to be saved has to be the file, and recorded; unsaved work that
  was said to be kept has to be a draft, and to be offered on opening;
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
from gui_hands import Hands, isolate_settings, pause, wait_until
from gui_scenes import make_town
from napari_mask_audit.corrections.drafts import drafts_folder, find_drafts, load_draft
from napari_mask_audit.corrections.fingerprints import fingerprint_of
from napari_mask_audit.corrections.recovery import recorded_of
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.dataset.corrected import CORRECTED
from napari_mask_audit.gui.correcting import Answer
from napari_mask_audit.gui.correcting_panel import LEAVE_KEY, SAVE_KEY
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
    correcting = hands.room.correcting
    # Asked about unsaved work, this reviewer throws it away, and replaces what is there.
    correcting.ask = lambda: Answer.DISCARD
    correcting.saving.agree = lambda _path: True
    log.write("opened", **_place(hands), drafts=_drafts(hands))
    say = hands.dock.footer.say

    def said(text: str) -> None:
        say(text)
        if text.startswith("saved corrected/"):
            log.write("saved", sample=Path(text.split(";")[0]).stem)
        sample = text.split(",")[0].split(":")[0]
        log.write("said", text=text, verdicts=_verdicts(hands, sample))

    def kept() -> None:
        draft = correcting.keeping.draft
        if correcting.is_active and correcting.keeping.kept_at is not None and draft is not None:
            log.write("kept", sample=draft.sample, after=draft.after)

    hands.dock.footer.say = said  # type: ignore[method-assign]
    correcting.changed.connect(kept)
    reviewer = _LoggedReviewer(hands, seed, log)
    while True:
        log.write("acting")
        deed = reviewer.act()
        hands.see()
        # A place is written beside the main thread; whoever waits a second finds it again.
        wait_until(lambda: hands.room.places.is_done, 1)
        log.write("at", deed=deed, **_place(hands))
        pause(reviewer.random.uniform(0, 0.2))


class _LoggedReviewer(Reviewer):
    """A reviewer who writes down what is painted, and what is about to be saved or thrown away."""

    def __init__(self, hands: Hands, seed: int, log: Log) -> None:
        super().__init__(hands, seed, corrects=0.3)
        press = hands.press

        def logged(*keys: str) -> None:
            live = hands.room.correcting.live
            if live is not None and keys[0] in (SAVE_KEY, LEAVE_KEY):
                after = fingerprint_of(live.labels)
                log.write({SAVE_KEY: "saving", LEAVE_KEY: "leaving"}[keys[0]],
                          sample=live.sample, after=after)  # fmt: skip
            press(*keys)

        hands.press = logged  # type: ignore[method-assign]
        self._log = log

    def paint(self, layer: Any) -> None:
        self._log.write("painting", sample=self.hands.room.correcting.live.sample)
        super().paint(layer)


def _drafts(hands: Hands) -> dict[str, str]:
    return {sample: draft.after for sample, draft in hands.room.correcting.keeping.drafts.items()}


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
    saved: dict[str, str] = field(default_factory=dict)
    saving: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
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
            elif entry["kind"] == "said":
                told.verdicts.update({verdict["id"]: verdict for verdict in entry["verdicts"]})
            else:
                told._correct(entry["kind"], entry["sample"], entry.get("after", ""))
        return told

    def _correct(self, kind: str, sample: str, after: str) -> None:
        """What the reviewer knows of a correction: kept as a draft, saved, thrown away."""
        if kind == "kept":
            self.kept[sample] = after
            self.unsure.discard(sample)
        elif kind == "saved":
            self.saved[sample] = self.saving.pop(sample)
            self.kept.pop(sample, None)
            self.unsure.discard(sample)
        elif kind == "saving":
            self.saving[sample] = after
        elif kind == "painting":
            self.unsure.add(sample)
        else:
            self.kept.pop(sample, None)


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


def lost_corrections(told: Told, folder: Path, where: str, store: ReviewStore) -> list[str]:
    """Corrections that were said to be saved, or kept as drafts, and are not."""
    dataset = Dataset.open(folder)
    lost = []
    for sample, after in told.saved.items():
        mask = dataset.read_mask(dataset.sample(sample), CORRECTED)
        on_disk, recorded = fingerprint_of(mask.labels), recorded_of(store, sample)
        if on_disk not in {after, told.saving.get(sample)}:
            lost.append(f"{sample}: saved, but the file is another one")
        if after not in {correction.after for correction in recorded}:
            lost.append(f"{sample}: saved, but not recorded")
    drafts = find_drafts(
        drafts_folder(folder, where), dataset_key=store.dataset_key, reviewer="ann"
    )
    left = {draft.sample: fingerprint_of(load_draft(draft)) for draft in drafts}
    for sample, after in told.kept.items():
        if sample in told.saving:
            continue  # it was being saved: the file or the draft is there, recovery decides
        if sample not in left or (left[sample] != after and sample not in told.unsure):
            lost.append(f"{sample}: kept as a draft, but there is {left.get(sample, 'none')}")
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
        _killed(folder, path, seed + number, draw.expovariate(1 / 4))
        told = Told.read(path)
        if told.opened is None:
            print(f"round {number}: not open within two minutes", flush=True)
            wrong += 1
            continue
        with ReviewStore.open(where, dataset_key=key, read_only=True) as store:
            problems = losses(told, store) + lost_corrections(told, folder, where, store)
        if before is not None:
            problems += [
                f"{sample}: the draft was not offered on opening"
                for sample in before.kept
                if sample not in told.opened["drafts"] and sample not in before.saving
            ]
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
        counts["corrections saved"] += len(told.saved)
        counts["drafts kept when killed"] += len(told.kept)
        counts["killed while saving"] += bool(told.saving)
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
