"""Boundary scores: hand-derived cases, published numbers, properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import oracles
from cases import CASES, Case, boxes
from kernel_strategies import BACKENDS, label_maps, using
from napari_mask_audit.boundaries import surface_distances
from napari_mask_audit.errors import SettingsError
from napari_mask_audit.masks import Mask
from napari_mask_audit.metrics.boundary import (
    BoundaryScores,
    boundary_scores,
    hd95_pooled,
)
from napari_mask_audit.metrics.sensitivity import size_sensitivity
from napari_mask_audit.metrics.surface_sums import surface_quantile
from napari_mask_audit.status import Status

NAN, INF = math.nan, math.inf


def scores_of(reference, candidate, *, spacing=None, width=1, tolerances=(1.0,), **options):
    """Scores of class 1."""
    masks = [Mask.from_array(m, spacing=spacing) for m in (reference, candidate)]
    return boundary_scores(*masks, [1], tolerances=tolerances, width=width, **options)[1]


def value_of(scores: BoundaryScores, name: str) -> float:
    if name == "nsd":
        return scores.nsd[0][1]
    return scores.boundary_iou if name == "biou" else getattr(scores, name)


MEASURED = [
    pytest.param(case, name, id=f"{case.name.split()[0]}-{name}")
    for case in CASES
    for name in case.expected
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("case", "name"), MEASURED)
def test_canonical_cases(backend, case: Case, name):
    convention = "voxel" if name.startswith("voxel_") else "surfel"
    with using(backend):
        scores = scores_of(
            case.reference, case.candidate, spacing=case.spacing, convention=convention
        )
    found = value_of(scores, name.removeprefix("voxel_"))
    # The square root of a difference of nearly equal numbers has half their digits.
    tolerance = 1e-9 if name.endswith("_sd") else 1e-12
    assert found == pytest.approx(case.expected[name], rel=0, abs=tolerance, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("E1", Status.BOTH_EMPTY),
        ("E2", Status.REFERENCE_EMPTY),
        ("E3", Status.CANDIDATE_EMPTY),
        ("E4", Status.OK),
    ],
)
def test_undefined_is_nan_and_failure_is_not(name, status):
    case = next(c for c in CASES if c.name.startswith(f"{name} "))
    scores = scores_of(case.reference, case.candidate)
    assert scores.status is scores.surface_status is status
    expected = {Status.BOTH_EMPTY: (NAN, NAN, NAN), Status.OK: (0, 1, 0)}
    distance, share, offset = expected.get(status, (INF, 0, NAN))
    for name in ("hd", "hd95", "assd", "masd"):
        assert getattr(scores, name) == pytest.approx(distance, nan_ok=True)
    for found in (scores.boundary_f, scores.boundary_iou, scores.nsd[0][1]):
        assert found == pytest.approx(share, nan_ok=True)
    for name in ("boundary_offset", "reference_offset", "candidate_offset", "boundary_offset_sd"):
        assert getattr(scores, name) == pytest.approx(offset, nan_ok=True)


def test_seed_example():
    """Surfaces 8.2426 = 3 + 3·√2 + ... and 7.6569 long; one corner of the reference is off by 1."""
    reference = np.array([[0, 0, 1], [0, 1, 1], [0, 1, 1]])
    candidate = np.array([[0, 0, 1], [0, 1, 1], [0, 0, 1]])
    scores = scores_of(reference, candidate, tolerances=(0, 1))
    assert scores.reference_surface == pytest.approx(4 + 3 * math.sqrt(2))
    assert scores.candidate_surface == pytest.approx(2 + 4 * math.sqrt(2))
    assert (scores.hd, scores.hd95) == (1, 1)
    assert scores.assd == pytest.approx(0.088947, abs=5e-7)
    assert scores.masd == pytest.approx(0.089068, abs=5e-7)
    assert scores.boundary_offset == pytest.approx(-0.089068, abs=5e-7)
    assert [value for _, value in scores.nsd] == pytest.approx([0.911053, 1], abs=5e-7)
    assert scores.boundary_iou == 0.8
    voxel = scores_of(reference, candidate, convention="voxel")
    assert (voxel.hd, voxel.assd) == (1, pytest.approx(1 / 9))
    assert voxel.hd95 == pytest.approx(0.8)  # 0, 0, 0, 0, 1 interpolated at 95 %
    pair = surface_distances(reference, candidate, [1], spacing=(1, 1), convention="voxel")[1]
    assert hd95_pooled(pair) == pytest.approx(0.6)  # nine border pixels, one at distance 1


def test_published_two_pixels():
    """Nikolov et al., test of two pixels two columns apart, spacing (2, 1)."""
    reference, candidate = np.zeros((2, 128, 128), np.uint8)
    reference[50, 70] = candidate[50, 72] = 1
    scores = scores_of(reference, candidate, spacing=(2, 1))
    assert scores.reference_surface == pytest.approx(4 * math.sqrt(5) / 2)
    assert (scores.hd, scores.hd95, scores.assd, scores.nsd[0][1]) == (2, 2, 1.5, 0.5)
    voxel = scores_of(reference, candidate, spacing=(2, 1), convention="voxel")
    assert (voxel.assd, voxel.nsd[0][1]) == (2, 0)


def test_published_squares():
    reference, candidate = boxes((6, 6), ((1, 3), (1, 3))), boxes((6, 6), ((1, 4), (1, 3)))
    scores = scores_of(reference, candidate, spacing=(2, 1), tolerances=(0, 1))
    assert scores.reference_surface == pytest.approx(6 + 2 * math.sqrt(5))
    assert scores.candidate_surface == pytest.approx(10 + 2 * math.sqrt(5))
    assert scores.assd == pytest.approx(0.299553, abs=5e-7)
    assert [value for _, value in scores.nsd] == pytest.approx([0.830179, 0.870268], abs=5e-7)


def test_published_half_volumes():
    """Nikolov et al., 100³ cut in two, spacing (2, 1, 1): their numbers to three digits."""
    reference = boxes((100, 100, 100), ((0, 50), (0, 100), (0, 100)))
    candidate = boxes((100, 100, 100), ((0, 51), (0, 100), (0, 100)))
    scores = scores_of(reference, candidate, spacing=(2, 1, 1))
    pair = surface_distances(reference, candidate, [1], spacing=(2, 1, 1))[1]
    means = [
        float(np.average(d.distances, weights=d.weights)) for d in (pair.reference, pair.candidate)
    ]
    assert means == pytest.approx([0.322447, 0.339396], abs=5e-7)
    assert (scores.hd, scores.hd95) == (2, 2)
    within = [
        scores.reference_within[0][1] / scores.reference_surface,
        scores.candidate_within[0][1] / scores.candidate_surface,
    ]
    assert within == pytest.approx([0.842066, 0.830302], abs=5e-7)
    assert scores.nsd[0][1] == pytest.approx(0.836145, abs=5e-7)


def test_published_cross():
    """MetricsReloaded, figure 10: a square and the same square with a cross through it."""
    reference = boxes((11, 11), ((3, 8), (3, 8)))
    candidate = boxes((11, 11), ((3, 8), (3, 8)), ((5, 6), (1, 10)), ((1, 10), (5, 6)))
    voxel = scores_of(reference, candidate, convention="voxel", tolerances=(1, 2))
    assert voxel.assd == pytest.approx(4 / 9)
    assert voxel.masd == pytest.approx(0.425)
    assert [value for _, value in voxel.nsd] == pytest.approx([8 / 9, 1])
    surfel = scores_of(reference, candidate)
    assert surfel.assd == pytest.approx(0.394394, abs=5e-7)
    assert surfel.nsd[0][1] == pytest.approx(0.884485, abs=5e-7)


def test_published_far_pixel():
    """MetricsReloaded: one pixel of the reference is far from everything."""
    reference = boxes((14, 14), ((1, 2), (1, 2)), ((9, 12), (9, 12)))
    candidate = boxes((14, 14), ((9, 12), (9, 12)))
    voxel = scores_of(reference, candidate, convention="voxel")
    assert voxel.hd == pytest.approx(8 * math.sqrt(2))
    assert voxel.hd95 == pytest.approx(6.788225, abs=5e-7)
    pair = surface_distances(reference, candidate, [1], spacing=(1, 1), convention="voxel")[1]
    assert hd95_pooled(pair) == pytest.approx(2.262742, abs=5e-7)
    assert scores_of(reference, candidate).hd95 == pytest.approx(8 * math.sqrt(2))


@pytest.mark.parametrize(("width", "expected"), [(1, 0.595506), (2, 0.774834)])
def test_published_boundary_iou(width, expected):
    reference, candidate = boxes((22, 22), ((2, 21), (2, 21))), boxes((22, 22), ((3, 21), (2, 21)))
    found = scores_of(reference, candidate, width=width).boundary_iou
    assert found == pytest.approx(expected, abs=5e-7)


def test_corners_of_one_and_two_pixels():
    """1 px against a 2-px domino sharing it: the corner form of ASSD is 0.2."""
    reference, candidate = boxes((5, 6), ((2, 3), (2, 3))), boxes((5, 6), ((2, 3), (2, 4)))
    pair = surface_distances(reference, candidate, [1], spacing=(1, 1))[1]
    assert [d.distances.size for d in (pair.reference, pair.candidate)] == [4, 6]
    together = np.concatenate([pair.reference.distances, pair.candidate.distances])
    assert together.mean() == pytest.approx(0.2)


def test_boundary_f_forgives_a_doubled_line():
    reference = boxes((40, 60), ((20, 21), (10, 50)))
    candidate = boxes((40, 60), ((19, 20), (10, 50)), ((21, 22), (10, 50)))
    assert scores_of(reference, candidate, tolerances=(2,)).boundary_f == 1


def test_corners_do_not_see_every_difference():
    """A checkerboard with one pixel changed has its corners where it had them."""
    board = np.indices((12, 12)).sum(axis=0) % 2
    changed = board.copy()
    changed[6, 6] = 1 - changed[6, 6]
    scores = scores_of(board, changed, tolerances=(0,))
    assert (scores.hd, scores.nsd[0][1]) == (0, 1)


def test_border_pixels_do_not_see_a_one_pixel_hole():
    solid, ring = boxes((7, 7), ((2, 5), (2, 5))), boxes((7, 7), ((2, 5), (2, 5)))
    ring[3, 3] = 0
    voxel = scores_of(solid, ring, convention="voxel", tolerances=(0,))
    assert (voxel.hd, voxel.nsd[0][1]) == (0, 1)
    assert scores_of(solid, ring).hd == 1


@pytest.mark.parametrize(("radius", "expected"), [(43, 2.635), (37, -2.720)])
def test_offset_says_how_far_too_large_or_small(radius, expected):
    assert scores_of(disc(40), disc(radius)).boundary_offset == pytest.approx(expected, abs=5e-4)


def test_a_shift_has_no_offset_but_a_spread():
    scores = scores_of(disc(40), np.roll(disc(40), 3, axis=1))
    assert scores.boundary_offset == pytest.approx(0, abs=1e-9)
    assert scores.boundary_offset_sd == pytest.approx(1.92, abs=5e-3)


def disc(radius: int) -> np.ndarray:
    y, x = np.indices((128, 128)) - 64
    return (y**2 + x**2 <= radius**2).astype(np.uint8)


@pytest.mark.parametrize("axis", [0, 1])
def test_an_ignored_half_neither_hides_nor_makes_boundary(axis):
    """Masking first and measuring then would see the edge of the ignored half twice, in place."""
    reference, candidate = disc(40), np.roll(disc(40), 4, axis=axis)
    hidden = np.where(np.arange(128) >= 64, 2, reference).astype(np.uint8)
    scores = scores_of(hidden, candidate, ignore_ids=[2])
    everything = scores_of(reference, candidate)
    masked = scores_of(*(np.where(hidden == 2, 0, m) for m in (reference, candidate)))
    assert 0.4 < scores.kept < 0.6
    # By symmetry the visible half is about like the whole.
    assert scores.nsd[0][1] == pytest.approx(everything.nsd[0][1], abs=0.05)
    assert masked.nsd[0][1] > everything.nsd[0][1] + 0.2


def test_a_surface_wholly_next_to_ignored_pixels_cannot_be_measured():
    reference = np.full((9, 9), 2, np.uint8)
    reference[3:6, 3:6] = 1
    candidate = np.zeros((9, 9), np.uint8)
    candidate[3:6, 3:6] = 1
    scores = scores_of(reference, candidate, ignore_ids=[2])
    assert scores.status is Status.OK
    assert scores.surface_status is Status.NOT_APPLICABLE
    assert scores.kept == 0
    assert scores.boundary_iou == 1
    for value in (scores.hd, scores.assd, scores.nsd[0][1], scores.boundary_f):
        assert math.isnan(value)


def test_nothing_counts_where_all_is_ignored():
    scores = scores_of(np.full((5, 5), 2), np.ones((5, 5)), ignore_ids=[2])
    assert scores.status is Status.ALL_IGNORED
    assert math.isnan(scores.hd)
    assert math.isnan(scores.boundary_iou)


def test_nsd_pools_over_samples():
    pairs = [
        (boxes((20, 20), ((2, 8), (2, 8))), boxes((20, 20), ((3, 9), (2, 8)))),
        (boxes((20, 20), ((2, 18), (2, 18))), boxes((20, 20), ((2, 14), (2, 18)))),
    ]
    scores = [scores_of(*pair, tolerances=(0.5,)) for pair in pairs]
    within = sum(s.reference_within[0][1] + s.candidate_within[0][1] for s in scores)
    surface = sum(s.reference_surface + s.candidate_surface for s in scores)
    # Side by side in one image, far enough apart not to disturb each other.
    together = scores_of(
        *(np.hstack(masks) for masks in zip(*pairs, strict=True)), tolerances=(0.5,)
    )
    assert within / surface == pytest.approx(together.nsd[0][1], rel=1e-12)


def test_without_tolerances_there_is_no_share():
    scores = scores_of(disc(10), disc(11), tolerances=())
    assert scores.nsd == ()
    assert math.isnan(scores.boundary_f)
    assert scores.hd > 0


@pytest.mark.parametrize("tolerance", [-1, NAN, INF])
def test_a_tolerance_is_a_distance(tolerance):
    with pytest.raises(SettingsError, match="boundary tolerances must be numbers >= 0") as caught:
        scores_of(disc(10), disc(11), tolerances=(1, tolerance))
    assert caught.value.code == "bad-tolerance"


# Properties ---------------------------------------------------------------------------------

PAIRS = label_maps(2, labels=2)
CONVENTIONS = st.sampled_from(["surfel", "voxel"])


def both_present(masks) -> bool:
    return all((m == 1).any() for m in masks)


@given(masks=PAIRS, convention=CONVENTIONS)
def test_scores_are_symmetric_and_the_offset_changes_sign(masks, convention):
    one = scores_of(*masks, convention=convention)
    other = scores_of(*masks[::-1], convention=convention)
    for name in ("hd", "hd95", "assd", "masd", "nsd", "biou", "boundary_f", "boundary_offset_sd"):
        found, expected = value_of(one, name), value_of(other, name)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)
    assert one.boundary_offset == pytest.approx(-other.boundary_offset, abs=1e-12, nan_ok=True)


@given(masks=PAIRS, convention=CONVENTIONS)
def test_scores_keep_their_order(masks, convention):
    assume(both_present(masks))
    scores = scores_of(*masks, convention=convention, tolerances=(0, 0.5, 1, 2, 5))
    assert scores.hd95 <= scores.hd
    assert scores.assd <= scores.hd + 1e-12
    assert abs(scores.boundary_offset) <= scores.masd + 1e-12
    shares = [value for _, value in scores.nsd]
    assert shares == sorted(shares)
    for (tolerance, value), (_, own), (_, other) in zip(
        scores.nsd, scores.reference_within, scores.candidate_within, strict=True
    ):
        directed = own / scores.reference_surface, other / scores.candidate_surface
        assert min(directed) - 1e-12 <= value <= max(directed) + 1e-12
        if tolerance >= scores.hd:
            assert value == pytest.approx(1)


@given(masks=PAIRS, convention=CONVENTIONS, scale=st.sampled_from([0.25, 3.0]))
def test_distances_scale_with_the_spacing(masks, convention, scale):
    ndim = masks[0].ndim
    one = scores_of(*masks, convention=convention)
    other = scores_of(
        *masks, convention=convention, spacing=(scale,) * ndim, tolerances=(1.0 * scale,)
    )
    for name in ("hd", "hd95", "assd", "masd", "boundary_offset"):
        expected = scale * value_of(one, name)
        assert value_of(other, name) == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)
    assert value_of(other, "nsd") == pytest.approx(value_of(one, "nsd"), rel=1e-9, nan_ok=True)


@given(masks=PAIRS, convention=CONVENTIONS, margin=st.integers(1, 4))
def test_more_background_around_changes_nothing(masks, convention, margin):
    one = scores_of(*masks, convention=convention)
    other = scores_of(*(np.pad(m, margin) for m in masks), convention=convention)
    for name in ("hd", "hd95", "assd", "masd", "nsd", "biou", "boundary_f", "boundary_offset"):
        found, expected = value_of(other, name), value_of(one, name)
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


@given(masks=PAIRS)
def test_a_band_as_wide_as_the_image_makes_boundary_iou_iou(masks):
    scores = scores_of(*masks, width=max(masks[0].shape))
    first, second = (m == 1 for m in masks)
    union = (first | second).sum()
    expected = (first & second).sum() / union if union else NAN
    assert scores.boundary_iou == pytest.approx(expected, rel=0, abs=0, nan_ok=True)


@given(masks=PAIRS, width=st.integers(1, 4))
def test_boundary_iou_equals_its_definition(masks, width):
    expected = oracles.boundary_iou(masks[0] == 1, masks[1] == 1, width)
    found = scores_of(*masks, width=width).boundary_iou
    assert found == pytest.approx(expected, rel=0, abs=0, nan_ok=True)


@given(masks=label_maps(3, ndim=2, labels=2))
@settings(max_examples=60)
def test_hausdorff_distance_obeys_the_triangle(masks):
    assume(both_present(masks))
    a, b, c = masks
    through = scores_of(a, b).hd + scores_of(b, c).hd
    assert scores_of(a, c).hd <= through + 1e-9


# Size sensitivity ---------------------------------------------------------------------------


@given(masks=label_maps(1, labels=3), ignored=st.sets(st.integers(0, 2), max_size=1))
def test_size_sensitivity_is_what_a_shift_by_one_pixel_costs(masks, ignored):
    labels = masks[0]
    counted = ~np.isin(labels, list(ignored))
    found = size_sensitivity(labels, [0, 1, 2, 9], ignored)
    assert math.isnan(found[9])
    for label in range(3):
        mask = (labels == label) & counted
        if not mask.any():
            assert math.isnan(found[label])
            continue
        shrunk, grown = oracles.eroded_and_dilated(labels == label, counted)
        expected = 1 - (shrunk.sum() / mask.sum() + mask.sum() / grown.sum()) / 2
        assert found[label] == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.ones((5, 5)), 0.0),  # no boundary that could move
        (boxes((9, 9), ((4, 5), (4, 5))), 1 - (0 + 1 / 5) / 2),
        (boxes((9, 9, 9), ((4, 5), (4, 5), (4, 5))), 1 - (0 + 1 / 7) / 2),
        (boxes((9, 9), ((0, 9), (0, 4))), 1 - (27 / 36 + 36 / 45) / 2),
    ],
)
def test_size_sensitivity_of_simple_shapes(labels, expected):
    assert size_sensitivity(labels.astype(np.uint8), [1])[1] == pytest.approx(expected)


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 400))
def test_the_weighted_quantile_is_the_first_distance_that_reaches_95_percent(seed, size):
    """Also where only the far tail is looked at."""
    random = np.random.default_rng(seed)
    distances = random.integers(0, random.integers(1, 30), size).astype(float)
    weights = random.choice([0.5, 1.0, 1.5], size)
    levels = np.unique(distances)
    reached = [weights[distances <= level].sum() >= 0.95 * weights.sum() for level in levels]
    shares = np.array([weights[distances <= level].sum() for level in levels]) / weights.sum()
    assume(np.abs(shares - 0.95).min() > 1e-9)  # at exactly 95 % rounding decides
    assert surface_quantile(distances, weights) == levels[np.argmax(reached)]
