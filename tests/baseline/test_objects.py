"""A baseline for masks of objects: grown from votes, written with ids, and what it accuses."""

import json

import numpy as np
import pytest
from PIL import Image

from building import make_dataset, write_png
from label_errors import OBJECT_MISTAKES
from napari_mask_audit import Dataset, audit
from napari_mask_audit.baseline import (
    BaselineSample,
    Doubt,
    PlaceKind,
    read_record,
    suspicion,
    train_baseline,
)
from napari_mask_audit.baseline.evidence import weigh
from napari_mask_audit.baseline.judging import judge
from napari_mask_audit.baseline.lessons import INSIDE, NOTHING, RIM, Lesson
from napari_mask_audit.baseline.outlines import dent_of, region_moves
from nuclei_scenes import nuclei

pytest.importorskip("sklearn")
OBJECTS = Lesson(True, 0, frozenset())
CLASSES = np.array([NOTHING, INSIDE, RIM])


def votes_of(mask):
    """What a forest that sees everything right would say."""
    taught = OBJECTS.classes(mask[None])
    return np.eye(3, dtype=np.float32)[taught] * np.float32(0.94) + np.float32(0.02)


def evidence(label, truth):
    return weigh(label[None].astype(np.int32), votes_of(truth), CLASSES, OBJECTS, flat=True)


def disc(mask, y, x, radius, value):
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    mask[(rows - y) ** 2 + (columns - x) ** 2 <= radius**2] = value


@pytest.fixture
def truth():
    mask = np.zeros((90, 90), np.int32)
    for number, (y, x) in enumerate([(20, 20), (20, 60), (60, 20), (60, 45), (62, 75)], 1):
        disc(mask, y, x, 9, number)
    return mask


def test_objects_are_taught_as_nothing_inside_and_rim(truth):
    taught = OBJECTS.classes(truth[None])[0]
    assert set(np.unique(taught)) == {NOTHING, INSIDE, RIM}
    assert (taught == NOTHING).sum() == (truth == 0).sum()
    assert taught[20, 20] == INSIDE
    assert taught[20, 28] == RIM  # the last pixel of the first disc, two steps from nothing


def test_ignored_objects_teach_nothing(truth):
    lesson = Lesson(True, 0, frozenset({5}))
    taught = lesson.classes(truth[None])[0]
    assert set(np.unique(taught[truth == 5])) == lesson.skipped


def test_perfect_votes_give_the_objects_back(truth):
    grown = OBJECTS.ids(votes_of(truth), CLASSES)[0]
    assert len(np.unique(grown)) == 6
    for number in range(1, 6):
        assert len(np.unique(grown[truth == number])) == 1


def test_a_background_that_is_not_0_stays_the_background(truth):
    label = np.where(truth == 0, 7, truth + 10)
    lesson = Lesson(True, 7, frozenset())
    taught = lesson.classes(label[None])
    votes = np.eye(3, dtype=np.float32)[taught]
    grown = lesson.ids(votes, CLASSES)[0]
    assert (grown[truth == 0] == 7).all()
    assert 7 not in grown[truth > 0]


def test_a_right_label_is_not_accused(truth):
    found = evidence(truth, truth)
    assert (found.disagreement, found.places) == (0, ())
    assert np.abs(found.moves.wide_px).max() < 0.05
    assert np.abs(found.moves.shift_px).max() < 0.05


def test_each_mistake_is_named_in_its_place(truth):
    missing = np.where(truth == 5, 0, truth)
    (place,) = evidence(missing, truth).places
    assert (place.kind, place.class_id) == (PlaceKind.MISSING, 0)
    assert place.bbox == ((53, 72), (66, 85))
    extra = truth.copy()
    disc(extra, 38, 40, 5, 9)
    (place,) = evidence(extra, truth).places
    assert (place.kind, place.class_id, place.pixels) == (PlaceKind.EXTRA, 9, (extra == 9).sum())
    split = truth.copy()
    split[:20][split[:20] == 1] = 8
    (place,) = evidence(split, truth).places
    assert (place.kind, place.class_id, place.other_class_id) == (PlaceKind.SPLIT, 1, 8)
    assert place.dent < 0.09  # of a disc: steps between pixels, no dent
    merged = np.zeros_like(truth)
    disc(merged, 40, 30, 9, 1)
    seen = merged.copy()
    disc(seen, 40, 47, 9, 2)
    disc(merged, 40, 47, 9, 1)
    (place,) = evidence(merged, seen).places
    assert (place.kind, place.class_id) == (PlaceKind.MERGED, 1)
    assert place.dent > 0.12


def test_moves_and_widths_are_measured_in_pixels(truth):
    moved = evidence(np.roll(truth, (3, -1), axis=(0, 1)), truth).moves
    np.testing.assert_allclose(np.median(moved.shift_px, axis=0), [3, -1], atol=0.5)
    wide = np.zeros_like(truth)
    for number, (y, x) in enumerate([(20, 20), (20, 60), (60, 20), (60, 45), (62, 75)], 1):
        disc(wide, y, x, 11, number)
    assert 1.5 < np.median(evidence(wide, truth).moves.wide_px) < 2.5


