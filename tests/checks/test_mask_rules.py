"""Each rule about one mask finds its planted flaw, and stays quiet on the clean mask beside it."""

import numpy as np
import pytest
from PIL import Image
from skimage.transform import resize

from building import make_dataset, square, write_png
from napari_mask_audit.checks import LintLimits, lint

CLASSES = 'background = 0\n[classes]\n0 = "ground"\n1 = "cell"\n2 = "road"\n'


def disc(size=120, centre=(60, 60), radius=40):
    rows, columns = np.mgrid[0:size, 0:size]
    inside = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= radius**2
    return inside.astype(np.uint8)


def town(seed=0):
    """Round regions of the classes 1 and 2 on a large ground."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((160, 160), np.uint8)
    for n in range(6):
        centre = rng.integers(30, 130, 2)
        mask[disc(160, centre, 12 + 2 * n) > 0] = 1 + n % 2
    return mask


def found(tmp_path, mask, toml=CLASSES, **choices):
    """Findings by code on a dataset of this one mask."""
    make_dataset(tmp_path, {"gt": {"a": mask}}, toml)
    result = lint(tmp_path, **choices)
    return {f.code: f for f in result.findings}


def test_a_clean_mask_is_quiet(tmp_path):
    assert found(tmp_path, town()) == {}


def test_unknown_ids_are_named_with_their_place(tmp_path):
    mask = town()
    mask[0:5, 0:7] = 9
    finding = found(tmp_path, mask)["MA201"]
    assert finding.bbox == ((0, 5), (0, 7))
    assert "ids 9 are not in [classes]" in finding.message
    assert "MA201" not in found(tmp_path / "b", mask, toml="background = 0\n")


@pytest.mark.parametrize("declared", [True, False])
def test_ids_made_by_linear_resampling_are_found(tmp_path, declared):
    # Only where ids are more than one apart is there anything in between.
    rng = np.random.default_rng(3)
    mask = np.zeros((160, 160), np.uint8)
    for n in range(14):
        mask[disc(160, rng.integers(20, 140, 2), 14) > 0] = (0, 2, 3, 5)[n % 4]
    smooth = np.rint(resize(mask.astype(float), (200, 200), order=1)).astype(np.uint8)
    names = "".join(f'{n} = "c{n}"\n' for n in range(6))
    toml = f"background = 0\n[classes]\n{names}" if declared else "background = 0\n"
    assert "MA202" not in found(tmp_path / "sharp", mask, toml)
    assert "MA202" in found(tmp_path / "smooth", smooth, toml)


def test_jpeg_ids_are_found(tmp_path):
    picture = Image.fromarray(town() * 90)
    picture.save(tmp_path / "a.jpg", quality=75)
    mask = np.asarray(Image.open(tmp_path / "a.jpg"))
    assert len(np.unique(mask)) > 20  # the premise: JPEG made new ids
    assert "MA202" in found(tmp_path / "d", mask, toml="background = 0\n")


def test_a_thin_rim_between_its_neighbours_is_no_resampling(tmp_path):
    # background 0, membrane 1 (one pixel wide), cell 2: a real three-class labelling
    mask = disc(radius=40) + disc(radius=39)
    assert set(np.unique(mask)) == {0, 1, 2}
    assert "MA202" not in found(tmp_path, mask)
    assert "MA202" not in found(tmp_path / "b", mask, toml="background = 0\n")


def test_a_probability_map_is_no_mask(tmp_path):
    rows, columns = np.mgrid[0:100, 0:100]
    soft = np.rint(255 / (1 + np.exp((np.hypot(rows - 50, columns - 50) - 30) / 8)))
    assert "MA104" in found(tmp_path, soft.astype(np.uint8), toml="background = 0\n")


def test_a_fractional_mask_is_reported_by_its_file(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": town()}}, CLASSES)
    np.save(tmp_path / "masks" / "gt" / "b.npy", np.full((9, 9), 0.5))
    (finding,) = lint(tmp_path).findings
    assert (finding.code, finding.sample, finding.file.name) == ("MA104", "b", "b.npy")


def test_a_mask_of_one_class_all_over_is_reported(tmp_path):
    assert "MA205" in found(tmp_path, np.full((50, 50), 2, np.uint8))


def test_specks_count_and_place(tmp_path):
    mask = town()
    mask[2, 3] = mask[150:152, 155] = 1
    finding = found(tmp_path, mask)["MA301"]
    assert finding.count == 2
    assert finding.class_id == 1
    assert finding.places == (((150, 152), (155, 156)), ((2, 3), (3, 4)))
    assert finding.bbox == ((2, 152), (3, 156))


def test_small_regions_of_a_small_class_are_no_specks(tmp_path):
    mask = town()
    mask[mask == 2] = 0
    mask[2:150:20, 2] = 2  # eight single pixels are all there is of this class
    assert "MA301" not in found(tmp_path, mask)


def test_a_crumb_beside_its_region_is_no_speck(tmp_path):
    mask = disc()
    mask[60, 102] = 1  # the disc ends at column 100
    assert "MA301" not in found(tmp_path / "near", mask)
    mask[60, 102], mask[60, 106] = 0, 1
    assert "MA301" in found(tmp_path / "far", mask)


@pytest.mark.parametrize(("side", "is_hole"), [(1, True), (3, True), (5, False)])
def test_pinholes_are_small(tmp_path, side, is_hole):
    mask = disc()
    mask[60 : 60 + side, 60 : 60 + side] = 0
    finding = found(tmp_path, mask).get("MA302")
    assert (finding is not None) == is_hole
    if finding:
        assert finding.bbox == ((60, 60 + side), (60, 60 + side))


def test_a_notch_is_no_hole(tmp_path):
    mask = np.zeros((80, 80), np.uint8)
    mask[20:60, 20:60] = 1
    mask[20:22, 40] = 0  # open to the outside
    assert "MA302" not in found(tmp_path, mask)


def test_a_sliver_between_two_regions_is_found(tmp_path):
    mask = np.zeros((140, 140), np.uint8)
    mask[10:90, 10:50] = 1
    mask[10:90, 51:90] = 2
    mask[10, 50] = mask[89, 50] = 1  # closes the gap at both ends
    finding = found(tmp_path, mask)["MA303"]
    assert finding.class_id == 0
    assert finding.bbox == ((11, 89), (50, 51))
    assert "78 px long" in finding.message


def test_a_thin_class_has_no_slivers(tmp_path):
    mask = np.zeros((100, 100), np.uint8)
    mask[10:90:8, 10:90] = 1  # lines are what this class is
    assert "MA303" not in found(tmp_path, mask)


@pytest.mark.parametrize(("gap", "is_gap"), [(0, False), (1, True), (2, True), (4, False)])
def test_a_gap_along_the_edge_is_one_or_two_pixels_wide(tmp_path, gap, is_gap):
    mask = np.zeros((90, 120), np.uint8)
    mask[gap:40, 20:80] = 1
    finding = found(tmp_path, mask).get("MA304")
    assert (finding is not None) == is_gap
    if finding:
        assert finding.bbox == ((0, gap), (20, 80))


def test_a_round_region_near_the_edge_leaves_no_gap(tmp_path):
    assert "MA304" not in found(tmp_path, disc(200, (81, 100), 80))


@pytest.mark.parametrize("factor", [2, 5])
def test_an_enlarged_mask_has_blocks(tmp_path, factor):
    small = town()[::2, ::2]
    blocks = np.kron(small, np.ones((factor, factor), np.uint8))
    message = found(tmp_path, blocks)["MA401"].message
    assert f"blocks of {factor} × {factor} px" in message
    assert "enlarged from 80 × 80 px" in message


def test_ragged_outlines_have_teeth(tmp_path):
    rng = np.random.default_rng(0)
    mask = disc(200, (100, 100), 70)
    ring = disc(200, (100, 100), 72) - disc(200, (100, 100), 68)
    mask[(ring > 0) & (rng.random(mask.shape) < 0.5)] ^= 1
    assert "MA401" in found(tmp_path, mask)
    assert "MA401" not in found(tmp_path / "clean", disc(200, (100, 100), 70))


def test_a_region_cut_at_a_tile_edge_is_found_and_a_house_is_not(tmp_path):
    mask = np.zeros((400, 400), np.uint8)
    for row in range(4):
        for column in range(4):
            mask[disc(400, (50 + 100 * row, 50 + 100 * column), 30) > 0] = 1
    assert "MA403" not in found(tmp_path / "round", mask)
    mask[:, 151:200] = 0  # the discs of the second column lose their right half
    finding = found(tmp_path / "cut", mask)["MA403"]
    assert finding.count == 4
    assert finding.bbox == ((20, 381), (150, 151))
    houses = np.zeros((200, 200), np.uint8)
    houses[20:80, 20:90] = houses[110:160, 40:150] = 1
    assert "MA403" not in found(tmp_path / "houses", houses)


def test_a_polygon_among_curved_outlines_is_found(tmp_path):
    from skimage.draw import polygon

    mask = np.zeros((500, 500), np.uint8)
    for n in range(12):
        mask[disc(500, (60 + 110 * (n // 4), 60 + 110 * (n % 4)), 35) > 0] = 1
    assert "MA402" not in found(tmp_path / "round", mask)
    rows, columns = polygon([400, 380, 430, 470, 460], [60, 110, 150, 120, 65])
    mask[rows, columns] = 1
    finding = found(tmp_path / "polygon", mask)["MA402"]
    assert finding.count == 1
    assert finding.bbox == ((380, 471), (60, 151))


OBJECTS = 'background = 0\ntask = "instance"\n'


def test_fragments_of_one_id(tmp_path):
    mask = square(60, 5, 5, 20, 4)
    mask[40:45, 40:50] = 4
    finding = found(tmp_path, mask, OBJECTS)["MA501"]
    assert finding.bbox == ((40, 45), (40, 50))
    assert "ids (4)" in finding.message


def test_two_touching_discs_with_one_id_have_a_neck(tmp_path):
    pair = np.maximum(disc(120, (60, 35), 22), disc(120, (60, 77), 22)) * 3
    assert "MA502" in found(tmp_path / "pair", pair, OBJECTS)
    apart = pair.copy()
    apart[:, 56:] = np.where(pair[:, 56:] > 0, 4, 0)
    assert "MA502" not in found(tmp_path / "apart", apart, OBJECTS)
    rows, columns = np.mgrid[0:120, 0:120]
    ellipse = (((rows - 60) / 20) ** 2 + ((columns - 60) / 50) ** 2 <= 1).astype(np.uint8)
    assert "MA502" not in found(tmp_path / "ellipse", ellipse, OBJECTS)


def test_an_object_inside_another_one(tmp_path):
    mask = square(60, 5, 5, 40, 4)
    mask[20:26, 20:26] = 7
    finding = found(tmp_path, mask, OBJECTS)["MA503"]
    assert finding.bbox == ((20, 26), (20, 26))
    mask[20:26, 20:46] = 7  # now it sticks out
    assert "MA503" not in found(tmp_path / "out", mask, OBJECTS)


def test_object_ids_are_not_unknown_classes(tmp_path):
    assert "MA201" in found(tmp_path, square(60, 5, 5, 20, 4), CLASSES)
    toml = 'task = "instance"\n' + CLASSES
    assert "MA201" not in found(tmp_path / "b", square(60, 5, 5, 20, 4), toml)


def test_a_skipped_slice_names_the_slice(tmp_path):
    import tifffile

    volume = np.zeros((6, 40, 40), np.uint8)
    volume[1:5, 10:20, 12:24] = 1
    folder = tmp_path / "masks" / "gt"
    folder.mkdir(parents=True)
    (tmp_path / "dataset.toml").write_text(CLASSES)
    tifffile.imwrite(folder / "whole.tif", volume, photometric="minisblack")
    volume[3] = 0
    tifffile.imwrite(folder / "gap.tif", volume, photometric="minisblack")
    (finding,) = lint(tmp_path, select=["MA6"]).findings
    assert finding.sample == "gap"
    assert finding.bbox == ((3, 4), (10, 20), (12, 24))
    assert "absent in slice 3" in finding.message


def test_limits_change_what_is_found(tmp_path):
    mask = town()
    mask[2:4, 2:5] = 1  # six pixels
    assert "MA301" not in found(tmp_path, mask)
    assert "MA301" in found(tmp_path, mask, limits=LintLimits(speck_pixels=6))


def test_ignored_areas_are_never_flawed(tmp_path):
    mask = town()
    mask[2, 3] = 255
    assert found(tmp_path, mask, "ignore = [255]\n" + CLASSES) == {}


def test_unreadable_files_are_findings(tmp_path):
    make_dataset(tmp_path, {"gt": {"a": town()}}, CLASSES)
    (tmp_path / "masks" / "gt" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    colour = np.zeros((30, 30, 3), np.uint8)
    colour[5:20, 5:20] = 200, 30, 30
    write_png(tmp_path / "masks" / "gt" / "c.png", colour)
    codes = {f.sample: f.code for f in lint(tmp_path).findings}
    assert codes == {"b": "MA101", "c": "MA103"}


def volume_of(tmp_path, volume, toml=CLASSES, **choices):
    """Findings by code on a dataset of one volume."""
    folder = tmp_path / "masks" / "gt"
    folder.mkdir(parents=True, exist_ok=True)
    (tmp_path / "dataset.toml").write_text(toml)
    np.save(folder / "scan.npy", volume.astype(np.uint8))
    return {f.code: f for f in lint(tmp_path, **choices).findings}


def ball(size=60, radius=22):
    z, y, x = np.mgrid[:size, :size, :size] - size / 2
    return (z**2 + y**2 + x**2 <= radius**2).astype(np.uint8)


def test_a_round_volume_is_quiet(tmp_path):
    assert volume_of(tmp_path, ball()) == {}


def test_an_enlarged_volume_has_blocks_in_every_slice(tmp_path):
    small = ball(40, 15)
    enlarged = np.kron(small, np.ones((1, 4, 4), np.uint8))
    finding = volume_of(tmp_path, enlarged, select=["MA4"])["MA401"]
    assert "blocks of 4 × 4 px" in finding.message
    assert "40 × 40 px" in finding.message


def test_a_ragged_volume_has_teeth_unless_it_was_drawn_in_other_slices(tmp_path):
    rng = np.random.default_rng(0)
    ragged = np.stack([disc(120) & (rng.random((120, 120)) > 0.2) for _ in range(3)])
    assert "MA401" in volume_of(tmp_path / "ragged", ragged, select=["MA401"])
    # smooth in slices along the last axis, and pushed to and fro from one such slice to the next
    push = rng.integers(-4, 5, 60)
    drawn = np.stack([np.roll(ball()[:, :, n], push[n], axis=1) for n in range(60)], axis=2)
    assert "MA401" not in volume_of(tmp_path / "sagittal", drawn, select=["MA401"])


def test_a_volume_cut_at_a_tile_edge_is_found(tmp_path):
    cut = ball()
    cut[:, :, 40:] = 0
    finding = volume_of(tmp_path, cut, select=["MA403"])["MA403"]
    assert {box[2] for box in finding.places} == {(39, 40)}
    assert all(high - low == 1 for (low, high), *_ in finding.places)


def test_polygons_in_slices_of_a_volume_are_found(tmp_path):
    from skimage.draw import polygon

    drawn = np.zeros((140, 140), np.uint8)
    drawn[polygon([60, 40, 90, 130, 120], [20, 70, 110, 80, 25])] = 1
    rounds = [disc(140, (70, 66 + n % 8), 35) for n in range(20)]
    volume = np.stack([*rounds[:10], drawn, *rounds[10:]])
    finding = volume_of(tmp_path, volume, select=["MA402"])["MA402"]
    assert [box[0] for box in finding.places] == [(10, 11)]
