"""One queue of suspicious labels from lint, forests and buckets."""

import json

import numpy as np
import pytest

from building import make_dataset, write_png
from label_errors import OBJECT_MISTAKES
from napari_mask_audit.baseline import Training, train_baseline
from napari_mask_audit.errors import DatasetError
from napari_mask_audit.suspects import Reason, Suspect, Witness, count_reasons, find_suspects
from nuclei_scenes import nuclei

pytest.importorskip("sklearn")
SMALL = Training(trees=8)


def build(folder, number=12, wrong=(), model=False, toml='task = "instance"\n'):
    """Nuclei with labels, in some of which half of the objects are missing."""
    masks, predictions = {}, {}
    for n in range(number):
        image, mask = nuclei(n, 80, "fluorescent")
        name = f"s{n:02d}"
        write_png(folder / "images" / f"{name}.png", image)
        predictions[name] = mask.astype(np.uint8)
        masks[name] = predictions[name] * (predictions[name] % 2) if name in wrong else mask
        masks[name] = masks[name].astype(np.uint8)
    sources = {"gt": masks, **({"model": predictions} if model else {})}
    return make_dataset(folder, sources, toml)


def test_the_strongest_reason_counts_most():
    weak = [Reason(Witness.LINT, "MA301", 0.6, "") for _ in range(4)]
    strong = Suspect("a", (Reason(Witness.FOREST, "extra", 2.0, ""),))
    assert strong.suspicion > Suspect("b", tuple(weak)).suspicion
    assert Suspect("c").suspicion == 0


def test_wrong_labels_come_first_and_nothing_is_written(tmp_path):
    build(tmp_path, wrong=("s03", "s08"))
    before = sorted(tmp_path.rglob("*"))
    result = find_suspects(tmp_path, training=SMALL)
    assert sorted(tmp_path.rglob("*")) == before
    assert {label.sample for label in result.labels[:2]} == {"s03", "s08"}
    assert len(result.labels) == 12
    assert result.witnesses == (Witness.LINT, Witness.FOREST)
    reason = result.labels[0].reasons[0]
    assert reason.witness is Witness.FOREST
    assert "is seen but not labelled" in {r.message[-24:] for r in result.labels[0].reasons}
    json.dumps(result.to_dict(), allow_nan=False)


def test_what_a_baseline_wrote_is_used_and_a_corrected_label_is_not_accused(tmp_path):
    build(tmp_path, wrong=("s03",))
    train_baseline(tmp_path, trees=8)
    first = find_suspects(tmp_path, learn=False)
    assert first.labels[0].sample == "s03"
    assert first.notes == ()
    write_png(tmp_path / "masks" / "gt" / "s03.png", nuclei(3, 80, "fluorescent")[1].astype("u1"))
    after = find_suspects(tmp_path, learn=False)
    assert after.notes == ("1 labels changed since the baseline was trained",)
    corrected = next(label for label in after.labels if label.sample == "s03")
    assert Witness.FOREST not in {reason.witness for reason in corrected.reasons}


def test_without_images_lint_is_heard_alone(tmp_path):
    build(tmp_path)
    for path in (tmp_path / "images").iterdir():
        path.unlink()
    mask = np.zeros((80, 80), np.uint8)
    write_png(tmp_path / "masks" / "gt" / "s05.png", mask)
    result = find_suspects(tmp_path)
    assert result.witnesses == (Witness.LINT,)
    assert result.notes == ("no forest was trained: no sample has both an image and a label.",)
    assert result.labels[0].sample == "s05"
    assert result.labels[0].reasons[0].kind == "MA204"


def test_a_model_that_contradicts_one_label_points_at_it(tmp_path):
    build(tmp_path, wrong=("s04",), model=True)
    result = find_suspects(tmp_path, learn=False)
    assert Witness.BUCKETS in result.witnesses
    first = result.labels[0]
    assert first.sample == "s04"
    assert first.reasons[0].witness is Witness.BUCKETS
    assert first.reasons[0].message.startswith("model agrees with this label less than with others")
    assert first.reasons[0].bbox is not None
    assert count_reasons(result)["buckets"] >= 1


def test_both_of_two_equal_masks_are_suspicious(tmp_path):
    build(tmp_path)
    same = nuclei(2, 80, "fluorescent")[1].astype(np.uint8)
    write_png(tmp_path / "masks" / "gt" / "s09.png", same)
    kinds = {
        label.sample: {reason.kind for reason in label.reasons}
        for label in find_suspects(tmp_path, learn=False).labels
    }
    assert "MA701" in kinds["s02"] & kinds["s09"]


def test_a_habit_of_most_labels_is_no_accident(tmp_path):
    build(tmp_path, 6, toml='background = 0\n[classes]\n1 = "one"\n')
    result = find_suspects(tmp_path, learn=False)  # all ids but 1 are undeclared, everywhere
    assert not any(r.kind == "MA201" for label in result.labels for r in label.reasons)


def test_predictions_alone_cannot_be_judged(tmp_path):
    build(tmp_path, 3, toml='[sources]\ngt = "prediction"\n')
    with pytest.raises(DatasetError, match="only predictions"):
        find_suspects(tmp_path)


def test_progress_and_stop(tmp_path):
    build(tmp_path, 4)
    seen = []
    find_suspects(tmp_path, training=SMALL, progress=lambda *step: seen.append(step[:2]))
    assert seen[-1] == (8, 8)
    assert not find_suspects(tmp_path, should_stop=lambda: True).complete


def test_a_label_that_misses_objects_can_be_planted():
    mask = nuclei(0, 80)[1]
    assert len(np.unique(OBJECT_MISTAKES["dropped"](mask, np.random.default_rng(0)))) < len(
        np.unique(mask)
    )
