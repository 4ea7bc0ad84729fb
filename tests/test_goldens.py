"""Golden values: numbers that other people published, or that a few lines of arithmetic give.

Every case says where its numbers come from. "Published" means that the named project asserts them
in its own tests or documentation; what is derived is derived in the comment. All go through the
functions a user calls.
"""

from __future__ import annotations

from math import inf, nan, sqrt
from typing import Any

import numpy as np
import pytest

import napari_mask_audit as ma
from cases import boxes
from instance_cases import canvas
from napari_mask_audit.agreement import (
    VoteTable,
    cohen_kappa,
    consensus_of_masks,
    fleiss_kappa,
    krippendorff_alpha,
)
from napari_mask_audit.agreement.staple import binary_staple, label_staple
from napari_mask_audit.boundaries import surface_distances
from napari_mask_audit.kernels import count_tuples
from napari_mask_audit.metrics.boundary import hd95_pooled

MICRO = 5e-7  # of a number given to six digits


def row(reference: Any, candidate: Any, *, spacing: Any = None, **chosen: Any) -> ma.ClassScores:
    """Scores of class 1, whether it occurs or not."""
    chosen = {"tolerances": (1.0,), "boundary_width_px": 1} | chosen
    result = ma.compare(
        reference,
        candidate,
        class_names={1: "object"},
        spacing=spacing,
        settings=ma.Settings(**chosen),
    )
    return next(found for found in result.classes if found.id == 1)


def nsd(found: ma.ClassScores) -> list[float]:
    return [share for _, share in found.boundary.nsd]


def directed_means(reference: Any, candidate: Any, spacing: Any) -> list[float]:
    pair = surface_distances(reference, candidate, [1], spacing=spacing)[1]
    sides = pair.reference, pair.candidate
    return [float(np.average(side.distances, weights=side.weights)) for side in sides]


def pooled_hd95(reference: Any, candidate: Any) -> float:
    pair = surface_distances(reference, candidate, [1], spacing=(1, 1), convention="voxel")[1]
    return hd95_pooled(pair)


def objects(reference: Any, candidate: Any, rule: str = "gt", threshold: float = 0.5) -> Any:
    chosen = ma.Settings(match_rule=rule, match_threshold=threshold)
    return ma.compare(reference, candidate, instances=True, settings=chosen).instances


def test_g1_the_example_of_the_readme():
    """Derived. One of five pixels is missing, at the end of a column of three.

    Reference: 4 edge points and 6 corners, 4 + 3√2; candidate: 2 + 4√2 (a diagonal contact is two
    corners at once). The two outer corners of the missing pixel are at 1.
    """
    reference = np.array([[0, 0, 1], [0, 1, 1], [0, 1, 1]])
    candidate = np.array([[0, 0, 1], [0, 1, 1], [0, 0, 1]])
    found = row(reference, candidate, tolerances=(0, 1))
    region = found.region
    assert (region.overlap_pixels, region.reference_pixels, region.candidate_pixels) == (4, 5, 4)
    assert (found.iou, region.dice) == (0.8, 8 / 9)
    lengths = found.boundary.reference_surface, found.boundary.candidate_surface
    assert lengths == pytest.approx((8.242641, 7.656854), abs=MICRO)
    assert (found.boundary.hd, found.boundary.hd95, found.boundary.boundary_iou) == (1, 1, 0.8)
    assert found.boundary.assd == pytest.approx(0.088947, abs=MICRO)
    assert found.boundary.masd == pytest.approx(0.089068, abs=MICRO)
    assert found.boundary.boundary_offset == pytest.approx(-0.089068, abs=MICRO)
    assert nsd(found) == pytest.approx([0.911053, 1], abs=MICRO)
    # Nine border pixels, one of them at 1; interpolated between the last two of 5, or of 9.
    voxel = row(reference, candidate, convention="voxel").boundary
    assert (voxel.hd, voxel.hd95, voxel.assd) == pytest.approx((1, 0.8, 1 / 9))
    assert pooled_hd95(reference, candidate) == pytest.approx(0.6)


