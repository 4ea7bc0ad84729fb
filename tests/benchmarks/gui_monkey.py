"""An hour of reviewing by keyboard, at random: nothing may fail, warn or disagree.

    python tests/benchmarks/gui_monkey.py [--samples 300] [--deeds 3000] [--minutes 60]

Presses keys and paints in a real window as somebody at work does (``tests/gui_deeds.py``) until so
many different samples were looked at, so many things done, and so much time is over. After every
deed the queue, the store and the docks are compared. Exceptions and warnings are collected and
printed, and end the run with 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import TracebackType

from gui_deeds import Reviewer, disagreements
from gui_hands import Hands, isolate_settings
from gui_scenes import make_town
from gui_watch import resident_mb
from napari_mask_audit.gui.correcting import Answer


def main() -> int:
    """Run; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=300, help="different samples to look at")
    parser.add_argument("--deeds", type=int, default=3000, help="things to do at least")
    parser.add_argument("--side", type=int, default=512, help="pixels along a side")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corrects", type=float, default=0.02, help="share of deeds that correct")
    parser.add_argument("--minutes", type=float, default=0, help="go on for at least as long")
    given = parser.parse_args()
    found: list[str] = []

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        found.append(f"{kind.__name__}: {error}")
        sys.__excepthook__(kind, error, trace)

    sys.excepthook = note
    with tempfile.TemporaryDirectory(prefix="gui-monkey-") as place:
        isolate_settings(Path(place))
        folder = make_town(Path(place) / "town", given.side, 4 * given.samples, distinct=100)
        import napari

        viewer = napari.Viewer(show=True)
        hands = Hands(viewer)
        hands.open(folder)
        # Nobody is there to answer questions about unsaved work and earlier versions.
        hands.room.correcting.ask = lambda: Answer.DISCARD
        hands.room.correcting.saving.agree = lambda _path: True
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            work(hands, given, found)
        found += sorted({f"warning: {w.message} ({w.filename}:{w.lineno})" for w in warned})
        viewer.close()
    print("\n".join(found) or "nothing failed, warned or disagreed", flush=True)
    return min(1, len(found))


def work(hands: Hands, given: argparse.Namespace, found: list[str]) -> None:
    """Review until enough is done."""
    reviewer = Reviewer(hands, given.seed, corrects=given.corrects)
    seen, deeds = set[str](), 0
    start, megabytes = time.monotonic(), 0.0
    while (
        len(seen) < given.samples
        or deeds < given.deeds
        or time.monotonic() - start < 60 * given.minutes
    ):
        deed, deeds = reviewer.act(), deeds + 1
        hands.see()
        seen.add(hands.session.current)
        found += [f"deed {deeds} ({deed}): {problem}" for problem in disagreements(hands)]
        if len(found) > 20:
            return
        if deeds == given.deeds // 5:
            megabytes = resident_mb()
        if deeds % 500 == 0:
            print(
                f"{deeds} deeds, {len(seen)} samples, {time.monotonic() - start:.0f} s, "
                f"{len(found)} found, {resident_mb():.0f} MB",
                flush=True,
            )
    print(
        f"{deeds} deeds on {len(seen)} samples in {time.monotonic() - start:.0f} s; "
        f"{len(hands.session.store.all_latest())} verdicts; "
        f"{resident_mb() - megabytes:+.0f} MB since a fifth of it",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
