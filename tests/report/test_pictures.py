"""Pictures: exact colours, crisp edges, the part that is shown."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

import napari_mask_audit as ma
from building import make_dataset, square
from napari_mask_audit.overlay import BOTH, OVERLAY_LEGEND
from napari_mask_audit.report import preview_picture, rendering, write_preview
from napari_mask_audit.report.pictures import sample_pictures
from report_pages import town


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def pictures_of(folder, sample="a", **options):
    dataset = ma.Dataset.open(folder)
    return sample_pictures(dataset, dataset.sample(sample), "gt", "model", **options)


def rgb(code: int) -> tuple[int, int, int]:
    return next(entry.rgb for entry in OVERLAY_LEGEND if entry.code == code)


def test_boundaries_are_drawn_in_the_colours_of_the_legend(tmp_path):
    masks = {"gt": {"a": square(left=5)}, "model": {"a": square(left=7)}}
    shown = pixels(pictures_of(make_dataset(tmp_path, masks)).disagreement)
    assert shown.shape == (20, 20, 3)
    # row 10 crosses the left edges: reference 4|5, candidate 6|7
    assert [tuple(shown[10, x]) for x in range(4, 8)] == [rgb(1), rgb(1), rgb(2), rgb(2)]
    assert tuple(shown[0, 0]) == rgb(BOTH)


def test_swapped_classes_show_although_their_outlines_agree(tmp_path):
    masks = {"gt": {"a": square(value=1)}, "model": {"a": square(value=2)}}
    shown = pixels(pictures_of(make_dataset(tmp_path, masks)).disagreement)
    assert tuple(shown[5, 5]) == rgb(BOTH)
    assert tuple(shown[10, 10]) != tuple(shown[2, 2])
    red, green, blue = shown[10, 10].tolist()
    assert red > green
    assert blue > green


def test_large_masks_shrink_to_the_width_and_small_things_keep_their_outline(tmp_path):
    mask = np.zeros((900, 1200), np.uint8)
    mask[451, 601] = 1  # one pixel, between the pixels that a nearest choice takes
    full = np.ones_like(mask)
    folder = make_dataset(tmp_path, {"gt": {"a": mask}, "model": {"a": full}}, "background = 0")
    found = pictures_of(folder)
    assert (found.width, found.height) == (360, 270)
    shown = pixels(found.reference)
    drawn = np.argwhere((shown != shown[5, 5]).any(axis=-1))
    assert drawn.tolist() == [[135, 180]]


def test_a_small_object_on_an_empty_background_is_cut_out(tmp_path):
    toml = 'background = 0\n[classes]\n1 = "cell"\n'
    masks = {"gt": {"a": square(200, 50, 60, 20)}, "model": {"a": square(200, 52, 60, 20)}}
    found = pictures_of(make_dataset(tmp_path, masks, toml))
    assert found.is_cut
    assert found.origin == (42, 52)
    assert (found.full_width, found.full_height) == (36, 38)  # 20 and 22, 8 on either side
    first = found.regions[0]
    assert first.pixels == 40
    assert found.box_of(first.start, first.stop) == (8, 8, 10, 28)


def test_a_frame_that_is_full_is_not_cut(tmp_path):
    masks = {"gt": {"a": square(40, 2, 2, 36)}, "model": {"a": square(40, 2, 3, 36)}}
    found = pictures_of(make_dataset(tmp_path, masks, "background = 0"))
    assert not found.is_cut
    assert found.origin == (0, 0)


def test_grey_16_bit_images_are_stretched_and_others_are_not():
    ramp = np.linspace(1000, 3000, 10_000).reshape(100, 100).astype(np.uint16)
    shown = rendering.display_image(ramp, (100, 100))
    assert shown.min() == 0
    assert shown.max() == 255
    flat = np.full((4, 4), 100, np.uint8)
    assert rendering.display_image(flat, (4, 4)).max() == 100
    assert rendering.display_image(np.full((4, 4), np.nan), (4, 4)).shape == (4, 4, 3)


def test_png_keeps_the_pixels_with_few_and_with_many_colours():
    few = np.zeros((20, 20, 3), np.uint8)
    few[5:, 5:] = (230, 159, 0)
    many = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    for picture in (few, many):
        np.testing.assert_array_equal(pixels(rendering.png(picture)), picture)
    assert Image.open(io.BytesIO(rendering.png(few))).mode == "P"


def test_the_preview_has_a_row_for_each_of_the_worst_samples(tmp_path):
    dataset = ma.Dataset.open(town(tmp_path / "data"))
    audit = ma.audit(dataset)
    two = Image.open(io.BytesIO(preview_picture(audit, dataset, worst=5)))  # ash is perfect
    one = Image.open(io.BytesIO(preview_picture(audit, dataset, worst=1)))
    assert two.height - one.height == one.height - 3 * 26
    written = write_preview(audit, dataset, tmp_path / "preview.png", worst=1)
    assert written.read_bytes() == preview_picture(audit, dataset, worst=1)