def test_g2_two_single_pixels():
    """Published: google-deepmind/surface-distance, test of single pixels; spacing (2, 1).

    Four corners of ½√5 each, two of them at 1 and two at 2.
    """
    masks = boxes((128, 128), ((50, 51), (70, 71))), boxes((128, 128), ((50, 51), (72, 73)))
    found = row(*masks, spacing=(2, 1))
    assert found.boundary.reference_surface == pytest.approx(4 * sqrt(5) / 2)
    assert directed_means(*masks, (2, 1)) == pytest.approx([1.5, 1.5])
    assert (found.boundary.hd, found.boundary.hd95, found.region.dice) == (2, 2, 0)
    assert nsd(found) == pytest.approx([0.5])
    voxel = row(*masks, spacing=(2, 1), convention="voxel")
    assert (voxel.boundary.assd, nsd(voxel)) == (2, [0])


def test_g3_a_square_grown_by_a_row():
    """Inputs published by the same project; spacing (2, 1).

    Outlines 2·(1 + 2) + 4·½√5 and 2·(1 + 2·2) + 4·½√5: rows are 2 apart, so upright points weigh 2.
    """
    masks = boxes((6, 6), ((1, 3), (1, 3))), boxes((6, 6), ((1, 4), (1, 3)))
    found = row(*masks, spacing=(2, 1), tolerances=(0, 1))
    lengths = found.boundary.reference_surface, found.boundary.candidate_surface
    assert lengths == pytest.approx((6 + 2 * sqrt(5), 10 + 2 * sqrt(5)))
    assert found.iou == pytest.approx(2 / 3)
    assert found.boundary.assd == pytest.approx(0.299553, abs=MICRO)
    assert nsd(found) == pytest.approx([0.830179, 0.870268], abs=MICRO)


def test_g4_half_volumes():
    """Published to three digits by the same project: 100³ cut after 50 and 51 slices of 2."""
    shape, rest = (100, 100, 100), ((0, 100), (0, 100))
    masks = boxes(shape, ((0, 50), *rest)), boxes(shape, ((0, 51), *rest))
    found = row(*masks, spacing=(2, 1, 1))
    scores = found.boundary
    means = directed_means(*masks, (2, 1, 1))
    assert means == pytest.approx([0.322, 0.339], abs=5e-4)
    assert means == pytest.approx([0.322447, 0.339396], abs=MICRO)
    assert (scores.hd, scores.hd95) == (2, 2)
    within = (
        scores.reference_within[0][1] / scores.reference_surface,
        scores.candidate_within[0][1] / scores.candidate_surface,
    )
    assert within == pytest.approx((0.842066, 0.830302), abs=MICRO)
    assert nsd(found) == pytest.approx([0.836145], abs=MICRO)
    assert found.region.dice == pytest.approx(100 / 101)


@pytest.mark.parametrize("empty", ["reference", "candidate", "both"])
def test_g5_empty_masks(empty):
    """Published: the same project gives HD inf, NSD 0 and Dice 0 for one empty mask.

    For two it gives HD inf; here nothing to measure is undefined in every score.
    """
    pixel, nothing = boxes((128, 128), ((50, 51), (70, 71))), boxes((128, 128))
    masks = {
        "reference": (nothing, pixel),
        "candidate": (pixel, nothing),
        "both": (nothing, nothing),
    }[empty]
    found = row(*masks)
    wanted = (inf, inf, 0, 0) if empty != "both" else (nan,) * 4
    got = (found.boundary.hd, found.boundary.assd, *nsd(found), found.region.dice)
    assert got == pytest.approx(wanted, nan_ok=True)


def test_g6_a_cross_through_a_square():
    """Published: MetricsReloaded, figure 10, to two or three digits (voxel convention)."""
    square = ((3, 8), (3, 8))
    masks = (
        boxes((11, 11), square),
        boxes((11, 11), square, ((5, 6), (1, 10)), ((1, 10), (5, 6))),
    )
    voxel = row(*masks, convention="voxel", tolerances=(1, 2))
    assert voxel.region.dice == pytest.approx(0.862, abs=5e-4)
    assert voxel.region.dice == pytest.approx(50 / 58)
    assert voxel.iou == pytest.approx(25 / 33)
    assert voxel.boundary.assd == pytest.approx(4 / 9)
    assert voxel.boundary.masd == pytest.approx(0.425)
    assert nsd(voxel) == pytest.approx([8 / 9, 1])
    surfel = row(*masks)
    assert surfel.boundary.assd == pytest.approx(0.394394, abs=MICRO)
    assert nsd(surfel) == pytest.approx([0.884485], abs=MICRO)


