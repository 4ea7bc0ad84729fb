"""Hidden names: which source is which is drawn, recorded with every verdict, and can be told."""

from __future__ import annotations

from collections import Counter

import pytest

from napari_mask_audit.review.blinding import Blinding, blind_mark, concealed, letter, reworded
from napari_mask_audit.review.queue import QueueItem
from napari_mask_audit.review.session import ReviewSession
from napari_mask_audit.review.store import ReviewStore

NAMES = [f"s{n:03d}" for n in range(400)]
PAIR = ("gt", "model")


def start(store: ReviewStore, **options: object) -> ReviewSession:
    return ReviewSession([QueueItem(n, i) for i, n in enumerate(NAMES)], store, "ann", **options)


def test_each_source_is_a_about_as_often_and_always_the_same_by_seed() -> None:
    first = Counter(Blinding(3).drawn(name, PAIR)[0] for name in NAMES)
    assert 160 <= first["gt"] <= 240  # four standard deviations of 400 coin tosses
    assert [Blinding(3).drawn(n, PAIR) for n in NAMES] == [
        Blinding(3).drawn(n, PAIR[::-1]) for n in NAMES
    ]
    assert [Blinding(3).drawn(n, PAIR) for n in NAMES] != [
        Blinding(4).drawn(n, PAIR) for n in NAMES
    ]


def test_letters_and_mark_say_who_was_what() -> None:
    sources = [f"annotator{n}" for n in range(30)]
    called = Blinding(1).letters("s", sources)
    assert sorted(called) == sorted(sources)
    assert sorted(called.values()) == sorted(letter(n) for n in range(30))
    mark = Blinding(1).mark("s", PAIR)["blind"]
    assert (mark["seed"], {mark["A"], mark["B"]}) == (1, set(PAIR))
    assert {"A": mark["A"], "B": mark["B"]} == dict(
        zip("AB", Blinding(1).drawn("s", PAIR), strict=True)
    )


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("no mask from model: names must match", "no mask from •••: names must match"),
        ("/data/model/a.png and model2/b", "/data/•••/a.png and model2/b"),
        ("remodelled", "remodelled"),
        ("a.b(c) is odd", "••• is odd"),
    ],
)
def test_names_of_sources_are_taken_out_of_any_text(text: str, clean: str) -> None:
    assert concealed(text, ["model", "gt", "a.b(c)"]) == clean


def test_roles_are_said_as_letters() -> None:
    assert reworded("reference only, the candidate's side") == "A only, B's side"
    assert reworded("preferences") == "preferences"


def test_hiding_shuffles_the_queue_and_showing_gives_the_order_back(file_store) -> None:
    session = start(file_store)
    heard = []
    session.blinding_changed.connect(lambda: heard.append(session.blinding))
    session.hide_names(Blinding(8))
    assert str(session.order) == "random:8"
    assert session.samples != NAMES
    assert sorted(session.samples) == NAMES
    session.show_names()
    assert heard == [Blinding(8), None]
    assert (str(session.order), session.samples) == ("worst_first", NAMES)
    session.hide_names()
    assert session.blinding.seed != 8, "a draw that nobody knows"


def test_every_verdict_given_blind_says_so_and_the_others_do_not(file_store) -> None:
    session = start(file_store)
    session.set_status("accept", sample="s001")
    session.hide_names(Blinding(8))
    session.set_status("accept", sample="s002")
    session.circumstances = lambda sample: session.blinding.mark(sample, PAIR)
    session.toggle_tag("boundary", sample="s003", finding="f")
    session.set_status("accept", sample="s003")
    session.undo()
    session.redo()
    session.circumstances = lambda sample: {"settings": {"convention": "voxel"}}
    session.show_names()
    session.set_status("accept", sample="s004")
    marks = {key: blind_mark(v.details) for key, v in file_store.all_latest().items()}
    drawn = dict(zip("AB", Blinding(8).drawn("s003", PAIR), strict=True))
    assert marks == {
        ("s001", None): None,
        ("s002", None): {"seed": 8},
        ("s003", "f"): {"seed": 8, **drawn},
        ("s003", None): {"seed": 8, **drawn},
        ("s004", None): None,
    }
    assert file_store.latest("s004").details == {"settings": {"convention": "voxel"}}


def test_names_stay_hidden_when_the_review_is_opened_again(file_store) -> None:
    session = start(file_store)
    session.hide_names(Blinding(8))
    session.go_to("s100")
    again = start(file_store)
    assert (again.blinding, again.current, str(again.order)) == (Blinding(8), "s100", "random:8")
    again.show_names()
    assert start(file_store).blinding is None
