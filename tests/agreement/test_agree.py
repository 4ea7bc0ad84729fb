"""The whole agreement of a dataset: pairs, duplicates, ceiling, triage, conflicts, JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from agreement_scenes import BINARY, drawn, ellipses, write_annotators
from building import make_dataset
from napari_mask_audit.agreement import Blame, agree
from napari_mask_audit.agreement.regions import judge
from napari_mask_audit.masks import Mask
from napari_mask_audit.metrics.boundary import boundary_scores
from napari_mask_audit.overlap import count_overlap
from napari_mask_audit.samples import sample_masks_path
from napari_mask_audit.settings import Settings
from napari_mask_audit.two_masks import compare

QUICK = Settings(resamples=200)
NAN_FREE = {"allow_nan": False}


def first_mask(dataset: Path, source: str, sample: str) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.open(dataset / "masks" / source / f"{sample}.png"))


def test_a_pair_says_what_comparing_the_two_masks_says(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": "noisy"}, samples=1)
    a, b = (first_mask(tmp_path, name, "s00") for name in ("ann", "ben"))
    settings = Settings(tolerances=(2.0,), resamples=200)
    found = agree(tmp_path, settings=settings).pair("ann", "ben", 1)
    scores = next(row for row in compare(a, b, settings=settings).classes if row.id == 1)
    edges = boundary_scores(Mask.from_array(a), Mask.from_array(b), [1], tolerances=[2.0], width=5)
    assert found.iou == scores.iou
    assert found.dice == pytest.approx(2 * scores.iou / (1 + scores.iou))
    assert found.boundary_iou == scores.band.boundary_iou
    assert found.nsd == pytest.approx(edges[1].nsd[0][1], abs=1e-12)
    assert found.boundary_offset == pytest.approx(edges[1].boundary_offset, abs=1e-12)
    accuracy, shares = (a == b).mean(), (a.mean(), b.mean())
    chance = shares[0] * shares[1] + (1 - shares[0]) * (1 - shares[1])
    assert found.kappa == pytest.approx((accuracy - chance) / (1 - chance), abs=1e-12)


def test_pairs_are_means_over_samples_and_name_the_worst(tmp_path: Path) -> None:
    """IoU 1 and 1/3: a 10 × 10 square against itself, and against one moved by 5."""
    square, moved = np.zeros((20, 20), np.uint8), np.zeros((20, 20), np.uint8)
    square[5:15, 2:12] = 1
    moved[5:15, 7:17] = 1
    masks = {"ann": {"a": square, "b": square}, "ben": {"a": square, "b": moved}}
    make_dataset(tmp_path, masks, BINARY)
    found = agree(tmp_path, settings=QUICK).pair("ann", "ben", 1)
    assert found.iou == pytest.approx((1 + 1 / 3) / 2)
    assert found.pooled_iou == pytest.approx(150 / 250)
    assert found.worst_sample == "b"
    assert found.iou_interval.method == "points"


def test_a_missing_mask_leaves_out_a_sample_of_that_pair_only(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 1.0, "cem": 0.0}, samples=4)
    (tmp_path / "masks" / "ben" / "s01.png").unlink()
    found = agree(tmp_path, settings=QUICK)
    assert found.pair("ann", "cem", 1).samples == 4
    assert found.pair("ann", "ben", 1).samples == 3
    group = next(g for g in found.groups if g.class_id == 1)
    assert group.pixels - group.complete_pixels == 160 * 160


def test_the_result_is_json_without_nan(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"gt": 0.0, "ann": 0.0, "ben": 1.0, "model": 0.5}, samples=2)
    content = json.loads(json.dumps(agree(tmp_path, settings=QUICK).to_dict(), **NAN_FREE))
    for key in ("pairs", "groups", "annotators", "duplicates", "ceiling", "triage", "conflicts"):
        assert key in content
    pair = content["pairs"][0]
    wanted = {"first", "second", "class_id", "iou", "dice", "kappa", "nsd", "boundary_offset"}
    assert wanted | {"samples"} <= set(pair)
    assert {"name", "class_id", "sensitivity", "precision", "boundary_offset"} <= set(
        content["annotators"][0]
    )


def test_identical_sources_and_leaks_are_reported(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"gt": 0.0, "ann": 0.0, "ben": 0.0, "cem": 1.0}, samples=3)
    found = {(d.first, d.second): d for d in agree(tmp_path, settings=QUICK).duplicates}
    assert set(found) == {("gt", "ann"), ("gt", "ben"), ("ann", "ben")}
    assert found["gt", "ann"].kind == "leak"
    assert found["ann", "ben"].kind == "copy"


def test_two_empty_sources_are_no_copies(tmp_path: Path) -> None:
    empty = np.zeros((8, 8), np.uint8)
    full = empty + 1
    masks = {"ann": {"a": empty}, "ben": {"a": empty}, "cem": {"a": full}}
    make_dataset(tmp_path, masks, BINARY)
    assert agree(tmp_path, settings=QUICK).duplicates == ()


def test_a_model_like_the_annotators_cannot_be_told_apart(tmp_path: Path) -> None:
    habits: dict[str, float | str] = {"a": "noisy", "b": "noisy", "c": "noisy", "model": "noisy"}
    write_annotators(tmp_path, habits, samples=14)
    ceiling = agree(tmp_path, settings=QUICK).ceiling[0]
    assert [c.verdict for c in ceiling.contests].count("not told apart") >= 2
    assert dict(ceiling.model_ious)["model"].value == pytest.approx(
        ceiling.human_iou.value, abs=0.02
    )


def test_a_poor_model_is_below_the_ceiling(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"a": 0.0, "b": 0.5, "c": 0.0, "model": 5.0}, samples=12)
    ceiling = agree(tmp_path, settings=QUICK).ceiling[0]
    assert {c.verdict for c in ceiling.contests} == {"annotator better"}
    assert dict(ceiling.model_enters_px)["model"] > 3
    assert any("less than a, b and c" in s for s in ceiling.sentences)


def test_the_tolerance_is_the_one_at_which_annotators_agree(tmp_path: Path) -> None:
    """Outlines 2 px apart, up to 2√2 px along diagonals of the grid: no agreement below 2 px."""
    write_annotators(tmp_path, {"a": -1.0, "b": 1.0}, samples=3)
    ceiling = agree(tmp_path, settings=QUICK).ceiling[0]
    assert 2 <= ceiling.tolerance_px <= 3
    assert list(ceiling.curve.annotators_mean) == sorted(ceiling.curve.annotators_mean)


def test_few_samples_do_not_rank_a_model(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"a": 0.0, "b": 0.5, "c": 0.0, "model": 5.0}, samples=4)
    ceiling = agree(tmp_path, settings=QUICK).ceiling[0]
    assert {c.verdict for c in ceiling.contests} == {"too few samples"}


def judged(**labels: int) -> Blame | None:
    """Blame of one pixel with these labels."""
    arrays = [np.array([[value]], np.uint8) for value in labels.values()]
    table = count_overlap(arrays, list(labels))
    people = [name for name in labels if name not in ("gt", "model")]
    found = int(judge(table, "gt", "model", people)[0])
    return None if found < 0 else tuple(Blame)[found]


def test_blame_follows_what_the_annotators_say() -> None:
    assert judged(gt=1, model=1, a=2, b=2) is None
    assert judged(gt=1, model=2, a=1, b=1) is Blame.MODEL_ERROR
    assert judged(gt=1, model=2, a=2, b=2) is Blame.SUSPECT_REFERENCE
    assert judged(gt=1, model=2, a=1, b=2) is Blame.LABEL_UNSTABLE
    assert judged(gt=1, model=2, a=3, b=3) is Blame.SUSPECT_REFERENCE
    assert judged(gt=1, model=2, a=1, b=1, c=1, d=2) is Blame.MODEL_ERROR
    assert judged(gt=1, model=2, a=1, b=1, c=2, d=2) is Blame.LABEL_UNSTABLE


def test_one_observer_siding_with_the_model_is_no_label_error() -> None:
    assert judged(gt=1, model=2, a=2) is Blame.LABEL_UNSTABLE
    assert judged(gt=1, model=2, a=1) is Blame.MODEL_ERROR


def test_triage_sorts_planted_causes(tmp_path: Path) -> None:
    """An object only the reference lacks, one only the model lacks, one that divides annotators."""
    rng = np.random.default_rng(0)
    truth = drawn(ellipses(rng), 0)
    quarter = {"gt": (0, 0), "model": (0, 80), "half": (80, 0)}

    def without(*names: str) -> np.ndarray:
        mask = truth.copy()
        for name in names:
            y, x = quarter[name]
            mask[y : y + 80, x : x + 80] = 0
        return mask

    masks = {
        "gt": {"s": without("gt")},
        "model": {"s": without("model", "half")},
        "ann": {"s": truth},
        "ben": {"s": without("half")},
        "cem": {"s": truth},
        "dee": {"s": without("half")},
    }
    make_dataset(tmp_path, masks, BINARY)
    triage = agree(tmp_path, settings=QUICK).triage[0]
    assert [r.blame for r in triage.queue("labels")] == [
        Blame.SUSPECT_REFERENCE,
        Blame.LABEL_UNSTABLE,
        Blame.MODEL_ERROR,
    ]
    assert triage.queue("model")[0].blame is Blame.MODEL_ERROR
    assert sum(triage.pixels.values()) == (without("gt") != without("model", "half")).sum()
    suspect = triage.queue()[0].place
    assert truth[suspect.point] == 1
    assert max(suspect.stop) <= 80
    assert sum(r.place.pixels for r in triage.regions) == sum(triage.pixels.values())


def test_a_copy_of_the_reference_is_no_second_opinion(tmp_path: Path) -> None:
    """ann is the reference; only ben and cem can put it in doubt."""
    with_object, without = np.zeros((30, 30), np.uint8), np.zeros((30, 30), np.uint8)
    with_object[5:20, 5:20] = 1
    with_object[25, 25] = without[25, 25] = 1
    masks = {
        "gt": {"s": without},
        "ann": {"s": without},
        "ben": {"s": with_object},
        "cem": {"s": with_object},
        "model": {"s": with_object},
    }
    make_dataset(tmp_path, masks, BINARY)
    triage = agree(tmp_path, settings=QUICK).triage[0]
    assert triage.annotators == ("ben", "cem")
    assert triage.pixels[Blame.SUSPECT_REFERENCE] == 225


def test_the_sample_town_shows_what_was_planted() -> None:
    """The defects that ship with the sample dataset, read from its own list."""
    folder = sample_masks_path()
    found = agree(folder, settings=QUICK)
    planted = json.loads((folder / "defects.json").read_text())["defects"]
    offsets = {(p.name, p.class_name): p.boundary_offset for p in found.annotators}
    assert offsets["alice", "building"] == pytest.approx(-1, abs=0.3)
    assert offsets["bob", "building"] == pytest.approx(2, abs=0.3)
    assert any(p.sentence == "bob never draws pole" for p in found.annotators)
    conflict = found.conflicts[0]
    wanted = [d for d in planted if d["kind"] == "guideline_conflict"]
    assert (conflict.first, conflict.second, conflict.first_id, conflict.second_id) == (
        "alice",
        "bob",
        5,
        3,
    )
    assert conflict.places == len(wanted)
    assert conflict.pixels == sum(d["pixels"] for d in wanted)
    suspects = [r for r in found.triage[0].queue() if r.blame is Blame.SUSPECT_REFERENCE]
    wrong = [d for d in planted if d["kind"] == "wrong_reference"]
    assert {r.place.sample for r in suspects[: len(wrong)]} == {d["sample"] for d in wrong}
    for region, defect in zip(suspects, wrong, strict=False):
        y0, y1, x0, x1 = defect["bbox"]
        assert y0 <= region.place.point[0] < y1
        assert x0 <= region.place.point[1] < x1
    clean = next(row for row in found.triage[0].samples if row.key == "alder_street")
    assert clean.pixels[Blame.MODEL_ERROR] < 100


def test_objects_without_a_background_have_no_pixel_agreement(tmp_path: Path) -> None:
    left = np.array([[1, 1, 2, 2]] * 4, np.uint8)
    toml = 'task = "instance"\n[sources]\nann = "annotator"\nben = "annotator"\n'
    make_dataset(tmp_path, {"ann": {"s": left}, "ben": {"s": 3 - left}}, toml)
    found = agree(tmp_path, settings=QUICK)
    pair = found.pair("ann", "ben")
    assert math.isnan(pair.iou)
    assert pair.instance_f1 == 1
    assert "region numbers" in found.withheld
    assert "region numbers" in found.no_ceiling


def test_void_pixels_do_not_count(tmp_path: Path) -> None:
    toml = "ignore = [255]\n" + BINARY
    first = np.array([[0, 1, 1, 255]], np.uint8).repeat(4, 0)
    second = np.array([[0, 1, 0, 1]], np.uint8).repeat(4, 0)
    make_dataset(tmp_path, {"ann": {"s": first}, "ben": {"s": second}}, toml)
    assert agree(tmp_path, settings=QUICK).pair("ann", "ben", 1).iou == pytest.approx(0.5)


def test_progress_and_stopping(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 1.0}, samples=8)
    seen: list[int] = []
    found = agree(
        tmp_path,
        settings=QUICK,
        progress=lambda done, total, name: seen.append(done),
        should_stop=lambda: len(seen) >= 2,
        workers=1,
    )
    assert 2 <= found.samples < 8
    assert any("samples compared" in note for note in found.notes)


def test_an_unreadable_mask_is_listed_and_the_rest_compared(tmp_path: Path) -> None:
    write_annotators(tmp_path, {"ann": 0.0, "ben": 1.0, "cem": 0.0}, samples=2)
    (tmp_path / "masks" / "ben" / "s00.png").write_bytes(b"no picture")
    found = agree(tmp_path, settings=QUICK)
    assert any(p.code == "unreadable" for p in found.problems)
    assert found.pair("ann", "cem", 1).samples == 2


EMPTY = np.zeros((20, 20), np.uint8)
OBJECT = np.pad(np.ones((5, 5), np.uint8), ((4, 11), (4, 11)))
ODD_DATASETS: dict[str, dict[str, dict[str, np.ndarray]]] = {
    "no annotator": {"gt": {"a": OBJECT}, "model": {"a": EMPTY}},
    "nothing drawn": {"ann": {"a": EMPTY}, "ben": {"a": EMPTY}},
    "everything drawn": {"ann": {"a": EMPTY + 1}, "ben": {"a": OBJECT}, "cem": {"a": EMPTY}},
    "one source": {"ann": {"a": OBJECT}},
    "two shapes": {"ann": {"a": OBJECT}, "ben": {"a": OBJECT[:5, :5]}},
    "no shared sample": {"ann": {"a": OBJECT}, "ben": {"b": OBJECT}},
    "one annotator": {"gt": {"a": OBJECT}, "ann": {"a": EMPTY + 1}, "model": {"a": OBJECT}},
    "class in one sample": {
        "ann": {"a": OBJECT, "b": EMPTY},
        "ben": {"a": OBJECT, "b": EMPTY},
        "cem": {"a": EMPTY, "b": EMPTY},
        "model": {"a": EMPTY, "b": OBJECT * 2},
    },
}


@pytest.mark.parametrize("masks", ODD_DATASETS.values(), ids=ODD_DATASETS)
@pytest.mark.parametrize(
    "toml",
    [None, BINARY, 'task = "instance"\nbackground = 0\n', "annotators_are_persons = false\n"],
    ids=["plain", "binary", "objects", "anonymous"],
)
def test_odd_datasets_give_an_answer_in_json(
    tmp_path: Path, masks: dict[str, dict[str, object]], toml: str | None
) -> None:
    make_dataset(tmp_path, masks, toml)
    found = agree(tmp_path, settings=Settings(resamples=100))
    assert json.loads(json.dumps(found.to_dict(), **NAN_FREE))["schema_version"] == 1
    anonymous = toml is not None and "false" in toml
    assert bool(found.withheld) == (anonymous or not set(masks) & {"ann"} or len(masks) == 1)