def test_g7_a_far_pixel():
    """Published: MetricsReloaded's Hausdorff test, 11.31 and 6.79 (voxel convention).

    The pixel (1, 1) is 8√2 from (9, 9). Of the reference's 9 border pixels it is the only one not
    at 0: HD95 is 0.6 of the way up. Over all 17 border pixels it is 0.2 of the way.
    """
    masks = (
        boxes((14, 14), ((1, 2), (1, 2)), ((9, 12), (9, 12))),
        boxes((14, 14), ((9, 12), (9, 12))),
    )
    voxel = row(*masks, convention="voxel").boundary
    assert (voxel.hd, voxel.hd95) == pytest.approx((8 * sqrt(2), 0.6 * 8 * sqrt(2)))
    assert pooled_hd95(*masks) == pytest.approx(0.2 * 8 * sqrt(2))
    assert row(*masks).boundary.hd95 == pytest.approx(8 * sqrt(2))


@pytest.mark.parametrize(("width", "shared", "bands"), [(1, 53, (72, 70)), (2, 117, (136, 132))])
def test_g8_a_square_without_its_first_row(width, shared, bands):
    """Published: MetricsReloaded, Boundary IoU 0.6 at width 1. Derived: 19 × 19 against 18 × 19.

    Bands: 361 − 17² = 72 and 342 − 16·17 = 70 pixels. The candidate's interior lies within the
    reference's, so they share 342 − 17² = 53. At width 2: 361 − 15² = 136, 342 − 14·15 = 132, and
    342 − 15² = 117.
    """
    masks = boxes((22, 22), ((2, 21), (2, 21))), boxes((22, 22), ((3, 21), (2, 21)))
    found = row(*masks, boundary_width_px=width)
    assert (found.band.reference_band, found.band.candidate_band) == bands
    assert found.band.intersection == shared
    assert found.boundary.boundary_iou == pytest.approx(shared / (sum(bands) - shared))
    expected = {1: 0.595506, 2: 0.774834}[width]
    assert found.boundary.boundary_iou == pytest.approx(expected, abs=MICRO)
    assert found.iou == pytest.approx(18 / 19)


def test_g9_a_pixel_and_a_domino():
    """Published: jeromerony/distorch, 1/5 for the vertex form of ASSD (unweighted corners).

    4 corners at 0; of the domino's 6, four at 0 and two at 1: 2/10. Weighted, each pixel corner is
    ½√2 and the two points inside the domino's long sides weigh 1: (2·½√2) / (4√2 + 2).
    """
    masks = boxes((5, 6), ((2, 3), (2, 3))), boxes((5, 6), ((2, 3), (2, 4)))
    pair = surface_distances(*masks, [1], spacing=(1, 1))[1]
    together = np.concatenate([pair.reference.distances, pair.candidate.distances])
    assert together.mean() == pytest.approx(0.2)
    assert row(*masks).boundary.assd == pytest.approx(sqrt(2) / (4 * sqrt(2) + 2))


def test_g10_four_objects():
    """Published: panoptica's golden case. One exact, one 90 of 100 pixels, one missed, one new."""
    shape = (50, 50)
    reference = canvas(shape, (1, 5, 15, 5, 15), (2, 20, 30, 20, 30), (3, 40, 48, 5, 13))
    candidate = canvas(shape, (1, 5, 15, 5, 15), (2, 21, 30, 20, 30), (4, 40, 48, 40, 48))
    found = objects(reference, candidate)
    assert (found.tp, found.fp, found.fn) == (2, 1, 1)
    assert (found.rq, found.sq) == pytest.approx((0.6667, 0.95), abs=5e-5)
    assert found.pq == pytest.approx(0.633333, abs=MICRO)
    assert found.ap_dsb[0] == 0.5
    # All objects as one region: 190 of 264 and 254 pixels.
    whole = ma.compare(reference, candidate, instances=True).classes[0].region
    assert (whole.dice, whole.iou) == pytest.approx((0.733591, 0.579268), abs=MICRO)


@pytest.mark.parametrize(("threshold", "tp"), [(0.1, 1), (0.2, 1), (0.3, 1), (0.4, 0), (0.5, 0)])
def test_g11_half_overlap(threshold, tp):
    """Published: panoptica's threshold curve. 100 of 300 pixels: IoU 1/3."""
    reference, candidate = (
        canvas((50, 50), (1, 10, 20, 10, 30)),
        canvas((50, 50), (1, 10, 20, 20, 40)),
    )
    found = objects(reference, candidate, threshold=threshold)
    assert (found.tp, found.fp, found.fn) == (tp, 1 - tp, 1 - tp)