def test_what_lies_in_front_leaves_no_dent():
    numbers = np.zeros((40, 40), np.int32)
    disc(numbers, 20, 16, 10, 1)
    disc(numbers, 20, 26, 8, 2)  # in front of the first
    front = numbers == 2
    assert dent_of((numbers == 1)[None]) > 0.12
    assert dent_of((numbers == 1)[None], front[None]) < 0.09  # the steps between pixels
    moves = region_moves(numbers[None], (numbers > 0)[None].astype(np.float32))
    assert moves.dent.max() < 0.09


def test_a_label_that_is_wrong_as_a_whole_stands_out(truth):
    rng = np.random.default_rng(0)
    clean = [evidence(truth, truth) for _ in range(8)]
    for kind in ("shifted", "widened", "narrowed"):
        wrong = evidence(OBJECT_MISTAKES[kind](truth, rng), truth)
        doubts = judge([*clean, wrong])
        assert all(not reasons for reasons in doubts[:-1])
        expected = {"shifted": PlaceKind.SHIFTED}.get(kind, PlaceKind.WIDTH)
        assert doubts[-1][0].kind is expected
        assert suspicion(doubts[-1]) > 3


def test_volumes_have_boxes_with_three_sides(truth):
    volume = np.stack([truth] * 4)
    label = np.where(volume == 5, 0, volume)
    taught = OBJECTS.classes(volume)
    found = weigh(label, np.eye(3, dtype=np.float32)[taught], CLASSES, OBJECTS, flat=False)
    (place,) = found.places
    assert place.bbox == ((0, 4), (53, 72), (66, 85))


def test_doubts_survive_json():
    doubt = Doubt(PlaceKind.SPLIT, 1.5, "why", 3, 4, 90, ((1, 2), (3, 4)))
    row = BaselineSample("s", 2, 0.1, 0.05, (doubt,), "print")
    again = BaselineSample.from_dict(json.loads(json.dumps(row.to_dict())))
    assert again == row


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Twenty pictures of nuclei; in four of them the label is wrong."""
    folder = tmp_path_factory.mktemp("nuclei")
    rng = np.random.default_rng(1)
    wrong = {"s02": "dropped", "s07": "shifted", "s11": "widened", "s15": "invented"}
    masks = {}
    for n in range(20):
        image, mask = nuclei(n, 80)
        name = f"s{n:02d}"
        write_png(folder / "images" / f"{name}.png", image)
        if name in wrong:
            mask = OBJECT_MISTAKES[wrong[name]](mask, rng)
        masks[name] = mask.astype(np.uint8)
    make_dataset(folder, {"gt": masks}, 'task = "instance"\n')
    return folder, wrong, train_baseline(folder, trees=12)


def test_the_baseline_of_objects_is_a_source_with_object_ids(project):
    folder, _wrong, result = project
    assert (result.complete, result.problems) == (True, ())
    dataset = Dataset.open(folder)
    assert dataset.problems == ()
    measured = audit(dataset).comparison("gt", "model-baseline")
    assert measured.instances.f1 > 0.6
    ids = np.asarray(Image.open(result.folder / "s00.png"))
    assert len(np.unique(ids)) > 5


def test_wrong_labels_of_objects_lead_the_ranking(project):
    _, wrong, result = project
    assert {row.sample for row in result.samples[:5]} >= set(wrong)
    assert result.samples[0].suspicion > result.samples[-1].suspicion


def test_the_record_beside_the_masks_can_be_read_again(project):
    _, _, result = project
    record = read_record(result.folder)
    assert record.reference == "gt"
    assert record.left_out == frozenset()
    assert [row.sample for row in record.samples] == [row.sample for row in result.samples]
    assert read_record(result.folder.parent / "gt") is None


def test_grey_and_colour_pictures_can_be_mixed(tmp_path):
    for n in range(4):
        image, mask = nuclei(n, 64)
        colour = np.stack([image, image // 2, 255 - image], axis=-1) if n % 2 else image
        write_png(tmp_path / "images" / f"s{n}.png", colour)
        write_png(tmp_path / "masks" / "gt" / f"s{n}.png", mask.astype(np.uint8))
    (tmp_path / "dataset.toml").write_text('task = "instance"\n')
    result = train_baseline(tmp_path, trees=4)
    assert (result.problems, len(result.samples)) == ((), 4)


def test_more_objects_than_the_labels_format_holds_get_a_wider_one(tmp_path):
    from napari_mask_audit.checks.rewriting import rewrite_mask
    from napari_mask_audit.readers import read_mask

    source = write_png(tmp_path / "label.png", np.ones((20, 20), np.uint8))
    ids = np.arange(400).reshape(20, 20)
    rewrite_mask(source, tmp_path / "new.png", ids)
    assert (read_mask(tmp_path / "new.png").labels == ids).all()
