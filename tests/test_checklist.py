"""Every item turns green from evidence, and only from it."""

import numpy as np
import pytest

from building import make_dataset, square, write_png
from napari_mask_audit import Dataset, audit
from napari_mask_audit.checklist import (
    checklist,
    checklist_of,
    review_events,
    tagged_samples,
    unlisted_baseline,
)
from napari_mask_audit.checks import lint
from napari_mask_audit.review.location import OWN_STORE_KEY, default_store_location
from napari_mask_audit.review.queue import shuffle_key
from napari_mask_audit.review.store import ReviewStore
from napari_mask_audit.review.verdicts import ReviewStatus, Verdict

NAMES = [f"s{n:02}" for n in range(12)]
CLASSES = 'background = 0\n[classes]\n0 = "ground"\n1 = "cell"\n'


def blob(shift, side=14):
    mask = np.zeros((60, 60), np.uint8)
    mask[10 + shift : 10 + shift + side, 12 : 12 + side] = 1
    return mask


def build(folder, toml=CLASSES, **predictions):
    """Twelve samples; a prediction is given by the side of its squares."""
    masks = {"gt": {name: blob(n) for n, name in enumerate(NAMES)}}
    for source, side in predictions.items():
        masks[source] = {name: blob(n, side) for n, name in enumerate(NAMES)}
    return Dataset.open(make_dataset(folder, masks, toml))


def state(dataset, reviews=(), **more):
    return checklist(dataset, audit(dataset), lint(dataset), reviews, **more)


@pytest.fixture
def review(tmp_path):
    """Open the store of a dataset at its usual place."""

    def opened(dataset):
        where, _ = default_store_location(dataset.folder)
        return ReviewStore.open(where, dataset_key=OWN_STORE_KEY)

    return opened


def accept(store, names, picked_by="random:0", **more):
    for name in names:
        status = ReviewStatus.ACCEPT
        store.record(
            Verdict(sample=name, reviewer="ann", status=status, picked_by=picked_by, **more)
        )


def test_nothing_is_done_without_evidence(tmp_path):
    empty = checklist(build(tmp_path, toml="background = 0\n"))
    assert [item.done for item in empty.items] == [False] * 5
    assert empty.next_step.startswith("Name the classes in dataset.toml")


def test_declared_classes_need_masks_that_use_only_them(tmp_path):
    dataset = build(tmp_path)
    assert not checklist(dataset).item("classes").done
    assert state(dataset).item("classes").done
    odd = blob(0)
    odd[0, 0:9] = 7
    write_png(tmp_path / "masks" / "gt" / "s00.png", odd)
    item = state(dataset).item("classes")
    assert (item.done, item.evidence) == (False, "2 classes declared, 1 mask with undeclared ids")


def test_quality_needs_lint_and_a_random_draw(tmp_path, review):
    dataset = build(tmp_path)
    assert state(dataset).item("quality").next_step == (
        "Review 9 more samples in random order, to prove a defect rate below 10%: "
        "mask-audit review DATASET."
    )
    order = sorted(NAMES, key=lambda name: shuffle_key(name, 0))
    with review(dataset) as store:
        accept(store, order[:8])
        item = state(dataset, store.changes_since(0)).item("quality")
        assert (item.done, item.next_step[:15]) == (False, "Review 1 more s")
        accept(store, order[8:9])
        item = state(dataset, store.changes_since(0)).item("quality")
    assert item.done
    assert "no open lint findings; 9 of 12 checked, none bad" in item.evidence


def test_worst_first_reviews_do_not_make_quality_green(tmp_path, review):
    dataset = build(tmp_path)
    with review(dataset) as store:
        accept(store, NAMES, picked_by="worst_first")
        assert not state(dataset, store.changes_since(0)).item("quality").done


def test_open_lint_findings_of_labels_count_and_those_of_a_model_do_not(tmp_path):
    dataset = build(tmp_path, model=13)
    flawed = blob(3)
    flawed[50, 50] = 1
    write_png(tmp_path / "masks" / "model" / "s03.png", flawed)
    assert "no open lint findings" in state(dataset).item("quality").evidence
    write_png(tmp_path / "masks" / "gt" / "s03.png", flawed)
    item = state(dataset).item("quality")
    assert item.next_step == ("Correct or accept 1 open lint finding: mask-audit lint DATASET.")