def test_g12_a_shifted_square():
    """Published: StarDist's documentation of its matching function. 50 of 150 pixels: IoU 1/3."""
    reference = canvas((100, 100), (1, 10, 20, 10, 20))
    found = objects(reference, np.roll(reference, 5, axis=0), rule="ge")
    assert (found.tp, found.fp, found.fn) == (0, 1, 1)


@pytest.mark.parametrize(("rule", "tp", "pq", "f1"), [("gt", 0, 0, 0), ("ge", 1, 1 / 3, 2 / 3)])
def test_g13_exact_halves(rule, tp, pq, f1):
    """Derived: both halves have IoU 1/2. Kirillov et al. (2019) ask for more, StarDist for as much.

    Knowing the reference object, which half a pixel is in takes one bit.
    """
    halves = canvas((4, 4), (1, 0, 4, 0, 2), (2, 0, 4, 2, 4))
    found = objects(np.ones((4, 4), np.int32), halves, rule=rule)
    assert (found.tp, found.pq, found.f1) == pytest.approx((tp, pq, f1))
    assert (found.voi_split, found.voi_merge) == (1, 0)


def test_g14_the_greedy_choice_loses_a_pair():
    """Derived: IoU (1, 1) 28/60, (1, 2) 12/40, (2, 1) 20/60; the best pair blocks the other two."""
    reference = canvas((4, 30), (1, 0, 4, 0, 10), (2, 0, 4, 10, 18))
    candidate = canvas((4, 30), (1, 0, 4, 3, 15), (2, 0, 4, 0, 3))
    found = objects(reference, candidate, threshold=0.29)
    assert (found.tp, found.pq) == (2, pytest.approx(0.316667, abs=MICRO))


def test_g15_fleiss_1971():
    """Published: the worked table of 14 raters and 10 subjects, kappa 0.210."""
    table = """0 0 0 0 14  0 2 6 4 2  0 0 3 5 6  0 3 9 2 0  2 2 8 1 1
               7 7 0 0 0   3 2 6 3 0  2 5 3 2 2  6 5 2 1 0  0 2 2 3 7"""
    tally = np.array(table.split(), int).reshape(10, 5)
    assert (tally.sum(axis=1) == 14).all()
    assert fleiss_kappa(tally) == pytest.approx(0.209931, abs=MICRO)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[20, 5], [10, 15]], 0.4),  # (0.7 − 0.5) / 0.5
        ([[45, 15], [25, 15]], 0.130435),  # (0.6 − 0.54) / 0.46 = 3/23
        ([[25, 35], [5, 35]], 0.259259),  # (0.6 − 0.46) / 0.54 = 7/27
    ],
)
def test_g16_cohen(table, kappa):
    """Published: textbook tables; the last two agree equally often and differ by chance."""
    assert cohen_kappa(table) == pytest.approx(kappa, abs=MICRO)


def test_g17_krippendorff_with_missing_labels():
    """Published: three coders, fifteen units, 0.691 for nominal labels."""
    coders = """* * * * * 3 4 1 2 1 1 3 3 * 3
                1 * 2 1 3 3 4 3 * * * * * * *
                * * 2 1 3 4 4 * 2 1 1 3 3 * 4"""
    said = np.array(coders.replace("*", "0").split(), int).reshape(3, 15)
    tally = (said[:, :, None] == np.arange(1, 5)).sum(axis=0)
    assert krippendorff_alpha(tally) == pytest.approx(0.691358, abs=MICRO)


def test_g18_staple():
    """Three raters, six pixels. SimpleITK 2.5.7 gives the same to eight digits, in 77 rounds."""
    raters = [np.array([list(map(int, r))], np.uint8) for r in ("110000", "111000", "100001")]
    found = binary_staple(VoteTable(("a", "b", "c"), *count_tuples(raters)))
    rows, _ = count_tuples(raters)
    truth = dict(zip(map(tuple, rows.tolist()), found.probability[:, 1], strict=True))
    per_pixel = [truth[tuple(int(r[0, n]) for r in raters)] for n in range(6)]
    assert per_pixel == pytest.approx([1, 1, 9.3e-7, 0, 0, 0], abs=5e-8)
    sensitivity, specificity = found.confusion[:, 1, 1], found.confusion[:, 0, 0]
    assert sensitivity == pytest.approx([0.99999945, 1, 0.49999972], abs=5e-9)
    assert specificity == pytest.approx([1, 0.75000021, 0.74999993], abs=5e-9)
    assert found.iterations == 77
    consensus = consensus_of_masks(raters, method="staple", region="full", background=0)
    assert consensus.labels.tolist() == [[1, 1, 0, 0, 0, 0]]


