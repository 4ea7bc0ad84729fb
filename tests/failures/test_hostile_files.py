"""Masks that are wrong as files: turned, renumbered, shifted by one, saved as pictures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage as ndi

from failure_scenes import jittered, moved, scene
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.failures import CauseKind, explain_sample
from napari_mask_audit.masks import Mask
from napari_mask_audit.samples import sample_masks_path

TURNS = {
    "mirrored left to right": np.fliplr,
    "mirrored upside down": np.flipud,
    "turned by 180°": lambda m: np.rot90(m, 2),
    "turned by 90° counter-clockwise": np.rot90,
    "turned by 90° clockwise": lambda m: np.rot90(m, -1),
    "transposed (rows and columns exchanged)": np.transpose,
    "mirrored at the rising diagonal": lambda m: np.rot90(np.transpose(m), 2),
}
MILD = ("jitter", "nothing")


def causes_of(reference, candidate, **options):
    masks = [Mask.from_array(np.ascontiguousarray(m)) for m in (reference, candidate)]
    return explain_sample(*masks, background=0, limit=0, **options).causes


def with_mild_errors(labels, mild, seed=5):
    return jittered(labels, seed, 1.5) if mild == "jitter" else labels


@pytest.mark.parametrize("mild", MILD)
@pytest.mark.parametrize("words", TURNS)
def test_a_turned_or_mirrored_mask_is_named(words, mild):
    for seed in (0, 1):
        labels = scene(seed)[0]
        (cause,) = causes_of(labels, TURNS[words](with_mild_errors(labels, mild)))
        assert cause.kind is CauseKind.TURNED
        assert cause.evidence["turn"] == words
        assert cause.evidence["mean_iou_without"] > 0.6
        assert f"the whole mask is {words}: turning it back removes" in cause.statement


def volume(seed=0):
    rng = np.random.default_rng(seed)
    field = [ndi.gaussian_filter(rng.normal(size=(20, 60, 60)), (2, 5, 5)) for _ in range(2)]
    low, high = np.quantile(field[0], [0.3, 0.7])
    return np.where(field[0] > high, 1, np.where(field[0] < low, 2, 0)).astype(np.uint8)


@pytest.mark.parametrize(
    ("words", "turn"),
    [
        ("in reverse order of its slices", lambda m: m[::-1]),
        ("mirrored left to right", lambda m: m[:, :, ::-1]),
        ("turned by 180°, with its slices in reverse order", lambda m: m[::-1, ::-1, ::-1]),
        ("turned by 90° counter-clockwise", lambda m: np.rot90(m, 1, (1, 2))),
        ("transposed (rows and columns exchanged)", lambda m: np.swapaxes(m, 1, 2)),
    ],
)
def test_a_turned_volume_is_named(words, turn):
    labels = volume()
    (cause,) = causes_of(labels, turn(jittered(labels, 1, 1.5)))
    assert (cause.kind, cause.evidence["turn"]) == (CauseKind.TURNED, words)


@pytest.mark.parametrize("mild", MILD)
@pytest.mark.parametrize("factor", [10, 50])
def test_multiplied_ids_are_named_with_their_factor(mild, factor):
    labels = scene(2)[0]
    candidate = with_mild_errors(labels, mild).astype(np.int32) * factor
    (cause,) = causes_of(labels, candidate)
    assert cause.kind is CauseKind.RENUMBERED_IDS
    assert cause.evidence["factor"] == factor
    assert f"class ids are multiplied by {factor} (1 → {factor}, " in cause.statement


def test_ids_in_another_order_are_named():
    labels = scene(2)[0]
    (cause,) = causes_of(labels, np.array([0, 2, 3, 1], np.uint8)[labels])
    assert cause.kind is CauseKind.RENUMBERED_IDS
    assert cause.evidence["pairs"] == [[1, 2], [2, 3], [3, 1]]
    assert cause.evidence["mean_iou_without"] == 1.0


@pytest.mark.parametrize("step", [1, -1, 3])
@pytest.mark.parametrize("background", [False, True])
def test_ids_off_by_a_constant_are_named_with_or_without_the_background(step, background):
    labels = scene(4)[0].astype(np.int32) + 4 * (scene(4)[0] > 0)
    candidate = np.where((labels > 0) | background, labels + step, labels)
    (cause,) = causes_of(labels, candidate)
    assert (cause.kind, cause.evidence["shift"]) == (CauseKind.SHIFTED_IDS, step)
    assert cause.evidence["mean_iou_without"] == 1.0


@pytest.mark.parametrize("mild", MILD)
@pytest.mark.parametrize("vector", [(1, 0), (0, -1), (1, 1), (2, -1)])
def test_a_mask_off_by_a_pixel_is_named_where_no_other_error_is_larger(vector, mild):
    labels = scene(3)[0]
    candidate = with_mild_errors(labels, mild) if mild == "nothing" else jittered(labels, 5, 0.7)
    (cause,) = causes_of(labels, moved(candidate, vector))
    assert cause.kind is CauseKind.MISREGISTERED
    assert cause.evidence["vector_px"] == list(vector)


def test_pictures_of_masks_are_named():
    labels = scene(1)[0]
    (cause,) = causes_of(labels, np.where(labels > 0, 255, 0))
    assert cause.kind is CauseKind.BINARY_COPY
    soft = ndi.gaussian_filter((labels > 0).astype(float), 3)
    (cause,) = causes_of(labels, (soft * 255).astype(np.uint8))
    assert cause.kind is CauseKind.GRADED_MAP


def test_every_turn_of_the_sample_town_is_named():
    """The pictures are wider than high: right angles do not keep their shape."""
    dataset = Dataset.open(sample_masks_path())
    for sample in dataset.samples[:4]:
        labels = dataset.read_mask(sample, "gt").labels
        candidate = jittered(labels, 7, 2.0)
        for words in ("mirrored left to right", "mirrored upside down", "turned by 180°"):
            (cause,) = causes_of(
                labels, TURNS[words](candidate), ignore_ids=frozenset(dataset.ignore_ids)
            )
            assert (cause.kind, cause.evidence.get("turn")) == (CauseKind.TURNED, words)
