"""Threads: results come back to the main thread, in order of need, or not at all."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui_squares import make_squares
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.errors import AuditError, MaskError
from napari_mask_audit.gui.sample_view import SampleView
from napari_mask_audit.gui.worker import Job, Jobs, ViewLoader, start_audit


@pytest.fixture
def jobs(qtbot: QtBot) -> Jobs:
    jobs = Jobs(workers=2)
    yield jobs
    jobs.close()


def refuse(error: object) -> None:
    raise AssertionError(error)


def test_the_result_arrives_in_the_main_thread(qtbot: QtBot, jobs: Jobs) -> None:
    seen: list[object] = []
    jobs.run(
        lambda _job: threading.current_thread().name,
        lambda name: seen.extend([name, threading.current_thread()]),
        refuse,
    )
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert str(seen[0]).startswith("mask-audit")
    assert seen[1] is threading.main_thread()


def test_an_audit_error_goes_to_its_handler(qtbot: QtBot, jobs: Jobs) -> None:
    def work(_job: Job) -> None:
        raise MaskError("unreadable", "broken")

    errors: list[AuditError] = []
    jobs.run(work, refuse, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert errors[0].code == "unreadable"


def test_a_bug_is_raised_in_the_main_thread(qtbot: QtBot, jobs: Jobs) -> None:
    with qtbot.capture_exceptions() as raised:
        jobs.run(lambda _job: 1 // 0, refuse, refuse)
        qtbot.waitUntil(lambda: bool(raised))
    assert raised[0][0] is ZeroDivisionError


def test_a_cancelled_job_delivers_nothing(qtbot: QtBot, jobs: Jobs) -> None:
    may_end = threading.Event()
    seen: list[str] = []

    def work(job: Job) -> str:
        may_end.wait(10)
        return "late"

    job = jobs.run(work, seen.append, refuse)
    job.cancel()
    may_end.set()
    jobs.run(lambda _job: "next", seen.append, refuse)
    qtbot.waitUntil(lambda: "next" in seen)
    qtbot.wait(20)
    assert seen == ["next"]


def test_closing_waits_for_what_runs_and_drops_the_rest(qtbot: QtBot) -> None:
    jobs = Jobs(workers=1)
    done: list[int] = []
    seen: list[object] = []
    started = threading.Event()

    def work(job: Job) -> None:
        started.set()
        while not job.stopped:
            threading.Event().wait(0.005)
        done.append(1)

    jobs.run(work, seen.append, refuse)
    jobs.run(lambda _job: done.append(2), seen.append, refuse)
    started.wait(10)
    jobs.close()
    qtbot.wait(20)
    assert (done, seen) == ([1], [])


def test_an_audit_hands_over_every_sample_once(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    dataset = Dataset.open(make_squares(tmp_path))
    names: list[str] = []
    ended: list[bool] = []
    start_audit(
        jobs,
        dataset,
        arrived=lambda batch: names.extend(m.sample for m in batch),
        done=ended.append,
        failed=refuse,
    )
    qtbot.waitUntil(lambda: bool(ended), timeout=30000)
    assert sorted(names) == ["s0", "s1", "s2", "s3"]


class Gate:
    """Loads views only when let; remembers in which order they were asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.open = threading.Event()
        self.shown: list[object] = []
        self.errors: list[AuditError] = []
        self.loader = ViewLoader(self.load, lambda key, _v: self.shown.append(key), self.fail)

    def load(self, key: object) -> SampleView:
        self.asked.append(key)
        if key == "broken":
            raise MaskError("unreadable", "broken")
        self.open.wait(10)
        return SampleView(str(key), None)

    def fail(self, error: AuditError) -> None:
        self.errors.append(error)


@pytest.fixture
def gate(qtbot: QtBot) -> Gate:
    gate = Gate()
    yield gate
    gate.open.set()
    gate.loader.close()


def test_only_the_wanted_sample_is_shown_and_neighbours_are_there_at_once(
    qtbot: QtBot, gate: Gate
) -> None:
    gate.open.set()
    gate.loader.want("b", then=["c", "a"])
    qtbot.waitUntil(lambda: len(gate.asked) == 3)
    qtbot.waitUntil(lambda: gate.shown == ["b"])
    qtbot.wait(50)
    gate.loader.want("c")
    assert gate.shown == ["b", "c"], "a neighbour is shown without waiting"
    assert gate.asked.count("c") == 1


def test_hurrying_on_shows_the_last_sample_only(qtbot: QtBot, gate: Gate) -> None:
    for key in "abcdefgh":
        gate.loader.want(key)
    gate.open.set()
    qtbot.waitUntil(lambda: gate.shown == ["h"])
    qtbot.wait(20)
    assert gate.shown == ["h"]
    assert len(gate.asked) < 8, "samples that were passed by are not read"


def test_a_sample_that_cannot_be_loaded_is_said_when_it_is_wanted(qtbot: QtBot, gate: Gate) -> None:
    gate.open.set()
    gate.loader.want("a", then=["broken"])
    qtbot.waitUntil(lambda: "broken" in gate.asked and gate.shown == ["a"])
    qtbot.wait(20)
    assert gate.errors == []
    gate.loader.want("broken")
    qtbot.waitUntil(lambda: len(gate.errors) == 1)


def test_what_is_there_is_drawn_before_neighbours_are_read(qtbot: QtBot, gate: Gate) -> None:
    gate.open.set()
    gate.loader.want("b", then=["c"])
    qtbot.waitUntil(lambda: gate.loader.is_done)
    gate.loader.want("c", then=["d"])
    assert gate.shown == ["b", "c"]
    assert not gate.loader.is_done, "the neighbour is still to be read"
    assert "d" not in gate.asked
    qtbot.waitUntil(lambda: gate.loader.is_done)
    assert "d" in gate.asked


def test_who_steps_in_a_hurry_has_neighbours_read_at_once(qtbot: QtBot, gate: Gate) -> None:
    gate.open.set()
    gate.loader.want("b", then=["c", "d"])
    qtbot.waitUntil(lambda: gate.loader.is_done)
    gate.open.clear()
    gate.loader.want("c", then=["d"])
    gate.loader.want("d", then=["e"])
    # No event of Qt has been handled since: the thread alone gets here.
    for _ in range(500):
        if "e" in gate.asked:
            break
        threading.Event().wait(0.01)
    assert "e" in gate.asked


def test_a_neighbour_that_was_to_be_read_is_forgotten_with_the_rest(
    qtbot: QtBot, gate: Gate
) -> None:
    gate.open.set()
    gate.loader.want("b", then=["c"])
    qtbot.waitUntil(lambda: gate.loader.is_done)
    gate.loader.want("c", then=["d"])
    gate.loader.forget()
    assert gate.loader.is_done
    qtbot.wait(150)
    assert "d" not in gate.asked


def test_what_a_job_found_is_gone_with_the_last_who_wants_it(qtbot: QtBot, jobs: Jobs) -> None:
    class Picture:
        pass

    seen: list[weakref.ref[Picture]] = []
    gc.disable()
    try:
        kept = jobs.run(lambda _job: Picture(), lambda made: seen.append(weakref.ref(made)), refuse)
        qtbot.waitUntil(lambda: bool(seen))
        qtbot.waitUntil(lambda: seen[0]() is None)
        assert not kept.running
    finally:
        gc.enable()