def test_g19_tied_votes_seed_nothing():
    """Two raters, 0101 and 0110: pixels 0 and 1 are unanimous, 2 and 3 are ties.

    Seeded without the ties, each rater is perfect: the identity. SimpleITK 2.5.7, which counts a
    tie as a further label, gives [[1, 0], [0.5, 0.5]] (corrected in ITK by pull request 6579).
    """
    raters = [np.array([row], np.uint8) for row in ([0, 1, 0, 1], [0, 1, 1, 0])]
    found = label_staple(VoteTable(("a", "b"), *count_tuples(raters)), iterations=0)
    np.testing.assert_array_equal(found.confusion, [np.eye(2), np.eye(2)])


def test_g20_boundary_f_forgives_a_doubled_line():
    """Derived: one line, two lines beside it within the tolerance; every element finds the other.

    A one-to-one assignment of boundary pixels (BSDS) would give precision 1/2 and F 2/3.
    """
    reference = boxes((40, 60), ((20, 21), (10, 50)))
    candidate = boxes((40, 60), ((19, 20), (10, 50)), ((21, 22), (10, 50)))
    assert row(reference, candidate, tolerances=(2,)).boundary.boundary_f == 1


def test_g21_what_corners_do_not_see():
    """Derived: in a checkerboard every inner corner is boundary, with or without one more pixel.

    Pixel (6, 6) is the 73rd beside 72 of 144.
    """
    board = (np.indices((12, 12)).sum(axis=0) % 2).astype(np.uint8)
    changed = board.copy()
    changed[6, 6] = 1 - changed[6, 6]
    found = row(board, changed, tolerances=(0,))
    assert (found.boundary.hd, nsd(found)) == (0, [1])
    assert found.iou == pytest.approx(0.986301, abs=MICRO)
    assert found.iou == 72 / 73


def test_g22_what_border_pixels_do_not_see():
    """Derived: a 3 × 3 square and its ring have the same eight border pixels."""
    solid, ring = boxes((7, 7), ((2, 5), (2, 5))), boxes((7, 7), ((2, 5), (2, 5)))
    ring[3, 3] = 0
    voxel = row(solid, ring, convention="voxel", tolerances=(0,))
    assert (voxel.boundary.hd, nsd(voxel), voxel.iou) == (0, [1], 8 / 9)
    assert row(solid, ring).boundary.hd == 1


def test_g23_six_mean_ious_of_one_image():
    """Derived: IoU 10/12, 3/5, missed class 2, invented class 3, class 4 nowhere.

    The other conventions are computed here from the same rows, to show that they are what the
    names say: MONAI drops what only the prediction has (0.478) and can count absence as 1 (0.487);
    scikit-learn with all labels counts it as 0 (0.287).
    """
    reference = [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 2, 0], [0, 0, 0, 0]]
    candidate = [[0, 0, 0, 0], [0, 1, 1, 1], [0, 1, 1, 0], [0, 0, 3, 0]]
    result = ma.compare(reference, candidate, class_names={4: "nowhere"})
    ious = [found.iou for found in result.classes]
    assert ious == pytest.approx([10 / 12, 3 / 5, 0, 0, nan], nan_ok=True)
    assert result.mean_iou == pytest.approx(0.358333, abs=MICRO)
    in_reference = [f.iou for f in result.classes if f.region.reference_pixels]
    assert np.mean(in_reference) == pytest.approx(0.477778, abs=MICRO)
    assert np.mean(np.nan_to_num(ious, nan=1)) == pytest.approx(0.486667, abs=MICRO)
    assert np.mean(np.nan_to_num(ious, nan=0)) == pytest.approx(0.286667, abs=MICRO)
    assert ma.compare(reference, candidate, background=0).mean_iou == pytest.approx(0.2)
    sums = [
        sum(n)
        for n in zip(
            *((f.region.overlap_pixels, f.region.union_pixels) for f in result.classes), strict=True
        )
    ]
    assert sums[0] / sums[1] == pytest.approx(0.684211, abs=MICRO)
