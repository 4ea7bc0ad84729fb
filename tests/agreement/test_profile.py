"""Annotators with known habits: the profile must say what was planted."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest

from agreement_scenes import BINARY, drawn, ellipses, write_annotators
from building import make_dataset
from napari_mask_audit.agreement import agree
from napari_mask_audit.agreement.drift import drift, theil_sen, working_order
from napari_mask_audit.agreement.profile import recall_drop
from napari_mask_audit.settings import Settings

QUICK = Settings(resamples=200)


def offsets(agreement: object) -> dict[str, float]:
    return {p.name: p.boundary_offset for p in agreement.annotators}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "habits",
    [
        {"ann": 2.0, "ben": -2.0, "cem": "noisy"},
        {"ann": 0.0, "ben": 2.0, "cem": -2.0, "dee": "noisy"},
        {"ann": 0.0, "ben": 0.0, "cem": 0.0, "dee": 2.0},
        {"ann": -2.0, "ben": "noisy", "cem": 0.0, "dee": 0.0, "eva": 2.0},
    ],
    ids=["three", "four", "one_off", "five"],
)
def test_planted_offsets_are_recovered(tmp_path: Path, habits: dict[str, float | str]) -> None:
    write_annotators(tmp_path, habits, samples=5)
    found = offsets(agree(tmp_path, settings=QUICK))
    planted = {name: 0.0 if habit == "noisy" else habit for name, habit in habits.items()}
    assert found == pytest.approx(planted, abs=0.3)


def test_iou_cannot_tell_what_the_offset_tells(tmp_path: Path) -> None:
    """+2 and −2 px cost about the same IoU; their offsets have opposite signs."""
    write_annotators(tmp_path, {"true": 0.0, "out": 2.0, "in": -2.0}, samples=10)
    found = agree(tmp_path, settings=QUICK)
    costs = found.pair("true", "out", 1).iou, found.pair("true", "in", 1).iou
    assert abs(costs[0] - costs[1]) < 0.05
    by_name = offsets(found)
    assert by_name["out"] > 1.7
    assert by_name["in"] < -1.7


def test_the_noisy_annotator_has_no_bias_but_a_spread(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 0.0, "cem": 0.0, "dee": "noisy"}, samples=10)
    found = {p.name: p for p in agree(tmp_path, settings=QUICK).annotators}
    assert abs(found["dee"].boundary_offset) < 0.3
    assert found["dee"].boundary_offset_sd > 1
    assert found["ann"].boundary_offset_sd < 0.5


def test_a_sentence_says_who_draws_outside(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 2.0, "cem": 0.0}, samples=10)
    said = {p.name: p.sentence for p in agree(tmp_path, settings=QUICK).annotators}
    assert said["ben"].startswith("ben draws ")
    assert "px outside on cell" in said["ben"]
    assert "without a bias that matters" in said["ann"]


def test_with_two_annotators_the_reference_is_zero(tmp_path: Path) -> None:
    habits: dict[str, float | str] = {"gt": 0.0, "ann": -1.0, "ben": 2.0}
    write_annotators(tmp_path, habits, samples=10)
    found = agree(tmp_path, settings=QUICK)
    assert offsets(found) == pytest.approx({"ann": -1.0, "ben": 2.0}, abs=0.3)
    assert {p.against for p in found.annotators} == {"the reference gt"}


def test_a_missed_object_is_not_an_offset(tmp_path: Path) -> None:
    """One annotator leaves out a whole object in half of the samples, and draws exactly."""
    rng = np.random.default_rng(3)
    masks: dict[str, dict[str, object]] = {"ann": {}, "ben": {}, "cem": {}}
    for number in range(10):
        truth = ellipses(rng)
        for name in masks:
            masks[name][f"s{number}"] = drawn(truth, 0)
        if number % 2:
            lacking = drawn(truth, 0)
            lacking[:80, :80] = 0
            masks["ben"][f"s{number}"] = lacking
    make_dataset(tmp_path, masks, BINARY)
    ben = next(p for p in agree(tmp_path, settings=QUICK).annotators if p.name == "ben")
    assert abs(ben.boundary_offset) < 0.05
    assert (ben.found_objects, ben.consensus_objects) == (35, 40)
    assert ben.sensitivity < 0.95
    assert ben.precision == 1


def test_anonymous_slots_get_no_profile(tmp_path: Path) -> None:
    toml = "annotators_are_persons = false\n" + BINARY
    write_annotators(tmp_path, {"ann": 0.0, "ben": 2.0, "cem": 0.0}, samples=3, toml=toml)
    found = agree(tmp_path, settings=QUICK)
    assert found.annotators == ()
    assert found.withheld.startswith("annotators_are_persons = false")
    assert found.conflicts == ()
    assert found.pairs


def test_drift_is_found_where_the_habit_changed(tmp_path: Path) -> None:
    """ben draws exactly on the first ten samples and 2 px outside on the last ten."""
    rng = np.random.default_rng(7)
    masks: dict[str, dict[str, object]] = {"ann": {}, "ben": {}, "cem": {}}
    for number in range(20):
        truth = ellipses(rng)
        for name in masks:
            late = name == "ben" and number >= 10
            masks[name][f"s{number:02d}"] = drawn(truth, 2.0 if late else 0.0)
    make_dataset(tmp_path, masks, BINARY)
    found = {p.name: p.drift for p in agree(tmp_path, settings=QUICK).annotators}
    assert found["ben"].alarm
    assert found["ben"].change_after == "s09"
    assert found["ben"].after - found["ben"].before == pytest.approx(2, abs=0.3)
    assert not found["ann"].alarm
    assert not found["cem"].alarm


def test_drift_follows_file_times_when_they_are_those_of_work(tmp_path: Path) -> None:
    """The same masks in the reverse order of their names: late samples were drawn first."""
    write_annotators(tmp_path, {"ann": 0.0, "ben": 0.0, "cem": 0.0}, samples=12)
    for file in (tmp_path / "masks").rglob("*.png"):
        age = 3600 * int(file.stem[1:])
        os.utime(file, (1e9 - age, 1e9 - age))
    found = agree(tmp_path, settings=QUICK).annotators
    assert {p.drift.order for p in found} == {"file time"}


def test_chance_seldom_raises_the_alarm() -> None:
    alarms = 0
    for seed in range(100):
        values = np.random.default_rng(seed).normal(0, 1, 25)
        alarms += drift([str(i) for i in range(25)], values, "name").alarm
    assert alarms <= 3


def test_few_samples_say_nothing_about_drift() -> None:
    found = drift(list("abc"), [0, 5, 10], "name")
    assert not found.alarm
    assert math.isnan(found.p_value)


def test_copied_files_have_no_order_of_their_own() -> None:
    names = ["c", "a", "b"]
    assert working_order(names, [1.0, 1.5, 2.0]) == ([1, 2, 0], "name")
    assert working_order(names, [60.0, 20.0, 0.0]) == ([2, 1, 0], "file time")


def test_theil_sen_ignores_one_wild_sample() -> None:
    values = np.arange(20) * 0.5
    values[7] = 1000
    assert theil_sen(values) == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(5))
def test_recall_drop_needs_a_reason(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(5, 500, 80)
    assert math.isnan(recall_drop(sizes, rng.random(80) < 0.8))
    drop = recall_drop(sizes, sizes > 100)
    assert 100 < drop <= sizes[sizes > 100].min()
