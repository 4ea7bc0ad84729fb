"""What the canvas is given: read and computed without Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from building import square, write_png
from gui_squares import make_squares
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.gui.outlines import neighbourhood
from napari_mask_audit.gui.sample_view import (
    DIFFERENT,
    Region,
    SampleView,
    contrast_limits,
    load_sample_view,
    overlay_codes,
)

PAIR = ("gt", "model")


def view_of(folder: Path, sample: str) -> SampleView:
    dataset = Dataset.open(folder)
    return load_sample_view(dataset, dataset.sample(sample), PAIR)


def test_a_sample_is_read_with_its_pictures(tmp_path: Path) -> None:
    view = view_of(make_squares(tmp_path), "s2")
    assert view.is_rgb
    assert view.shape == (20, 20)
    assert view.ids == {0, 1}
    assert view.problems == ()


def test_equal_masks_have_one_common_boundary(tmp_path: Path) -> None:
    view = view_of(make_squares(tmp_path), "s0")
    assert view.overlay is not None
    assert set(np.unique(view.overlay)) == {0, 3}


def test_ignored_pixels_disagree_nowhere() -> None:
    reference = np.full((20, 20), 9, np.uint8)
    codes = overlay_codes(reference, square(), frozenset({9}))
    assert not codes.any()


def test_the_inside_of_a_confused_region_is_coloured() -> None:
    codes = overlay_codes(square(value=1), square(value=2), frozenset())
    assert (codes == DIFFERENT.code).sum() == 8 * 8  # the square without its boundary
    assert not (codes == 1).any()


def test_the_edge_of_the_image_is_no_boundary() -> None:
    halves = np.zeros((20, 20), np.uint8)
    halves[:, 10:] = 1
    codes = overlay_codes(halves, halves, frozenset())
    assert set(np.flatnonzero(codes[0]).tolist()) == {9, 10}
    np.testing.assert_array_equal(codes, np.broadcast_to(codes[0], codes.shape))
    volume = np.stack([halves] * 4)
    np.testing.assert_array_equal(overlay_codes(volume, volume, frozenset())[0], codes)


def test_a_missing_mask_is_said_and_the_other_shown(tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    (folder / "masks" / "model" / "s1.png").unlink()
    view = view_of(folder, "s1")
    assert view.candidate is None
    assert view.reference is not None
    assert view.overlay is None
    assert view.problems == ("model: no mask of this sample",)


def test_a_mask_of_another_size_is_said(tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    write_png(folder / "masks" / "model" / "s1.png", square(size=24))
    view = view_of(folder, "s1")
    assert view.overlay is None
    assert view.problems == ("the two masks differ in size; masks are never resized",)


def test_a_broken_image_does_not_hide_the_masks(tmp_path: Path) -> None:
    folder = make_squares(tmp_path)
    (folder / "images" / "s1.png").write_bytes(b"not a picture")
    view = view_of(folder, "s1")
    assert view.image is None
    assert view.overlay is not None
    assert view.problems[0].startswith("image: ")


@pytest.mark.parametrize(
    ("image", "limits"),
    [
        (np.array([[0, 255]], np.uint8), None),
        (np.array([[3, 700]], np.uint16), (3.0, 700.0)),
        (np.array([[np.nan, 0.5, 2.0]], np.float32), (0.5, 2.0)),
        (np.full((4, 4), 7, np.uint16), None),
    ],
)
def test_contrast_limits_are_those_of_the_pixels(
    image: np.ndarray, limits: tuple[float, float] | None
) -> None:
    assert contrast_limits(image) == limits


def test_the_neighbourhood_of_a_huge_region_keeps_its_inner_pixel() -> None:
    region = Region(1, 0, 1, (slice(0, 5000), slice(0, 5000)), (4900, 30))
    rows, columns = neighbourhood(region, (5000, 5000))
    assert rows.start <= 4900 < rows.stop <= 5000
    assert 0 <= columns.start <= 30 < columns.stop
    assert rows.stop - rows.start == 1024
