"""Background work leaves the interpreter and its collector as it found them."""

from __future__ import annotations

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

from napari_mask_audit.gui import giving_way
from napari_mask_audit.gui.worker import Jobs, start_batches
from napari_mask_audit.kernels import backend, count_tuples


@pytest.fixture
def usual_interval():
    usual = sys.getswitchinterval()
    yield usual
    assert sys.getswitchinterval() == usual


def test_batches_that_overlap_give_way_until_the_last_one_ends(usual_interval: float) -> None:
    first, second = giving_way.giving_way(), giving_way.giving_way()
    first.__enter__()
    assert sys.getswitchinterval() == pytest.approx(0.001)
    second.__enter__()
    first.__exit__(None, None, None)
    assert sys.getswitchinterval() == pytest.approx(0.001)
    second.__exit__(None, None, None)
    assert sys.getswitchinterval() == usual_interval


def test_an_interval_that_is_shorter_already_stays(usual_interval: float) -> None:
    sys.setswitchinterval(0.0005)
    try:
        with giving_way.giving_way():
            assert sys.getswitchinterval() == pytest.approx(0.0005)
    finally:
        sys.setswitchinterval(usual_interval)


def test_a_batch_gives_way_while_it_runs_also_when_it_fails(usual_interval: float, qtbot) -> None:
    seen: list[float] = []
    ended = threading.Event()

    def results(_should_stop):
        seen.append(sys.getswitchinterval())
        yield 1
        ended.set()
        raise RuntimeError("the disk is gone")

    jobs = Jobs(1)
    with qtbot.capture_exceptions() as raised:
        start_batches(jobs, results, arrived=print, done=print, failed=print)
        qtbot.waitUntil(lambda: bool(raised), timeout=5000)
    jobs.close()
    assert ended.is_set()
    assert seen == [pytest.approx(0.001)]


def test_no_search_for_garbage_while_many_objects_are_made() -> None:
    assert gc.isenabled()
    with giving_way.making_many_objects():
        assert not gc.isenabled()
        with giving_way.making_many_objects():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_made_is_not_looked_at_afterwards_until_it_is_let_go_of() -> None:
    with giving_way.making_many_objects():
        made = [[number] for number in range(10_000)]
    assert gc.get_freeze_count() > len(made)
    giving_way.let_go()
    assert gc.get_freeze_count() == 0


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with giving_way.making_many_objects():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_kept_is_looked_at_again_after_letting_go() -> None:
    before = gc.get_freeze_count()
    giving_way.keep_what_is_here()
    assert gc.get_freeze_count() > before + 10_000
    giving_way.let_go()
    assert gc.get_freeze_count() == 0


def test_letting_go_takes_what_was_dropped_while_it_was_kept() -> None:
    class Ring:
        pass

    ring = Ring()
    ring.itself = ring
    gone = weakref.ref(ring)
    giving_way.keep_what_is_here()
    del ring
    gc.collect()
    assert gone() is not None, "premise: the collector does not look at it"
    giving_way.let_go()
    assert gone() is None


def test_one_processor_is_left_to_the_reviewer(monkeypatch: pytest.MonkeyPatch) -> None:
    for processors, workers in ((None, 1), (1, 1), (2, 1), (6, 5), (64, 8)):
        monkeypatch.setattr("os.cpu_count", lambda n=processors: n)
        assert giving_way.spare_workers() == workers


class Background:
    """One sample worked on in the background: it counts pixels once it is told to."""

    def __init__(self) -> None:
        self.begun, self.may_count, self.done = (threading.Event() for _ in range(3))
        self.thread = threading.Thread(target=giving_way.in_the_background(self.work), args=(1,))

    def work(self, _sample: int) -> None:
        self.begun.set()
        assert self.may_count.wait(10)
        count_tuples([np.zeros((2, 2), np.uint8)])
        self.done.set()


@pytest.fixture
def background(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(giving_way, "_LONGEST_REST_S", 30.0)
    work = Background()
    yield work
    work.may_count.set()
    work.thread.join(10)
    backend.before_work(None)


def test_work_on_all_samples_begins_when_the_reviewer_has_what_they_asked_for(
    background: Background,
) -> None:
    with giving_way.serving():
        background.thread.start()
        assert not background.begun.wait(0.1)
    assert background.begun.wait(10)


def test_work_that_has_begun_rests_before_it_looks_at_more_pixels(background: Background) -> None:
    background.thread.start()
    assert background.begun.wait(10)
    with giving_way.serving():
        background.may_count.set()
        assert not background.done.wait(0.1)
        count_tuples([np.zeros((2, 2), np.uint8)])  # what the reviewer waits for does not rest
    assert background.done.wait(10)


def test_who_never_stops_gets_results_all_the_same(
    background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_way, "_LONGEST_REST_S", 0.02)
    with giving_way.serving():
        background.may_count.set()
        background.thread.start()
        assert background.done.wait(10)


def test_after_a_key_work_on_all_samples_rests_for_a_moment(
    background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(giving_way, "_now", lambda: now[0])
    giving_way.reviewer_acts()
    background.thread.start()
    assert not background.begun.wait(0.1)
    now[0] += 0.2
    assert background.begun.wait(10)