def test_a_baseline_is_an_audited_prediction(tmp_path):
    dataset = build(tmp_path / "none")
    assert "mask-audit baseline" in state(dataset).item("baseline").next_step
    dataset = build(tmp_path / "some", model=13)
    assert checklist(dataset).item("baseline").evidence == (
        "a prediction is there, but was not audited"
    )
    item = state(dataset).item("baseline")
    assert item.done
    # 13² of 14² pixels
    assert item.evidence == "model against gt: mean IoU 0.862 on 12 samples"


def test_buckets_need_tags_on_the_worst_samples(tmp_path, review):
    dataset = build(tmp_path, model=13)
    for name in ("s04", "s05", "s06"):
        write_png(tmp_path / "masks" / "model" / f"{name}.png", blob(int(name[1:]), 6))
    item = state(dataset).item("buckets")
    assert item.evidence == "0 of the 3 worst samples of model tagged"
    assert item.next_step == (
        "Tag what went wrong in s04 and 2 more, worst first: mask-audit review DATASET."
    )
    with review(dataset) as store:
        accept(store, ["s04", "s05"], tags=("boundary",))
        store.record(Verdict(sample="s06", finding="F1", reviewer="ann", tags=("boundary",)))
        assert state(dataset, store.changes_since(0)).item("buckets").done
        accept(store, ["s05"])  # the tag is taken away again
        events = store.changes_since(0)
    assert tagged_samples(events) == {"s04", "s06"}
    assert not state(dataset, events).item("buckets").done


def test_optimisation_needs_a_later_prediction_that_is_better(tmp_path):
    worse = build(tmp_path / "worse", model_v1=13, model_v2=12)
    assert not state(worse).item("optimisation").done
    better = build(tmp_path / "better", model_v2=12, model_v10=13)
    item = state(better).item("optimisation")
    assert item.done
    assert item.evidence == "model_v10 0.862 after model_v2 0.735 mean IoU against gt"
    advised = state(worse, advice="Draw boundaries at the outer edge.").item("optimisation")
    assert advised.next_step == "Draw boundaries at the outer edge."


def test_a_project_on_disk_is_read_whole(tmp_path, review):
    dataset = build(tmp_path, model=13)
    assert review_events(dataset) == []
    with review(dataset) as store:
        accept(store, NAMES)
    seen = []
    found = checklist_of(tmp_path, progress=lambda *step: seen.append(step[:2]))
    assert [item.done for item in found.items] == [True, True, True, False, False]
    assert found.to_dict()["next_step"] == found.item("buckets").next_step
    assert found.to_dict()["certificate"]["sentence"] == "all 12 checked, none bad: 0%, for certain"
    assert seen.count((12, 12)) == 2


def test_without_a_dataset_toml_one_is_proposed_first(tmp_path):
    folder = make_dataset(tmp_path, {"gt": {"a": square()}})
    step = checklist(Dataset.open(folder)).next_step
    assert step.endswith("mask-audit init DATASET.")
    (folder / "dataset.toml").write_text("background = 0\n")
    assert "[classes]" in checklist(Dataset.open(folder)).next_step


def test_a_baseline_that_dataset_toml_does_not_list_is_named_with_its_line(tmp_path):
    listed = '[sources]\ngt = { role = "reference", masks = "masks/gt/{sample}.png" }\n'
    masks = {"gt": {"a": square()}, "model-baseline": {"a": square()}}
    folder = make_dataset(tmp_path, masks, listed)
    item = checklist(Dataset.open(folder)).item("baseline")
    line = 'model-baseline = { role = "prediction", masks = "masks/model-baseline/{sample}.png" }'
    assert item.next_step == f"Add this line to dataset.toml under [sources]: {line}"
    (folder / "dataset.toml").write_text(listed + line + "\n")
    assert {s.name for s in Dataset.open(folder).sources} == {"gt", "model-baseline"}
    assert unlisted_baseline(Dataset.open(folder)) is None


def test_a_model_without_errors_has_nothing_to_tag(tmp_path):
    folder = make_dataset(tmp_path, {s: {"a": square()} for s in ("gt", "model")}, CLASSES)
    item = state(Dataset.open(folder)).item("buckets")
    assert (item.done, item.evidence) == (True, "model makes no error that could be tagged")
