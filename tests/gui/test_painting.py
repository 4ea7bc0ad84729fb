"""What is painted over a sample, on masks small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from building import make_dataset, square
from gui_squares import TOML, make_squares
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.errors import MaskError
from napari_mask_audit.failures import Bucket
from napari_mask_audit.gui.painting import STEPS, Coloring, paint, solid_colors
from napari_mask_audit.gui.sample_view import SampleView, load_sample_view


def view_of(dataset: Dataset, sample: str, pair: tuple[str, str] = ("gt", "model")) -> SampleView:
    return load_sample_view(dataset, dataset.sample(sample), pair)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset.open(make_squares(tmp_path))


def test_distance_is_that_of_the_nearest_boundary_of_the_class(dataset: Dataset) -> None:
    # s2: the model's square lies two pixels to the right. Tolerance 1 px: a step is half a pixel.
    painting = paint(dataset, view_of(dataset, "s2"), Coloring.DISTANCE)
    row = painting.codes[10]
    # Columns 5 and 14 are the reference's sides, 7 and 16 the candidate's: each two pixels off.
    assert {int(x): int(row[x]) for x in np.flatnonzero(row)} == {5: 5, 7: 5, 14: 5, 16: 5}
    top = painting.codes[5]
    assert top[7:15].tolist() == [1] * 8, "both boundaries are there: distance 0 is the first step"
    assert painting.legend.scale is not None
    assert (painting.legend.scale.low, painting.legend.scale.high) == ("0", "≥ 5 px")
    assert len(painting.legend.scale.colors) == STEPS


def test_a_boundary_without_a_counterpart_is_as_far_as_can_be(tmp_path: Path) -> None:
    empty = np.zeros((20, 20), np.uint8)
    masks = {"gt": {"a": square()}, "model": {"a": empty}}
    dataset = Dataset.open(make_dataset(tmp_path, masks, TOML.replace('alice = "annotator"\n', "")))
    codes = paint(dataset, view_of(dataset, "a"), Coloring.DISTANCE).codes
    assert set(np.unique(codes).tolist()) == {0, STEPS}
    assert np.count_nonzero(codes) == 36, "the border pixels of a 10 × 10 square"


def test_every_wrong_pixel_has_the_colour_of_its_bucket(dataset: Dataset) -> None:
    view = view_of(dataset, "s1")
    painting = paint(dataset, view, Coloring.BUCKET)
    assert view.reference is not None
    wrong = view.reference != view.candidate
    np.testing.assert_array_equal(painting.codes != 0, wrong)
    assert set(np.unique(painting.codes[wrong]).tolist()) == {Bucket.BOUNDARY.code}
    assert [entry.word for entry in painting.legend.swatches] == ["boundary"]
    assert "20 px" in painting.legend.swatches[0].hint


def test_a_perfect_sample_says_that_no_pixel_is_wrong(dataset: Dataset) -> None:
    painting = paint(dataset, view_of(dataset, "s0"), Coloring.BUCKET)
    assert not painting.codes.any()
    assert painting.legend.title == "no pixel is wrong"


def test_votes_are_clear_where_all_agree(dataset: Dataset) -> None:
    painting = paint(dataset, view_of(dataset, "s0"), Coloring.VOTES)
    gt, alice = (dataset.read_mask(dataset.sample("s0"), s).labels for s in ("gt", "alice"))
    np.testing.assert_array_equal(painting.codes != 0, gt != alice)


def test_what_cannot_be_painted_says_why(tmp_path: Path) -> None:
    masks = {"gt": {"a": square()}, "model": {"a": square(size=24)}}
    dataset = Dataset.open(make_dataset(tmp_path, masks, TOML.replace('alice = "annotator"\n', "")))
    with pytest.raises(MaskError, match="no two masks of one size") as caught:
        paint(dataset, view_of(dataset, "a"), Coloring.DISTANCE)
    assert caught.value.code == "shape-mismatch"


@pytest.mark.parametrize("coloring", list(Coloring))
def test_every_code_has_a_colour(dataset: Dataset, coloring: Coloring) -> None:
    painting = paint(dataset, view_of(dataset, "s3"), coloring)
    assert set(np.unique(painting.codes).tolist()) <= {0, *painting.colors}
    assert painting.codes.any()


def test_in_three_dimensions_agreement_does_not_hide_the_rest(dataset: Dataset) -> None:
    painting = paint(dataset, view_of(dataset, "s1"), Coloring.WHAT)
    colors = solid_colors(painting)
    assert colors[3][3] == 0, "boundary in both"
    assert {code: color[3] for code, color in colors.items() if code != 3} == {1: 1, 2: 1, 4: 1}
