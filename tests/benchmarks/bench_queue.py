"""Main-thread time of the review queue with many samples: opening, sorting, filtering, deciding.

    scripts/with_display.sh python tests/benchmarks/bench_queue.py 100000

:func:`measure` gives the same numbers to whoever calls it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from napari_mask_audit.review.queue import Order, QueueItem
from napari_mask_audit.review.schema import events
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore

#: What the main thread may take at a time, in milliseconds.
LIMIT_MS = 50.0
CLASSES = ("road", "pole", "tree", "wall")
WORDS = ("needs_fix", "accept", "unsure")


def items(n: int) -> list[QueueItem]:
    """Samples as an audit would give them."""
    return [
        QueueItem(
            f"scene{i % 97:02d}_{i:06d}",
            score=(i * 7919 % n) / n,
            worst_class=CLASSES[i % 4],
            worst_class_score=(i * 104729 % n) / n,
            suggested_tag="boundary",
            scores={"class:pole": (i * 31 % n) / n, "bucket:missed_small": (i * 17 % n) / n},
        )
        for i in range(n)
    ]


def fill(store: ReviewStore, samples: list[str]) -> None:
    """A verdict on every given sample, in one transaction."""
    rows = [
        {
            "dataset_id": store._dataset_id,
            "sample": sample,
            "kind": "verdict",
            "reviewer": ("ann", "bob")[i % 2],
            "session": "earlier",
            "at": "2026-01-02T03:04:05.000000+00:00",
            "status": WORDS[i % 3],
            "tags": ('["boundary"]', '["fold", "missed_small"]', "[]")[i % 3],
            "comment": "left edge" if i % 10 == 0 else "",
        }
        for i, sample in enumerate(samples)
    ]
    with store._writing() as connection:
        connection.execute(insert(events), rows)


@contextmanager
def opened(n: int, *, decided: float = 0.5) -> Iterator[tuple[list[QueueItem], ReviewStore]]:
    """A queue of n samples and a store with verdicts on a part of them."""
    with tempfile.TemporaryDirectory() as folder:
        queue = items(n)
        with ReviewStore.open(Path(folder) / "r.sqlite", dataset_key="d") as store:
            fill(store, [item.sample for item in queue[: int(n * decided)]])
            yield queue, store


def best_ms(act: Callable[[], Any], times: int = 3) -> float:
    """The shortest of several runs, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return 1000 * min(taken)


def measure_session(n: int) -> dict[str, float]:
    """Milliseconds of each verb of a session without a window; opening runs in a worker."""
    found: dict[str, float] = {}
    with opened(n) as (queue, store):
        found["open (worker)"] = best_ms(
            lambda: ReviewSession(queue, store, "ann", resume=False), 1
        )
        session = ReviewSession(queue, store, "ann", resume=False)
        start = time.perf_counter()
        session.prepare(Order(), Order.parse("name"), Order.parse("random"))
        found["prepare (worker)"] = 1000 * (time.perf_counter() - start)
        for order in (
            "worst_first",
            "best_first",
            "name",
            "unreviewed_first",
            "random:0",
            "random:8",
            "worst_first:class:pole",
            "worst_first:bucket:missed_small",
        ):
            if order == "random:8":  # a seed of its own is drawn beside the main thread
                start = time.perf_counter()
                session.prepare(Order.parse(order))
                found["prepare random:8 (worker)"] = 1000 * (time.perf_counter() - start)
            found[f"order {order}, first time"] = best_ms(lambda o=order: session.set_order(o), 1)
            found[f"order {order}, again"] = best_ms(lambda o=order: session.set_order(o))
        session.set_order(Order())
        for text in ("s", "scene42", "tag:fold pole", "status:none", "-tag:boundary", "by:ann", ""):
            found[f"filter {text!r}, first time"] = best_ms(lambda t=text: session.set_filter(t), 1)
            found[f"filter {text!r}"] = best_ms(lambda t=text: session.set_filter(t))
        session.repeat(0.1, seed=3)
        found["next without a verdict, with repeats"] = best_ms(session.next_unreviewed, 5)
        session.repeat(0.0)
        found["next without a verdict"] = best_ms(session.next_unreviewed, 5)
        found["status, and on"] = best_ms(lambda: session.set_status("accept", advance=True), 5)
        found["tag"] = best_ms(lambda: session.toggle_tag("boundary"), 5)
        found["undo"] = best_ms(session.undo, 3)
        found["progress"] = best_ms(lambda: session.progress)
        batch = [replace(item, note="now measured") for item in queue[1000:1064]]
        found["64 samples arrive, first time"] = best_ms(lambda: session.add_items(batch), 1)
        found["64 samples arrive"] = best_ms(lambda: session.add_items(batch))
        session.set_filter("tag:fold pole")
        found["64 samples arrive, filtered"] = best_ms(lambda: session.add_items(batch))
        found["news from others"] = best_ms(session.refresh_from_store)
    return found


def measure_panel(n: int) -> dict[str, float]:
    """Milliseconds of the main thread with the queue panel in a window, each act with its paint."""
    from qtpy.QtWidgets import QApplication

    from napari_mask_audit.gui.queue_panel import QueuePanel

    application: Any = QApplication.instance() or QApplication([])
    found: dict[str, float] = {}
    with opened(n) as (queue, store):
        session = ReviewSession(queue, store, "ann", resume=False)
        session.prepare(Order(), Order.parse("name"), Order.parse("random"))
        panel = QueuePanel(lambda verb: bool(verb()) or True)
        panel.resize(400, 500)
        panel.show()
        application.processEvents()

        def shown(act: Callable[[], Any]) -> Callable[[], None]:
            def run() -> None:
                act()
                application.processEvents()

            return run

        found["panel: show the queue"] = best_ms(shown(lambda: panel.set_session(session, None)), 1)
        bar = panel.table.verticalScrollBar()
        found["panel: scroll to the middle"] = best_ms(shown(lambda: bar.setValue(n // 2)), 1)
        found["panel: scroll a page"] = best_ms(shown(lambda: bar.setValue(bar.value() + 20)), 5)
        for text in ("s", "sc", "scene42", "tag:fold pole", "status:none"):
            taken = []
            for _ in range(3):
                session.set_filter("")
                panel.filter.setText(text)
                taken.append(best_ms(shown(panel._apply_filter), 1))
            found[f"panel: filter {text!r}"] = min(taken)
        panel.filter.setText("")
        panel._apply_filter()
        found["panel: next sample"] = best_ms(shown(session.next), 5)
        found["panel: status, and on"] = best_ms(
            shown(lambda: session.set_status("accept", advance=True)), 5
        )
        found["panel: 64 samples arrive"] = best_ms(
            shown(lambda: session.add_items(queue[1000:1064]))
        )
        panel.set_session(None, None)
        panel.close()
    return found


def measure(n: int = 100_000) -> dict[str, float]:
    """All of it."""
    return {**measure_session(n), **measure_panel(n)}


def main(n: int) -> int:
    """Print what was measured; how many acts of the main thread took longer than they may."""
    slow = 0
    for name, taken in measure(n).items():
        is_slow = taken > LIMIT_MS and "(worker)" not in name
        slow += is_slow
        print(f"{taken:9.1f} ms  {name}{'   <-- over the limit' if is_slow else ''}")
    return slow


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
